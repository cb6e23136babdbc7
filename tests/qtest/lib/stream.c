/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One buffered, non-blocking connection. Reading appends what is there to a buffer, from which the
 * protocol files cut lines or objects; every read and write is bounded by a deadline, so that no
 * peer can hang a test. SIGPIPE is never raised.
 */
#include "aq-private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <glib-unix.h>

#define READ_CHUNK 65536
#define MAX_FDS 16

void aq_stream_init(AqStream *s, const char *name)
{
    *s = (AqStream){ .fd = -1, .name = name };
}

void aq_stream_open(AqStream *s, int fd)
{
    g_unix_set_fd_nonblocking(fd, TRUE, NULL);
    s->fd = fd;
    s->in = g_byte_array_new();
}

void aq_stream_close(AqStream *s)
{
    aq_close_fd(&s->fd);
    g_clear_pointer(&s->in, g_byte_array_unref);
}

/* Commands need a stream that is connected and in step. */
gboolean aq_stream_usable(AqStream *s, GError **error)
{
    if (s->fd < 0) {
        return aq_fail(error, AQ_ERROR_USAGE, "this VM has no %s connection", s->name);
    }
    if (s->broken) {
        return aq_fail(error, AQ_ERROR_PROTOCOL,
                       "the %s connection is out of step since an earlier failure", s->name);
    }
    return TRUE;
}

static void attach_fds(struct msghdr *msg, char *control, const int *fds, size_t n_fds)
{
    struct cmsghdr *cmsg;

    msg->msg_control = control;
    msg->msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
    cmsg = CMSG_FIRSTHDR(msg);
    cmsg->cmsg_level = SOL_SOCKET;
    cmsg->cmsg_type = SCM_RIGHTS;
    cmsg->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
    memcpy(CMSG_DATA(cmsg), fds, n_fds * sizeof(int));
}

/* Send all bytes; the descriptors travel with the first of them. */
gboolean aq_stream_send_fds(AqVM *vm, AqStream *s, const void *data, gsize len, const int *fds,
                            size_t n_fds, GError **error)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(MAX_FDS * sizeof(int))] = { 0 };
    gint64 deadline = aq_deadline(vm->timeout_ms);
    gsize done = 0;

    if (n_fds > MAX_FDS) {
        return aq_fail(error, AQ_ERROR_USAGE, "%zu descriptors, at most %d", n_fds, MAX_FDS);
    }
    while (done < len) {
        struct iovec iov = { (char *)(uintptr_t)data + done, len - done };
        struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
        ssize_t n;

        if (n_fds && !done) {
            attach_fds(&msg, control, fds, n_fds);
        }
        n = sendmsg(s->fd, &msg, MSG_NOSIGNAL);
        if (n >= 0) {
            done += (gsize)n;
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return aq_fail_eof(vm, s->name, error);
        } else if (errno == EAGAIN) {
            if (!aq_wait_fd(vm, s->fd, POLLOUT, deadline, s->name, error)) {
                s->broken = TRUE;   /* half a request is on its way */
                return FALSE;
            }
        } else if (errno != EINTR) {
            return aq_fail(error, AQ_ERROR_IO, "%s: send: %s", s->name, g_strerror(errno));
        }
    }
    return TRUE;
}

gboolean aq_stream_send(AqVM *vm, AqStream *s, const void *data, gsize len, GError **error)
{
    return aq_stream_send_fds(vm, s, data, len, NULL, 0, error);
}

/* Throw consumed bytes away once they are most of the buffer: amortised, a byte moves once. */
static void compact(AqStream *s)
{
    if (s->pos && s->pos >= s->in->len / 2) {
        g_byte_array_remove_range(s->in, 0, (guint)s->pos);
        s->scanned -= s->pos;
        s->pos = 0;
    }
}

static ssize_t read_some(AqStream *s)
{
    guint old = s->in->len;
    ssize_t n;

    g_byte_array_set_size(s->in, old + READ_CHUNK);
    n = recv(s->fd, s->in->data + old, READ_CHUNK, 0);
    g_byte_array_set_size(s->in, old + (n > 0 ? (guint)n : 0));
    return n;
}

/* Wait for more bytes and append them. */
gboolean aq_stream_fill(AqVM *vm, AqStream *s, gint64 deadline, GError **error)
{
    g_autofree char *what = g_strdup_printf("an answer on the %s connection", s->name);
    ssize_t n;

    compact(s);
    if (s->in->len - s->pos > AQ_MAX_LINE) {
        return aq_fail(error, AQ_ERROR_PROTOCOL, "%s: an answer of more than %u bytes", s->name,
                       AQ_MAX_LINE);
    }
    do {
        if (!aq_wait_fd(vm, s->fd, POLLIN, deadline, what, error)) {
            return FALSE;
        }
        n = read_some(s);
    } while (n < 0 && (errno == EINTR || errno == EAGAIN));
    if (n == 0 || (n < 0 && errno == ECONNRESET)) {
        return aq_fail_eof(vm, what, error);
    }
    if (n < 0) {
        return aq_fail(error, AQ_ERROR_IO, "%s: recv: %s", s->name, g_strerror(errno));
    }
    return TRUE;
}

void aq_stream_consume(AqStream *s, gsize n)
{
    s->pos += n;
    s->scanned = s->pos;
}
