/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUID: what the software CPU can do, and answering the instruction.
 *
 * The features are those of QEMU's model qemu64 as far as libunicorn 2.0.1 has them. Left out on
 * purpose: NX and SYSCALL can be used but EFER.NXE and EFER.SCE read as set from the start; x2APIC
 * and TSC deadline, because nothing sees the guest's RDMSR and WRMSR.
 */
#include "tcg-int.h"

/* FPU PSE TSC MSR PAE CX8 APIC SEP MTRR PGE MCA CMOV PAT PSE36 CLFLUSH MMX FXSR SSE SSE2; not emulated:
 * DE MCE VME */
#define EDX_1  (1u << 0 | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 8 | 1u << 9 | 1u << 11 | \
                1u << 12 | 1u << 13 | 1u << 15 | 1u << 16 | 1u << 17 | 1u << 19 | 1u << 23 | \
                1u << 24 | 1u << 25 | 1u << 26)
/* SSE3, CX16, HYPERVISOR */
#define ECX_1  (1u << 0 | 1u << 13 | 1u << 31)
/* as leaf 1, and SYSCALL, NX, LM */
#define EDX_8  ((EDX_1 & ~(1u << 11 | 1u << 25 | 1u << 26)) | 1u << 11 | 1u << 20 | 1u << 29)
#define ECX_8  (1u << 0) /* LAHF in 64-bit mode */

/* The letters of a name in EBX, EDX, ECX order, as leaves 0 and 0x80000000 have it. */
#define VENDOR_B 0x68747541
#define VENDOR_D 0x69746e65
#define VENDOR_C 0x444d4163

static const AccelX86Cpuid supported[] = {
    { 0x0, 0, false, 0xd, VENDOR_B, VENDOR_C, VENDOR_D },
    { 0x1, 0, false, 0x00000f61, 0x00010800, ECX_1, EDX_1 },
    { 0x2, 0, false, 1, 0, 0, 0x002c307d },
    { 0x4, 0, true, 0, 0, 0, 0 },
    { 0x7, 0, true, 0, 0, 0, 0 },
    { 0xd, 0, true, 0, 0, 0, 0 },
    { 0x40000000, 0, false, 0x40000001, 0x54474354, 0x43544743, 0x47435447 }, /* TCGTCGTCGTCG */
    { 0x40000001, 0, false, 0, 0, 0, 0 },
    { 0x80000000, 0, false, 0x80000008, VENDOR_B, VENDOR_C, VENDOR_D },
    { 0x80000001, 0, false, 0x00000f61, 0, ECX_8, EDX_8 },
    { 0x80000002, 0, false, 0x6c656363, 0x206d7661, 0x74666f73, 0x65726177 }, /* accelvm software */
    { 0x80000003, 0, false, 0x55504320, 0, 0, 0 },                            /*  CPU */
    { 0x80000004, 0, false, 0, 0, 0, 0 },
    { 0x80000008, 0, false, 0x00003028, 0, 0, 0 },
};

GArray *tcg_get_supported_cpuid(AccelState *as, GError **errp)
{
    GArray *out = g_array_new(FALSE, FALSE, sizeof(AccelX86Cpuid));

    g_array_append_vals(out, supported, G_N_ELEMENTS(supported));
    return out;
}

gboolean tcg_set_cpuid(AccelCPU *acpu, const AccelX86Cpuid *entries, guint n, GError **errp)
{
    TcgCpu *cpu = TCG_CPU(acpu);

    g_free(cpu->cpuid);
    cpu->cpuid = g_memdup2(entries, n * sizeof(*entries));
    cpu->n_cpuid = n;
    return TRUE;
}

static const AccelX86Cpuid *find(const TcgCpu *cpu, uint32_t function, uint32_t index)
{
    for (guint i = 0; i < cpu->n_cpuid; i++) {
        const AccelX86Cpuid *e = &cpu->cpuid[i];

        if (e->function == function && (!e->indexed || e->index == index)) {
            return e;
        }
    }
    return NULL;
}

/* Past the last leaf a CPU answers with the last basic one. */
static const AccelX86Cpuid *lookup(const TcgCpu *cpu, uint32_t function, uint32_t index)
{
    const AccelX86Cpuid *limit = find(cpu, function & 0x80000000, 0);
    const AccelX86Cpuid *basic = find(cpu, 0, 0);

    if (function < 0x40000000 || function >= 0x80000000) {
        if (limit != NULL && basic != NULL && function > limit->eax) {
            return find(cpu, basic->eax, index);
        }
    }
    return find(cpu, function, index);
}

int tcg_on_cpuid(uc_engine *uc, void *opaque)
{
    TcgState *st = opaque;
    const AccelX86Cpuid none = { 0 }, *e;
    uint64_t rax = 0, rbx, rcx = 0, rdx;

    uc_reg_read(uc, UC_X86_REG_RAX, &rax);
    uc_reg_read(uc, UC_X86_REG_RCX, &rcx);
    e = lookup(st->running, (uint32_t)rax, (uint32_t)rcx);
    e = e != NULL ? e : &none;
    rax = e->eax;
    rbx = e->ebx;
    rcx = e->ecx;
    rdx = e->edx;
    uc_reg_write(uc, UC_X86_REG_RAX, &rax);
    uc_reg_write(uc, UC_X86_REG_RBX, &rbx);
    uc_reg_write(uc, UC_X86_REG_RCX, &rcx);
    uc_reg_write(uc, UC_X86_REG_RDX, &rdx);
    return 1;
}
