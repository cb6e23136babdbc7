/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * -blockdev: names for image files.
 *
 * Theory of operation: there are no block devices, so a block node is just a name for a file: a
 * node of driver "file", or one of driver "raw" on top of one, which it names or holds
 * ("file.filename"). The node on top says whether it is written to; what is below it must let it.
 */
#include <string.h>
#include "accel/error.h"
#include "system/vm.h"

enum { MAX_NODES = 8 };

static bool flag(const KeyVals *kv, const char *prefix, const char *key)
{
    g_autofree char *full = g_strconcat(prefix, key, NULL);
    bool b = false;

    keyvals_bool(kv, full, &b);
    return b;
}

static const OptItem *find_node(Vm *vm, const char *name)
{
    const OptItem *it = NULL;

    while ((it = options_next(&vm->opts, OPT_blockdev, it)) != NULL) {
        if (g_strcmp0(keyvals_get(it->kv, "node-name"), name) == 0) {
            return it;
        }
    }
    return NULL;
}

static const char *sub_key(const KeyVals *kv, const char *prefix, const char *key)
{
    g_autofree char *full = g_strconcat(prefix, key, NULL);

    return keyvals_get(kv, full);
}

static gboolean resolve(Vm *vm, const OptItem *it, const char *prefix, int depth, BootFlash *flash,
                        GError **errp)
{
    const char *driver = sub_key(it->kv, prefix, "driver"), *file = sub_key(it->kv, prefix, "file");
    g_autofree char *inner = g_strconcat(prefix, "file.", NULL);
    const OptItem *below;

    if (depth == 0) {
        flash->readonly = flag(it->kv, prefix, "read-only");
    } else if (!flash->readonly && flag(it->kv, prefix, "read-only")) {
        opt_error(errp, "Block node is read-only");
        return FALSE;
    }
    if (g_strcmp0(driver, "file") == 0) {
        flash->file = g_strdup(sub_key(it->kv, prefix, "filename"));
        if (flash->file == NULL) {
            opt_error(errp, "Parameter 'filename' is missing");
        }
        return flash->file != NULL;
    }
    if (file == NULL) {
        return resolve(vm, it, inner, depth + 1, flash, errp);
    }
    below = depth < MAX_NODES ? find_node(vm, file) : NULL;
    if (below == NULL) {
        opt_error(errp, "Cannot find device='' nor node-name='%s'", file);
        return FALSE;
    }
    return resolve(vm, below, "", depth + 1, flash, errp);
}

static gboolean check_flags(const OptItem *it, const char *prefix, GError **errp)
{
    static const char *const keys[] = { "read-only", "auto-read-only" };

    for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
        g_autofree char *full = g_strconcat(prefix, keys[i], NULL);
        const char *value = keyvals_get(it->kv, full);
        bool on;

        if (value != NULL && !parse_bool_value(full, value, &on, errp)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean check_node(Vm *vm, const OptItem *it, const char *prefix, GError **errp)
{
    const char *driver = sub_key(it->kv, prefix, "driver");
    g_autofree char *inner = g_strconcat(prefix, "file.", NULL);

    if (driver == NULL) {
        opt_error(errp, "Parameter '%sdriver' is missing", prefix);
        return FALSE;
    }
    if (!check_flags(it, prefix, errp)) {
        return FALSE;
    }
    if (strcmp(driver, "file") == 0) {
        return TRUE;
    }
    if (strcmp(driver, "raw") != 0) {
        opt_error(errp, "Parameter 'driver' does not accept value '%s'", driver);
        return FALSE;
    }
    return sub_key(it->kv, prefix, "file") != NULL || check_node(vm, it, inner, errp);
}

gboolean blockdev_check(Vm *vm, GError **errp)
{
    const OptItem *it = NULL;

    while ((it = options_next(&vm->opts, OPT_blockdev, it)) != NULL) {
        const char *name = keyvals_get(it->kv, "node-name");

        options_at(it);
        if (!check_node(vm, it, "", errp)) {
            return FALSE;
        }
        if (name == NULL) {
            opt_error(errp, "'node-name' must be specified for the root node");
            return FALSE;
        }
        if (find_node(vm, name) != it) {
            opt_error(errp, "Duplicate nodes with node-name='%s'", name);
            return FALSE;
        }
    }
    options_at(NULL);
    return TRUE;
}

gboolean blockdev_resolve(Vm *vm, const char *name, BootFlash *flash, GError **errp)
{
    const OptItem *it = find_node(vm, name);

    if (it == NULL) {
        opt_error(errp, "Property 'cfi.pflash01.drive' can't find value '%s'", name);
        return FALSE;
    }
    return resolve(vm, it, "", 0, flash, errp);
}
