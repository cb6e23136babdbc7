/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The monitor: JSON objects both ways. Events may come between a request and its response and are
 * kept in order until somebody waits for them. As on the qtest stream, a response that never came
 * marks the stream as out of step; waiting in vain for an event does not.
 */
#include "aq-private.h"

#include <stdlib.h>
#include <string.h>

static json_t *parse_object(const char *text, gsize len, GError **error)
{
    json_error_t why;
    json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);

    if (!object) {
        aq_fail(error, AQ_ERROR_PROTOCOL, "QMP: %s in %.*s", why.text, (int)MIN(len, 200), text);
    }
    return object;
}

/* The next object, event or not. */
static json_t *read_object(AqVM *vm, gint64 deadline, GError **error)
{
    AqStream *s = &vm->qmp;
    AqJsonScan scan = { 0 };
    gsize used;

    s->scanned = s->pos;
    for (;;) {
        const char *more = (const char *)s->in->data + s->scanned;
        AqScanResult result = aq_json_scan(&scan, more, s->in->len - s->scanned, &used);

        s->scanned += used;
        if (result == AQ_SCAN_BAD) {
            s->broken = TRUE;
            aq_fail(error, AQ_ERROR_PROTOCOL, "QMP: not an object: '%.*s'",
                    (int)MIN(s->scanned - s->pos, 80), (const char *)s->in->data + s->pos);
            return NULL;
        }
        if (result == AQ_SCAN_DONE) {
            gsize len = s->scanned - s->pos;
            const char *text = (const char *)s->in->data + s->pos;

            aq_stream_consume(s, len);
            return parse_object(text, len, error);
        }
        if (!aq_stream_fill(vm, s, deadline, error)) {
            return NULL;
        }
    }
}

static gboolean is_event(json_t *object)
{
    return json_is_string(json_object_get(object, "event"));
}

json_t *aq_try_qmp_receive(AqVM *vm, GError **error)
{
    gint64 deadline = aq_deadline(vm->timeout_ms);
    json_t *object;

    if (!aq_stream_usable(&vm->qmp, error)) {
        return NULL;
    }
    for (;;) {
        object = read_object(vm, deadline, error);
        if (!object || !is_event(object)) {
            return object;
        }
        g_queue_push_tail(&vm->events, object);
        if (g_get_monotonic_time() > deadline) {
            aq_fail(error, AQ_ERROR_TIMEOUT, "events without end, and no response");
            return NULL;
        }
    }
}

static gint event_differs(gconstpointer object, gconstpointer name)
{
    json_t *event = json_object_get((json_t *)(uintptr_t)object, "event");

    return strcmp(json_string_value(event), name);
}

json_t *aq_try_event(AqVM *vm, const char *name, unsigned timeout_ms, GError **error)
{
    gint64 deadline = aq_deadline(timeout_ms);
    GList *found = g_queue_find_custom(&vm->events, name, event_differs);
    json_t *object;

    if (found) {
        object = found->data;
        g_queue_delete_link(&vm->events, found);
        return object;
    }
    if (!aq_stream_usable(&vm->qmp, error)) {
        return NULL;
    }
    while ((object = read_object(vm, deadline, error))) {
        if (!is_event(object)) {
            json_decref(object);
            vm->qmp.broken = TRUE;
            aq_fail(error, AQ_ERROR_PROTOCOL, "QMP: a response that nobody asked for, while "
                    "waiting for event %s", name);
            return NULL;
        }
        if (!event_differs(object, name)) {
            return object;
        }
        g_queue_push_tail(&vm->events, object);
        if (g_get_monotonic_time() > deadline) {
            aq_fail(error, AQ_ERROR_TIMEOUT, "other events without end, and no %s", name);
            return NULL;
        }
    }
    g_prefix_error(error, "event %s: ", name);
    return NULL;
}

void aq_events_clear(AqVM *vm)
{
    json_t *object;

    while ((object = g_queue_pop_head(&vm->events))) {
        json_decref(object);
    }
}

gboolean aq_try_qmp_send_raw(AqVM *vm, const char *data, gssize len, GError **error)
{
    return aq_stream_usable(&vm->qmp, error) &&
        aq_stream_send(vm, &vm->qmp, data, len < 0 ? strlen(data) : (gsize)len, error);
}

gboolean aq_try_qmp_send(AqVM *vm, json_t *request, const int *fds, size_t n_fds, GError **error)
{
    char *text;
    gsize len;
    gboolean ok;

    if (!aq_stream_usable(&vm->qmp, error)) {
        return FALSE;
    }
    text = json_dumps(request, JSON_COMPACT);
    if (!text) {
        return aq_fail(error, AQ_ERROR_USAGE, "a request is an object");
    }
    len = strlen(text);
    text[len] = '\n';
    ok = aq_stream_send_fds(vm, &vm->qmp, text, len + 1, fds, n_fds, error);
    free(text);
    return ok;
}

/* Request, then its response; consumes @request. */
json_t *aq_qmp_round(AqVM *vm, json_t *request, const int *fds, size_t n_fds, GError **error)
{
    gboolean sent = aq_try_qmp_send(vm, request, fds, n_fds, error);
    json_t *response = sent ? aq_try_qmp_receive(vm, error) : NULL;

    json_decref(request);
    if (sent && !response) {
        vm->qmp.broken = TRUE;
        return NULL;
    }
    if (response && !json_object_get(response, "return") && !json_object_get(response, "error")) {
        json_decref(response);
        vm->qmp.broken = TRUE;
        aq_fail(error, AQ_ERROR_PROTOCOL, "QMP: a response with neither 'return' nor 'error'");
        return NULL;
    }
    return response;
}

/* The value of "return", or AQ_ERROR_QMP; consumes @response. */
json_t *aq_qmp_value(json_t *response, GError **error)
{
    json_t *value = json_incref(json_object_get(response, "return"));
    json_t *why = json_object_get(response, "error");

    if (response && !value) {
        const char *klass = json_string_value(json_object_get(why, "class"));
        const char *desc = json_string_value(json_object_get(why, "desc"));

        aq_fail(error, klass && desc ? AQ_ERROR_QMP : AQ_ERROR_PROTOCOL, "%s: %s",
                klass ? klass : "QMP error without class", desc ? desc : "no desc");
    }
    json_decref(response);
    return value;
}
