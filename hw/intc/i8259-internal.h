/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: state of the 8259A pair, shared by its two files.
 */
#ifndef HW_INTC_I8259_INTERNAL_H
#define HW_INTC_I8259_INTERNAL_H

#include "hw/intc.h"

#define PIC_CASCADE     2    /* the master's IR that the slave drives */
#define PIC_ELCR_MASTER 0xf8 /* IRQ 0, 1, 2 are always edge */
#define PIC_ELCR_SLAVE  0xde /* so are 8 and 13 */

typedef struct PicChip {
    bool master;
    uint8_t lines;     /* levels of the IR inputs */
    uint8_t irr, imr, isr;
    uint8_t elcr, elcr_mask;
    uint8_t base;      /* vector of IR0 */
    uint8_t top;       /* IR with the highest priority */
    uint8_t icw;       /* initialisation word expected next on port 1: 2, 3, 4; 0: none */
    bool icw4_wanted, single, ltim;
    bool read_isr, poll, special_mask;
    bool auto_eoi, rotate_auto, nested;
} PicChip;

typedef struct I8259State {
    DeviceState dev;
    PicChip chip[2];
    bool intr;
    IrqLine *out;
    IoRegion io[2], elcr_io;
} I8259State;

int pic_request(const PicChip *chip);
int pic_highest_isr(const PicChip *chip);
int pic_chip_ack(PicChip *chip);
void pic_chip_line(PicChip *chip, int n, bool level);
void pic_update(I8259State *s);
void i8259_add_ports(I8259State *s);
void i8259_remove_ports(I8259State *s);

#endif
