/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The back ends without a life of their own: null, ringbuf, file, pipe.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "system/char.h"
#include "system/fdset.h"
#include "system/qmp.h"

#define FD_CLASS(var, type_name, text)                     \
    static const ChardevClass var = {                      \
        .type = {                                          \
            .name = type_name,                             \
            .parent = &hw_type_chardev,                    \
            .desc = text,                                  \
            .instance_size = sizeof(FdChar),               \
            .init = fd_char_init,                          \
            .finalize = fd_char_finalize,                  \
        },                                                 \
        .write = fd_char_write,                            \
        .accept_input = fd_char_accept_input,              \
        .update_handlers = fd_char_update_handlers,        \
    }

FD_CLASS(null_log_class, "chardev-null", "swallows output, has no input");
FD_CLASS(file_class, "chardev-file", "output into a file");
FD_CLASS(pipe_class, "chardev-pipe", "a pair of named pipes");

Chardev *char_null_create(Vm *vm, const KeyVals *kv, GError **errp)
{
    FdChar *s;

    if (keyvals_get(kv, "logfile") == NULL) {
        return (Chardev *)hw_object_new(&chardev_null_class.type);
    }
    s = fd_char_new(&null_log_class, kv, errp);
    if (s == NULL) {
        return NULL;
    }
    s->parent.open = true;
    s->parent.filename = g_strdup("null");
    return &s->parent;
}

Chardev *char_ringbuf_create(Vm *vm, const KeyVals *kv, GError **errp)
{
    const char *size = keyvals_get(kv, "size");
    HwObject *obj = hw_object_new(&chardev_ringbuf_class.type);

    if (size != NULL && !hw_object_set(obj, "size", size, errp)) {
        hw_object_unref(obj);
        return NULL;
    }
    return (Chardev *)obj;
}

static int open_path(const char *path, int flags, GError **errp)
{
    int fd = fdset_open(path, flags | O_NOCTTY, 0666), err = errno;

    if (fd < 0) {
        accel_error_set(errp, accel_error_code_from_errno(err),
                        &(AccelErrorInfo){ .call = "open", .errnum = err },
                        "Could not open '%s': %s", path, g_strerror(err));
    }
    return fd;
}

Chardev *char_file_create(Vm *vm, const KeyVals *kv, GError **errp)
{
    const char *path = keyvals_get(kv, "path"), *in = keyvals_get(kv, "input-path");
    FdChar *s;
    bool append = false;
    int out_fd, in_fd = -1;

    if (path == NULL) {
        opt_error(errp, "chardev: file: no filename given");
        return NULL;
    }
    keyvals_bool(kv, "append", &append);
    out_fd = open_path(path, O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC), errp);
    if (out_fd < 0) {
        return NULL;
    }
    if (in != NULL && (in_fd = open_path(in, O_RDONLY, errp)) < 0) {
        close(out_fd);
        return NULL;
    }
    s = fd_char_new(&file_class, kv, errp);
    if (s == NULL) {
        close(out_fd);
        return NULL;
    }
    s->parent.filename = g_strdup("file");
    fd_char_open(s, in_fd, true, out_fd, true);
    return &s->parent;
}

/* PATH.in and PATH.out as seen from outside; a single PATH serves both ways. */
static gboolean open_pipe(const char *path, int *in_fd, int *out_fd, GError **errp)
{
    g_autofree char *in = g_strdup_printf("%s.in", path);
    g_autofree char *out = g_strdup_printf("%s.out", path);

    *in_fd = open_path(in, O_RDWR, NULL);
    *out_fd = open_path(out, O_RDWR, NULL);
    if (*in_fd >= 0 && *out_fd >= 0) {
        return TRUE;
    }
    if (*in_fd >= 0) {
        close(*in_fd);
    }
    if (*out_fd >= 0) {
        close(*out_fd);
    }
    *in_fd = *out_fd = open_path(path, O_RDWR, errp);
    return *in_fd >= 0;
}

Chardev *char_pipe_create(Vm *vm, const KeyVals *kv, GError **errp)
{
    const char *path = keyvals_get(kv, "path");
    int in_fd, out_fd;
    FdChar *s;

    if (path == NULL) {
        opt_error(errp, "chardev: pipe: no device path given");
        return NULL;
    }
    if (!open_pipe(path, &in_fd, &out_fd, errp)) {
        return NULL;
    }
    s = fd_char_new(&pipe_class, kv, errp);
    if (s == NULL) {
        close(in_fd);
        if (out_fd != in_fd) {
            close(out_fd);
        }
        return NULL;
    }
    s->parent.filename = g_strdup("pipe");
    fd_char_open(s, in_fd, true, out_fd, true);
    return &s->parent;
}
