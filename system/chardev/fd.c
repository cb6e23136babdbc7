/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all back ends on file descriptors do alike: their life, and input, which is read only as fast
 * as the front end wants it. Output is in chardev/fd-write.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "system/char.h"
#include "system/fdset.h"
#include "system/qmp.h"

enum { READ_MAX = 4096 };

static FdChar *all_chars;
static GMutex all_lock;

void fd_char_init(HwObject *obj)
{
    FdChar *s = (FdChar *)obj;

    s->in_fd = s->out_fd = s->log_fd = -1;
    g_mutex_lock(&all_lock);
    s->next = all_chars;
    all_chars = s;
    g_mutex_unlock(&all_lock);
}

void fd_char_close(FdChar *s)
{
    fd_watch_drop(&s->in_watch);
    g_mutex_lock(&s->parent.lock);
    fd_watch_drop(&s->out_watch);
    g_clear_pointer(&s->queue, g_byte_array_unref);
    if (s->own_in && s->in_fd >= 0) {
        close(s->in_fd);
    }
    if (s->own_out && s->out_fd >= 0 && !(s->own_in && s->out_fd == s->in_fd)) {
        close(s->out_fd);
    }
    s->in_fd = s->out_fd = -1;
    g_mutex_unlock(&s->parent.lock);
}

void fd_char_finalize(HwObject *obj)
{
    FdChar *s = (FdChar *)obj, **at = &all_chars;

    fd_char_close(s);
    if (s->log_fd >= 0) {
        close(s->log_fd);
    }
    g_mutex_lock(&all_lock);
    while (*at != s) {
        at = &(*at)->next;
    }
    *at = s->next;
    g_mutex_unlock(&all_lock);
}

static gboolean open_log(FdChar *s, const KeyVals *kv, GError **errp)
{
    const char *path = keyvals_get(kv, "logfile");
    bool append = false;
    int err;

    if (path == NULL) {
        return TRUE;
    }
    keyvals_bool(kv, "logappend", &append);
    s->log_fd = fdset_open(path, O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC), 0666);
    if (s->log_fd >= 0) {
        return TRUE;
    }
    err = errno;
    accel_error_set(errp, accel_error_code_from_errno(err),
                    &(AccelErrorInfo){ .call = "open", .errnum = err },
                    "Could not create '%s': %s", path, g_strerror(err));
    return FALSE;
}

FdChar *fd_char_new(const ChardevClass *klass, const KeyVals *kv, GError **errp)
{
    FdChar *s = (FdChar *)hw_object_new(&klass->type);

    if (!open_log(s, kv, errp)) {
        hw_object_unref(&s->parent.obj);
        return NULL;
    }
    return s;
}

static bool wants_input(void *opaque)
{
    return chardev_fe_can_read(opaque) > 0;
}

static void hangup(FdChar *s)
{
    if (s->hangup != NULL) {
        s->hangup(s);
        return;
    }
    fd_watch_drop(&s->in_watch);
    chardev_fe_event(&s->parent, CHARDEV_EVENT_CLOSED);
}

static void on_input(void *opaque)
{
    FdChar *s = opaque;
    uint8_t buf[READ_MAX];
    int room = chardev_fe_can_read(&s->parent);
    ssize_t n;

    if (room <= 0) {
        return;
    }
    room = MIN(room, READ_MAX);
    n = s->get != NULL ? s->get(s, buf, room) : read(s->in_fd, buf, room);
    if (n > 0) {
        chardev_fe_read(&s->parent, buf, n);
    } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
        hangup(s);
    }
}

/* Somebody reads: watch the input; nobody: leave it. */
void fd_char_update_handlers(Chardev *chr)
{
    FdChar *s = FD_CHAR(chr);
    bool want = chr->busy && chr->fe.read != NULL && s->in_fd >= 0;

    if (want && s->in_watch == NULL) {
        s->in_watch = fd_watch_new(s->in_fd, G_IO_IN, wants_input, on_input, s);
    } else if (!want) {
        fd_watch_drop(&s->in_watch);
    }
}

void fd_char_accept_input(Chardev *chr)
{
    if (FD_CHAR(chr)->in_watch != NULL) {
        g_main_context_wakeup(NULL);
    }
}

void fd_char_open(FdChar *s, int in_fd, bool own_in, int out_fd, bool own_out)
{
    g_mutex_lock(&s->parent.lock);
    s->in_fd = in_fd;
    s->own_in = own_in;
    s->out_fd = out_fd;
    s->own_out = own_out;
    s->out_chunk = s->put == NULL ? fd_char_chunk(out_fd) : 0;
    g_mutex_unlock(&s->parent.lock);
    s->parent.open = true;
    fd_char_update_handlers(&s->parent);
}

void fd_chars_flush(int timeout_ms)
{
    g_mutex_lock(&all_lock);
    for (FdChar *s = all_chars; s != NULL; s = s->next) {
        fd_char_flush(s, timeout_ms);
    }
    g_mutex_unlock(&all_lock);
}
