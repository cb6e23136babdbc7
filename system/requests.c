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

/* -no-shutdown does not hold these back, so no later cause may take their place. */
static bool ends_for_sure(ShutdownCause cause)
{
    return cause == SHUTDOWN_CAUSE_HOST_QMP_QUIT || cause == SHUTDOWN_CAUSE_HOST_SIGNAL ||
           cause == SHUTDOWN_CAUSE_HOST_UI;
}

void vm_request_shutdown(Vm *vm, ShutdownCause cause)
{
    SET_REQUEST(vm, vm->req.shutdown = ends_for_sure(vm->req.shutdown) ? vm->req.shutdown : cause);
}

bool vm_is_leaving(Vm *vm)
{
    bool leaving;

    g_mutex_lock(&vm->req.lock);
    leaving = ends_for_sure(vm->req.shutdown);
    g_mutex_unlock(&vm->req.lock);
    return leaving;
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

void vm_guest_pvshutdown(Vm *vm)
{
    SET_REQUEST(vm, vm->req.pvshutdown = true);
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

/* Take everything out of the mailbox. The lock and the flag stay where they are. */
static void take_requests(Vm *vm, VmRequests *out)
{
    VmRequests *r = &vm->req;

    g_mutex_lock(&r->lock);
    *out = *r;
    r->debug = r->suspend = r->wakeup = r->powerdown = false;
    r->panic = r->crashload = r->pvshutdown = r->watchdog = r->exit = false;
    r->shutdown = r->reset = SHUTDOWN_CAUSE_NONE;
    r->error = NULL;
    g_atomic_int_set(&r->any, 0);
    g_mutex_unlock(&r->lock);
}

static void run_guest_troubles(Vm *vm, VmRequests *r)
{
    if (r->error != NULL) {
        vm_act_error(vm, r->error);
        g_clear_error(&r->error);
    }
    if (r->panic) {
        vm_act_panic(vm);
    }
    if (r->crashload) {
        vm_notify(vm, &(VmEvent){ .kind = VM_EVENT_GUEST_CRASHLOADED, .action = "run" });
    }
    if (r->pvshutdown) {
        vm_notify(vm, &(VmEvent){ .kind = VM_EVENT_GUEST_PVSHUTDOWN });
        vm_request_shutdown(vm, SHUTDOWN_CAUSE_GUEST_SHUTDOWN);
    }
    if (r->watchdog) {
        vm_act_watchdog(vm);
    }
}

static void run_suspend(Vm *vm, const VmRequests *r)
{
    if (r->debug) {
        vm_stop(vm, RUN_STATE_DEBUG);
    }
    if (r->suspend) {
        vm_act_suspend(vm);
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
    if (r.shutdown != SHUTDOWN_CAUSE_NONE && !vm_act_shutdown(vm, r.shutdown)) {
        return false;
    }
    if (r.reset != SHUTDOWN_CAUSE_NONE) {
        vm_act_reset(vm, r.reset);
    }
    if (r.wakeup) {
        vm_act_wakeup(vm);
    }
    if (r.powerdown) {
        vm_act_powerdown(vm);
    }
    return true;
}
