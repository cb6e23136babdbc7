/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Questions about the node and about fake descriptors as files: a character device 10:232 for the
 * node and what was opened from it, an anonymous file for the others; their names in
 * /proc/self/fd.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "preload.h"
#include "scenario.h"

static void device_stat(struct stat *st)
{
    st->st_mode = fake_node_mode();
    st->st_uid = fake_config.node_uid;
    st->st_gid = fake_config.node_gid;
    st->st_rdev = makedev(10, 232);
    st->st_size = 0;
    st->st_blocks = 0;
    st->st_nlink = 1;
}

/* The node by path: there need not be a real file to start from. */
static int node_stat(struct stat *st)
{
    if (fake_config.node_errno == ENOENT || fake_config.node_errno == ENOTDIR) {
        return (int)fake_return(-fake_config.node_errno);
    }
    memset(st, 0, sizeof *st);
    st->st_dev = makedev(0, 6);
    st->st_ino = 232;
    st->st_blksize = (blksize_t)FAKE_PAGE;
    device_stat(st);
    return 0;
}

/* After a successful fstat of a fake descriptor: hide the memfd. */
static void mend(int fd, struct stat *st)
{
    FakeObj *obj = fake_obj_get(fd);

    if (obj && obj->kind == FAKE_SYSTEM) {
        device_stat(st);
    } else if (obj) {
        st->st_mode = S_IRUSR | S_IWUSR;
        st->st_size = 0;
        st->st_blocks = 0;
    }
    fake_obj_unref(obj);
}

static int stat_at(int dir, const char *path, struct stat *st, int flags)
{
    int fd = fake_path_fd(path);
    long result;

    if (fake_node_is(dir, path)) {
        return node_stat(st);
    }
    result = fake_sys(SYS_newfstatat, dir, path, st, flags);
    if (!result && fd >= 0 && !(flags & AT_SYMLINK_NOFOLLOW)) {
        mend(fd, st);
    }
    if (!result && path && !*path && fake_fd_known(dir)) {
        mend(dir, st);
    }
    return (int)result;
}

HOOK(int, stat, const char *path, struct stat *st)
{
    return stat_at(AT_FDCWD, path, st, 0);
}
ALSO(stat, stat64);

HOOK(int, lstat, const char *path, struct stat *st)
{
    return stat_at(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}
ALSO(lstat, lstat64);

HOOK(int, fstatat, int dir, const char *path, struct stat *st, int flags)
{
    return stat_at(dir, path, st, flags);
}
ALSO(fstatat, fstatat64);

HOOK(int, fstat, int fd, struct stat *st)
{
    long result = fake_sys(SYS_fstat, fd, st);

    if (!result && fake_fd_known(fd)) {
        mend(fd, st);
    }
    return (int)result;
}
ALSO(fstat, fstat64);

/* The names that programs built against a C library before 2.33 use. */
HOOK(int, __xstat, int version, const char *path, struct stat *st)
{
    return stat_at(AT_FDCWD, path, st, 0);
}
ALSO(__xstat, __xstat64);

HOOK(int, __lxstat, int version, const char *path, struct stat *st)
{
    return stat_at(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}
ALSO(__lxstat, __lxstat64);

HOOK(int, __fxstat, int version, int fd, struct stat *st)
{
    return fk_fstat(fd, st);
}
ALSO(__fxstat, __fxstat64);

HOOK(int, statx, int dir, const char *path, int flags, unsigned mask, struct statx *out)
{
    struct stat st;
    long result;
    bool by_fd = path && !*path && fake_fd_known(dir), node = fake_node_is(dir, path);
    int fd = fake_path_fd(path);

    if (!node && !by_fd && fd < 0) {
        return (int)fake_sys(SYS_statx, dir, path, flags, mask, out);
    }
    result = stat_at(dir, path, &st, flags & (AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH));
    if (!result) {
        memset(out, 0, sizeof *out);
        out->stx_mask = STATX_BASIC_STATS;
        out->stx_mode = (__u16)st.st_mode;
        out->stx_uid = st.st_uid;
        out->stx_gid = st.st_gid;
        out->stx_nlink = (__u32)st.st_nlink;
        out->stx_ino = st.st_ino;
        out->stx_rdev_major = major(st.st_rdev);
        out->stx_rdev_minor = minor(st.st_rdev);
        out->stx_blksize = (__u32)st.st_blksize;
    }
    return (int)result;
}

HOOK(int, faccessat, int dir, const char *path, int mode, int flags)
{
    static int (*next)(int, const char *, int, int);

    if (fake_node_is(dir, path)) {
        return (int)fake_return(fake_node_access(mode, flags & AT_EACCESS));
    }
    NEXT(next, "faccessat");
    return next(dir, path, mode, flags);
}

HOOK(int, access, const char *path, int mode)
{
    static int (*next)(const char *, int);

    if (fake_node_is(AT_FDCWD, path)) {
        return (int)fake_return(fake_node_access(mode, false));
    }
    NEXT(next, "access");
    return next(path, mode);
}

HOOK(int, euidaccess, const char *path, int mode)
{
    static int (*next)(const char *, int);

    if (fake_node_is(AT_FDCWD, path)) {
        return (int)fake_return(fake_node_access(mode, true));
    }
    NEXT(next, "euidaccess");
    return next(path, mode);
}
ALSO(euidaccess, eaccess);

/* True if @path is a link of ours in /proc/self/fd; *@size is what readlink returns then. */
static bool link_text(const char *path, char *to, size_t room, ssize_t *size)
{
    int fd = fake_path_fd(path);
    FakeObj *obj = fd >= 0 ? fake_obj_get(fd) : NULL;

    if (!obj) {
        return false;
    }
    *size = (ssize_t)strnlen(obj->link, room);
    memcpy(to, obj->link, (size_t)*size);
    fake_obj_unref(obj);
    return true;
}

HOOK(ssize_t, readlink, const char *path, char *to, size_t room)
{
    static ssize_t (*next)(const char *, char *, size_t);
    ssize_t size;

    if (link_text(path, to, room, &size)) {
        return size;
    }
    NEXT(next, "readlink");
    return next(path, to, room);
}

HOOK(ssize_t, readlinkat, int dir, const char *path, char *to, size_t room)
{
    static ssize_t (*next)(int, const char *, char *, size_t);
    ssize_t size;

    if (link_text(path, to, room, &size)) {
        return size;
    }
    NEXT(next, "readlinkat");
    return next(dir, path, to, room);
}
