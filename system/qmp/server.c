/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QMP over one chardev: greeting, queue, answers.
 *
 * Requests wait in a queue and are carried out one at a time, so answers come in order, those to
 * bad requests included. A command that may block runs on a thread of its own while the main thread
 * goes on; the queue waits for it, out-of-band requests do not. When the queue is full (eight, as
 * in QEMU) the monitor stops reading: that is all the flow control there is.
 */
#include <string.h>
#include "accel/version.h"
#include "system/qmp-request.h"

enum { QUEUE_MAX = 8, READ_MAX = 4096 };

static void send_json(Monitor *mon, json_t *value)
{
    g_autofree char *line = json_line(value, mon->pretty);

    monitor_write(mon, line, strlen(line));
    json_decref(value);
}

static json_t *version_json(void)
{
    return json_pack("{s:{s:i, s:i, s:i}, s:o}", "qemu", "micro", 0, "minor", 2, "major", 7,
                     "package", json_sprintf("accelvm %s", accel_version()));
}

bool qmp_query_version(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    *ret = version_json();
    return true;
}

/* ---- carrying out ---- */

static void answer(QmpRequest *r)
{
    if (r->session == r->mon->session) {
        send_json(r->mon, qmp_request_answer(r));
    }
    qmp_request_free(r);
}

static void pump(Monitor *mon);

static gboolean thread_done(gpointer p)
{
    QmpRequest *r = p;
    Monitor *mon = r->mon;

    answer(r);
    mon->busy = false;
    pump(mon);
    chardev_accept_input(mon->chr);
    return G_SOURCE_REMOVE;
}

static gpointer thread_main(gpointer p)
{
    qmp_request_run(p);
    g_idle_add_full(G_PRIORITY_DEFAULT, thread_done, p, NULL);
    return NULL;
}

static void begin(QmpRequest *r)
{
    qmp_request_resolve(r);
    if (r->err == NULL && (r->cmd->flags & QMP_THREAD)) {
        r->mon->busy = true;
        g_thread_unref(g_thread_new("qmp-command", thread_main, r));
        return;
    }
    qmp_request_run(r);
    answer(r);
}

/* A handler may bring us back here (it may run the main loop's sources); the outer call goes on. */
static void pump(Monitor *mon)
{
    QmpRequest *r;

    if (mon->pumping) {
        return;
    }
    mon->pumping = true;
    while (!mon->busy && (r = g_queue_pop_head(&mon->requests)) != NULL) {
        begin(r);
    }
    mon->pumping = false;
}

static void on_value(void *opaque, json_t *value, const char *error)
{
    Monitor *mon = opaque;
    QmpRequest *r = qmp_request_new(mon, value, error);

    if (r->err == NULL && r->oob) {
        qmp_request_resolve(r);
        qmp_request_run(r);
        answer(r);
        return;
    }
    g_queue_push_tail(&mon->requests, r);
    pump(mon);
}

/* ---- the chardev's call-backs ---- */

static int on_can_read(void *opaque)
{
    const Monitor *mon = opaque;

    return monitor_can_read(mon) && mon->requests.length < QUEUE_MAX ? READ_MAX : 0;
}

static void on_read(void *opaque, const uint8_t *buf, size_t len)
{
    json_framer_feed(((Monitor *)opaque)->framer, buf, len);
}

static void drop_requests(Monitor *mon)
{
    QmpRequest *r;

    while ((r = g_queue_pop_head(&mon->requests)) != NULL) {
        qmp_request_free(r);
    }
}

static void start_session(Monitor *mon)
{
    mon->session++;
    mon->negotiated = mon->oob = false;
    json_framer_reset(mon->framer);
    drop_requests(mon);
    monitor_drop_output(mon);
}

static void on_event(void *opaque, ChardevEvent ev)
{
    Monitor *mon = opaque;

    if (ev == CHARDEV_EVENT_OPENED) {
        start_session(mon);
        send_json(mon, json_pack("{s:{s:o, s:[s]}}", "QMP", "version", version_json(),
                                 "capabilities", "oob"));
    } else if (ev == CHARDEV_EVENT_CLOSED) {
        start_session(mon);
    }
}

void qmp_monitor_init(Monitor *mon, ChardevHandlers *fe)
{
    mon->framer = json_framer_new(on_value, mon);
    g_queue_init(&mon->requests);
    fe->can_read = on_can_read;
    fe->read = on_read;
    fe->event = on_event;
}

void qmp_monitor_clear(Monitor *mon)
{
    drop_requests(mon);
    json_framer_free(mon->framer);
}

/* ---- capabilities ---- */

bool qmp_qmp_capabilities(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    json_t *wanted = json_object_get(args, "enable");

    mon->oob = json_array_size(wanted) > 0; /* "oob" is the only value the type has */
    mon->negotiated = true;
    return true;
}

void qmp_emit(Vm *vm, const char *name, json_t *data)
{
    GPtrArray *all = monitors_of(vm);
    gint64 us = g_get_real_time();
    json_t *event = json_pack("{s:{s:I, s:I}, s:s}", "timestamp", "seconds",
                              (json_int_t)(us / G_USEC_PER_SEC), "microseconds",
                              (json_int_t)(us % G_USEC_PER_SEC), "event", name);

    if (data != NULL) {
        json_object_set_new(event, "data", data);
    }
    for (guint i = 0; all != NULL && i < all->len; i++) {
        Monitor *mon = g_ptr_array_index(all, i);

        if (mon->control && mon->negotiated) {
            g_autofree char *line = json_line(event, mon->pretty);

            monitor_write_event(mon, line, strlen(line));
        }
    }
    json_decref(event);
}
