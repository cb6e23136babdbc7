/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The last steps before the guest runs: pid file, locked memory, another root, sandbox, and
 * -daemonize's word to the parent, in this order: when the parent returns everything is there.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>
#include "accel/error.h"
#include "system/vm.h"

static gboolean lock_memory(Vm *vm, GError **errp)
{
    int err;

    if (!vm->mem_lock || mlockall(MCL_CURRENT | MCL_FUTURE) == 0) {
        return TRUE;
    }
    err = errno;
    accel_error_set(errp, accel_error_code_from_errno(err),
                    &(AccelErrorInfo){ .call = "mlockall", .errnum = err },
                    "locking memory failed: %s", g_strerror(err));
    return FALSE;
}

/*
 * Sockets and pid files of ours stay behind: their paths mean something else from here on, and what
 * lies there now is not ours to take away at the end.
 */
static gboolean change_root(Vm *vm, GError **errp)
{
    const char *call = "chroot";
    int err;

    if (vm->chroot == NULL) {
        return TRUE;
    }
    if (chroot(vm->chroot) == 0) {
        call = "chdir";
        if (chdir("/") == 0) {
            g_clear_pointer(&vm->exit_files, g_ptr_array_unref);
            return TRUE;
        }
    }
    err = errno;
    accel_error_set(errp, accel_error_code_from_errno(err),
                    &(AccelErrorInfo){ .call = call, .errnum = err }, "chroot failed: %s: %s",
                    vm->chroot, g_strerror(err));
    return FALSE;
}

gboolean config_process_late(Vm *vm, GError **errp)
{
    const char *pidfile = options_text(&vm->opts, OPT_pidfile);

    if (pidfile != NULL && !pidfile_write(vm, pidfile, errp)) {
        return FALSE;
    }
    return lock_memory(vm, errp) && daemon_null(vm, errp) && change_root(vm, errp) &&
           config_sandbox(vm, errp) && daemon_ready(vm, errp);
}
