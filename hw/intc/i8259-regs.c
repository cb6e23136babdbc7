/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The 8259A's two ports: initialisation words ICW1-4, operation words OCW1-3, the status reads,
 * poll mode, and the PC's edge/level control registers 0x4d0 and 0x4d1. Every write may change
 * what is requested, so each ends in pic_update().
 */
#include "i8259-internal.h"

/* ICW1: starts the sequence and resets what the data sheet lists. */
static void pic_icw1(PicChip *chip, uint8_t value)
{
    chip->irr = 0; /* edges must come anew; levels follow in pic_update() */
    chip->imr = 0;
    chip->isr = 0;
    chip->top = 0;
    chip->read_isr = chip->poll = chip->special_mask = false;
    chip->auto_eoi = chip->rotate_auto = chip->nested = false;
    chip->icw4_wanted = value & 0x01;
    chip->single = value & 0x02;
    chip->ltim = value & 0x08;
    chip->icw = 2;
}

static void pic_eoi(PicChip *chip, int n, bool rotate)
{
    if (n < 0) {
        return;
    }
    chip->isr &= ~(1u << n);
    if (rotate) {
        chip->top = (n + 1) & 7;
    }
}

static void pic_ocw2(PicChip *chip, uint8_t value)
{
    int n = value & 7;

    switch (value >> 5) {
    case 0:
    case 4:
        chip->rotate_auto = value & 0x80;
        break;
    case 1:
    case 5:
        pic_eoi(chip, pic_highest_isr(chip), value & 0x80);
        break;
    case 3:
    case 7:
        pic_eoi(chip, n, value & 0x80);
        break;
    case 6:
        chip->top = (n + 1) & 7;
        break;
    default: /* 2: no operation */
        break;
    }
}

static void pic_ocw3(PicChip *chip, uint8_t value)
{
    chip->poll = value & 0x04;
    if (value & 0x02) {
        chip->read_isr = value & 0x01;
    }
    if (value & 0x40) {
        chip->special_mask = value & 0x20;
    }
}

static void pic_icw4(PicChip *chip, uint8_t value)
{
    chip->nested = value & 0x10;
    chip->auto_eoi = value & 0x02;
    chip->icw = 0;
}

/* Port 1: the rest of the sequence, or the mask. */
static void pic_write_data(PicChip *chip, uint8_t value)
{
    switch (chip->icw) {
    case 2:
        chip->base = value & 0xf8;
        chip->icw = !chip->single ? 3 : chip->icw4_wanted ? 4 : 0;
        break;
    case 3: /* the cascade's wiring is the board's and cannot be changed */
        chip->icw = chip->icw4_wanted ? 4 : 0;
        break;
    case 4:
        pic_icw4(chip, value);
        break;
    default:
        chip->imr = value;
        break;
    }
}

static I8259State *pic_pair(PicChip *chip)
{
    return (I8259State *)((char *)(chip - (chip->master ? 0 : 1)) - offsetof(I8259State, chip));
}

static void pic_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    PicChip *chip = opaque;

    if (offset == 1) {
        pic_write_data(chip, value);
    } else if (value & 0x10) {
        pic_icw1(chip, value);
    } else if (value & 0x08) {
        pic_ocw3(chip, value);
    } else {
        pic_ocw2(chip, value);
    }
    pic_update(pic_pair(chip));
}

/* The read after a poll command is an INTA: bit 7 says that there was something, bits 0-2 what. */
static uint8_t pic_read_poll(PicChip *chip)
{
    PicChip *master = &pic_pair(chip)->chip[0];
    uint8_t value = 0;

    chip->poll = false;
    if (pic_request(chip) >= 0) {
        value = 0x80 | pic_chip_ack(chip);
        if (!chip->master) { /* the slave's INT goes down; more requests raise it again */
            master->irr &= ~(1u << PIC_CASCADE);
            pic_chip_line(master, PIC_CASCADE, false);
        }
        pic_update(pic_pair(chip));
    }
    return value;
}

static uint64_t pic_read(void *opaque, uint64_t offset, unsigned size)
{
    PicChip *chip = opaque;

    if (chip->poll) {
        return pic_read_poll(chip);
    }
    if (offset == 1) {
        return chip->imr;
    }
    return chip->read_isr ? chip->isr : chip->irr;
}

static uint64_t elcr_read(void *opaque, uint64_t offset, unsigned size)
{
    I8259State *s = opaque;

    return s->chip[offset].elcr;
}

static void elcr_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    I8259State *s = opaque;

    s->chip[offset].elcr = value & s->chip[offset].elcr_mask;
    pic_update(s);
}

static const IoOps pic_ops = { .read = pic_read, .write = pic_write, 1, 1 };
static const IoOps elcr_ops = { .read = elcr_read, .write = elcr_write, 1, 1 };

void i8259_add_ports(I8259State *s)
{
    for (int i = 0; i < 2; i++) {
        s->io[i] = (IoRegion){ .name = i == 0 ? "pic" : "pic-slave",
                               .base = i == 0 ? 0x20 : 0xa0, .size = 2, .ops = &pic_ops,
                               .opaque = &s->chip[i], .owner = &s->dev };
        hw_port_add(s->dev.machine, &s->io[i]);
    }
    s->elcr_io = (IoRegion){ .name = "elcr", .base = 0x4d0, .size = 2, .ops = &elcr_ops,
                             .opaque = s, .owner = &s->dev };
    hw_port_add(s->dev.machine, &s->elcr_io);
}

void i8259_remove_ports(I8259State *s)
{
    hw_port_remove(s->dev.machine, &s->io[0]);
    hw_port_remove(s->dev.machine, &s->io[1]);
    hw_port_remove(s->dev.machine, &s->elcr_io);
}
