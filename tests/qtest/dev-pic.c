/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The i8259 pair, driven through the interrupt lines of pc-testdev and acknowledged by poll mode:
 * there is no CPU that would do it. Lines 3 to 7 and 10, 11, 14, 15 are nobody else's.
 */
#include "dev.h"

enum { M = 0x20, M1, SL = 0xa0, SL1, ELCR = 0x4d0 };

static void up(AqVM *vm, unsigned n)
{
    OUT8(vm, 0x2000 + n, 1);
}

static void down(AqVM *vm, unsigned n)
{
    OUT8(vm, 0x2000 + n, 0);
}

static void init(AqVM *vm, uint8_t icw4)
{
    OUT8(vm, M, 0x11);
    OUT8(vm, M1, 0x08);
    OUT8(vm, M1, 0x04);
    OUT8(vm, M1, icw4);
    OUT8(vm, SL, 0x11);
    OUT8(vm, SL1, 0x70);
    OUT8(vm, SL1, 0x02);
    OUT8(vm, SL1, 0x01);
    OUT8(vm, M1, 0x01); /* the timer may tick, keyboard and cascade are free */
    OUT8(vm, SL1, 0x01);
}

static uint8_t irr(AqVM *vm, unsigned chip)
{
    OUT8(vm, chip, 0x0a);
    return aq_inb(vm, chip) & 0xfe;
}

static uint8_t isr(AqVM *vm, unsigned chip)
{
    OUT8(vm, chip, 0x0b);
    return aq_inb(vm, chip);
}

/* Acknowledge. Returns: the number, or -1. */
static int poll(AqVM *vm, unsigned chip)
{
    uint8_t v;

    OUT8(vm, chip, 0x0c);
    v = aq_inb(vm, chip);
    return v & 0x80 ? v & 7 : -1;
}

static void masks(AqVM *vm, gconstpointer data)
{
    init(vm, 1);
    OUT8(vm, M1, 0xa5);
    OUT8(vm, SL1, 0x5a);
    IN8(vm, M1, 0xa5);
    IN8(vm, SL1, 0x5a);
}

static void init_clears(AqVM *vm, gconstpointer data)
{
    init(vm, 1);
    OUT8(vm, M1, 0xff);
    up(vm, 5);
    OUT8(vm, M, 0x11);
    OUT8(vm, M1, 0x08);
    OUT8(vm, M1, 0x04);
    OUT8(vm, M1, 0x01);
    IN8(vm, M1, 0x00);
    g_assert_cmphex(irr(vm, M) & 0x20, ==, 0); /* an edge has to come anew */
}

static void edge(AqVM *vm, gconstpointer data)
{
    init(vm, 1);
    up(vm, 5);
    g_assert_cmphex(irr(vm, M), ==, 0x20);
    g_assert_cmpint(poll(vm, M), ==, 5);
    g_assert_cmphex(irr(vm, M), ==, 0);
    g_assert_cmphex(isr(vm, M), ==, 0x20);
    OUT8(vm, M, 0x20);
    g_assert_cmphex(isr(vm, M), ==, 0);
    g_assert_cmpint(poll(vm, M), ==, -1); /* still up: no new edge */
    down(vm, 5);
    up(vm, 5);
    g_assert_cmpint(poll(vm, M), ==, 5);
}

static void level(AqVM *vm, gconstpointer data)
{
    OUT8(vm, ELCR, 0x20);
    init(vm, 1);
    up(vm, 5);
    g_assert_cmpint(poll(vm, M), ==, 5);
    OUT8(vm, M, 0x20);
    g_assert_cmpint(poll(vm, M), ==, 5); /* still up: again */
    down(vm, 5);
    OUT8(vm, M, 0x20);
    g_assert_cmpint(poll(vm, M), ==, -1);
}

static void elcr_bits(AqVM *vm, gconstpointer data)
{
    OUT8(vm, ELCR, 0xff);
    OUT8(vm, ELCR + 1, 0xff);
    IN8(vm, ELCR, 0xf8);
    IN8(vm, ELCR + 1, 0xde);
}

static void masked(AqVM *vm, gconstpointer data)
{
    init(vm, 1);
    OUT8(vm, M1, 0x21);
    up(vm, 5);
    g_assert_cmphex(irr(vm, M), ==, 0x20);
    g_assert_cmpint(poll(vm, M), ==, -1);
    OUT8(vm, M1, 0x01);
    g_assert_cmpint(poll(vm, M), ==, 5);
}

static void priority(AqVM *vm, gconstpointer data)
{
    init(vm, 1);
    up(vm, 6);
    up(vm, 3);
    g_assert_cmpint(poll(vm, M), ==, 3);
    g_assert_cmpint(poll(vm, M), ==, -1); /* 6 has to wait for the end of 3 */
    OUT8(vm, M, 0x20);
    g_assert_cmpint(poll(vm, M), ==, 6);
}

