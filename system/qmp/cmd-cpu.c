/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CPUs: the ones there are, the ones there may be, and the models. */
#include <string.h>
#include "hw/i386/x86-cpu.h"
#include "system/qmp.h"

static void set_id(json_t *props, const char *name, int64_t value)
{
    if (value >= 0) {
        json_object_set_new(props, name, json_integer(value));
    }
}

static json_t *ids_json(const CpuTopoIds *ids)
{
    json_t *props = json_object();

    set_id(props, "node-id", ids->node_id);
    set_id(props, "socket-id", ids->socket_id);
    set_id(props, "die-id", ids->die_id);
    set_id(props, "module-id", ids->module_id);
    set_id(props, "cluster-id", ids->cluster_id);
    set_id(props, "core-id", ids->core_id);
    set_id(props, "thread-id", ids->thread_id);
    return props;
}

static json_t *cpu_json(CPUState *cpu)
{
    g_autofree char *path = hw_object_path(&cpu->dev.obj);

    return json_pack("{s:i, s:o, s:I, s:o, s:s}", "cpu-index", cpu->index, "qom-path",
                     json_text(path), "thread-id", (json_int_t)hw_cpu_thread_id(cpu), "props",
                     ids_json(&cpu->ids), "target", "x86_64");
}

bool qmp_query_cpus_fast(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    MachineState *ms = mon->vm->ms;

    *ret = json_array();
    for (guint i = 0; i < ms->n_possible; i++) {
        if (ms->possible[i].cpu != NULL) {
            json_array_append_new(*ret, cpu_json(ms->possible[i].cpu));
        }
    }
    return true;
}

static json_t *slot_json(const char *type, const PossibleCpu *p)
{
    json_t *slot = json_pack("{s:o, s:i, s:s}", "props", ids_json(&p->ids), "vcpus-count", 1,
                             "type", type);

    if (p->cpu != NULL) {
        g_autofree char *path = hw_object_path(&p->cpu->dev.obj);

        json_object_set_new(slot, "qom-path", json_text(path));
    }
    return slot;
}

/* The highest slot comes first, as in QEMU. */
bool qmp_query_hotpluggable_cpus(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    MachineState *ms = mon->vm->ms;
    g_autofree char *model = NULL;
    g_autofree char *type = NULL;

    if (!mon->vm->mc->has_hotpluggable_cpus) {
        qmp_error(errp, QMP_GENERIC_ERROR,
                  "The feature 'query-hotpluggable-cpus' is not enabled");
        return false;
    }
    model = x86_cpu_model_name(ms);
    type = g_strconcat(model, X86_CPU_TYPE_SUFFIX, NULL);
    *ret = json_array();
    for (guint i = ms->n_possible; i-- > 0;) {
        json_array_append_new(*ret, slot_json(type, &ms->possible[i]));
    }
    return true;
}

/* ---- models ---- */

static bool is_accel_bound(const char *model)
{
    return strcmp(model, "host") == 0 || strcmp(model, "max") == 0;
}

static json_t *model_json(Vm *vm, const HwType *type)
{
    g_autofree char *model = g_strndup(type->name,
                                       strlen(type->name) - strlen(X86_CPU_TYPE_SUFFIX));
    json_t *missing = qmp_cpu_model_unavailable(vm, model);

    return json_pack("{s:s, s:s, s:o, s:b, s:b, s:b}", "name", model, "typename", type->name,
                     "unavailable-features", missing, "static", false, "migration-safe",
                     !is_accel_bound(model), "deprecated", false);
}

bool qmp_query_cpu_definitions(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    GPtrArray *types = hw_registry_list(mon->vm->registry, &x86_cpu_class.type);

    *ret = json_array();
    for (guint i = 0; i < types->len; i++) {
        const HwType *type = g_ptr_array_index(types, i);

        if (!type->abstract && g_str_has_suffix(type->name, X86_CPU_TYPE_SUFFIX)) {
            json_array_append_new(*ret, model_json(mon->vm, type));
        }
    }
    g_ptr_array_unref(types);
    return true;
}
