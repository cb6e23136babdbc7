/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A launcher in this process, with one QMP monitor: see monitor-rig.h. */
#include "monitor-rig.h"
#include "hw/boot-config.h"

static Chardev *add_chardev(Vm *vm, const ChardevClass *klass)
{
    Chardev *chr = (Chardev *)hw_object_new(&klass->type);

    chr->id = g_strdup("rig");
    chr->open = true;
    hw_object_add_child(vm->ms->chardevs, "rig", &chr->obj, NULL);
    hw_object_unref(&chr->obj);
    return chr;
}

Chardev *monitor_rig_start(Vm *vm, const ChardevClass *klass)
{
    const char *argv[] = { "accelvm", "-machine", "none", "-nodefaults", "-display", "none",
                           "-accel", "qtest", "-S", NULL };
    char id[] = "rig";
    const MonitorSpec spec = { .chardev = id, .control = true };
    GError *err = NULL;
    Chardev *chr;

    vm->log_fd = vm->pid_fd = vm->ready_fd = -1;
    vm->registry = hw_registry_new();
    g_mutex_init(&vm->req.lock);
    if (!options_parse(&vm->opts, G_N_ELEMENTS(argv) - 1, (char **)argv, &err) ||
        !vm_run_stages(vm, &err)) {
        g_error("start: %s", err->message);
    }
    hw_machine_lock(vm->ms); /* as the main loop holds it: polling lets go of it */
    chr = add_chardev(vm, klass);
    if (!monitor_start(vm, &spec, &err)) {
        g_error("monitor: %s", err->message);
    }
    return chr;
}

void monitor_rig_stop(Vm *vm)
{
    monitors_free(vm);
    hw_machine_unlock(vm->ms);
    hw_machine_free(vm->ms);
    boot_config_free(vm->boot);
    hw_registry_free(vm->registry);
    g_clear_pointer(&vm->observers, g_array_unref);
    g_mutex_clear(&vm->req.lock);
    options_clear(&vm->opts);
}
