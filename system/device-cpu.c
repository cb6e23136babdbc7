/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * device_add of a CPU: the ids that were given pick a free slot of the machine's topology; the
 * machine layer makes the vCPU. Texts are QEMU's.
 */
#include <string.h>
#include "accel/error.h"
#include "hw/i386/x86-cpu.h"
#include "system/vm.h"

static gboolean id_matches(const KeyVals *kv, const char *key, int64_t have, bool *given)
{
    int64_t want;

    if (!keyvals_int(kv, key, &want)) {
        return TRUE;
    }
    *given = true;
    return want == have;
}

static gboolean slot_matches(const PossibleCpu *p, const KeyVals *kv, bool *given)
{
    return id_matches(kv, "socket-id", p->ids.socket_id, given) &&
           id_matches(kv, "die-id", p->ids.die_id, given) &&
           id_matches(kv, "module-id", p->ids.module_id, given) &&
           id_matches(kv, "cluster-id", p->ids.cluster_id, given) &&
           id_matches(kv, "core-id", p->ids.core_id, given) &&
           id_matches(kv, "thread-id", p->ids.thread_id, given) &&
           id_matches(kv, "apic-id", p->apic_id, given);
}

static gboolean check_model(Vm *vm, const char *driver, GError **errp)
{
    g_autofree char *model = x86_cpu_model_name(vm->ms);
    g_autofree char *want = g_strconcat(model, X86_CPU_TYPE_SUFFIX, NULL);

    if (strcmp(want, driver) == 0) {
        return TRUE;
    }
    opt_error(errp, "Invalid CPU type, expected cpu type: '%s'", want);
    return FALSE;
}

/* What QEMU says of an id outside of the topology. */
static gboolean check_ranges(Vm *vm, const KeyVals *kv, GError **errp)
{
    const SmpConfig *smp = &vm->ms->smp;
    const struct {
        const char *key, *word;
        uint32_t n;
    } levels[] = {
        { "socket-id", "socket", smp->sockets },
        { "die-id", "die", smp->dies },
        { "module-id", "module", smp->modules },
        { "core-id", "core", smp->cores },
        { "thread-id", "thread", smp->threads },
    };

    for (guint i = 0; i < G_N_ELEMENTS(levels); i++) {
        int64_t v;

        if (keyvals_int(kv, levels[i].key, &v) && (v < 0 || v >= levels[i].n)) {
            opt_error(errp, "Invalid CPU %s-id: %" G_GINT64_FORMAT " must be in range 0:%u",
                      levels[i].word, v, levels[i].n - 1);
            return FALSE;
        }
    }
    return TRUE;
}

/* A node-id may be repeated from query-hotpluggable-cpus, not chosen. */
static gboolean check_node(const PossibleCpu *p, const KeyVals *kv, GError **errp)
{
    int64_t node;

    if (!keyvals_int(kv, "node-id", &node) || node == p->ids.node_id) {
        return TRUE;
    }
    opt_error(errp, "invalid node-id, must be %d", (int)p->ids.node_id);
    return FALSE;
}

/* The slot that the ids mean; -1 with an error. */
static int find_slot(Vm *vm, const KeyVals *kv, GError **errp)
{
    bool given = false;

    if (!check_ranges(vm, kv, errp)) {
        return -1;
    }
    for (guint i = 0; i < vm->ms->n_possible; i++) {
        const PossibleCpu *p = &vm->ms->possible[i];

        if (!slot_matches(p, kv, &given)) {
            continue;
        }
        if (!given) {
            opt_error(errp, "CPU socket-id is not set");
            return -1;
        }
        if (!check_node(p, kv, errp)) {
            return -1;
        }
        if (p->cpu != NULL) {
            opt_error(errp, "CPU[%u] with APIC ID %u exists", i, p->apic_id);
            return -1;
        }
        return i;
    }
    opt_error(errp, "Invalid CPU: there is no such place in the topology");
    return -1;
}

gboolean vm_cpu_add(Vm *vm, const DeviceClass *klass, const KeyVals *kv, const char *id,
                    GError **errp)
{
    CPUState *cpu;
    int slot;

    if (!vm->mc->has_hotpluggable_cpus) {
        opt_error(errp, "Device '%s' can not be hotplugged on this machine", klass->type.name);
        return FALSE;
    }
    if (!check_model(vm, klass->type.name, errp)) {
        return FALSE;
    }
    slot = find_slot(vm, kv, errp);
    cpu = slot >= 0 ? hw_machine_create_cpu(vm->ms, slot, id, errp) : NULL;
    return cpu != NULL;
}
