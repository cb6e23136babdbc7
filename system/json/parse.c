/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON, tokens to one value: recursive descent over text whose tokens are known to be well-formed
 * and whose depth is bounded by the framer. Error texts are QEMU's.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "system/json.h"

typedef struct Parser {
    const char *p, *end;
    char *error; /* the first one */
} Parser;

static json_t *value(Parser *ps);

static json_t *fail(Parser *ps, const char *text)
{
    if (ps->error == NULL) {
        ps->error = g_strdup_printf("JSON parse error, %s", text);
    }
    return NULL;
}

/* The first byte of the next token, 0 at the end. */
static char peek(Parser *ps)
{
    while (ps->p < ps->end && *ps->p == ' ') {
        ps->p++;
    }
    return ps->p < ps->end ? *ps->p : '\0';
}

/* What comes is not @text, or nothing comes any more. */
static json_t *fail_next(Parser *ps, const char *text)
{
    return fail(ps, peek(ps) == '\0' ? "premature EOI" : text);
}

static bool accept(Parser *ps, char c)
{
    if (peek(ps) != c) {
        return false;
    }
    ps->p++;
    return true;
}

/* From the opening quote. Returns: (transfer full) or NULL. */
static GString *string(Parser *ps)
{
    char quote = *ps->p++;
    const char *begin = ps->p;
    GString *out;

    while (*ps->p != quote) {
        ps->p += *ps->p == '\\' ? 2 : 1;
    }
    out = g_string_sized_new(ps->p - begin);
    if (!json_decode_string(begin, ps->p - begin, out, &ps->error)) {
        g_string_free(out, TRUE);
        return NULL;
    }
    ps->p++;
    return out;
}

static json_t *string_value(Parser *ps)
{
    GString *text = string(ps);
    json_t *ret;

    if (text == NULL) {
        return NULL;
    }
    ret = json_stringn_nocheck(text->str, text->len);
    g_string_free(text, TRUE);
    return ret;
}

/* An integer stays one as long as it fits into 64 bits, with or without a sign. */
static json_t *number(Parser *ps)
{
    const char *begin = ps->p;
    size_t len = strcspn(begin, " ");
    double real;

    ps->p += len;
    if (strcspn(begin, ".eE") >= len) {
        long long n;
        guint64 u;

        errno = 0;
        n = strtoll(begin, NULL, 10);
        if (errno == 0) {
            return json_integer(n);
        }
        errno = 0;
        u = g_ascii_strtoull(begin, NULL, 10);
        if (errno == 0 && begin[0] != '-') {
            return json_uint64(u);
        }
    }
    real = g_ascii_strtod(begin, NULL);
    return isfinite(real) ? json_real(real) : fail(ps, "number out of range");
}

static json_t *keyword(Parser *ps)
{
    size_t len = strcspn(ps->p, " ");
    g_autofree char *word = g_strndup(ps->p, len);

    ps->p += len;
    if (strcmp(word, "true") == 0) {
        return json_true();
    }
    if (strcmp(word, "false") == 0) {
        return json_false();
    }
    if (strcmp(word, "null") == 0) {
        return json_null();
    }
    if (ps->error == NULL) {
        ps->error = g_strdup_printf("JSON parse error, invalid keyword '%s'", word);
    }
    return NULL;
}

static bool member(Parser *ps, json_t *object)
{
    char first = peek(ps);
    GString *key;
    json_t *v;
    bool ok;

    if (first != '"' && first != '\'') {
        v = value(ps);
        fail(ps, v != NULL ? "key is not a string in object" : "expecting value");
        json_decref(v);
        return false;
    }
    key = string(ps);
    if (key == NULL) {
        return false;
    }
    if (!accept(ps, ':')) {
        fail_next(ps, "missing : in object pair");
    } else if (strlen(key->str) != key->len) {
        fail(ps, "zero byte in key");
    } else if ((v = value(ps)) != NULL) {
        if (json_object_get(object, key->str) != NULL) {
            json_decref(v);
            fail(ps, "duplicate key");
        } else {
            json_object_set_new_nocheck(object, key->str, v);
        }
    }
    ok = ps->error == NULL;
    g_string_free(key, TRUE);
    return ok;
}

static json_t *object(Parser *ps)
{
    json_t *obj = json_object();

    ps->p++;
    if (accept(ps, '}')) {
        return obj;
    }
    while (member(ps, obj)) {
        if (accept(ps, '}')) {
            return obj;
        }
        if (!accept(ps, ',')) {
            fail_next(ps, "expected separator in dict");
            break;
        }
    }
    json_decref(obj);
    return NULL;
}

static json_t *array(Parser *ps)
{
    json_t *list = json_array(), *v;

    ps->p++;
    if (accept(ps, ']')) {
        return list;
    }
    while ((v = value(ps)) != NULL) {
        json_array_append_new(list, v);
        if (accept(ps, ']')) {
            return list;
        }
        if (!accept(ps, ',')) {
            fail_next(ps, "expected separator in list");
            break;
        }
    }
    json_decref(list);
    return NULL;
}

static json_t *value(Parser *ps)
{
    char c = peek(ps);

    if (c == '{') {
        return object(ps);
    }
    if (c == '[') {
        return array(ps);
    }
    if (c == '"' || c == '\'') {
        return string_value(ps);
    }
    if (c == '-' || g_ascii_isdigit(c)) {
        return number(ps);
    }
    return g_ascii_islower(c) ? keyword(ps) : fail_next(ps, "expecting value");
}

json_t *json_parse_tokens(const char *text, size_t len, char **error)
{
    Parser ps = { text, text + len, NULL };
    json_t *v = value(&ps);

    *error = ps.error;
    return v;
}
