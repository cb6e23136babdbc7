/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The i8254's four ports: a counter each at 0x40-0x42, control words at 0x43. A control word sets a
 * counter up, latches its count, or (read-back) latches count and status of several at once. Counts
 * travel as low byte, high byte or both in turn; reading and writing have a turn of their own each.
 */
#include "i8254-internal.h"

enum { PIT_RW_LATCH, PIT_RW_LSB, PIT_RW_MSB, PIT_RW_BOTH };

static unsigned pit_rw(const PitCounter *c)
{
    return (c->control >> 4) & 3;
}

/* A count that is latched already stays until it has been read. */
static void pit_latch_count(PitCounter *c, int64_t now)
{
    if (!c->count_latched) {
        c->count_latched = true;
        c->count_latch = pit_counter_value(c, now);
    }
}

static void pit_latch_status(PitCounter *c, int64_t now)
{
    if (!c->status_latched) {
        c->status_latched = true;
        c->status_latch = pit_counter_out(c, now) << 7 | pit_counter_null(c, now) << 6 |
                          c->control;
    }
}

static void pit_read_back(I8254State *s, uint8_t value, int64_t now)
{
    for (int i = 0; i < 3; i++) {
        if (!(value & (2u << i))) {
            continue;
        }
        if (!(value & 0x20)) {
            pit_latch_count(&s->counter[i], now);
        }
        if (!(value & 0x10)) {
            pit_latch_status(&s->counter[i], now);
        }
    }
}

static void pit_write_control(I8254State *s, uint8_t value, int64_t now)
{
    unsigned select = value >> 6;

    if (select == 3) {
        pit_read_back(s, value, now);
    } else if (((value >> 4) & 3) == PIT_RW_LATCH) {
        pit_latch_count(&s->counter[select], now);
    } else {
        pit_counter_control(&s->counter[select], value, now);
    }
}

static void pit_write_count(PitCounter *c, uint8_t value, int64_t now)
{
    switch (pit_rw(c)) {
    case PIT_RW_LSB:
        pit_counter_load(c, value, now);
        break;
    case PIT_RW_MSB:
        pit_counter_load(c, value << 8, now);
        break;
    case PIT_RW_BOTH:
        if (!c->write_msb) {
            c->lsb = value;
            pit_counter_first_byte(c, now);
        } else {
            pit_counter_load(c, value << 8 | c->lsb, now);
        }
        c->write_msb = !c->write_msb;
        break;
    default: /* no control word yet */
        break;
    }
}

static void pit_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    I8254State *s = opaque;
    int64_t now = i8254_now(s);

    if (offset == 3) {
        pit_write_control(s, value, now);
    } else {
        pit_write_count(&s->counter[offset], value, now);
    }
    i8254_rearm(s);
}

/* One byte of the latch or of the live count; the latch ends with its last byte. */
static uint8_t pit_read_count(PitCounter *c, int64_t now)
{
    uint16_t value = c->count_latched ? c->count_latch : pit_counter_value(c, now);
    bool msb = pit_rw(c) == PIT_RW_MSB || (pit_rw(c) == PIT_RW_BOTH && c->read_msb);
    bool last = pit_rw(c) != PIT_RW_BOTH || c->read_msb;

    if (pit_rw(c) == PIT_RW_BOTH) {
        c->read_msb = !c->read_msb;
    }
    if (last) {
        c->count_latched = false;
    }
    return msb ? value >> 8 : value;
}

static uint64_t pit_read(void *opaque, uint64_t offset, unsigned size)
{
    I8254State *s = opaque;
    int64_t now = i8254_now(s);
    PitCounter *c;

    if (offset == 3) {
        return 0xff; /* the control word cannot be read: nobody drives the bus */
    }
    c = &s->counter[offset];
    if (c->status_latched) {
        c->status_latched = false;
        return c->status_latch;
    }
    return pit_read_count(c, now);
}

const IoOps i8254_ops = { .read = pit_read, .write = pit_write, 1, 1 };
