/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See fake-server.h. A mismatch is noted on the thread and asserted by the test's own thread. */
#include "fake-server.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct FakeServer {
    GThread *thread;
    GPtrArray *script;
    int fd;
    char *complaint;
};

static gboolean expect(FakeServer *server, const char *want)
{
    g_autoptr(GString) line = g_string_new(NULL);
    char c;

    while (read(server->fd, &c, 1) == 1 && c != '\n') {
        g_string_append_c(line, c);
    }
    if (strcmp(line->str, want)) {
        server->complaint = g_strdup_printf("expected '%s', got '%s'", want, line->str);
    }
    return !server->complaint;
}

static void send_text(int fd, const char *text, gsize chunk)
{
    gsize len = strlen(text);

    while (len) {
        ssize_t n = send(fd, text, MIN(len, chunk), MSG_NOSIGNAL);
        if (n <= 0) {
            return;
        }
        text += n;
        len -= (gsize)n;
        g_thread_yield();
    }
}

static gpointer run(gpointer data)
{
    FakeServer *server = data;
    char c;
    guint i;

    for (i = 0; i < server->script->len; i++) {
        const char *step = server->script->pdata[i];

        if (*step == '<' && !expect(server, step + 1)) {
            break;
        } else if (*step == '>' || *step == '.') {
            send_text(server->fd, step + 1, *step == '.' ? 1 : G_MAXSIZE);
        } else if (*step == '!') {
            while (read(server->fd, &c, 1) == 1) {
            }
        }
    }
    shutdown(server->fd, SHUT_RDWR);
    return NULL;
}

static FakeServer *start(GPtrArray *script, int *client_fd)
{
    FakeServer *server = g_new0(FakeServer, 1);
    int fds[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    server->fd = fds[0];
    *client_fd = fds[1];
    server->script = script;
    server->thread = g_thread_new("fake-server", run, server);
    return server;
}

static void append(GPtrArray *to, const char *const *script)
{
    for (; *script; script++) {
        g_ptr_array_add(to, g_strdup(*script));
    }
}

FakeServer *fake_server_new(const char *const *script, int *client_fd)
{
    GPtrArray *steps = g_ptr_array_new_with_free_func(g_free);

    append(steps, script);
    return start(steps, client_fd);
}

void fake_server_end(FakeServer *server)
{
    g_thread_join(server->thread);
    g_assert_cmpstr(server->complaint, ==, NULL);
    close(server->fd);
    g_ptr_array_unref(server->script);
    g_free(server);
}

AqVM *fake_qtest(FakeServer **server, unsigned timeout_ms, const char *const *script)
{
    static const char *const hello[] = { "<endianness", ">OK little\n", NULL };
    GPtrArray *steps = g_ptr_array_new_with_free_func(g_free);
    GError *error = NULL;
    AqVM *vm;
    int fd;

    append(steps, hello);
    append(steps, script);
    *server = start(steps, &fd);
    vm = aq_vm_attach(fd, -1, 0, timeout_ms, &error);
    g_assert_no_error(error);
    return vm;
}

AqVM *fake_qmp(FakeServer **server, unsigned timeout_ms, const char *const *script)
{
    static const char *const hello[] = {
        ">{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\r\n",
        "<{\"execute\":\"qmp_capabilities\"}", ">{\"return\": {}}\r\n", NULL };
    GPtrArray *steps = g_ptr_array_new_with_free_func(g_free);
    GError *error = NULL;
    AqVM *vm;
    int fd;

    append(steps, hello);
    append(steps, script);
    *server = start(steps, &fd);
    vm = aq_vm_attach(-1, fd, 0, timeout_ms, &error);
    g_assert_no_error(error);
    return vm;
}
