/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * query-stats and query-stats-schemas: KVM's statistics with QEMU's filters. A vCPU's are read on
 * its own thread, because the kernel lets nobody else while it runs.
 */
#include <string.h>
#include "accel/kvm-stats.h"
#include "hw/cpu.h"
#include "system/qmp.h"

static bool name_wanted(json_t *names, const char *name)
{
    json_t *v;
    size_t i;

    if (names == NULL) {
        return true;
    }
    json_array_foreach(names, i, v) {
        if (strcmp(json_string_value(v), name) == 0) {
            return true;
        }
    }
    return false;
}

static json_t *one_value(const KVMStat *s, uint64_t v)
{
    if (s->unit == KVM_STAT_BOOLEAN) {
        return json_boolean(v != 0);
    }
    return json_uint64(v);
}

static json_t *stat_value(const KVMStat *s)
{
    json_t *list;

    if (s->type != KVM_STAT_LINEAR_HIST && s->type != KVM_STAT_LOG_HIST) {
        return one_value(s, s->values[0]);
    }
    list = json_array();
    for (guint i = 0; i < s->n; i++) {
        json_array_append_new(list, one_value(s, s->values[i]));
    }
    return list;
}

/* Returns: NULL when the filter leaves nothing. */
static json_t *result_json(const GArray *stats, json_t *names, const char *path)
{
    json_t *list = json_array(), *result;

    for (guint i = 0; i < stats->len; i++) {
        const KVMStat *s = &g_array_index(stats, KVMStat, i);

        if (name_wanted(names, s->name)) {
            json_array_append_new(list, json_pack("{s:s, s:o}", "name", s->name, "value",
                                                  stat_value(s)));
        }
    }
    if (json_array_size(list) == 0) {
        json_decref(list);
        return NULL;
    }
    result = json_pack("{s:s, s:o}", "provider", "kvm", "stats", list);
    if (path != NULL) {
        json_object_set_new(result, "qom-path", json_text(path));
    }
    return result;
}

/* The names asked for of provider "kvm"; FALSE when other providers only were asked for. */
static bool provider_names(json_t *args, json_t **names)
{
    json_t *providers = json_object_get(args, "providers");

    *names = NULL;
    if (providers == NULL) {
        return true;
    }
    if (json_array_size(providers) == 0) {
        return false;
    }
    *names = json_object_get(json_array_get(providers, 0), "names");
    return true;
}

/* ---- one vCPU, on its thread ---- */

typedef struct CpuRead {
    KVMState *kvm;
    GArray *stats;
    GError *err;
} CpuRead;

static void read_cpu(CPUState *cpu, void *data)
{
    CpuRead *r = data;

    r->stats = kvm_stats_read(r->kvm, cpu->accel_cpu, &r->err);
}

static GArray *cpu_stats(KVMState *kvm, CPUState *cpu, GError **errp)
{
    CpuRead r = { .kvm = kvm };

    hw_cpu_run_on(cpu, read_cpu, &r);
    if (r.err != NULL) {
        g_propagate_error(errp, r.err);
    }
    return r.stats;
}

static void append(json_t *list, json_t *result)
{
    if (result != NULL) {
        json_array_append_new(list, result);
    }
}

static bool vm_results(Monitor *mon, KVMState *kvm, json_t *names, json_t *list, GError **errp)
{
    GArray *stats = kvm_stats_read(kvm, NULL, errp);

    if (stats == NULL) {
        return false;
    }
    append(list, result_json(stats, names, NULL));
    g_array_unref(stats);
    return true;
}

static bool vcpu_results(Monitor *mon, KVMState *kvm, json_t *names, json_t *vcpus, json_t *list,
                         GError **errp)
{
    MachineState *ms = mon->vm->ms;

    for (guint i = 0; i < ms->n_possible; i++) {
        CPUState *cpu = hw_machine_cpu(ms, i);
        g_autofree char *path = NULL;
        GArray *stats;

        if (cpu == NULL || cpu->accel_cpu == NULL) {
            continue;
        }
        path = hw_object_path(&cpu->dev.obj);
        if (!name_wanted(vcpus, path)) {
            continue;
        }
        stats = cpu_stats(kvm, cpu, errp);
        if (stats == NULL) {
            return false;
        }
        append(list, result_json(stats, names, path));
        g_array_unref(stats);
    }
    return true;
}

bool qmp_query_stats(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    KVMState *kvm = mon->vm->ms->accel != NULL ? kvm_state(mon->vm->ms->accel) : NULL;
    json_t *names;

    *ret = json_array();
    if (kvm == NULL || !provider_names(args, &names)) {
        return true;
    }
    if (strcmp(qmp_str(args, "target"), "vm") == 0) {
        return vm_results(mon, kvm, names, *ret, errp);
    }
    return vcpu_results(mon, kvm, names, json_object_get(args, "vcpus"), *ret, errp);
}

/* ---- schemas ---- */

static json_t *schema_value(const KVMStat *s)
{
    static const char *const types[] = { "cumulative", "instant", "peak", "linear-histogram",
                                         "log2-histogram" };
    static const char *const units[] = { NULL, "bytes", "seconds", "cycles", "boolean" };
    json_t *v = json_pack("{s:s, s:s, s:i}", "name", s->name, "type", types[s->type], "exponent",
                          s->exponent);

    if (units[s->unit] != NULL) {
        json_object_set_new(v, "unit", json_text(units[s->unit]));
    }
    if (s->base != 0) {
        json_object_set_new(v, "base", json_integer(s->base));
    }
    if (s->type == KVM_STAT_LINEAR_HIST) {
        json_object_set_new(v, "bucket-size", json_integer(s->bucket_size));
    }
    return v;
}

static json_t *schema_json(const GArray *stats, const char *target)
{
    json_t *list = json_array();

    for (guint i = 0; i < stats->len; i++) {
        json_array_append_new(list, schema_value(&g_array_index(stats, KVMStat, i)));
    }
    return json_pack("{s:s, s:s, s:o}", "provider", "kvm", "target", target, "stats", list);
}

static CPUState *first_cpu(MachineState *ms)
{
    for (guint i = 0; i < ms->n_possible; i++) {
        if (ms->possible[i].cpu != NULL && ms->possible[i].cpu->accel_cpu != NULL) {
            return ms->possible[i].cpu;
        }
    }
    return NULL;
}

bool qmp_query_stats_schemas(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    KVMState *kvm = mon->vm->ms->accel != NULL ? kvm_state(mon->vm->ms->accel) : NULL;
    CPUState *cpu = first_cpu(mon->vm->ms);
    GArray *stats;

    *ret = json_array();
    stats = kvm != NULL ? kvm_stats_read(kvm, NULL, NULL) : NULL;
    if (stats == NULL) {
        return true;
    }
    json_array_append_new(*ret, schema_json(stats, "vm"));
    g_array_unref(stats);
    stats = cpu != NULL ? cpu_stats(kvm, cpu, errp) : NULL;
    if (stats == NULL) {
        return cpu == NULL;
    }
    json_array_append_new(*ret, schema_json(stats, "vcpu"));
    g_array_unref(stats);
    return true;
}
