/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Registry: the types that exist.
 *
 * Theory of operation: the built-in types are a constant array (hw/types-builtin.c), so a registry
 * that nobody adds to costs one small allocation and no start-up work. Plugins add to a second list.
 * A look-up is a linear walk, past some sixty names for all but the CPU models, which come last; nothing
 * looks up on a hot path.
 */
#include <string.h>
#include "hw/core/core-internal.h"

struct HwRegistry {
    GPtrArray *added;   /* const HwType *; NULL when none */
    GPtrArray *plugins; /* descriptors of loaded plugins; NULL when none */
};

HwRegistry *hw_registry_new(void)
{
    return g_new0(HwRegistry, 1);
}

void hw_registry_free(HwRegistry *reg)
{
    if (reg == NULL) {
        return;
    }
    g_clear_pointer(&reg->added, g_ptr_array_unref);
    g_clear_pointer(&reg->plugins, g_ptr_array_unref);
    g_free(reg);
}

const HwType *hw_registry_nth(const HwRegistry *reg, guint i)
{
    if (i < hw_n_builtin_types) {
        return hw_builtin_types[i];
    }
    i -= hw_n_builtin_types;
    return reg->added != NULL && i < reg->added->len ? g_ptr_array_index(reg->added, i) : NULL;
}

const HwType *hw_registry_find(const HwRegistry *reg, const char *name)
{
    const HwType *type;
    guint i;

    for (i = 0; (type = hw_registry_nth(reg, i)) != NULL; i++) {
        if (strcmp(type->name, name) == 0) {
            return type;
        }
    }
    return NULL;
}

static gboolean bad_type(const HwType *type, const char *why, GError **errp)
{
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "type '%s' %s",
                    type->name != NULL ? type->name : "(unnamed)", why);
    return FALSE;
}

static bool name_taken(const HwRegistry *reg, const char *machine)
{
    return machine != NULL && hw_machine_find(reg, machine) != NULL;
}

static gboolean check_machine(const HwRegistry *reg, const MachineClass *mc, GError **errp)
{
    if (mc->name == NULL || mc->init == NULL) {
        return bad_type(&mc->type, "is a machine without name or init function", errp);
    }
    if (name_taken(reg, mc->name) || name_taken(reg, mc->alias)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "machine '%s' is already registered",
                        name_taken(reg, mc->name) ? mc->name : mc->alias);
        return FALSE;
    }
    return TRUE;
}

gboolean hw_registry_add(HwRegistry *reg, const HwType *type, GError **errp)
{
    if (type->name == NULL || type->parent == NULL) {
        return bad_type(type, "has no name or no parent", errp);
    }
    if (type->instance_size != 0 && type->instance_size < type->parent->instance_size) {
        return bad_type(type, "is smaller than its parent", errp);
    }
    if (hw_registry_find(reg, type->name) != NULL) {
        return bad_type(type, "is already registered", errp);
    }
    if (!type->abstract && hw_type_is_a(type, &hw_type_machine) &&
        !check_machine(reg, (const MachineClass *)type, errp)) {
        return FALSE;
    }
    if (reg->added == NULL) {
        reg->added = g_ptr_array_new();
    }
    g_ptr_array_add(reg->added, (gpointer)type);
    return TRUE;
}

bool hw_registry_has_plugin(const HwRegistry *reg, gconstpointer plugin)
{
    return reg->plugins != NULL && g_ptr_array_find(reg->plugins, plugin, NULL);
}

void hw_registry_note_plugin(HwRegistry *reg, gconstpointer plugin)
{
    if (reg->plugins == NULL) {
        reg->plugins = g_ptr_array_new();
    }
    g_ptr_array_add(reg->plugins, (gpointer)plugin);
}

guint hw_registry_mark(const HwRegistry *reg)
{
    return reg->added != NULL ? reg->added->len : 0;
}

void hw_registry_rollback(HwRegistry *reg, guint mark)
{
    if (reg->added != NULL) {
        g_ptr_array_set_size(reg->added, (gint)mark);
    }
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp((*(const HwType *const *)a)->name, (*(const HwType *const *)b)->name);
}

GPtrArray *hw_registry_list(const HwRegistry *reg, const HwType *ancestor)
{
    GPtrArray *list = g_ptr_array_new();
    const HwType *type;
    guint i;

    for (i = 0; (type = hw_registry_nth(reg, i)) != NULL; i++) {
        if (ancestor == NULL || hw_type_is_a(type, ancestor)) {
            g_ptr_array_add(list, (gpointer)type);
        }
    }
    g_ptr_array_sort(list, by_name);
    return list;
}
