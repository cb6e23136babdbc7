/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Options of the command line, trace events, and the texts that are HMP's. */
#include <string.h>
#include "accel/trace.h"
#include "system/qmp.h"

static const char *group_name(const OptDef *def)
{
    static const char *const renamed[][2] = {
        { "smp", "smp-opts" }, { "boot", "boot-opts" }, { "m", "memory" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(renamed); i++) {
        if (strcmp(def->name, renamed[i][0]) == 0) {
            return renamed[i][1];
        }
    }
    return def->name;
}

static const char *parameter_type(KeyType type)
{
    switch (type) {
    case KEY_BOOL:
        return "boolean";
    case KEY_NUM:
    case KEY_INT:
        return "number";
    case KEY_SIZE:
    case KEY_MB:
        return "size";
    default:
        return "string";
    }
}

static json_t *parameters_json(const KeyDesc *keys)
{
    json_t *list = json_array();

    for (; keys != NULL && keys->name != NULL; keys++) {
        json_t *p = json_pack("{s:s, s:s}", "name", keys->name, "type",
                              parameter_type(keys->type));

        if (keys->help != NULL) {
            json_object_set_new(p, "help", json_text(keys->help));
        }
        json_array_append_new(list, p);
    }
    return list;
}

bool qmp_query_command_line_options(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    const char *wanted = qmp_str(args, "option");

    *ret = json_array();
    for (int i = 0; i < OPT_N_IDS; i++) {
        const OptDef *def = &option_table[i];
        const char *name = group_name(def);

        if (def->kind == OPTK_KEYS && (wanted == NULL || strcmp(wanted, name) == 0)) {
            json_array_append_new(*ret, json_pack("{s:s, s:o}", "option", name, "parameters",
                                                  parameters_json(def->keys)));
        }
    }
    if (wanted != NULL && json_array_size(*ret) == 0) {
        qmp_error(errp, QMP_GENERIC_ERROR, "invalid option name: %s", wanted);
        return false;
    }
    return true;
}

/* ---- trace events ---- */

static bool is_on(const Vm *vm, guint ev)
{
    return vm->trace != NULL && vm->trace->on[ev];
}

/*
 * A name must be known, a pattern may match nothing. @vcpu: none of our events can be switched for
 * one CPU: a name is refused then, and a pattern stands for nothing. *@any: there is more to do.
 */
static bool check_event(Monitor *mon, json_t *args, bool *any, GError **errp)
{
    const char *name = qmp_str(args, "name");
    int64_t vcpu = qmp_int(args, "vcpu", -1);
    bool pattern = strchr(name, '*') != NULL, known = false;
    bool one = json_object_get(args, "vcpu") != NULL;

    for (guint i = 0; i < ACCEL_TRACE_N_EVENTS; i++) {
        known = known || (pattern ? g_pattern_match_simple(name, accel_trace_event_name(i))
                                  : strcmp(name, accel_trace_event_name(i)) == 0);
    }
    *any = known && !one;
    if (one && (vcpu < 0 || vcpu > G_MAXINT ||
                hw_machine_cpu(mon->vm->ms, (guint)vcpu) == NULL)) {
        qmp_error(errp, QMP_GENERIC_ERROR, "invalid vCPU index %" G_GINT64_FORMAT, vcpu);
        return false;
    }
    if (!known && !pattern) {
        qmp_error(errp, QMP_GENERIC_ERROR, "unknown event \"%s\"", name);
        return false;
    }
    if (one && !pattern) {
        qmp_error(errp, QMP_GENERIC_ERROR, "event \"%s\" is not vCPU-specific", name);
        return false;
    }
    return true;
}

bool qmp_trace_event_get_state(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    const char *pattern = qmp_str(args, "name");
    bool any;

    if (!check_event(mon, args, &any, errp)) {
        return false;
    }
    *ret = json_array();
    for (guint i = 0; any && i < ACCEL_TRACE_N_EVENTS; i++) {
        const char *name = accel_trace_event_name(i);

        if (g_pattern_match_simple(pattern, name)) {
            json_array_append_new(*ret, json_pack("{s:s, s:s, s:b}", "name", name, "state",
                                                  is_on(mon->vm, i) ? "enabled" : "disabled",
                                                  "vcpu", false));
        }
    }
    return true;
}

/*
 * A trace that nobody asked for at the start does not exist: the machine has no pointer to one. All
 * events are off then, and can be switched off once more.
 */
bool qmp_trace_event_set_state(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    const char *name = qmp_str(args, "name");
    bool on = json_is_true(json_object_get(args, "enable")), any;
    g_autofree char *pattern = g_strconcat(on ? "" : "-", name, NULL);

    if (!check_event(mon, args, &any, errp)) {
        return false;
    }
    if (any && on && mon->vm->trace == NULL) {
        qmp_error(errp, QMP_GENERIC_ERROR, "tracing was not set up: start with -trace to be able "
                  "to switch events at run time");
        return false;
    }
    if (any && mon->vm->trace != NULL) {
        accel_trace_enable(mon->vm->trace, pattern);
    }
    return true;
}

/* ---- HMP ---- */

static char *capture(Monitor *mon, const char *line, int cpu_index)
{
    Monitor human = { .vm = mon->vm, .cpu_index = cpu_index, .fd = -1,
                      .capture = g_string_new(NULL) };

    hmp_run(&human, line);
    return g_string_free(human.capture, FALSE);
}

/* A terminal's line ends are for human-monitor-command only. */
static json_t *plain_json(Monitor *mon, const char *line)
{
    g_autofree char *text = capture(mon, line, 0);
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        if (from[0] != '\r' || from[1] != '\n') {
            *to++ = *from;
        }
    }
    *to = '\0';
    return json_text(text);
}

static json_t *capture_json(Monitor *mon, const char *line, int cpu_index)
{
    g_autofree char *text = capture(mon, line, cpu_index);

    return json_text(text);
}

bool qmp_human_monitor_command(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    int64_t index = qmp_int(args, "cpu-index", 0);

    if (json_object_get(args, "cpu-index") != NULL &&
        (index < 0 || index > G_MAXINT || hw_machine_cpu(mon->vm->ms, (guint)index) == NULL)) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Parameter 'cpu-index' expects a CPU number");
        return false;
    }
    *ret = capture_json(mon, qmp_str(args, "command-line"), (int)index);
    return true;
}

#define HUMAN_TEXT(id, line)                                                             \
    bool qmp_##id(Monitor *mon, json_t *args, json_t **ret, GError **errp)               \
    {                                                                                    \
        *ret = json_pack("{s:o}", "human-readable-text", plain_json(mon, line));         \
        return true;                                                                     \
    }

HUMAN_TEXT(x_query_numa, "info numa")
HUMAN_TEXT(x_query_irq, "info irq")
HUMAN_TEXT(x_query_ramblock, "info ramblock")
HUMAN_TEXT(x_query_roms, "info roms")
