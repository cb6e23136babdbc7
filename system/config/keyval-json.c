/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Option arguments in JSON: an object is flattened into the same entries that key=value text gives,
 * so that nobody behind the parser has to know which form was used.
 */
#include <jansson.h>
#include <string.h>
#include "system/json.h"
#include "system/keyval.h"

typedef struct Flatten {
    KeyVals *kv;
    GArray *rows;
    GError **errp;
} Flatten;

static void add_row(Flatten *f, const char *key, const char *value, KeyValKind kind)
{
    KeyVal row = { g_string_chunk_insert(f->kv->chunk, key),
                   g_string_chunk_insert(f->kv->chunk, value), kind };

    g_array_append_val(f->rows, row);
}

/* Options are C strings: what stands behind a zero byte would be lost. */
static gboolean add_string(Flatten *f, const char *key, const json_t *value)
{
    const char *text = json_string_value(value);

    if (json_big_digits(value) != NULL) {
        add_row(f, key, json_big_digits(value), KEYVAL_NUMBER);
        return TRUE;
    }
    if (strlen(text) != json_string_length(value)) {
        opt_error(f->errp, "Parameter '%s' must not contain a zero byte", key);
        return FALSE;
    }
    add_row(f, key, text, KEYVAL_STRING);
    return TRUE;
}

/* With a point or an exponent, so that nobody takes 1e9 for an integer. */
static void add_real(Flatten *f, const char *key, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE + 2];

    g_ascii_dtostr(text, G_ASCII_DTOSTR_BUF_SIZE, value);
    if (strpbrk(text, ".e") == NULL) {
        strcat(text, ".0");
    }
    add_row(f, key, text, KEYVAL_NUMBER);
}

static gboolean flatten(Flatten *f, const char *key, json_t *value, int depth);

static char *join(const char *prefix, const char *name)
{
    return prefix[0] != '\0' ? g_strdup_printf("%s.%s", prefix, name) : g_strdup(name);
}

static gboolean flatten_object(Flatten *f, const char *prefix, json_t *object, int depth)
{
    const char *name;
    json_t *value;

    json_object_foreach(object, name, value) {
        g_autofree char *key = join(prefix, name);

        if (!flatten(f, key, value, depth + 1)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean flatten_array(Flatten *f, const char *prefix, json_t *array, int depth)
{
    size_t i;
    json_t *value;

    json_array_foreach(array, i, value) {
        g_autofree char *key = g_strdup_printf("%s.%zu", prefix, i);

        if (!flatten(f, key, value, depth + 1)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean flatten(Flatten *f, const char *key, json_t *value, int depth)
{
    char number[32];

    if (depth > 16) {
        opt_error(f->errp, "JSON nesting is too deep");
        return FALSE;
    }
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return flatten_object(f, key, value, depth);
    case JSON_ARRAY:
        return flatten_array(f, key, value, depth);
    case JSON_STRING:
        return add_string(f, key, value);
    case JSON_INTEGER:
        g_snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        add_row(f, key, number, KEYVAL_NUMBER);
        break;
    case JSON_REAL:
        add_real(f, key, json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        add_row(f, key, json_is_true(value) ? "on" : "off", KEYVAL_BOOL);
        break;
    default:
        break; /* null: not given */
    }
    return TRUE;
}

KeyVals *keyvals_from_json(json_t *object, GError **errp)
{
    KeyVals *kv = keyvals_new();
    Flatten f = { kv, g_array_new(FALSE, FALSE, sizeof(KeyVal)), errp };
    gboolean ok;

    kv->json = true;
    kv->chunk = g_string_chunk_new(256);
    ok = flatten_object(&f, "", object, 0);
    kv->n = f.rows->len;
    kv->v = (KeyVal *)(void *)g_array_free(f.rows, FALSE);
    if (!ok) {
        keyvals_free(kv);
        return NULL;
    }
    return kv;
}

KeyVals *keyvals_parse_json(const char *text, GError **errp)
{
    g_autofree char *error = NULL;
    json_t *root = json_from_text(text, strlen(text), &error);
    KeyVals *kv;

    if (root == NULL) {
        opt_error(errp, "%s", error);
        return NULL;
    }
    kv = keyvals_from_json(root, errp);
    json_decref(root);
    return kv;
}
