/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: typed properties.
 *
 * A property is a row of a constant table: name, type, offset into the object, default, help. The
 * one table serves setting from text, reading back, `help` listings and introspection. Accelerators,
 * machines, devices and user-creatable objects all describe themselves with it.
 */
#ifndef ACCEL_PROP_H
#define ACCEL_PROP_H

#include <glib.h>
#include "accel/export.h"

G_BEGIN_DECLS

typedef enum AccelPropType {
    ACCEL_PROP_BOOL,   /* bool; on|off|yes|no|true|false|y|n */
    ACCEL_PROP_INT64,  /* gint64, size suffixes accepted */
    ACCEL_PROP_UINT8,
    ACCEL_PROP_UINT16,
    ACCEL_PROP_UINT32, /* size suffixes accepted */
    ACCEL_PROP_UINT64, /* size suffixes accepted */
    ACCEL_PROP_SIZE,   /* guint64 bytes, size suffixes accepted */
    ACCEL_PROP_STRING, /* char *, owned by the object */
    ACCEL_PROP_ENUM,   /* int, index into values[] */
    ACCEL_PROP_LINK,   /* char *, id of another object (chardev, memory backend) */
} AccelPropType;

typedef struct AccelProp AccelProp;
struct AccelProp {
    const char *name;
    AccelPropType type;
    size_t offset;             /* offsetof(object, field) */
    const char *defval;        /* text form; NULL: zero, false or NULL */
    const char *help;          /* one line, no full stop */
    const char *const *values; /* ACCEL_PROP_ENUM: NULL-terminated names */
    const char *type_name;     /* how introspection names the type; NULL: derived from type */
    /*
     * Called after a successful parse with the old value still restorable: return FALSE with an
     * error to refuse. May be NULL.
     */
    gboolean (*check)(void *obj, const AccelProp *prop, GError **errp);
    gboolean read_only;
};

/* Tables end with a row whose name is NULL. */
#define ACCEL_PROP_END { NULL, ACCEL_PROP_BOOL, 0, NULL, NULL, NULL, NULL, NULL, FALSE }

/* ACCEL_ERROR codes used here: ACCEL_ERROR_INVALID always. */

/** accel_prop_find: the row called @name ('_' and '-' are the same), or NULL. */
ACCEL_API const AccelProp *accel_prop_find(const AccelProp *table, const char *name);

/** accel_prop_init: set every property of @obj to its default. Fields must be zero or owned. */
ACCEL_API void accel_prop_init(void *obj, const AccelProp *table);

/**
 * accel_prop_set: parse @value into the property @name of @obj.
 * @owner: type name for "Property '<owner>.<name>' not found".
 * Returns: FALSE with @errp set; the old value is then still in place.
 */
ACCEL_API gboolean accel_prop_set(void *obj, const AccelProp *table, const char *owner,
                                  const char *name, const char *value, GError **errp);

/** accel_prop_get: the text form of a property. Returns: (transfer full), never NULL. */
ACCEL_API char *accel_prop_get(const void *obj, const AccelProp *prop);

/** accel_prop_clear: free what strings and links own and zero them. */
ACCEL_API void accel_prop_clear(void *obj, const AccelProp *table);

/** accel_prop_type_name: "bool", "uint32", "size", "str", … as QEMU's introspection names it. */
ACCEL_API const char *accel_prop_type_name(const AccelProp *prop);

/**
 * accel_prop_help: the table as text, a line each:
 * "  name=<type>             - help (default: value)".
 * Returns: (transfer full).
 */
ACCEL_API char *accel_prop_help(const AccelProp *table);

/**
 * accel_parse_size: "64M", "0x1000", "1.5G"; suffixes B K M G T P E, powers of 1024.
 * @unit: factor for a bare number (1 for bytes, 1048576 for -m).
 * Returns: FALSE on anything else, on overflow and on a negative value.
 */
ACCEL_API gboolean accel_parse_size(const char *text, guint64 unit, guint64 *out);

/** accel_parse_bool: on|off|yes|no|true|false|y|n. Returns: FALSE when it is none of them. */
ACCEL_API gboolean accel_parse_bool(const char *text, gboolean *out);

G_END_DECLS

#endif
