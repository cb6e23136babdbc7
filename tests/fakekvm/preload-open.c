/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Opening the node: open and its relatives, and fopen.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "preload.h"

long fake_return(long result)
{
    if (result < 0 && result > -4096) {
        errno = (int)-result;
        return -1;
    }
    return result;
}

static long open_node(FakeCall *call)
{
    static const int need[] = { R_OK, W_OK, R_OK | W_OK, R_OK | W_OK };
    int flags = (int)call->arg;
    long result = fake_node_access(need[flags & O_ACCMODE], true);

    if (!result && (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL)) {
        result = -EEXIST;
    }
    if (!result && flags & O_DIRECTORY) {
        result = -ENOTDIR;
    }
    if (!result) {
        result = fake_system_open(flags);
    }
    if (result >= 0) {
        atomic_store(&fake_node_opened, true);
    }
    return result;
}

static int open_fake(int flags)
{
    FakeCall call = {
        .kind = FAKE_NODE, .fd = -1, .cmd = CALL_OPEN, .arg = (unsigned)flags,
        .key = (unsigned)flags,
    };

    return (int)fake_return(fake_call(&call, open_node));
}

/* Opening a link in /proc/self/fd means the device again, or for anonymous files an error. */
static int reopen_fake(int fd, int flags)
{
    FakeObj *obj = fake_obj_get(fd);
    bool system = obj && obj->kind == FAKE_SYSTEM;

    fake_obj_unref(obj);
    return system ? open_fake(flags) : (int)fake_return(-ENXIO);
}

/* True if the path is the fake's affair; *@result is the answer then. */
static bool try_open(int dir, const char *path, int flags, int *result)
{
    int fd = fake_path_fd(path);

    if (fd >= 0) {
        *result = reopen_fake(fd, flags);
        return true;
    }
    if (flags & O_PATH || !fake_node_is(dir, path)) {
        return false;
    }
    *result = open_fake(flags);
    return true;
}

static bool takes_mode(int flags)
{
    return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
}

static mode_t mode_of(int flags, va_list *args)
{
    return takes_mode(flags) ? va_arg(*args, mode_t) : 0;
}

HOOK(int, open, const char *path, int flags, ...)
{
    static int (*next)(const char *, int, ...);
    va_list args;
    mode_t mode;
    int result;

    va_start(args, flags);
    mode = mode_of(flags, &args);
    va_end(args);
    if (try_open(AT_FDCWD, path, flags, &result)) {
        return result;
    }
    NEXT(next, "open");
    return next(path, flags, mode);
}
ALSO(open, open64);

HOOK(int, openat, int dir, const char *path, int flags, ...)
{
    static int (*next)(int, const char *, int, ...);
    va_list args;
    mode_t mode;
    int result;

    va_start(args, flags);
    mode = mode_of(flags, &args);
    va_end(args);
    if (try_open(dir, path, flags, &result)) {
        return result;
    }
    NEXT(next, "openat");
    return next(dir, path, flags, mode);
}
ALSO(openat, openat64);

/* What a fortified program calls when it gives no mode. */
HOOK(int, __open_2, const char *path, int flags)
{
    static int (*next)(const char *, int);
    int result;

    if (try_open(AT_FDCWD, path, flags, &result)) {
        return result;
    }
    NEXT(next, "__open_2");
    return next(path, flags);
}
ALSO(__open_2, __open64_2);

HOOK(int, __openat_2, int dir, const char *path, int flags)
{
    static int (*next)(int, const char *, int);
    int result;

    if (try_open(dir, path, flags, &result)) {
        return result;
    }
    NEXT(next, "__openat_2");
    return next(dir, path, flags);
}
ALSO(__openat_2, __openat64_2);

static int flags_of(const char *mode)
{
    int flags = strchr(mode, '+') ? O_RDWR : *mode == 'r' ? O_RDONLY : O_WRONLY;

    return flags | (strchr(mode, 'e') ? O_CLOEXEC : 0);
}

HOOK(FILE *, fopen, const char *path, const char *mode)
{
    static FILE *(*next)(const char *, const char *);
    int fd;

    if (fake_node_is(AT_FDCWD, path)) {
        fd = open_fake(flags_of(mode));
        return fd < 0 ? NULL : fdopen(fd, mode);
    }
    NEXT(next, "fopen");
    return next(path, mode);
}
ALSO(fopen, fopen64);

HOOK(int, fclose, FILE *file)
{
    static int (*next)(FILE *);
    int fd = file ? fileno(file) : -1;
    int result;

    NEXT(next, "fclose");
    result = next(file);
    if (fake_fd_known(fd)) {
        fake_fd_forget(fd);
    }
    return result;
}
