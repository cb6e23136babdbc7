/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: clocks and timers of a machine.
 *
 * HW_CLOCK_VIRTUAL is guest time: it stands still while the machine is stopped; with the qtest
 * accelerator it starts at 0 and moves only by clock_step and clock_set. HW_CLOCK_HOST is UTC,
 * HW_CLOCK_REALTIME is the host's monotonic time. All in ns. Call-backs run on the thread that
 * drives the machine (the launcher's main loop, or whoever calls hw_timers_run()), under the machine
 * lock, in order of their deadlines.
 */
#ifndef HW_TIMER_H
#define HW_TIMER_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "accel/export.h"

G_BEGIN_DECLS

typedef struct MachineState MachineState;
typedef struct HwTimer HwTimer;
typedef struct HwTimers HwTimers;

typedef enum HwClock { HW_CLOCK_VIRTUAL, HW_CLOCK_HOST, HW_CLOCK_REALTIME, HW_CLOCK_MAX } HwClock;

#define HW_NS_PER_SEC 1000000000LL

/** hw_clock_ns: the time of @clock. Any thread. */
ACCEL_API int64_t hw_clock_ns(MachineState *ms, HwClock clock);

/** hw_timer_new: not armed. Returns: (transfer full), hw_timer_free() it. */
ACCEL_API HwTimer *hw_timer_new(MachineState *ms, HwClock clock, void (*cb)(void *opaque),
                                void *opaque);
ACCEL_API void hw_timer_free(HwTimer *t); /* NULL is fine */
/** hw_timer_mod: (re-)arm for the absolute time @deadline_ns of its clock. Any thread. */
ACCEL_API void hw_timer_mod(HwTimer *t, int64_t deadline_ns);
/** hw_timer_del: disarm; harmless when it is not armed. Any thread. */
ACCEL_API void hw_timer_del(HwTimer *t);
/** hw_timer_pending: is it armed? */
ACCEL_API bool hw_timer_pending(const HwTimer *t);
/** hw_timer_deadline: -1 when not armed. */
ACCEL_API int64_t hw_timer_deadline(const HwTimer *t);

/* ---- for whoever drives the machine ---- */

/** hw_timers_next: host-monotonic ns of the next deadline over all running clocks; -1: none. */
ACCEL_API int64_t hw_timers_next(MachineState *ms);
/** hw_timers_run: call what is due. Machine lock held. */
ACCEL_API void hw_timers_run(MachineState *ms);
/** hw_timers_set_notify: @fn is called (any thread) when the next deadline became earlier. */
ACCEL_API void hw_timers_set_notify(MachineState *ms, void (*fn)(void *opaque), void *opaque);

/** hw_clock_virtual_deadline: absolute deadline of the first virtual timer, -1 when none. */
ACCEL_API int64_t hw_clock_virtual_deadline(MachineState *ms);
/**
 * hw_clock_warp: virtual clock in manual mode only: move to @to_ns, firing each virtual timer on the
 * way at its own deadline. Never goes back. Returns: the new time.
 */
ACCEL_API int64_t hw_clock_warp(MachineState *ms, int64_t to_ns);
/** hw_clock_set_manual: virtual time starts at 0 and moves only by hw_clock_warp(). */
ACCEL_API void hw_clock_set_manual(MachineState *ms, bool manual);
/** hw_clock_enable: let the virtual clock run or stand still (vm start, vm stop). */
ACCEL_API void hw_clock_enable(MachineState *ms, bool run);

G_END_DECLS

#endif
