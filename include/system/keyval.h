/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal (launcher): option arguments of the form "first,key=value,flag,text=a,,b".
 *
 * A comma in a value is written twice. Nested keys are written with dots ("smp.cpus"). An argument
 * that starts with '{' is JSON instead: objects become dotted keys, list elements "key.0".
 */
#ifndef SYSTEM_KEYVAL_H
#define SYSTEM_KEYVAL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum KeyValKind {
    KEYVAL_TEXT,   /* key=value */
    KEYVAL_BARE,   /* a key without '='; value is "on", or "off" for "nokey" */
    KEYVAL_STRING, /* JSON string */
    KEYVAL_NUMBER, /* JSON number */
    KEYVAL_BOOL,   /* JSON true or false */
} KeyValKind;

typedef struct KeyVal {
    const char *key, *value;
    KeyValKind kind;
} KeyVal;

typedef struct KeyVals {
    KeyVal *v;
    guint n;
    bool json;
    char *buf;            /* the text that v points into */
    GStringChunk *chunk;  /* JSON: the same */
} KeyVals;

/*
 * * keyvals_parse: @implied: key of a first part without '=', or NULL. JSON when it starts with
 * '{'.
 */
KeyVals *keyvals_parse(const char *text, const char *implied, GError **errp);
struct json_t; /* of jansson, which not everybody here needs */
/** keyvals_from_json: the members of @object. Strings are told from numbers and truth values. */
KeyVals *keyvals_from_json(struct json_t *object, GError **errp);
/** keyvals_parse_json: one JSON object. */
KeyVals *keyvals_parse_json(const char *text, GError **errp);
/** keyvals_add: append a copy of key and value. */
void keyvals_add(KeyVals *kv, const char *key, const char *value);
KeyVals *keyvals_new(void);
void keyvals_free(KeyVals *kv);

/** keyvals_find: the last entry called @key, or NULL; keyvals_get: its value. */
const KeyVal *keyvals_find(const KeyVals *kv, const char *key);
const char *keyvals_get(const KeyVals *kv, const char *key);
/** keyvals_has_help: "help" or "?" was asked for, alone or among others. */
bool keyvals_has_help(const KeyVals *kv);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeyVals, keyvals_free)

/* What keys an option takes. Tables end with a NULL name. */
typedef enum KeyType { KEY_STR, KEY_BOOL, KEY_NUM, KEY_INT, KEY_SIZE, KEY_MB, KEY_ANY } KeyType;

typedef struct KeyDesc {
    const char *name;
    KeyType type; /* KEY_NUM: unsigned, KEY_INT: signed, KEY_MB: size whose bare unit is 1 MiB */
    const char *help;
} KeyDesc;

/**
 * keydesc_check: every key known and every value of its type, with QEMU's texts.
 * @dotted: NULL for "Invalid parameter 'x'", else the prefix of "Parameter 'boot.x' is unexpected".
 */
gboolean keydesc_check(const KeyVals *kv, const KeyDesc *desc, const char *dotted, GError **errp);
/** keydesc_help: "name=<type>" lines. Returns: (transfer full). */
char *keydesc_help(const KeyDesc *desc);

/* Values by name; FALSE when the key was not given. The types were checked before. */
bool keyvals_bool(const KeyVals *kv, const char *key, bool *out);
bool keyvals_int(const KeyVals *kv, const char *key, int64_t *out);

/** parse_bool_value: on|off and synonyms; error "Parameter 'x' expects 'on' or 'off'". */
gboolean parse_bool_value(const char *key, const char *value, bool *out, GError **errp);
/** parse_int_value: base 0; error "Parameter 'x' expects integer". */
gboolean parse_int_value(const char *key, const char *value, int64_t *out, GError **errp);
/** parse_size_value: error "Parameter 'x' expects a non-negative number below 2^64" with notes. */
gboolean parse_size_value(const char *key, const char *value, uint64_t unit, uint64_t *out,
                          GError **errp);
/** parse_enum_value: index into @names; error "Parameter 'x' does not accept value 'y'". */
gboolean parse_enum_value(const char *key, const char *value, const char *const *names, int *out,
                          GError **errp);
/** check_id: letters, digits, '-', '.', '_', starting with a letter. */
gboolean check_id(const char *id, GError **errp);

/** opt_error: an ACCEL_ERROR_INVALID without data. */
void opt_error(GError **errp, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
/** opt_error_suggest: the same, with "did you mean '…'" when a candidate is close to @word. */
void opt_error_suggest(GError **errp, const char *word, const char *const *candidates,
                       const char *fmt, ...) G_GNUC_PRINTF(4, 5);

#endif
