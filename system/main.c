/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * accelvm, the emulator: parse, start, loop, leave. Everything else has a file of its own.
 *
 * A normal end does not take the machine apart: queued output is flushed, terminal and files are put
 * in order, and the kernel does the rest faster than we could. With sanitizers, and where
 * ACCELVM_FREE is set (tests that count descriptors, mappings and threads at the end), everything is
 * freed, so that leaks show.
 */
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>
#include "hw/machine.h"
#include "system/hooks.h"
#include "system/qtest.h"
#include "system/term.h"
#include "system/vm.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { FREE_EVERYTHING = 1 };
#else
enum { FREE_EVERYTHING = 0 };
#endif

static void vm_init(Vm *vm)
{
    vm->t0 = g_get_monotonic_time();
    vm->parent_pid = getppid();
    vm->log_fd = vm->pid_fd = vm->ready_fd = vm->null_fd = -1;
    vm->registry = hw_registry_new();
    hw_registry_add(vm->registry, &hw_type_qtest, NULL);
    g_mutex_init(&vm->req.lock);
}

static void vm_free(Vm *vm)
{
    qtest_objects_close();
    hw_machine_free(vm->ms);
    boot_config_free(vm->boot);
    hw_registry_free(vm->registry);
    accel_trace_free(vm->trace);
    g_clear_pointer(&vm->monitors, g_ptr_array_unref);
    g_clear_pointer(&vm->exit_files, g_ptr_array_unref);
    g_clear_pointer(&vm->observers, g_array_unref);
    g_clear_pointer(&vm->ost_reports, g_array_unref);
    g_clear_error(&vm->req.error);
    g_mutex_clear(&vm->req.lock);
    options_clear(&vm->opts);
}

/* Returns: exit status of a start that went wrong, and says why. */
static int failed(Vm *vm, GError *err)
{
    if (!signals_check(vm) && !vm->quiet_exit) {
        report_error(err);
        vm->exit_status = 1;
    }
    g_error_free(err);
    return vm->exit_status;
}

static int run(Vm *vm, int argc, char **argv)
{
    GError *err = NULL;

    signals_setup(vm); /* -readconfig may name a FIFO */
    if (!options_parse(&vm->opts, argc, argv, &err)) {
        return failed(vm, err);
    }
    if (help_print(vm, &err)) {
        return fflush(stdout) == 0 ? 0 : 1;
    }
    if (err != NULL || !vm_run_stages(vm, &err)) {
        return failed(vm, err);
    }
    return vm_main_loop(vm);
}

int main(int argc, char **argv)
{
    Vm vm = { 0 };
    int status;

    mallopt(M_ARENA_MAX, 1); /* vCPU threads hardly allocate: an arena each is a waste */
    report_init(argv[0]);
    vm_init(&vm);
    status = run(&vm, argc, argv);
    chardevs_flush(&vm);
    if (!FREE_EVERYTHING && g_getenv("ACCELVM_FREE") == NULL) {
        vm_leave(&vm, status);
    }
    term_restore();
    vm_unlink_files(&vm);
    vm_free(&vm);
    return status;
}
