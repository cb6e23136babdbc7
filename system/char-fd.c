/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all back ends on file descriptors do alike.
 *
 * Output is written at once, on the thread that makes it. What a slow peer does not take goes into
 * a bounded queue that the main loop drains, so that a vCPU never waits for a reader; when the
 * queue is full the rest is refused and the front end knows. Input is read only as fast as the
 * front end wants it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "system/char.h"
#include "system/fdset.h"
#include "system/qmp.h"

enum { QUEUE_MAX = 1 << 20, READ_MAX = 4096 };

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

static void drop_watch(GSource **watch)
{
    if (*watch != NULL) {
        g_source_destroy(*watch);
        g_source_unref(*watch);
        *watch = NULL;
    }
}

void fd_char_close(FdChar *s)
{
    drop_watch(&s->in_watch);
    g_mutex_lock(&s->parent.lock);
    drop_watch(&s->out_watch);
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

/*
 * stdout, a fifo, a terminal: in blocking mode, which others share, but we must not wait: ask first,
 * and write no more than surely goes (PIPE_BUF; less on a terminal).
 */
static ssize_t put_patiently(FdChar *s, const void *buf, size_t len)
{
    struct pollfd pfd = { .fd = s->out_fd, .events = POLLOUT };

    if (s->out_chunk > 0) {
        if (poll(&pfd, 1, 0) == 0) {
            errno = EAGAIN;
            return -1;
        }
        len = MIN(len, s->out_chunk);
    }
    return write(s->out_fd, buf, len);
}

/* Returns: how much may be written at once where writing can block; 0: all, it cannot. */
static size_t chunk_of(int fd)
{
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0 || S_ISREG(st.st_mode)) {
        return 0;
    }
    return S_ISCHR(st.st_mode) ? 256 : PIPE_BUF;
}

static ssize_t put(FdChar *s, const void *buf, size_t len)
{
    ssize_t n;

    do {
        n = s->put != NULL ? s->put(s, buf, len) : put_patiently(s, buf, len);
    } while (n < 0 && errno == EINTR);
    return n;
}

/* Write as much as goes. Returns: bytes gone; the peer being dead counts as gone. */
static size_t put_all(FdChar *s, const uint8_t *buf, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = put(s, buf + done, len - done);

        if (n < 0) {
            return errno == EAGAIN ? done : len;
        }
        done += n;
    }
    return done;
}

static void drain(void *opaque)
{
    FdChar *s = opaque;

    g_mutex_lock(&s->parent.lock);
    if (s->queue != NULL) {
        g_byte_array_remove_range(s->queue, 0, put_all(s, s->queue->data, s->queue->len));
        if (s->queue->len == 0) {
            g_clear_pointer(&s->queue, g_byte_array_unref);
            drop_watch(&s->out_watch);
        }
    }
    g_mutex_unlock(&s->parent.lock);
}

/* Returns: bytes taken. */
static size_t enqueue(FdChar *s, const uint8_t *buf, size_t len)
{
    size_t used = s->queue != NULL ? s->queue->len : 0;

    len = MIN(len, QUEUE_MAX - used);
    if (s->queue == NULL) {
        s->queue = g_byte_array_new();
        s->out_watch = fd_watch_new(s->out_fd, G_IO_OUT, NULL, drain, s);
    }
    g_byte_array_append(s->queue, buf, len);
    return len;
}

static void write_log(FdChar *s, const uint8_t *buf, size_t len)
{
    while (len > 0) {
        ssize_t n = write(s->log_fd, buf, len);

        if (n <= 0 && errno != EINTR) {
            return;
        }
        buf += MAX(n, 0);
        len -= MAX(n, 0);
    }
}

/* Called with the chardev's lock held. */
ssize_t fd_char_write(Chardev *chr, const uint8_t *buf, size_t len)
{
    FdChar *s = FD_CHAR(chr);
    size_t done = 0;

    if (s->out_fd < 0) {
        done = len;
    } else {
        if (s->queue == NULL) {
            done = put_all(s, buf, len);
        }
        if (done < len) {
            done += enqueue(s, buf + done, len - done);
        }
    }
    if (s->log_fd >= 0) {
        write_log(s, buf, done);
    }
    return done;
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
    drop_watch(&s->in_watch);
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
        drop_watch(&s->in_watch);
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
    s->out_chunk = s->put == NULL ? chunk_of(out_fd) : 0;
    g_mutex_unlock(&s->parent.lock);
    s->parent.open = true;
    fd_char_update_handlers(&s->parent);
}

static void flush_one(FdChar *s, int timeout_ms)
{
    struct pollfd pfd = { .fd = s->out_fd, .events = POLLOUT };
    bool empty = s->queue == NULL;

    for (int rounds = 0; !empty && rounds < 64 && poll(&pfd, 1, timeout_ms) > 0; rounds++) {
        size_t n;

        g_mutex_lock(&s->parent.lock);
        n = s->queue != NULL ? put_all(s, s->queue->data, s->queue->len) : 0;
        if (n > 0) {
            g_byte_array_remove_range(s->queue, 0, n);
        }
        empty = n == 0 || s->queue->len == 0;
        g_mutex_unlock(&s->parent.lock);
    }
}

void fd_chars_flush(int timeout_ms)
{
    g_mutex_lock(&all_lock);
    for (FdChar *s = all_chars; s != NULL; s = s->next) {
        flush_one(s, timeout_ms);
    }
    g_mutex_unlock(&all_lock);
}
