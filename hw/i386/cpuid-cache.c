/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Caches in CPUID, in Intel's and in AMD's way.
 *
 * Theory of operation: three sources: the host's own leaves, the model's caches, or generic ones that
 * QEMU has always shown. Who shares a cache follows from the topology whatever the source: threads of
 * a core share levels 1 and 2, a die shares level 3. The numbers that sharing is given in count APIC
 * ids, not processors, so they are powers of two.
 */
#include "cpuid-internal.h"

#define GENERIC(t, l, w, s, fl) \
    { .type = (t), .level = (l), .ways = (w), .line = 64, .sets = (s), .flags = (fl), \
      .lines_per_tag = 1, .not_self_init = (l) == 2 && (fl) == 0 }

static const X86Caches generic_intel = {
    GENERIC(1, 1, 8, 64, 1), GENERIC(2, 1, 8, 64, 1), GENERIC(3, 2, 16, 4096, 1),
    GENERIC(3, 3, 16, 16384, 6),
};
static const X86Caches generic_amd = {
    GENERIC(1, 1, 2, 512, 1), GENERIC(2, 1, 2, 512, 1), GENERIC(3, 2, 16, 512, 0),
    GENERIC(3, 3, 16, 16384, 6),
};

static const X86Caches *model_caches(const X86CpuConfig *c)
{
    const X86CpuModel *m = c->model;

    while (m != NULL && m->caches == NULL) {
        m = x86_cpu_model_find(m->base);
    }
    return m != NULL ? m->caches : NULL;
}

static const X86Caches *caches(const CpuidBuild *b, const X86Caches *generic)
{
    const X86Caches *own = b->c->legacy_cache ? NULL : model_caches(b->c);

    return own != NULL ? own : generic;
}

static uint32_t sharing_ids(const CpuidBuild *b, unsigned cache_level)
{
    unsigned shift = cache_level < 3 ? b->topo.core_shift : b->topo.die_shift;

    return MIN((1u << shift) - 1, 0xfffu);
}

static void one_cache(CpuidBuild *b, uint32_t fn, uint32_t sub, const X86Cache *k, uint32_t extra)
{
    cpuid_put_sub(b, fn, sub,
                  k->type | (uint32_t)k->level << 5 | !k->not_self_init << 8 | sharing_ids(b, k->level) << 14 |
                      extra,
                  (k->line - 1u) | (k->ways - 1u) << 22, k->sets - 1, k->flags);
}

/* The host's sub-leaves with this machine's sharing; @extra has leaf 4's core ids. */
static void host_caches(CpuidBuild *b, uint32_t fn, uint32_t extra)
{
    guint from = b->out->len;
    guint n = cpuid_copy(b, fn);

    for (guint i = from; i < from + n; i++) {
        AccelX86Cpuid *e = &g_array_index(b->out, AccelX86Cpuid, i);

        if ((e->eax & 0x1f) != 0) {
            e->eax = (e->eax & 0x3fff) | sharing_ids(b, e->eax >> 5 & 7) << 14 | extra;
        }
    }
}

static void list_caches(CpuidBuild *b, uint32_t fn, const X86Caches *k, uint32_t extra)
{
    one_cache(b, fn, 0, &k->l1d, extra);
    one_cache(b, fn, 1, &k->l1i, extra);
    one_cache(b, fn, 2, &k->l2, extra);
    if (b->c->l3_cache) {
        one_cache(b, fn, 3, &k->l3, extra);
    }
    cpuid_put_sub(b, fn, b->c->l3_cache ? 4 : 3, 0, 0, 0, 0);
}

void cpuid_caches_intel(CpuidBuild *b)
{
    const uint32_t core_ids = MIN((1u << (b->topo.pkg_shift - b->topo.core_shift)) - 1, 63u) << 26;

    if (!b->intel) {
        return; /* AMD's have 80000005H, 80000006H and 8000001DH */
    }
    if (b->c->host_cache_info) {
        cpuid_copy(b, 2);
        host_caches(b, 4, core_ids);
        return;
    }
    if (b->level >= 2) {
        /* descriptors: 4DH 16 MiB level 3, 7DH 2 MiB level 2, 30H and 2CH 32 KiB level 1 */
        cpuid_put(b, 2, 1, 0, b->c->l3_cache ? 0x4d : 0, 0x002c307d);
    }
    if (b->level >= 4) {
        list_caches(b, 4, caches(b, &generic_intel), core_ids);
    }
}

/* AMD's code for a number of ways in 80000006H. */
static uint32_t ways_code(unsigned ways)
{
    switch (ways) {
    case 1:
    case 2:
        return ways;
    case 4:
        return 4;
    case 8:
        return 6;
    case 16:
        return 8;
    default:
        return 0xf; /* fully associative */
    }
}

static uint32_t kib(const X86Cache *k)
{
    return k->sets * k->ways / 1024 * k->line;
}

static uint32_t l1_word(const X86Cache *k)
{
    return k->sets * k->ways * k->line / 1024 << 24 | (uint32_t)k->ways << 16 |
           (uint32_t)k->lines_per_tag << 8 | k->line;
}

void cpuid_caches_amd_sizes(CpuidBuild *b)
{
    const X86Caches *k = caches(b, &generic_amd);

    if (b->c->host_cache_info) {
        cpuid_copy(b, 0x80000005);
        cpuid_copy(b, 0x80000006);
        return;
    }
    if (b->c->xlevel >= 0x80000005) {
        cpuid_put(b, 0x80000005, 0x01ff01ff, 0x01ff01ff, l1_word(&k->l1d), l1_word(&k->l1i));
    }
    if (b->c->xlevel >= 0x80000006) {
        cpuid_put(b, 0x80000006, 0, 0x42004200,
                  kib(&k->l2) << 16 | ways_code(k->l2.ways) << 12 | 1u << 8 | k->l2.line,
                  !b->c->l3_cache ? 0
                                  : kib(&k->l3) / 512 << 18 | ways_code(k->l3.ways) << 12 |
                                        1u << 8 | k->l3.line);
    }
}

void cpuid_caches_amd_sharing(CpuidBuild *b)
{
    if (!b->amd || b->c->xlevel < 0x8000001d) {
        return;
    }
    if (b->c->host_cache_info) {
        host_caches(b, 0x8000001d, 0);
    } else {
        list_caches(b, 0x8000001d, caches(b, &generic_amd), 0);
    }
}
