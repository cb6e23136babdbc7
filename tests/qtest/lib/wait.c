/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for a socket while keeping an eye on the child. Data wins over death: a VM that answers
 * and then ends at once has answered. So the socket is looked at once more after the child was seen
 * dead, and only then is the death reported.
 */
#include "aq-private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#define SLICE_MS 20        /* without a pidfd: how often the child is looked at */
#define LINGER_MS 5000     /* how long a peer that closed its socket may take to die */

gint64 aq_deadline(unsigned timeout_ms)
{
    return g_get_monotonic_time() + (gint64)timeout_ms * 1000;
}

gboolean aq_fail_died(AqVM *vm, const char *what, GError **error)
{
    g_autofree char *text = aq_proc_describe(&vm->proc);

    return aq_fail(error, AQ_ERROR_DIED, "while waiting for %s: %s", what, text);
}

/* The peer closed. With a child, that is how its death looks: wait a little for the status. */
gboolean aq_fail_eof(AqVM *vm, const char *what, GError **error)
{
    gboolean had_child = vm->proc.pid || vm->proc.status != -1;

    if (had_child && aq_proc_wait(&vm->proc, aq_deadline(LINGER_MS))) {
        return aq_fail_died(vm, what, error);
    }
    return aq_fail(error, AQ_ERROR_EOF, "the peer closed the connection; expected was %s", what);
}

static int poll_once(AqVM *vm, int fd, short events, gint64 left_us, short *got)
{
    struct pollfd pfds[2] = {
        { .fd = fd, .events = events },
        { .fd = vm->proc.pid ? vm->proc.pidfd : -1, .events = POLLIN },
    };
    gboolean slice = vm->proc.pid && vm->proc.pidfd < 0;
    gint64 ms = MIN(left_us / 1000 + 1, slice ? SLICE_MS : 60000);
    int n = poll(pfds, 2, left_us <= 0 ? 0 : (int)ms);

    *got = n > 0 ? pfds[0].revents : 0;
    return n;
}

/* Wait until @fd is ready. FALSE: AQ_ERROR_TIMEOUT, _DIED or _IO, with @what in the message. */
gboolean aq_wait_fd(AqVM *vm, int fd, short events, gint64 deadline, const char *what,
                    GError **error)
{
    for (;;) {
        gint64 left = deadline - g_get_monotonic_time();
        short got;

        if (poll_once(vm, fd, events, left, &got) < 0 && errno != EINTR) {
            return aq_fail(error, AQ_ERROR_IO, "poll: %s", g_strerror(errno));
        }
        if (got) {
            return TRUE;
        }
        if (vm->proc.pid && aq_proc_reap(&vm->proc)) {
            poll_once(vm, fd, events, 0, &got);
            return got ? TRUE : aq_fail_died(vm, what, error);
        }
        if (left <= 0) {
            return aq_fail(error, AQ_ERROR_TIMEOUT, "timed out waiting for %s", what);
        }
    }
}
