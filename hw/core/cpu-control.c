/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Run control: start, stop, kick, work on another vCPU's thread.
 *
 * Theory of operation: all requests are flags under the machine's cpu_lock; whoever sets one then wakes
 * the vCPU both ways: its condition variable (it may be waiting) and accel_kick() (it may be in the
 * guest, or about to enter: a kick that comes before accel_run() makes that return at once). The
 * vCPU's thread looks at every flag each time it comes around, under the same lock, so no request is
 * lost. Stopping waits until each vCPU has said that it stopped. Whoever waits for a vCPU lets go of
 * the machine lock meanwhile, because the vCPU may be at the door of a device.
 */
#include <unistd.h>
#include <sys/syscall.h>
#include "hw/core/memory-internal.h"
#include "hw/core/core-internal.h"
#include "accel/accel-class.h"

int64_t hw_gettid(void)
{
    return syscall(SYS_gettid);
}

static GCond *cond_of(CPUState *cpu)
{
    CpuRunner *runner = cpu->dev.machine->runner;

    return runner != NULL ? &runner->cond : &cpu->cond;
}

void hw_cpu_signal(CPUState *cpu)
{
    CpuRunner *runner = cpu->dev.machine->runner;

    g_cond_broadcast(cond_of(cpu));
    if (cpu->accel_cpu != NULL) {
        accel_trace(cpu->dev.machine->trace, vcpu_kick, "cpu %d", cpu->index);
        accel_kick(cpu->accel_cpu);
    }
    if (runner != NULL && runner->current != NULL && runner->current != cpu) {
        accel_kick(runner->current->accel_cpu); /* end its slice: another one has business */
    }
}

void hw_cpu_kick(CPUState *cpu)
{
    MachineState *ms = cpu->dev.machine;

    g_mutex_lock(&ms->cpu_lock);
    hw_cpu_signal(cpu);
    g_mutex_unlock(&ms->cpu_lock);
}

void hw_cpu_set_extint(CPUState *cpu, int level)
{
    if (cpu->accel_cpu == NULL) {
        return;
    }
    accel_cpu_set_extint(cpu->accel_cpu, level);
    if (level) {
        hw_cpu_kick(cpu);
    }
}

void hw_cpu_wake(CPUState *cpu)
{
    MachineState *ms = cpu->dev.machine;

    g_mutex_lock(&ms->cpu_lock);
    cpu->wake = true;
    hw_cpu_signal(cpu);
    g_mutex_unlock(&ms->cpu_lock);
}

bool hw_cpu_can_run(CPUState *cpu)
{
    return cpu->dev.machine->running && !cpu->stop && !cpu->crashed && !cpu->unplug;
}

bool hw_cpu_still_halted(CPUState *cpu)
{
    bool interrupt = cpu->irq_enabled && g_atomic_int_get(&cpu->accel_cpu->extint);

    if (cpu->halted && (cpu->wake || interrupt)) {
        cpu->halted = false;
    }
    cpu->wake = false;
    return cpu->halted;
}

/* ---- the whole machine ---- */

static void start_cpu(MachineState *ms, CPUState *cpu)
{
    GError *err = NULL;
    bool has_thread;

    g_mutex_lock(&ms->cpu_lock);
    cpu->stop = false;
    has_thread = hw_cpu_has_thread(cpu);
    if (has_thread) {
        g_cond_broadcast(cond_of(cpu));
    }
    g_mutex_unlock(&ms->cpu_lock);
    if (!has_thread && !hw_cpu_start_thread(cpu, &err)) {
        MachineRequestInfo info = {
            .kind = MACHINE_REQUEST_ERROR, .cause = "vcpu-thread", .cpu = cpu, .err = err,
        };

        hw_machine_request_full(ms, &info);
        g_error_free(err);
    }
}

void hw_machine_start(MachineState *ms)
{
    guint i;

    hw_clock_enable(ms, true);
    g_mutex_lock(&ms->cpu_lock);
    ms->running = true;
    g_mutex_unlock(&ms->cpu_lock);
    for (i = 0; i < ms->n_possible; i++) {
        if (ms->possible[i].cpu != NULL) {
            start_cpu(ms, ms->possible[i].cpu);
        }
    }
}

static void ask_to_stop(MachineState *ms)
{
    guint i;

    for (i = 0; i < ms->n_possible; i++) {
        CPUState *cpu = ms->possible[i].cpu;

        if (cpu != NULL) {
            cpu->stop = true;
            if (hw_cpu_has_thread(cpu) && !cpu->stopped) {
                hw_cpu_signal(cpu);
            }
        }
    }
}

