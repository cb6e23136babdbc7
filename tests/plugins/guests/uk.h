/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the unikernel guests of the tests share: hypercalls and a little text output. A guest is one C
 * file with a guest_main(); nothing else is linked.
 */
#ifndef TESTS_UK_H
#define TESTS_UK_H

#include <stddef.h>
#include <stdint.h>
#include "unikernel-abi.h"

#define _Static_fits(p) ((uint32_t)(uintptr_t)(p))

static inline void uk_call(unsigned nr, volatile void *arg)
{
    __asm__ volatile("outl %0, %w1" : : "a"(_Static_fits(arg)), "d"(UK_PORT(nr)) : "memory");
}

static inline size_t text_len(const char *s)
{
    size_t n = 0;

    while (s[n] != '\0') {
        n++;
    }
    return n;
}

static inline void print(const char *s)
{
    struct uk_console_write a = { (uintptr_t)s, text_len(s), 0 };

    uk_call(UK_CONSOLE_WRITE, &a);
}

static inline void leave(uint64_t status)
{
    struct uk_exit a = { status };

    uk_call(UK_EXIT, &a);
    for (;;) {
    }
}

/* check(WHAT, CONDITION): a test's step; the first that fails ends the guest with status 1. */
static inline void check(const char *what, int ok)
{
    if (!ok) {
        print("FAILED: ");
        print(what);
        print("\n");
        leave(1);
    }
}

static inline int same_text(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

void guest_main(const struct uk_boot *boot);

#endif
