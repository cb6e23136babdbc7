/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * MC146818: the divider chain, the flags of REG_C and the interrupt.
 *
 * Theory of operation: nothing happens by itself. Every access first calls rtc_sync(), which counts
 * the update cycles and periodic ticks between the last call and now on the chosen clock, moves the
 * time registers by as many seconds and sets the flags that would have come up. A timer runs only
 * for an event that is enabled in REG_B while the line is low, and it is armed for exactly that
 * event; an idle guest's clock costs nothing.
 *
 * Updates lie on whole seconds after epoch_ns, periodic ticks on whole periods after it. When the
 * divider leaves reset the first update comes half a second later, which just means that epoch_ns
 * lies half a second back. A clock that jumps backwards (the host's was set) takes the time registers with
 * it but raises no event.
 *
 * With slew, periodic ticks that fall while the flag is still up are counted and given again when
 * the guest acknowledges, at most 20 in a row before the guest gets time for other work.
 */
#include "hw/machine.h"
#include "hw/rtc/mc146818.h"

#define MAX_REINJECT 20

int64_t rtc_now(const Rtc *s)
{
    return hw_clock_ns(s->dev.machine, s->clock);
}

/* The three time bases; the other values of the divider hold it in reset. */
bool rtc_divider_on(const Rtc *s)
{
    return (s->cmos[RTC_REG_A] & REG_A_DIVIDER) <= DIVIDER_32K;
}

bool rtc_running(const Rtc *s)
{
    return rtc_divider_on(s) && !(s->cmos[RTC_REG_B] & REG_B_SET);
}

/* Ticks of 32768 Hz, and whole seconds, from the epoch to @t, rounded down. */
static int64_t seconds_at(const Rtc *s, int64_t t)
{
    int64_t d = t - s->epoch_ns;

    return (d >= 0 ? d : d - (HW_NS_PER_SEC - 1)) / HW_NS_PER_SEC;
}

static int64_t ticks_at(const Rtc *s, int64_t t)
{
    int64_t second = seconds_at(s, t), rest = t - s->epoch_ns - second * HW_NS_PER_SEC;

    return second * RTC_TICK_HZ + rest * RTC_TICK_HZ / HW_NS_PER_SEC;
}

/* The moment a second or a tick begins, rounded up: ticks_at() of it is @tick again. */
static int64_t second_start(const Rtc *s, int64_t second)
{
    return s->epoch_ns + second * HW_NS_PER_SEC;
}

static int64_t tick_start(const Rtc *s, int64_t tick)
{
    int64_t second = (tick >= 0 ? tick : tick - (RTC_TICK_HZ - 1)) / RTC_TICK_HZ;
    int64_t rest = tick - second * RTC_TICK_HZ;

    return second_start(s, second) + (rest * HW_NS_PER_SEC + RTC_TICK_HZ - 1) / RTC_TICK_HZ;
}

static int64_t periods_at(const Rtc *s, int64_t t, int64_t period)
{
    int64_t tick = ticks_at(s, t);

    return (tick >= 0 ? tick : tick - (period - 1)) / period;
}

/*
 * Period of the periodic interrupt in ticks of 32768 Hz, 0: off. Rates 1 and 2 repeat 8 and 9 on a
 * 32768 Hz time base.
 */
static int64_t period_ticks(const Rtc *s)
{
    unsigned rate = s->cmos[RTC_REG_A] & REG_A_RATE;

    if (rate == 0 || !rtc_divider_on(s)) {
        return 0;
    }
    if (rate <= 2) {
        rate += 7;
    }
    return 1ll << (rate - 1);
}

static void count_periodic(Rtc *s, int64_t now)
{
    int64_t period = period_ticks(s), n;

    if (period == 0) {
        return;
    }
    n = periods_at(s, now, period) - periods_at(s, s->synced_ns, period);
    if (n <= 0) {
        return;
    }
    if (s->slew && (s->cmos[RTC_REG_B] & REG_B_PIE)) {
        s->coalesced += (uint64_t)n - ((s->cmos[RTC_REG_C] & REG_C_PF) ? 0 : 1);
    }
    s->cmos[RTC_REG_C] |= REG_C_PF;
}

static void count_updates(Rtc *s, int64_t now)
{
    int64_t n, alarm;

    if (!rtc_running(s)) {
        return;
    }
    n = seconds_at(s, now) - seconds_at(s, s->synced_ns);
    if (n == 0) {
        return;
    }
    if (n > 0) {
        alarm = rtc_alarm_distance(s);
        s->cmos[RTC_REG_C] |= REG_C_UF | (alarm > 0 && alarm <= n ? REG_C_AF : 0);
    }
    rtc_advance(s, n);
}

void rtc_sync(Rtc *s)
{
    int64_t now = rtc_now(s);

    count_periodic(s, now);
    count_updates(s, now);
    s->synced_ns = now;
}

bool rtc_in_update_window(const Rtc *s)
{
    int64_t now = rtc_now(s), next;

    if (!rtc_running(s)) {
        return false;
    }
    next = second_start(s, seconds_at(s, now) + 1);
    return next - now <= RTC_UIP_NS;
}

static void earlier(int64_t *deadline, int64_t t)
{
    if (*deadline < 0 || t < *deadline) {
        *deadline = t;
    }
}

/* Returns: when the next enabled event comes, -1 for never. */
static int64_t next_event(const Rtc *s)
{
    uint8_t enabled = s->cmos[RTC_REG_B];
    int64_t deadline = -1, period = period_ticks(s), second, alarm;

    if ((enabled & REG_B_PIE) && period != 0) {
        int64_t n = periods_at(s, s->synced_ns, period);

        earlier(&deadline, tick_start(s, (n + 1) * period));
    }
    if (!rtc_running(s)) {
        return deadline;
    }
    second = seconds_at(s, s->synced_ns);
    alarm = (enabled & REG_B_AIE) ? rtc_alarm_distance(s) : -1;
    if (alarm > 0) {
        earlier(&deadline, second_start(s, second + alarm));
    }
    if (enabled & REG_B_UIE) {
        earlier(&deadline, second_start(s, second + 1));
    }
    return deadline;
}

void rtc_update(Rtc *s)
{
    uint8_t *c = &s->cmos[RTC_REG_C];
    bool was = (*c & REG_C_IRQF) != 0, now = (*c & s->cmos[RTC_REG_B] & REG_C_EVENTS) != 0;
    int64_t deadline;

    *c = (*c & REG_C_EVENTS) | (now ? REG_C_IRQF : 0);
    if (now != was) {
        hw_irq_set(s->irq, now);
    }
    deadline = now ? -1 : next_event(s);
    if (deadline < 0) {
        hw_timer_del(s->timer);
    } else {
        hw_timer_mod(s->timer, deadline);
    }
}

void rtc_ack(Rtc *s)
{
    bool again = (s->cmos[RTC_REG_C] & REG_C_PF) && (s->cmos[RTC_REG_B] & REG_B_PIE) &&
                 s->coalesced > 0;

    s->cmos[RTC_REG_C] &= (uint8_t)~REG_C_EVENTS;
    rtc_update(s);
    if (!again || s->reinjected >= MAX_REINJECT) {
        s->reinjected = 0;
        return;
    }
    s->coalesced--;
    s->reinjected++;
    s->cmos[RTC_REG_C] |= REG_C_PF;
    rtc_update(s);
}

void rtc_timer_fired(void *opaque)
{
    rtc_sync(opaque);
    rtc_update(opaque);
}
