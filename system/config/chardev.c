/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * -chardev, -serial, -monitor, -qmp and -mon, and the ones that nobody asked for. Here chardevs are
 * made and monitors are noted; monitors start later, when the accelerator is up.
 */
#include <string.h>
#include "accel/error.h"
#include "system/char.h"

static void monitor_spec_free(gpointer p)
{
    MonitorSpec *spec = p;

    g_free(spec->chardev);
    g_free(spec);
}

static MonitorSpec *add_monitor(Vm *vm, const char *chardev, bool control, const OptItem *origin)
{
    MonitorSpec *spec = g_new0(MonitorSpec, 1);

    if (vm->monitors == NULL) {
        vm->monitors = g_ptr_array_new_with_free_func(monitor_spec_free);
    }
    spec->chardev = g_strdup(chardev);
    spec->control = control;
    spec->origin = origin;
    g_ptr_array_add(vm->monitors, spec);
    return spec;
}

gboolean config_chardevs(Vm *vm, GError **errp)
{
    for (const OptItem *it = NULL; (it = options_next(&vm->opts, OPT_chardev, it)) != NULL;) {
        options_at(it);
        if (char_new(vm, it->kv, errp) == NULL) {
            return FALSE;
        }
    }
    options_at(NULL);
    return TRUE;
}

/* "mon:stdio": one more port of the serial line's chardev, with a human monitor on it. */
static gboolean add_mux_monitor(Vm *vm, Chardev *chr, const OptItem *origin, GError **errp)
{
    Chardev *port = char_mux_add_port(vm, chr, errp);

    if (port == NULL) {
        return FALSE;
    }
    add_monitor(vm, port->id, false, origin)->implicit = true;
    return TRUE;
}

/* The chardev id behind one -serial text. Returns: (transfer full), NULL for none or an error. */
static char *serial_id(Vm *vm, guint n, const char *text, const OptItem *origin, GError **errp)
{
    g_autofree char *id = g_strdup_printf("serial%u", n);
    Chardev *chr;

    if (strcmp(text, "none") == 0) {
        return NULL;
    }
    if (g_str_has_prefix(text, "chardev:")) {
        chr = char_port(vm, text + strlen("chardev:"), errp);
        return chr != NULL ? g_strdup(chr->id) : NULL;
    }
    chr = char_new_legacy(vm, id, text, errp);
    if (chr == NULL || (g_str_has_prefix(text, "mon:") &&
                        !add_mux_monitor(vm, chr, origin, errp))) {
        return NULL;
    }
    return g_steal_pointer(&id);
}

static gboolean add_serial(Vm *vm, const char *text, const OptItem *origin, GError **errp)
{
    GError *err = NULL;
    char *id;

    if (vm->boot->serials == NULL) {
        vm->boot->serials = g_ptr_array_new_with_free_func(g_free);
    }
    id = serial_id(vm, vm->boot->serials->len, text, origin, &err);
    if (err != NULL) {
        report_error(err);
        g_error_free(err);
        opt_error(errp, "could not connect serial device to character backend '%s'", text);
        return FALSE;
    }
    g_ptr_array_add(vm->boot->serials, id);
    return TRUE;
}

/* -monitor, -qmp: a chardev of its own, or one that exists. */
static gboolean compat_monitor(Vm *vm, const OptItem *it, guint n, GError **errp)
{
    g_autofree char *id = g_strdup_printf("compat_monitor%u", n);
    MonitorSpec *spec;
    Chardev *chr;

    if (strcmp(it->arg, "none") == 0) {
        return TRUE;
    }
    chr = g_str_has_prefix(it->arg, "chardev:")
              ? char_find(vm, it->arg + strlen("chardev:"))
              : char_new_legacy(vm, id, it->arg, errp);
    if (chr == NULL) {
        if (errp != NULL && *errp == NULL) {
            opt_error(errp, "chardev \"%s\" not found", it->arg + strlen("chardev:"));
        }
        return FALSE;
    }
    spec = add_monitor(vm, chr->id, it->id != OPT_monitor, it);
    spec->pretty = it->id == OPT_qmp_pretty;
    return TRUE;
}

