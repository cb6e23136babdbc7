/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The start, as a table of named stages in QEMU's order: what a user may see in the timeline is
 * what runs here. --preconfig stops behind "late-backends", when monitors work and the accelerator
 * is up; "process" then still happens, and the rest when x-exit-preconfig comes.
 */
#include "accel/error.h"
#include "system/hooks.h"
#include "system/qmp-qom.h"
#include "system/vm.h"

typedef struct VmStage {
    const char *name;
    gboolean (*run)(Vm *vm, GError **errp);
} VmStage;

static gboolean stage_daemonize(Vm *vm, GError **errp)
{
    if (options_has(&vm->opts, OPT_daemonize) && !daemon_fork(vm, errp)) {
        return FALSE;
    }
    return TRUE;
}

/* What the board is going to ask for by name has to be there. */
static gboolean stage_board(Vm *vm, GError **errp)
{
    const char *backend = vm->ms->ram_backend;
    const OptItem *fw_cfg = options_last(&vm->opts, OPT_fw_cfg);

    if (backend != NULL && hw_object_child(vm->ms->objects, backend) == NULL) {
        opt_error(errp, "Memory backend '%s' not found", backend);
        return FALSE;
    }
    if (!hw_machine_init(vm->ms, errp)) {
        return FALSE;
    }
    if (!config_flash_check(vm, errp)) {
        return FALSE;
    }
    if (fw_cfg != NULL && vm->ms->fw_cfg == NULL) {
        options_at(fw_cfg);
        opt_error(errp, "fw_cfg device not available");
        return FALSE;
    }
    return TRUE;
}

/* -only-migratable: of what is here, only such a CPU is what QEMU could not migrate. */
static gboolean check_migratable(Vm *vm, GError **errp)
{
    const MachineState *ms = vm->ms;

    for (guint i = 0; options_has(&vm->opts, OPT_only_migratable) && i < ms->n_possible; i++) {
        json_t *on = ms->possible[i].cpu != NULL
                         ? qom_cpu_value(vm, &ms->possible[i].cpu->dev.obj, "invtsc") : NULL;
        bool refused = json_is_true(on);

        json_decref(on);
        if (refused) {
            opt_error(errp, "disallowing migration blocker (--only-migratable) for: State blocked "
                      "by non-migratable CPU device (invtsc flag)");
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean stage_ready(Vm *vm, GError **errp)
{
    if (!check_migratable(vm, errp)) {
        return FALSE;
    }
    qmp_acpi_start(vm);
    return hw_machine_ready(vm->ms, errp);
}

static const VmStage stages[] = {
    { "early", config_early },
    { "daemonize", stage_daemonize },
    { "plugins", config_plugins },
    { "trace", config_trace },
    { "machine", config_machine_type },
    { "chardevs", config_chardevs },
    { "default-devices", config_default_devices },
    { "machine-options", config_machine },
    { "globals", config_globals },
    { "objects", config_objects },
    { "numa-options", numa_options },
    { "accel", config_accel },
    { "late-backends", config_late_backends },
    /* behind x-exit-preconfig */
    { "numa", numa_configure },
    { "board", stage_board },
    { "devices", config_devices },
    { "ready", stage_ready },
};

enum { FIRST_AFTER_PRECONFIG = 13, N_STAGES = G_N_ELEMENTS(stages) };

bool vm_in_preconfig(const Vm *vm)
{
    return vm->next_stage == FIRST_AFTER_PRECONFIG && vm->preconfig;
}

static gboolean run_until(Vm *vm, guint end, GError **errp)
{
    for (; vm->next_stage < end; vm->next_stage++) {
        int64_t start = g_get_monotonic_time();

        if (!stages[vm->next_stage].run(vm, errp)) {
            return FALSE;
        }
        timing_stage(vm, stages[vm->next_stage].name, start);
    }
    return TRUE;
}

/* From a command: the stages may open files. */
static gboolean run_interruptibly(Vm *vm, guint end, GError **errp)
{
    gboolean ok;

    signals_window(true);
    ok = run_until(vm, end, errp);
    signals_window(false);
    return ok;
}

gboolean vm_run_stages(Vm *vm, GError **errp)
{
    vm->state = RUN_STATE_PRELAUNCH;
    if (!run_until(vm, FIRST_AFTER_PRECONFIG, errp)) { /* "early" knows of --preconfig */
        return FALSE;
    }
    vm_prepare_loop(vm);
    if (!vm->preconfig && !run_until(vm, N_STAGES, errp)) {
        return FALSE;
    }
    if (vm->timing) {
        timing_print(vm);
    }
    if (!config_process_late(vm, errp)) {
        return FALSE;
    }
    signals_window(false); /* not for the threads that are made now */
    if (!vm->preconfig && vm->autostart) {
        vm_start(vm);
    }
    return TRUE;
}

gboolean vm_exit_preconfig(Vm *vm, GError **errp)
{
    if (!vm_in_preconfig(vm)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "The command is permitted only before machine initialization");
        return FALSE;
    }
    if (!run_interruptibly(vm, N_STAGES, errp)) {
        return FALSE;
    }
    vm->preconfig = false;
    if (vm->autostart) {
        vm_start(vm);
    }
    return TRUE;
}
