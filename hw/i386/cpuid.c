/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A table of CPUID leaves from a CPU's configuration.
 *
 * Theory of operation: the table is built once per machine with zero in place of the APIC id; each
 * CPU gets a copy with its id patched in. Leaves that are all zero are left out where the kernel
 * answers zero for a leaf that it does not find, so the table stays short.
 * Source: Intel SDM volume 2 "CPUID"; AMD APM volume 3 appendix E.
 */
#include <string.h>
#include "cpuid-internal.h"

void cpuid_put_sub(CpuidBuild *b, uint32_t fn, uint32_t sub, uint32_t eax, uint32_t ebx,
                   uint32_t ecx, uint32_t edx)
{
    const AccelX86Cpuid e = { .function = fn, .index = sub, .indexed = true,
                              .eax = eax, .ebx = ebx, .ecx = ecx, .edx = edx };

    g_array_append_val(b->out, e);
}

void cpuid_put(CpuidBuild *b, uint32_t fn, uint32_t eax, uint32_t ebx, uint32_t ecx, uint32_t edx)
{
    const AccelX86Cpuid e = { .function = fn, .eax = eax, .ebx = ebx, .ecx = ecx, .edx = edx };

    g_array_append_val(b->out, e);
}

guint cpuid_copy(CpuidBuild *b, uint32_t fn)
{
    guint n = 0;

    for (guint i = 0; i < b->c->leaves->len; i++) {
        const AccelX86Cpuid *e = &g_array_index(b->c->leaves, AccelX86Cpuid, i);

        if (e->function == fn) {
            g_array_append_vals(b->out, e, 1);
            n++;
        }
    }
    return n;
}

void cpuid_kvm(CpuidBuild *b, uint32_t tsc_khz)
{
    static const char signature[12] = "KVMKVMKVM";
    const bool frequency = b->c->vmware_cpuid_freq && tsc_khz != 0;
    uint32_t text[3];

    memcpy(text, signature, sizeof(text));
    cpuid_put(b, 0x40000000, frequency ? 0x40000010 : 0x40000001, text[0], text[1], text[2]);
    cpuid_put(b, 0x40000001, cpuid_word(b, X86_WORD_KVM_EAX), 0, 0,
              cpuid_word(b, X86_WORD_KVM_EDX));
    if (frequency) {
        cpuid_put(b, 0x40000010, tsc_khz, 1000000, 0, 0); /* kHz of TSC and of the APIC bus */
    }
}

GArray *x86_cpuid_build(const X86CpuConfig *c, const SmpConfig *smp, uint32_t tsc_khz)
{
    CpuidBuild b = {
        .c = c, .f = &c->f, .topo = x86_topo_of(smp),
        .out = g_array_sized_new(FALSE, FALSE, sizeof(AccelX86Cpuid), 64),
        .intel = strcmp(c->vendor, "GenuineIntel") == 0,
        .amd = cpuid_is_amd(c),
    };

    b.level = c->level;
    if ((b.topo.dies > 1 || b.topo.modules > 1) && b.level >= 0xb) {
        b.level = MAX(b.level, 0x1fu);
    }
    if ((c->f.w[X86_WORD_KVM_EAX] | c->f.w[X86_WORD_KVM_EDX]) != 0) {
        cpuid_kvm(&b, tsc_khz);
    }
    cpuid_basic(&b);
    if (c->xlevel >= 0x80000000) {
        cpuid_extended(&b);
    }
    if (c->xlevel2 >= 0xc0000001) { /* Centaur's */
        cpuid_put(&b, 0xc0000000, c->xlevel2, 0, 0, 0);
        cpuid_put(&b, 0xc0000001, 0, 0, 0, cpuid_word(&b, X86_WORD_C000_0001_EDX));
    }
    return b.out;
}

static void patch_node(AccelX86Cpuid *e, const X86Topo *t, uint32_t apic_id)
{
    const uint32_t die = apic_id >> t->die_shift & ((1u << (t->pkg_shift - t->die_shift)) - 1);
    const uint32_t core = apic_id >> t->core_shift & ((1u << (t->die_shift - t->core_shift)) - 1);

    e->eax = apic_id;
    e->ebx = (e->ebx & ~0xffu) | (core & 0xff);
    e->ecx = (e->ecx & ~0xffu) | (((apic_id >> t->pkg_shift) * t->dies + die) & 0xff);
}

void x86_cpuid_patch(AccelX86Cpuid *leaves, guint n, const SmpConfig *smp, uint32_t apic_id)
{
    const X86Topo t = x86_topo_of(smp);

    for (guint i = 0; i < n; i++) {
        AccelX86Cpuid *e = &leaves[i];

        if (e->function == 1) {
            e->ebx = (e->ebx & 0x00ffffff) | (apic_id & 0xff) << 24;
        } else if (e->function == 0xb || e->function == 0x1f) {
            e->edx = apic_id;
        } else if (e->function == 0x8000001e) {
            patch_node(e, &t, apic_id);
        }
    }
}
