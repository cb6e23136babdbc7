/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A pair of 8259A interrupt controllers as the PC wires them: the slave's INT drives the master's
 * IR2. One device holds both chips; its inputs 0-7 are the master's, 8-15 the slave's (input 2 is
 * the cascade and ignored from outside). Source: Intel 8259A data sheet; ELCR: 82371 data sheet.
 *
 * Each chip keeps the level of its lines and the three registers IRR, IMR, ISR. Level-sensitive
 * bits of IRR follow the line; edge-sensitive ones are set by a rising edge and stay until
 * acknowledged. The data sheet would drop them with the line (and deliver IR7); here lines are
 * driven by software whose pulses have no length, so the edge is kept, as every other PC emulator
 * does.
 *
 * The command registers are in i8259-regs.c.
 */
#include "i8259-internal.h"

/* Position of the first set bit of @bits in order of priority, 8 when none. */
static int pic_first(const PicChip *chip, uint8_t bits)
{
    for (int i = 0; bits != 0 && i < 8; i++) {
        if (bits & (1u << ((chip->top + i) & 7))) {
            return i;
        }
    }
    return 8;
}

int pic_highest_isr(const PicChip *chip)
{
    uint8_t isr = chip->isr;

    if (chip->special_mask) {
        isr &= ~chip->imr;
    }
    int pos = pic_first(chip, isr);
    return pos == 8 ? -1 : (chip->top + pos) & 7;
}

/* The request that may interrupt now, -1 when none. */
int pic_request(const PicChip *chip)
{
    uint8_t isr = chip->isr;
    int want = pic_first(chip, chip->irr & ~chip->imr);

    if (chip->special_mask) {
        isr &= ~chip->imr;
    }
    if (chip->nested && chip->master) {
        isr &= ~(1u << PIC_CASCADE); /* the slave sorts out its own */
    }
    return want < pic_first(chip, isr) ? (chip->top + want) & 7 : -1;
}

/* Recompute level-sensitive requests from the lines. */
static void pic_follow_levels(PicChip *chip)
{
    uint8_t level = chip->ltim ? 0xff : chip->elcr;

    chip->irr = (chip->irr & ~level) | (chip->lines & level);
}

void pic_chip_line(PicChip *chip, int n, bool level)
{
    uint8_t bit = 1u << n;
    bool was = chip->lines & bit;

    chip->lines = level ? chip->lines | bit : chip->lines & ~bit;
    if (level && !was) {
        chip->irr |= bit;
    }
    pic_follow_levels(chip);
}

void pic_update(I8259State *s)
{
    pic_follow_levels(&s->chip[0]);
    pic_follow_levels(&s->chip[1]);
    pic_chip_line(&s->chip[0], PIC_CASCADE, pic_request(&s->chip[1]) >= 0);

    bool intr = pic_request(&s->chip[0]) >= 0;
    if (intr != s->intr) {
        s->intr = intr;
        hw_irq_set(s->out, intr);
    }
}

/* INTA: @n goes from request to service. */
static void pic_take(PicChip *chip, int n)
{
    uint8_t bit = 1u << n;

    if (!(chip->ltim || (chip->elcr & bit))) {
        chip->irr &= ~bit;
    }
    if (!chip->auto_eoi) {
        chip->isr |= bit;
    } else if (chip->rotate_auto) {
        chip->top = (n + 1) & 7;
    }
}

/* One chip's part of an INTA cycle. Returns: the IR number, 7 when the request has gone. */
int pic_chip_ack(PicChip *chip)
{
    int n = pic_request(chip);

    if (n < 0) {
        return 7; /* default IR7, not put into service */
    }
    pic_take(chip, n);
    return n;
}

int i8259_ack(DeviceState *dev)
{
    I8259State *s = (I8259State *)dev;
    PicChip *master = &s->chip[0], *slave = &s->chip[1];
    bool cascaded = pic_request(master) == PIC_CASCADE;
    int n = pic_chip_ack(master);
    int vector = master->base + n;

    if (cascaded) {
        vector = slave->base + pic_chip_ack(slave);
        /* The slave drops INT between two INTAs: what is left counts as a new edge. */
        pic_chip_line(master, PIC_CASCADE, false);
    }
    pic_update(s);
    return vector;
}

bool i8259_pending(const DeviceState *dev)
{
    return ((const I8259State *)dev)->intr;
}

static void i8259_set_line(void *opaque, int n, int level)
{
    I8259State *s = opaque;

    if (n == PIC_CASCADE) {
        return;
    }
    pic_chip_line(&s->chip[n >> 3], n & 7, level != 0);
    pic_update(s);
}

static void i8259_reset(DeviceState *dev)
{
    I8259State *s = (I8259State *)dev;

    for (int i = 0; i < 2; i++) {
        PicChip *chip = &s->chip[i];
        *chip = (PicChip){ .master = i == 0, .lines = chip->lines,
                           .elcr_mask = i == 0 ? PIC_ELCR_MASTER : PIC_ELCR_SLAVE };
    }
    s->chip[0].lines &= ~(1u << PIC_CASCADE);
    pic_update(s);
}

void i8259_get_regs(const DeviceState *dev, unsigned chip, I8259Regs *regs)
{
    const PicChip *c = &((const I8259State *)dev)->chip[chip != 0];

    *regs = (I8259Regs){ .irr = c->irr, .imr = c->imr, .isr = c->isr, .elcr = c->elcr,
                         .base = c->base, .top = c->top, .read_isr = c->read_isr,
                         .nested = c->nested };
}

static gboolean i8259_realize(DeviceState *dev, GError **errp)
{
    I8259State *s = (I8259State *)dev;

    hw_device_init_in(dev, NULL, i8259_set_line, 16);
    hw_device_init_out(dev, NULL, &s->out, 1);
    i8259_reset(dev);
    i8259_add_ports(s);
    return TRUE;
}

static void i8259_unrealize(DeviceState *dev)
{
    i8259_remove_ports((I8259State *)dev);
}

const DeviceClass i8259_class = {
    .type = {
        .name = "isa-i8259",
        .parent = &hw_type_device,
        .desc = "pair of 8259A interrupt controllers",
        .instance_size = sizeof(I8259State),
    },
    .bus = "ISA",
    .realize = i8259_realize,
    .reset = i8259_reset,
    .unrealize = i8259_unrealize,
};
