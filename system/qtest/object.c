/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The qtest server on a chardev: -qtest and -object qtest.
 *
 * Theory of operation: an object of type "qtest" connects a server to a chardev. -qtest makes both:
 * the chardev "qtest" and the object /machine/qtest, as in QEMU. What the chardev does not take at
 * once waits here and is offered again every two milliseconds; until it is gone the client is not
 * read from.
 *
 * Signals are let in only where the main loop sleeps, so a command that takes long looks for them
 * by itself: SIGTERM ends the process whatever a client has asked for.
 */
#include <signal.h>
#include <string.h>
#include "system/char.h"
#include "system/qtest.h"

enum { RETRY_MS = 2, READ_MAX = 64 << 10 };

typedef struct QTestObject {
    HwObject obj;
    char *chardev, *log; /* properties */
    Vm *vm;
    Chardev *chr;        /* a reference; NULL: closed */
    QTestServer *server;
    GByteArray *backlog; /* NULL: nothing waits */
    size_t sent;         /* of it */
    GSource *retry;
    struct QTestObject *next;
} QTestObject;

static QTestObject *all_objects;

/* ---- output ---- */

static void drop_backlog(QTestObject *q)
{
    g_clear_pointer(&q->backlog, g_byte_array_unref);
    if (q->retry != NULL) {
        g_source_destroy(q->retry);
        g_clear_pointer(&q->retry, g_source_unref);
    }
}

static gboolean on_retry(gpointer opaque)
{
    QTestObject *q = opaque;
    ssize_t n = chardev_write(q->chr, q->backlog->data + q->sent, q->backlog->len - q->sent);

    q->sent += MAX(n, 0);
    if (n >= 0 && q->sent < q->backlog->len) {
        return G_SOURCE_CONTINUE;
    }
    drop_backlog(q);
    qtest_server_resume(q->server);
    chardev_accept_input(q->chr);
    return G_SOURCE_REMOVE;
}

static void keep(QTestObject *q, const char *data, size_t len)
{
    if (q->backlog == NULL) {
        q->backlog = g_byte_array_new();
        q->sent = 0;
        q->retry = g_timeout_source_new(RETRY_MS);
        g_source_set_callback(q->retry, on_retry, q, NULL);
        g_source_attach(q->retry, NULL);
    }
    g_byte_array_append(q->backlog, (const guint8 *)data, len);
}

static bool on_send(void *opaque, const char *data, size_t len)
{
    QTestObject *q = opaque;
    ssize_t n = q->backlog == NULL ? chardev_write(q->chr, data, len) : 0;

    if (n >= 0 && (size_t)n < len) {
        keep(q, data + n, len - n);
    }
    return q->backlog == NULL;
}

/* ---- input ---- */

static int on_can_read(void *opaque)
{
    QTestObject *q = opaque;

    return qtest_server_blocked(q->server) ? 0 : READ_MAX;
}

static void on_read(void *opaque, const uint8_t *buf, size_t len)
{
    QTestObject *q = opaque;

    qtest_server_input(q->server, buf, len);
}

static void on_event(void *opaque, ChardevEvent ev)
{
    QTestObject *q = opaque;

    if (ev == CHARDEV_EVENT_OPENED) {
        drop_backlog(q);
        qtest_server_open(q->server);
    } else if (ev == CHARDEV_EVENT_CLOSED) {
        drop_backlog(q);
        qtest_server_close(q->server);
    }
}

static bool on_interrupted(void *opaque)
{
    sigset_t pending;

    return sigpending(&pending) == 0 &&
           (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1 ||
            sigismember(&pending, SIGHUP) == 1);
}

/* ---- life ---- */

static void close_object(QTestObject *q)
{
    if (q->chr != NULL) {
        chardev_disconnect(q->chr);
        drop_backlog(q);
        hw_object_unref(&q->chr->obj);
        q->chr = NULL;
    }
    g_clear_pointer(&q->server, qtest_server_free);
}

void qtest_objects_close(void)
{
    for (QTestObject *q = all_objects; q != NULL; q = q->next) {
        close_object(q);
    }
}

static void qtest_object_init(HwObject *obj)
{
    QTestObject *q = (QTestObject *)obj;

    q->next = all_objects;
    all_objects = q;
}

