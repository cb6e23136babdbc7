/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* trace-event and info trace-events: QMP's commands, with errors that stand alone on their line. */
#include <string.h>
#include "system/hmp.h"

static json_t *query(Monitor *mon, const char *command, json_t *args, const char *vcpu)
{
    GError *err = NULL;
    uint64_t index;
    json_t *ret;

    if (vcpu != NULL && hmp_value(mon, vcpu, &index)) {
        json_object_set_new(args, "vcpu", json_integer((json_int_t)index));
    }
    ret = qmp_call(mon, command, args, &err);
    if (err != NULL) {
        monitor_printf(mon, "%s\n", err->message);
        g_error_free(err);
    }
    return ret;
}

void hmp_trace_event(Monitor *mon, char **argv)
{
    bool on = strcmp(argv[1], "on") == 0;

    json_decref(query(mon, "trace-event-set-state",
                      json_pack("{s:o, s:b}", "name", hmp_word(argv[0]), "enable", on), argv[2]));
}

void hmp_info_trace_events(Monitor *mon, char **argv)
{
    json_t *name = hmp_word(argv[0] != NULL ? argv[0] : "*"), *e;
    json_t *v = query(mon, "trace-event-get-state", json_pack("{s:o}", "name", name),
                      argv[0] != NULL ? argv[1] : NULL);
    size_t i;

    json_array_foreach(v, i, e) {
        monitor_printf(mon, "%s : state %d\n", hmp_text(e, "name"),
                       strcmp(hmp_text(e, "state"), "enabled") == 0);
    }
    json_decref(v);
}
