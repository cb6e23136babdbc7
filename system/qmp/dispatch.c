/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a command's name and arguments to its handler. */
#include <string.h>
#include "system/qmp.h"

const QmpCommand qmp_commands[] = {
#define QMP(id, name, args, ret, flags) { name, args, ret, flags, qmp_##id },
#include "system/qmp-commands.def"
#undef QMP
    { 0 },
};

/* Opening a file may block for ever: SIGTERM ends that. */
static bool call(Monitor *mon, const QmpCommand *cmd, json_t *args, json_t **ret, GError **errp)
{
    bool ok;

    if (cmd->flags & QMP_FILES) {
        signals_window(true);
    }
    ok = cmd->fn(mon, args, ret, errp);
    if (cmd->flags & QMP_FILES) {
        signals_window(false);
    }
    return ok;
}

/* Without a look at whether it is too early for @cmd. */
static json_t *check_and_call(Monitor *mon, const QmpCommand *cmd, json_t *args, GError **errp)
{
    GError *err = NULL;
    json_t *ret = NULL;

    if (!qmp_check_args(cmd, args, errp)) {
        return NULL;
    }
    if (!call(mon, cmd, args, &ret, &err)) {
        json_decref(ret);
        if (err == NULL) {
            qmp_error(&err, QMP_GENERIC_ERROR, "The command %s failed", cmd->name);
        }
        g_propagate_error(errp, err);
        return NULL;
    }
    return ret != NULL ? ret : json_object();
}

json_t *qmp_dispatch(Monitor *mon, const QmpCommand *cmd, json_t *args, GError **errp)
{
    if (!(cmd->flags & QMP_PRECONFIG) && vm_in_preconfig(mon->vm)) {
        qmp_error(errp, QMP_GENERIC_ERROR,
                  "The command '%s' is permitted only after machine initialization has completed",
                  cmd->name);
        return NULL;
    }
    return check_and_call(mon, cmd, args, errp);
}

/* HMP has a list of its own of what may come before the machine. */
json_t *qmp_call(Monitor *mon, const char *name, json_t *args, GError **errp)
{
    const QmpCommand *cmd = qmp_find_command(name);
    json_t *mine = args != NULL ? args : json_object(), *ret = NULL;

    if (cmd != NULL) {
        ret = check_and_call(mon, cmd, mine, errp);
    }
    json_decref(mine);
    return ret;
}

/* ---- what there is ---- */

bool qmp_query_commands(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    *ret = json_array();
    for (const QmpCommand *c = qmp_commands; c->name != NULL; c++) {
        json_array_append_new(*ret, json_pack("{s:s}", "name", c->name));
    }
    return true;
}

bool qmp_query_events(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    *ret = json_array();
    for (const QmpEventDef *e = qmp_events; e->name != NULL; e++) {
        json_array_append_new(*ret, json_pack("{s:s}", "name", e->name));
    }
    return true;
}

bool qmp_query_qmp_schema(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    *ret = qmp_schema(mon->vm);
    return true;
}
