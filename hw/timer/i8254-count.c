/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One counter of the i8254, exactly to the clock pulse. Source: Intel 8254 data sheet, "Mode
 * definitions" and the table of gate operations.
 *
 * Pulses are numbered. A count written between pulses k and k+1 reaches the counting element at
 * pulse k+1 and is decremented from pulse k+2 on; so in mode 0 OUT rises N+1 pulses after the
 * write. Modes 2 and 3 take a new count at the end of the cycle (half cycle) that is running;
 * modes 1 and 5 wait for a rising GATE. sync() carries out the one load that may be outstanding,
 * then everything is arithmetic on the pulses since the load.
 */
#include "i8254-internal.h"

static uint32_t pit_modulus(const PitCounter *c)
{
    return c->bcd ? 10000 : 65536;
}

/* Pulses since the load; GATE may have stopped them. */
static int64_t pit_elapsed(const PitCounter *c, int64_t now)
{
    return c->held ? c->held_at : now - c->loaded;
}

/* Length of the half of mode 3 that runs @low or high. */
static int64_t pit_half(uint32_t n, bool low)
{
    return low ? n / 2 : (n + 1) / 2;
}

/* Mode 3: is OUT low @i pulses after the load? *@j: pulses since the half began. */
static bool pit_square(const PitCounter *c, int64_t i, int64_t *j)
{
    int64_t first;

    i %= c->n;
    first = pit_half(c->n, c->low_half);
    *j = i < first ? i : i - first;
    return i < first ? c->low_half : !c->low_half;
}

/* Carry out a load whose pulse has come. */
static void pit_sync(PitCounter *c, int64_t now)
{
    if (!c->load_due || now < c->due_at) {
        return;
    }
    c->load_due = c->null_count = c->stopped = false;
    c->active = true;
    c->n = c->due_n;
    c->loaded = c->due_at;
    c->low_half = c->due_low_half;
    c->held_at = 0;
    c->held = !c->gate && c->mode != 1 && c->mode != 5;
}

static uint32_t pit_element(const PitCounter *c, int64_t now)
{
    int64_t i = pit_elapsed(c, now), j;

    if (!c->active) {
        return c->idle;
    }
    switch (c->mode) {
    case 2:
        return c->n - i % c->n;
    case 3:
        pit_square(c, i, &j);
        return (c->n & ~1u) - 2 * j;
    default: /* one-shots go on below zero */
        i = (c->n - i) % (int64_t)pit_modulus(c);
        return i < 0 ? i + pit_modulus(c) : i;
    }
}

static uint16_t pit_to_bcd(uint32_t v)
{
    return (v / 1000 % 10) << 12 | (v / 100 % 10) << 8 | (v / 10 % 10) << 4 | v % 10;
}

static uint32_t pit_from_bcd(uint16_t v)
{
    return (v >> 12) * 1000 + (v >> 8 & 15) * 100 + (v >> 4 & 15) * 10 + (v & 15);
}

uint16_t pit_counter_value(PitCounter *c, int64_t now)
{
    pit_sync(c, now);
    uint32_t v = pit_element(c, now);
    return c->bcd ? pit_to_bcd(v % 10000) : v;
}

/* OUT while the element has not been loaded since the control word: low in mode 0 only. */
bool pit_counter_out(PitCounter *c, int64_t now)
{
    int64_t i, j;

    pit_sync(c, now);
    if (!c->active) {
        return c->mode != 0;
    }
    i = pit_elapsed(c, now);
    switch (c->mode) {
    case 0:
        return !c->stopped && i >= c->n;
    case 1:
        return i >= c->n;
    case 2:
        return c->held || i % c->n != c->n - 1;
    case 3:
        return c->held || !pit_square(c, i, &j);
    default:
        return i != c->n;
    }
}

bool pit_counter_null(PitCounter *c, int64_t now)
{
    pit_sync(c, now);
    return c->null_count;
}

void pit_counter_reset(PitCounter *c)
{
    *c = (PitCounter){ .gate = c->gate, .cr = 65536, .null_count = true };
}