static void nesting(AqVM *vm, gconstpointer data)
{
    init(vm, 1);
    up(vm, 6);
    g_assert_cmpint(poll(vm, M), ==, 6);
    up(vm, 4);
    g_assert_cmpint(poll(vm, M), ==, 4);
    g_assert_cmphex(isr(vm, M), ==, 0x50);
    OUT8(vm, M, 0x20); /* the end of the more urgent one */
    g_assert_cmphex(isr(vm, M), ==, 0x40);
}

static void specific_eoi(AqVM *vm, gconstpointer data)
{
    init(vm, 1);
    up(vm, 6);
    poll(vm, M);
    up(vm, 4);
    poll(vm, M);
    OUT8(vm, M, 0x66);
    g_assert_cmphex(isr(vm, M), ==, 0x10);
}

static void rotation(AqVM *vm, gconstpointer data)
{
    init(vm, 1);
    OUT8(vm, M, 0xc4); /* 4 is the least urgent: 5 leads */
    up(vm, 3);
    up(vm, 4);
    up(vm, 5);
    g_assert_cmpint(poll(vm, M), ==, 5);
    OUT8(vm, M, 0xa0); /* rotate on the end: 6 leads */
    g_assert_cmpint(poll(vm, M), ==, 3);
    OUT8(vm, M, 0x20);
    g_assert_cmpint(poll(vm, M), ==, 4);
}

static void special_mask(AqVM *vm, gconstpointer data)
{
    init(vm, 1);
    up(vm, 3);
    g_assert_cmpint(poll(vm, M), ==, 3);
    up(vm, 6);
    g_assert_cmpint(poll(vm, M), ==, -1);
    OUT8(vm, M1, 0x09);
    OUT8(vm, M, 0x68);
    g_assert_cmpint(poll(vm, M), ==, 6);
}

static void auto_eoi(AqVM *vm, gconstpointer data)
{
    init(vm, 3);
    up(vm, 5);
    g_assert_cmpint(poll(vm, M), ==, 5);
    g_assert_cmphex(isr(vm, M), ==, 0);
}

static void cascade(AqVM *vm, gconstpointer data)
{
    init(vm, 1);
    up(vm, 11);
    g_assert_cmphex(irr(vm, SL), ==, 0x08);
    g_assert_cmphex(irr(vm, M), ==, 0x04);
    g_assert_cmpint(poll(vm, M), ==, 2);
    g_assert_cmpint(poll(vm, SL), ==, 3);
}

static void slave_masked_at_master(AqVM *vm, gconstpointer data)
{
    init(vm, 1);
    OUT8(vm, M1, 0x05);
    up(vm, 14);
    g_assert_cmpint(poll(vm, M), ==, -1);
    g_assert_cmpint(poll(vm, SL), ==, 6);
}

static void slave_outranks(AqVM *vm, gconstpointer data)
{
    init(vm, 1);
    up(vm, 3);
    up(vm, 15);
    g_assert_cmpint(poll(vm, M), ==, 2);
}

/* Nobody asks any more: input 7, and nothing in service. */
static void gone_before_ack(AqVM *vm, gconstpointer data)
{
    OUT8(vm, ELCR, 0x20);
    init(vm, 1);
    up(vm, 5);
    down(vm, 5);
    g_assert_cmpint(poll(vm, M), ==, -1);
    g_assert_cmphex(isr(vm, M), ==, 0);
}

/* The board's own: IRQ 2 does not exist, a request there goes nowhere. */
static void irq_numbers(AqVM *vm, gconstpointer data)
{
    static const unsigned lines[] = { 3, 4, 5, 6, 7 };

    init(vm, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
        up(vm, lines[i]);
        g_assert_cmphex(irr(vm, M), ==, 1u << lines[i]);
        down(vm, lines[i]);
        g_assert_cmpint(poll(vm, M), ==, (int)lines[i]);
        OUT8(vm, M, 0x20);
    }
}

#define PIC(name, func) CASE(name, func, "-device pc-testdev")

static const DevCase cases[] = {
    PIC("masks", masks),
    PIC("init-clears", init_clears),
    PIC("edge", edge),
    PIC("level", level),
    PIC("elcr-bits", elcr_bits),
    PIC("masked", masked),
    PIC("priority", priority),
    PIC("nesting", nesting),
    PIC("specific-eoi", specific_eoi),
    PIC("rotation", rotation),
    PIC("special-mask", special_mask),
    PIC("auto-eoi", auto_eoi),
    PIC("cascade", cascade),
    PIC("slave-masked-at-master", slave_masked_at_master),
    PIC("slave-outranks", slave_outranks),
    PIC("gone-before-ack", gone_before_ack),
    CASE("irq-numbers", irq_numbers, "-device pc-testdev", DEV_OURS),
};

DEV_MAIN("pic", cases)
