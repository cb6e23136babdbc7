/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * vCPU threads.
 *
 * Theory of operation: one thread per vCPU, or one for all (software CPUs), or none (qtest). A thread
 * goes around a loop under cpu_lock: work that others queued, then stopped or halted waiting, then
 * into the guest with the lock dropped. It leaves when its vCPU is unplugged, after it has done the
 * work that was still queued, so that nobody waits for ever.
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
static void attach(CPUState *cpu)
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

static void say_created(CPUState *cpu, bool created)
{
    cpu->created = created;
    g_cond_broadcast(&cpu->dev.machine->cpu_cond);
}

/* One turn. Returns: false when there is nothing to do but wait. cpu_lock held. */
static bool turn(CPUState *cpu)
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

static void leave(CPUState *cpu)
{
    while (hw_cpu_run_work(cpu)) {
    }
    say_stopped(cpu);
    say_created(cpu, false);
    accel_trace(cpu->dev.machine->trace, vcpu_stop, "cpu %d", cpu->index);
}

static gpointer vcpu_thread(gpointer opaque)
{
    CPUState *cpu = opaque;
    MachineState *ms = cpu->dev.machine;

    current_cpu = cpu;
    attach(cpu);
    g_mutex_lock(&ms->cpu_lock);
    say_created(cpu, true);
    while (!cpu->unplug) {
        if (!turn(cpu) && !cpu->unplug) {
            g_cond_wait(&cpu->cond, &ms->cpu_lock);
        }
    }
    leave(cpu);
    g_mutex_unlock(&ms->cpu_lock);
    accel_cpu_detach(cpu->accel_cpu);
    return NULL;
}

/* ---- one thread for all ---- */

static bool shared_turn(CpuRunner *runner, CPUState *cpu)
{
    MachineState *ms = cpu->dev.machine;
    bool busy;

    current_cpu = cpu;
    if (!cpu->created) {
        g_mutex_unlock(&ms->cpu_lock);
        attach(cpu);
        g_mutex_lock(&ms->cpu_lock);
        say_created(cpu, true);
    }
    runner->current = cpu;
    busy = turn(cpu);
    runner->current = NULL;
    if (cpu->unplug) {
        leave(cpu);
        cpu->thread = NULL;
        accel_cpu_detach(cpu->accel_cpu);
        busy = true;
    }
    current_cpu = NULL;
    return busy;
}

/* All vCPUs of the thread in turn. Returns: false when no one could run. */
static bool shared_round(MachineState *ms, bool *any)
{
    bool busy = false;
    guint i;

    *any = false;
    for (i = 0; i < ms->n_possible; i++) {
        CPUState *cpu = ms->possible[i].cpu;

        if (cpu != NULL && cpu->thread != NULL) {
            *any = true;
            busy = shared_turn(ms->runner, cpu) || busy;
        }
    }
    return busy;
}

static gpointer shared_thread(gpointer opaque)
{
    MachineState *ms = opaque;
    bool any = true;

    g_mutex_lock(&ms->cpu_lock);
    while (any) {
        if (!shared_round(ms, &any) && any) {
            g_cond_wait(&ms->runner->cond, &ms->cpu_lock);
        }
    }
    g_mutex_unlock(&ms->cpu_lock);
    return NULL;
}

static gboolean start_shared(CPUState *cpu, GError **errp)
{
    MachineState *ms = cpu->dev.machine;
    CpuRunner *runner = ms->runner;

    g_mutex_lock(&ms->cpu_lock);
    if (runner == NULL) {
        runner = ms->runner = g_new0(CpuRunner, 1);
        g_cond_init(&runner->cond);
    }
    if (runner->thread == NULL) {
        /* the new thread waits for cpu_lock, so it finds cpu->thread set */
        runner->thread = g_thread_try_new("ALL CPUs/TCG", shared_thread, ms, errp);
    }
    cpu->thread = runner->thread;
    g_cond_broadcast(&runner->cond);
    g_mutex_unlock(&ms->cpu_lock);
    return cpu->thread != NULL;
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
        return start_shared(cpu, errp);
    default:
        return start_own(cpu, errp);
    }
}

/* The last vCPU of the shared thread has gone, and the thread with it. */
static void join_shared(MachineState *ms, GThread *thread)
{
    guint i;

    for (i = 0; i < ms->n_possible; i++) {
        if (ms->possible[i].cpu != NULL && ms->possible[i].cpu->thread != NULL) {
            return;
        }
    }
    g_thread_join(thread);
    g_cond_clear(&ms->runner->cond);
    g_clear_pointer(&ms->runner, g_free);
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
    while (ms->runner != NULL && cpu->thread != NULL) {
        g_cond_wait(&ms->cpu_cond, &ms->cpu_lock);
    }
    g_mutex_unlock(&ms->cpu_lock);
    if (ms->runner != NULL) {
        join_shared(ms, thread);
    } else {
        g_thread_join(thread);
        cpu->thread = NULL;
    }
}

int64_t hw_cpu_thread_id(CPUState *cpu)
{
    MachineState *ms = cpu->dev.machine;

    if (threading(cpu) == ACCEL_THREAD_NONE) {
        return cpu->thread_id;
    }
    if (cpu->thread == NULL && !hw_cpu_start_thread(cpu, NULL)) {
        return 0;
    }
    g_mutex_lock(&ms->cpu_lock);
    while (!cpu->created && !cpu->unplug) {
        g_cond_wait(&ms->cpu_cond, &ms->cpu_lock);
    }
    g_mutex_unlock(&ms->cpu_lock);
    return cpu->thread_id;
}
