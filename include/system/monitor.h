/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal (launcher): monitors, QMP and human. Everything runs on the main thread under the
 * machine lock, except handlers of commands with QMP_THREAD.
 */
#ifndef SYSTEM_MONITOR_H
#define SYSTEM_MONITOR_H

#include "hw/chardev.h"
#include "system/json.h"
#include "system/vm.h"

typedef struct Monitor Monitor;
typedef struct HmpState HmpState;

struct Monitor {
    Vm *vm;
    Chardev *chr;        /* NULL: human-monitor-command's */
    bool control, pretty;
    GString *out;        /* what the chardev did not take, from @out_sent on */
    gsize out_sent;
    gsize out_answers;   /* where the last answer in it ends; events do not count */
    guint out_timer;
    int cpu_index;       /* "cpu N" */

    /* QMP */
    JsonFramer *framer;
    bool negotiated, oob;
    GQueue requests;     /* QmpRequest *, in order, not begun */
    bool busy;           /* a request is being carried out by another thread */
    bool pumping;
    int fd;              /* of the request that is being carried out; taken by its handler */
    guint session;       /* counts connections: an answer for an older one is dropped */

    /* human */
    HmpState *hmp;
    bool greeted;        /* has said who it is, since the chardev opened */
    bool shared, behind; /* one of several on a terminal; another one has it */
    bool settled;        /* the start is over, the focus stays where it is */
    guint settling;      /* waits for that */
    GString *capture;    /* human-monitor-command collects its text here */
};

/** monitor_start is in vm.h. */

/** monitors: all of them, Monitor *; NULL when there are none. */
GPtrArray *monitors_of(Vm *vm);

/** monitor_write: bytes as they are; what the peer does not take is kept and tried again. */
void monitor_write(Monitor *mon, const char *text, size_t len);
/** monitor_printf: human text; "\n" becomes "\r\n". */
void monitor_printf(Monitor *mon, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
void monitor_puts(Monitor *mon, const char *text);
/** monitor_write_event: the same for what nobody asked for: dropped when too much waits already. */
void monitor_write_event(Monitor *mon, const char *text, size_t len);
/** monitor_drop_output: forget what waits: the peer has gone. */
void monitor_drop_output(Monitor *mon);
/** monitor_can_read: false while answers wait: who does not read is not listened to. */
bool monitor_can_read(const Monitor *mon);

/* ---- QMP side: qmp/server.c ---- */
void qmp_monitor_init(Monitor *mon, ChardevHandlers *fe);
void qmp_monitor_clear(Monitor *mon);
/** qmp_events_start: the observer that turns what happens into events; once. */
void qmp_events_start(Vm *vm);
/** qmp_emit: send an event to every monitor in command mode. Takes @data (may be NULL). */
void qmp_emit(Vm *vm, const char *name, json_t *data);

/* ---- human side: hmp.c ---- */
void hmp_monitor_init(Monitor *mon, ChardevHandlers *fe);
void hmp_monitor_clear(Monitor *mon);
/** hmp_run: one line as typed; output goes to @mon. */
void hmp_run(Monitor *mon, const char *line);

#endif
