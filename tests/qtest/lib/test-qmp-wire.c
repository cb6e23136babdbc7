/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The monitor against a scripted peer: objects in any layout and any packet size, events among the
 * responses, templates, descriptors, and everything that is not QMP.
 */
#include "fake-server.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SCRIPT(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define LONG_MS 20000
#define SHORT_MS 30

static void done(AqVM *vm, FakeServer *server)
{
    aq_vm_free(vm);
    fake_server_end(server);
}

static void test_layouts(void)
{
    FakeServer *server;
    AqVM *vm = fake_qmp(&server, LONG_MS, SCRIPT(
        "<{\"execute\":\"a\"}", ">\r\n {\n \"return\" : { \"x\": [1, {\"y\": \"}]\\\"{\"}] }\r\n}",
        "<{\"execute\":\"b\"}", ".{\"return\": {}}\n", "<{\"execute\":\"c\",\"id\":\"7\"}",
        ">{\"id\": \"7\", \"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}}"));
    json_t *value = aq_qmp_ok(vm, "{'execute': 'a'}");

    g_assert_cmpuint(json_array_size(json_object_get(value, "x")), ==, 2);
    json_decref(value);
    json_decref(aq_qmp_ok(vm, "{'execute': %s}", "b"));
    aq_qmp_error(vm, "GenericError", "{'execute': 'c', 'id': '7'}");
    done(vm, server);
}

static void test_events(void)
{
    g_autoptr(GError) none = NULL;
    FakeServer *server;
    AqVM *vm = fake_qmp(&server, LONG_MS, SCRIPT(
        "<{\"execute\":\"a\"}", ">{\"event\": \"STOP\", \"data\": {\"n\": 1}}{\"event\": \"RESET\"}"
        "{\"return\": {}}{\"event\": \"RESUME\"}", "<{\"execute\":\"b\"}",
        ">{\"event\": \"STOP\", \"data\": {\"n\": 2}}{\"return\": 1}", "!"));
    json_t *event, *data;

    json_decref(aq_qmp_ok(vm, "{'execute': 'a'}"));
    json_decref(aq_event(vm, "RESUME"));
    json_decref(aq_qmp_ok(vm, "{'execute': 'b'}"));
    event = aq_event(vm, "STOP");   /* the older of two */
    data = json_object_get(event, "data");
    g_assert_cmpint(json_integer_value(json_object_get(data, "n")), ==, 1);
    json_decref(event);
    g_assert_null(aq_try_event(vm, "NEVER", 0, &none));
    g_assert_error(none, AQ_ERROR, AQ_ERROR_TIMEOUT);
    json_decref(aq_event(vm, "RESET"));
    aq_events_clear(vm);
    g_assert_null(aq_try_event(vm, "STOP", 0, NULL));
    done(vm, server);
}

static void test_execute(void)
{
    g_autoptr(GError) error = NULL;
    FakeServer *server;
    AqVM *vm = fake_qmp(&server, LONG_MS, SCRIPT(
        "<{\"execute\":\"q\",\"arguments\":{\"n\":3}}", ">{\"return\": 4}",
        "<{\"execute\":\"r\"}",
        ">{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command r has not...\"}}",
        "<{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"info x\"}}",
        ">{\"return\": \"text\\r\\n\"}"));
    json_t *value = aq_try_qmp_execute(vm, "q", json_pack("{s:i}", "n", 3), NULL);
    g_autofree char *text = NULL;

    g_assert_cmpint(json_integer_value(value), ==, 4);
    json_decref(value);
    g_assert_null(aq_try_qmp_execute(vm, "r", NULL, &error));
    g_assert_error(error, AQ_ERROR, AQ_ERROR_QMP);
    g_assert_cmpstr(error->message, ==, "CommandNotFound: The command r has not...");
    text = aq_hmp(vm, "info %c", 'x');
    g_assert_cmpstr(text, ==, "text\r\n");
    done(vm, server);
}

typedef struct {
    const char *name, *reply;
    AqError code;
} BadReply;

