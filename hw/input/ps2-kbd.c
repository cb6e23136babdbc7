/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PS/2 keyboard (IBM PS/2 technical reference, keyboard section).
 *
 * Theory of operation: every byte from the host is answered: a command with ACK and its result, a
 * parameter with ACK, anything unknown with "resend". A byte with bit 7 set where a parameter is due
 * starts a new command instead, as on the real thing. Keys are put in by i8042_put_scancodes().
 */
#include <string.h>
#include "hw/input/ps2.h"

enum {
    KBD_SET_LEDS = 0xed, KBD_ECHO = 0xee, KBD_SCANCODE_SET = 0xf0, KBD_IDENTIFY = 0xf2,
    KBD_SET_RATE = 0xf3, KBD_ENABLE = 0xf4, KBD_DISABLE = 0xf5, KBD_DEFAULTS = 0xf6,
    KBD_ALL_TYPEMATIC = 0xf7, KBD_ALL_MAKE_BREAK = 0xf8, KBD_ALL_MAKE = 0xf9, KBD_ALL = 0xfa,
    KBD_RESEND = 0xfe, KBD_RESET = 0xff,
};

bool ps2_put(Ps2Queue *q, const uint8_t *bytes, size_t n)
{
    if (n > PS2_QUEUE_SIZE - q->count) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        q->data[(q->head + q->count++) % PS2_QUEUE_SIZE] = bytes[i];
    }
    return true;
}

uint8_t ps2_take(Ps2Queue *q)
{
    uint8_t byte = q->data[q->head];

    q->head = (q->head + 1) % PS2_QUEUE_SIZE;
    q->count--;
    return byte;
}

static void reply(Ps2Kbd *kbd, uint8_t byte)
{
    ps2_put(&kbd->out, &byte, 1);
}

static void set_defaults(Ps2Kbd *kbd)
{
    kbd->leds = 0;
    kbd->rate = 0x2b; /* 10.9 characters a second after half a second */
    kbd->set = 2;
}

void ps2_kbd_reset(Ps2Kbd *kbd)
{
    memset(kbd, 0, sizeof *kbd);
    set_defaults(kbd);
    kbd->scanning = true;
}

static void kbd_parameter(Ps2Kbd *kbd, uint8_t command, uint8_t byte)
{
    if (command == KBD_SCANCODE_SET && byte > 3) {
        reply(kbd, PS2_RESEND);
        return;
    }
    reply(kbd, PS2_ACK);
    if (command == KBD_SET_LEDS) {
        kbd->leds = byte & 7;
    } else if (command == KBD_SET_RATE) {
        kbd->rate = byte;
    } else if (byte == 0) {
        reply(kbd, kbd->set);
    } else {
        kbd->set = byte;
    }
}

/* A command drops what was still to be sent: its answer comes first. */
static void kbd_command(Ps2Kbd *kbd, uint8_t byte)
{
    if (byte != KBD_RESEND) {
        kbd->out.count = 0;
    }
    switch (byte) {
    case KBD_SET_LEDS:
    case KBD_SCANCODE_SET:
    case KBD_SET_RATE:
        kbd->command = byte;
        reply(kbd, PS2_ACK);
        break;
    case KBD_ECHO:
        reply(kbd, KBD_ECHO);
        break;
    case KBD_IDENTIFY:
        ps2_put(&kbd->out, (const uint8_t[]){ PS2_ACK, 0xab, 0x83 }, 3);
        break;
    case KBD_ENABLE:
        kbd->scanning = true;
        reply(kbd, PS2_ACK);
        break;
    case KBD_DISABLE:
        set_defaults(kbd);
        kbd->scanning = false;
        reply(kbd, PS2_ACK);
        break;
    case KBD_DEFAULTS:
        set_defaults(kbd);
        reply(kbd, PS2_ACK);
        break;
    case KBD_ALL_TYPEMATIC: /* these four mean something in scan code set 3 only */
    case KBD_ALL_MAKE_BREAK:
    case KBD_ALL_MAKE:
    case KBD_ALL:
        reply(kbd, PS2_ACK);
        break;
    case KBD_RESEND:
        reply(kbd, kbd->last);
        break;
    case KBD_RESET:
        ps2_kbd_reset(kbd);
        ps2_put(&kbd->out, (const uint8_t[]){ PS2_ACK, PS2_SELF_TEST_OK }, 2);
        break;
    default:
        reply(kbd, PS2_RESEND);
        break;
    }
}

void ps2_kbd_write(Ps2Kbd *kbd, uint8_t byte)
{
    uint8_t command = kbd->command;

    kbd->command = 0;
    if (command != 0 && !(byte & 0x80)) {
        kbd_parameter(kbd, command, byte);
    } else {
        kbd_command(kbd, byte);
    }
}
