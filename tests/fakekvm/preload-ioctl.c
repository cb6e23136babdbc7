/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ioctl, and syscall() for those programs that make their system calls by number; _exit.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include "preload.h"

/* The kernel answers these for every file. */
static bool generic(unsigned long cmd)
{
    return cmd == FIOCLEX || cmd == FIONCLEX || cmd == FIONBIO || cmd == FIOASYNC;
}

static FakeObj *object_for(int fd, unsigned long cmd)
{
    FakeObj *obj = fake_obj_get(fd);

    if (!obj && _IOC_TYPE(cmd) == KVMIO) {
        int saved = errno;
        obj = fake_adopt(fd) ? fake_obj_get(fd) : NULL;
        errno = saved;
    }
    return obj;
}

HOOK(int, ioctl, int fd, unsigned long cmd, ...)
{
    static int (*next)(int, unsigned long, ...);
    FakeObj *obj;
    va_list args;
    unsigned long arg;
    long result;

    va_start(args, cmd);
    arg = va_arg(args, unsigned long);
    va_end(args);
    cmd = (unsigned)cmd;    /* the kernel's is 32 bits wide; some programs pass a negative int */
    obj = object_for(fd, cmd);
    if (!obj || generic(cmd)) {
        fake_obj_unref(obj);
        NEXT(next, "ioctl");
        return next(fd, cmd, arg);
    }
    result = fake_ioctl(fd, obj, cmd, arg);
    fake_obj_unref(obj);
    return (int)fake_return(result);
}

/* An end without the C library's clean-up is an end too. */
HOOK(void, _exit, int status)
{
    fake_finish();
    for (;;) {
        fake_sys(SYS_exit_group, status);
    }
}
ALSO(_exit, _Exit);

HOOK(long, syscall, long number, ...)
{
    static long (*next)(long, ...);
    unsigned long a[6];
    va_list args;

    va_start(args, number);
    for (int i = 0; i < 6; i++) {
        a[i] = va_arg(args, unsigned long);
    }
    va_end(args);
    switch (number) {
    case SYS_open:
        return fk_openat(AT_FDCWD, (const char *)a[0], (int)a[1], (mode_t)a[2]);
    case SYS_openat:
        return fk_openat((int)a[0], (const char *)a[1], (int)a[2], (mode_t)a[3]);
    case SYS_close:
        return fk_close((int)a[0]);
    case SYS_ioctl:
        return fk_ioctl((int)a[0], a[1], a[2]);
    case SYS_mmap:
        return (long)fk_mmap((void *)a[0], a[1], (int)a[2], (int)a[3], (int)a[4], (off_t)a[5]);
    case SYS_munmap:
        return fk_munmap((void *)a[0], a[1]);
    case SYS_dup:
        return fk_dup((int)a[0]);
    case SYS_dup2:
        return fk_dup2((int)a[0], (int)a[1]);
    case SYS_dup3:
        return fk_dup3((int)a[0], (int)a[1], (int)a[2]);
    case SYS_fcntl:
        return fk_fcntl((int)a[0], (int)a[1], a[2]);
    case SYS_memfd_create:
        return fk_memfd_create((const char *)a[0], (unsigned)a[1]);
    case SYS_eventfd2:
        return fk_eventfd((unsigned)a[0], (int)a[1]);
    case SYS_madvise:
        return fk_madvise((void *)a[0], a[1], (int)a[2]);
    case SYS_close_range:
        return fk_close_range((unsigned)a[0], (unsigned)a[1], (int)a[2]);
    default:
        NEXT(next, "syscall");
        return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    }
}
