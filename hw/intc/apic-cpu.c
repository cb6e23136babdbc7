/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * INIT and start-up IPI: what a local APIC does to its CPU. Both change the vCPU's registers, which
 * only its own thread may, so the work is queued there; the order of the queue is the order of the
 * messages. Whether a start-up is waited for is known here at once.
 * Source: Intel SDM vol. 3, 9.1 (state after INIT) and 9.4.4 (start-up of processors).
 */
#include "apic-internal.h"
#include "accel/x86.h"

static void apic_set_halted(CPUState *cpu, bool halted)
{
    g_mutex_lock(&cpu->dev.machine->cpu_lock);
    cpu->irq_enabled = false;
    cpu->halted = halted;
    g_mutex_unlock(&cpu->dev.machine->cpu_lock);
}

/* On the vCPU's thread. INIT leaves MSRs, FPU and caches alone. */
static void apic_do_init(CPUState *cpu, void *data)
{
    bool bsp = GPOINTER_TO_INT(data);
    AccelX86Regs regs, old;
    AccelX86Events none = { 0 };

    accel_x86_reset_regs(&regs, bsp);
    if (accel_get_regs(cpu->accel_cpu, &old, NULL)) {
        regs.apic_base = old.apic_base;
    }
    accel_set_events(cpu->accel_cpu, &none, NULL);
    accel_set_regs(cpu->accel_cpu, &regs, NULL);
    apic_set_halted(cpu, !bsp);
}

static void apic_do_sipi(CPUState *cpu, void *data)
{
    unsigned vector = GPOINTER_TO_UINT(data);
    AccelX86Regs regs;

    if (!accel_get_regs(cpu->accel_cpu, &regs, NULL)) {
        return;
    }
    regs.cs.selector = vector << 8;
    regs.cs.base = vector << 12;
    regs.rip = 0;
    accel_set_regs(cpu->accel_cpu, &regs, NULL);
    apic_set_halted(cpu, false);
}

static void apic_queue(ApicState *s, void (*fn)(CPUState *, void *), void *data)
{
    if (s->cpu->accel_cpu != NULL) {
        hw_cpu_async(s->cpu, fn, data);
    }
}

void apic_cpu_init(ApicState *s)
{
    bool bsp = s->base & APIC_BASE_BSP;

    apic_reset_regs(s);
    s->wait_sipi = !bsp;
    apic_update(s);
    apic_queue(s, apic_do_init, GINT_TO_POINTER(bsp));
}

/* Only the first start-up IPI after INIT counts. */
void apic_cpu_sipi(ApicState *s, uint8_t vector)
{
    if (!s->wait_sipi) {
        return;
    }
    s->wait_sipi = false;
    apic_queue(s, apic_do_sipi, GUINT_TO_POINTER(vector));
    apic_update(s);
}

bool apic_wait_sipi(CPUState *cpu)
{
    ApicState *s = (ApicState *)apic_of(cpu);

    return s != NULL && s->wait_sipi;
}
