/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Checking key=value arguments against the table of keys that an option takes, and reading typed
 * values out of them. Texts are QEMU's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "accel/error.h"
#include "accel/prop.h"
#include "system/keyval.h"
#include "system/report.h"

static const char *type_word(KeyType type)
{
    static const char *const words[] = {
        [KEY_STR] = "str",  [KEY_BOOL] = "bool (on/off)", [KEY_NUM] = "num", [KEY_INT] = "num",
        [KEY_SIZE] = "size", [KEY_MB] = "size",            [KEY_ANY] = "any",
    };

    return words[type];
}

gboolean parse_bool_value(const char *key, const char *value, bool *out, GError **errp)
{
    gboolean b;

    if (!accel_parse_bool(value, &b)) {
        opt_error(errp, "Parameter '%s' expects 'on' or 'off'", key);
        return FALSE;
    }
    *out = b;
    return TRUE;
}

gboolean parse_int_value(const char *key, const char *value, int64_t *out, GError **errp)
{
    char *end;

    errno = 0;
    *out = strtoll(value, &end, 0);
    if (errno != 0 || end == value || *end != '\0') {
        opt_error(errp, "Parameter '%s' expects integer", key);
        return FALSE;
    }
    return TRUE;
}

gboolean parse_size_value(const char *key, const char *value, uint64_t unit, uint64_t *out,
                          GError **errp)
{
    guint64 v;

    if (!accel_parse_size(value, unit, &v)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID,
                        &(AccelErrorInfo){
                            .notes = "Optional suffix k, M, G, T, P or E means kilo-, mega-, "
                                     "giga-, tera-, peta-\nand exabytes, respectively.\n" },
                        "Parameter '%s' expects a non-negative number below 2^64", key);
        return FALSE;
    }
    *out = v;
    return TRUE;
}

gboolean parse_enum_value(const char *key, const char *value, const char *const *names, int *out,
                          GError **errp)
{
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], value) == 0) {
            *out = i;
            return TRUE;
        }
    }
    opt_error_suggest(errp, value, names, "Parameter '%s' does not accept value '%s'", key, value);
    return FALSE;
}

gboolean check_id(const char *id, GError **errp)
{
    const char *p = id;

    if (g_ascii_isalpha(*p)) {
        while (g_ascii_isalnum(*p) || (*p != '\0' && strchr("-._", *p) != NULL)) {
            p++;
        }
        if (*p == '\0') {
            return TRUE;
        }
    }
    accel_error_set(errp, ACCEL_ERROR_INVALID,
                    &(AccelErrorInfo){ .notes = "Identifiers consist of letters, digits, '-', "
                                                "'.', '_', starting with a letter.\n" },
                    "Parameter 'id' expects an identifier");
    return FALSE;
}

static gboolean check_number(const KeyVal *e, GError **errp)
{
    char *end;

    errno = 0;
    strtoull(e->value, &end, 0);
    if (errno != 0 || end == e->value || *end != '\0' || e->value[0] == '-') {
        opt_error(errp, "Parameter '%s' expects a number", e->key);
        return FALSE;
    }
    return TRUE;
}

static gboolean check_value(const KeyVal *e, const char *name, KeyType type, GError **errp)
{
    bool b;
    int64_t i;
    uint64_t u;

    switch (type) {
    case KEY_BOOL:
        return parse_bool_value(name, e->value, &b, errp);
    case KEY_NUM:
        return check_number(e, errp);
    case KEY_INT:
        return parse_int_value(name, e->value, &i, errp);
    case KEY_SIZE:
    case KEY_MB:
        return parse_size_value(name, e->value, 1, &u, errp);
    default:
        return TRUE;
    }
}

static void unknown_key(const char *key, const KeyDesc *desc, const char *dotted, GError **errp)
{
    g_autofree const char **names = NULL;
    guint n = 0;

    while (desc[n].name != NULL) {
        n++;
    }
    names = g_new(const char *, n + 1);
    for (guint i = 0; i <= n; i++) {
        names[i] = desc[i].name;
    }
    if (dotted != NULL) {
        opt_error_suggest(errp, key, names, "Parameter '%s.%s' is unexpected", dotted, key);
    } else {
        opt_error_suggest(errp, key, names, "Invalid parameter '%s'", key);
    }
}

static gboolean check_one(const KeyVal *e, const KeyDesc *desc, const char *dotted, GError **errp)
{
    const KeyDesc *d = desc;
    g_autofree char *full = NULL;

    while (d->name != NULL && strcmp(d->name, e->key) != 0) {
        d++;
    }
    if (e->kind == KEYVAL_BARE && (d->name == NULL || d->type == KEY_BOOL) && dotted == NULL) {
        report_warnf("short-form boolean option '%s%s' deprecated",
                     strcmp(e->value, "off") == 0 ? "no" : "", e->key);
        report_plain("Please use %s=%s instead", e->key, e->value);
    } else if (e->kind == KEYVAL_BARE && dotted != NULL) {
        opt_error(errp, "Expected '=' after parameter '%s'", e->key);
        return FALSE;
    }
    if (d->name == NULL) {
        unknown_key(e->key, desc, dotted, errp);
        return FALSE;
    }
    full = dotted != NULL ? g_strdup_printf("%s.%s", dotted, e->key) : NULL;
    return check_value(e, full != NULL ? full : e->key, d->type, errp);
}

gboolean keydesc_check(const KeyVals *kv, const KeyDesc *desc, const char *dotted, GError **errp)
{
    for (guint i = 0; i < kv->n; i++) {
        if (!check_one(&kv->v[i], desc, dotted, errp)) {
            return FALSE;
        }
    }
    return TRUE;
}

char *keydesc_help(const KeyDesc *desc)
{
    GString *out = g_string_new(NULL);

    for (; desc->name != NULL; desc++) {
        g_autofree char *left = g_strdup_printf("%s=<%s>", desc->name, type_word(desc->type));

        if (desc->help != NULL) {
            g_string_append_printf(out, "  %-22s - %s\n", left, desc->help);
        } else {
            g_string_append_printf(out, "  %s\n", left);
        }
    }
    return g_string_free(out, FALSE);
}

bool keyvals_bool(const KeyVals *kv, const char *key, bool *out)
{
    const char *v = keyvals_get(kv, key);

    return v != NULL && parse_bool_value(key, v, out, NULL);
}

bool keyvals_int(const KeyVals *kv, const char *key, int64_t *out)
{
    const char *v = keyvals_get(kv, key);

    return v != NULL && parse_int_value(key, v, out, NULL);
}
