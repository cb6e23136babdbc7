/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the requests of requests.c come to: QEMU's reactions to panic, watchdog, reset, shutdown and
 * power button, by -action, -no-reboot and -no-shutdown; and to a vCPU that cannot go on.
 */
#include "system/vm.h"

static void notify_action(Vm *vm, VmEventKind kind, const char *action)
{
    vm_notify(vm, &(VmEvent){ .kind = kind, .action = action });
}

void vm_act_panic(Vm *vm)
{
    int action = vm->actions.panic;

    if (action == PANIC_ACTION_PAUSE ||
        (action == PANIC_ACTION_SHUTDOWN && vm->actions.shutdown == SHUTDOWN_ACTION_PAUSE)) {
        notify_action(vm, VM_EVENT_GUEST_PANICKED, "pause");
        vm_stop(vm, RUN_STATE_GUEST_PANICKED);
    } else if (action == PANIC_ACTION_SHUTDOWN || action == PANIC_ACTION_EXIT_FAILURE) {
        notify_action(vm, VM_EVENT_GUEST_PANICKED, "poweroff");
        vm_stop(vm, RUN_STATE_GUEST_PANICKED);
        if (action == PANIC_ACTION_EXIT_FAILURE) {
            vm->exit_status = 1;
        }
        vm_request_shutdown(vm, SHUTDOWN_CAUSE_GUEST_PANIC);
    } else {
        notify_action(vm, VM_EVENT_GUEST_PANICKED, "run");
    }
}

static void inject_nmi(Vm *vm)
{
    for (guint i = 0; i < vm->ms->n_possible; i++) {
        CPUState *cpu = hw_machine_cpu(vm->ms, i);

        if (cpu != NULL && cpu->accel_cpu != NULL) {
            hw_cpu_inject_nmi(cpu, NULL);
        }
    }
}

void vm_act_watchdog(Vm *vm)
{
    static const char *const names[] = {
        [WATCHDOG_ACTION_RESET] = "reset",         [WATCHDOG_ACTION_SHUTDOWN] = "shutdown",
        [WATCHDOG_ACTION_POWEROFF] = "poweroff",   [WATCHDOG_ACTION_PAUSE] = "pause",
        [WATCHDOG_ACTION_DEBUG] = "debug",         [WATCHDOG_ACTION_NONE] = "none",
        [WATCHDOG_ACTION_INJECT_NMI] = "inject-nmi",
    };

    notify_action(vm, VM_EVENT_WATCHDOG, names[vm->actions.watchdog]);
    switch ((WatchdogAction)vm->actions.watchdog) {
    case WATCHDOG_ACTION_RESET:
        vm_request_reset(vm, SHUTDOWN_CAUSE_GUEST_RESET);
        break;
    case WATCHDOG_ACTION_SHUTDOWN:
        vm_request_powerdown(vm);
        break;
    case WATCHDOG_ACTION_POWEROFF:
        vm_request_exit(vm, 0);
        break;
    case WATCHDOG_ACTION_PAUSE:
        vm_stop(vm, RUN_STATE_WATCHDOG);
        break;
    case WATCHDOG_ACTION_DEBUG:
        report_plain("watchdog: timer fired");
        break;
    case WATCHDOG_ACTION_INJECT_NMI:
        inject_nmi(vm);
        break;
    case WATCHDOG_ACTION_NONE:
        break;
    }
}

/*
 * The guest is in a state nobody can run. QEMU stays alive for a look; so do we, with the reason.
 */
void vm_act_error(Vm *vm, const GError *err)
{
    report_error(err);
    vm_stop(vm, RUN_STATE_INTERNAL_ERROR);
    vm_notify(vm, &(VmEvent){ .kind = VM_EVENT_INTERNAL_ERROR, .err = err });
    if (vm->actions.error == ERROR_ACTION_EXIT_FAILURE) {
        vm->exit_status = 1;
        vm_request_shutdown(vm, SHUTDOWN_CAUSE_HOST_ERROR);
    }
}

void vm_act_reset(Vm *vm, ShutdownCause cause)
{
    g_autoptr(GError) err = NULL;
    gboolean ok;

    ok = hw_machine_reset(vm->ms, shutdown_cause_name(cause), &err);
    if (cause != SHUTDOWN_CAUSE_SUBSYSTEM_RESET) {
        vm_notify(vm, &(VmEvent){ .kind = VM_EVENT_RESET, .cause = cause });
    }
    if (!ok) {
        vm_act_error(vm, err);
    } else if (!runstate_is_running(vm)) {
        runstate_set(vm, RUN_STATE_PRELAUNCH);
    }
}

/* Returns: the program goes on. */
bool vm_act_shutdown(Vm *vm, ShutdownCause cause)
{
    vm_notify(vm, &(VmEvent){ .kind = VM_EVENT_SHUTDOWN, .cause = cause });
    if (vm->actions.shutdown == SHUTDOWN_ACTION_PAUSE && cause != SHUTDOWN_CAUSE_HOST_QMP_QUIT &&
        cause != SHUTDOWN_CAUSE_HOST_SIGNAL && cause != SHUTDOWN_CAUSE_HOST_UI) {
        vm_stop(vm, RUN_STATE_SHUTDOWN);
        return true;
    }
    if (vm->state == RUN_STATE_INTERNAL_ERROR) {
        vm->exit_status = 1;
    }
    return false;
}

void vm_act_powerdown(Vm *vm)
{
    vm_notify(vm, &(VmEvent){ .kind = VM_EVENT_POWERDOWN });
    if (vm->mc != NULL && vm->mc->powerdown != NULL && vm->ms->initialized) {
        vm->mc->powerdown(vm->ms);
    }
}

void vm_act_suspend(Vm *vm)
{
    vm_stop(vm, RUN_STATE_SUSPENDED);
    vm_notify(vm, &(VmEvent){ .kind = VM_EVENT_SUSPEND });
}

void vm_act_wakeup(Vm *vm)
{
    vm_notify(vm, &(VmEvent){ .kind = VM_EVENT_WAKEUP });
    if (vm->state == RUN_STATE_SUSPENDED) {
        vm_start(vm);
    }
}
