/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Typed properties: one table row drives parsing, reading back, help and introspection.
 *
 * Setting is transactional: the row's check() sees the new value in place and, when it refuses, the
 * old one is put back. Error texts are QEMU's ("Parameter 'x' expects …"), one wording per type.
 */
#include <stdbool.h>
#include <string.h>
#include "accel/error.h"
#include "accel/prop.h"

typedef union Field {
    bool b;
    int e;
    gint64 i;
    guint8 u8;
    guint16 u16;
    guint32 u32;
    guint64 u64;
    char *s;
} Field;

static const struct {
    const char *name, *expects;
    size_t size;
} types[] = {
    [ACCEL_PROP_BOOL] = { "bool", "'on' or 'off'", sizeof(bool) },
    [ACCEL_PROP_INT64] = { "int64", "int64", sizeof(gint64) },
    [ACCEL_PROP_UINT8] = { "uint8", "uint8_t", sizeof(guint8) },
    [ACCEL_PROP_UINT16] = { "uint16", "uint16_t", sizeof(guint16) },
    [ACCEL_PROP_UINT32] = { "uint32", "uint32_t", sizeof(guint32) },
    [ACCEL_PROP_UINT64] = { "uint64", "uint64", sizeof(guint64) },
    [ACCEL_PROP_SIZE] = { "size", "a non-negative number below 2^64", sizeof(guint64) },
    [ACCEL_PROP_STRING] = { "str", "a string", sizeof(char *) },
    [ACCEL_PROP_ENUM] = { "enum", "one of its values", sizeof(int) },
    [ACCEL_PROP_LINK] = { "link", "the id of an object", sizeof(char *) },
};

static void *field(const void *obj, const AccelProp *prop)
{
    return (char *)obj + prop->offset;
}

static bool owns_string(const AccelProp *prop)
{
    return prop->type == ACCEL_PROP_STRING || prop->type == ACCEL_PROP_LINK;
}

const char *accel_prop_type_name(const AccelProp *prop)
{
    return prop->type_name != NULL ? prop->type_name : types[prop->type].name;
}

static bool same_name(const char *a, const char *b)
{
    for (; *a != '\0' && *b != '\0'; a++, b++) {
        if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_'))) {
            return false;
        }
    }
    return *a == *b;
}

const AccelProp *accel_prop_find(const AccelProp *table, const char *name)
{
    for (; table != NULL && table->name != NULL; table++) {
        if (same_name(table->name, name)) {
            return table;
        }
    }
    return NULL;
}