void pit_counter_control(PitCounter *c, uint8_t control, int64_t now)
{
    uint16_t idle = pit_counter_value(c, now);

    c->control = control & 0x3f;
    c->mode = (control >> 1) & 7;
    if (c->mode > 5) {
        c->mode &= 3; /* the top bit of modes 2 and 3 does not matter */
    }
    c->bcd = control & 1;
    c->idle = c->bcd ? pit_from_bcd(idle) % 10000 : idle;
    c->active = c->load_due = c->held = c->stopped = c->have_cr = false;
    c->null_count = true;
    c->write_msb = c->read_msb = false;
    c->count_latched = c->status_latched = false;
}

static void pit_due(PitCounter *c, int64_t at, bool low_half)
{
    c->load_due = true;
    c->due_at = at;
    c->due_n = c->cr;
    c->due_low_half = low_half;
}

/* Modes 2 and 3: the pulse at which the running (half) cycle ends. */
static int64_t pit_cycle_end(const PitCounter *c, int64_t now, bool *low_next)
{
    int64_t i = now - c->loaded, j;

    *low_next = false;
    if (c->mode == 2) {
        return now + c->n - i % c->n;
    }
    bool low = pit_square(c, i, &j);
    *low_next = !low;
    return now + pit_half(c->n, low) - j;
}

/* Mode 0: half a count stops the counting and takes OUT low at once. */
void pit_counter_first_byte(PitCounter *c, int64_t now)
{
    pit_sync(c, now);
    if (c->mode == 0 && c->active && !c->held) {
        c->held = true;
        c->held_at = now - c->loaded;
    }
    if (c->mode == 0) {
        c->stopped = true;
        c->load_due = false;
    }
}

void pit_counter_load(PitCounter *c, uint16_t count, int64_t now)
{
    bool low_next = false;
    int64_t at = now + 1;

    pit_sync(c, now);
    c->cr = c->bcd ? pit_from_bcd(count) : count;
    c->cr = c->cr == 0 ? pit_modulus(c) : c->cr;
    c->null_count = c->have_cr = true;
    if (c->mode == 0) {
        pit_counter_first_byte(c, now); /* a one-byte count does as much */
    }
    if (c->mode == 1 || c->mode == 5) {
        return; /* waits for the trigger */
    }
    if ((c->mode == 2 || c->mode == 3) && c->active) {
        if (!c->gate) {
            return; /* a rising GATE loads */
        }
        if (!c->held) { /* held with GATE up: the trigger's load comes at the next pulse */
            at = pit_cycle_end(c, now, &low_next);
        }
    }
    pit_due(c, at, low_next);
}

static void pit_gate_rises(PitCounter *c, int64_t now)
{
    switch (c->mode) {
    case 0:
    case 4:
        if (c->active && c->held && !c->stopped) {
            c->loaded = now - c->held_at;
            c->held = false;
        }
        break;
    default: /* a trigger: loads at the next pulse */
        if (c->have_cr) {
            pit_due(c, now + 1, false);
        }
        break;
    }
}

void pit_counter_gate(PitCounter *c, bool level, int64_t now)
{
    bool rises = level && !c->gate;

    pit_sync(c, now);
    if (c->gate && !level && c->active && !c->held && c->mode != 1 && c->mode != 5) {
        c->held = true;
        c->held_at = now - c->loaded;
        if (c->mode == 2 || c->mode == 3) {
            c->load_due = false;
        }
    }
    c->gate = level;
    if (rises) {
        pit_gate_rises(c, now);
    }
}

/* Pulse after @now at which OUT changes with no further input, of the element as it is loaded. */
static int64_t pit_next_change(const PitCounter *c, int64_t now)
{
    int64_t i = now - c->loaded, j;

    if (!c->active || c->held) {
        return -1;
    }
    if ((c->mode == 2 || c->mode == 3) && c->n == 1) {
        return -1; /* illegal there: OUT stays as it is */
    }
    switch (c->mode) {
    case 2:
        j = i % c->n;
        return j == c->n - 1 ? now + 1 : now + c->n - 1 - j;
    case 3: {
        bool low = pit_square(c, i, &j);
        return now + pit_half(c->n, low) - j;
    }
    case 0:
    case 1:
        return i < c->n ? c->loaded + c->n : -1;
    default:
        return i < c->n ? c->loaded + c->n : i == c->n ? now + 1 : -1;
    }
}

int64_t pit_counter_next(PitCounter *c, int64_t now)
{
    pit_sync(c, now);
    int64_t next = pit_next_change(c, now);
    if (c->load_due && (next < 0 || c->due_at < next)) {
        next = c->due_at; /* a load may change OUT too */
    }
    return next;
}
