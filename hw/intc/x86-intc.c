/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The interrupt controllers of an x86 board as one set: which of them are devices here and which
 * live in the kernel is decided once, when the set is made, and nobody else has to know. The set is
 * a device too: its unnamed inputs are the GSI lines that everything on the board drives, its input
 * "intr" is where the PIC's output arrives. vCPUs reach it through MachineState.intc.
 */
#include "apic-internal.h"
#include "ioapic-internal.h"
#include "accel/x86.h"
#include "hw/core/core-internal.h"

X86Intc *x86_intc_of(const MachineState *ms)
{
    return ms->intc.ack_opaque;
}

bool x86_intc_split(const MachineState *ms)
{
    const X86Intc *set = x86_intc_of(ms);

    return set != NULL && set->config.mode == ACCEL_IRQCHIP_SPLIT;
}

/* ---- lines ---- */

static void intc_set_gsi(void *opaque, int n, int level)
{
    X86Intc *set = opaque;

    if (set->config.mode == ACCEL_IRQCHIP_ON) {
        accel_set_irq(set->dev.machine->accel, n, level, NULL);
        return;
    }
    if (n < 16 && set->pic != NULL) {
        hw_irq_set(hw_device_in(set->pic, NULL, n), level);
    }
    if (set->ioapic != NULL) {
        hw_irq_set(hw_device_in(set->ioapic, NULL, n), level);
    }
}

/* The PIC's output: LINT0 of every LAPIC here; else straight to the boot CPU. */
static void intc_set_intr(void *opaque, int n, int level)
{
    X86Intc *set = opaque;

    set->intr = level;
    for (guint i = 0; i < set->apics->len; i++) {
        apic_set_lint0(g_ptr_array_index(set->apics, i), level);
    }
    if ((set->kernel || set->config.no_lapic) && set->boot_cpu != NULL) {
        hw_cpu_set_extint(set->boot_cpu, level);
    }
}

/* ---- what vCPUs ask, under the machine lock ---- */

static int intc_ack(void *opaque, CPUState *cpu)
{
    X86Intc *set = opaque;

    if (!set->kernel && !set->config.no_lapic) {
        return apic_ack(cpu);
    }
    return set->pic != NULL && set->intr ? i8259_ack(set->pic) : -1;
}

static void intc_eoi(void *opaque, uint8_t vector)
{
    X86Intc *set = opaque;

    if (set->ioapic != NULL) {
        ioapic_eoi(set->ioapic, vector);
    }
}

static void intc_set_tpr(void *opaque, CPUState *cpu, uint8_t cr8)
{
    apic_set_cr8(cpu, cr8);
}

/* ---- the device ---- */

static gboolean intc_realize(DeviceState *dev, GError **errp)
{
    X86Intc *set = (X86Intc *)dev;
    MachineState *ms = dev->machine;

    set->apics = g_ptr_array_new();
    hw_device_init_in(dev, NULL, intc_set_gsi, X86_NUM_GSI);
    hw_device_init_in(dev, "intr", intc_set_intr, 1);
    ms->intc = (MachineIntc){ .ack_opaque = set, .eoi_opaque = set, .tpr_opaque = set };
    if (set->config.mode != ACCEL_IRQCHIP_ON) {
        ms->intc.ack = intc_ack;
        ms->intc.eoi = intc_eoi;
    }
    if (!set->kernel && !set->config.no_lapic) {
        ms->intc.set_tpr = intc_set_tpr;
        set->lapic_io = (IoRegion){ .name = "apic-msi", .base = X86_LAPIC_GPA,
                                    .size = X86_LAPIC_SPAN, .ops = &apic_ops, .opaque = set,
                                    .owner = dev };
        hw_mmio_add(ms, &set->lapic_io);
    }
    return TRUE;
}

static void intc_unrealize(DeviceState *dev)
{
    X86Intc *set = (X86Intc *)dev;

    if (set->lapic_io.ops != NULL) {
        hw_mmio_remove(dev->machine, &set->lapic_io);
    }
    dev->machine->intc = (MachineIntc){ 0 };
    g_ptr_array_unref(set->apics);
    set->apics = NULL;
}

/* What lives in the kernel hears of a reset through here; devices here have resets of their own. */
static void intc_reset(DeviceState *dev)
{
    g_autoptr(GError) err = NULL;

    if (((X86Intc *)dev)->config.mode == ACCEL_IRQCHIP_ON &&
        !accel_reset_irqchip(dev->machine->accel, &err)) {
        MachineRequestInfo info = {
            .kind = MACHINE_REQUEST_ERROR, .cause = "irqchip-reset", .err = err,
        };

        hw_machine_request_full(dev->machine, &info);
    }
}

const DeviceClass x86_intc_class = {
    .type = {
        .name = "x86-intc",
        .parent = &hw_type_device,
        .desc = "interrupt lines of an x86 board",
        .instance_size = sizeof(X86Intc),
    },
    .bus = "System",
    .realize = intc_realize,
    .unrealize = intc_unrealize,
    .reset = intc_reset,
};

/* ---- for boards and devices ---- */

IrqLine *x86_intc_gsi(MachineState *ms, unsigned gsi)
{
    X86Intc *set = x86_intc_of(ms);

    return set != NULL && gsi < X86_NUM_GSI ? hw_device_in(&set->dev, NULL, gsi) : NULL;
}

DeviceState *x86_intc_pic(MachineState *ms)
{
    return x86_intc_of(ms) != NULL ? x86_intc_of(ms)->pic : NULL;
}

DeviceState *x86_intc_ioapic(MachineState *ms)
{
    return x86_intc_of(ms) != NULL ? x86_intc_of(ms)->ioapic : NULL;
}

DeviceState *x86_intc_pit(MachineState *ms)
{
    return x86_intc_of(ms) != NULL ? x86_intc_of(ms)->pit : NULL;
}

gboolean x86_intc_add_cpu(MachineState *ms, CPUState *cpu, GError **errp)
{
    X86Intc *set = x86_intc_of(ms);

    if (set->boot_cpu == NULL) {
        set->boot_cpu = cpu;
    }
    if (set->kernel || set->config.no_lapic) {
        return TRUE;
    }
    g_autofree char *name = g_strdup_printf("lapic%d", cpu->index);
    DeviceState *dev = hw_device_new(&apic_class);
    ((ApicState *)dev)->cpu = cpu;
    ((ApicState *)dev)->set = set;
    if (!hw_device_realize(dev, ms, name, errp)) {
        hw_object_unref(&dev->obj);
        return FALSE;
    }
    return TRUE;
}

void x86_intc_remove_cpu(MachineState *ms, CPUState *cpu)
{
    X86Intc *set = x86_intc_of(ms);
    DeviceState *apic = apic_of(cpu);

    if (set != NULL && set->boot_cpu == cpu) {
        set->boot_cpu = NULL;
    }
    if (apic != NULL) {
        hw_device_unrealize(apic);
    }
}
