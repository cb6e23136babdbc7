/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The device node as a file: which paths mean it, and who may open it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "fakekvm.h"
#include "scenario.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Removes doubled slashes and "." components in place; ".." and symbolic links are left alone. */
static void tidy(char *path)
{
    char *to = path;

    for (const char *from = path; *from;) {
        if (from[0] == '/' && from[1] == '/') {
            from++;
        } else if (from[0] == '/' && from[1] == '.' && from[2] == '/') {
            from += 2;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
}

static bool absolute(int dir, const char *path, char *out, size_t size)
{
    char link[40], base[1024] = "";

    if (*path == '/') {
        return snprintf(out, size, "%s", path) < (int)size;
    }
    snprintf(link, sizeof link, dir == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", dir);
    if (fake_sys(SYS_readlinkat, AT_FDCWD, link, base, sizeof base - 1) < 0) {
        return false;
    }
    return snprintf(out, size, "%s/%s", base, path) < (int)size;
}

/* Quick for all other files: only the last component is looked at. */
bool fake_node_is(int dir, const char *path)
{
    char full[2048];
    const FakeConfig *c = &fake_config;
    int saved = errno;
    bool maybe = false, is = false;

    if (!path) {
        return false;
    }
    fake_init();
    for (uint32_t i = 0; i < c->path_count; i++) {
        maybe |= !strcmp(base_name(path), base_name(c->paths[i]));
    }
    if (maybe && absolute(dir, path, full, sizeof full)) {
        tidy(full);
        for (uint32_t i = 0; i < c->path_count; i++) {
            is |= !strcmp(full, c->paths[i]);
        }
    }
    errno = saved;
    return is;
}

/* The number N of /proc/self/fd/N, /proc/PID/fd/N and /dev/fd/N if it is a fake, or -1. */
int fake_path_fd(const char *path)
{
    char own[40];
    const char *at = NULL;
    size_t n;
    char *end;
    long fd;

    if (!path || *path != '/') {
        return -1;
    }
    n = (size_t)snprintf(own, sizeof own, "/proc/%d/fd/", (int)getpid());
    if (!strncmp(path, "/proc/self/fd/", 14)) {
        at = path + 14;
    } else if (!strncmp(path, "/dev/fd/", 8)) {
        at = path + 8;
    } else if (!strncmp(path, own, n)) {
        at = path + n;
    }
    if (!at || *at < '0' || *at > '9') {
        return -1;
    }
    fd = strtol(at, &end, 10);
    return !*end && fd < FAKE_MAX_FD && fake_fd_known((int)fd) ? (int)fd : -1;
}

static bool in_group(gid_t group, bool effective)
{
    gid_t groups[256];
    int n = getgroups(256, groups);

    if ((effective ? getegid() : getgid()) == group) {
        return true;
    }
    for (int i = 0; i < n; i++) {
        if (groups[i] == group) {
            return true;
        }
    }
    return false;
}

/* The classic three sets of bits. @mode is made of R_OK and W_OK. */
long fake_node_access(int mode, bool effective)
{
    const FakeConfig *c = &fake_config;
    uid_t uid = effective ? geteuid() : getuid();
    unsigned bits = c->node_mode;

    if (c->node_errno) {
        return -c->node_errno;
    }
    if (uid == 0) {
        return mode & X_OK ? -EACCES : 0;
    }
    bits >>= uid == c->node_uid ? 6 : in_group(c->node_gid, effective) ? 3 : 0;
    return (unsigned)mode & ~bits & 7 ? -EACCES : 0;
}

unsigned fake_node_mode(void)
{
    return S_IFCHR | fake_config.node_mode;
}
