/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copies between the library and the program's memory that fail with EFAULT instead of crashing,
 * as the kernel's do. process_vm_readv on oneself does it without signal handlers; it is used in
 * both directions because memory checkers understand it as a write to the local buffer.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#include "fakekvm.h"
#include "scenario.h"

static long copy(void *to, const void *from, size_t size)
{
    struct iovec local = { to, size };
    struct iovec remote = { (void *)(uintptr_t)from, size };
    int saved = errno;
    ssize_t n = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);

    if (n < 0 && errno != EFAULT) {
        memcpy(to, from, size);     /* a sandbox forbids the call: trust the pointer */
        n = (ssize_t)size;
    }
    errno = saved;
    return n == (ssize_t)size ? 0 : -EFAULT;
}

long fake_from_user(void *to, unsigned long from, size_t size)
{
    return size ? copy(to, (const void *)from, size) : 0;
}

/* The one way out of the kernel: a fault may cut the answer short or swallow it. */
long fake_to_user(unsigned long to, const void *from, size_t size)
{
    switch (fake_malformed()) {
    case MALFORMED_NOFILL:
        return 0;
    case MALFORMED_SHORT:
        size /= 2;
        break;
    default:
        break;
    }
    return size ? copy((void *)to, from, size) : 0;
}

/* Guest memory lies in the program too, but no fault of an ioctl's answer concerns it. */
long fake_memory_read(uint64_t from, void *to, size_t size)
{
    return size ? copy(to, (const void *)(uintptr_t)from, size) : 0;
}

long fake_memory_write(uint64_t to, const void *from, size_t size)
{
    return size ? copy((void *)(uintptr_t)to, from, size) : 0;
}

/* Zeroed memory; a fake kernel that cannot get any has nothing sensible left to say. */
void *fake_alloc(size_t size)
{
    void *p = calloc(1, size);

    if (!p) {
        abort();
    }
    return p;
}
