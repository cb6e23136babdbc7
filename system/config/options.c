/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Walking over argv. Options are QEMU's: one or two dashes, full names only, the argument is the
 * next word. Nothing is copied: entries point into argv. -readconfig files are read where they
 * stand, so that what comes later wins.
 */
#include <stdio.h>
#include <string.h>
#include "accel/error.h"
#include "system/options.h"

const OptDef option_table[OPT_N_IDS] = {
#define OPT_SECTION(title)
#define OPT(id, name, kind, implied, keys, dotted, args, help) \
    [OPT_##id] = { OPT_##id, name, kind, implied, keys, dotted, args, help },
#include "system/options.def"
#undef OPT
#undef OPT_SECTION
};

static const struct {
    const char *name;
    OptId id;
} aliases[] = {
    { "M", OPT_machine }, { "help", OPT_help }, { "nodefconfig", OPT_no_user_config },
};

static const OptDef *find_option(const char *name)
{
    for (guint i = 0; i < OPT_N_IDS; i++) {
        if (strcmp(option_table[i].name, name) == 0) {
            return &option_table[i];
        }
    }
    for (guint i = 0; i < G_N_ELEMENTS(aliases); i++) {
        if (strcmp(aliases[i].name, name) == 0) {
            return &option_table[aliases[i].id];
        }
    }
    return NULL;
}

static void unknown_option(const char *name, GError **errp)
{
    const char *names[OPT_N_IDS + 1];
    const char *why = unsupported_option_reason(name);
    GError *err = NULL;

    for (guint i = 0; i < OPT_N_IDS; i++) {
        names[i] = option_table[i].name;
    }
    names[OPT_N_IDS] = NULL;
    if (why == NULL) {
        opt_error_suggest(errp, name, names, "invalid option");
        return;
    }
    opt_error(&err, "invalid option");
    accel_error_add_cause(err, why);
    g_propagate_error(errp, err);
}

static OptItem *new_item(Options *o)
{
    if (o->n == o->allocated) {
        o->allocated = o->allocated * 2 + 8;
        o->items = g_renew(OptItem, o->items, o->allocated);
    }
    return &o->items[o->n];
}

static gboolean no_bare(const KeyVals *kv, GError **errp)
{
    for (guint i = 0; i < kv->n; i++) {
        if (kv->v[i].kind == KEYVAL_BARE) {
            opt_error(errp, "Expected '=' after parameter '%s%s'",
                      strcmp(kv->v[i].value, "off") == 0 ? "no" : "", kv->v[i].key);
            return FALSE;
        }
    }
    return TRUE;
}

/* Options whose every key needs a value; the others warn about a bare key. */
static gboolean check_bare(OptId id, const KeyVals *kv, GError **errp)
{
    if (id == OPT_machine || id == OPT_audiodev || id == OPT_audio) {
        return no_bare(kv, errp);
    }
    for (guint i = 0; i < kv->n; i++) {
        if (kv->v[i].kind != KEYVAL_BARE) {
            continue;
        }
        report_warnf("short-form boolean option '%s%s' deprecated",
                     strcmp(kv->v[i].value, "off") == 0 ? "no" : "", kv->v[i].key);
        report_plain("Please use %s=%s instead", kv->v[i].key, kv->v[i].value);
    }
    return TRUE;
}

/* -msg counts from where it stands. */
static void apply_msg(const KeyVals *kv)
{
    keyvals_bool(kv, "timestamp", &report_config.timestamp);
    keyvals_bool(kv, "guest-name", &report_config.show_guest);
    keyvals_bool(kv, "json", &report_config.json);
}

static gboolean check_keys(const OptDef *def, const KeyVals *kv, GError **errp)
{
    if (kv == NULL || keyvals_has_help(kv)) {
        return TRUE;
    }
    if (def->keys == NULL) {
        return check_bare(def->id, kv, errp);
    }
    if (!keydesc_check(kv, def->keys, def->dotted, errp)) {
        return FALSE;
    }
    if (def->id == OPT_msg) {
        apply_msg(kv);
    } else if (def->id == OPT_name) {
        report_config.guest_name = keyvals_get(kv, "guest");
    }
    return TRUE;
}

gboolean options_add(Options *o, OptId id, const char *spelling, const char *arg, KeyVals *kv,
                     GError **errp)
{
    *new_item(o) = (OptItem){ id, spelling, arg, kv };
    o->n++;
    return check_keys(&option_table[id], kv, errp);
}

static gboolean add_argument(Options *o, const OptDef *def, const char *spelling, const char *arg,
                             GError **errp)
{
    KeyVals *kv = NULL;

    report_set_loc(spelling, arg);
    if (def->kind == OPTK_KEYS) {
        kv = keyvals_parse(arg, def->implied, errp);
        if (kv == NULL) {
            return FALSE;
        }
    }
    if (def->dotted != NULL) {
        if (!keyvals_has_help(kv) && !no_bare(kv, errp)) {
            return FALSE;
        }
        report_set_loc(NULL, NULL); /* the rest is told of the machine's property */
    }
    if (!options_add(o, def->id, spelling, arg, kv, errp)) {
        return FALSE;
    }
    return def->id != OPT_readconfig || options_read_ini(o, arg, errp);
}

static gboolean parse_one(Options *o, int argc, char **argv, int *i, GError **errp)
{
    const char *word = argv[*i];
    const OptDef *def;

    report_set_loc(word, NULL);
    if (word[0] != '-' || word[1] == '\0') {
        opt_error(errp, "disk images are not supported: accelvm has no block devices");
        return FALSE;
    }
    def = find_option(word + 1 + (word[1] == '-'));
    if (def == NULL) {
        unknown_option(word + 1 + (word[1] == '-'), errp);
        return FALSE;
    }
    if (def->kind == OPTK_FLAG) {
        return options_add(o, def->id, word, NULL, NULL, errp);
    }
    if (*i + 1 >= argc) {
        opt_error(errp, "requires an argument");
        return FALSE;
    }
    return add_argument(o, def, word, argv[++*i], errp);
}

gboolean options_parse(Options *o, int argc, char **argv, GError **errp)
{
    o->allocated = argc;
    o->items = g_new(OptItem, o->allocated);
    for (int i = 1; i < argc; i++) {
        if (!parse_one(o, argc, argv, &i, errp)) {
            return FALSE;
        }
        if (o->items[o->n - 1].id == OPT_help || o->items[o->n - 1].id == OPT_version) {
            break;
        }
    }
    report_set_loc(NULL, NULL);
    return TRUE;
}

void options_clear(Options *o)
{
    for (guint i = 0; i < o->n; i++) {
        keyvals_free(o->items[i].kv);
    }
    g_clear_pointer(&o->items, g_free);
    o->n = 0;
}

const OptItem *options_next(const Options *o, OptId id, const OptItem *prev)
{
    for (guint i = prev != NULL ? prev - o->items + 1 : 0; i < o->n; i++) {
        if (o->items[i].id == id) {
            return &o->items[i];
        }
    }
    return NULL;
}

const OptItem *options_last(const Options *o, OptId id)
{
    for (guint i = o->n; i-- > 0;) {
        if (o->items[i].id == id) {
            return &o->items[i];
        }
    }
    return NULL;
}

const char *options_text(const Options *o, OptId id)
{
    const OptItem *item = options_last(o, id);

    return item != NULL ? item->arg : NULL;
}

const char *options_key(const Options *o, OptId id, const char *key)
{
    for (guint i = o->n; i-- > 0;) {
        const char *v = o->items[i].id == id ? keyvals_get(o->items[i].kv, key) : NULL;

        if (v != NULL) {
            return v;
        }
    }
    return NULL;
}

ReportLoc options_at(const OptItem *item)
{
    return item != NULL ? report_set_loc(item->spelling, item->arg) : report_set_loc(NULL, NULL);
}
