/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Topology in CPUID: the fields of the APIC id, level by level.
 *
 * Theory of operation: each level says by how many bits an APIC id is shifted to get the number of
 * the next larger thing, and how many logical processors are in one of its own. Leaf 0BH knows threads
 * and cores only, so its core level spans the package; leaf 1FH knows modules and dies and is there
 * when the machine has them.
 */
#include "cpuid-internal.h"

enum { LEVEL_SMT = 1, LEVEL_CORE = 2, LEVEL_MODULE = 3, LEVEL_DIE = 5 };

static unsigned width(uint32_t count)
{
    return count > 1 ? 32 - __builtin_clz(count - 1) : 0;
}

X86Topo x86_topo_of(const SmpConfig *smp)
{
    X86Topo t = { .threads = smp->threads, .cores = smp->cores, .modules = smp->modules,
                  .dies = smp->dies };

    t.core_shift = width(t.threads);
    t.module_shift = t.core_shift + width(t.cores);
    t.die_shift = t.module_shift + width(t.modules);
    t.pkg_shift = t.die_shift + width(t.dies);
    t.per_pkg = t.threads * t.cores * t.modules * t.dies;
    return t;
}

static void level(CpuidBuild *b, uint32_t fn, uint32_t sub, int type, unsigned shift, uint32_t n)
{
    cpuid_put_sub(b, fn, sub, shift, n, sub | (uint32_t)type << 8, 0);
}

static void leaf_1f(CpuidBuild *b)
{
    const X86Topo *t = &b->topo;
    uint32_t sub = 0;

    level(b, 0x1f, sub++, LEVEL_SMT, t->core_shift, t->threads);
    level(b, 0x1f, sub++, LEVEL_CORE, t->module_shift, t->threads * t->cores);
    if (t->modules > 1) {
        level(b, 0x1f, sub++, LEVEL_MODULE, t->die_shift, t->threads * t->cores * t->modules);
    }
    if (t->dies > 1) {
        level(b, 0x1f, sub++, LEVEL_DIE, t->pkg_shift, t->per_pkg);
    }
    level(b, 0x1f, sub, 0, 0, 0);
}

void cpuid_topology(CpuidBuild *b)
{
    if (b->c->cpuid_0xb && b->level >= 0xb) {
        level(b, 0xb, 0, LEVEL_SMT, b->topo.core_shift, b->topo.threads);
        level(b, 0xb, 1, LEVEL_CORE, b->topo.pkg_shift, b->topo.per_pkg);
        level(b, 0xb, 2, 0, 0, 0);
    }
    if (b->level >= 0x1f) {
        leaf_1f(b);
    }
}
