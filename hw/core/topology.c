/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The CPUs that a machine may have, and their APIC ids.
 *
 * Theory of operation: an x86 APIC id is a row of bit fields, thread innermost, then core, module, die
 * and package, each just wide enough for its count (Intel SDM vol. 3, "Programming considerations
 * for hardware multi-threading capable processors"). Counts that are no power of two leave gaps.
 */
#include "hw/core/core-internal.h"

static unsigned width_of(uint32_t count)
{
    return count > 1 ? 32 - __builtin_clz(count - 1) : 0;
}

uint32_t hw_apic_id_of(const SmpConfig *smp, uint32_t index)
{
    const uint32_t counts[] = { smp->threads, smp->cores, smp->modules, smp->dies };
    uint32_t id = 0;
    unsigned shift = 0, i;

    for (i = 0; i < G_N_ELEMENTS(counts); i++) {
        id |= (index % counts[i]) << shift;
        index /= counts[i];
        shift += width_of(counts[i]);
    }
    return id | (index << shift);
}

static CpuTopoIds ids_of(const SmpConfig *smp, uint32_t index)
{
    CpuTopoIds ids = { .cluster_id = -1, .node_id = -1, .die_id = -1, .module_id = -1 };

    ids.thread_id = index % smp->threads;
    index /= smp->threads;
    ids.core_id = index % smp->cores;
    index /= smp->cores;
    if (smp->modules > 1) {
        ids.module_id = index % smp->modules;
    }
    index /= smp->modules;
    if (smp->dies > 1) {
        ids.die_id = index % smp->dies;
    }
    ids.socket_id = index / smp->dies;
    return ids;
}

PossibleCpu *hw_possible_cpus(const SmpConfig *smp)
{
    PossibleCpu *table = g_new0(PossibleCpu, smp->max_cpus);
    uint32_t i;

    for (i = 0; i < smp->max_cpus; i++) {
        table[i].apic_id = hw_apic_id_of(smp, i);
        table[i].ids = ids_of(smp, i);
    }
    return table;
}
