/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Facts of the machine: name, types, memory. */
#include <string.h>
#include "hw/memory-backend.h"
#include "hw/memory.h"
#include "system/qmp.h"

bool qmp_query_name(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    *ret = json_object();
    if (mon->vm->name != NULL) {
        json_object_set_new(*ret, "name", json_text(mon->vm->name));
    }
    return true;
}

bool qmp_query_uuid(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    const char *uuid = mon->vm->ms->uuid;

    *ret = json_pack("{s:s}", "UUID",
                     uuid != NULL ? uuid : "00000000-0000-0000-0000-000000000000");
    return true;
}

bool qmp_query_target(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    *ret = json_pack("{s:s}", "arch", "x86_64");
    return true;
}

static json_t *machine_json(const MachineClass *mc)
{
    json_t *m = json_pack("{s:s, s:I, s:b, s:b, s:b}", "name", mc->name, "cpu-max",
                          (json_int_t)MAX(mc->max_cpus, 1), "hotpluggable-cpus",
                          mc->has_hotpluggable_cpus, "numa-mem-supported", false, "deprecated",
                          false);

    if (mc->alias != NULL) {
        json_object_set_new(m, "alias", json_text(mc->alias));
    }
    if (mc->is_default) {
        json_object_set_new(m, "is-default", json_true());
    }
    if (mc->default_cpu_type != NULL) {
        json_object_set_new(m, "default-cpu-type",
                            json_sprintf("%s-x86_64-cpu", mc->default_cpu_type));
    }
    if (mc->default_ram_id != NULL) {
        json_object_set_new(m, "default-ram-id", json_text(mc->default_ram_id));
    }
    return m;
}

bool qmp_query_machines(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    GPtrArray *types = hw_registry_list(mon->vm->registry, &hw_type_machine);

    *ret = json_array();
    for (guint i = 0; i < types->len; i++) {
        const HwType *type = g_ptr_array_index(types, i);

        if (!type->abstract) {
            json_array_append_new(*ret, machine_json((const MachineClass *)type));
        }
    }
    g_ptr_array_unref(types);
    return true;
}

/* No machine's ACPI tables offer S3, so there is nothing to wake up from. */
bool qmp_query_current_machine(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    *ret = json_pack("{s:b}", "wakeup-suspend-support", 0);
    return true;
}

/* ---- memory ---- */

bool qmp_query_memory_size_summary(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    *ret = json_pack("{s:I, s:i}", "base-memory", (json_int_t)mon->vm->ms->ram_size,
                     "plugged-memory", 0);
    return true;
}

bool qmp_query_memory_devices(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    *ret = json_array();
    return true;
}

/* A property of @obj by name, @fallback when it has no such one. (transfer full). */
static char *prop_text(HwObject *obj, const char *name, const char *fallback)
{
    return hw_type_find_prop(obj->type, name) != NULL ? hw_object_get(obj, name, NULL)
                                                      : g_strdup(fallback);
}

static json_t *host_nodes_json(const char *list)
{
    uint64_t nodes[HOST_MEM_MAX_NODES / 64];
    json_t *out = json_array();

    hw_memory_backend_nodes(list, nodes, NULL); /* checked when it was set */
    for (int i = 0; i < HOST_MEM_MAX_NODES; i++) {
        if (nodes[i / 64] & (1ULL << (i % 64))) {
            json_array_append_new(out, json_integer(i));
        }
    }
    return out;
}

static json_t *memdev_json(MemoryBackend *b)
{
    g_autofree char *policy = hw_object_get(&b->obj, "policy", NULL);

    return json_pack("{s:o, s:I, s:b, s:b, s:b, s:b, s:b, s:o, s:s}", "id", json_text(b->obj.name),
                     "size", (json_int_t)b->size, "merge", b->merge, "dump", b->dump, "prealloc",
                     b->prealloc, "share", b->share, "reserve", b->reserve, "host-nodes",
                     host_nodes_json(b->host_nodes), "policy", policy);
}

/* RAM that the machine made by itself is one of them, as in QEMU. */
bool qmp_query_memdev(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    GPtrArray *objects = mon->vm->ms->objects->children;

    *ret = json_array();
    for (guint i = 0; objects != NULL && i < objects->len; i++) {
        HwObject *obj = g_ptr_array_index(objects, i);

        if (hw_object_is_a(obj, &hw_type_memory_backend)) {
            json_array_append_new(*ret, memdev_json((MemoryBackend *)obj));
        }
    }
    return true;
}

static json_t *iothread_json(HwObject *obj)
{
    static const char *const names[] = { "thread-id", "poll-max-ns", "poll-grow", "poll-shrink",
                                         "aio-max-batch" };
    json_t *t = json_pack("{s:o}", "id", json_text(obj->name));

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *text = prop_text(obj, names[i], "0");

        json_object_set_new(t, names[i], json_integer(g_ascii_strtoll(text, NULL, 10)));
    }
    return t;
}

bool qmp_query_iothreads(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    GPtrArray *objects = mon->vm->ms->objects->children;

    *ret = json_array();
    for (guint i = 0; objects != NULL && i < objects->len; i++) {
        HwObject *obj = g_ptr_array_index(objects, i);

        if (strcmp(obj->type->name, "iothread") == 0) {
            json_array_append_new(*ret, iothread_json(obj));
        }
    }
    return true;
}