static bool all_stopped(MachineState *ms)
{
    guint i;

    for (i = 0; i < ms->n_possible; i++) {
        CPUState *cpu = ms->possible[i].cpu;

        if (cpu != NULL && hw_cpu_has_thread(cpu) && !cpu->stopped) {
            return false;
        }
    }
    return true;
}

void hw_machine_stop(MachineState *ms)
{
    guint depth = hw_machine_unlock_all(ms);

    g_mutex_lock(&ms->cpu_lock);
    ms->running = false;
    ask_to_stop(ms);
    while (!all_stopped(ms)) {
        g_cond_wait(&ms->cpu_cond, &ms->cpu_lock);
    }
    g_mutex_unlock(&ms->cpu_lock);
    hw_clock_enable(ms, false);
    hw_machine_relock(ms, depth);
    if (depth == 0) { /* nobody, not even our caller, is inside an access */
        address_map_reclaim(ms->mem);
        address_map_reclaim(ms->ports);
    }
}

/* ---- work ---- */

bool hw_cpu_run_work(CPUState *cpu)
{
    MachineState *ms = cpu->dev.machine;
    CpuWork *work = g_queue_pop_head(&cpu->work);

    if (work == NULL) {
        return false;
    }
    g_mutex_unlock(&ms->cpu_lock);
    work->fn(cpu, work->data);
    g_mutex_lock(&ms->cpu_lock);
    if (work->done != NULL) {
        *work->done = true;
        g_cond_broadcast(&ms->cpu_cond);
    }
    g_free(work);
    return true;
}

/* Returns: false when there is no thread to do it, so the caller has to. cpu_lock held. */
static bool queue_work(CPUState *cpu, void (*fn)(CPUState *, void *), void *data, bool *done)
{
    CpuWork *work;

    if (!hw_cpu_has_thread(cpu) || (cpu->unplug && !cpu->created)) {
        return false;
    }
    work = g_new(CpuWork, 1);
    *work = (CpuWork){ .fn = fn, .data = data, .done = done };
    g_queue_push_tail(&cpu->work, work);
    hw_cpu_signal(cpu);
    return true;
}

void hw_cpu_run_on(CPUState *cpu, void (*fn)(CPUState *cpu, void *data), void *data)
{
    MachineState *ms = cpu->dev.machine;
    bool done = false, queued;
    guint depth;

    if (hw_cpu_is_self(cpu)) {
        fn(cpu, data);
        return;
    }
    depth = hw_machine_unlock_all(ms);
    g_mutex_lock(&ms->cpu_lock);
    queued = queue_work(cpu, fn, data, &done);
    while (queued && !done) {
        g_cond_wait(&ms->cpu_cond, &ms->cpu_lock);
    }
    g_mutex_unlock(&ms->cpu_lock);
    hw_machine_relock(ms, depth);
    if (!queued) {
        fn(cpu, data);
    }
}

void hw_cpu_async(CPUState *cpu, void (*fn)(CPUState *cpu, void *data), void *data)
{
    MachineState *ms = cpu->dev.machine;
    bool queued;

    g_mutex_lock(&ms->cpu_lock);
    queued = queue_work(cpu, fn, data, NULL);
    g_mutex_unlock(&ms->cpu_lock);
    if (!queued) {
        fn(cpu, data);
    }
}

/* @data: where the error goes, for a caller that waits; NULL: it is a warning. */
static void inject_nmi(CPUState *cpu, void *data)
{
    const MachineHooks *hooks = &cpu->dev.machine->hooks;
    GError **waiting = data;
    g_autoptr(GError) err = NULL;

    if (!accel_inject_nmi(cpu->accel_cpu, &err)) {
        if (waiting != NULL) {
            *waiting = g_steal_pointer(&err);
        } else if (hooks->warn != NULL) {
            hooks->warn(hooks->opaque, err->message);
        }
    }
    hw_cpu_wake(cpu);
}

/* KVM_NMI from another thread waits, unkillable, until a vCPU halted in the kernel wakes up. */
gboolean hw_cpu_inject_nmi(CPUState *cpu, GError **errp)
{
    GError *err = NULL;

    if (cpu->accel_cpu == NULL) {
        return TRUE;
    }
    if (errp == NULL) {
        hw_cpu_async(cpu, inject_nmi, NULL);
        return TRUE;
    }
    hw_cpu_run_on(cpu, inject_nmi, &err);
    if (err != NULL) {
        g_propagate_error(errp, err);
        return FALSE;
    }
    return TRUE;
}
