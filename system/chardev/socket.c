/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * socket: a stream connection that we make (with reconnect) or wait for (one peer at a time;
 * others stay in the backlog until it goes). Descriptors that come along with bytes are kept until
 * the front end fetches them.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "system/char.h"

typedef struct SocketChar {
    FdChar fd;
    Vm *vm;
    SockAddr addr;
    bool server, nodelay;
    int listen_fd;
    GSource *listen_watch;
    int64_t reconnect_ms;
    GSource *reconnect_timer;
    ReceivedFds received;
} SocketChar;

static void socket_init(HwObject *obj)
{
    SocketChar *s = (SocketChar *)obj;

    fd_char_init(obj);
    s->listen_fd = s->addr.fd = -1;
}

static void socket_finalize(HwObject *obj)
{
    SocketChar *s = (SocketChar *)obj;

    fd_watch_drop(&s->listen_watch);
    fd_watch_drop(&s->reconnect_timer);
    received_close(&s->received);
    if (s->listen_fd >= 0) {
        close(s->listen_fd);
    }
    fd_char_finalize(obj);
    sock_addr_clear(&s->addr);
}

/* What query-chardev shows. */
static void set_filename(SocketChar *s, bool connected)
{
    g_autofree char *where = sock_addr_text(&s->addr);

    g_free(s->fd.parent.filename);
    s->fd.parent.filename = g_strdup_printf("%s%s%s", connected ? "" : "disconnected:", where,
                                            s->server ? ",server=on" : "");
}

static ssize_t socket_get(FdChar *fd, void *buf, size_t len)
{
    return received_recv(&((SocketChar *)fd)->received, fd->in_fd, buf, len);
}