static void qtest_object_finalize(HwObject *obj)
{
    QTestObject *q = (QTestObject *)obj, **at = &all_objects;

    close_object(q);
    while (*at != q) {
        at = &(*at)->next;
    }
    *at = q->next;
}

static gboolean serve(QTestObject *q, GError **errp)
{
    QTestOps ops = { .send = on_send, .interrupted = on_interrupted, .opaque = q };
    ChardevHandlers fe = {
        .can_read = on_can_read, .read = on_read, .event = on_event, .opaque = q,
    };
    Chardev *chr = char_port(q->vm, q->chardev, errp);
    int log_fd;

    if (chr == NULL || !qtest_log_open(q->log != NULL ? q->log : "/dev/stderr", &log_fd, errp)) {
        return FALSE;
    }
    q->server = qtest_server_new(q->vm->ms, &ops, log_fd);
    q->chr = (Chardev *)hw_object_ref(&chr->obj);
    if (!chardev_connect(chr, &fe, errp)) {
        g_clear_pointer(&q->server, qtest_server_free);
        hw_object_unref(&chr->obj);
        q->chr = NULL;
        return FALSE;
    }
    return TRUE;
}

/* -object, object-add: the machine's hooks lead to the launcher. */
static gboolean qtest_object_complete(HwObject *obj, GError **errp)
{
    QTestObject *q = (QTestObject *)obj;
    HwObject *root = obj;

    if (q->chardev == NULL) {
        opt_error(errp, "No backend specified");
        return FALSE;
    }
    while (root->parent != NULL) {
        root = root->parent;
    }
    q->vm = ((MachineState *)hw_object_child(root, "machine"))->hooks.opaque;
    return serve(q, errp);
}

static const AccelProp qtest_props[] = {
    { "chardev", ACCEL_PROP_LINK, offsetof(QTestObject, chardev), NULL,
      "where the client is", NULL, "string", NULL, FALSE },
    { "log", ACCEL_PROP_STRING, offsetof(QTestObject, log), NULL,
      "file for the log, or none; stderr when not given", NULL, "string", NULL, FALSE },
    ACCEL_PROP_END,
};

const HwType hw_type_qtest = {
    .name = "qtest",
    .parent = &hw_type_object,
    .desc = "server of the qtest protocol",
    .instance_size = sizeof(QTestObject),
    .user_creatable = true,
    .props = qtest_props,
    .init = qtest_object_init,
    .complete = qtest_object_complete,
    .finalize = qtest_object_finalize,
};

/* ---- -qtest ---- */

/* "fd:N": a connected socket that we were started with. */
static Chardev *chardev_of_fd(Vm *vm, const char *number, GError **errp)
{
    g_autoptr(KeyVals) kv = keyvals_new();

    keyvals_add(kv, "backend", "socket");
    keyvals_add(kv, "id", "qtest");
    keyvals_add(kv, "fd", number);
    return keydesc_check(kv, keys_chardev, NULL, errp) ? char_new(vm, kv, errp) : NULL;
}

static Chardev *chardev_of(Vm *vm, const char *text, GError **errp)
{
    if (g_str_has_prefix(text, "chardev:")) {
        return char_port(vm, text + strlen("chardev:"), errp);
    }
    if (g_str_has_prefix(text, "fd:")) {
        return chardev_of_fd(vm, text + strlen("fd:"), errp);
    }
    return char_new_legacy(vm, "qtest", text, errp);
}

gboolean qtest_server_start(Vm *vm, const char *chardev, const char *log, GError **errp)
{
    Chardev *chr;
    HwObject *obj;
    gboolean ok;

    if (strcmp(chardev, "none") == 0) {
        return TRUE;
    }
    options_at(options_last(&vm->opts, OPT_qtest));
    chr = chardev_of(vm, chardev, errp);
    if (chr == NULL) {
        return FALSE;
    }
    obj = hw_object_new(&hw_type_qtest);
    ((QTestObject *)obj)->vm = vm;
    ((QTestObject *)obj)->chardev = g_strdup(chr->id);
    ((QTestObject *)obj)->log = g_strdup(log);
    ok = serve((QTestObject *)obj, errp) &&
         hw_object_add_child(&vm->ms->obj, "qtest", obj, errp);
    hw_object_unref(obj);
    options_at(NULL);
    return ok;
}
