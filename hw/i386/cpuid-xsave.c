/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Leaf 0DH: the parts of extended state that this guest may switch on, and where they are.
 *
 * Theory of operation: a part of state is there when a feature that uses it is. Sizes and offsets are
 * the host's, because the kernel copies the area as the processor lays it out; offsets do not depend
 * on which parts are left out.
 */
#include "cpuid-internal.h"

static const struct { uint8_t part, word, bit; } parts[] = {
    { 2, X86_WORD_1_ECX, 28 },    /* avx */
    { 3, X86_WORD_7_0_EBX, 14 },  /* mpx: bounds, */
    { 4, X86_WORD_7_0_EBX, 14 },  /* and their configuration */
    { 5, X86_WORD_7_0_EBX, 16 },  /* avx512f: masks, */
    { 6, X86_WORD_7_0_EBX, 16 },  /* upper halves, */
    { 7, X86_WORD_7_0_EBX, 16 },  /* upper sixteen */
    { 9, X86_WORD_7_0_ECX, 3 },   /* pku */
    { 17, X86_WORD_7_0_EDX, 24 }, /* amx-tile: configuration, */
    { 18, X86_WORD_7_0_EDX, 24 }, /* and data */
};

#define LEGACY_SIZE 576 /* FXSAVE area and XSAVE header */

static const AccelX86Cpuid *host_part(const X86CpuConfig *c, unsigned part)
{
    const AccelX86Cpuid *e = x86_cpuid_find(c->leaves, 0xd, part);

    return e != NULL && e->eax != 0 ? e : NULL;
}

static bool has_part(const CpuidBuild *b, guint i)
{
    return x86_has(b->f, parts[i].word, parts[i].bit) && host_part(b->c, parts[i].part) != NULL;
}

uint32_t cpuid_xcr0(const X86CpuConfig *c)
{
    uint32_t mask = 3; /* x87 and SSE always */

    if (!x86_has(&c->f, X86_WORD_1_ECX, 26)) {
        return 0;
    }
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (x86_has(&c->f, parts[i].word, parts[i].bit) &&
            (c->no_host || host_part(c, parts[i].part) != NULL)) {
            mask |= 1u << parts[i].part;
        }
    }
    return mask;
}

void cpuid_xsave(CpuidBuild *b)
{
    uint32_t mask = 3, size = LEGACY_SIZE, packed = LEGACY_SIZE; /* x87 and SSE always */

    if (!x86_has(b->f, X86_WORD_1_ECX, 26)) {
        return;
    }
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (has_part(b, i)) {
            const AccelX86Cpuid *e = host_part(b->c, parts[i].part);

            mask |= 1u << parts[i].part;
            size = MAX(size, e->eax + e->ebx);
            packed = (e->ecx & 2 ? (packed + 63) & ~63u : packed) + e->eax;
        }
    }
    cpuid_put_sub(b, 0xd, 0, mask, size, size, 0);
    cpuid_put_sub(b, 0xd, 1, cpuid_word(b, X86_WORD_D_1_EAX), packed, 0, 0);
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++) {
        if (has_part(b, i)) {
            const AccelX86Cpuid *e = host_part(b->c, parts[i].part);

            cpuid_put_sub(b, 0xd, parts[i].part, e->eax, e->ebx, e->ecx, 0);
        }
    }
}
