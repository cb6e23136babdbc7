/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Trace events: a byte per event says on or off; a line is formatted only when it is on.
 */
#include <string.h>
#include "accel/trace.h"

static const struct {
    const char *name, *help;
} events[ACCEL_TRACE_N_EVENTS] = {
#define TRACE_EVENT(name, help) [ACCEL_TRACE_##name] = { #name, help },
#include "accel/trace-events.h"
#undef TRACE_EVENT
};

AccelTrace *accel_trace_new(AccelTraceSink sink, void *opaque)
{
    AccelTrace *trace = g_new0(AccelTrace, 1);

    trace->sink = sink;
    trace->opaque = opaque;
    return trace;
}

void accel_trace_free(AccelTrace *trace)
{
    g_free(trace);
}

guint accel_trace_enable(AccelTrace *trace, const char *pattern)
{
    guint8 on = pattern[0] != '-';
    guint n = 0;

    for (guint i = 0; i < ACCEL_TRACE_N_EVENTS; i++) {
        if (g_pattern_match_simple(pattern + !on, events[i].name)) {
            trace->on[i] = on;
            n++;
        }
    }
    return n;
}

const char *accel_trace_event_name(AccelTraceEvent ev)
{
    return events[ev].name;
}

const char *accel_trace_event_help(AccelTraceEvent ev)
{
    return events[ev].help;
}

void accel_trace_emit(AccelTrace *trace, AccelTraceEvent ev, const char *fmt, ...)
{
    g_autofree char *line = NULL;
    va_list ap;

    va_start(ap, fmt);
    line = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    trace->sink(trace->opaque, events[ev].name, line);
}
