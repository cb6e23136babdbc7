/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors that clients send along (SCM_RIGHTS): by name (getfd) for one use, or into the numbered
 * sets of fdset.c (add-fd).
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "hw/chardev.h"
#include "system/char.h"
#include "system/fdset.h"
#include "system/qmp.h"

typedef struct NamedFd {
    char *name;
    int fd;
} NamedFd;

/* Descriptors are the process's: one list for all. Under the machine lock. */
static GArray *named; /* NamedFd */

static int take_fd(Monitor *mon, GError **errp)
{
    int fd = mon->fd;

    mon->fd = -1;
    if (fd < 0) {
        qmp_error(errp, QMP_GENERIC_ERROR, "No file descriptor supplied via SCM_RIGHTS");
    }
    return fd;
}

static NamedFd *find_named(const char *name, guint *index)
{
    for (guint i = 0; named != NULL && i < named->len; i++) {
        NamedFd *n = &g_array_index(named, NamedFd, i);

        if (strcmp(n->name, name) == 0) {
            *index = i;
            return n;
        }
    }
    return NULL;
}

bool qmp_getfd(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    const char *name = qmp_str(args, "fdname");
    int fd = take_fd(mon, errp);
    NamedFd *old;
    guint i;

    if (fd < 0) {
        return false;
    }
    if (g_ascii_isdigit(name[0])) {
        close(fd);
        qmp_error(errp, QMP_GENERIC_ERROR,
                  "Parameter 'fdname' expects a name not starting with a digit");
        return false;
    }
    old = find_named(name, &i);
    if (old != NULL) {
        close(old->fd);
        old->fd = fd;
        return true;
    }
    if (named == NULL) {
        named = g_array_new(FALSE, FALSE, sizeof(NamedFd));
    }
    g_array_append_vals(named, &(NamedFd){ g_strdup(name), fd }, 1);
    return true;
}

int qmp_get_fd(Vm *vm, const char *name, GError **errp)
{
    guint i;
    NamedFd *n = find_named(name, &i);
    int fd;

    if (n == NULL) {
        qmp_error(errp, QMP_GENERIC_ERROR, "File descriptor named '%s' has not been found", name);
        return -1;
    }
    fd = n->fd;
    g_free(n->name);
    g_array_remove_index(named, i);
    return fd;
}

bool qmp_closefd(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    const char *name = qmp_str(args, "fdname");
    guint i;

    if (find_named(name, &i) == NULL) {
        qmp_error(errp, QMP_GENERIC_ERROR, "File descriptor named '%s' not found", name);
        return false;
    }
    close(qmp_get_fd(mon->vm, name, NULL));
    return true;
}

/* ---- sets ---- */

bool qmp_add_fd(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    int64_t id = qmp_int(args, "fdset-id", -1);
    int fd = take_fd(mon, errp);

    if (fd < 0) {
        return false;
    }
    if (json_object_get(args, "fdset-id") != NULL && id < 0) {
        close(fd);
        qmp_error(errp, QMP_GENERIC_ERROR,
                  "Parameter 'fdset-id' expects a non-negative value");
        return false;
    }
    id = fdset_add(id, fd, qmp_str(args, "opaque"));
    *ret = json_pack("{s:I, s:i}", "fdset-id", (json_int_t)id, "fd", fd);
    return true;
}

bool qmp_remove_fd(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    int64_t id = qmp_int(args, "fdset-id", 0), fd = qmp_int(args, "fd", -1);
    bool one = json_object_get(args, "fd") != NULL, any;

    any = fdset_remove(id, one ? &fd : NULL);
    if (!any) {
        g_autofree char *what = one ? g_strdup_printf(", fd:%" G_GINT64_FORMAT, fd) : g_strdup("");

        qmp_error(errp, QMP_GENERIC_ERROR,
                  "File descriptor named 'fdset-id:%" G_GINT64_FORMAT "%s' not found", id, what);
    }
    return any;
}

bool qmp_query_fdsets(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    json_t *fds = NULL;
    int64_t last = -1;
    const FdsetEntry *s;

    *ret = json_array();
    for (guint i = 0; (s = fdset_entry(i)) != NULL; i++) {
        json_t *row = json_pack("{s:i}", "fd", s->fd);

        if (s->opaque != NULL) {
            json_object_set_new(row, "opaque", json_text(s->opaque));
        }
        if (s->set != last) {
            last = s->set;
            fds = json_array();
            json_array_append_new(*ret, json_pack("{s:I, s:o}", "fdset-id", (json_int_t)last,
                                                  "fds", fds));
        }
        json_array_append_new(fds, row);
    }
    return true;
}

bool qmp_add_client(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    const char *protocol = qmp_str(args, "protocol");
    int fd = qmp_get_fd(mon->vm, qmp_str(args, "fdname"), errp), result;
    const ChardevClass *klass;
    Chardev *chr;

    if (fd < 0) {
        return false;
    }
    chr = char_find(mon->vm, protocol);
    klass = chr != NULL ? (const ChardevClass *)chr->obj.type : NULL;
    if (klass == NULL || klass->add_client == NULL) {
        close(fd);
        qmp_error(errp, QMP_GENERIC_ERROR, "protocol '%s' is invalid", protocol);
        return false;
    }
    result = klass->add_client(chr, fd);
    if (result < 0) {
        close(fd);
        qmp_error(errp, QMP_GENERIC_ERROR, "add_client failed: %s", g_strerror(-result));
    }
    return result >= 0;
}