static const BadReply bad_replies[] = {
    { "array", ">[1]\n", AQ_ERROR_PROTOCOL },
    { "number", ">1\n", AQ_ERROR_PROTOCOL },
    { "words", ">Segmentation fault\n", AQ_ERROR_PROTOCOL },
    { "broken", ">{\"return\": }\n", AQ_ERROR_PROTOCOL },
    { "mixed-brackets", ">{\"return\": [}}\n", AQ_ERROR_PROTOCOL },
    { "duplicate", ">{\"return\": 1, \"return\": 2}\n", AQ_ERROR_PROTOCOL },
    { "neither", ">{\"result\": {}}\n", AQ_ERROR_PROTOCOL },
    { "no-class", ">{\"error\": {}}\n", AQ_ERROR_PROTOCOL },
    { "not-utf8", ">{\"return\": \"\xff\"}\n", AQ_ERROR_PROTOCOL },
    { "eof", ">", AQ_ERROR_EOF },
    { "eof-mid-object", ">{\"return\": {\"a\"", AQ_ERROR_EOF },
    { "eof-mid-string", ">{\"return\": \"}", AQ_ERROR_EOF },
    { "eof-after-event", ">{\"event\": \"STOP\"}", AQ_ERROR_EOF },
};

static void test_bad_reply(gconstpointer data)
{
    const BadReply *bad = data;
    g_autoptr(GError) error = NULL;
    FakeServer *server;
    AqVM *vm = fake_qmp(&server, LONG_MS, SCRIPT("<{\"execute\":\"a\"}", bad->reply));

    g_assert_null(aq_try_qmp_execute(vm, "a", NULL, &error));
    g_assert_error(error, AQ_ERROR, (gint)bad->code);
    done(vm, server);
}

static void test_deep(void)
{
    g_autofree char *deep = g_strnfill(5000, '[');
    g_autofree char *reply = g_strconcat(">{\"return\": ", deep, NULL);
    const BadReply bad = { "deep", reply, AQ_ERROR_PROTOCOL };

    test_bad_reply(&bad);
}

static void test_out_of_step(void)
{
    g_autoptr(GError) late = NULL;
    g_autoptr(GError) after = NULL;
    FakeServer *server;
    AqVM *vm = fake_qmp(&server, SHORT_MS, SCRIPT("<{\"execute\":\"a\"}", "!"));

    g_assert_null(aq_try_qmp_execute(vm, "a", NULL, &late));
    g_assert_error(late, AQ_ERROR, AQ_ERROR_TIMEOUT);
    g_assert_null(aq_try_qmp_execute(vm, "b", NULL, &after));
    g_assert_error(after, AQ_ERROR, AQ_ERROR_PROTOCOL);
    done(vm, server);
}

static void test_stray_response(void)
{
    g_autoptr(GError) error = NULL;
    FakeServer *server;
    AqVM *vm = fake_qmp(&server, LONG_MS, SCRIPT(">{\"return\": {}}", "!"));

    g_assert_null(aq_try_event(vm, "STOP", LONG_MS, &error));
    g_assert_error(error, AQ_ERROR, AQ_ERROR_PROTOCOL);
    done(vm, server);
}

static void test_no_handshake(void)
{
    g_autoptr(GError) error = NULL;
    int fd;
    FakeServer *server = fake_server_new(SCRIPT(">{\"QMP\": {}}", "<{oops", ">{\"error\": 1}"),
                                         &fd);
    AqVM *vm = aq_vm_attach(-1, fd, AQ_VM_NO_HANDSHAKE, LONG_MS, NULL);
    json_t *object = aq_try_qmp_receive(vm, NULL);

    g_assert_nonnull(json_object_get(object, "QMP"));
    g_assert_null(aq_vm_greeting(vm));
    json_decref(object);
    g_assert_true(aq_try_qmp_send_raw(vm, "{oops\n", -1, NULL));
    object = aq_try_qmp_receive(vm, NULL);
    g_assert_nonnull(json_object_get(object, "error"));
    json_decref(object);
    done(vm, server);
}

static void test_handshake(void)
{
    int fd;
    FakeServer *server = fake_server_new(SCRIPT(
        ">{\"event\": \"EARLY\"}{\"QMP\": {}}",
        "<{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"oob\"]}}",
        ">{\"return\": {}}"), &fd);
    AqVM *vm = aq_vm_attach(-1, fd, AQ_VM_OOB, LONG_MS, NULL);

    g_assert_nonnull(vm);
    json_decref(aq_event(vm, "EARLY"));
    done(vm, server);

    server = fake_server_new(SCRIPT(">{\"QMP\": {}}", "<{\"execute\":\"qmp_capabilities\"}",
                                    ">{\"error\": {\"class\": \"a\", \"desc\": \"b\"}}"), &fd);
    g_assert_null(aq_vm_attach(-1, fd, 0, LONG_MS, NULL));
    fake_server_end(server);
    close(fd);
}

