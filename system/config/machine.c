/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * -machine: which type, and its key=value pairs. Repeated options merge, the last value of a key
 * counts. Keys belong to three owners: the launcher (accel, type, memory.*, smp.*, boot.*), the
 * accelerator (kernel-irqchip, kvm-shadow-mem), and the machine type's own properties.
 */
#include <string.h>
#include "accel/error.h"
#include "hw/machine.h"
#include "system/hooks.h"
#include "system/vm.h"

/* ---- which machine ---- */

static void unknown_machine(Vm *vm, const char *name, GError **errp)
{
    GPtrArray *types = hw_registry_list(vm->registry, &hw_type_machine);
    const char **names = g_new0(const char *, 2 * types->len + 1);
    const char *close;
    GError *err = NULL;
    guint n = 0;

    for (guint i = 0; i < types->len; i++) {
        const HwType *type = g_ptr_array_index(types, i);

        if (!type->abstract) {
            const MachineClass *mc = (const MachineClass *)type;

            names[n++] = mc->name;
            if (mc->alias != NULL) {
                names[n++] = mc->alias;
            }
        }
    }
    close = report_suggest(name, names);
    accel_error_set(&err, ACCEL_ERROR_INVALID,
                    &(AccelErrorInfo){ .notes = "Use -machine help to list supported machines" },
                    "unsupported machine type");
    if (close != NULL) {
        g_autofree char *text = g_strdup_printf("'%s' is unknown; did you mean '%s'?", name, close);

        accel_error_add_remedy(err, text);
    }
    g_propagate_error(errp, err);
    g_ptr_array_unref(types);
    g_free(names);
}

static gboolean choose_class(Vm *vm, GError **errp)
{
    const char *name = options_key(&vm->opts, OPT_machine, "type");

    vm->mc = name != NULL ? hw_machine_find(vm->registry, name)
                          : hw_machine_default(vm->registry);
    if (vm->mc == NULL && name != NULL) {
        vm->mc = plugins_find_machine(vm, name);
    }
    if (vm->mc == NULL && name != NULL) {
        unknown_machine(vm, name, errp);
    } else if (vm->mc == NULL) {
        accel_error_set(
            errp, ACCEL_ERROR_INVALID,
            &(AccelErrorInfo){ .notes = "Use -machine help to list supported machines" },
            "No machine specified, and there is no default");
    }
    return vm->mc != NULL;
}

gboolean config_machine_type(Vm *vm, GError **errp)
{
    if (!choose_class(vm, errp)) {
        return FALSE;
    }
    vm->ms = hw_machine_new(vm->registry, vm->mc);
    vm->boot = boot_config_new();
    vm->ms->boot = vm->boot;
    vm->ms->trace = vm->trace;
    vm->boot->nographic = vm->nographic;
    vm->boot->watchdog_action = vm->actions.watchdog;
    vm->boot->panic_action = vm->actions.panic;
    hooks_install(vm);
    return TRUE;
}

/* ---- its properties ---- */

static gboolean set_text(char **field, const char *value)
{
    g_free(*field);
    *field = g_strdup(value);
    return TRUE;
}

/* Keys that every machine of QEMU's takes and nothing here depends on. */
static bool harmless_bool(const char *key)
{
    static const char *const keys[] = {
        "usb", "dump-guest-core", "mem-merge", "graphics", "hmat", "suppress-vmdesc", "nvdimm",
        "aux-ram-share", "dumpdtb", NULL
    };

    return g_strv_contains(keys, key);
}

static gboolean harmless_key(Vm *vm, const char *key, const char *value, GError **errp)
{
    bool b = false;

    if (strcmp(key, "vmport") == 0 || strcmp(key, "smm") == 0) {
        return strcmp(value, "auto") == 0 || parse_bool_value(key, value, &b, errp);
    }
    if (!parse_bool_value(key, value, &b, errp)) {
        return FALSE;
    }
    if (strcmp(key, "usb") == 0 && b) {
        opt_error(errp, "accelvm has no USB: only usb=off is accepted");
        return FALSE;
    }
    if (strcmp(key, "hmat") == 0) {
        vm->ms->hmat = b;
    }
    if (strcmp(key, "graphics") == 0) {
        vm->boot->nographic = !b;
    }
    return TRUE;
}

/* '_' and '-' are the same in machine keys. */
static char *dashed(const char *key)
{
    return g_strdelimit(g_strdup(key), "_", '-');
}

