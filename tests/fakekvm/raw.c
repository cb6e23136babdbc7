/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * System calls of the library's own. It stands in for the C library's syscall() too, so that it
 * cannot use that one itself, and what it does must not look like the program's doing.
 */
#include <errno.h>
#include <stdarg.h>
#include "fakekvm.h"

long fake_sys(long number, ...)
{
    long a[6], result;
    va_list args;

    va_start(args, number);
    for (int i = 0; i < 6; i++) {
        a[i] = va_arg(args, long);
    }
    va_end(args);
    {
        register long r10 __asm__("r10") = a[3];
        register long r8 __asm__("r8") = a[4];
        register long r9 __asm__("r9") = a[5];
        __asm__ volatile("syscall"
                         : "=a"(result)
                         : "0"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                         : "rcx", "r11", "memory");
    }
    if (result < 0 && result > -4096) {
        errno = (int)-result;
        return -1;
    }
    return result;
}
