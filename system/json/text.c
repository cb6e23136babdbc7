/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A text that is one JSON value: an option's argument. The same reader as for the wire, so that
 * both know the same values and say the same about the others; only that behind this text nothing
 * comes.
 */
#include "system/json.h"

typedef struct One {
    json_t *value;
    char *error; /* the first one */
} One;

static void on_value(void *opaque, json_t *value, const char *error)
{
    One *one = opaque;

    if (one->error != NULL) {
        json_decref(value);
    } else if (one->value != NULL) {
        json_decref(value);
        one->error = g_strdup("Expecting at most one JSON value");
    } else {
        one->value = value;
        one->error = g_strdup(error);
    }
}

json_t *json_from_text(const char *text, size_t len, char **error)
{
    One one = { 0 };
    JsonFramer *f = json_framer_new(on_value, &one);

    json_framer_feed(f, text, len);
    json_framer_end(f);
    json_framer_free(f);
    if (one.value == NULL && one.error == NULL) {
        one.error = g_strdup("Expecting a JSON value");
    }
    if (one.error != NULL) {
        json_decref(one.value);
        one.value = NULL;
    }
    *error = one.error;
    return one.value;
}
