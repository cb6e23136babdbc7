/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What needs neither machine nor accelerator: flags, -name, -action, -overcommit, the values that
 * are only checked because there is nothing behind them.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>
#include "accel/error.h"
#include "system/vm.h"

static const char *const reboot_names[] = { "reset", "shutdown", NULL };
static const char *const shutdown_names[] = { "poweroff", "pause", NULL };
static const char *const panic_names[] = { "pause", "shutdown", "exit-failure", "none", NULL };
static const char *const watchdog_names[] = {
    "reset", "shutdown", "poweroff", "pause", "debug", "none", "inject-nmi", NULL
};
static const char *const error_names[] = { "pause", "exit-failure", NULL };

static gboolean one_action(Vm *vm, const char *key, const char *value, GError **errp)
{
    const struct {
        const char *key;
        const char *const *names;
        int *out;
    } rows[] = {
        { "reboot", reboot_names, &vm->actions.reboot },
        { "shutdown", shutdown_names, &vm->actions.shutdown },
        { "panic", panic_names, &vm->actions.panic },
        { "watchdog", watchdog_names, &vm->actions.watchdog },
        { "internal-error", error_names, &vm->actions.error },
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (strcmp(rows[i].key, key) == 0) {
            return parse_enum_value(key, value, rows[i].names, rows[i].out, errp);
        }
    }
    return TRUE;
}

/* In order: -no-reboot and -action reboot= overrule each other. */
static gboolean config_actions(Vm *vm, GError **errp)
{
    vm->actions = (VmActions){ .panic = PANIC_ACTION_SHUTDOWN };
    for (guint i = 0; i < vm->opts.n; i++) {
        const OptItem *item = &vm->opts.items[i];

        options_at(item);
        if (item->id == OPT_no_reboot) {
            vm->actions.reboot = REBOOT_ACTION_SHUTDOWN;
        } else if (item->id == OPT_no_shutdown) {
            vm->actions.shutdown = SHUTDOWN_ACTION_PAUSE;
        } else if (item->id == OPT_watchdog_action) {
            if (!one_action(vm, "watchdog", item->arg, errp)) {
                return FALSE;
            }
        }
        for (guint k = 0; item->id == OPT_action && k < item->kv->n; k++) {
            if (!one_action(vm, item->kv->v[k].key, item->kv->v[k].value, errp)) {
                return FALSE;
            }
        }
    }
    options_at(NULL);
    return TRUE;
}

/* Things there are none of: only the value that says so is fine. */
static gboolean check_absent(Vm *vm, GError **errp)
{
    for (guint i = 0; i < vm->opts.n; i++) {
        const OptItem *item = &vm->opts.items[i];
        bool none = item->arg != NULL && strcmp(item->arg, "none") == 0;

        options_at(item);
        if (item->id == OPT_display && !none) {
            opt_error(errp, "Parameter 'type' does not accept value '%s'", item->arg);
            return FALSE;
        }
        if (item->id == OPT_vga && !none) {
            options_at(NULL);
            opt_error(errp, "unknown vga type: %s", item->arg);
            return FALSE;
        }
        if ((item->id == OPT_vnc || item->id == OPT_gdb) && !none) {
            opt_error(errp, "accelvm has no %s: only 'none' is accepted",
                      item->id == OPT_vnc ? "display" : "gdb server");
            return FALSE;
        }
        if ((item->id == OPT_net || item->id == OPT_nic) && !none) {
            opt_error(errp, "accelvm has no network devices: only 'none' is accepted");
            return FALSE;
        }
        if (item->id == OPT_parallel && !none && strcmp(item->arg, "null") != 0) {
            opt_error(errp, "accelvm has no parallel port: only 'none' and 'null' are accepted");
            return FALSE;
        }
        if ((item->id == OPT_audio || item->id == OPT_audiodev) &&
            g_strcmp0(keyvals_get(item->kv, "driver"), "none") != 0) {
            opt_error(errp, "Parameter 'driver' does not accept value '%s'",
                      keyvals_get(item->kv, "driver"));
            return FALSE;
        }
    }
    options_at(NULL);
    return TRUE;
}

