/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * -trace, -d and -D: which events are on and where their lines go. With none of them no trace
 * object exists at all and every event costs one branch on a NULL pointer.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "accel/error.h"
#include "system/vm.h"

/* What -d items mean here. */
static const struct {
    const char *item, *pattern, *help;
} log_items[] = {
    { "int", "tcg_interrupt", "show interrupts of the software CPU" },
    { "exec", "kvm_run_exit", "show each return from the guest" },
    { "cpu_reset", "machine_reset", "show machine resets" },
    { "unimp", "memory_unassigned", "show accesses to memory that nobody owns" },
    { "guest_errors", "port_unassigned", "show accesses to ports that nobody owns" },
};

static void sink(void *opaque, const char *event, const char *line)
{
    Vm *vm = opaque;
    g_autofree char *text = NULL;

    if (report_config.timestamp) {
        int64_t now = g_get_real_time();

        text = g_strdup_printf("%d@%" G_GINT64_FORMAT ".%06d:%s %s\n", (int)getpid(),
                               now / G_USEC_PER_SEC, (int)(now % G_USEC_PER_SEC), event, line);
    } else {
        text = g_strdup_printf("%s %s\n", event, line);
    }
    if (write(vm->log_fd >= 0 ? vm->log_fd : STDERR_FILENO, text, strlen(text)) < 0) {
        return; /* nowhere to complain to */
    }
}

static AccelTrace *get_trace(Vm *vm)
{
    if (vm->trace == NULL) {
        vm->trace = accel_trace_new(sink, vm);
    }
    return vm->trace;
}

static void warn_unknown(const char *pattern)
{
    const char *names[ACCEL_TRACE_N_EVENTS + 1];
    const char *close;

    for (guint i = 0; i < ACCEL_TRACE_N_EVENTS; i++) {
        names[i] = accel_trace_event_name(i);
    }
    names[ACCEL_TRACE_N_EVENTS] = NULL;
    report_warnf("trace event '%s' does not exist", pattern);
    close = report_suggest(pattern, names);
    if (close != NULL) {
        report_hint("did you mean '%s'?", close);
    }
}

static void enable(Vm *vm, const char *pattern)
{
    if (accel_trace_enable(get_trace(vm), pattern) == 0 && strchr(pattern, '*') == NULL) {
        warn_unknown(pattern);
    }
}

/* events=FILE: a pattern per line, '#' starts a comment. */
static gboolean enable_file(Vm *vm, const char *path, GError **errp)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    FILE *f = fopen(path, "re");
    int err = errno;

    if (f != NULL) {
        fclose(f);
    }
    if (f == NULL || !g_file_get_contents(path, &text, NULL, NULL)) {
        accel_error_set(errp, accel_error_code_from_errno(err),
                        &(AccelErrorInfo){ .call = "open", .errnum = err }, "%s: %s", path,
                        g_strerror(err));
        return FALSE;
    }
    lines = g_strsplit(text, "\n", -1);
    for (char **l = lines; *l != NULL; l++) {
        g_strstrip(*l);
        if (**l != '\0' && **l != '#') {
            enable(vm, *l);
        }
    }
    return TRUE;
}

static gboolean open_log(Vm *vm, const char *path, GError **errp)
{
    int err;

    if (vm->log_fd >= 0) {
        close(vm->log_fd);
    }
    vm->log_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    if (vm->log_fd >= 0) {
        return TRUE;
    }
    err = errno;
    accel_error_set(errp, accel_error_code_from_errno(err),
                    &(AccelErrorInfo){ .call = "open", .errnum = err },
                    "Error opening logfile %s: %s", path, g_strerror(err));
    return FALSE;
}

static gboolean log_item(Vm *vm, const char *item, GError **errp)
{
    const char *names[G_N_ELEMENTS(log_items) + 1] = { NULL };

    if (g_str_has_prefix(item, "trace:")) {
        enable(vm, item + strlen("trace:"));
        return TRUE;
    }
    for (guint i = 0; i < G_N_ELEMENTS(log_items); i++) {
        names[i] = log_items[i].item;
        if (strcmp(item, log_items[i].item) == 0) {
            accel_trace_enable(get_trace(vm), log_items[i].pattern);
            return TRUE;
        }
    }
    opt_error_suggest(errp, item, names, "unknown log item '%s' (see -d help)", item);
    return FALSE;
}

void help_log_items(void)
{
    printf("Log items (comma separated):\n");
    for (guint i = 0; i < G_N_ELEMENTS(log_items); i++) {
        printf("%-15s %s\n", log_items[i].item, log_items[i].help);
    }
    printf("trace:PATTERN   enable trace events\n\nUse \"-d trace:help\" to get a list of trace "
           "events.\n");
}

static gboolean one_option(Vm *vm, const OptItem *it, GError **errp)
{
    g_auto(GStrv) items = NULL;

    if (it->id == OPT_D) {
        options_at(NULL);
        return open_log(vm, it->arg, errp);
    }
    if (it->id == OPT_d) {
        items = g_strsplit(it->arg, ",", -1);
        for (char **item = items; *item != NULL; item++) {
            if (!log_item(vm, *item, errp)) {
                return FALSE;
            }
        }
        return TRUE;
    }
    for (guint i = 0; i < it->kv->n; i++) {
        const KeyVal *e = &it->kv->v[i];

        if (strcmp(e->key, "enable") == 0) {
            enable(vm, e->value);
        } else if (strcmp(e->key, "events") == 0 ? !enable_file(vm, e->value, errp)
                                                 : !open_log(vm, e->value, errp)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean config_trace(Vm *vm, GError **errp)
{
    for (guint i = 0; i < vm->opts.n; i++) {
        const OptItem *it = &vm->opts.items[i];

        if (it->id != OPT_trace && it->id != OPT_d && it->id != OPT_D) {
            continue;
        }
        options_at(it);
        if (!one_option(vm, it, errp)) {
            return FALSE;
        }
    }
    options_at(NULL);
    return TRUE;
}
