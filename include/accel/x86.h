/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: x86 state of a vCPU, the same for every accelerator. Layouts are this project's own; an
 * accelerator translates (KVM from and to kvm_regs, kvm_sregs, …).
 */
#ifndef ACCEL_X86_H
#define ACCEL_X86_H

#include "accel/accel.h"

G_BEGIN_DECLS

enum {
    X86_RAX, X86_RCX, X86_RDX, X86_RBX, X86_RSP, X86_RBP, X86_RSI, X86_RDI,
    X86_R8, X86_R9, X86_R10, X86_R11, X86_R12, X86_R13, X86_R14, X86_R15, X86_NGPR
};

typedef struct AccelX86Segment {
    uint64_t base;
    uint32_t limit; /* in bytes, after granularity */
    uint16_t selector;
    uint8_t type, s, dpl, present, avl, l, db, g, unusable;
} AccelX86Segment;

typedef struct AccelX86Table {
    uint64_t base;
    uint16_t limit;
} AccelX86Table;

/* What every change of context touches. */
typedef struct AccelX86Regs {
    uint64_t gpr[X86_NGPR];
    uint64_t rip, rflags;
    AccelX86Segment cs, ds, es, fs, gs, ss, tr, ldt;
    AccelX86Table gdt, idt;
    uint64_t cr0, cr2, cr3, cr4, cr8, efer, apic_base;
} AccelX86Regs;

typedef struct AccelX86Msr {
    uint32_t index;
    uint64_t value;
} AccelX86Msr;

typedef struct AccelX86Cpuid {
    uint32_t function, index;
    bool indexed; /* index is significant */
    uint32_t eax, ebx, ecx, edx;
} AccelX86Cpuid;

typedef struct AccelX86Debug {
    uint64_t db[4], dr6, dr7;
} AccelX86Debug;

typedef enum AccelX86MpState {
    ACCEL_X86_RUNNABLE,
    ACCEL_X86_UNINITIALIZED, /* waits for INIT */
    ACCEL_X86_INIT_RECEIVED,
    ACCEL_X86_HALTED,
    ACCEL_X86_SIPI_RECEIVED,
} AccelX86MpState;

typedef struct AccelX86Events {
    bool exception_injected, exception_has_error, exception_pending;
    uint8_t exception_nr;
    uint32_t exception_error;
    bool interrupt_injected, interrupt_soft;
    uint8_t interrupt_nr, interrupt_shadow;
    bool nmi_injected, nmi_pending, nmi_masked;
    uint32_t sipi_vector;
    bool smm, smi_pending, smm_inside_nmi, smi_latched_init;
    bool triple_fault_pending;
} AccelX86Events;

/** accel_x86_reset_regs: @regs as after power-on or INIT (Intel SDM vol. 3, table 10-1). */
ACCEL_API void accel_x86_reset_regs(AccelX86Regs *regs, bool bsp);

/** accel_get_regs: registers of @cpu. On its thread, or while it does not run. */
ACCEL_API gboolean accel_get_regs(AccelCPU *cpu, AccelX86Regs *regs, GError **errp);
/** accel_set_regs: all registers of @cpu at once. On its thread, or while it does not run. */
ACCEL_API gboolean accel_set_regs(AccelCPU *cpu, const AccelX86Regs *regs, GError **errp);

/** accel_reset_vcpu: put the whole vCPU into its power-on state. Not while it runs. */
ACCEL_API gboolean accel_reset_vcpu(AccelCPU *cpu, bool bsp, GError **errp);

/**
 * accel_get_supported_cpuid: what the host lets a guest see.
 * Returns: (transfer full) array of AccelX86Cpuid, or NULL. Source: KVM API 4.46.
 */
ACCEL_API GArray *accel_get_supported_cpuid(AccelState *as, GError **errp);
/** accel_set_cpuid: what CPUID tells the guest. Before it first runs. Source: KVM API 4.66. */
ACCEL_API gboolean accel_set_cpuid(AccelCPU *cpu, const AccelX86Cpuid *entries, guint n,
                                   GError **errp);

