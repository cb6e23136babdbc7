/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The key=value parser. One copy of the text is cut up in place; the entries point into it, so an
 * argument costs three allocations however many keys it has.
 */
#include <string.h>
#include "accel/error.h"
#include "system/keyval.h"
#include "system/report.h"

KeyVals *keyvals_new(void)
{
    return g_new0(KeyVals, 1);
}

void keyvals_free(KeyVals *kv)
{
    if (kv == NULL) {
        return;
    }
    if (kv->chunk != NULL) {
        g_string_chunk_free(kv->chunk);
    }
    g_free(kv->buf);
    g_free(kv->v);
    g_free(kv);
}

void keyvals_add(KeyVals *kv, const char *key, const char *value)
{
    if (kv->chunk == NULL) {
        kv->chunk = g_string_chunk_new(128);
    }
    kv->v = g_renew(KeyVal, kv->v, kv->n + 1);
    kv->v[kv->n++] = (KeyVal){ g_string_chunk_insert(kv->chunk, key),
                               g_string_chunk_insert(kv->chunk, value), KEYVAL_TEXT };
}

/*
 * Cut one part off *@text: up to a single comma, ",," becoming one comma. The part is terminated in
 * place. Returns: start of the part; *@text moves behind the comma or becomes NULL.
 */
static char *cut_part(char **text)
{
    char *start = *text, *in = start, *out = start;

    while (*in != '\0') {
        if (in[0] == ',' && in[1] != ',') {
            *out = '\0';
            *text = in + 1;
            return start;
        }
        in += in[0] == ',';
        *out++ = *in++;
    }
    *out = '\0';
    *text = NULL;
    return start;
}

/* A part without '=': the implied key's value, or a switch; "nowait" means wait=off. */
static KeyVal bare_part(char *part, const char *implied)
{
    if (implied != NULL) {
        return (KeyVal){ implied, part, KEYVAL_TEXT };
    }
    if (strncmp(part, "no", 2) == 0 && strlen(part) > 2 && strcmp(part, "nodes") != 0) {
        return (KeyVal){ part + 2, "off", KEYVAL_BARE };
    }
    return (KeyVal){ part, "on", KEYVAL_BARE };
}

static guint count_parts(const char *text)
{
    guint n = 1;

    for (; *text != '\0'; text++) {
        n += *text == ',';
    }
    return n;
}

KeyVals *keyvals_parse(const char *text, const char *implied, GError **errp)
{
    KeyVals *kv;
    char *rest;

    if (text[0] == '{') {
        return keyvals_parse_json(text, errp);
    }
    kv = keyvals_new();
    kv->buf = rest = g_strdup(text);
    kv->v = g_new(KeyVal, count_parts(text));
    while (rest != NULL && *rest != '\0') {
        char *part = cut_part(&rest);
        char *eq = strchr(part, '=');

        if (eq == NULL) {
            kv->v[kv->n] = bare_part(part, kv->n == 0 ? implied : NULL);
            kv->n++;
        } else if (eq == part) {
            opt_error(errp, "Invalid parameter ''");
            keyvals_free(kv);
            return NULL;
        } else {
            *eq = '\0';
            kv->v[kv->n++] = (KeyVal){ part, eq + 1, KEYVAL_TEXT };
        }
    }
    return kv;
}

/* '_' and '-' are the same in keys. */
static bool same_key(const char *a, const char *b)
{
    for (; *a != '\0' && *b != '\0'; a++, b++) {
        if (*a != *b && !((*a == '_' || *a == '-') && (*b == '_' || *b == '-'))) {
            return false;
        }
    }
    return *a == *b;
}

const KeyVal *keyvals_find(const KeyVals *kv, const char *key)
{
    for (guint i = kv != NULL ? kv->n : 0; i-- > 0;) {
        if (same_key(kv->v[i].key, key)) {
            return &kv->v[i];
        }
    }
    return NULL;
}

const char *keyvals_get(const KeyVals *kv, const char *key)
{
    const KeyVal *e = keyvals_find(kv, key);

    return e != NULL ? e->value : NULL;
}

static bool is_help(const char *text)
{
    return strcmp(text, "help") == 0 || strcmp(text, "?") == 0;
}

bool keyvals_has_help(const KeyVals *kv)
{
    for (guint i = 0; i < kv->n; i++) {
        if ((kv->v[i].kind == KEYVAL_BARE && is_help(kv->v[i].key)) ||
            (i == 0 && is_help(kv->v[i].value))) {
            return true;
        }
    }
    return false;
}

void opt_error(GError **errp, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "%s", text);
}

void opt_error_suggest(GError **errp, const char *word, const char *const *candidates,
                       const char *fmt, ...)
{
    const char *close = report_suggest(word, candidates);
    GError *err = NULL;
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    accel_error_set(&err, ACCEL_ERROR_INVALID, NULL, "%s", text);
    if (close != NULL) {
        g_autofree char *remedy = g_strdup_printf("did you mean '%s'?", close);

        accel_error_add_remedy(err, remedy);
    }
    g_propagate_error(errp, err);
}
