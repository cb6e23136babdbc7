/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON from a template with holes: 'execute': %s and so on. The template is rewritten to plain JSON
 * text (single quotes become double ones, holes become escaped values) and parsed by jansson, so
 * that whatever comes out is valid. Holes inside of strings are refused: they would be neither
 * escaped nor what the caller meant.
 */
#include "aq-private.h"

#include <stdlib.h>
#include <string.h>

/* Append a value as JSON text; consumes the reference. */
static gboolean put_json(GString *out, json_t *value, GError **error)
{
    char *dumped = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;

    json_decref(value);
    if (!dumped) {
        return aq_fail(error, AQ_ERROR_USAGE, "a value that JSON cannot hold (NULL, not UTF-8, "
                       "not finite)");
    }
    g_string_append(out, dumped);
    free(dumped);
    return TRUE;
}

static gboolean put_integer(GString *out, const char *spec, va_list *ap, GError **error)
{
    gsize len = strlen(spec);
    gboolean is_signed = spec[len - 1] == 'd';

    if (len == 1) {
        g_string_append_printf(out, is_signed ? "%d" : "%u", va_arg(*ap, int));
    } else if (len == 2 && (spec[0] == 'l' || spec[0] == 'z')) {
        g_string_append_printf(out, is_signed ? "%ld" : "%lu", va_arg(*ap, long));
    } else if (len == 3 && spec[0] == 'l' && spec[1] == 'l') {
        g_string_append_printf(out, is_signed ? "%lld" : "%llu", va_arg(*ap, long long));
    } else {
        return aq_fail(error, AQ_ERROR_USAGE, "template: cannot interpolate %%%s", spec);
    }
    return TRUE;
}

static gboolean put_hole(GString *out, const char *spec, va_list *ap, GError **error)
{
    char kind = spec[strlen(spec) - 1];

    if (kind == 'd' || kind == 'u') {
        return put_integer(out, spec, ap, error);
    }
    switch (strlen(spec) == 1 ? kind : '?') {   /* the others take no length */
    case 'i':
        g_string_append(out, va_arg(*ap, int) ? "true" : "false");
        return TRUE;
    case 's': {
        const char *text = va_arg(*ap, const char *);
        return put_json(out, text ? json_string(text) : NULL, error);
    }
    case 'f':
        return put_json(out, json_real(va_arg(*ap, double)), error);
    case 'p':
        return put_json(out, json_incref(va_arg(*ap, json_t *)), error);
    default:
        return aq_fail(error, AQ_ERROR_USAGE, "template: cannot interpolate %%%s", spec);
    }
}

/* Copy the string that starts at @p (a quote) as a JSON string; the byte after it, or NULL. */
static const char *put_string(GString *out, const char *p, GError **error)
{
    char quote = *p++;

    g_string_append_c(out, '"');
    for (; *p && *p != quote; p++) {
        if (*p == '%' && *++p != '%') {
            aq_fail(error, AQ_ERROR_USAGE, "template: %% in a string; use %%s for all of it");
            return NULL;
        }
        if (*p == '"') {
            g_string_append_c(out, '\\');
        } else if (*p == '\\' && p[1] == '\'') {
            p++;
        } else if (*p == '\\' && p[1]) {
            g_string_append_c(out, *p++);
        }
        g_string_append_c(out, *p);
    }
    g_string_append_c(out, '"');
    if (!*p) {
        aq_fail(error, AQ_ERROR_USAGE, "template: a string without an end");
        return NULL;
    }
    return p + 1;
}

static gboolean expand(GString *out, const char *p, va_list *ap, GError **error)
{
    while (p && *p) {
        if (*p == '"' || *p == '\'') {
            p = put_string(out, p, error);
        } else if (*p == '%') {
            gsize len = strspn(p + 1, "lz");
            g_autofree char *spec = g_strndup(p + 1, len + (p[1 + len] != '\0'));

            if (!*spec || !put_hole(out, spec, ap, error)) {
                return *spec ? FALSE : aq_fail(error, AQ_ERROR_USAGE, "template ends in %%");
            }
            p += 1 + strlen(spec);
        } else {
            g_string_append_c(out, *p++);
        }
    }
    return p != NULL;
}

json_t *aq_json_new_va(GError **error, const char *fmt, va_list ap)
{
    GString *text = g_string_new(NULL);
    json_t *value = NULL;
    json_error_t why;
    va_list copy;

    va_copy(copy, ap);
    if (expand(text, fmt, &copy, error)) {
        value = json_loadb(text->str, text->len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
        if (!value) {
            aq_fail(error, AQ_ERROR_USAGE, "template: %s in %s", why.text, text->str);
        }
    }
    va_end(copy);
    g_string_free(text, TRUE);
    return value;
}

json_t *aq_json_new(GError **error, const char *fmt, ...)
{
    json_t *value;
    va_list ap;

    va_start(ap, fmt);
    value = aq_json_new_va(error, fmt, ap);
    va_end(ap);
    return value;
}
