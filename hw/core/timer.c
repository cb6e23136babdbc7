/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Timers.
 *
 * Theory of operation: each clock has a list of armed timers sorted by deadline, first come first
 * served among equals. The lists and the clocks are under one small mutex of their own, so that any
 * thread may arm a timer or ask for the time; call-backs run without it, under the machine lock. A
 * timer is off its list before its call-back runs: the call-back may arm or free it. The clocks are
 * in clock.c.
 */
#include "hw/core/timer-internal.h"

HwTimers *hw_timers_new(void)
{
    HwTimers *s = g_new0(HwTimers, 1);

    g_mutex_init(&s->lock);
    return s;
}

void hw_timers_free(HwTimers *s)
{
    if (s == NULL) {
        return;
    }
    g_mutex_clear(&s->lock);
    g_free(s);
}

HwTimer *hw_timer_new(MachineState *ms, HwClock clock, void (*cb)(void *opaque), void *opaque)
{
    HwTimer *t = g_new0(HwTimer, 1);

    t->timers = ms->timers;
    t->clock = clock;
    t->cb = cb;
    t->opaque = opaque;
    t->deadline = -1;
    return t;
}

static void unlink_timer(HwTimer *t)
{
    HwTimer **at = &t->timers->head[t->clock];

    if (t->deadline < 0) {
        return;
    }
    while (*at != t) {
        at = &(*at)->next;
    }
    *at = t->next;
    t->next = NULL;
    t->deadline = -1;
}

/* Returns: the timer is the first now. */
static bool link_timer(HwTimer *t, int64_t deadline)
{
    HwTimer **at = &t->timers->head[t->clock];
    bool first;

    t->deadline = MAX(deadline, 0);
    while (*at != NULL && (*at)->deadline <= t->deadline) {
        at = &(*at)->next;
    }
    first = at == &t->timers->head[t->clock];
    t->next = *at;
    *at = t;
    return first;
}

void hw_timer_mod(HwTimer *t, int64_t deadline_ns)
{
    HwTimers *s = t->timers;
    bool earlier;

    g_mutex_lock(&s->lock);
    unlink_timer(t);
    earlier = link_timer(t, deadline_ns) && hw_clock_is_live(s, t->clock);
    g_mutex_unlock(&s->lock);
    if (earlier) {
        hw_timers_notify(s);
    }
}

void hw_timer_del(HwTimer *t)
{
    g_mutex_lock(&t->timers->lock);
    unlink_timer(t);
    g_mutex_unlock(&t->timers->lock);
}

void hw_timer_free(HwTimer *t)
{
    if (t != NULL) {
        hw_timer_del(t);
        g_free(t);
    }
}

bool hw_timer_pending(const HwTimer *t)
{
    return hw_timer_deadline(t) >= 0;
}

int64_t hw_timer_deadline(const HwTimer *t)
{
    int64_t deadline;

    g_mutex_lock(&t->timers->lock);
    deadline = t->deadline;
    g_mutex_unlock(&t->timers->lock);
    return deadline;
}

/* Take the first timer that is due at @now off its list and call it. */
static bool run_first(HwTimers *s, HwClock clock, int64_t now)
{
    HwTimer *t;
    void (*cb)(void *);
    void *opaque;

    g_mutex_lock(&s->lock);
    t = s->head[clock];
    if (t == NULL || t->deadline > now) {
        g_mutex_unlock(&s->lock);
        return false;
    }
    unlink_timer(t);
    cb = t->cb;
    opaque = t->opaque;
    g_mutex_unlock(&s->lock);
    cb(opaque);
    return true;
}

/*
 * A call-back may arm a timer for a time that has passed already (a periodic timer catching up). It
 * gets its turn, but not for ever: the bound lets the main loop breathe, and ends a timer that never
 * moves on.
 */
void hw_timers_run_clock(HwTimers *s, HwClock clock, int64_t now)
{
    guint i;

    for (i = 0; i < HW_TIMERS_BURST && run_first(s, clock, now); i++) {
    }
}

void hw_timers_run(MachineState *ms)
{
    HwTimers *s = ms->timers;
    int clock;

    for (clock = 0; clock < HW_CLOCK_MAX; clock++) {
        bool due;

        g_mutex_lock(&s->lock);
        due = s->head[clock] != NULL && (hw_clock_is_live(s, clock) || s->manual);
        g_mutex_unlock(&s->lock);
        if (due) {
            hw_timers_run_clock(s, clock, hw_clock_ns(ms, clock));
        }
    }
}

int64_t hw_timers_next(MachineState *ms)
{
    HwTimers *s = ms->timers;
    int64_t next = -1;
    int clock;

    g_mutex_lock(&s->lock);
    for (clock = 0; clock < HW_CLOCK_MAX; clock++) {
        int64_t at = s->head[clock] != NULL ? hw_clock_to_monotonic(s, clock) : -1;

        if (at >= 0 && (next < 0 || at < next)) {
            next = at;
        }
    }
    g_mutex_unlock(&s->lock);
    return next;
}

void hw_timers_set_notify(MachineState *ms, void (*fn)(void *opaque), void *opaque)
{
    g_mutex_lock(&ms->timers->lock);
    ms->timers->notify = fn;
    ms->timers->notify_opaque = opaque;
    g_mutex_unlock(&ms->timers->lock);
}

void hw_timers_notify(HwTimers *s)
{
    void (*fn)(void *);
    void *opaque;

    g_mutex_lock(&s->lock);
    fn = s->notify;
    opaque = s->notify_opaque;
    g_mutex_unlock(&s->lock);
    if (fn != NULL) {
        fn(opaque);
    }
}
