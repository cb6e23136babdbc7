/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: one counter of the i8254 as a function of time, and the device around three of them.
 */
#ifndef HW_TIMER_I8254_INTERNAL_H
#define HW_TIMER_I8254_INTERNAL_H

#include "hw/intc.h"

/*
 * A counter. Nothing is stepped: "now" is a number of clock pulses since power-on, and the counting
 * element follows from the pulse at which it was loaded. At most one load is outstanding.
 */
typedef struct PitCounter {
    uint8_t control;    /* as programmed, bits 0-5: what the status byte shows */
    uint8_t mode;       /* 0-5 */
    bool bcd, gate;
    bool have_cr;       /* a count has been written since the control word */
    uint32_t cr;        /* count register: 1 to 65536, or to 10000 in BCD */

    bool active;        /* the counting element has been loaded since the control word */
    uint32_t n;         /* what it was loaded with */
    int64_t loaded;     /* at this pulse */
    bool low_half;      /* mode 3: that load began a low half */
    bool held;          /* GATE stops the count … */
    int64_t held_at;    /* … this many pulses after the load */
    uint16_t idle;      /* counting element while not active */

    bool load_due, null_count; /* a count waits for pulse due_at; or for a trigger (modes 1, 5) */
    int64_t due_at;
    uint32_t due_n;
    bool due_low_half;

    uint8_t lsb;        /* first byte of a two-byte write */
    bool write_msb, read_msb;
    bool stopped;       /* mode 0: half a count has been written */
    bool count_latched, status_latched;
    uint16_t count_latch;
    uint8_t status_latch;
} PitCounter;

/* i8254-count.c; @now never goes back */
void pit_counter_reset(PitCounter *c);
void pit_counter_control(PitCounter *c, uint8_t control, int64_t now);
void pit_counter_load(PitCounter *c, uint16_t count, int64_t now);
void pit_counter_first_byte(PitCounter *c, int64_t now);
void pit_counter_gate(PitCounter *c, bool level, int64_t now);
uint16_t pit_counter_value(PitCounter *c, int64_t now); /* as the bus shows it, BCD included */
bool pit_counter_out(PitCounter *c, int64_t now);
bool pit_counter_null(PitCounter *c, int64_t now);
/* Pulse after @now at which OUT may change; -1: none. */
int64_t pit_counter_next(PitCounter *c, int64_t now);

typedef struct I8254State {
    DeviceState dev;
    PitCounter counter[3];
    HwTimer *timer;     /* next edge of counter 0 */
    int64_t next_edge;  /* its pulse; -1: none */
    IrqLine *out;
    int out_level;
    IoRegion io;
} I8254State;

extern const IoOps i8254_ops; /* i8254-regs.c */
int64_t i8254_now(I8254State *s); /* pulses; brings counter 0's line up to date */
void i8254_rearm(I8254State *s);

#endif