static ssize_t socket_put(FdChar *fd, const void *buf, size_t len)
{
    return send(fd->out_fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void watch_listen(SocketChar *s);
static void start_reconnect(SocketChar *s);

static void socket_hangup(FdChar *fd)
{
    SocketChar *s = (SocketChar *)fd;

    fd_char_close(fd);
    received_close(&s->received);
    set_filename(s, false);
    chardev_fe_event(&fd->parent, CHARDEV_EVENT_CLOSED);
    if (s->server) {
        watch_listen(s);
    } else {
        start_reconnect(s);
    }
}

static void connected(SocketChar *s, int fd)
{
    int on = 1;

    if (s->addr.port != NULL && s->nodelay) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    set_filename(s, true);
    fd_char_open(&s->fd, fd, true, fd, true);
    chardev_fe_event(&s->fd.parent, CHARDEV_EVENT_OPENED);
}

/* ---- server ---- */

static void on_accept(void *opaque)
{
    SocketChar *s = opaque;
    int fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC);

    if (fd >= 0) {
        fd_watch_drop(&s->listen_watch);
        connected(s, fd);
    }
}

static void watch_listen(SocketChar *s)
{
    if (s->listen_fd >= 0 && s->listen_watch == NULL) {
        s->listen_watch = fd_watch_new(s->listen_fd, G_IO_IN, NULL, on_accept, s);
    }
}

static gboolean wait_for_peer(SocketChar *s, GError **errp)
{
    report_infof("waiting for connection on: %s", s->fd.parent.filename);
    while (s->fd.in_fd < 0) {
        if (vm_wait_fd(s->vm, s->listen_fd, POLLIN, -1) == 0) {
            s->vm->quiet_exit = true;
            opt_error(errp, "interrupted while waiting for a connection");
            return FALSE;
        }
        on_accept(s);
    }
    return TRUE;
}

static gboolean open_server(SocketChar *s, bool wait, GError **errp)
{
    s->listen_fd = sock_addr_listen(&s->addr, errp);
    if (s->listen_fd < 0) {
        return FALSE;
    }
    if (s->addr.path != NULL && !s->addr.abstract_name) {
        vm_unlink_at_exit(s->vm, s->addr.path);
    }
    set_filename(s, false);
    if (wait) {
        return wait_for_peer(s, errp);
    }
    watch_listen(s);
    return TRUE;
}

/* ---- client ---- */

static gboolean on_reconnect(gpointer opaque)
{
    SocketChar *s = opaque;
    int fd = sock_addr_try_connect(&s->addr);

    if (fd < 0) {
        return G_SOURCE_CONTINUE;
    }
    fd_watch_drop(&s->reconnect_timer);
    connected(s, fd);
    return G_SOURCE_REMOVE;
}

static void start_reconnect(SocketChar *s)
{
    if (s->reconnect_ms > 0 && s->reconnect_timer == NULL) {
        s->reconnect_timer = g_timeout_source_new(s->reconnect_ms);
        g_source_set_callback(s->reconnect_timer, on_reconnect, s, NULL);
        g_source_attach(s->reconnect_timer, NULL);
    }
}

static gboolean open_client(SocketChar *s, GError **errp)
{
    int fd;

    set_filename(s, false);
    if (s->reconnect_ms > 0) {
        fd = sock_addr_try_connect(&s->addr);
        if (fd < 0) {
            start_reconnect(s);
            return TRUE;
        }
    } else {
        fd = sock_addr_connect(&s->addr, errp);
        if (fd < 0) {
            return FALSE;
        }
    }
    connected(s, fd);
    return TRUE;
}

/* ---- making one ---- */

static int socket_get_fds(Chardev *chr, int *fds, int max)
{
    return received_take(&((SocketChar *)chr)->received, fds, max);
}

/* The add_client command: a connection made elsewhere becomes our peer. */
static int socket_add_client(Chardev *chr, int fd)
{
    SocketChar *s = (SocketChar *)chr;

    if (!s->server || s->fd.in_fd >= 0) {
        return -EBUSY;
    }
    fd_watch_drop(&s->listen_watch);
    connected(s, fd);
    return 0;
}

static const ChardevClass socket_class = {
    .type = {
        .name = "chardev-socket",
        .parent = &hw_type_chardev,
        .desc = "unix or TCP stream",
        .instance_size = sizeof(SocketChar),
        .init = socket_init,
        .finalize = socket_finalize,
    },
    .write = fd_char_write,
    .accept_input = fd_char_accept_input,
    .update_handlers = fd_char_update_handlers,
    .get_fds = socket_get_fds,
    .add_client = socket_add_client,
};

static gboolean check_options(SocketChar *s, const KeyVals *kv, bool *wait, GError **errp)
{
    int64_t seconds = 0;
    bool has_wait, telnet = false;

    *wait = true;
    keyvals_bool(kv, "server", &s->server);
    has_wait = keyvals_bool(kv, "wait", wait);
    keyvals_bool(kv, "telnet", &telnet);
    s->nodelay = true;
    keyvals_bool(kv, "delay", &s->nodelay);
    keyvals_bool(kv, "nodelay", &s->nodelay);
    keyvals_int(kv, "reconnect", &seconds);
    s->reconnect_ms = seconds * 1000;
    keyvals_int(kv, "reconnect-ms", &s->reconnect_ms);
    if (telnet) {
        opt_error(errp, "the telnet protocol is not supported");
    } else if (s->server && s->reconnect_ms > 0) {
        opt_error(errp, "'reconnect' option is incompatible with socket in server listen mode");
    } else if (s->reconnect_ms > 0 && keyvals_get(kv, "fd") != NULL) {
        opt_error(errp, "'reconnect' option is incompatible with 'fd'");
    } else if (!s->server && has_wait && *wait) {
        opt_error(errp, "'wait' option is incompatible with socket in client connect mode");
    } else {
        return sock_addr_parse(&s->addr, kv, errp);
    }
    return FALSE;
}

Chardev *char_socket_create(Vm *vm, const KeyVals *kv, GError **errp)
{
    SocketChar *s = (SocketChar *)fd_char_new(&socket_class, kv, errp);
    bool wait;

    if (s == NULL) {
        return NULL;
    }
    s->vm = vm;
    s->fd.put = socket_put;
    s->fd.get = socket_get;
    s->fd.hangup = socket_hangup;
    if (check_options(s, kv, &wait, errp) &&
        (s->server ? open_server(s, wait, errp) : open_client(s, errp))) {
        return &s->fd.parent;
    }
    hw_object_unref(&s->fd.parent.obj);
    return NULL;
}
