/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal: the keyboard controller's state, and its output buffer. */
#ifndef HW_INPUT_I8042_INTERNAL_H
#define HW_INPUT_I8042_INTERNAL_H

#include "hw/input/ps2.h"
#include "hw/isa.h"

enum { /* configuration byte */
    MODE_KBD_INT = 0x01, MODE_AUX_INT = 0x02, MODE_SYS = 0x04, MODE_KBD_OFF = 0x10,
    MODE_AUX_OFF = 0x20, MODE_TRANSLATE = 0x40,
};

#define RAM_SIZE 32 /* byte 0 is the configuration byte */

typedef struct I8042 {
    DeviceState dev;
    IoRegion data_io, cmd_io;
    IrqLine *irq_kbd, *irq_aux, *a20;
    Ps2Kbd kbd;
    Ps2Mouse mouse;
    uint8_t ram[RAM_SIZE];
    uint8_t command;   /* one that waits for its byte at 0x60; 0: none */
    uint8_t outport;
    uint8_t obuf;
    bool full, full_aux, last_was_cmd, release;
    bool answer_waits, answer_aux;
    uint8_t answer;
    bool kbd_level, aux_level;
} I8042;

/** i8042_answer: @byte goes out next, as if from the mouse when @aux; i8042_refill() makes it so. */
void i8042_answer(I8042 *s, uint8_t byte, bool aux);
/** i8042_refill: the next byte into the buffer unless it is full, and the lines as they are then. */
void i8042_refill(I8042 *s);
void i8042_update_irq(I8042 *s);

#endif
