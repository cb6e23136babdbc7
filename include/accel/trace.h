/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: trace events.
 *
 * A trace is an object that a caller makes and hands to what it wants traced; there is no global
 * switch, so two VMs in one process can be traced apart. An event that is off costs one predictable
 * branch. The events are rows of trace-events.h; where <sys/sdt.h> was there at build time each
 * call site is also a static probe of the provider "accelvm".
 */
#ifndef ACCEL_TRACE_H
#define ACCEL_TRACE_H

#include <glib.h>
#include "accel/export.h"

G_BEGIN_DECLS

typedef struct AccelTrace AccelTrace;

typedef enum AccelTraceEvent {
#define TRACE_EVENT(name, help) ACCEL_TRACE_##name,
#include "accel/trace-events.h"
#undef TRACE_EVENT
    ACCEL_TRACE_N_EVENTS
} AccelTraceEvent;

/*
 * Where lines go. @line has no newline. May be called from any thread, and with locks of the accelerator
 * held: it must not call back into the accelerator that the line is about.
 */
typedef void (*AccelTraceSink)(void *opaque, const char *event, const char *line);

/** accel_trace_new: a trace with every event off. */
ACCEL_API AccelTrace *accel_trace_new(AccelTraceSink sink, void *opaque);
/** accel_trace_free: NULL is fine; after everything that was given it. */
ACCEL_API void accel_trace_free(AccelTrace *trace);

/**
 * accel_trace_enable: switch events by name or glob ("kvm_*"); a leading '-' switches off.
 * Returns: how many events matched.
 */
ACCEL_API guint accel_trace_enable(AccelTrace *trace, const char *pattern);

/** accel_trace_event_name, accel_trace_event_help: facts of one event. */
ACCEL_API const char *accel_trace_event_name(AccelTraceEvent ev);
ACCEL_API const char *accel_trace_event_help(AccelTraceEvent ev);

/* Private to the macro below: the flags of all events, indexed by AccelTraceEvent. */
struct AccelTrace {
    guint8 on[ACCEL_TRACE_N_EVENTS];
    AccelTraceSink sink;
    void *opaque;
};

/** accel_trace_emit: the macro accel_trace() calls it when the event is on. Any thread. */
ACCEL_API void accel_trace_emit(AccelTrace *trace, AccelTraceEvent ev, const char *fmt, ...)
    G_GNUC_PRINTF(3, 4);

#define accel_trace_is_on(trace, event) \
    G_UNLIKELY((trace) != NULL && (trace)->on[ACCEL_TRACE_##event])

#define accel_trace(trace, event, ...)                                      \
    do {                                                                    \
        if (accel_trace_is_on(trace, event)) {                                 \
            accel_trace_emit(trace, ACCEL_TRACE_##event, __VA_ARGS__);      \
        }                                                                   \
    } while (0)

G_END_DECLS

#endif
