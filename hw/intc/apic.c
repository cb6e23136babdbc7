/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The local APIC in user space, one device per vCPU: for software CPUs, for kernel-irqchip=off and
 * for test clients. Source: Intel SDM volume 3, chapter 11. This file has its life; the others:
 * apic-regs.c registers, apic-irq.c priorities and delivery to the CPU, apic-bus.c destinations and
 * IPIs, apic-timer.c the timer, apic-msr.c MSRs, apic-cpu.c INIT and start-up.
 *
 * The boot CPU comes out of reset with LINT0 unmasked as ExtINT, the state in which PC firmware
 * leaves it, so that guests started without firmware get the PIC's interrupts.
 */
#include "apic-internal.h"

DeviceState *apic_of(CPUState *cpu)
{
    X86Intc *set = cpu != NULL ? x86_intc_of(cpu->dev.machine) : NULL;

    if (set == NULL) {
        return NULL;
    }
    if ((guint)cpu->index < set->apics->len) { /* where it is unless CPUs came and went */
        ApicState *s = g_ptr_array_index(set->apics, cpu->index);
        if (s->cpu == cpu) {
            return &s->dev;
        }
    }
    for (guint i = 0; i < set->apics->len; i++) {
        ApicState *s = g_ptr_array_index(set->apics, i);
        if (s->cpu == cpu) {
            return &s->dev;
        }
    }
    return NULL;
}

int apic_ack(CPUState *cpu)
{
    ApicState *s = (ApicState *)apic_of(cpu);

    return s != NULL ? apic_take(s) : -1;
}

bool apic_pending(CPUState *cpu)
{
    ApicState *s = (ApicState *)apic_of(cpu);

    return s != NULL && apic_wants(s);
}

uint8_t apic_get_cr8(CPUState *cpu)
{
    ApicState *s = (ApicState *)apic_of(cpu);

    return s != NULL ? s->tpr >> 4 : 0;
}

void apic_set_cr8(CPUState *cpu, uint8_t cr8)
{
    ApicState *s = (ApicState *)apic_of(cpu);

    if (s != NULL) {
        s->tpr = (cr8 & 0xf) << 4;
        apic_update(s);
    }
}

void apic_reset_regs(ApicState *s)
{
    bool bsp = s->base & APIC_BASE_BSP;

    s->tpr = 0;
    s->ldr = 0;
    s->dfr = 0xffffffff;
    s->svr = 0xff;
    s->esr = s->esr_new = 0;
    s->icr[0] = s->icr[1] = 0;
    memset(s->irr, 0, sizeof(s->irr));
    memset(s->isr, 0, sizeof(s->isr));
    memset(s->tmr, 0, sizeof(s->tmr));
    for (int i = 0; i < APIC_NLVT; i++) {
        s->lvt[i] = APIC_LVT_MASKED;
    }
    if (bsp) {
        s->lvt[LVT_LINT0] = APIC_DM_EXTINT << 8;
    }
    s->divide = 0;
    s->initial = 0;
    s->running = false;
    s->deadline = 0;
    if (s->timer != NULL) {
        hw_timer_del(s->timer);
    }
}

static void apic_reset(DeviceState *dev)
{
    ApicState *s = (ApicState *)dev;
    bool bsp = s->cpu == s->set->boot_cpu;

    s->base = X86_LAPIC_GPA | APIC_BASE_ENABLE | (bsp ? APIC_BASE_BSP : 0);
    s->id = s->cpu->apic_id;
    s->xid = s->id;
    apic_reset_regs(s);
    s->wait_sipi = !bsp;
    s->extint = true; /* so that the next line tells the CPU whatever it believed */
    apic_update(s);
}

static gboolean apic_realize(DeviceState *dev, GError **errp)
{
    ApicState *s = (ApicState *)dev;

    if (s->cpu == NULL || s->set == NULL) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "Device 'apic' belongs to a CPU and cannot be created alone");
        return FALSE;
    }
    s->timer = hw_timer_new(dev->machine, HW_CLOCK_VIRTUAL, apic_timer_fire, s);
    g_ptr_array_add(s->set->apics, s);
    apic_reset(dev);
    apic_set_lint0(s, s->set->intr);
    return TRUE;
}

static void apic_unrealize(DeviceState *dev)
{
    ApicState *s = (ApicState *)dev;

    g_ptr_array_remove(s->set->apics, s);
    hw_timer_free(s->timer);
    s->timer = NULL;
}

const DeviceClass apic_class = {
    .type = {
        .name = "apic",
        .parent = &hw_type_device,
        .desc = "local APIC",
        .instance_size = sizeof(ApicState),
    },
    .bus = "cpu",
    .realize = apic_realize,
    .reset = apic_reset,
    .unrealize = apic_unrealize,
};
