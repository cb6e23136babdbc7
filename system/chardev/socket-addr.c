/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses of socket chardevs: unix paths (abstract ones too), TCP hosts and ports, descriptors
 * that were handed to us.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "accel/error.h"
#include "system/char.h"

enum { CONNECT_MS = 50 };

static int fail(GError **errp, int err, const char *call, const char *verb, const char *where)
{
    accel_error_set(errp, accel_error_code_from_errno(err),
                    &(AccelErrorInfo){ .call = call, .errnum = err }, "Failed to %s '%s': %s",
                    verb, where, g_strerror(err));
    return -1;
}

static gboolean parse_fd(SockAddr *addr, const char *text, GError **errp)
{
    guint64 fd;
    int type;
    socklen_t len = sizeof(type);

    if (text == NULL || !g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT, &fd, NULL)) {
        opt_error(errp, "Unable to parse FD number %s", text != NULL ? text : "");
        return FALSE;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0) {
        opt_error(errp, "File descriptor '%s' is not a socket", text);
        return FALSE;
    }
    addr->fd = fd;
    return TRUE;
}

gboolean sock_addr_parse(SockAddr *addr, const KeyVals *kv, GError **errp)
{
    const char *path = keyvals_get(kv, "path"), *host = keyvals_get(kv, "host");
    const char *port = keyvals_get(kv, "port");
    int64_t to = 0;

    *addr = (SockAddr){ .fd = -1, .tight = true };
    if (path != NULL) {
        addr->path = g_strdup(path);
        keyvals_bool(kv, "abstract", &addr->abstract_name);
        keyvals_bool(kv, "tight", &addr->tight);
        return TRUE;
    }
    if (host == NULL && port == NULL) {
        return parse_fd(addr, keyvals_get(kv, "fd"), errp);
    }
    if (port == NULL) {
        opt_error(errp, "chardev: socket: no port given");
        return FALSE;
    }
    keyvals_int(kv, "to", &to);
    addr->host = g_strdup(host != NULL ? host : "");
    addr->port = g_strdup(port);
    addr->to = to;
    return TRUE;
}

void sock_addr_clear(SockAddr *addr)
{
    g_clear_pointer(&addr->path, g_free);
    g_clear_pointer(&addr->host, g_free);
    g_clear_pointer(&addr->port, g_free);
}

char *sock_addr_text(const SockAddr *addr)
{
    if (addr->path != NULL) {
        return g_strdup_printf("unix:%s", addr->path);
    }
    if (addr->port != NULL) {
        return g_strdup_printf(strchr(addr->host, ':') != NULL ? "tcp:[%s]:%s" : "tcp:%s:%s",
                               addr->host, addr->port);
    }
    return g_strdup_printf("fd:%d", addr->fd);
}

static gboolean fill_unix(const SockAddr *addr, struct sockaddr_un *un, socklen_t *len,
                          GError **errp)
{
    size_t n = strlen(addr->path), skip = addr->abstract_name;

    *un = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (n + skip > sizeof(un->sun_path) - !skip) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "UNIX socket path '%s' is too long (at most %zu bytes)", addr->path,
                        sizeof(un->sun_path) - 1);
        return FALSE;
    }
    memcpy(un->sun_path + skip, addr->path, n);
    *len = skip && addr->tight ? offsetof(struct sockaddr_un, sun_path) + 1 + n : sizeof(*un);
    return TRUE;
}

static int unix_socket(const SockAddr *addr, bool listening, int type, GError **errp)
{
    struct sockaddr_un un;
    socklen_t len;
    int fd, err;

    if (!fill_unix(addr, &un, &len, errp)) {
        return -1;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | type, 0);
    if (fd < 0) {
        return fail(errp, errno, "socket", "create socket for", addr->path);
    }
    if (!listening && connect(fd, (struct sockaddr *)&un, len) == 0) {
        return fd;
    }
    if (listening) {
        if (!addr->abstract_name) {
            unlink(addr->path);
        }
        if (bind(fd, (struct sockaddr *)&un, len) == 0 && listen(fd, 1) == 0) {
            return fd;
        }
    }
    err = errno;
    close(fd);
    if (listening) {
        return fail(errp, err, "bind", "bind socket to", addr->path);
    }
    return fail(errp, err, "connect", "connect to", addr->path);
}

