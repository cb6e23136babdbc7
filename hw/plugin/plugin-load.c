/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Opening one plugin. Symbols are bound at once and stay its own (RTLD_NOW, RTLD_LOCAL), so that a
 * missing one is found here and not in the middle of a guest. What a plugin registered before it
 * failed is taken back; the object itself stays loaded, because nobody can know what it did.
 */
#include <gmodule.h>
#include <stdlib.h>
#include "hw/core/core-internal.h"
#include "plugin-int.h"

static gboolean open_error(const char *path, const char *text, GError **errp)
{
    const AccelErrorInfo info = { .stage = "plugin", .call = "dlopen" };

    accel_error_set(errp, ACCEL_ERROR_INVALID, &info, "plugin %s cannot be opened: %s", path, text);
    return FALSE;
}

static const AccelvmPlugin *find_descriptor(GModule *module, const char *path, GError **errp)
{
    const AccelErrorInfo info = { .stage = "plugin", .call = "dlsym" };
    gpointer symbol;

    if (!g_module_symbol(module, "accelvm_plugin", &symbol) || symbol == NULL) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, &info,
                        "plugin %s is no accelvm plugin: it exports no symbol accelvm_plugin", path);
        return NULL;
    }
    return symbol;
}

static gboolean run_init(const AccelvmPlugin *p, HwRegistry *reg, const char *path, GError **errp)
{
    const guint mark = hw_registry_mark(reg);
    GError *err = NULL;

    if (hw_registry_has_plugin(reg, p)) {
        return TRUE;
    }
    if (p->init(reg, &err)) {
        hw_registry_note_plugin(reg, p);
        return TRUE;
    }
    hw_registry_rollback(reg, mark);
    if (err == NULL) {
        accel_error_set(&err, ACCEL_ERROR_INVALID, NULL, "it gave no reason");
    }
    g_prefix_error(&err, "plugin %s (%s %s) could not register: ", path, p->name, p->version);
    accel_error_set_context(err, NULL, "plugin");
    g_propagate_error(errp, err);
    return FALSE;
}

/* @full: a file that may be trusted; never unloaded again, because nobody knows what it has done. */
static const AccelvmPlugin *open_and_check(const char *full, GError **errp)
{
    GModule *module = g_module_open(full, G_MODULE_BIND_LOCAL);
    const AccelvmPlugin *p;

    if (module == NULL) {
        open_error(full, g_module_error(), errp);
        return NULL;
    }
    g_module_make_resident(module);
    p = find_descriptor(module, full, errp);
    return p != NULL && plugin_check_abi(p, full, errp) ? p : NULL;
}

const AccelvmPlugin *hw_plugin_load(HwRegistry *reg, const char *path, GError **errp)
{
    g_autofree char *given = g_canonicalize_filename(path, NULL);
    char *full = plugin_check_file(given, errp);
    const AccelvmPlugin *p = NULL;

    if (full != NULL && plugin_check_elf(full, errp)) {
        p = open_and_check(full, errp);
    }
    if (p != NULL && !run_init(p, reg, full, errp)) {
        p = NULL;
    }
    free(full); /* realpath()'s */
    return p;
}
