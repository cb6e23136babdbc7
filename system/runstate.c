/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Run states: names, the table of transitions, observers, starting and stopping.
 *
 * The machine lock is held by the main thread wherever this runs; hw_machine_stop() lets go of it
 * while it waits for vCPU threads.
 */
#include "accel/error.h"
#include "system/vm.h"

static const char *const state_names[RUN_STATE_MAX] = {
    [RUN_STATE_DEBUG] = "debug",
    [RUN_STATE_INMIGRATE] = "inmigrate",
    [RUN_STATE_INTERNAL_ERROR] = "internal-error",
    [RUN_STATE_IO_ERROR] = "io-error",
    [RUN_STATE_PAUSED] = "paused",
    [RUN_STATE_POSTMIGRATE] = "postmigrate",
    [RUN_STATE_PRELAUNCH] = "prelaunch",
    [RUN_STATE_FINISH_MIGRATE] = "finish-migrate",
    [RUN_STATE_RESTORE_VM] = "restore-vm",
    [RUN_STATE_RUNNING] = "running",
    [RUN_STATE_SAVE_VM] = "save-vm",
    [RUN_STATE_SHUTDOWN] = "shutdown",
    [RUN_STATE_SUSPENDED] = "suspended",
    [RUN_STATE_WATCHDOG] = "watchdog",
    [RUN_STATE_GUEST_PANICKED] = "guest-panicked",
    [RUN_STATE_COLO] = "colo",
};

static const char *const cause_names[SHUTDOWN_CAUSE_MAX] = {
    [SHUTDOWN_CAUSE_NONE] = "none",
    [SHUTDOWN_CAUSE_HOST_ERROR] = "host-error",
    [SHUTDOWN_CAUSE_HOST_QMP_QUIT] = "host-qmp-quit",
    [SHUTDOWN_CAUSE_HOST_QMP_SYSTEM_RESET] = "host-qmp-system-reset",
    [SHUTDOWN_CAUSE_HOST_SIGNAL] = "host-signal",
    [SHUTDOWN_CAUSE_HOST_UI] = "host-ui",
    [SHUTDOWN_CAUSE_GUEST_SHUTDOWN] = "guest-shutdown",
    [SHUTDOWN_CAUSE_GUEST_RESET] = "guest-reset",
    [SHUTDOWN_CAUSE_GUEST_PANIC] = "guest-panic",
    [SHUTDOWN_CAUSE_SUBSYSTEM_RESET] = "subsystem-reset",
    [SHUTDOWN_CAUSE_SNAPSHOT_LOAD] = "snapshot-load",
};

#define S(x) (1u << RUN_STATE_##x)

/* Where each state may lead. No migration here, so its states lead nowhere. */
static const guint allowed[RUN_STATE_MAX] = {
    [RUN_STATE_PRELAUNCH] = S(RUNNING) | S(PAUSED) | S(FINISH_MIGRATE) | S(INMIGRATE) |
                            S(SUSPENDED) | S(INTERNAL_ERROR),
    [RUN_STATE_DEBUG] = S(SUSPENDED) | S(RUNNING) | S(FINISH_MIGRATE) | S(PRELAUNCH),
    [RUN_STATE_INTERNAL_ERROR] = S(PAUSED) | S(FINISH_MIGRATE) | S(PRELAUNCH),
    [RUN_STATE_IO_ERROR] = S(RUNNING) | S(FINISH_MIGRATE) | S(PRELAUNCH),
    [RUN_STATE_PAUSED] = S(RUNNING) | S(FINISH_MIGRATE) | S(POSTMIGRATE) | S(PRELAUNCH) |
                         S(SUSPENDED) | S(INTERNAL_ERROR),
    [RUN_STATE_RUNNING] = S(DEBUG) | S(INTERNAL_ERROR) | S(IO_ERROR) | S(PAUSED) |
                          S(FINISH_MIGRATE) | S(RESTORE_VM) | S(SAVE_VM) | S(SHUTDOWN) |
                          S(WATCHDOG) | S(GUEST_PANICKED) | S(SUSPENDED),
    [RUN_STATE_SHUTDOWN] = S(PAUSED) | S(FINISH_MIGRATE) | S(PRELAUNCH),
    [RUN_STATE_SUSPENDED] = S(RUNNING) | S(FINISH_MIGRATE) | S(PRELAUNCH) | S(SHUTDOWN) |
                            S(PAUSED),
    [RUN_STATE_WATCHDOG] = S(RUNNING) | S(FINISH_MIGRATE) | S(PRELAUNCH),
    [RUN_STATE_GUEST_PANICKED] = S(RUNNING) | S(FINISH_MIGRATE) | S(PRELAUNCH),
};

