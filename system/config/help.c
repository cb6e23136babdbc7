/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which option asks for which help: "help" as the value, among the keys, or behind a name.
 */
#include <stdio.h>
#include <string.h>
#include "accel/error.h"
#include "system/vm.h"

static bool asks(const char *text)
{
    return text != NULL && (strcmp(text, "help") == 0 || strcmp(text, "?") == 0);
}

static gboolean device_help(Vm *vm, const OptItem *it, GError **errp)
{
    const char *driver = keyvals_get(it->kv, "driver");
    const HwType *type;

    plugins_load_for_help(vm);
    if (driver == NULL || asks(driver)) {
        help_list_devices(vm);
        return TRUE;
    }
    type = hw_registry_find(vm->registry, driver);
    if (type == NULL || !hw_type_is_a(type, &hw_type_device)) {
        options_at(it);
        opt_error(errp, "'%s' is not a valid device model name", driver);
        return FALSE;
    }
    help_properties(driver, type);
    return TRUE;
}

static gboolean object_help(Vm *vm, const OptItem *it, GError **errp)
{
    const char *name = keyvals_get(it->kv, "qom-type");
    const HwType *type = name != NULL ? hw_registry_find(vm->registry, name) : NULL;

    if (name == NULL || asks(name)) {
        help_list_objects(vm);
    } else if (type == NULL || !type->user_creatable) {
        options_at(it);
        opt_error(errp, "Parameter 'qom-type' does not accept value '%s'", name);
        return FALSE;
    } else {
        help_properties(name, type);
    }
    return TRUE;
}

static gboolean accel_option_help(const OptItem *it, GError **errp)
{
    const char *name = keyvals_get(it->kv, "accel");
    g_autofree char *text = NULL;

    if (name == NULL || asks(name)) {
        help_list_accels();
        return TRUE;
    }
    options_at(it);
    text = accel_help(name, errp);
    if (text == NULL) {
        return FALSE;
    }
    fputs(text, stdout);
    return TRUE;
}

static gboolean machine_help(Vm *vm, const OptItem *it, GError **errp)
{
    const char *name = options_key(&vm->opts, OPT_machine, "type");
    const MachineClass *mc = NULL;
    g_autofree char *head = NULL;

    plugins_load_for_help(vm);
    if (name != NULL && !asks(name)) {
        mc = hw_machine_find(vm->registry, name);
    }
    if (name == NULL || asks(name)) {
        help_list_machines(vm);
        return TRUE;
    }
    options_at(it);
    if (mc == NULL) {
        opt_error(errp, "unsupported machine type");
        return FALSE;
    }
    head = g_strdup_printf("%s-machine", mc->name);
    help_properties(head, &mc->type);
    printf("  accel=<string>         - Accelerators to try, separated by ':'\n"
           "  append=<string>        - Kernel command line\n"
           "  boot.*=<...>           - Boot configuration, keys as in -boot\n"
           "  dump-guest-core=<bool> - Accepted for QEMU's clients\n"
           "  firmware=<string>      - Firmware image\n"
           "  graphics=<bool>        - Tell the firmware whether there is a display\n"
           "  hmat=<bool>            - Heterogeneous memory attributes\n"
           "  initrd=<string>        - Initial ram disk\n"
           "  kernel-irqchip=<on|off|split> - Who emulates the interrupt controllers (KVM)\n"
           "  kernel=<string>        - Kernel image\n"
           "  kvm-shadow-mem=<size>  - Shadow page memory (KVM)\n"
           "  mem-merge=<bool>       - Accepted for QEMU's clients\n"
           "  memory-backend=<string> - Id of the memory backend object\n"
           "  memory.*=<size>        - Keys size, slots, max-size\n"
           "  smp.*=<int>            - CPU topology, keys as in -smp\n"
           "  usb=<bool>             - Only off is accepted\n");
    return TRUE;
}

static gboolean keys_help(const OptItem *it)
{
    const OptDef *def = &option_table[it->id];
    g_autofree char *text = NULL;

    if (it->id == OPT_chardev && asks(keyvals_get(it->kv, "backend"))) {
        help_list_chardevs();
        return TRUE;
    }
    if (it->id == OPT_trace) {
        help_list_events();
        return TRUE;
    }
    text = keydesc_help(def->keys);
    printf("%s options:\n%s", def->name, text);
    return TRUE;
}

static gboolean text_help(Vm *vm, const OptItem *it)
{
    static const char *const watchdog =
        "reset\nshutdown\npoweroff\npause\ndebug\nnone\ninject-nmi\n";

    switch (it->id) {
    case OPT_cpu:
        help_list_cpus(vm);
        return TRUE;
    case OPT_display:
        printf("Available display backend types:\nnone\n");
        return TRUE;
    case OPT_vga:
        printf("none                 no graphic card (default)\n");
        return TRUE;
    case OPT_d:
        help_log_items();
        return TRUE;
    case OPT_watchdog_action:
        fputs(watchdog, stdout);
        return TRUE;
    case OPT_L:
        printf("%s\n/usr/share/seabios\n/usr/share/qemu\n", ".");
        return TRUE;
    default:
        return FALSE;
    }
}

static gboolean item_help(Vm *vm, const OptItem *it, GError **errp)
{
    if (it->kv == NULL) {
        if (it->id == OPT_d && it->arg != NULL && strcmp(it->arg, "trace:help") == 0) {
            help_list_events();
            return TRUE;
        }
        return asks(it->arg) && text_help(vm, it);
    }
    if (it->id == OPT_accel && it->arg != NULL && it->arg[0] == '\0') {
        help_list_accels();
        return TRUE;
    }
    if (it->id == OPT_accel && asks(keyvals_get(it->kv, "accel"))) {
        help_list_accels(); /* the last value counts, as always */
        return TRUE;
    }
    if (!keyvals_has_help(it->kv)) {
        return FALSE;
    }
    switch (it->id) {
    case OPT_machine:
        return machine_help(vm, it, errp);
    case OPT_accel:
        return accel_option_help(it, errp);
    case OPT_device:
        return device_help(vm, it, errp);
    case OPT_object:
        return object_help(vm, it, errp);
    default:
        return option_table[it->id].keys != NULL && keys_help(it);
    }
}

bool help_print(Vm *vm, GError **errp)
{
    for (guint i = 0; i < vm->opts.n; i++) {
        const OptItem *it = &vm->opts.items[i];
        GError *err = NULL;

        if (it->id == OPT_help) {
            options_print_help();
            return true;
        }
        if (it->id == OPT_version) {
            printf("accelvm version %s\n", ACCELVM_VERSION);
            return true;
        }
        if (item_help(vm, it, &err)) {
            return true;
        }
        if (err != NULL) {
            g_propagate_error(errp, err);
            return false;
        }
    }
    return false;
}
