/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal to hw/i386/cpuid*.c: building a table of CPUID leaves. */
#ifndef HW_I386_CPUID_INTERNAL_H
#define HW_I386_CPUID_INTERNAL_H

#include "hw/i386/cpu-model.h"

/* Widths of the fields of an APIC id, and counts per package. */
typedef struct X86Topo {
    uint32_t threads, cores, modules, dies; /* each in the next larger one */
    unsigned core_shift, module_shift, die_shift, pkg_shift;
    uint32_t per_pkg;                       /* logical processors of a package */
} X86Topo;

typedef struct CpuidBuild {
    const X86CpuConfig *c;
    const X86Features *f;
    X86Topo topo;
    GArray *out;
    uint32_t level;   /* highest basic leaf: the configuration's, raised for leaf 1FH */
    bool intel, amd;
} CpuidBuild;

X86Topo x86_topo_of(const SmpConfig *smp);

/** cpuid_put: append a leaf; cpuid_put_sub: one of several sub-leaves. */
void cpuid_put(CpuidBuild *b, uint32_t fn, uint32_t eax, uint32_t ebx, uint32_t ecx, uint32_t edx);
void cpuid_put_sub(CpuidBuild *b, uint32_t fn, uint32_t sub, uint32_t eax, uint32_t ebx,
                   uint32_t ecx, uint32_t edx);
/** cpuid_copy: all sub-leaves of @fn as the host has them. Returns: how many. */
guint cpuid_copy(CpuidBuild *b, uint32_t fn);

static inline uint32_t cpuid_word(const CpuidBuild *b, X86FeatureWord w)
{
    return (uint32_t)b->f->w[w];
}

/** cpuid_basic, cpuid_kvm, cpuid_extended: the three ranges of leaves. */
void cpuid_basic(CpuidBuild *b);
void cpuid_kvm(CpuidBuild *b, uint32_t tsc_khz);
void cpuid_extended(CpuidBuild *b);
/** cpuid_topology: leaves 0BH and 1FH. */
void cpuid_topology(CpuidBuild *b);
/** cpuid_caches_intel: leaves 2 and 4; cpuid_caches_amd_*: 80000005H, 80000006H and 8000001DH. */
void cpuid_caches_intel(CpuidBuild *b);
void cpuid_caches_amd_sizes(CpuidBuild *b);
void cpuid_caches_amd_sharing(CpuidBuild *b);
/** cpuid_xsave: leaf 0DH. */
void cpuid_xsave(CpuidBuild *b);
/** cpuid_xcr0: the parts of state that the guest may switch on. */
uint32_t cpuid_xcr0(const X86CpuConfig *c);
bool cpuid_is_amd(const X86CpuConfig *c);
/** cpuid_amd_aliases: bits of leaf 1 EDX that an AMD processor repeats in leaf 80000001H. */
uint32_t cpuid_amd_aliases(const X86CpuConfig *c);

#endif
