/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors that come and go: the table follows close and dup in all their forms. Reading and
 * writing a KVM descriptor is an error, except for statistics.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "preload.h"
#include "record.h"

static const char *link_of(int fd, FakeObj **obj)
{
    *obj = fake_obj_get(fd);
    return *obj ? (*obj)->link : "";
}

HOOK(int, close, int fd)
{
    static int (*next)(int);
    FakeObj *obj = NULL;
    const char *link;

    NEXT(next, "close");
    if (fake_record_is(fd)) {
        return (int)fake_return(-EBADF);
    }
    if (fake_fd_known(fd)) {
        link = link_of(fd, &obj);
        if (obj) {
            fake_record_note("close %d %s", fd, link);
        }
        fake_fd_forget(fd);
        fake_obj_unref(obj);
    }
    return next(fd);
}

static void forget_range(unsigned first, unsigned last)
{
    for (unsigned fd = first; fd <= last && fd < FAKE_MAX_FD; fd++) {
        if (fake_fd_known((int)fd)) {
            fake_record_note("close %u", fd);
            fake_fd_forget((int)fd);
        }
    }
}

HOOK(int, close_range, unsigned first, unsigned last, int flags)
{
    static int (*next)(unsigned, unsigned, int);

    NEXT(next, "close_range");
    if (!(flags & 4)) {     /* CLOSE_RANGE_CLOEXEC closes nothing now */
        forget_range(first, last);
    }
    for (unsigned fd = first; fd <= last && fd < 1u << 20; fd++) {
        if (fake_record_is((int)fd)) {
            int low = fd > first ? next(first, fd - 1, flags) : 0;
            return low ? low : fd < last ? next(fd + 1, last, flags) : 0;
        }
    }
    return next(first, last, flags);
}

HOOK(int, dup, int fd)
{
    static int (*next)(int);
    int copy;

    NEXT(next, "dup");
    copy = next(fd);
    if (copy >= 0) {
        fake_fd_copy(fd, copy);
    }
    return copy;
}

HOOK(int, dup2, int from, int to)
{
    static int (*next)(int, int);
    int copy;

    NEXT(next, "dup2");
    copy = next(from, to);
    if (copy >= 0) {
        fake_fd_copy(from, copy);
    }
    return copy;
}

HOOK(int, dup3, int from, int to, int flags)
{
    static int (*next)(int, int, int);
    int copy;

    NEXT(next, "dup3");
    copy = next(from, to, flags);
    if (copy >= 0) {
        fake_fd_copy(from, copy);
    }
    return copy;
}

HOOK(int, fcntl, int fd, int cmd, ...)
{
    static int (*next)(int, int, ...);
    va_list args;
    void *arg;
    int result;

    va_start(args, cmd);
    arg = va_arg(args, void *);
    va_end(args);
    NEXT(next, "fcntl");
    result = next(fd, cmd, arg);
    if (result >= 0 && (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC)) {
        fake_fd_copy(fd, result);
    }
    return result;
}
ALSO(fcntl, fcntl64);

static bool not_readable(int fd)
{
    FakeObj *obj = fake_obj_get(fd);
    bool refuse = obj && obj->kind != FAKE_STATS;

    fake_obj_unref(obj);
    return refuse;
}

HOOK(ssize_t, read, int fd, void *to, size_t size)
{
    static ssize_t (*next)(int, void *, size_t);

    if (fake_fd_known(fd) && not_readable(fd)) {
        return fake_return(-EINVAL);
    }
    NEXT(next, "read");
    return next(fd, to, size);
}

HOOK(ssize_t, write, int fd, const void *from, size_t size)
{
    static ssize_t (*next)(int, const void *, size_t);

    if (fake_fd_known(fd) && not_readable(fd)) {
        return fake_return(-EINVAL);
    }
    NEXT(next, "write");
    return next(fd, from, size);
}
