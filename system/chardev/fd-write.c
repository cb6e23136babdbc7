/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Output of back ends on file descriptors.
 *
 * It is written at once, on the thread that makes it. What a slow peer does not take goes into a
 * bounded queue that the main loop drains, so that a vCPU never waits for a reader; when the queue is
 * full the rest is refused and the front end knows.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include "system/char.h"

enum { QUEUE_MAX = 1 << 20 };

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

size_t fd_char_chunk(int fd)
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
            fd_watch_drop(&s->out_watch);
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

void fd_char_flush(FdChar *s, int timeout_ms)
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
