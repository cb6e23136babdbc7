/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The human monitor's commands that do something; most ask QMP to, and many are no more than that. */
#include <string.h>
#include "hw/rtc.h"
#include "system/hmp.h"

static void hmp_choose_cpu(Monitor *mon, char **argv)
{
    uint64_t index;

    if (!hmp_value(mon, argv[0], &index) || index >= mon->vm->ms->n_possible ||
        hw_machine_cpu(mon->vm->ms, (guint)index) == NULL) {
        monitor_puts(mon, "invalid CPU index\n");
        return;
    }
    mon->cpu_index = (int)index;
}

/* For all devices (NULL or "help"), or the properties of one. */
static void device_help(Monitor *mon, const char *driver)
{
    bool all = driver == NULL || strcmp(driver, "help") == 0 || strcmp(driver, "?") == 0;
    const HwType *type = all ? NULL : hw_registry_find(mon->vm->registry, driver);
    g_autofree char *text = NULL;

    if (!all && (type == NULL || !hw_type_is_a(type, &hw_type_device))) {
        monitor_printf(mon, "Device '%s' not found\n", driver);
        return;
    }
    text = all ? help_devices_text(mon->vm) : help_properties_text(driver, type);
    monitor_puts(mon, text);
}

static void hmp_boot_set(Monitor *mon, char **argv)
{
    HwObject *cmos = hw_object_resolve(mon->vm->ms->root, "pc-cmos", NULL);
    g_autoptr(GError) err = NULL;

    if (cmos == NULL) {
        monitor_puts(mon, "no function defined to set boot device list for this architecture\n");
    } else if (!pc_cmos_set_boot_order(DEVICE(cmos), argv[0], &err)) {
        monitor_printf(mon, "%s\n", err->message);
    } else {
        monitor_printf(mon, "boot device list now set to %s\n", argv[0]);
    }
}

/* "driver,prop=value": as on the command line. "help" lists. */
static void hmp_device_add(Monitor *mon, char **argv)
{
    GError *err = NULL;
    g_autoptr(KeyVals) kv = keyvals_parse(argv[0] != NULL ? argv[0] : "", "driver", &err);

    if (kv != NULL && keyvals_has_help(kv)) {
        device_help(mon, keyvals_get(kv, "driver"));
        return;
    }
    if (kv != NULL) {
        vm_device_add(mon->vm, kv, &err);
    }
    hmp_error(mon, err);
}

/* All types ("help"), or the properties of the one that @kv names. FALSE: it names none. */
static bool object_help(Monitor *mon, const KeyVals *kv)
{
    const char *name = keyvals_get(kv, "qom-type") != NULL ? keyvals_get(kv, "qom-type") : "";
    bool all = strcmp(name, "help") == 0 || strcmp(name, "?") == 0;
    const HwType *type = all ? NULL : hw_registry_find(mon->vm->registry, name);
    g_autofree char *text = NULL;

    if (!keyvals_has_help(kv) || (!all && (type == NULL || !type->user_creatable))) {
        return false;
    }
    text = all ? help_objects_text(mon->vm) : help_properties_text(name, type);
    monitor_puts(mon, text);
    return true;
}

static void hmp_object_add(Monitor *mon, char **argv)
{
    GError *err = NULL;
    g_autoptr(KeyVals) kv = keyvals_parse(argv[0], "qom-type", &err);

    if (kv != NULL && object_help(mon, kv)) {
        return;
    }
    if (kv != NULL) {
        vm_object_add(mon->vm, kv, &err);
    }
    hmp_error(mon, err);
}

/* "memsave addr size file", "pmemsave addr size file" */
static void save(Monitor *mon, const char *command, char **argv)
{
    uint64_t addr, size;

    if (!hmp_value(mon, argv[0], &addr) || !hmp_value(mon, argv[1], &size)) {
        return; /* checked before: does not happen */
    }
    hmp_do(mon, command, json_pack("{s:I, s:I, s:o}", "val", (json_int_t)addr, "size",
                                   (json_int_t)size, "filename", hmp_word(argv[2])));
}

static void hmp_memsave(Monitor *mon, char **argv)
{
    save(mon, "memsave", argv);
}

static void hmp_pmemsave(Monitor *mon, char **argv)
{
    save(mon, "pmemsave", argv);
}

/* ---- help ---- */

static void help_row(Monitor *mon, const char *prefix, const HmpCommand *c)
{
    monitor_printf(mon, "%s%s %s -- %s\n", prefix, c->names, c->args, c->help);
}

void hmp_help_info(Monitor *mon)
{
    for (const HmpCommand *c = hmp_info_commands; c->names != NULL; c++) {
        if (hmp_allowed(mon, c)) {
            help_row(mon, "info ", c);
        }
    }
}

