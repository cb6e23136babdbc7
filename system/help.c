/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lists that "help" prints: machines, accelerators, CPUs, devices, objects, chardevs, trace events,
 * and the properties of one of them. Layout as in QEMU, since people (and scripts) know it.
 */
#include <stdio.h>
#include <string.h>
#include "accel/error.h"
#include "system/char.h"

static bool asks(const char *text)
{
    return text != NULL && (strcmp(text, "help") == 0 || strcmp(text, "?") == 0);
}

static void print_machine(const char *name, const char *desc, const char *note, const char *of)
{
    printf("%-20s %s%s%s%s\n", name, desc != NULL ? desc : "", note, of, of[0] ? ")" : "");
}

static void list_machines(Vm *vm)
{
    GPtrArray *types = hw_registry_list(vm->registry, &hw_type_machine);

    printf("Supported machines are:\n");
    for (guint i = 0; i < types->len; i++) {
        const MachineClass *mc = g_ptr_array_index(types, i);

        if (mc->type.abstract) {
            continue;
        }
        if (mc->alias != NULL) {
            print_machine(mc->alias, mc->desc, " (alias of ", mc->name);
        }
        print_machine(mc->name, mc->desc, mc->is_default ? " (default)" : "", "");
    }
    g_ptr_array_unref(types);
}

static void list_accels(void)
{
    printf("Accelerators supported in QEMU binary:\n");
    for (const char *const *name = accel_list(false); *name != NULL; name++) {
        printf("%s\n", *name);
    }
}

static void list_cpus(Vm *vm)
{
    GPtrArray *types = hw_registry_list(vm->registry, &hw_type_cpu);

    printf("Available CPUs:\n");
    for (guint i = 0; i < types->len; i++) {
        const HwType *type = g_ptr_array_index(types, i);
        const char *dash = g_strrstr(type->name, "-x86_64-cpu");

        if (!type->abstract && dash != NULL) {
            printf("x86 %-20.*s  %s\n", (int)(dash - type->name), type->name,
                   type->desc != NULL ? type->desc : "");
        }
    }
    g_ptr_array_unref(types);
}

static void print_device(const DeviceClass *dc)
{
    printf("name \"%s\"", dc->type.name);
    if (dc->bus != NULL && !hw_type_is_a(&dc->type, &hw_type_cpu)) {
        printf(", bus %s", dc->bus);
    }
    if (dc->type.desc != NULL) {
        printf(", desc \"%s\"", dc->type.desc);
    }
    printf("\n");
}

static void list_devices(Vm *vm)
{
    GPtrArray *types = hw_registry_list(vm->registry, &hw_type_device);

    for (int cpus = 0; cpus <= 1; cpus++) {
        printf(cpus ? "\nCPU devices:\n" : "Misc devices:\n");
        for (guint i = 0; i < types->len; i++) {
            const DeviceClass *dc = g_ptr_array_index(types, i);

            if (!dc->type.abstract && dc->user_creatable &&
                hw_type_is_a(&dc->type, &hw_type_cpu) == (bool)cpus) {
                print_device(dc);
            }
        }
    }
    g_ptr_array_unref(types);
}

static void list_objects(Vm *vm)
{
    GPtrArray *types = hw_registry_list(vm->registry, NULL);

    printf("List of user creatable objects:\n");
    for (guint i = 0; i < types->len; i++) {
        const HwType *type = g_ptr_array_index(types, i);

        if (type->user_creatable && !type->abstract) {
            printf("  %s\n", type->name);
        }
    }
    g_ptr_array_unref(types);
}

static void list_chardevs(void)
{
    printf("Available chardev backend types: \n");
    for (const CharBackend *b = char_backends; b->name != NULL; b++) {
        printf("  %s\n", b->name);
    }
}

static void list_events(void)
{
    for (guint i = 0; i < ACCEL_TRACE_N_EVENTS; i++) {
        printf("%s\n", accel_trace_event_name(i));
    }
}

/* The properties of a type and its ancestors. */
static void print_properties(const char *head, const HwType *type)
{
    printf("%s options:\n", head);
    for (; type != NULL; type = type->parent) {
        if (type->props != NULL) {
            g_autofree char *text = accel_prop_help(type->props);

            fputs(text, stdout);
        }
    }
}

static gboolean device_help(Vm *vm, const OptItem *it, GError **errp)
{
    const char *driver = keyvals_get(it->kv, "driver");
    const HwType *type;

    if (driver == NULL || asks(driver)) {
        list_devices(vm);
        return TRUE;
    }
    type = hw_registry_find(vm->registry, driver);
    if (type == NULL || !hw_type_is_a(type, &hw_type_device)) {
        options_at(it);
        opt_error(errp, "'%s' is not a valid device model name", driver);
        return FALSE;
    }
    print_properties(driver, type);
    return TRUE;
}

static gboolean object_help(Vm *vm, const OptItem *it, GError **errp)
{
    const char *name = keyvals_get(it->kv, "qom-type");
    const HwType *type = name != NULL ? hw_registry_find(vm->registry, name) : NULL;

    if (name == NULL || asks(name)) {
        list_objects(vm);
    } else if (type == NULL || !type->user_creatable) {
        options_at(it);
        opt_error(errp, "Parameter 'qom-type' does not accept value '%s'", name);
        return FALSE;
    } else {
        print_properties(name, type);
    }
    return TRUE;
}

static gboolean accel_option_help(const OptItem *it, GError **errp)
{
    const char *name = keyvals_get(it->kv, "accel");
    g_autofree char *text = NULL;

    if (name == NULL || asks(name)) {
        list_accels();
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
    const MachineClass *mc = name != NULL && !asks(name) ? hw_machine_find(vm->registry, name)
                                                          : NULL;
    g_autofree char *head = NULL;

    if (name == NULL || asks(name)) {
        list_machines(vm);
        return TRUE;
    }
    if (mc == NULL) {
        opt_error(errp, "unsupported machine type");
        return FALSE;
    }
    head = g_strdup_printf("%s-machine", mc->name);
    print_properties(head, &mc->type);
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
        list_chardevs();
        return TRUE;
    }
    if (it->id == OPT_trace) {
        list_events();
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
        list_cpus(vm);
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
            list_events();
            return TRUE;
        }
        return asks(it->arg) && text_help(vm, it);
    }
    if (it->id == OPT_accel && it->arg != NULL && it->arg[0] == '\0') {
        list_accels();
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
