/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The local APIC's timer: one-shot, periodic and TSC-deadline. Its input clock runs at 1 GHz of
 * virtual time, so one tick before the divider is one nanosecond; software measures it anyway.
 * Source: Intel SDM vol. 3, 11.5.4.
 */
#include "apic-internal.h"
#include "accel/x86.h"

#define MSR_TSC 0x10

static unsigned apic_timer_mode(const ApicState *s)
{
    return (s->lvt[LVT_TIMER] >> 17) & 3;
}

/* ns of one count: 2, 4, … 128 for 0 to 6 and 1 for 7, of bits 0, 1 and 3. */
static int64_t apic_timer_ns(const ApicState *s)
{
    unsigned n = (s->divide & 3) | (s->divide & 8) >> 1;

    return 1ll << ((n + 1) & 7);
}

static int64_t apic_now(const ApicState *s)
{
    return hw_clock_ns(s->dev.machine, HW_CLOCK_VIRTUAL);
}

static int64_t apic_timer_span(const ApicState *s)
{
    return s->initial * apic_timer_ns(s);
}

uint32_t apic_timer_count(const ApicState *s)
{
    int64_t span = apic_timer_span(s), gone = apic_now(s) - s->start_ns;

    if (!s->running) {
        return 0;
    }
    if (gone >= span) { /* the timer is late; what it will do has happened already */
        if (apic_timer_mode(s) == APIC_TIMER_ONESHOT) {
            return 0;
        }
        gone %= span;
    }
    return s->initial - gone / apic_timer_ns(s);
}

static void apic_timer_arm(ApicState *s)
{
    if (s->running) {
        hw_timer_mod(s->timer, s->start_ns + apic_timer_span(s));
    } else {
        hw_timer_del(s->timer);
    }
}

void apic_timer_fire(void *opaque)
{
    ApicState *s = opaque;
    int64_t span = apic_timer_span(s);

    if (apic_timer_mode(s) == APIC_TIMER_PERIODIC && s->running) {
        /* Periods that nobody had time for are lost, the phase is kept. */
        s->start_ns += (apic_now(s) - s->start_ns) / span * span;
        apic_timer_arm(s);
    } else {
        s->running = false;
        s->deadline = 0;
    }
    apic_local(s, LVT_TIMER);
}

void apic_timer_write_initial(ApicState *s, uint32_t value)
{
    if (apic_timer_mode(s) >= APIC_TIMER_DEADLINE) {
        return;
    }
    s->initial = value;
    s->start_ns = apic_now(s);
    s->running = value != 0;
    apic_timer_arm(s);
}

/* Keep the count that has been reached and go on at the new rate. */
void apic_timer_write_divide(ApicState *s, uint32_t value)
{
    uint32_t count = apic_timer_count(s);

    s->divide = value & 0xb;
    if (count != 0) {
        s->start_ns = apic_now(s) - (int64_t)(s->initial - count) * apic_timer_ns(s);
        apic_timer_arm(s);
    }
}

/* Going to or from TSC-deadline mode disarms; between the other two the count goes on. */
void apic_timer_write_lvt(ApicState *s, uint32_t old)
{
    bool was = ((old >> 17) & 3) >= APIC_TIMER_DEADLINE;
    bool is = apic_timer_mode(s) >= APIC_TIMER_DEADLINE;

    if (was != is) {
        s->running = false;
        s->deadline = 0;
        hw_timer_del(s->timer);
    }
}

/* The time stamp counter as the guest sees it; without a vCPU it counts nanoseconds. */
static uint64_t apic_tsc(const ApicState *s, uint32_t *khz)
{
    AccelX86Msr tsc = { .index = MSR_TSC };

    *khz = s->cpu->accel_cpu != NULL ? accel_tsc_khz(s->cpu->accel_cpu) : 0;
    if (*khz != 0 && accel_get_msrs(s->cpu->accel_cpu, &tsc, 1, NULL)) {
        return tsc.value;
    }
    *khz = 1000000;
    return apic_now(s);
}

/*
 * Turned into virtual time once, here on the vCPU's own thread: the timer's call-back runs on
 * another, where the counter cannot be read while the guest runs.
 */
void apic_timer_set_deadline(ApicState *s, uint64_t tsc)
{
    uint32_t khz;

    if (apic_timer_mode(s) != APIC_TIMER_DEADLINE) {
        return;
    }
    s->deadline = tsc;
    if (tsc == 0) {
        hw_timer_del(s->timer);
        return;
    }
    uint64_t now = apic_tsc(s, &khz), ahead = tsc > now ? tsc - now : 0;
    uint64_t ms = MIN(ahead / khz, (uint64_t)G_MAXINT32 * 1000); /* 68 years */
    uint64_t rest = (ahead % khz * 1000000 + khz - 1) / khz;
    hw_timer_mod(s->timer, apic_now(s) + (int64_t)(ms * 1000000 + rest));
}
