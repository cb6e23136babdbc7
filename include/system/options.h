/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal (launcher): the command line as data. Parsing yields the list of what was given, in
 * order; each part of the launcher then picks the entries it knows about. The table is
 * system/options.def.
 */
#ifndef SYSTEM_OPTIONS_H
#define SYSTEM_OPTIONS_H

#include "system/keyval.h"
#include "system/report.h"

typedef enum OptId {
#define OPT_SECTION(title)
#define OPT(id, name, kind, implied, keys, dotted, args, help) OPT_##id,
#include "system/options.def"
#undef OPT
#undef OPT_SECTION
    OPT_N_IDS
} OptId;

typedef enum OptKind {
    OPTK_FLAG, /* no argument */
    OPTK_TEXT, /* argument as it is */
    OPTK_KEYS, /* argument is key=value,… */
} OptKind;

typedef struct OptDef {
    OptId id;
    const char *name;
    OptKind kind;
    const char *implied;  /* OPTK_KEYS: key of the first part */
    const KeyDesc *keys;  /* OPTK_KEYS: NULL when anything goes */
    const char *dotted;   /* prefix in "Parameter 'boot.x' is unexpected", or NULL */
    const char *args, *help;
} OptDef;

/* One option as given. */
typedef struct OptItem {
    OptId id;
    const char *spelling; /* "-accel" */
    const char *arg;      /* NULL for a flag */
    KeyVals *kv;          /* OPTK_KEYS only */
} OptItem;

typedef struct Options {
    OptItem *items;
    guint n, allocated;
} Options;

extern const OptDef option_table[OPT_N_IDS];

/** options_parse: @argv as given to main(). Values that need no machine are checked here. */
gboolean options_parse(Options *o, int argc, char **argv, GError **errp);
void options_clear(Options *o);

/** options_add: append one; takes @kv. Checks it against the table. */
gboolean options_add(Options *o, OptId id, const char *spelling, const char *arg, KeyVals *kv,
                     GError **errp);
/** options_read_ini: -readconfig: append what the file says. */
gboolean options_read_ini(Options *o, const char *path, GError **errp);

/** options_last: the last entry of that kind, or NULL; options_text: its argument. */
const OptItem *options_last(const Options *o, OptId id);
const char *options_text(const Options *o, OptId id);
static inline bool options_has(const Options *o, OptId id)
{
    return options_last(o, id) != NULL;
}
/** options_key: the last value of @key over all entries of that kind (they merge). */
const char *options_key(const Options *o, OptId id, const char *key);
/** options_next: the entry of that kind behind @prev (NULL: the first). */
const OptItem *options_next(const Options *o, OptId id, const OptItem *prev);
/** options_at: report location of @item (NULL: none). Returns: the location before. */
ReportLoc options_at(const OptItem *item);

/** options_print_help: the whole -h text on stdout. */
void options_print_help(void);
/** options_no_disk: error for an argument that is no option; unsupported_option_reason: why not. */
const char *unsupported_option_reason(const char *name);

/* Key tables, options-keys.c. */
extern const KeyDesc keys_memory[], keys_smp[], keys_boot[], keys_rtc[], keys_name[], keys_action[],
    keys_overcommit[], keys_sandbox[], keys_msg[], keys_mon[], keys_trace[], keys_icount[],
    keys_drive[], keys_fw_cfg[], keys_chardev[], keys_run_with[], keys_plugin[], keys_compat[],
    keys_add_fd[];

#endif