static struct addrinfo *resolve(const SockAddr *addr, bool listening, GError **errp)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };
    struct addrinfo *list = NULL;
    const char *host = addr->host[0] != '\0' ? addr->host : NULL;
    int ret;

    hints.ai_flags |= listening ? AI_PASSIVE : 0;
    ret = getaddrinfo(host, addr->port, &hints, &list);
    if (ret == EAI_NONAME) { /* no number: ask the resolver */
        hints.ai_flags &= ~AI_NUMERICHOST;
        ret = getaddrinfo(host, addr->port, &hints, &list);
    }
    if (ret != 0) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "address resolution failed for %s:%s: %s", addr->host, addr->port,
                        gai_strerror(ret));
        return NULL;
    }
    return list;
}

/* A connection that is under way in nonblocking mode gets a moment: on this host it takes none. */
static bool connected_soon(int fd)
{
    struct pollfd pfd = { .fd = fd, .events = POLLOUT };
    socklen_t len = sizeof(errno);

    if (errno != EINPROGRESS || poll(&pfd, 1, CONNECT_MS) != 1) {
        return false;
    }
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &errno, &len) == 0 && errno == 0;
}

static int try_tcp(const struct addrinfo *ai, bool listening, int type)
{
    int on = 1, fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | type, 0), err;

    if (fd < 0) {
        return -1;
    }
    if (listening) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, 1) == 0) {
            return fd;
        }
    } else if (connect(fd, ai->ai_addr, ai->ai_addrlen) == 0 || connected_soon(fd)) {
        return fd;
    }
    err = errno;
    close(fd);
    errno = err;
    return -1;
}

static int tcp_socket(const SockAddr *addr, bool listening, int type, GError **errp)
{
    struct addrinfo *list = resolve(addr, listening, errp);
    g_autofree char *where = g_strdup_printf("%s:%s", addr->host, addr->port);
    int fd = -1, err = 0;

    if (list == NULL) {
        return -1;
    }
    for (struct addrinfo *ai = list; ai != NULL && fd < 0; ai = ai->ai_next) {
        fd = try_tcp(ai, listening, type);
        err = errno;
    }
    freeaddrinfo(list);
    if (fd >= 0) {
        return fd;
    }
    if (listening) {
        return fail(errp, err, "bind", "find an available port at", where);
    }
    return fail(errp, err, "connect", "connect to", where);
}

/* Port 0 or a range: say which port it became. */
static void learn_port(SockAddr *addr, int fd)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof(ss);
    char port[NI_MAXSERV];

    if (getsockname(fd, (struct sockaddr *)&ss, &len) == 0 &&
        getnameinfo((struct sockaddr *)&ss, len, NULL, 0, port, sizeof(port),
                    NI_NUMERICSERV) == 0) {
        g_free(addr->port);
        addr->port = g_strdup(port);
    }
}

static int listen_range(SockAddr *addr, GError **errp)
{
    unsigned long first = strtoul(addr->port, NULL, 10), last = MAX(first, addr->to);
    int fd = tcp_socket(addr, true, 0, errp);

    for (unsigned long p = first + 1; p <= last && fd < 0; p++) {
        g_free(addr->port);
        addr->port = g_strdup_printf("%lu", p);
        g_clear_error(errp);
        fd = tcp_socket(addr, true, 0, errp);
    }
    return fd;
}

/* It may be listening already; the backlog then becomes ours. */
static int listen_given(const SockAddr *addr, GError **errp)
{
    g_autofree char *where = sock_addr_text(addr);

    return listen(addr->fd, 1) == 0 ? addr->fd : fail(errp, errno, "listen", "listen on", where);
}

int sock_addr_listen(SockAddr *addr, GError **errp)
{
    GError *err = NULL;
    int fd;

    if (addr->path != NULL) {
        return unix_socket(addr, true, 0, errp);
    }
    if (addr->port == NULL) {
        return listen_given(addr, errp);
    }
    fd = listen_range(addr, &err);
    if (fd < 0) {
        g_propagate_error(errp, err);
    } else {
        learn_port(addr, fd);
    }
    return fd;
}

int sock_addr_connect(const SockAddr *addr, GError **errp)
{
    if (addr->path != NULL) {
        return unix_socket(addr, false, 0, errp);
    }
    return addr->port != NULL ? tcp_socket(addr, false, 0, errp) : addr->fd;
}

int sock_addr_try_connect(const SockAddr *addr)
{
    return addr->path != NULL ? unix_socket(addr, false, SOCK_NONBLOCK, NULL)
                              : tcp_socket(addr, false, SOCK_NONBLOCK, NULL);
}
