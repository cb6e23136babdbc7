/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: interrupt controllers and timers of an x86 board.
 *
 * A board makes them all with one call in its init, before any device that raises interrupts and
 * before its CPUs:
 *
 *     IrqLine *gsi = x86_intc_create(ms, x86_intc_mode(ms), errp);
 *
 * and hands lines out from its isa_irq call-back: return x86_intc_gsi(ms, irq). Each new vCPU is
 * announced with x86_intc_add_cpu(), from the board's cpu_plug or after creating it, and taken back
 * with x86_intc_remove_cpu() before it is removed. Which devices come up:
 *
 *     mode    kernel                   user space
 *     on      PIC, IOAPIC, LAPIC, PIT  nothing; the lines drive accel_set_irq()
 *     split   LAPIC                    isa-i8259, ioapic, isa-pit, isa-pcspk
 *     off     nothing                  isa-i8259, ioapic, isa-pit, isa-pcspk, one apic per vCPU
 *
 * Line n of the array is ISA interrupt n and GSI n: it drives PIC input n (n < 16) and IOAPIC input
 * n. The PC's one exception lives inside the IOAPIC: its input 0 acts on pin 2. So somebody who
 * intercepts the IOAPIC's inputs sees the timer as 0.
 *
 * The set fills MachineState.intc, so vCPUs find it: what they acknowledge, the ends of interrupts
 * that reach the IOAPIC and writes to CR8 arrive here without more wiring.
 *
 * Locks: everything here is called under the machine lock unless it says otherwise.
 */
#ifndef HW_INTC_H
#define HW_INTC_H

#include "hw/machine.h"

G_BEGIN_DECLS

#define X86_NUM_GSI     24
#define X86_IOAPIC_GPA  0xfec00000u
#define X86_LAPIC_GPA   0xfee00000u
#define X86_LAPIC_SPAN  0x100000u /* register page, then message space */
#define X86_PIT_HZ      1193182

typedef struct X86Intc X86Intc;

extern ACCEL_API const DeviceClass i8259_class;   /* "isa-i8259" */
extern ACCEL_API const DeviceClass ioapic_class;  /* "ioapic" */
extern ACCEL_API const DeviceClass apic_class;    /* "apic" */
extern ACCEL_API const DeviceClass i8254_class;   /* "isa-pit" */
extern ACCEL_API const DeviceClass pcspk_class;   /* "isa-pcspk" */

/* ---- the whole set ---- */

/* What a board leaves out; all false is a full PC. */
typedef struct X86IntcConfig {
    AccelIrqchip mode;
    bool no_pic, no_ioapic, no_lapic, no_pit;
} X86IntcConfig;

/** x86_intc_mode: its irqchip mode; off for an accelerator that runs nothing. */
ACCEL_API AccelIrqchip x86_intc_mode(const MachineState *ms);
/**
 * x86_intc_create: the set for @mode. Fills ms->intc; freed with the machine.
 * Returns: (transfer none) X86_NUM_GSI lines; or NULL with the error of the part that failed.
 */
ACCEL_API IrqLine *x86_intc_create(MachineState *ms, AccelIrqchip mode, GError **errp);
/** x86_intc_create_config: the same with parts left out (isapc has no IOAPIC and no LAPIC). */
ACCEL_API IrqLine *x86_intc_create_config(MachineState *ms, const X86IntcConfig *config,
                                          GError **errp);
/** x86_intc_gsi: line @gsi; NULL when out of range or there is no set. */
ACCEL_API IrqLine *x86_intc_gsi(MachineState *ms, unsigned gsi);
/** x86_intc_add_cpu: give @cpu its LAPIC where user space has them. Index 0 is the boot CPU. */
ACCEL_API gboolean x86_intc_add_cpu(MachineState *ms, CPUState *cpu, GError **errp);
/** x86_intc_remove_cpu: undo x86_intc_add_cpu(). */
ACCEL_API void x86_intc_remove_cpu(MachineState *ms, CPUState *cpu);
/** x86_intc_pic, x86_intc_ioapic, x86_intc_pit: NULL when in the kernel or left out. */
ACCEL_API DeviceState *x86_intc_pic(MachineState *ms);
ACCEL_API DeviceState *x86_intc_ioapic(MachineState *ms);
ACCEL_API DeviceState *x86_intc_pit(MachineState *ms);
/**
 * x86_intc_send_msi: a message-signalled interrupt of a device, to whoever has the LAPICs.
 * @addr, @data: Intel SDM vol. 3, 11.11.
 */
