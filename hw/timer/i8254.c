/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The i8254 of a PC: three counters on one clock of 1.193182 MHz, derived from virtual time.
 * Counter 0's OUT is the timer interrupt, counter 1 once refreshed memory, counter 2 is the
 * speaker's and its GATE is port 0x61's. What a counter does is in i8254-count.c, the ports in
 * i8254-regs.c.
 *
 * Only counter 0 needs a timer: it is armed for the pulse at which OUT changes next. With a clock
 * that moves by itself it is always late, and every edge is driven as of its own pulse: the low
 * pulse of mode 2 is shorter than any timer's delay and would never be seen otherwise. When more
 * than a few edges have been missed the rest becomes one.
 */
#include "i8254-internal.h"

#define PIT_CATCH_UP 4            /* edges driven one by one */
#define PIT_SHORT    120          /* pulses: below this the host's timers would do nothing else */
#define PIT_PAUSE    100000       /* ns between timers then */

#define PIT_LOAD_WORD 0x30        /* control word: low byte, then high byte */
#define PIT_MODE_3    0x06

/* First nanosecond at which pulse @pulse has happened, and the reverse; exact beyond 2 hours. */
static int64_t pit_pulse_ns(int64_t pulse)
{
    int64_t s = pulse / X86_PIT_HZ, rest = pulse % X86_PIT_HZ;

    return s * HW_NS_PER_SEC + (rest * HW_NS_PER_SEC + X86_PIT_HZ - 1) / X86_PIT_HZ;
}

static int64_t pit_ns_pulse(int64_t ns)
{
    return ns / HW_NS_PER_SEC * X86_PIT_HZ + ns % HW_NS_PER_SEC * X86_PIT_HZ / HW_NS_PER_SEC;
}

static void pit_drive(I8254State *s, int level)
{
    if (level != s->out_level) {
        s->out_level = level;
        hw_irq_set(s->out, level);
    }
}

static void pit_step(I8254State *s)
{
    int64_t edge = s->next_edge;

    pit_drive(s, pit_counter_out(&s->counter[0], edge));
    s->next_edge = pit_counter_next(&s->counter[0], edge);
}

int64_t i8254_now(I8254State *s)
{
    int64_t now = pit_ns_pulse(hw_clock_ns(s->dev.machine, HW_CLOCK_VIRTUAL));
    PitCounter *c = &s->counter[0];

    for (int i = 0; i < PIT_CATCH_UP && s->next_edge >= 0 && s->next_edge <= now; i++) {
        pit_step(s);
    }
    if (s->next_edge >= 0 && s->next_edge <= now) {
        pit_drive(s, 0);
        pit_drive(s, pit_counter_out(c, now));
        s->next_edge = pit_counter_next(c, now);
    }
    return now;
}

/* @late: the clock moves by itself; with one that stops at each deadline nothing is put off. */
static void pit_arm(I8254State *s, bool late)
{
    PitCounter *c = &s->counter[0];
    int64_t ns = hw_clock_ns(s->dev.machine, HW_CLOCK_VIRTUAL), now = pit_ns_pulse(ns), at;

    pit_drive(s, pit_counter_out(c, now));
    s->next_edge = pit_counter_next(c, now);
    if (s->next_edge < 0) {
        hw_timer_del(s->timer);
        return;
    }
    at = pit_pulse_ns(s->next_edge);
    if (late && c->active && c->n < PIT_SHORT) {
        at = MAX(at, ns + PIT_PAUSE);
    }
    hw_timer_mod(s->timer, at);
}

void i8254_rearm(I8254State *s)
{
    pit_arm(s, false);
}

static void pit_timer(void *opaque)
{
    I8254State *s = opaque;
    int64_t edge = s->next_edge;

    pit_arm(s, i8254_now(s) > edge);
}

bool i8254_out(DeviceState *dev, unsigned channel)
{
    I8254State *s = (I8254State *)dev;

    return pit_counter_out(&s->counter[channel], i8254_now(s));
}

void i8254_set_gate(DeviceState *dev, unsigned channel, bool level)
{
    I8254State *s = (I8254State *)dev;

    pit_counter_gate(&s->counter[channel], level, i8254_now(s));
    i8254_rearm(s);
}

/*
 * The data sheet leaves the state after power-on open. Here the counters come up as a PC's firmware
 * leaves them, and as QEMU has them: mode 3 with the longest count, so the timer ticks at 18.2 Hz and
 * test programs that step from deadline to deadline always find one.
 */
static void i8254_reset(DeviceState *dev)
{
    I8254State *s = (I8254State *)dev;
    int64_t now = pit_ns_pulse(hw_clock_ns(dev->machine, HW_CLOCK_VIRTUAL));

    for (int i = 0; i < 3; i++) {
        s->counter[i].gate = i != 2;
        pit_counter_reset(&s->counter[i]);
        pit_counter_control(&s->counter[i], PIT_LOAD_WORD | PIT_MODE_3, now);
        pit_counter_load(&s->counter[i], 0, now);
    }
    i8254_rearm(s);
}

static gboolean i8254_realize(DeviceState *dev, GError **errp)
{
    I8254State *s = (I8254State *)dev;

    hw_device_init_out(dev, NULL, &s->out, 1);
    s->timer = hw_timer_new(dev->machine, HW_CLOCK_VIRTUAL, pit_timer, s);
    i8254_reset(dev);
    s->io = (IoRegion){ .name = "pit", .base = 0x40, .size = 4, .ops = &i8254_ops, .opaque = s,
                        .owner = dev };
    hw_port_add(dev->machine, &s->io);
    return TRUE;
}

static void i8254_unrealize(DeviceState *dev)
{
    I8254State *s = (I8254State *)dev;

    hw_port_remove(dev->machine, &s->io);
    hw_timer_free(s->timer);
    s->timer = NULL;
}

const DeviceClass i8254_class = {
    .type = {
        .name = "isa-pit",
        .parent = &hw_type_device,
        .desc = "i8254 interval timer",
        .instance_size = sizeof(I8254State),
    },
    .bus = "ISA",
    .realize = i8254_realize,
    .reset = i8254_reset,
    .unrealize = i8254_unrealize,
};
