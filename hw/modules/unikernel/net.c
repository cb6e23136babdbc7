/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Frames in and out. Theory of operation: a frame is one read or write of the descriptor, straight from
 * or to guest RAM. What the other side cannot take is lost, as on a wire, except that a full queue is
 * UK_EAGAIN, so that a guest may wait instead. A room of a whole frame is asked for before reading,
 * because what does not fit would be cut off.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "unikernel.h"

#define FRAME_MAX (UK_MTU + UK_FRAME_HEADER)

static int64_t net_read(Unikernel *uk, struct uk_net_io *a)
{
    uint8_t *p;
    ssize_t n;

    if (uk->net_fd < 0) {
        return UK_ENODEV;
    }
    if (a->len < FRAME_MAX) {
        return UK_EINVAL;
    }
    p = uk_slice(uk, a->buf, FRAME_MAX, true);
    if (p == NULL) {
        return UK_EFAULT;
    }
    do {
        n = read(uk->net_fd, p, FRAME_MAX);
    } while (n < 0 && errno == EINTR);
    if (n <= 0) { /* 0: an empty datagram is no frame; ECONNREFUSED: of an earlier write */
        return n == 0 || errno == EAGAIN || errno == ECONNREFUSED ? UK_EAGAIN : UK_EIO;
    }
    a->len = (uint64_t)n;
    return UK_OK;
}

static int64_t net_write(Unikernel *uk, const struct uk_net_io *a)
{
    const uint8_t *p;
    ssize_t n;

    if (uk->net_fd < 0) {
        return UK_ENODEV;
    }
    if (a->len < UK_FRAME_HEADER || a->len > FRAME_MAX) {
        return UK_EINVAL;
    }
    p = uk_slice(uk, a->buf, a->len, false);
    if (p == NULL) {
        return UK_EFAULT;
    }
    do {
        n = write(uk->net_fd, p, a->len);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == ENOBUFS)) {
        return UK_EAGAIN;
    }
    /* nobody there: the frame is lost, not the guest */
    return n >= 0 || errno == ECONNREFUSED || errno == ENOTCONN || errno == ECONNRESET ? UK_OK
                                                                                       : UK_EIO;
}

void uk_call_net_read(Unikernel *uk, uint8_t *arg)
{
    struct uk_net_io a;

    memcpy(&a, arg, sizeof(a));
    a.ret = net_read(uk, &a);
    memcpy(arg, &a, sizeof(a));
}

void uk_call_net_write(Unikernel *uk, uint8_t *arg)
{
    struct uk_net_io a;

    memcpy(&a, arg, sizeof(a));
    a.ret = net_write(uk, &a);
    memcpy(arg + offsetof(struct uk_net_io, ret), &a.ret, sizeof(a.ret));
}

void uk_call_net_info(Unikernel *uk, uint8_t *arg)
{
    struct uk_net_info a = { .mtu = UK_MTU, .ret = uk->net_fd < 0 ? UK_ENODEV : UK_OK };

    memcpy(a.mac, uk->mac, sizeof(a.mac));
    memcpy(arg, &a, sizeof(a));
}
