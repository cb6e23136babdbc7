/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PS/2 mouse with wheel (IBM PS/2 technical reference, IntelliMouse extension).
 *
 * Theory of operation: like the keyboard every byte is answered. Three sample rates in a row are a
 * knock: 200, 100, 80 makes it a wheel mouse (id 3), after that 200, 200, 80 one of five buttons
 * (id 4). There is no pointer behind it: packets report no movement.
 */
#include <string.h>
#include "hw/input/ps2.h"

enum {
    MOUSE_SCALE_1 = 0xe6, MOUSE_SCALE_2 = 0xe7, MOUSE_RESOLUTION = 0xe8, MOUSE_STATUS = 0xe9,
    MOUSE_STREAM = 0xea, MOUSE_POLL = 0xeb, MOUSE_WRAP_OFF = 0xec, MOUSE_WRAP_ON = 0xee,
    MOUSE_REMOTE = 0xf0, MOUSE_IDENTIFY = 0xf2, MOUSE_RATE = 0xf3, MOUSE_ENABLE = 0xf4,
    MOUSE_DISABLE = 0xf5, MOUSE_DEFAULTS = 0xf6, MOUSE_RESEND = 0xfe, MOUSE_RESET = 0xff,
};

static void reply(Ps2Mouse *m, uint8_t byte)
{
    ps2_put(&m->out, &byte, 1);
}

static void set_defaults(Ps2Mouse *m)
{
    m->rate = 100;
    m->resolution = 2;
    m->scale21 = m->reporting = m->remote = false;
}

void ps2_mouse_reset(Ps2Mouse *m)
{
    memset(m, 0, sizeof *m);
    set_defaults(m);
}

static void knock(Ps2Mouse *m, uint8_t rate)
{
    static const uint8_t wheel[3] = { 200, 100, 80 }, five[3] = { 200, 200, 80 };
    const uint8_t *want = m->id == 3 ? five : wheel;

    if (rate != want[m->knock]) {
        m->knock = rate == want[0] ? 1 : 0;
    } else if (++m->knock == 3) {
        m->knock = 0;
        m->id = m->id == 0 ? 3 : 4;
    }
}

static void mouse_parameter(Ps2Mouse *m, uint8_t command, uint8_t byte)
{
    if (command == MOUSE_RATE) {
        m->rate = byte;
        knock(m, byte);
    } else {
        m->resolution = byte & 3;
    }
    reply(m, PS2_ACK);
}

static void send_status(Ps2Mouse *m)
{
    uint8_t flags = (m->remote ? 0x40 : 0) | (m->reporting ? 0x20 : 0) | (m->scale21 ? 0x10 : 0);

    ps2_put(&m->out, (const uint8_t[]){ PS2_ACK, flags, m->resolution, m->rate }, 4);
}

/* Bit 3 of the first byte is always set; id 3 and 4 add a byte for the wheel. */
static void send_packet(Ps2Mouse *m)
{
    ps2_put(&m->out, (const uint8_t[]){ PS2_ACK, 0x08, 0, 0, 0 }, m->id == 0 ? 4 : 5);
}

static void mouse_mode(Ps2Mouse *m, uint8_t byte)
{
    switch (byte) {
    case MOUSE_SCALE_1:
    case MOUSE_SCALE_2:
        m->scale21 = byte == MOUSE_SCALE_2;
        break;
    case MOUSE_STREAM:
    case MOUSE_REMOTE:
        m->remote = byte == MOUSE_REMOTE;
        break;
    case MOUSE_WRAP_OFF:
    case MOUSE_WRAP_ON:
        m->wrap = byte == MOUSE_WRAP_ON;
        break;
    case MOUSE_ENABLE:
    case MOUSE_DISABLE:
        m->reporting = byte == MOUSE_ENABLE;
        break;
    case MOUSE_DEFAULTS:
        set_defaults(m);
        break;
    case MOUSE_RESOLUTION:
    case MOUSE_RATE:
        m->command = byte;
        break;
    default:
        reply(m, PS2_RESEND);
        return;
    }
    reply(m, PS2_ACK);
}

static void mouse_command(Ps2Mouse *m, uint8_t byte)
{
    switch (byte) {
    case MOUSE_STATUS:
        send_status(m);
        break;
    case MOUSE_POLL:
        send_packet(m);
        break;
    case MOUSE_IDENTIFY:
        ps2_put(&m->out, (const uint8_t[]){ PS2_ACK, m->id }, 2);
        break;
    case MOUSE_RESEND:
        reply(m, m->last);
        break;
    case MOUSE_RESET:
        ps2_mouse_reset(m);
        ps2_put(&m->out, (const uint8_t[]){ PS2_ACK, PS2_SELF_TEST_OK, 0 }, 3);
        break;
    default:
        mouse_mode(m, byte);
        break;
    }
}

void ps2_mouse_write(Ps2Mouse *m, uint8_t byte)
{
    uint8_t command = m->command;

    m->command = 0;
    if (m->wrap && byte != MOUSE_WRAP_OFF && byte != MOUSE_RESET) {
        reply(m, byte);
        return;
    }
    if (byte != MOUSE_RESEND) {
        m->out.count = 0;
    }
    if (command != 0 && byte <= 200) {
        mouse_parameter(m, command, byte);
    } else {
        mouse_command(m, byte);
    }
}
