/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors that came along a unix socket. The kernel hands them out with the first byte they were
 * sent with, and never more than one message's at a time; they are kept until somebody takes them or
 * the next ones come.
 */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "system/char.h"

void received_close(ReceivedFds *r)
{
    while (r->n > 0) {
        close(r->fds[--r->n]);
    }
}

static void keep(ReceivedFds *r, struct msghdr *msg)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        const int *got = (const int *)(void *)CMSG_DATA(c);

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        received_close(r);
        for (size_t i = 0; i < n; i++) {
            if (r->n < RECEIVED_MAX) {
                r->fds[r->n++] = got[i];
            } else {
                close(got[i]);
            }
        }
    }
}

ssize_t received_recv(ReceivedFds *r, int fd, void *buf, size_t len)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(int) * RECEIVED_MAX)];
    } control;
    struct iovec iov = { buf, len };
    struct msghdr msg = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
        .msg_controllen = sizeof(control),
    };
    ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    if (n >= 0) {
        keep(r, &msg);
    }
    return n;
}

int received_take(ReceivedFds *r, int *fds, int max)
{
    int n = MIN(max, r->n);

    memcpy(fds, r->fds, (size_t)n * sizeof(int));
    memmove(r->fds, r->fds + n, (size_t)(r->n - n) * sizeof(int));
    r->n -= n;
    received_close(r);
    return n;
}
