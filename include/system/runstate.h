/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal (launcher): run states, what moves between them, and who hears of it.
 *
 * States and transitions are QEMU's. Requests may come from any thread and are carried out by the
 * main loop in QEMU's order: debug stop, suspend, shutdown, reset, wakeup, powerdown, stop.
 * Observers (monitors) are called on the main thread under the machine lock.
 */
#ifndef SYSTEM_RUNSTATE_H
#define SYSTEM_RUNSTATE_H

#include <glib.h>
#include <stdbool.h>

typedef struct Vm Vm;

typedef enum RunState {
    RUN_STATE_DEBUG,
    RUN_STATE_INMIGRATE,
    RUN_STATE_INTERNAL_ERROR,
    RUN_STATE_IO_ERROR,
    RUN_STATE_PAUSED,
    RUN_STATE_POSTMIGRATE,
    RUN_STATE_PRELAUNCH,
    RUN_STATE_FINISH_MIGRATE,
    RUN_STATE_RESTORE_VM,
    RUN_STATE_RUNNING,
    RUN_STATE_SAVE_VM,
    RUN_STATE_SHUTDOWN,
    RUN_STATE_SUSPENDED,
    RUN_STATE_WATCHDOG,
    RUN_STATE_GUEST_PANICKED,
    RUN_STATE_COLO,
    RUN_STATE_MAX
} RunState;

/* Why a reset or shutdown happens; the names are QEMU's ShutdownCause. */
typedef enum ShutdownCause {
    SHUTDOWN_CAUSE_NONE,
    SHUTDOWN_CAUSE_HOST_ERROR,
    SHUTDOWN_CAUSE_HOST_QMP_QUIT,
    SHUTDOWN_CAUSE_HOST_QMP_SYSTEM_RESET,
    SHUTDOWN_CAUSE_HOST_SIGNAL,
    SHUTDOWN_CAUSE_HOST_UI,
    SHUTDOWN_CAUSE_GUEST_SHUTDOWN,
    SHUTDOWN_CAUSE_GUEST_RESET,
    SHUTDOWN_CAUSE_GUEST_PANIC,
    SHUTDOWN_CAUSE_SUBSYSTEM_RESET,
    SHUTDOWN_CAUSE_SNAPSHOT_LOAD,
    SHUTDOWN_CAUSE_MAX
} ShutdownCause;

typedef enum VmEventKind {
    VM_EVENT_STOP,
    VM_EVENT_RESUME,
    VM_EVENT_RESET,            /* .cause */
    VM_EVENT_SHUTDOWN,         /* .cause */
    VM_EVENT_POWERDOWN,
    VM_EVENT_SUSPEND,
    VM_EVENT_WAKEUP,
    VM_EVENT_GUEST_PANICKED,   /* .action: "pause", "poweroff", "run" */
    VM_EVENT_GUEST_CRASHLOADED,/* .action: "run" */
    VM_EVENT_GUEST_PVSHUTDOWN,
    VM_EVENT_WATCHDOG,         /* .action: "reset", "shutdown", … */
    VM_EVENT_INTERNAL_ERROR,   /* .err: the reason (QEMU has no such event) */
    VM_EVENT_DEVICE_DELETED,   /* .device (may be NULL), .path */
    VM_EVENT_STATE,            /* .from, .to: any change of state */
} VmEventKind;

typedef struct VmEvent {
    VmEventKind kind;
    ShutdownCause cause;
    const char *action, *device, *path;
    const GError *err;
    RunState from, to;
} VmEvent;

typedef void (*VmObserver)(void *opaque, Vm *vm, const VmEvent *ev);

/** runstate_name: "running", …; shutdown_cause_name: "guest-reset", … Static strings. */
const char *runstate_name(RunState state);
const char *shutdown_cause_name(ShutdownCause cause);
/** shutdown_cause_by_guest: the "guest" member of RESET and SHUTDOWN events. */
bool shutdown_cause_by_guest(ShutdownCause cause);

/** runstate_needs_reset: only a reset leads out of this state. */
bool runstate_needs_reset(RunState state);
/** runstate_set: main thread. A transition QEMU does not know is refused with a message. */
void runstate_set(Vm *vm, RunState to);
RunState runstate_get(const Vm *vm);
bool runstate_is_running(const Vm *vm);

void vm_add_observer(Vm *vm, VmObserver fn, void *opaque);
void vm_notify(Vm *vm, const VmEvent *ev);

/* ---- main thread, machine lock held ---- */

/** vm_start: let the CPUs run: RESUME event. Not checked; see vm_cont(). */
void vm_start(Vm *vm);
/** vm_stop: stop all CPUs and enter @state: STOP event when they were running. */
void vm_stop(Vm *vm, RunState state);
/** vm_cont: the cont command: "Resetting the Virtual Machine is required" where it is. */
gboolean vm_cont(Vm *vm, GError **errp);

/* ---- any thread: what the main loop is to do ---- */

void vm_request_shutdown(Vm *vm, ShutdownCause cause);
/** vm_is_leaving: the end was asked for, and nothing holds it back. */
bool vm_is_leaving(Vm *vm);
void vm_request_reset(Vm *vm, ShutdownCause cause);
void vm_request_powerdown(Vm *vm);
void vm_request_suspend(Vm *vm);
void vm_request_wakeup(Vm *vm);
void vm_request_debug(Vm *vm);
/** vm_request_exit: leave at once with @status. */
void vm_request_exit(Vm *vm, int status);
void vm_guest_panicked(Vm *vm);
void vm_guest_crashloaded(Vm *vm);
void vm_guest_pvshutdown(Vm *vm);
void vm_watchdog_fired(Vm *vm);
/** vm_internal_error: a vCPU cannot go on; @err is copied. */
void vm_internal_error(Vm *vm, const GError *err);

/** vm_requests_run: carry out what was asked for. Returns: FALSE when the program is to end. */
bool vm_requests_run(Vm *vm);
bool vm_requests_pending(Vm *vm);

#endif
