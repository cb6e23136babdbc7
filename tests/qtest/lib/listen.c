/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The two listening sockets. They live in a fresh directory that only this user can enter, exist
 * before the fork (so that the order in which the VM connects does not matter), and are gone as
 * soon as both connections are accepted, or when anything fails.
 */
#include "aq-private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <glib/gstdio.h>

static int listen_at(const char *path, GError **error)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    int fd;

    if (strlen(path) >= sizeof(addr.sun_path)) {
        aq_fail(error, AQ_ERROR_START, "socket path too long (at most %zu bytes): %s; "
                "set TMPDIR to a shorter one", sizeof(addr.sun_path) - 1, path);
        return -1;
    }
    strcpy(addr.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, 1) < 0) {
        aq_fail(error, AQ_ERROR_START, "cannot listen at %s: %s", path, g_strerror(errno));
        aq_close_fd(&fd);
    }
    return fd;
}

/* Make the directory and the sockets. The caller undoes a partial job with aq_listen_close(). */
gboolean aq_listen(AqVM *vm, GError **error)
{
    vm->dir = g_build_filename(g_get_tmp_dir(), "aq-XXXXXX", NULL);
    if (!g_mkdtemp(vm->dir)) {
        aq_fail(error, AQ_ERROR_START, "cannot make a directory like %s: %s", vm->dir,
                g_strerror(errno));
        g_clear_pointer(&vm->dir, g_free);
        return FALSE;
    }
    vm->qtest_path = g_build_filename(vm->dir, "qtest.sock", NULL);
    vm->qmp_path = g_build_filename(vm->dir, "qmp.sock", NULL);
    vm->qtest_listen = listen_at(vm->qtest_path, error);
    if (vm->qtest_listen < 0) {
        return FALSE;
    }
    if (!(vm->flags & AQ_VM_NO_QMP)) {
        vm->qmp_listen = listen_at(vm->qmp_path, error);
        return vm->qmp_listen >= 0;
    }
    return TRUE;
}

static gboolean accept_one(AqVM *vm, int *listen_fd, AqStream *s, GError **error)
{
    g_autofree char *what = g_strdup_printf("it to connect to the %s socket", s->name);
    gint64 deadline = aq_deadline(vm->timeout_ms);
    int fd;

    do {
        if (!aq_wait_fd(vm, *listen_fd, POLLIN, deadline, what, error)) {
            return FALSE;
        }
        fd = accept4(*listen_fd, NULL, NULL, SOCK_CLOEXEC);
    } while (fd < 0 && (errno == EINTR || errno == EAGAIN || errno == ECONNABORTED));
    if (fd < 0) {
        return aq_fail(error, AQ_ERROR_IO, "accept: %s", g_strerror(errno));
    }
    aq_stream_open(s, fd);
    return TRUE;
}

gboolean aq_accept_all(AqVM *vm, GError **error)
{
    gboolean ok = accept_one(vm, &vm->qtest_listen, &vm->qtest, error);

    if (ok && vm->qmp_listen >= 0) {
        ok = accept_one(vm, &vm->qmp_listen, &vm->qmp, error);
    }
    aq_listen_close(vm);
    return ok;
}

/* Remove the sockets and their directory. May be called at any time, and again. */
void aq_listen_close(AqVM *vm)
{
    aq_close_fd(&vm->qtest_listen);
    aq_close_fd(&vm->qmp_listen);
    if (vm->dir) {
        g_unlink(vm->qtest_path ? vm->qtest_path : "");
        g_unlink(vm->qmp_path ? vm->qmp_path : "");
        g_rmdir(vm->dir);
    }
    g_clear_pointer(&vm->dir, g_free);
    g_clear_pointer(&vm->qtest_path, g_free);
    g_clear_pointer(&vm->qmp_path, g_free);
}
