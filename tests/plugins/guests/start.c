/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The entry function, called as C calls one, and what the compiler may call behind one's back. */
#include "uk.h"

void _start(const struct uk_boot *boot);
void *memset(void *p, int c, size_t n);
void *memcpy(void *to, const void *from, size_t n);

void *memset(void *p, int c, size_t n)
{
    for (volatile unsigned char *b = p; n > 0; n--) {
        *b++ = (unsigned char)c;
    }
    return p;
}

void *memcpy(void *to, const void *from, size_t n)
{
    const unsigned char *f = from;

    for (volatile unsigned char *b = to; n > 0; n--) {
        *b++ = *f++;
    }
    return to;
}

void _start(const struct uk_boot *boot)
{
    struct uk_version v = { 0, -1 };

    uk_call(UK_VERSION, &v);
    if (v.ret != UK_OK || v.version < UK_ABI_VERSION || boot->magic != UK_BOOT_MAGIC) {
        leave(2);
    }
    guest_main(boot);
    leave(0);
}
