/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vCPU threads.
 *
 * Theory of operation: one thread per vCPU, or one for all (software CPUs: cpu-shared.c), or none
 * (qtest). A thread goes around a loop under cpu_lock: work that others queued, then stopped or
 * halted waiting, then into the guest with the lock dropped. It leaves when its vCPU is unplugged,
 * after it has done the work that was still queued, so that nobody waits for ever.
 */
#include "hw/core/core-internal.h"
#include "accel/accel-class.h"

static __thread CPUState *current_cpu;

CPUState *hw_current_cpu(void)
{
    return current_cpu;
}

void hw_cpu_set_current(CPUState *cpu)
{
    current_cpu = cpu;
}

static AccelThreading threading(const CPUState *cpu)
{
    return accel_get_class(cpu->dev.machine->accel)->threading;
}

bool hw_cpu_has_thread(const CPUState *cpu)
{
    return cpu->thread != NULL;
}

bool hw_cpu_is_self(const CPUState *cpu)
{
    return cpu->thread != NULL && cpu->thread == g_thread_self();
}

/* A thread that cannot be bound to its vCPU is a crashed vCPU: it never enters the guest. */
void hw_cpu_attach(CPUState *cpu)
{
    MachineState *ms = cpu->dev.machine;
    GError *err = NULL;

    cpu->thread_id = hw_gettid();
    accel_trace(ms->trace, vcpu_start, "cpu %d tid %" G_GINT64_FORMAT, cpu->index,
                cpu->thread_id);
    if (!accel_cpu_attach(cpu->accel_cpu, &err)) {
        MachineRequestInfo info = {
            .kind = MACHINE_REQUEST_ERROR, .cause = "vcpu-attach", .cpu = cpu, .err = err,
        };

        cpu->crashed = true;
        hw_machine_request_full(ms, &info);
        g_error_free(err);
    }
}

static void say_stopped(CPUState *cpu)
{
    if (!cpu->stopped) {
        cpu->stopped = true;
        g_cond_broadcast(&cpu->dev.machine->cpu_cond);
    }
}

void hw_cpu_say_created(CPUState *cpu, bool created)
{
    cpu->created = created;
    g_cond_broadcast(&cpu->dev.machine->cpu_cond);
}

/* One turn. Returns: false when there is nothing to do but wait. cpu_lock held. */
bool hw_cpu_turn(CPUState *cpu)
{
    MachineState *ms = cpu->dev.machine;
    bool worked = false;

    while (hw_cpu_run_work(cpu)) {
        worked = true;
    }
    if (!hw_cpu_can_run(cpu)) {
        say_stopped(cpu);
        return worked;
    }
    cpu->stopped = false;
    if (hw_cpu_still_halted(cpu)) {
        return worked;
    }
    g_mutex_unlock(&ms->cpu_lock);
    hw_cpu_exec(cpu);
    g_mutex_lock(&ms->cpu_lock);
    return true;
}

void hw_cpu_leave(CPUState *cpu)
{
    while (hw_cpu_run_work(cpu)) {
    }
    say_stopped(cpu);
    hw_cpu_say_created(cpu, false);
    accel_trace(cpu->dev.machine->trace, vcpu_stop, "cpu %d", cpu->index);
}

static gpointer vcpu_thread(gpointer opaque)
{
    CPUState *cpu = opaque;
    MachineState *ms = cpu->dev.machine;

    current_cpu = cpu;
    hw_cpu_attach(cpu);
    g_mutex_lock(&ms->cpu_lock);
    hw_cpu_say_created(cpu, true);
    while (!cpu->unplug) {
        if (!hw_cpu_turn(cpu) && !cpu->unplug) {
            g_cond_wait(&cpu->cond, &ms->cpu_lock);
        }
    }
    hw_cpu_leave(cpu);
    g_mutex_unlock(&ms->cpu_lock);
    accel_cpu_detach(cpu->accel_cpu);
    return NULL;
}

static gboolean start_own(CPUState *cpu, GError **errp)
{
    MachineState *ms = cpu->dev.machine;
    char name[16];

    g_snprintf(name, sizeof(name), "CPU %d/%s", cpu->index, accel_display_name(ms->accel));
    g_mutex_lock(&ms->cpu_lock);
    cpu->thread = g_thread_try_new(name, vcpu_thread, cpu, errp);
    g_mutex_unlock(&ms->cpu_lock);
    return cpu->thread != NULL;
}

gboolean hw_cpu_start_thread(CPUState *cpu, GError **errp)
{
    switch (threading(cpu)) {
    case ACCEL_THREAD_NONE:
        return TRUE;
    case ACCEL_THREAD_SHARED:
        return hw_shared_start(cpu, errp);
    default:
        return start_own(cpu, errp);
    }
}

void hw_cpu_join_thread(CPUState *cpu)
{
    MachineState *ms = cpu->dev.machine;
    GThread *thread = cpu->thread;

    if (thread == NULL) {
        return;
    }
    g_mutex_lock(&ms->cpu_lock);
    cpu->unplug = true;
    hw_cpu_signal(cpu);
    g_mutex_unlock(&ms->cpu_lock);
    if (ms->runner != NULL) {
        hw_shared_join(cpu);
    } else {
        g_thread_join(thread);
        cpu->thread = NULL;
    }
}

int64_t hw_cpu_thread_id(CPUState *cpu)
{
    MachineState *ms = cpu->dev.machine;
    guint depth;

    if (threading(cpu) == ACCEL_THREAD_NONE) {
        return cpu->thread_id;
    }
    if (cpu->thread == NULL && !hw_cpu_start_thread(cpu, NULL)) {
        return 0;
    }
    depth = hw_machine_unlock_all(ms); /* a shared thread may be at the door of a device */
    g_mutex_lock(&ms->cpu_lock);
    while (!cpu->created && !cpu->unplug) {
        g_cond_wait(&ms->cpu_cond, &ms->cpu_lock);
    }
    g_mutex_unlock(&ms->cpu_lock);
    hw_machine_relock(ms, depth);
    return cpu->thread_id;
}
