/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Run control: stop, cont, reset, power, quit, and what is done in which case. */
#include <string.h>
#include "hw/cpu.h"
#include "system/qmp.h"

bool qmp_quit(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    vm_request_shutdown(mon->vm, SHUTDOWN_CAUSE_HOST_QMP_QUIT);
    return true;
}

bool qmp_query_status(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    *ret = json_pack("{s:s, s:b, s:b}", "status", runstate_name(runstate_get(mon->vm)),
                     "singlestep", mon->vm->singlestep, "running", runstate_is_running(mon->vm));
    return true;
}

/* What does not run stays in the state it is in. */
bool qmp_stop(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    if (runstate_is_running(mon->vm)) {
        vm_stop(mon->vm, RUN_STATE_PAUSED);
    }
    return true;
}

bool qmp_cont(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    return vm_cont(mon->vm, errp);
}

bool qmp_system_reset(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    vm_request_reset(mon->vm, SHUTDOWN_CAUSE_HOST_QMP_SYSTEM_RESET);
    return true;
}

bool qmp_system_powerdown(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    vm_request_powerdown(mon->vm);
    return true;
}

bool qmp_system_wakeup(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    if (runstate_get(mon->vm) != RUN_STATE_SUSPENDED) {
        qmp_error(errp, QMP_GENERIC_ERROR,
                  "Unable to wake up: guest is not in suspended state");
        return false;
    }
    vm_request_wakeup(mon->vm);
    return true;
}

bool qmp_x_exit_preconfig(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    return vm_exit_preconfig(mon->vm, errp);
}

/* ---- actions ---- */

/*
 * The index of @value among the values of the enumeration @type. They are the launcher's, in order.
 */
static int enum_index(const char *type, const char *value)
{
    const char *spec = qmp_find_type(type)->spec;
    char word[64];
    int i;

    for (i = 0; qmp_next_word(&spec, word, sizeof(word)); i++) {
        if (strcmp(word, value) == 0) {
            break;
        }
    }
    return i;
}

static void set_action(json_t *args, const char *name, const char *type, int *action)
{
    const char *value = qmp_str(args, name);

    if (value != NULL) {
        *action = enum_index(type, value);
    }
}

bool qmp_set_action(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    VmActions *a = &mon->vm->actions;

    set_action(args, "reboot", "RebootAction", &a->reboot);
    set_action(args, "shutdown", "ShutdownAction", &a->shutdown);
    set_action(args, "panic", "PanicAction", &a->panic);
    set_action(args, "watchdog", "WatchdogAction", &a->watchdog);
    return true;
}

bool qmp_watchdog_set_action(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    set_action(args, "action", "WatchdogAction", &mon->vm->actions.watchdog);
    return true;
}

bool qmp_inject_nmi(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    MachineState *ms = mon->vm->ms;
    bool any = false;

    for (guint i = 0; i < ms->n_possible; i++) {
        CPUState *cpu = hw_machine_cpu(ms, i);

        if (cpu != NULL && !hw_cpu_inject_nmi(cpu, errp)) {
            return false;
        }
        any |= cpu != NULL;
    }
    if (!any) {
        qmp_error(errp, QMP_GENERIC_ERROR,
                  "this feature or command is not currently supported");
    }
    return any;
}
