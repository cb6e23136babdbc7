/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vCPUs as members of a machine: create, reset, remove, look up.
 *
 * Theory of operation: the table of possible CPUs says which places there are; a vCPU is a device that
 * fills one. Its creation is a realize like any other (the architecture's class makes the AccelCPU
 * and its model), so a failure takes back exactly what was done and the machine goes on. Threads are
 * made when a vCPU first has to run, or when somebody asks for its thread id.
 */
#include "hw/core/core-internal.h"
#include "accel/accel-class.h"

static void cpu_init(HwObject *obj)
{
    CPUState *cpu = (CPUState *)obj;

    g_cond_init(&cpu->cond);
    g_queue_init(&cpu->work);
    cpu->stopped = true;
    cpu->stop = true;
}

static void cpu_finalize(HwObject *obj)
{
    CPUState *cpu = (CPUState *)obj;

    g_queue_clear_full(&cpu->work, g_free);
    g_cond_clear(&cpu->cond);
}

const HwType hw_type_cpu = {
    .name = "cpu",
    .parent = &hw_type_device,
    .desc = "virtual CPU",
    .instance_size = sizeof(CPUState),
    .abstract = true,
    .init = cpu_init,
    .finalize = cpu_finalize,
};

gboolean hw_cpu_realize_accel(CPUState *cpu, GError **errp)
{
    MachineState *ms = cpu->dev.machine;

    if (accel_get_class(ms->accel)->threading == ACCEL_THREAD_NONE) {
        cpu->thread_id = hw_gettid();
        return TRUE;
    }
    cpu->accel_cpu = accel_create_vcpu(ms->accel, cpu->apic_id, errp);
    if (cpu->accel_cpu == NULL) {
        return FALSE;
    }
    accel_cpu_set_user(cpu->accel_cpu, cpu);
    return TRUE;
}

void hw_cpu_unrealize_accel(CPUState *cpu)
{
    if (cpu->accel_cpu != NULL) {
        accel_destroy_vcpu(g_steal_pointer(&cpu->accel_cpu));
    }
}

static PossibleCpu *free_slot(MachineState *ms, guint slot, GError **errp)
{
    if (slot >= ms->n_possible) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "Invalid CPU index: %u must be in range 0:%u", slot, ms->n_possible - 1);
        return NULL;
    }
    if (ms->possible[slot].cpu != NULL) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "CPU[%u] with APIC ID %u exists", slot,
                        ms->possible[slot].apic_id);
        return NULL;
    }
    return &ms->possible[slot];
}

static void occupy(MachineState *ms, PossibleCpu *p, CPUState *cpu)
{
    g_mutex_lock(&ms->cpu_lock);
    p->cpu = cpu;
    g_mutex_unlock(&ms->cpu_lock);
}

/* Out of the board, the table and the tree. Its thread has ended or never was. */
static void drop(MachineState *ms, CPUState *cpu)
{
    if (ms->klass->cpu_unplug != NULL) {
        ms->klass->cpu_unplug(ms, cpu);
    }
    occupy(ms, &ms->possible[cpu->index], NULL);
    hw_device_unrealize(&cpu->dev);
}

/* What a vCPU needs beyond its creation: the board's consent and, on a live machine, its thread. */
static gboolean plug(MachineState *ms, CPUState *cpu, GError **errp)
{
    GError *err = NULL;
    gboolean ok;

    if (cpu->hotplugged && !hw_cpu_reset(cpu, errp)) {
        return FALSE;
    }
    ok = ms->klass->cpu_plug == NULL || ms->klass->cpu_plug(ms, cpu, &err);
    if (!hw_settle(ok, err, ms->klass->type.name, "cpu_plug", errp)) {
        return FALSE;
    }
    if (!ms->running) {
        return TRUE;
    }
    cpu->stop = false;
    return hw_cpu_start_thread(cpu, errp);
}

