/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CPUID bits by the names that Linux and QEMU use. Sources: Intel SDM vol. 2 (CPUID), AMD APM vol. 3
 * appendix E. Only bits that a user may look for; the rest is in the raw leaves.
 */
#include "probe.h"

typedef enum Reg { EAX, EBX, ECX, EDX } Reg;

static const struct {
    uint32_t leaf, sub;
    Reg reg;
    int bit;
    const char *name;
} table[] = {
    { 1, 0, ECX, 0, "pni" }, { 1, 0, ECX, 1, "pclmulqdq" }, { 1, 0, ECX, 3, "monitor" },
    { 1, 0, ECX, 5, "vmx" }, { 1, 0, ECX, 9, "ssse3" }, { 1, 0, ECX, 12, "fma" },
    { 1, 0, ECX, 13, "cx16" }, { 1, 0, ECX, 17, "pcid" }, { 1, 0, ECX, 19, "sse4.1" },
    { 1, 0, ECX, 20, "sse4.2" }, { 1, 0, ECX, 21, "x2apic" }, { 1, 0, ECX, 22, "movbe" },
    { 1, 0, ECX, 23, "popcnt" }, { 1, 0, ECX, 24, "tsc-deadline" }, { 1, 0, ECX, 25, "aes" },
    { 1, 0, ECX, 26, "xsave" }, { 1, 0, ECX, 28, "avx" }, { 1, 0, ECX, 29, "f16c" },
    { 1, 0, ECX, 30, "rdrand" }, { 1, 0, EDX, 0, "fpu" }, { 1, 0, EDX, 4, "tsc" },
    { 1, 0, EDX, 5, "msr" }, { 1, 0, EDX, 6, "pae" }, { 1, 0, EDX, 7, "mce" },
    { 1, 0, EDX, 8, "cx8" }, { 1, 0, EDX, 9, "apic" }, { 1, 0, EDX, 11, "sep" },
    { 1, 0, EDX, 12, "mtrr" }, { 1, 0, EDX, 13, "pge" }, { 1, 0, EDX, 15, "cmov" },
    { 1, 0, EDX, 16, "pat" }, { 1, 0, EDX, 19, "clflush" }, { 1, 0, EDX, 23, "mmx" },
    { 1, 0, EDX, 24, "fxsr" }, { 1, 0, EDX, 25, "sse" }, { 1, 0, EDX, 26, "sse2" },
    { 7, 0, EBX, 0, "fsgsbase" }, { 7, 0, EBX, 3, "bmi1" }, { 7, 0, EBX, 5, "avx2" },
    { 7, 0, EBX, 7, "smep" }, { 7, 0, EBX, 8, "bmi2" }, { 7, 0, EBX, 9, "erms" },
    { 7, 0, EBX, 10, "invpcid" }, { 7, 0, EBX, 16, "avx512f" }, { 7, 0, EBX, 17, "avx512dq" },
    { 7, 0, EBX, 18, "rdseed" }, { 7, 0, EBX, 19, "adx" }, { 7, 0, EBX, 20, "smap" },
    { 7, 0, EBX, 23, "clflushopt" }, { 7, 0, EBX, 24, "clwb" }, { 7, 0, EBX, 28, "avx512cd" },
    { 7, 0, EBX, 29, "sha-ni" }, { 7, 0, EBX, 30, "avx512bw" }, { 7, 0, EBX, 31, "avx512vl" },
    { 7, 0, ECX, 2, "umip" }, { 7, 0, ECX, 3, "pku" }, { 7, 0, ECX, 8, "gfni" },
    { 7, 0, ECX, 9, "vaes" }, { 7, 0, ECX, 10, "vpclmulqdq" }, { 7, 0, ECX, 16, "la57" },
    { 7, 0, ECX, 22, "rdpid" }, { 7, 0, EDX, 4, "fsrm" }, { 7, 0, EDX, 10, "md-clear" },
    { 7, 0, EDX, 22, "amx-bf16" }, { 7, 0, EDX, 23, "avx512-fp16" }, { 7, 0, EDX, 24, "amx-tile" },
    { 7, 0, EDX, 25, "amx-int8" }, { 7, 0, EDX, 26, "spec-ctrl" },
    { 7, 0, EDX, 29, "arch-capabilities" }, { 7, 0, EDX, 31, "ssbd" },
    { 0xd, 1, EAX, 0, "xsaveopt" }, { 0xd, 1, EAX, 1, "xsavec" }, { 0xd, 1, EAX, 3, "xsaves" },
    { 0x40000001, 0, EAX, 0, "kvmclock" }, { 0x40000001, 0, EAX, 3, "kvmclock2" },
    { 0x40000001, 0, EAX, 4, "kvm-asyncpf" }, { 0x40000001, 0, EAX, 5, "kvm-steal-time" },
    { 0x40000001, 0, EAX, 6, "kvm-pv-eoi" }, { 0x40000001, 0, EAX, 7, "kvm-pv-unhalt" },
    { 0x40000001, 0, EAX, 24, "kvmclock-stable-bit" },
    { 0x80000001, 0, ECX, 0, "lahf-lm" }, { 0x80000001, 0, ECX, 2, "svm" },
    { 0x80000001, 0, ECX, 5, "abm" }, { 0x80000001, 0, EDX, 11, "syscall" },
    { 0x80000001, 0, EDX, 20, "nx" }, { 0x80000001, 0, EDX, 26, "pdpe1gb" },
    { 0x80000001, 0, EDX, 27, "rdtscp" }, { 0x80000001, 0, EDX, 29, "lm" },
    { 0x80000007, 0, EDX, 8, "invtsc" }, { 0x80000008, 0, EBX, 12, "ibpb" },
};

static uint32_t word(const AccelX86Cpuid *e, Reg reg)
{
    const uint32_t words[] = { e->eax, e->ebx, e->ecx, e->edx };

    return words[reg];
}

static bool has(const GArray *cpuid, guint row)
{
    for (guint i = 0; i < cpuid->len; i++) {
        const AccelX86Cpuid *e = &g_array_index(cpuid, AccelX86Cpuid, i);

        if (e->function == table[row].leaf && (!e->indexed || e->index == table[row].sub)) {
            return (word(e, table[row].reg) >> table[row].bit & 1) != 0;
        }
    }
    return false;
}

GPtrArray *probe_cpu_features(const GArray *cpuid)
{
    GPtrArray *names = g_ptr_array_new();

    for (guint i = 0; cpuid != NULL && i < G_N_ELEMENTS(table); i++) {
        if (has(cpuid, i)) {
            g_ptr_array_add(names, (char *)table[i].name);
        }
    }
    return names;
}