static gboolean parse_enum(const AccelProp *prop, const char *value, Field *out)
{
    for (int i = 0; prop->values[i] != NULL; i++) {
        if (strcmp(prop->values[i], value) == 0) {
            out->e = i;
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean parse_int64(const char *value, Field *out)
{
    guint64 n;
    bool negative = value[0] == '-';

    if (!accel_parse_size(value + negative, 1, &n) || n > (guint64)G_MAXINT64 + negative) {
        return FALSE;
    }
    out->i = negative ? (gint64)(0 - n) : (gint64)n;
    return TRUE;
}

static gboolean parse_unsigned(const char *value, size_t size, Field *out)
{
    guint64 n, max = size == 8 ? G_MAXUINT64 : ((guint64)1 << (size * 8)) - 1;

    if (!accel_parse_size(value, 1, &n) || n > max) {
        return FALSE;
    }
    switch (size) {
    case 1:
        out->u8 = (guint8)n;
        break;
    case 2:
        out->u16 = (guint16)n;
        break;
    case 4:
        out->u32 = (guint32)n;
        break;
    default:
        out->u64 = n;
        break;
    }
    return TRUE;
}

static gboolean parse(const AccelProp *prop, const char *value, Field *out)
{
    gboolean b;

    switch (prop->type) {
    case ACCEL_PROP_BOOL:
        if (!accel_parse_bool(value, &b)) {
            return FALSE;
        }
        out->b = b;
        return TRUE;
    case ACCEL_PROP_ENUM:
        return parse_enum(prop, value, out);
    case ACCEL_PROP_INT64:
        return parse_int64(value, out);
    case ACCEL_PROP_STRING:
    case ACCEL_PROP_LINK:
        out->s = g_strdup(value);
        return TRUE;
    default:
        return parse_unsigned(value, types[prop->type].size, out);
    }
}

static bool is_unsigned(const AccelProp *prop)
{
    return prop->type == ACCEL_PROP_UINT8 || prop->type == ACCEL_PROP_UINT16 ||
           prop->type == ACCEL_PROP_UINT32;
}

/* One of any size and sign: QEMU names the width only to a number that does not fit in. */
static bool is_number(const char *value)
{
    guint64 n;

    return accel_parse_size(value + (value[0] == '-'), 1, &n);
}

static void bad_value(const AccelProp *prop, const char *value, GError **errp)
{
    if (prop->type == ACCEL_PROP_ENUM) {
        g_autofree char *all = g_strjoinv(", ", (char **)prop->values);

        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "Parameter '%s' does not accept value '%s'", prop->name, value);
        if (errp != NULL) {
            g_autofree char *text = g_strdup_printf("values that it accepts: %s", all);

            accel_error_add_remedy(*errp, text);
        }
        return;
    }
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "Parameter '%s' expects %s", prop->name,
                    is_unsigned(prop) && !is_number(value) ? "uint64"
                                                           : types[prop->type].expects);
}

gboolean accel_prop_set(void *obj, const AccelProp *table, const char *owner, const char *name,
                        const char *value, GError **errp)
{
    const AccelProp *prop = accel_prop_find(table, name);
    Field new = { 0 }, old = { 0 };
    size_t size;

    if (prop == NULL) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "Property '%s.%s' not found", owner, name);
        return FALSE;
    }
    if (prop->read_only) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "Property '%s.%s' is not writable", owner,
                        name);
        return FALSE;
    }
    if (!parse(prop, value, &new)) {
        bad_value(prop, value, errp);
        return FALSE;
    }
    size = types[prop->type].size;
    memcpy(&old, field(obj, prop), size);
    memcpy(field(obj, prop), &new, size);
    if (prop->check != NULL && !prop->check(obj, prop, errp)) {
        memcpy(field(obj, prop), &old, size);
        if (owns_string(prop)) {
            g_free(new.s);
        }
        return FALSE;
    }
    if (owns_string(prop)) {
        g_free(old.s);
    }
    return TRUE;
}

void accel_prop_init(void *obj, const AccelProp *table)
{
    for (; table != NULL && table->name != NULL; table++) {
        Field value = { 0 };

        if (table->defval != NULL && parse(table, table->defval, &value)) {
            memcpy(field(obj, table), &value, types[table->type].size);
        }
    }
}

void accel_prop_clear(void *obj, const AccelProp *table)
{
    for (; table != NULL && table->name != NULL; table++) {
        if (owns_string(table)) {
            g_clear_pointer((char **)field(obj, table), g_free);
        }
    }
}

char *accel_prop_get(const void *obj, const AccelProp *prop)
{
    Field f = { 0 };

    memcpy(&f, field(obj, prop), types[prop->type].size);
    switch (prop->type) {
    case ACCEL_PROP_BOOL:
        return g_strdup(f.b ? "on" : "off");
    case ACCEL_PROP_ENUM:
        return g_strdup(prop->values[f.e]);
    case ACCEL_PROP_INT64:
        return g_strdup_printf("%" G_GINT64_FORMAT, f.i);
    case ACCEL_PROP_STRING:
    case ACCEL_PROP_LINK:
        return g_strdup(f.s != NULL ? f.s : "");
    default:
        /* little-endian or not: smaller fields were copied to the start of a zeroed union */
        return g_strdup_printf("%" G_GUINT64_FORMAT, prop->type == ACCEL_PROP_UINT8    ? f.u8
                                                     : prop->type == ACCEL_PROP_UINT16 ? f.u16
                                                     : prop->type == ACCEL_PROP_UINT32 ? f.u32
                                                                                       : f.u64);
    }
}

char *accel_prop_help(const AccelProp *table)
{
    GString *out = g_string_new(NULL);

    for (; table != NULL && table->name != NULL; table++) {
        g_autofree char *values =
            table->values != NULL ? g_strjoinv("|", (char **)table->values) : NULL;
        g_autofree char *left = g_strdup_printf(
            "%s=<%s>", table->name, values != NULL ? values : accel_prop_type_name(table));

        g_string_append_printf(out, "  %-30s", left);
        g_string_append_printf(out, " - %s", table->help != NULL ? table->help : "");
        if (table->defval != NULL) {
            g_string_append_printf(out, " (default: %s)", table->defval);
        }
        g_string_append_c(out, '\n');
    }
    return g_string_free(out, FALSE);
}