static CPUState *make_cpu(MachineState *ms, guint slot, const char *id, GError **errp)
{
    const DeviceClass *klass = hw_arch_cpu_class(ms, errp);
    CPUState *cpu;

    if (klass == NULL) {
        return NULL;
    }
    cpu = (CPUState *)hw_device_new(klass);
    cpu->index = slot;
    cpu->apic_id = ms->possible[slot].apic_id;
    cpu->ids = ms->possible[slot].ids;
    cpu->dev.id = g_strdup(id);
    cpu->hotplugged = ms->ready;
    if (!hw_device_realize(&cpu->dev, ms, NULL, errp)) {
        hw_object_unref(&cpu->dev.obj);
        return NULL;
    }
    return cpu;
}

CPUState *hw_machine_create_cpu(MachineState *ms, guint slot, const char *id, GError **errp)
{
    PossibleCpu *p = free_slot(ms, slot, errp);
    CPUState *cpu;
    bool held;

    if (p == NULL) {
        return NULL;
    }
    held = hw_shared_hold(ms);
    hw_machine_lock(ms);
    cpu = make_cpu(ms, slot, id, errp);
    if (cpu != NULL) {
        occupy(ms, p, cpu);
        if (!plug(ms, cpu, errp)) {
            drop(ms, cpu);
            cpu = NULL;
        }
    }
    hw_machine_unlock(ms);
    if (held) {
        hw_shared_release(ms);
    }
    return cpu;
}

gboolean hw_machine_create_cpus(MachineState *ms, GError **errp)
{
    guint i;

    for (i = 0; i < ms->smp.cpus; i++) {
        if (hw_machine_create_cpu(ms, i, NULL, errp) == NULL) {
            return FALSE;
        }
    }
    return TRUE;
}

/* Thread, slot, device: in this order, because each leans on the next. */
static void take_out(MachineState *ms, CPUState *cpu)
{
    guint depth = hw_machine_unlock_all(ms);
    bool held;

    hw_cpu_join_thread(cpu);
    held = hw_shared_hold(ms);
    hw_machine_relock(ms, depth);
    hw_machine_lock(ms);
    drop(ms, cpu);
    hw_machine_unlock(ms);
    if (held) {
        hw_shared_release(ms);
    }
}

gboolean hw_machine_remove_cpu(MachineState *ms, CPUState *cpu, GError **errp)
{
    g_autofree char *path = hw_object_path(&cpu->dev.obj);
    g_autofree char *id = g_strdup(cpu->dev.id);

    if (hw_cpu_is_self(cpu)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "CPU %d cannot remove itself",
                        cpu->index);
        return FALSE;
    }
    take_out(ms, cpu);
    if (ms->hooks.device_deleted != NULL) {
        ms->hooks.device_deleted(ms->hooks.opaque, id, path);
    }
    return TRUE;
}

void hw_cpus_remove_all(MachineState *ms)
{
    guint i;

    for (i = ms->n_possible; i > 0; i--) {
        if (ms->possible[i - 1].cpu != NULL) {
            take_out(ms, ms->possible[i - 1].cpu);
        }
    }
}

CPUState *hw_machine_cpu(MachineState *ms, guint index)
{
    return index < ms->n_possible ? ms->possible[index].cpu : NULL;
}

gboolean hw_cpu_reset(CPUState *cpu, GError **errp)
{
    MachineState *ms = cpu->dev.machine;
    bool bsp = cpu->index == 0;

    if (cpu->accel_cpu != NULL && !hw_arch_cpu_reset(cpu, bsp, errp)) {
        return FALSE;
    }
    g_mutex_lock(&ms->cpu_lock);
    cpu->crashed = false;
    cpu->wake = false;
    /* without a LAPIC in the kernel it is up to us to hold the others until INIT and SIPI */
    cpu->halted = !bsp && accel_irqchip(ms->accel) == ACCEL_IRQCHIP_OFF;
    cpu->irq_enabled = false;
    g_mutex_unlock(&ms->cpu_lock);
    return TRUE;
}

gboolean hw_cpus_reset(MachineState *ms, GError **errp)
{
    guint i;

    for (i = 0; i < ms->n_possible; i++) {
        if (ms->possible[i].cpu != NULL && !hw_cpu_reset(ms->possible[i].cpu, errp)) {
            return FALSE;
        }
    }
    return TRUE;
}
