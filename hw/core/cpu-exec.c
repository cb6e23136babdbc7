/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One stay in the guest, and what to do with the reason it ended.
 *
 * Theory of operation: ports and memory never get here, they are call-backs inside accel_run()
 * (exit-path.c). What comes back is rare: a kick, a halt, the end of the guest, an error. Each reason
 * is one small function in a table. A vCPU that cannot go on is marked crashed and stays stopped
 * until it is reset; the machine's owner gets the error (W26: with its reason).
 */
#include "hw/core/core-internal.h"
#include "accel/accel-class.h"

typedef void (*ExitFn)(CPUState *cpu, const AccelExit *exit, const GError *err);

static void go_on(CPUState *cpu, const AccelExit *exit, const GError *err)
{
}

static void request(CPUState *cpu, MachineRequest kind, const char *cause, int code,
                    const GError *err)
{
    MachineRequestInfo info = {
        .kind = kind, .cause = cause, .code = code, .cpu = cpu, .err = err,
    };

    hw_machine_request_full(cpu->dev.machine, &info);
}

static void on_error(CPUState *cpu, const AccelExit *exit, const GError *err)
{
    g_mutex_lock(&cpu->dev.machine->cpu_lock);
    cpu->crashed = true;
    g_mutex_unlock(&cpu->dev.machine->cpu_lock);
    request(cpu, MACHINE_REQUEST_ERROR, "internal-error", 0, err);
}

/*
 * Halted with the interrupt controllers in user space. The state is set first and looked at again
 * before waiting, so an interrupt that comes in between is seen.
 */
static void on_hlt(CPUState *cpu, const AccelExit *exit, const GError *err)
{
    bool irq_enabled = hw_arch_cpu_irq_enabled(cpu);

    g_mutex_lock(&cpu->dev.machine->cpu_lock);
    cpu->irq_enabled = irq_enabled;
    cpu->halted = true;
    g_mutex_unlock(&cpu->dev.machine->cpu_lock);
}

static void on_triple_fault(CPUState *cpu, const AccelExit *exit, const GError *err)
{
    MachineState *ms = cpu->dev.machine;

    if (ms->klass->triple_fault != NULL) {
        ms->klass->triple_fault(ms, cpu);
        return;
    }
    request(cpu, MACHINE_REQUEST_RESET, "triple-fault", 0, NULL);
}

static void on_shutdown(CPUState *cpu, const AccelExit *exit, const GError *err)
{
    request(cpu, MACHINE_REQUEST_SHUTDOWN, "guest-shutdown", 0, NULL);
}

static void on_reset(CPUState *cpu, const AccelExit *exit, const GError *err)
{
    request(cpu, MACHINE_REQUEST_RESET, "guest-reset", 0, NULL);
}

static void on_crash(CPUState *cpu, const AccelExit *exit, const GError *err)
{
    request(cpu, MACHINE_REQUEST_PANIC, "guest-panic", 0, NULL);
}

static void on_debug(CPUState *cpu, const AccelExit *exit, const GError *err)
{
    request(cpu, MACHINE_REQUEST_DEBUG, "debug", 0, NULL);
}

static void on_unhandled(CPUState *cpu, const AccelExit *exit, const GError *err)
{
    g_autoptr(GError) own = NULL;

    accel_error_set(&own, ACCEL_ERROR_GUEST, NULL,
                    "CPU %d: exit %u at 0x%" G_GINT64_MODIFIER "x that nobody handles", cpu->index,
                    exit->hw_reason, exit->addr);
    on_error(cpu, exit, own);
}

static const ExitFn exit_fns[] = {
    [ACCEL_EXIT_ERROR] = on_error,
    [ACCEL_EXIT_KICK] = go_on,
    [ACCEL_EXIT_HLT] = on_hlt,
    [ACCEL_EXIT_TRIPLE_FAULT] = on_triple_fault,
    [ACCEL_EXIT_SHUTDOWN] = on_shutdown,
    [ACCEL_EXIT_RESET] = on_reset,
    [ACCEL_EXIT_CRASH] = on_crash,
    [ACCEL_EXIT_DEBUG] = on_debug,
    [ACCEL_EXIT_UNHANDLED_IO] = on_unhandled,
    [ACCEL_EXIT_HYPERCALL] = on_unhandled,
    [ACCEL_EXIT_IRQ_WINDOW] = go_on,
};

void hw_cpu_exec(CPUState *cpu)
{
    g_autoptr(GError) err = NULL;
    AccelExit exit = { 0 };
    AccelExitReason reason = accel_run(cpu->accel_cpu, &exit, &err);

    if ((guint)reason < G_N_ELEMENTS(exit_fns)) {
        exit_fns[reason](cpu, &exit, err);
    } else {
        on_unhandled(cpu, &exit, NULL);
    }
}
