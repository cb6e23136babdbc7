/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: the state that timers (timer.c) and clocks (clock.c) share.
 */
#ifndef HW_TIMER_INTERNAL_H
#define HW_TIMER_INTERNAL_H

#include "hw/core/core-internal.h"

#define HW_TIMERS_BURST 10000 /* call-backs of one clock in one go */

struct HwTimer {
    HwTimers *timers;
    HwClock clock;
    int64_t deadline; /* -1: not armed */
    void (*cb)(void *opaque);
    void *opaque;
    HwTimer *next;
};

struct HwTimers {
    GMutex lock;
    HwTimer *head[HW_CLOCK_MAX];
    void (*notify)(void *opaque);
    void *notify_opaque;
    /* the virtual clock */
    bool manual;       /* moves by hw_clock_warp() only */
    bool running;
    int64_t elapsed;   /* ns up to the last stop; in manual mode the time itself */
    int64_t started;   /* monotonic ns of the last start */
};

/* With the lock held: */
bool hw_clock_is_live(const HwTimers *s, HwClock clock); /* does its time pass by itself? */
/** hw_clock_to_monotonic: host-monotonic ns of the first deadline of @clock; -1: not to be waited for */
int64_t hw_clock_to_monotonic(const HwTimers *s, HwClock clock);

void hw_timers_run_clock(HwTimers *s, HwClock clock, int64_t now);
void hw_timers_notify(HwTimers *s);

#endif
