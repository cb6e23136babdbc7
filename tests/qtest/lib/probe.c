/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a binary can do, asked of the binary itself: one start with -machine none, three queries.
 * The answers are kept in an object of the caller's, not in a cache behind everybody's back.
 */
#include "aq-private.h"

#include <string.h>
#include <unistd.h>

struct AqProbe {
    GHashTable *machines, *devices, *accels;   /* sets of names */
};

static GHashTable *name_set(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void add_name(GHashTable *set, json_t *name)
{
    if (json_is_string(name)) {
        g_hash_table_add(set, g_strdup(json_string_value(name)));
    }
}

/* Collect members "name" and "alias" of an array of objects; consumes @list. */
static gboolean collect(GHashTable *set, json_t *list, GError **error)
{
    gboolean ok = json_is_array(list);
    json_t *entry;
    size_t i;

    json_array_foreach(list, i, entry) {
        add_name(set, json_object_get(entry, "name"));
        add_name(set, json_object_get(entry, "alias"));
    }
    if (list && !ok) {
        aq_fail(error, AQ_ERROR_PROTOCOL, "probing: the answer is not an array");
    }
    json_decref(list);
    return ok;
}

static json_t *list_types(AqVM *vm, const char *implements, GError **error)
{
    json_t *arguments = json_pack("{s:b, s:s}", "abstract", 0, "implements", implements);

    return aq_try_qmp_execute(vm, "qom-list-types", arguments, error);
}

static gboolean ask(AqProbe *probe, AqVM *vm, GError **error)
{
    return collect(probe->machines, aq_try_qmp_execute(vm, "query-machines", NULL, error), error) &&
        collect(probe->devices, list_types(vm, "device", error), error) &&
        collect(probe->accels, list_types(vm, "accel", error), error);
}

AqProbe *aq_probe_new(const char *binary, const char *accel, GError **error)
{
    AqConfig config = { .size = sizeof(config), .binary = binary, .accel = accel,
                        .args = "-nodefaults -machine none" };
    g_autoptr(AqVM) vm = aq_vm_start(&config, error);
    AqProbe *probe;

    if (!vm) {
        return NULL;
    }
    probe = g_new0(AqProbe, 1);
    probe->machines = name_set();
    probe->devices = name_set();
    probe->accels = name_set();
    if (!ask(probe, vm, error) || !aq_vm_quit(vm, error)) {
        g_clear_pointer(&probe, aq_probe_free);
    }
    return probe;
}

void aq_probe_free(AqProbe *probe)
{
    if (probe) {
        g_hash_table_unref(probe->machines);
        g_hash_table_unref(probe->devices);
        g_hash_table_unref(probe->accels);
        g_free(probe);
    }
}

gboolean aq_probe_has_machine(const AqProbe *probe, const char *name)
{
    return g_hash_table_contains(probe->machines, name);
}

gboolean aq_probe_has_device(const AqProbe *probe, const char *name)
{
    return g_hash_table_contains(probe->devices, name);
}

gboolean aq_probe_has_accel(const AqProbe *probe, const char *name)
{
    g_autofree char *type = g_strdup_printf("%s-accel", name);

    if (!strcmp(name, "kvm") && access("/dev/kvm", R_OK | W_OK) != 0) {
        return FALSE;
    }
    return g_hash_table_contains(probe->accels, type);
}
