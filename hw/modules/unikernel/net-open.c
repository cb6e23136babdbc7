/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the guest's frames go: net=tap:NAME, net=unix:PATH or net=fd:NUMBER.
 *
 * Theory of operation: each ends as a descriptor where one read is one frame and one write is one
 * frame, non-blocking. tap is an interface of the host (/dev/net/tun). unix is a datagram socket that
 * is connected to the one at PATH and has an address of its own, which the kernel picks in the
 * abstract name space and the peer sees with the first frame; no file is left behind. fd is either of
 * the two, opened by whoever started this process, which then needs no right of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "unikernel.h"

static gboolean fail(const Unikernel *uk, const char *call, int errnum, GError **errp)
{
    return uk_error(errp, accel_error_code_from_errno(errnum), call, errnum, "net=%s: %s: %s",
                    uk->net, call, g_strerror(errnum));
}

static gboolean bad(const Unikernel *uk, const char *why, GError **errp)
{
    return uk_error(errp, ACCEL_ERROR_INVALID, NULL, 0, "net=%s: %s", uk->net, why);
}

static gboolean open_tap(Unikernel *uk, const char *name, GError **errp)
{
    struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };

    if (name[0] == '\0' || strlen(name) >= IFNAMSIZ) {
        return bad(uk, "an interface name has 1 to 15 characters", errp);
    }
    g_strlcpy(ifr.ifr_name, name, IFNAMSIZ);
    uk->net_fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (uk->net_fd < 0) {
        return fail(uk, "open /dev/net/tun", errno, errp);
    }
    return ioctl(uk->net_fd, TUNSETIFF, &ifr) == 0 || fail(uk, "TUNSETIFF", errno, errp);
}

static gboolean open_unix(Unikernel *uk, const char *path, GError **errp)
{
    struct sockaddr_un peer = { .sun_family = AF_UNIX }, own = { .sun_family = AF_UNIX };

    if (path[0] == '\0' || strlen(path) >= sizeof(peer.sun_path)) {
        return bad(uk, "a socket path has 1 to 107 bytes", errp);
    }
    g_strlcpy(peer.sun_path, path, sizeof(peer.sun_path));
    uk->net_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (uk->net_fd < 0) {
        return fail(uk, "socket", errno, errp);
    }
    if (bind(uk->net_fd, (struct sockaddr *)&own, sizeof(own.sun_family)) != 0) {
        return fail(uk, "bind", errno, errp);
    }
    return connect(uk->net_fd, (struct sockaddr *)&peer, sizeof(peer)) == 0 ||
           fail(uk, "connect", errno, errp);
}

/* A stream would run frames together. */
static gboolean open_fd(Unikernel *uk, const char *text, GError **errp)
{
    char *end;
    long fd = strtol(text, &end, 10);
    socklen_t len = sizeof(int);
    int type = 0, flags;
    struct stat st;

    if (*text < '0' || *text > '9' || *end != '\0' || fd < 3 || fd > 0xffff) {
        return bad(uk, "fd: needs a descriptor number from 3 on", errp);
    }
    flags = fcntl((int)fd, F_GETFL);
    if (flags < 0 || fstat((int)fd, &st) != 0) {
        return fail(uk, "fcntl", errno, errp);
    }
    if (S_ISSOCK(st.st_mode)
            ? getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type == SOCK_STREAM
            : !S_ISCHR(st.st_mode)) {
        return bad(uk, "neither a datagram socket nor a tap", errp);
    }
    if (fcntl((int)fd, F_SETFL, flags | O_NONBLOCK) != 0) {
        return fail(uk, "fcntl", errno, errp);
    }
    uk->net_fd = (int)fd;
    return TRUE;
}

/* "52:54:00:12:34:56": a unicast address. */
static gboolean parse_mac(Unikernel *uk, GError **errp)
{
    char rest;

    if (strlen(uk->mac_text) != 17 ||
        sscanf(uk->mac_text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%c", &uk->mac[0], &uk->mac[1],
               &uk->mac[2], &uk->mac[3], &uk->mac[4], &uk->mac[5], &rest) != 6) {
        return uk_error(errp, ACCEL_ERROR_INVALID, NULL, 0,
                        "mac=%s: not six bytes such as 52:54:00:12:34:56", uk->mac_text);
    }
    return !(uk->mac[0] & 1) || uk_error(errp, ACCEL_ERROR_INVALID, NULL, 0,
                                         "mac=%s: a multicast address", uk->mac_text);
}

gboolean uk_net_open(Unikernel *uk, GError **errp)
{
    static const struct {
        const char *prefix;
        gboolean (*open)(Unikernel *uk, const char *rest, GError **errp);
    } kinds[] = { { "tap:", open_tap }, { "unix:", open_unix }, { "fd:", open_fd } };

    if (!parse_mac(uk, errp)) {
        return FALSE;
    }
    if (uk->net == NULL) {
        return TRUE;
    }
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (g_str_has_prefix(uk->net, kinds[i].prefix)) {
            return kinds[i].open(uk, uk->net + strlen(kinds[i].prefix), errp);
        }
    }
    return bad(uk, "has to begin with tap:, unix: or fd:", errp);
}