static int receive_fd(int sock)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    char data[256];
    struct iovec iov = { data, sizeof(data) };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
                          .msg_controllen = sizeof(control) };
    int fd = -1;

    g_assert_cmpint(recvmsg(sock, &msg, 0), >, 0);
    if (CMSG_FIRSTHDR(&msg)) {
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
    }
    return fd;
}

/* Descriptors: the one that arrives must be the pipe that was sent. */
static void test_fds(void)
{
    json_t *request = aq_json_new(NULL, "{'execute': 'getfd', 'arguments': {'fdname': 'x'}}");
    int pair[2], fds[2], got;
    AqVM *vm;
    char c = 0;

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    g_assert_cmpint(pipe(fds), ==, 0);
    vm = aq_vm_attach(-1, pair[0], AQ_VM_NO_HANDSHAKE, LONG_MS, NULL);
    g_assert_true(aq_try_qmp_send(vm, request, &fds[1], 1, NULL));
    got = receive_fd(pair[1]);
    g_assert_cmpint(got, >=, 0);
    g_assert_cmpint(write(got, "z", 1), ==, 1);
    g_assert_cmpint(read(fds[0], &c, 1), ==, 1);
    g_assert_cmpint(c, ==, 'z');
    g_assert_false(aq_try_qmp_send(vm, request, fds, 17, NULL));
    json_decref(request);
    aq_vm_free(vm);
    close(got);
    close(pair[1]);
    close(fds[0]);
    close(fds[1]);
}

static void expect_json(json_t *value, const char *want)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    g_assert_cmpstr(text, ==, want);
    free(text);
    json_decref(value);
}

static void test_template(void)
{
    json_t *part = json_pack("[i]", 1);

    expect_json(aq_json_new(NULL, "{'a': %s, 'b': %d}", "q\"\\\n\x01", -5),
                "{\"a\":\"q\\\"\\\\\\n\\u0001\",\"b\":-5}");
    expect_json(aq_json_new(NULL, "[%u, %lld, %zu, %ld, %llu]", 4294967295u, (long long)INT64_MIN,
                            (size_t)7, -1L, 8ULL),
                "[4294967295,-9223372036854775808,7,-1,8]");
    expect_json(aq_json_new(NULL, "[%i, %i, %p, %f]", 0, 2, (void *)part, 0.5),
                "[false,true,[1],0.5]");
    expect_json(aq_json_new(NULL, "['it\\'s \"x\"', \"a'b\\\"c\", '100%%']"),
                "[\"it's \\\"x\\\"\",\"a'b\\\"c\",\"100%\"]");
    json_decref(part);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
#pragma GCC diagnostic ignored "-Wformat-security"
static void test_template_errors(void)
{
    static const char *const bad[] = {
        "{'a': %x}", "{'a': '%s'}", "{'a': 'b", "{'a': }", "[%", "[%5d]", "", "[%ls]", "'%'",
    };
    gsize i;

    for (i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(aq_json_new(&error, bad[i], "x"));
        g_assert_error(error, AQ_ERROR, AQ_ERROR_USAGE);
    }
    g_assert_null(aq_json_new(NULL, "[%s]", NULL));
    g_assert_null(aq_json_new(NULL, "[%p]", NULL));
    g_assert_null(aq_json_new(NULL, "[%s]", "\xff"));
}
#pragma GCC diagnostic pop

int main(int argc, char **argv)
{
    gsize i;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/aq/qmp/layouts", test_layouts);
    g_test_add_func("/aq/qmp/events", test_events);
    g_test_add_func("/aq/qmp/execute", test_execute);
    for (i = 0; i < G_N_ELEMENTS(bad_replies); i++) {
        g_autofree char *path = g_strconcat("/aq/qmp/bad/", bad_replies[i].name, NULL);
        g_test_add_data_func(path, &bad_replies[i], test_bad_reply);
    }
    g_test_add_func("/aq/qmp/bad/deep", test_deep);
    g_test_add_func("/aq/qmp/out-of-step", test_out_of_step);
    g_test_add_func("/aq/qmp/stray-response", test_stray_response);
    g_test_add_func("/aq/qmp/no-handshake", test_no_handshake);
    g_test_add_func("/aq/qmp/handshake", test_handshake);
    g_test_add_func("/aq/qmp/fds", test_fds);
    g_test_add_func("/aq/qmp/template", test_template);
    g_test_add_func("/aq/qmp/template/errors", test_template_errors);
    return g_test_run();
}
