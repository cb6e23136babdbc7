/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One thread for all vCPUs: software CPUs, whose engine they share.
 *
 * Theory of operation: the thread gives each vCPU a turn, and another one's kick ends the turn of the
 * one that is in. It lives as long as a vCPU has it. Because the accelerator keeps state that all its
 * vCPUs share and that has no lock of its own, no vCPU may be made or freed while another one is in:
 * who does that holds the thread between two turns.
 */
#include "hw/core/core-internal.h"
#include "accel/accel-class.h"

/* The turn is over, which somebody may wait for. */
static void say_out(MachineState *ms)
{
    ms->runner->current = NULL;
    if (ms->runner->holds > 0) {
        g_cond_broadcast(&ms->cpu_cond);
    }
}

static void wait_for_release(MachineState *ms)
{
    while (ms->runner->holds > 0) {
        g_cond_wait(&ms->runner->cond, &ms->cpu_lock);
    }
}

static bool shared_turn(CpuRunner *runner, CPUState *cpu)
{
    MachineState *ms = cpu->dev.machine;
    bool busy;

    hw_cpu_set_current(cpu);
    runner->current = cpu;
    if (!cpu->created) {
        g_mutex_unlock(&ms->cpu_lock);
        hw_cpu_attach(cpu);
        g_mutex_lock(&ms->cpu_lock);
        hw_cpu_say_created(cpu, true);
    }
    busy = hw_cpu_turn(cpu);
    if (cpu->unplug) {
        hw_cpu_leave(cpu);
        cpu->thread = NULL;
        accel_cpu_detach(cpu->accel_cpu);
        busy = true;
    }
    say_out(ms);
    hw_cpu_set_current(NULL);
    return busy;
}

/* All vCPUs of the thread in turn. Returns: false when no one could run. */
static bool shared_round(MachineState *ms, bool *any)
{
    bool busy = false;
    guint i;

    *any = false;
    for (i = 0; i < ms->n_possible; i++) {
        CPUState *cpu;

        wait_for_release(ms);
        cpu = ms->possible[i].cpu;
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

gboolean hw_shared_start(CPUState *cpu, GError **errp)
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

/* The last vCPU of the thread has gone, and the thread with it. */
static void end_with_last(MachineState *ms, GThread *thread)
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

void hw_shared_join(CPUState *cpu)
{
    MachineState *ms = cpu->dev.machine;
    GThread *thread = ms->runner->thread;

    g_mutex_lock(&ms->cpu_lock);
    while (cpu->thread != NULL) {
        g_cond_wait(&ms->cpu_cond, &ms->cpu_lock);
    }
    g_mutex_unlock(&ms->cpu_lock);
    end_with_last(ms, thread);
}

bool hw_shared_hold(MachineState *ms)
{
    CpuRunner *runner = ms->runner;
    guint depth;

    if (runner == NULL || runner->thread == g_thread_self()) {
        return false;
    }
    depth = hw_machine_unlock_all(ms); /* the thread may be at the door of a device */
    g_mutex_lock(&ms->cpu_lock);
    runner->holds++;
    while (runner->current != NULL) {
        accel_kick(runner->current->accel_cpu);
        g_cond_broadcast(&runner->cond);
        g_cond_wait(&ms->cpu_cond, &ms->cpu_lock);
    }
    g_mutex_unlock(&ms->cpu_lock);
    hw_machine_relock(ms, depth);
    return true;
}

void hw_shared_release(MachineState *ms)
{
    g_mutex_lock(&ms->cpu_lock);
    ms->runner->holds--;
    g_cond_broadcast(&ms->runner->cond);
    g_mutex_unlock(&ms->cpu_lock);
}
