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

/* The properties of the type that @kv names. Returns: FALSE when it names none. */
static bool object_help(Monitor *mon, const KeyVals *kv)
{
    const char *name = keyvals_get(kv, "qom-type");
    const HwType *type = hw_registry_find(mon->vm->registry, name != NULL ? name : "");
    g_autofree char *text = NULL;

    if (!keyvals_has_help(kv) || type == NULL || !type->user_creatable) {
        return false;
    }
    text = help_properties_text(name, type);
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

static void hmp_qom_list(Monitor *mon, char **argv)
{
    json_t *v, *p;
    size_t i;

    if (argv[0] == NULL) {
        monitor_puts(mon, "/\n");
        return;
    }
    v = hmp_query(mon, "qom-list", json_pack("{s:o}", "path", hmp_word(argv[0])));
    json_array_foreach(v, i, p) {
        monitor_printf(mon, "%s (%s)\n", qmp_str(p, "name"), qmp_str(p, "type"));
    }
    json_decref(v);
}

static void hmp_qom_get(Monitor *mon, char **argv)
{
    json_t *v = hmp_query(mon, "qom-get",
                          json_pack("{s:o, s:o}", "path", hmp_word(argv[0]), "property",
                                    hmp_word(argv[1])));

    if (v != NULL) {
        g_autofree char *text = json_line(v, true);

        monitor_printf(mon, "%s\n", g_strchomp(text));
        json_decref(v);
    }
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

static void hmp_trace_event(Monitor *mon, char **argv)
{
    hmp_do(mon, "trace-event-set-state", json_pack("{s:o, s:b}", "name", hmp_word(argv[0]),
                                                   "enable", strcmp(argv[1], "on") == 0));
}

/* ---- help ---- */

static void help_row(Monitor *mon, const char *prefix, const HmpCommand *c)
{
    monitor_printf(mon, "%s%s %s -- %s\n", prefix, c->names, c->args, c->help);
}

void hmp_help_info(Monitor *mon)
{
    for (const HmpCommand *c = hmp_info_commands; c->names != NULL; c++) {
        help_row(mon, "info ", c);
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
            help_row(mon, "", c);
        }
        monitor_puts(mon, "info [subcommand] -- show various information about the system state\n");
    }
}

const HmpCommand hmp_commands[] = {
    { "boot_set", "order", "s", "change the boot order", hmp_boot_set },
    { "cont|c", "", "", "resume emulation", .qmp = "cont" },
    { "chardev-remove", "id", "s", "remove chardev", .qmp = "chardev-remove", .key = "id" },
    { "chardev-send-break", "id", "s", "send a break on chardev",
      .qmp = "chardev-send-break", .key = "id" },
    { "cpu", "index", "i", "set the default CPU", hmp_choose_cpu },
    { "device_add", "driver[,prop=value][,...]", "s?", "add device, like -device", hmp_device_add },
    { "device_del", "device", "s", "remove device", .qmp = "device_del", .key = "id" },
    { "exit_preconfig|x_exit_preconfig", "", "", "leave the preconfig state",
      .qmp = "x-exit-preconfig" },
    { "help|?", "[cmd]", "*", "show the help", hmp_help },
    { "i", "/fmt addr", "/ll?", "I/O port read", hmp_port_in },
    { "memsave", "addr size file", "lls", "save virtual memory to a file", hmp_memsave },
    { "nmi", "", "", "inject an NMI", .qmp = "inject-nmi" },
    { "o", "/fmt addr value", "/ll", "I/O port write", hmp_port_out },
    { "object_add", "qom-type,id=str[,prop=value][,...]", "S", "create object", hmp_object_add },
    { "object_del", "id", "s", "destroy object", .qmp = "object-del", .key = "id" },
    { "print|p", "/fmt expr", "/l", "print expression value (use $reg for registers)", hmp_print },
    { "pmemsave", "addr size file", "lls", "save physical memory to a file", hmp_pmemsave },
    { "quit|q", "", "", "quit the emulator", .qmp = "quit" },
    { "qom-get", "path property", "ss", "print a property", hmp_qom_get },
    { "qom-list", "path", "s?", "list properties", hmp_qom_list },
    { "stop|s", "", "", "stop emulation", .qmp = "stop" },
    { "system_powerdown", "", "", "send system power down event", .qmp = "system_powerdown" },
    { "system_reset", "", "", "reset the system", .qmp = "system_reset" },
    { "system_wakeup", "", "", "wake the guest from suspend", .qmp = "system_wakeup" },
    { "trace-event", "name on|off", "sb", "switch a trace event", hmp_trace_event },
    { "watchdog_action", "action", "s",
      "what to do when the watchdog runs out", .qmp = "watchdog-set-action", .key = "action" },
    { "x", "/fmt addr", "/l", "virtual memory dump starting at 'addr'", hmp_x },
    { "xp", "/fmt addr", "/l", "physical memory dump starting at 'addr'", hmp_xp },
    { 0 },
};
