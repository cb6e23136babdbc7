/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The asserting layer over the monitor; see assert.c. */
#include "aq-private.h"

#include <stdlib.h>
#include <string.h>

static json_t *round_va(AqVM *vm, GError **error, const char *fmt, va_list ap) G_GNUC_PRINTF(3, 0);

static json_t *round_va(AqVM *vm, GError **error, const char *fmt, va_list ap)
{
    json_t *request = aq_json_new_va(error, fmt, ap);

    return request ? aq_qmp_round(vm, request, NULL, 0, error) : NULL;
}

json_t *aq_at_qmp(AQ_WHERE, AqVM *vm, const char *fmt, ...)
{
    GError *error = NULL;
    json_t *response;
    va_list ap;

    va_start(ap, fmt);
    response = round_va(vm, &error, fmt, ap);
    va_end(ap);
    AQ_CHECK(fmt);
    return response;
}

json_t *aq_at_qmp_ok(AQ_WHERE, AqVM *vm, const char *fmt, ...)
{
    GError *error = NULL;
    json_t *value;
    va_list ap;

    va_start(ap, fmt);
    value = round_va(vm, &error, fmt, ap);
    va_end(ap);
    value = value ? aq_qmp_value(value, &error) : NULL;
    AQ_CHECK(fmt);
    return value;
}

/* NULL when @response is an error of class @klass, else what it is instead (g_free). */
static char *not_that_error(json_t *response, const char *klass)
{
    json_t *why = json_object_get(response, "error");
    const char *got = json_string_value(json_object_get(why, "class"));
    g_autofree char *text = NULL;
    char *dump;

    if (got && (!klass || !strcmp(got, klass))) {
        return NULL;
    }
    dump = json_dumps(response, JSON_COMPACT);
    text = g_strdup(dump);
    free(dump);
    return g_strdup_printf("expected an error of class %s: %s", klass ? klass : "any", text);
}

void aq_at_qmp_error(AQ_WHERE, AqVM *vm, const char *klass, const char *fmt, ...)
{
    GError *error = NULL;
    json_t *response;
    va_list ap;

    va_start(ap, fmt);
    response = round_va(vm, &error, fmt, ap);
    va_end(ap);
    if (response) {
        g_autofree char *wrong = not_that_error(response, klass);

        json_decref(response);
        if (wrong) {
            aq_fail(&error, AQ_ERROR_PROTOCOL, "%s", wrong);
        }
    }
    AQ_CHECK(fmt);
}

json_t *aq_at_event(AQ_WHERE, AqVM *vm, const char *name)
{
    GError *error = NULL;
    json_t *event = aq_try_event(vm, name, vm->timeout_ms, &error);

    AQ_CHECK("event");
    return event;
}

char *aq_at_hmp(AQ_WHERE, AqVM *vm, const char *fmt, ...)
{
    g_autofree char *command = NULL;
    GError *error = NULL;
    char *text;
    va_list ap;

    va_start(ap, fmt);
    command = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    text = aq_try_hmp(vm, &error, "%s", command);
    AQ_CHECK(command);
    return text;
}
