/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the machine tells the launcher. The hooks run on any thread; they only leave a note for the
 * main loop. The one exception is isa-debug-exit: as in QEMU the process ends there and then, no
 * matter what else is going on.
 */
#include <string.h>
#include "system/fdset.h"
#include "system/hooks.h"

static ShutdownCause cause_of(const MachineRequestInfo *info, ShutdownCause fallback)
{
    for (int i = 0; info->cause != NULL && i < SHUTDOWN_CAUSE_MAX; i++) {
        if (strcmp(shutdown_cause_name(i), info->cause) == 0) {
            return i;
        }
    }
    return fallback;
}

static void on_request(void *opaque, const MachineRequestInfo *info)
{
    Vm *vm = opaque;

    switch (info->kind) {
    case MACHINE_REQUEST_SHUTDOWN:
        vm_request_shutdown(vm, cause_of(info, SHUTDOWN_CAUSE_GUEST_SHUTDOWN));
        break;
    case MACHINE_REQUEST_RESET:
        vm_request_reset(vm, cause_of(info, SHUTDOWN_CAUSE_GUEST_RESET));
        break;
    case MACHINE_REQUEST_PANIC:
        vm_guest_panicked(vm);
        break;
    case MACHINE_REQUEST_CRASHLOAD:
        vm_guest_crashloaded(vm);
        break;
    case MACHINE_REQUEST_EXIT:
        vm_exit_now(vm, info->code);
        break;
    case MACHINE_REQUEST_WATCHDOG:
        vm_watchdog_fired(vm);
        break;
    case MACHINE_REQUEST_ERROR:
        vm_internal_error(vm, info->err);
        break;
    case MACHINE_REQUEST_PVSHUTDOWN:
        vm_guest_pvshutdown(vm);
        break;
    case MACHINE_REQUEST_DEBUG:
        vm_request_debug(vm);
        break;
    case MACHINE_REQUEST_WAKEUP:
        if (info->code == 0) {
            vm_request_wakeup(vm);
        } else {
            vm_request_suspend(vm);
        }
        break;
    }
}

static void on_device_deleted(void *opaque, const char *id, const char *path)
{
    vm_notify(opaque, &(VmEvent){ .kind = VM_EVENT_DEVICE_DELETED, .device = id, .path = path });
}

static void on_warn(void *opaque, const char *text)
{
    report_warnf("%s", text);
}

static int on_open_file(void *opaque, const char *path, int flags, unsigned mode)
{
    return fdset_open(path, flags, mode);
}

void hooks_install(Vm *vm)
{
    vm->ms->hooks = (MachineHooks){
        .request = on_request,
        .device_deleted = on_device_deleted,
        .warn = on_warn,
        .open_file = on_open_file,
        .opaque = vm,
    };
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
void vm_exit_now(Vm *vm, int status)
{
    vm_request_exit(vm, status);
}
#else
void vm_exit_now(Vm *vm, int status)
{
    chardevs_flush(vm);
    vm_leave(vm, status);
}
#endif