ACCEL_API void x86_intc_send_msi(MachineState *ms, uint64_t addr, uint32_t data);
/** x86_intc_nmi: NMI to every vCPU, through LINT1 where the LAPIC is in user space (inject-nmi). */
ACCEL_API void x86_intc_nmi(MachineState *ms);

/* ---- i8259 pair: unnamed inputs 0..15, unnamed output 0 is INTR ---- */

/** i8259_ack: the INTA cycle: highest request into service. Returns: vector, spurious 7 if none. */
ACCEL_API int i8259_ack(DeviceState *dev);
/** i8259_pending: INTR is up. */
ACCEL_API bool i8259_pending(const DeviceState *dev);

/* A chip's registers, for a look from outside. */
typedef struct I8259Regs {
    uint8_t irr, imr, isr, elcr;
    uint8_t base;    /* vector of IR0 */
    uint8_t top;     /* IR with the highest priority */
    bool read_isr;   /* a read of the command port gives ISR, not IRR */
    bool nested;     /* special fully nested mode */
} I8259Regs;

/** i8259_get_regs: of @chip, 0 the master, 1 the slave. Changes nothing. */
ACCEL_API void i8259_get_regs(const DeviceState *dev, unsigned chip, I8259Regs *regs);

/* ---- IOAPIC: unnamed inputs 0..23 ---- */

/* Its registers, for a look from outside. */
typedef struct IoapicRegs {
    uint8_t version, id, select;
    uint32_t irr;              /* a bit per pin: level-sensitive requests */
    uint64_t rte[X86_NUM_GSI]; /* redirection table, 82093AA data sheet 3.2.4 */
} IoapicRegs;

/** ioapic_get_regs: of @dev. Changes nothing. */
ACCEL_API void ioapic_get_regs(const DeviceState *dev, IoapicRegs *regs);

/** ioapic_eoi: a LAPIC has broadcast the end of level-triggered interrupt @vector. */
ACCEL_API void ioapic_eoi(DeviceState *dev, uint8_t vector);

/* ---- i8254: unnamed output 0 is channel 0's OUT ---- */

/** i8254_out, i8254_gate: OUT pin now, and GATE pin, of @channel 0..2. */
ACCEL_API bool i8254_out(DeviceState *dev, unsigned channel);
/** i8254_set_gate: the gate input of @channel. */
ACCEL_API void i8254_set_gate(DeviceState *dev, unsigned channel, bool level);

/* ---- LAPIC in user space ---- */

/** apic_of: the LAPIC of @cpu, NULL when it has none in user space. */
ACCEL_API DeviceState *apic_of(CPUState *cpu);
/** apic_ack: take the highest interrupt into service. Returns: vector, -1 when there is none. */
ACCEL_API int apic_ack(CPUState *cpu);
/** apic_pending: ack_extint would give a vector. */
ACCEL_API bool apic_pending(CPUState *cpu);
/** apic_get_cr8: the task priority as CR8 shows it, 0 to 15. */
ACCEL_API uint8_t apic_get_cr8(CPUState *cpu);
/** apic_set_cr8: the task priority as CR8 sets it, 0 to 15. */
ACCEL_API void apic_set_cr8(CPUState *cpu, uint8_t cr8);
/**
 * apic_msr_read, apic_msr_write: IA32_APIC_BASE (0x1b), the x2APIC range 0x800-0x8ff and
 * IA32_TSC_DEADLINE (0x6e0). Returns: FALSE where hardware raises #GP.
 */
ACCEL_API bool apic_msr_read(CPUState *cpu, uint32_t msr, uint64_t *value);
ACCEL_API bool apic_msr_write(CPUState *cpu, uint32_t msr, uint64_t value);
/**
 * apic_read_page: the first 1024 bytes of the LAPIC's page as a guest would read them, for a look from
 * outside; nothing is changed by it. Returns: FALSE when @cpu has no LAPIC in user space.
 */
ACCEL_API bool apic_read_page(CPUState *cpu, uint8_t *page);
/** apic_wait_sipi: the CPU has had INIT (or is an application processor) and waits for SIPI. */
ACCEL_API bool apic_wait_sipi(CPUState *cpu);

G_END_DECLS

#endif