static gboolean mon_option(Vm *vm, const OptItem *it, GError **errp)
{
    static const char *const modes[] = { "readline", "control", NULL };
    const char *chardev = keyvals_get(it->kv, "chardev"), *mode = keyvals_get(it->kv, "mode");
    MonitorSpec *spec;
    int control = 0;

    if (chardev == NULL) {
        opt_error(errp, "Parameter 'chardev' is missing");
        return FALSE;
    }
    if (mode != NULL && !parse_enum_value("mode", mode, modes, &control, errp)) {
        return FALSE;
    }
    if (char_find(vm, chardev) == NULL) {
        opt_error(errp, "chardev \"%s\" not found", chardev);
        return FALSE;
    }
    spec = add_monitor(vm, chardev, control, it);
    keyvals_bool(it->kv, "pretty", &spec->pretty);
    if (spec->pretty && !control) {
        opt_error(errp, "'pretty' is not compatible with HMP monitors");
        return FALSE;
    }
    return TRUE;
}

static bool is_monitor(OptId id)
{
    return id == OPT_monitor || id == OPT_qmp || id == OPT_qmp_pretty || id == OPT_mon;
}

static gboolean config_monitors(Vm *vm, bool *any, GError **errp)
{
    guint compat = 0;

    for (guint i = 0; i < vm->opts.n; i++) {
        const OptItem *it = &vm->opts.items[i];

        if (!is_monitor(it->id)) {
            continue;
        }
        *any = true;
        options_at(it);
        if (it->id == OPT_mon ? !mon_option(vm, it, errp)
                              : !compat_monitor(vm, it, compat++, errp)) {
            return FALSE;
        }
    }
    options_at(NULL);
    return TRUE;
}

static gboolean config_serials(Vm *vm, GError **errp)
{
    for (const OptItem *it = NULL; (it = options_next(&vm->opts, OPT_serial, it)) != NULL;) {
        options_at(it);
        if (!add_serial(vm, it->arg, it, errp)) {
            return FALSE;
        }
    }
    options_at(NULL);
    return TRUE;
}

/* A serial port that goes nowhere, or to the terminal with -nographic. */
static gboolean default_serial(Vm *vm, bool any_monitor, GError **errp)
{
    if (vm->nographic && !vm->daemonized) {
        return add_serial(vm, any_monitor ? "stdio" : "mon:stdio", NULL, errp);
    }
    return add_serial(vm, "null", NULL, errp);
}

gboolean config_default_devices(Vm *vm, GError **errp)
{
    bool any_monitor = false, any_serial = options_has(&vm->opts, OPT_serial);

    if (!config_monitors(vm, &any_monitor, errp) || !config_serials(vm, errp)) {
        return FALSE;
    }
    if (vm->nodefaults) {
        return TRUE;
    }
    if (!any_serial) {
        return default_serial(vm, any_monitor, errp);
    }
    if (vm->nographic && !any_monitor && !vm->daemonized) {
        Chardev *chr = char_new_legacy(vm, "compat_monitor0", "stdio", NULL);

        if (chr != NULL) { /* unless a serial port has the terminal */
            add_monitor(vm, chr->id, false, NULL)->implicit = true;
        }
    }
    return TRUE;
}

gboolean config_late_backends(Vm *vm, GError **errp)
{
    if (vm->qtest != NULL && !qtest_server_start(vm, vm->qtest, vm->qtest_log, errp)) {
        return FALSE;
    }
    for (guint i = 0; vm->monitors != NULL && i < vm->monitors->len; i++) {
        const MonitorSpec *spec = g_ptr_array_index(vm->monitors, i);

        options_at(spec->origin);
        if (!monitor_start(vm, spec, errp)) {
            return FALSE;
        }
    }
    options_at(NULL);
    return TRUE;
}