static gboolean machine_key(Vm *vm, SmpKeys *smp, const char *raw, const char *value,
                            GError **errp)
{
    static const char *const elsewhere[] = { "type", "accel", "kernel-irqchip", "kvm-shadow-mem",
                                             "memory.size", "memory.slots", "memory.max-size",
                                             "pflash0", "pflash1",
                                             NULL };
    g_autofree char *key = dashed(raw);
    MachineState *ms = vm->ms;

    if (g_strv_contains(elsewhere, key) || g_str_has_prefix(key, "boot.")) {
        return TRUE;
    }
    if (g_str_has_prefix(key, "smp.")) {
        return config_smp_key(smp, key, value, errp);
    }
    if (hw_type_find_prop(&vm->mc->type, key) != NULL) {
        return hw_object_set(&ms->obj, key, value, errp);
    }
    if (strcmp(key, "memory-backend") == 0) {
        return set_text(&ms->ram_backend, value);
    }
    if (strcmp(key, "firmware") == 0) {
        return set_text(&ms->firmware, value);
    }
    if (strcmp(key, "kernel") == 0) {
        return set_text(&ms->kernel, value);
    }
    if (strcmp(key, "append") == 0) {
        return set_text(&ms->append, value);
    }
    if (strcmp(key, "initrd") == 0) {
        return set_text(&ms->initrd, value);
    }
    if (harmless_bool(key) || strcmp(key, "vmport") == 0 || strcmp(key, "smm") == 0) {
        return harmless_key(vm, key, value, errp);
    }
    return hw_object_set(&ms->obj, key, value, errp); /* for its "not found" */
}

static gboolean machine_keys(Vm *vm, SmpKeys *smp, GError **errp)
{
    for (const OptItem *it = NULL; (it = options_next(&vm->opts, OPT_machine, it)) != NULL;) {
        for (guint i = 0; i < it->kv->n; i++) {
            if (!machine_key(vm, smp, it->kv->v[i].key, it->kv->v[i].value, errp)) {
                return FALSE;
            }
        }
    }
    return TRUE;
}

static gboolean valid_uuid(const char *text)
{
    return strlen(text) == 36 && g_uuid_string_is_valid(text);
}

static gboolean config_identity(Vm *vm, GError **errp)
{
    const OptItem *uuid = options_last(&vm->opts, OPT_uuid);

    if (uuid == NULL) {
        return TRUE;
    }
    if (!valid_uuid(uuid->arg)) {
        options_at(uuid);
        opt_error(errp, "failed to parse UUID string: wrong format");
        return FALSE;
    }
    vm->ms->uuid = g_strdup(uuid->arg);
    return TRUE;
}

/* The plain options that say the same as machine keys. */
static void config_images(Vm *vm)
{
    const struct {
        OptId id;
        char **field;
    } rows[] = {
        { OPT_kernel, &vm->ms->kernel },
        { OPT_append, &vm->ms->append },
        { OPT_initrd, &vm->ms->initrd },
        { OPT_cpu, &vm->ms->cpu_model },
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *text = options_text(&vm->opts, rows[i].id);

        if (text != NULL) {
            set_text(rows[i].field, text);
        }
    }
}

gboolean config_machine(Vm *vm, GError **errp)
{
    SmpKeys smp = { 0 };

    if (!machine_keys(vm, &smp, errp) || !config_smp(vm, &smp, errp) ||
        !config_memory(vm, errp) || !config_boot(vm, errp) || !config_rtc(vm, errp) ||
        !config_identity(vm, errp) || !config_firmware(vm, errp) || !config_flash(vm, errp)) {
        return FALSE;
    }
    config_images(vm);
    if (vm->ms->cpu_model != NULL && vm->ms->cpu_model[0] == '\0') {
        opt_error(errp, "-cpu option cannot be empty");
        return FALSE;
    }
    if (vm->ms->kernel == NULL && vm->ms->append != NULL) {
        opt_error(errp, "-append only allowed with -kernel option");
        return FALSE;
    }
    if (vm->ms->kernel == NULL && vm->ms->initrd != NULL) {
        opt_error(errp, "-initrd only allowed with -kernel option");
        return FALSE;
    }
    if (options_has(&vm->opts, OPT_dtb)) {
        opt_error(errp, "-dtb is not supported: no machine here takes a device tree");
        return FALSE;
    }
    return TRUE;
}