/* "info status" and what follows, which is not looked at. */
static void help_info_row(Monitor *mon, const char *rest)
{
    const size_t len = strcspn(rest, " \t");
    const HmpCommand *one = hmp_find(hmp_info_commands, rest, len);

    if (len == 0) {
        hmp_help_info(mon);
    } else if (one != NULL) {
        help_row(mon, "info ", one);
    } else {
        monitor_printf(mon, "unknown command: 'info %.*s'\n", (int)len, rest);
    }
}

static void hmp_help(Monitor *mon, char **argv)
{
    const char *rest = argv[0];
    const size_t len = strcspn(rest, " \t");
    const HmpCommand *one = hmp_find(hmp_commands, rest, len);

    if (len == 4 && strncmp(rest, "info", 4) == 0) {
        help_info_row(mon, rest + 4 + strspn(rest + 4, " \t"));
    } else if (one != NULL) {
        help_row(mon, "", one);
    } else if (rest[0] != '\0') {
        monitor_printf(mon, "unknown command: '%.*s'\n", (int)len, rest);
    } else {
        for (const HmpCommand *c = hmp_commands; c->names != NULL; c++) {
            if (hmp_allowed(mon, c)) {
                help_row(mon, "", c);
            }
        }
        monitor_puts(mon, "info [subcommand] -- show various information about the system state\n");
    }
}

const HmpCommand hmp_commands[] = {
    { "boot_set", "order", "s", "change the boot order", hmp_boot_set },
    { "cont|c", "", "", "resume emulation", .qmp = "cont" },
    { "chardev-add", "backend,id=str[,prop=value][,...]", "s", "add chardev, like -chardev",
      hmp_chardev_add },
    { "chardev-change", "id backend[,prop=value][,...]", "ss", "put another back end behind a chardev",
      hmp_chardev_change },
    { "chardev-remove", "id", "s", "remove chardev", .qmp = "chardev-remove", .key = "id" },
    { "chardev-send-break", "id", "s", "send a break on chardev",
      .qmp = "chardev-send-break", .key = "id" },
    { "closefd", "name", "s", "close a descriptor that getfd took",
      .qmp = "closefd", .key = "fdname", .early = true },
    { "cpu", "index", "i", "set the default CPU", hmp_choose_cpu },
    { "device_add", "driver[,prop=value][,...]", "s?", "add device, like -device", hmp_device_add },
    { "device_del", "device", "s", "remove device", .qmp = "device_del", .key = "id" },
    { "exit_preconfig|x_exit_preconfig", "", "", "leave the preconfig state",
      .qmp = "x-exit-preconfig", .early = true },
    { "getfd", "name", "s", "take the descriptor that came along (SCM_RIGHTS) under a name",
      hmp_getfd, .early = true },
    { "help|?", "[cmd]", "*", "show the help", hmp_help, .early = true },
    { "i", "/fmt addr", "/ll?", "I/O port read", hmp_port_in },
    { "memsave", "addr size file", "lls", "save virtual memory to a file", hmp_memsave },
    { "nmi", "", "", "inject an NMI", .qmp = "inject-nmi" },
    { "o", "/fmt addr value", "/ll", "I/O port write", hmp_port_out },
    { "object_add", "qom-type,id=str[,prop=value][,...]", "S", "create object", hmp_object_add,
      .early = true },
    { "object_del", "id", "s", "destroy object", .qmp = "object-del", .key = "id",
      .early = true },
    { "print|p", "/fmt expr", "/l", "print expression value (use $reg for registers)", hmp_print },
    { "pmemsave", "addr size file", "lls", "save physical memory to a file", hmp_pmemsave },
    { "quit|q", "", "", "quit the emulator", .qmp = "quit", .early = true },
    { "qom-get", "path property", "ss", "print a property", hmp_qom_get, .early = true },
    { "qom-list", "path", "s?", "list properties", hmp_qom_list, .early = true },
    { "qom-set", "[-j] path property value", "-jssS", "set a property (-j: the value is JSON)",
      hmp_qom_set, .early = true },
    { "ringbuf_read", "device size", "si", "read from a ring buffer chardev", hmp_ringbuf_read },
    { "ringbuf_write", "device data", "ss", "write to a ring buffer chardev", hmp_ringbuf_write },
    { "stop|s", "", "", "stop emulation", .qmp = "stop" },
    { "sum", "addr size", "ii", "checksum of physical memory", hmp_sum },
    { "system_powerdown", "", "", "send system power down event", .qmp = "system_powerdown" },
    { "system_reset", "", "", "reset the system", .qmp = "system_reset" },
    { "system_wakeup", "", "", "wake the guest from suspend", .qmp = "system_wakeup" },
    { "trace-event", "name on|off [vcpu]", "sbi?", "switch a trace event", hmp_trace_event },
    { "watchdog_action", "action", "s",
      "what to do when the watchdog runs out", .qmp = "watchdog-set-action", .key = "action" },
    { "x", "/fmt addr", "/l", "virtual memory dump starting at 'addr'", hmp_x },
    { "xp", "/fmt addr", "/l", "physical memory dump starting at 'addr'", hmp_xp },
    { 0 },
};