#undef S

typedef struct Observer {
    VmObserver fn;
    void *opaque;
} Observer;

const char *runstate_name(RunState state)
{
    return state_names[state];
}

const char *shutdown_cause_name(ShutdownCause cause)
{
    return cause_names[cause];
}

bool shutdown_cause_by_guest(ShutdownCause cause)
{
    return cause >= SHUTDOWN_CAUSE_GUEST_SHUTDOWN && cause <= SHUTDOWN_CAUSE_GUEST_PANIC;
}

bool runstate_needs_reset(RunState state)
{
    return state == RUN_STATE_INTERNAL_ERROR || state == RUN_STATE_SHUTDOWN;
}

RunState runstate_get(const Vm *vm)
{
    return vm->state;
}

bool runstate_is_running(const Vm *vm)
{
    return vm->state == RUN_STATE_RUNNING;
}

void vm_add_observer(Vm *vm, VmObserver fn, void *opaque)
{
    Observer o = { fn, opaque };

    if (vm->observers == NULL) {
        vm->observers = g_array_new(FALSE, FALSE, sizeof(Observer));
    }
    g_array_append_val(vm->observers, o);
}

/* Backwards: an observer may take itself out. */
void vm_notify(Vm *vm, const VmEvent *ev)
{
    for (guint i = vm->observers != NULL ? vm->observers->len : 0; i-- > 0;) {
        Observer o = g_array_index(vm->observers, Observer, i);

        o.fn(o.opaque, vm, ev);
    }
}

void runstate_set(Vm *vm, RunState to)
{
    RunState from = vm->state;

    if (from == to) {
        return;
    }
    if (!(allowed[from] & (1u << to))) {
        report_errorf("invalid runstate transition: '%s' -> '%s'", state_names[from],
                      state_names[to]);
        return;
    }
    accel_trace(vm->trace, runstate_set, "current_run_state %d (%s) new_state %d (%s)", from,
                state_names[from], to, state_names[to]);
    vm->state = to;
    vm_notify(vm, &(VmEvent){ .kind = VM_EVENT_STATE, .from = from, .to = to });
}

void vm_start(Vm *vm)
{
    if (runstate_is_running(vm)) {
        return;
    }
    vm_notify(vm, &(VmEvent){ .kind = VM_EVENT_RESUME });
    runstate_set(vm, RUN_STATE_RUNNING);
    hw_machine_start(vm->ms);
}

void vm_stop(Vm *vm, RunState state)
{
    if (!runstate_is_running(vm)) {
        if (allowed[vm->state] & (1u << state)) { /* what stands still already may stay as it is */
            runstate_set(vm, state);
        }
        return;
    }
    runstate_set(vm, state);
    hw_machine_stop(vm->ms);
    vm_notify(vm, &(VmEvent){ .kind = VM_EVENT_STOP });
}

gboolean vm_cont(Vm *vm, GError **errp)
{
    if (vm_in_preconfig(vm)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "The command 'cont' has not completed: the machine is not made yet; "
                        "use x-exit-preconfig first");
        return FALSE;
    }
    if (runstate_needs_reset(vm->state)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "Resetting the Virtual Machine is required");
        return FALSE;
    }
    if (vm->state != RUN_STATE_SUSPENDED) {
        vm_start(vm);
    }
    return TRUE;
}
