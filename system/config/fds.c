/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * -add-fd: descriptors that whoever started us has opened.
 *
 * Theory of operation: QEMU's rules. Only what was inherited on purpose can be named, and what we
 * opened ourselves is told from it by its close-on-exec flag. The sets hold duplicates; the
 * numbers that were named are closed when all options have been seen, because one may be named
 * twice.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "accel/error.h"
#include "system/fdset.h"
#include "system/vm.h"

static gboolean number(const OptItem *it, const char *key, int64_t *out, GError **errp)
{
    const char *v = keyvals_get(it->kv, key);

    if (v == NULL || !parse_int_value(key, v, out, NULL) || *out < 0) {
        opt_error(errp, "%s option is required and must be non-negative", key);
        return FALSE;
    }
    return TRUE;
}

static gboolean add_one(const OptItem *it, GError **errp)
{
    int64_t fd, set;
    int flags, copy;

    if (!number(it, "fd", &fd, errp)) {
        return FALSE;
    }
    if (fd <= STDERR_FILENO) {
        opt_error(errp, "fd cannot be a standard I/O stream");
        return FALSE;
    }
    flags = fd <= G_MAXINT ? fcntl((int)fd, F_GETFD) : -1;
    if (flags < 0 || (flags & FD_CLOEXEC)) {
        opt_error(errp, "fd is not valid or already in use");
        return FALSE;
    }
    if (!number(it, "set", &set, errp)) {
        return FALSE;
    }
    copy = fcntl((int)fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        opt_error(errp, "error duplicating fd: %s", g_strerror(errno));
        return FALSE;
    }
    fdset_add(set, copy, keyvals_get(it->kv, "opaque"));
    return TRUE;
}

gboolean config_fds(Vm *vm, GError **errp)
{
    const OptItem *it = NULL;
    int64_t fd;

    while ((it = options_next(&vm->opts, OPT_add_fd, it)) != NULL) {
        options_at(it);
        if (!add_one(it, errp)) {
            return FALSE;
        }
    }
    options_at(NULL);
    while ((it = options_next(&vm->opts, OPT_add_fd, it)) != NULL) {
        int flags = number(it, "fd", &fd, NULL) ? fcntl((int)fd, F_GETFD) : -1;

        if (flags >= 0 && !(flags & FD_CLOEXEC)) { /* not one that reuses the number */
            close((int)fd);
        }
    }
    return TRUE;
}
