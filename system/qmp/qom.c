/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Properties as QMP shows and takes them. */
#include <string.h>
#include "system/qmp-qom.h"

/* "-1" as the default of an unsigned property stands for its highest value. */
static json_t *negative_json(AccelPropType type, gint64 n)
{
    switch (type) {
    case ACCEL_PROP_UINT8:
        return json_integer((guint8)n);
    case ACCEL_PROP_UINT16:
        return json_integer((guint16)n);
    case ACCEL_PROP_UINT32:
        return json_integer((guint32)n);
    case ACCEL_PROP_UINT64:
    case ACCEL_PROP_SIZE:
        return json_uint64((guint64)n);
    default:
        return json_integer(n);
    }
}

static json_t *number_json(AccelPropType type, const char *text)
{
    guint64 u;

    if (text[0] == '-') {
        return negative_json(type, g_ascii_strtoll(text, NULL, 10));
    }
    if (!accel_parse_size(text, 1, &u)) {
        return json_text(text);
    }
    return json_uint64(u);
}

/* A list of numbers is a string property of type "[int]", "0,2-3" in text. */
static bool is_list(const AccelProp *prop)
{
    return prop->type_name != NULL && prop->type_name[0] == '[';
}

static json_t *list_json(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    json_t *list = json_array();

    for (char **p = parts; *p != NULL; p++) {
        gint64 from = g_ascii_strtoll(*p, NULL, 10), to = from;
        const char *dash = strchr(*p, '-');

        if (dash != NULL) {
            to = g_ascii_strtoll(dash + 1, NULL, 10);
        }
        for (; from <= to; from++) {
            json_array_append_new(list, json_integer(from));
        }
    }
    return list;
}

static char *list_text(json_t *v)
{
    GString *out = g_string_new(NULL);
    size_t i;
    json_t *e;

    json_array_foreach(v, i, e) {
        if (!json_is_integer(e)) {
            return g_string_free(out, TRUE);
        }
        g_string_append_printf(out, "%s%" JSON_INTEGER_FORMAT, i > 0 ? "," : "",
                               json_integer_value(e));
    }
    return g_string_free(out, FALSE);
}

json_t *qom_value_json(const AccelProp *prop, const char *text)
{
    gboolean on = FALSE;

    if (is_list(prop)) {
        return list_json(text);
    }
    switch (prop->type) {
    case ACCEL_PROP_BOOL:
        accel_parse_bool(text, &on);
        return json_boolean(on);
    case ACCEL_PROP_STRING:
    case ACCEL_PROP_LINK:
    case ACCEL_PROP_ENUM:
        return json_text(text);
    default:
        return number_json(prop->type, text);
    }
}

char *qom_value_text(const AccelProp *prop, json_t *v)
{
    if (is_list(prop)) {
        return json_is_array(v) ? list_text(v) : NULL;
    }
    switch (prop->type) {
    case ACCEL_PROP_BOOL:
        return json_is_boolean(v) ? g_strdup(json_is_true(v) ? "on" : "off") : NULL;
    case ACCEL_PROP_STRING:
    case ACCEL_PROP_LINK:
    case ACCEL_PROP_ENUM:
        return json_is_text(v) ? g_strdup(json_string_value(v)) : NULL;
    case ACCEL_PROP_UINT64:
    case ACCEL_PROP_SIZE:
        if (json_big_digits(v) != NULL) {
            return g_strdup(json_big_digits(v));
        }
        /* fall through */
    default:
        return json_is_integer(v) ? g_strdup_printf("%" JSON_INTEGER_FORMAT,
                                                    json_integer_value(v)) : NULL;
    }
}

const char *qom_expected(const AccelProp *prop)
{
    if (is_list(prop)) {
        return "array";
    }
    switch (prop->type) {
    case ACCEL_PROP_BOOL:
        return "boolean";
    case ACCEL_PROP_STRING:
    case ACCEL_PROP_LINK:
    case ACCEL_PROP_ENUM:
        return "string";
    default:
        return "integer";
    }
}

/* ---- tables of properties ---- */

/* What QEMU calls the type of a property: qom-* commands and device-list-properties differ. */
static const char *type_text(const AccelProp *prop, bool qdev)
{
    if (prop->type_name == NULL && prop->type == ACCEL_PROP_STRING) {
        return qdev ? "str" : "string";
    }
    if (prop->type_name == NULL && prop->type == ACCEL_PROP_LINK) {
        return "str";
    }
    return accel_prop_type_name(prop);
}

void qom_add_props(json_t *list, const AccelProp *p, bool qdev)
{
    for (; p != NULL && p->name != NULL; p++) {
        json_t *row = json_pack("{s:s, s:s}", "name", p->name, "type", type_text(p, qdev));

        if (p->help != NULL) {
            json_object_set_new(row, "description", json_text(p->help));
        }
        if (p->defval != NULL) {
            json_object_set_new(row, "default-value", qom_value_json(p, p->defval));
        }
        json_array_append_new(list, row);
    }
}

void qom_add_chain(json_t *list, const HwType *type, bool qdev)
{
    for (; type != NULL; type = type->parent) {
        qom_add_props(list, type->props, qdev);
    }
}

void qom_add_type_row(json_t *list)
{
    json_array_append_new(list, json_pack("{s:s, s:s}", "name", "type", "type", "string"));
}
