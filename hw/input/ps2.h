/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: the two PS/2 devices behind the keyboard controller, as byte machines without ports or
 * interrupts of their own: bytes go in by *_write(), answers wait in the queue.
 */
#ifndef HW_INPUT_PS2_H
#define HW_INPUT_PS2_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PS2_QUEUE_SIZE 16
#define PS2_ACK 0xfa
#define PS2_RESEND 0xfe
#define PS2_SELF_TEST_OK 0xaa

typedef struct Ps2Queue {
    uint8_t data[PS2_QUEUE_SIZE];
    unsigned head, count;
} Ps2Queue;

/** ps2_put: FALSE and nothing queued when not all @n bytes fit. */
bool ps2_put(Ps2Queue *q, const uint8_t *bytes, size_t n);
uint8_t ps2_take(Ps2Queue *q); /* the queue must not be empty */

typedef struct Ps2Kbd {
    Ps2Queue out;
    uint8_t command; /* one that waits for its parameter; 0: none */
    uint8_t leds, rate, set;
    uint8_t last;    /* last byte sent, for "resend" */
    bool scanning;
} Ps2Kbd;

typedef struct Ps2Mouse {
    Ps2Queue out;
    uint8_t command;
    uint8_t id;      /* 0: three buttons, 3: wheel, 4: five buttons */
    uint8_t rate, resolution;
    uint8_t knock;   /* progress of the sample-rate knock that changes the id */
    uint8_t last;
    bool reporting, remote, wrap, scale21;
} Ps2Mouse;

void ps2_kbd_reset(Ps2Kbd *kbd);
void ps2_kbd_write(Ps2Kbd *kbd, uint8_t byte);
void ps2_mouse_reset(Ps2Mouse *mouse);
void ps2_mouse_write(Ps2Mouse *mouse, uint8_t byte);

#endif