/** accel_get_msrs, accel_set_msrs: errors name the first MSR that was refused. */
ACCEL_API gboolean accel_get_msrs(AccelCPU *cpu, AccelX86Msr *msrs, guint n, GError **errp);
ACCEL_API gboolean accel_set_msrs(AccelCPU *cpu, const AccelX86Msr *msrs, guint n, GError **errp);
/** accel_get_feature_msr: a feature MSR of the host (KVM_GET_MSRS on the system descriptor). */
ACCEL_API gboolean accel_get_feature_msr(AccelState *as, uint32_t index, uint64_t *value,
                                         GError **errp);
/** accel_get_msr_list: the MSRs that make up a vCPU's state. (transfer full) array of uint32_t. */
ACCEL_API GArray *accel_get_msr_list(AccelState *as, GError **errp);

/** accel_get_debug: the debug registers. */
ACCEL_API gboolean accel_get_debug(AccelCPU *cpu, AccelX86Debug *dr, GError **errp);
/** accel_set_debug: the debug registers. */
ACCEL_API gboolean accel_set_debug(AccelCPU *cpu, const AccelX86Debug *dr, GError **errp);
/** accel_get_mp_state: whether @cpu runs, waits for INIT or SIPI, or is halted. */
ACCEL_API gboolean accel_get_mp_state(AccelCPU *cpu, AccelX86MpState *state, GError **errp);
/** accel_set_mp_state: the other way round; ACCEL_ERROR_UNSUPPORTED where it cannot be said. */
ACCEL_API gboolean accel_set_mp_state(AccelCPU *cpu, AccelX86MpState state, GError **errp);
/** accel_get_events: exceptions, interrupts and NMIs on their way into the guest. */
ACCEL_API gboolean accel_get_events(AccelCPU *cpu, AccelX86Events *ev, GError **errp);
/** accel_set_events: put them back. */
ACCEL_API gboolean accel_set_events(AccelCPU *cpu, const AccelX86Events *ev, GError **errp);
/** FPU and vector state in the XSAVE layout. @size: bytes at @area, at least 4096. */
ACCEL_API gboolean accel_get_xsave(AccelCPU *cpu, void *area, size_t size, GError **errp);
ACCEL_API gboolean accel_set_xsave(AccelCPU *cpu, const void *area, size_t size, GError **errp);
/** LAPIC register page, 1024 bytes, in-kernel LAPIC only. */
ACCEL_API gboolean accel_get_lapic(AccelCPU *cpu, void *regs1024, GError **errp);
ACCEL_API gboolean accel_set_lapic(AccelCPU *cpu, const void *regs1024, GError **errp);

/** accel_tsc_khz: guest TSC frequency; 0 when unknown. */
ACCEL_API uint32_t accel_tsc_khz(AccelCPU *cpu);
/** accel_set_tsc_khz: ACCEL_ERROR_UNSUPPORTED when the host cannot scale to @khz. */
ACCEL_API gboolean accel_set_tsc_khz(AccelCPU *cpu, uint32_t khz, GError **errp);

/** accel_create_pit: the in-kernel i8254 (kernel-irqchip=on). @speaker_dummy: port 0x61 too. */
ACCEL_API gboolean accel_create_pit(AccelState *as, bool speaker_dummy, GError **errp);
/** accel_route_pc: kernel-irqchip=on: GSI n to PIC and IOAPIC as a PC has it, GSI 0 to pin 2. */
ACCEL_API gboolean accel_route_pc(AccelState *as, GError **errp);

/**
 * accel_reset_irqchip: the interrupt controllers and the timer that live in the kernel, not the
 * LAPICs, as after power-on. Not while a vCPU runs. Nothing to do, and no error, without them.
 */
ACCEL_API gboolean accel_reset_irqchip(AccelState *as, GError **errp);

/** accel_translate: guest-virtual to guest-physical. FALSE without error when not mapped. */
ACCEL_API gboolean accel_translate(AccelCPU *cpu, uint64_t va, uint64_t *gpa, GError **errp);

G_END_DECLS

#endif
