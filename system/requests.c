/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What guest, devices, signals and monitors ask for, carried out by the main loop in QEMU's order.
 *
 * A request is a flag or a cause under a small lock; later ones of the same kind overwrite earlier
 * ones. The atomic `any` lets the main loop pass by without taking the lock.
 */
#include "accel/error.h"
#include "system/vm.h"

#define SET_REQUEST(vm, statement)               \
    do {                                         \
        g_mutex_lock(&(vm)->req.lock);           \
        statement;                               \
        g_atomic_int_set(&(vm)->req.any, 1);     \
        g_mutex_unlock(&(vm)->req.lock);         \
        vm_wake(vm);                             \
    } while (0)

void vm_request_shutdown(Vm *vm, ShutdownCause cause)
{
    SET_REQUEST(vm, vm->req.shutdown = cause);
}

/* -no-reboot turns a reset into the end. */
void vm_request_reset(Vm *vm, ShutdownCause cause)
{
    if (vm->actions.reboot == REBOOT_ACTION_SHUTDOWN && cause != SHUTDOWN_CAUSE_SUBSYSTEM_RESET) {
        vm_request_shutdown(vm, cause);
        return;
    }
    SET_REQUEST(vm, vm->req.reset = cause);
}

void vm_request_powerdown(Vm *vm)
{
    SET_REQUEST(vm, vm->req.powerdown = true);
}

void vm_request_stop(Vm *vm, RunState state)
{
    SET_REQUEST(vm, (vm->req.stop = true, vm->req.stop_state = state));
}

void vm_request_suspend(Vm *vm)
{
    SET_REQUEST(vm, vm->req.suspend = true);
}

void vm_request_wakeup(Vm *vm)
{
    SET_REQUEST(vm, vm->req.wakeup = true);
}

void vm_request_exit(Vm *vm, int status)
{
    SET_REQUEST(vm, (vm->req.exit = true, vm->req.exit_status = status));
}

void vm_request_debug(Vm *vm)
{
    SET_REQUEST(vm, vm->req.debug = true);
}

void vm_guest_panicked(Vm *vm)
{
    SET_REQUEST(vm, vm->req.panic = true);
}

void vm_guest_crashloaded(Vm *vm)
{
    SET_REQUEST(vm, vm->req.crashload = true);
}

void vm_watchdog_fired(Vm *vm)
{
    SET_REQUEST(vm, vm->req.watchdog = true);
}

void vm_internal_error(Vm *vm, const GError *err)
{
    GError *copy = err != NULL ? g_error_copy(err)
                               : g_error_new(ACCEL_ERROR, ACCEL_ERROR_GUEST, "internal error");

    g_mutex_lock(&vm->req.lock);
    if (vm->req.error == NULL) {
        vm->req.error = g_steal_pointer(&copy);
    }
    g_atomic_int_set(&vm->req.any, 1);
    g_mutex_unlock(&vm->req.lock);
    g_clear_error(&copy);
    vm_wake(vm);
}

bool vm_requests_pending(Vm *vm)
{
    return g_atomic_int_get(&vm->req.any) != 0;
}

/* ---- main thread ---- */

static void notify_action(Vm *vm, VmEventKind kind, const char *action)
{
    vm_notify(vm, &(VmEvent){ .kind = kind, .action = action });
}

static void do_panic(Vm *vm)
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

static void do_watchdog(Vm *vm)
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

/* The guest is in a state nobody can run. QEMU stays alive for a look; so do we, with the reason. */
static void do_error(Vm *vm, const GError *err)
{
    report_error(err);
    vm_stop(vm, RUN_STATE_INTERNAL_ERROR);
    vm_notify(vm, &(VmEvent){ .kind = VM_EVENT_INTERNAL_ERROR, .err = err });
    if (vm->actions.error == ERROR_ACTION_EXIT_FAILURE) {
        vm->exit_status = 1;
        vm_request_shutdown(vm, SHUTDOWN_CAUSE_HOST_ERROR);
    }
}

static void do_reset(Vm *vm, ShutdownCause cause)
{
    g_autoptr(GError) err = NULL;
    gboolean ok;

    ok = hw_machine_reset(vm->ms, shutdown_cause_name(cause), &err);
    if (cause != SHUTDOWN_CAUSE_SUBSYSTEM_RESET) {
        vm_notify(vm, &(VmEvent){ .kind = VM_EVENT_RESET, .cause = cause });
    }
    if (!ok) {
        do_error(vm, err);
    } else if (!runstate_is_running(vm)) {
        runstate_set(vm, RUN_STATE_PRELAUNCH);
    }
}

/* Returns: the program goes on. */
static bool do_shutdown(Vm *vm, ShutdownCause cause)
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

static void do_powerdown(Vm *vm)
{
    vm_notify(vm, &(VmEvent){ .kind = VM_EVENT_POWERDOWN });
    if (vm->mc != NULL && vm->mc->powerdown != NULL && vm->ms->initialized) {
        vm->mc->powerdown(vm->ms);
    }
}

/* Take everything out of the mailbox. The lock and the flag stay where they are. */
static void take_requests(Vm *vm, VmRequests *out)
{
    VmRequests *r = &vm->req;

    g_mutex_lock(&r->lock);
    *out = *r;
    r->debug = r->suspend = r->wakeup = r->powerdown = false;
    r->panic = r->crashload = r->watchdog = r->exit = r->stop = false;
    r->shutdown = r->reset = SHUTDOWN_CAUSE_NONE;
    r->error = NULL;
    g_atomic_int_set(&r->any, 0);
    g_mutex_unlock(&r->lock);
}

static void run_guest_troubles(Vm *vm, VmRequests *r)
{
    if (r->error != NULL) {
        do_error(vm, r->error);
        g_clear_error(&r->error);
    }
    if (r->panic) {
        do_panic(vm);
    }
    if (r->crashload) {
        notify_action(vm, VM_EVENT_GUEST_CRASHLOADED, "run");
    }
    if (r->watchdog) {
        do_watchdog(vm);
    }
}

static void run_suspend(Vm *vm, const VmRequests *r)
{
    if (r->debug) {
        vm_stop(vm, RUN_STATE_DEBUG);
    }
    if (r->suspend) {
        vm_stop(vm, RUN_STATE_SUSPENDED);
        vm_notify(vm, &(VmEvent){ .kind = VM_EVENT_SUSPEND });
    }
}

static void run_wakeup(Vm *vm)
{
    vm_notify(vm, &(VmEvent){ .kind = VM_EVENT_WAKEUP });
    if (vm->state == RUN_STATE_SUSPENDED) {
        vm_start(vm);
    }
}

bool vm_requests_run(Vm *vm)
{
    VmRequests r;

    if (!vm_requests_pending(vm)) {
        return true;
    }
    take_requests(vm, &r);
    run_guest_troubles(vm, &r);
    run_suspend(vm, &r);
    if (r.exit) {
        vm->exit_status = r.exit_status;
        return false;
    }
    if (r.shutdown != SHUTDOWN_CAUSE_NONE && !do_shutdown(vm, r.shutdown)) {
        return false;
    }
    if (r.reset != SHUTDOWN_CAUSE_NONE) {
        do_reset(vm, r.reset);
    }
    if (r.wakeup) {
        run_wakeup(vm);
    }
    if (r.powerdown) {
        do_powerdown(vm);
    }
    if (r.stop) {
        vm_stop(vm, r.stop_state);
    }
    return true;
}
