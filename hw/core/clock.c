/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The three clocks.
 *
 * Theory of operation: the virtual clock is the sum of the stretches during which the machine ran, by
 * the host's monotonic clock; it starts at 0. In manual mode (a test drives the time) it is a plain
 * number that hw_clock_warp() moves from deadline to deadline. The host clock is UTC, the realtime
 * clock is monotonic host time.
 */
#include <time.h>
#include "hw/core/timer-internal.h"

static int64_t host_ns(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return ts.tv_sec * HW_NS_PER_SEC + ts.tv_nsec;
}

static int64_t virtual_ns(const HwTimers *s)
{
    return s->running && !s->manual ? s->elapsed + host_ns(CLOCK_MONOTONIC) - s->started
                                    : s->elapsed;
}

static int64_t clock_now(const HwTimers *s, HwClock clock)
{
    switch (clock) {
    case HW_CLOCK_VIRTUAL:
        return virtual_ns(s);
    case HW_CLOCK_HOST:
        return host_ns(CLOCK_REALTIME);
    default:
        return host_ns(CLOCK_MONOTONIC);
    }
}

int64_t hw_clock_ns(MachineState *ms, HwClock clock)
{
    HwTimers *s = ms->timers;
    int64_t now;

    g_mutex_lock(&s->lock);
    now = clock_now(s, clock);
    g_mutex_unlock(&s->lock);
    return now;
}

bool hw_clock_is_live(const HwTimers *s, HwClock clock)
{
    return clock != HW_CLOCK_VIRTUAL || (s->running && !s->manual);
}

int64_t hw_clock_to_monotonic(const HwTimers *s, HwClock clock)
{
    int64_t deadline = s->head[clock]->deadline;
    int64_t mono = host_ns(CLOCK_MONOTONIC);
    int64_t wait;

    if (!hw_clock_is_live(s, clock)) {
        /* a manual clock waits for nobody, but what is overdue can run at once */
        return s->manual && deadline <= s->elapsed ? mono : -1;
    }
    wait = MAX(deadline - clock_now(s, clock), 0);
    return wait > INT64_MAX - mono ? INT64_MAX : mono + wait;
}

int64_t hw_clock_virtual_deadline(MachineState *ms)
{
    HwTimers *s = ms->timers;
    int64_t deadline;

    g_mutex_lock(&s->lock);
    deadline = s->head[HW_CLOCK_VIRTUAL] != NULL ? s->head[HW_CLOCK_VIRTUAL]->deadline : -1;
    g_mutex_unlock(&s->lock);
    return deadline;
}

/* Move to the next deadline on the way to @to, or to @to. Returns: false when that was it. */
static bool warp_once(HwTimers *s, int64_t to, int64_t *now)
{
    HwTimer *first;
    bool more;

    g_mutex_lock(&s->lock);
    first = s->head[HW_CLOCK_VIRTUAL];
    more = first != NULL && first->deadline <= to;
    s->elapsed = MAX(s->elapsed, more ? first->deadline : to);
    *now = s->elapsed;
    g_mutex_unlock(&s->lock);
    return more;
}

/*
 * Call-backs may arm timers on the way: those fire too when they fall within it. A timer that arms
 * itself again and again without time passing is left after HW_TIMERS_BURST call-backs; it then gets
 * one more turn each time a later deadline is reached.
 */
int64_t hw_clock_warp(MachineState *ms, int64_t to_ns)
{
    HwTimers *s = ms->timers;
    int64_t now = hw_clock_ns(ms, HW_CLOCK_VIRTUAL), before = now;
    guint stuck = 0;

    if (!s->manual) {
        return now;
    }
    while (stuck < 2 && warp_once(s, to_ns, &now)) {
        hw_timers_run_clock(s, HW_CLOCK_VIRTUAL, now);
        stuck = now == before && hw_clock_virtual_deadline(ms) >= 0 &&
                hw_clock_virtual_deadline(ms) <= now ? stuck + 1 : 0;
        before = now;
    }
    if (stuck > 0) {
        g_mutex_lock(&s->lock);
        s->elapsed = MAX(s->elapsed, to_ns);
        g_mutex_unlock(&s->lock);
    }
    return hw_clock_ns(ms, HW_CLOCK_VIRTUAL);
}

void hw_clock_set_manual(MachineState *ms, bool manual)
{
    HwTimers *s = ms->timers;

    g_mutex_lock(&s->lock);
    s->manual = manual;
    s->elapsed = 0;
    s->started = host_ns(CLOCK_MONOTONIC);
    g_mutex_unlock(&s->lock);
}

void hw_clock_enable(MachineState *ms, bool run)
{
    HwTimers *s = ms->timers;
    bool started;

    g_mutex_lock(&s->lock);
    started = run && !s->running;
    if (started) {
        s->started = host_ns(CLOCK_MONOTONIC);
    } else if (!run) {
        s->elapsed = virtual_ns(s);
    }
    s->running = run;
    started = started && s->head[HW_CLOCK_VIRTUAL] != NULL;
    g_mutex_unlock(&s->lock);
    if (started) {
        hw_timers_notify(s);
    }
}
