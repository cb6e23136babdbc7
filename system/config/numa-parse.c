/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The values of a -numa option or a set-numa-node, by a table of members per type.
 *
 * Theory of operation: first what has to be there and what it is, in the order of the table, then
 * what nobody asked for: the order in which QEMU complains. Text and JSON have different words for
 * the same mistake. CPU lists are "cpus=0-3,cpus=7" in text and an array in JSON.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "accel/prop.h"
#include "system/config/numa-internal.h"

static const struct {
    uint64_t max;
    const char *word; /* of a value that is too large */
} kinds[] = {
    [NK_UINT8] = { UINT8_MAX, "uint8_t" },
    [NK_UINT16] = { UINT16_MAX, "uint16_t" },
    [NK_UINT32] = { UINT32_MAX, "uint32_t" },
    [NK_UINT64] = { UINT64_MAX, "uint64" },
    [NK_INT64] = { INT64_MAX, "int64" },
    [NK_SIZE] = { UINT64_MAX, "uint64" },
};

static gboolean expects(const char *key, const char *what, GError **errp)
{
    opt_error(errp, "Parameter '%s' expects %s", key, what);
    return FALSE;
}

static gboolean bad_value(const NumaMember *m, const KeyVal *e, GError **errp)
{
    bool json = e->kind != KEYVAL_TEXT && e->kind != KEYVAL_BARE;

    if (m->kind == NK_SIZE) {
        return expects(m->name, json ? "uint64" : "a size value", errp);
    }
    if (m->kind == NK_INT64) {
        return expects(m->name, json ? "int64" : "an int64 value", errp);
    }
    return expects(m->name, json ? "uint64" : "a uint64 value", errp);
}

static bool parse_number(const char *text, uint64_t *out)
{
    char *end;

    if (!g_ascii_isdigit(*text)) {
        return false;
    }
    errno = 0;
    *out = strtoull(text, &end, 0);
    return errno == 0 && *end == '\0';
}

static bool parse_signed(const char *text, uint64_t *out)
{
    char *end;

    errno = 0;
    *out = (uint64_t)strtoll(text, &end, 0);
    return errno == 0 && end != text && *end == '\0';
}

static gboolean get_number(const NumaMember *m, const KeyVal *e, NumaValues *out, GError **errp)
{
    uint64_t *v = &out->num[m->field];
    guint64 size;
    bool ok;

    if (e->kind == KEYVAL_STRING || e->kind == KEYVAL_BOOL) {
        return bad_value(m, e, errp);
    }
    if (m->kind == NK_SIZE) {
        ok = accel_parse_size(e->value, 1, &size);
        *v = size;
    } else {
        ok = m->kind == NK_INT64 ? parse_signed(e->value, v) : parse_number(e->value, v);
    }
    if (!ok) {
        return bad_value(m, e, errp);
    }
    return m->kind == NK_INT64 || *v <= kinds[m->kind].max ||
           expects(m->name, kinds[m->kind].word, errp);
}

static gboolean get_text(const NumaMember *m, const KeyVal *e, NumaValues *out, GError **errp)
{
    int index = 0;

    if (e->kind == KEYVAL_NUMBER || e->kind == KEYVAL_BOOL) {
        opt_error(errp, "Invalid parameter type for '%s', expected: string", m->name);
        return FALSE;
    }
    if (m->kind == NK_TEXT) {
        out->memdev = e->value;
        return TRUE;
    }
    if (!parse_enum_value(m->name, e->value, m->values, &index, errp)) {
        return FALSE;
    }
    out->num[m->field] = (uint64_t)index;
    return TRUE;
}

/* ---- lists ---- */

/* "cpus" in text, "cpus.0" in JSON. */
static bool is_element(const KeyVal *e, const char *name)
{
    size_t len = strlen(name);

    return strncmp(e->key, name, len) == 0 &&
           (e->key[len] == '\0' || (e->key[len] == '.' && g_ascii_isdigit(e->key[len + 1])));
}

/* "3" or "0-3". */
static bool parse_range(const char *text, uint64_t *from, uint64_t *to)
{
    char *end;

    if (!g_ascii_isdigit(*text)) {
        return false;
    }
    errno = 0;
    *from = *to = strtoull(text, &end, 0);
    if (*end == '-' && g_ascii_isdigit(end[1])) {
        *to = strtoull(end + 1, &end, 0);
    }
    return errno == 0 && *end == '\0' && *from <= *to;
}

static gboolean check_element(const NumaMember *m, const KeyVal *e, GError **errp)
{
    if (e->kind == KEYVAL_STRING || e->kind == KEYVAL_BOOL) {
        return expects(e->key, "uint64", errp);
    }
    if (e->kind == KEYVAL_NUMBER && strcmp(e->key, m->name) == 0) {
        opt_error(errp, "Invalid parameter type for '%s', expected: array", m->name);
        return FALSE;
    }
    return TRUE;
}

static gboolean add_range(const NumaMember *m, const KeyVal *e, GArray *list, GError **errp)
{
    uint64_t from, to;

    if (!check_element(m, e, errp)) {
        return FALSE;
    }
    if (!parse_range(e->value, &from, &to)) {
        return expects(m->name, "a uint64 value or range", errp);
    }
    if (to > UINT16_MAX) {
        return expects(m->name, "uint16_t", errp);
    }
    for (; from <= to; from++) {
        uint16_t v = (uint16_t)from;

        g_array_append_val(list, v);
    }
    return TRUE;
}

static gboolean get_list(const NumaMember *m, const KeyVals *kv, NumaValues *out, GError **errp)
{
    for (guint i = 0; i < kv->n; i++) {
        if (!is_element(&kv->v[i], m->name)) {
            continue;
        }
        if (out->cpus == NULL) {
            out->cpus = g_array_new(FALSE, FALSE, sizeof(uint16_t));
        }
        if (!add_range(m, &kv->v[i], out->cpus, errp)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* ---- all of them ---- */

static gboolean get_member(const NumaMember *m, const KeyVals *kv, NumaValues *out, GError **errp)
{
    const KeyVal *e = keyvals_find(kv, m->name);

    if (m->kind == NK_LIST) {
        return get_list(m, kv, out, errp);
    }
    if (e == NULL) {
        if (m->required) {
            opt_error(errp, "Parameter '%s' is missing", m->name);
        }
        return !m->required;
    }
    out->given[m->field] = true;
    return m->kind == NK_TEXT || m->kind == NK_ENUM ? get_text(m, e, out, errp)
                                                    : get_number(m, e, out, errp);
}

static bool is_known(const KeyVal *e, const NumaMember *m)
{
    for (; m->name != NULL; m++) {
        KeyVals one = { .v = (KeyVal *)e, .n = 1 };

        if (m->kind == NK_LIST ? is_element(e, m->name) : keyvals_find(&one, m->name) != NULL) {
            return true;
        }
    }
    return strcmp(e->key, "type") == 0;
}

gboolean numa_parse(const KeyVals *kv, const NumaMember *members, NumaValues *out, GError **errp)
{
    for (const NumaMember *m = members; m->name != NULL; m++) {
        if (!get_member(m, kv, out, errp)) {
            return FALSE;
        }
    }
    for (guint i = 0; i < kv->n; i++) {
        if (!is_known(&kv->v[i], members)) {
            opt_error(errp, kv->json ? "Parameter '%s' is unexpected" : "Invalid parameter '%s'",
                      kv->v[i].key);
            return FALSE;
        }
    }
    return TRUE;
}

void numa_values_clear(NumaValues *v)
{
    g_clear_pointer(&v->cpus, g_array_unref);
}