/* The process that started us ends with the fork, so there would be nobody to end with. */
static gboolean check_parent(Vm *vm, GError **errp)
{
    if (options_has(&vm->opts, OPT_daemonize)) {
        options_at(options_last(&vm->opts, OPT_run_with));
        opt_error(errp, "exit-with-parent=on cannot be used with -daemonize: the parent ends at "
                        "once");
        return FALSE;
    }
    return TRUE;
}

static gboolean config_process(Vm *vm, GError **errp)
{
    bool with_parent = false;
    const char *v = options_key(&vm->opts, OPT_run_with, "exit-with-parent");
    const char *process = options_key(&vm->opts, OPT_name, "process");

    if (v != NULL && parse_bool_value("exit-with-parent", v, &with_parent, NULL) && with_parent) {
        if (!check_parent(vm, errp)) {
            return FALSE;
        }
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != vm->parent_pid) { /* it ended before we had asked */
            raise(SIGTERM);
        }
    }
    if (process != NULL) {
        prctl(PR_SET_NAME, process);
    }
    return TRUE;
}

static bool flag_key(Vm *vm, OptId id, const char *key)
{
    const char *v = options_key(&vm->opts, id, key);
    bool b = false;

    return v != NULL && parse_bool_value(key, v, &b, NULL) && b;
}

static gboolean config_icount(Vm *vm, GError **errp)
{
    const OptItem *item = options_last(&vm->opts, OPT_icount);
    const char *shift = item != NULL ? keyvals_get(item->kv, "shift") : NULL;
    int64_t n;

    if (shift != NULL && strcmp(shift, "auto") != 0 &&
        (!parse_int_value("shift", shift, &n, NULL) || n < 0 || n > 10)) {
        options_at(item);
        opt_error(errp, "icount: Invalid shift value");
        return FALSE;
    }
    return TRUE;
}

static gboolean config_escape(Vm *vm, GError **errp)
{
    const char *text = options_text(&vm->opts, OPT_echr);
    char *end;

    vm->escape = 1;
    if (text == NULL) {
        return TRUE;
    }
    vm->escape = (int)strtol(text, &end, 0);
    if (end == text) {
        opt_error(errp, "Bad argument to echr");
        return FALSE;
    }
    return TRUE;
}

/* What changes nothing here is said to. */
static void config_singlestep(Vm *vm)
{
    vm->singlestep = options_has(&vm->opts, OPT_singlestep);
    if (vm->singlestep) {
        options_at(options_last(&vm->opts, OPT_singlestep));
        report_warnf("no accelerator of accelvm translates one instruction at a time: this only "
                     "shows in query-status");
        options_at(NULL);
    }
}

gboolean config_early(Vm *vm, GError **errp)
{
    const Options *o = &vm->opts;

    vm->nographic = options_has(o, OPT_nographic);
    vm->nodefaults = options_has(o, OPT_nodefaults);
    vm->autostart = !options_has(o, OPT_S);
    vm->preconfig = options_has(o, OPT_preconfig);
    vm->name = options_key(o, OPT_name, "guest");
    vm->debug_threads = flag_key(vm, OPT_name, "debug-threads");
    vm->mem_lock = flag_key(vm, OPT_overcommit, "mem-lock");
    vm->cpu_pm = flag_key(vm, OPT_overcommit, "cpu-pm");
    vm->timing = flag_key(vm, OPT_accel, "timing");
    vm->chroot = options_key(o, OPT_run_with, "chroot");
    if (vm->chroot == NULL) {
        vm->chroot = options_text(o, OPT_chroot);
    }
    config_singlestep(vm);
    vm->qtest = options_text(o, OPT_qtest);
    vm->qtest_log = options_text(o, OPT_qtest_log);
    return config_fds(vm, errp) && config_escape(vm, errp) && config_actions(vm, errp) &&
           check_absent(vm, errp) && config_icount(vm, errp) && config_process(vm, errp);
}
