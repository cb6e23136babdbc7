/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The basic leaves from 0 on and the extended ones from 80000000H on, but for topology and caches,
 * which have files of their own.
 */
#include <string.h>
#include "cpuid-internal.h"

#define HT         (1u << 28) /* 1.EDX */
#define PDCM       (1u << 15) /* 1.ECX */
#define CMP_LEGACY (1u << 1)  /* 80000001.ECX */
#define SVM        (1u << 2)
#define TOPOEXT    (1u << 22)

static void vendor_leaf(CpuidBuild *b, uint32_t fn, uint32_t eax)
{
    uint32_t v[3] = { 0 };

    memcpy(v, b->c->vendor, MIN(strlen(b->c->vendor), sizeof(v)));
    cpuid_put(b, fn, eax, v[0], v[2], v[1]);
}

uint32_t x86_cpu_signature(const X86CpuConfig *c)
{
    uint32_t family;

    if (c == NULL) {
        return 0;
    }
    family = c->family <= 0xf ? c->family << 8 : 0xf00 | (c->family - 0xf) << 20;
    return family | (c->model_nr & 0xf) << 4 | (c->model_nr >> 4) << 16 | c->stepping;
}

static void leaf_1(CpuidBuild *b)
{
    const uint32_t n = b->topo.per_pkg;
    const uint32_t count = n > 1 ? MIN(n, 255u) << 16 : 0;
    const uint32_t line = 8u << 8; /* of CLFLUSH, in units of 8 bytes */
    const uint32_t hidden = b->c->pmu ? 0 : PDCM; /* kept in the feature words, as QEMU does */

    cpuid_put(b, 1, x86_cpu_signature(b->c), count | line, cpuid_word(b, X86_WORD_1_ECX) & ~hidden,
              cpuid_word(b, X86_WORD_1_EDX) | (n > 1 ? HT : 0));
}

static void leaf_7(CpuidBuild *b)
{
    const uint32_t subs = b->c->level_func7;

    cpuid_put_sub(b, 7, 0, subs, cpuid_word(b, X86_WORD_7_0_EBX), cpuid_word(b, X86_WORD_7_0_ECX),
                  cpuid_word(b, X86_WORD_7_0_EDX));
    if (subs >= 1) {
        cpuid_put_sub(b, 7, 1, cpuid_word(b, X86_WORD_7_1_EAX), 0, 0,
                      cpuid_word(b, X86_WORD_7_1_EDX));
    }
    if (subs >= 2) {
        cpuid_put_sub(b, 7, 2, 0, 0, 0, cpuid_word(b, X86_WORD_7_2_EDX));
    }
}

/* Leaves that a feature brings along, in the host's words. */
static void host_leaves(CpuidBuild *b)
{
    if (b->c->pmu && b->level >= 0xa) {
        cpuid_copy(b, 0xa);
    }
    if (x86_has(b->f, X86_WORD_7_0_EBX, 25) && b->level >= 0x14) { /* intel-pt */
        cpuid_copy(b, 0x14);
    }
    if (x86_has(b->f, X86_WORD_7_0_EDX, 24) && b->level >= 0x1e) { /* amx-tile */
        cpuid_copy(b, 0x1d);
        cpuid_copy(b, 0x1e);
    }
}

void cpuid_basic(CpuidBuild *b)
{
    const uint32_t level = b->level;

    vendor_leaf(b, 0, level);
    if (level >= 1) {
        leaf_1(b);
    }
    cpuid_caches_intel(b);
    if (level >= 5) {
        cpuid_put(b, 5, 0, 0, 3, 0); /* MWAIT: hints and break on interrupt */
    }
    if (level >= 6) {
        cpuid_put(b, 6, cpuid_word(b, X86_WORD_6_EAX), 0, 0, 0);
    }
    if (level >= 7) {
        leaf_7(b);
    }
    host_leaves(b);
    cpuid_topology(b);
    if (level >= 0xd) {
        cpuid_xsave(b);
    }
}

static void name_leaves(CpuidBuild *b)
{
    uint32_t words[12] = { 0 };

    if (b->c->model_id == NULL || b->c->model_id[0] == '\0') {
        return;
    }
    memcpy(words, b->c->model_id, MIN(strlen(b->c->model_id), sizeof(words)));
    for (int i = 0; i < 3; i++) {
        const uint32_t *w = &words[i * 4];

        cpuid_put(b, 0x80000002 + i, w[0], w[1], w[2], w[3]);
    }
}

static void leaf_80000001(CpuidBuild *b)
{
    const uint32_t legacy = b->topo.per_pkg > 1 && !b->intel ? CMP_LEGACY : 0;

    cpuid_put(b, 0x80000001, x86_cpu_signature(b->c), 0,
              cpuid_word(b, X86_WORD_8000_0001_ECX) | legacy,
              cpuid_word(b, X86_WORD_8000_0001_EDX) | cpuid_amd_aliases(b->c));
}

static void leaf_80000008(CpuidBuild *b)
{
    const bool lm = x86_has(b->f, X86_WORD_8000_0001_EDX, 29);
    const bool la57 = x86_has(b->f, X86_WORD_7_0_ECX, 16);
    const uint32_t virtual = !lm ? 0 : la57 ? 57 : 48; /* KVM refuses 32 */
    const uint32_t n = b->topo.per_pkg;

    cpuid_put(b, 0x80000008, b->c->phys_bits | virtual << 8,
              cpuid_word(b, X86_WORD_8000_0008_EBX),
              n > 1 && !b->intel ? MIN(n - 1, 255u) | b->topo.pkg_shift << 12 : 0, 0);
}

void cpuid_extended(CpuidBuild *b)
{
    const uint32_t level = b->c->xlevel;

    vendor_leaf(b, 0x80000000, level);
    if (level >= 0x80000001) {
        leaf_80000001(b);
    }
    name_leaves(b);
    cpuid_caches_amd_sizes(b);
    if (level >= 0x80000007) {
        cpuid_put(b, 0x80000007, 0, cpuid_word(b, X86_WORD_8000_0007_EBX), 0,
                  cpuid_word(b, X86_WORD_8000_0007_EDX));
    }
    if (level >= 0x80000008) {
        leaf_80000008(b);
    }
    if (level >= 0x8000000a && cpuid_word(b, X86_WORD_8000_0001_ECX) & SVM) {
        cpuid_put(b, 0x8000000a, 1, 16, 0, cpuid_word(b, X86_WORD_8000_000A_EDX));
    }
    cpuid_caches_amd_sharing(b);
    if (level >= 0x8000001e && b->amd) {
        cpuid_put(b, 0x8000001e, 0, (b->topo.threads - 1) << 8, (b->topo.dies - 1) << 8, 0);
    }
    if (level >= 0x80000021) {
        cpuid_put(b, 0x80000021, cpuid_word(b, X86_WORD_8000_0021_EAX), 0, 0, 0);
    }
}
