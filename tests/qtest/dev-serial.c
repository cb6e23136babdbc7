/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* 16550A at 0x3f8 (and three more): registers, FIFOs, loop mode, interrupts, data in and out. */
#include <string.h>
#include <unistd.h>
#include "dev.h"

enum { RBR = 0x3f8, IER, IIR, LCR, MCR, LSR, MSR, SCR };
enum { LOOP = 0x10 };

static void power_on(AqVM *vm, gconstpointer data)
{
    IN8(vm, IER, 0);
    IN8(vm, IIR, 1);
    IN8(vm, LCR, 0);
    IN8(vm, LSR, 0x60);
    IN8(vm, SCR, 0);
}

static void scratch(AqVM *vm, gconstpointer data)
{
    for (unsigned v = 1; v < 256; v <<= 1) {
        OUT8(vm, SCR, v);
        IN8(vm, SCR, v);
    }
}

static void ier_mask(AqVM *vm, gconstpointer data)
{
    OUT8(vm, IER, 0xff);
    IN8(vm, IER, 0x0f);
}

static void mcr_mask(AqVM *vm, gconstpointer data)
{
    OUT8(vm, MCR, 0xff);
    IN8(vm, MCR, 0x1f);
}

static void divisor(AqVM *vm, gconstpointer data)
{
    OUT8(vm, LCR, 0x83);
    OUT8(vm, RBR, 0x34);
    OUT8(vm, IER, 0x12);
    IN8(vm, RBR, 0x34);
    IN8(vm, IER, 0x12);
    OUT8(vm, LCR, 0x03);
    IN8(vm, IER, 0);
    IN8(vm, LCR, 3);
}

static void fifo_bits(AqVM *vm, gconstpointer data)
{
    OUT8(vm, IIR, 0x01);
    IN8(vm, IIR, 0xc1);
    OUT8(vm, IIR, 0x00);
    IN8(vm, IIR, 0x01);
}

/* ---- loop mode ---- */

static void loop_data(AqVM *vm, gconstpointer data)
{
    OUT8(vm, MCR, LOOP);
    OUT8(vm, RBR, 0x5a);
    g_assert_cmphex(aq_inb(vm, LSR) & 1, ==, 1);
    IN8(vm, RBR, 0x5a);
    g_assert_cmphex(aq_inb(vm, LSR) & 1, ==, 0);
}

static void loop_modem(AqVM *vm, gconstpointer data)
{
    static const uint8_t pairs[][2] = {
        { 0x01, 0x20 }, { 0x02, 0x10 }, { 0x04, 0x40 }, { 0x08, 0x80 },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
        OUT8(vm, MCR, LOOP | pairs[i][0]);
        g_assert_cmphex(aq_inb(vm, MSR) & 0xf0, ==, pairs[i][1]);
    }
}

static void loop_fifo(AqVM *vm, gconstpointer data)
{
    OUT8(vm, IIR, 0x01);
    OUT8(vm, MCR, LOOP);
    for (unsigned i = 0; i < 16; i++) {
        OUT8(vm, RBR, 0x40 + i);
    }
    for (unsigned i = 0; i < 16; i++) {
        g_assert_cmphex(aq_inb(vm, LSR) & 3, ==, 1);
        IN8(vm, RBR, 0x40 + i);
    }
    g_assert_cmphex(aq_inb(vm, LSR) & 1, ==, 0);
}

static void overrun(AqVM *vm, gconstpointer data)
{
    OUT8(vm, MCR, LOOP);
    OUT8(vm, RBR, 1);
    OUT8(vm, RBR, 2);
    g_assert_cmphex(aq_inb(vm, LSR) & 3, ==, 3);
    g_assert_cmphex(aq_inb(vm, LSR) & 2, ==, 0); /* reading has cleared it */
}

static void fifo_clear(AqVM *vm, gconstpointer data)
{
    OUT8(vm, IIR, 0x01);
    OUT8(vm, MCR, LOOP);
    OUT8(vm, RBR, 1);
    OUT8(vm, IIR, 0x03);
    g_assert_cmphex(aq_inb(vm, LSR) & 1, ==, 0);
}

/* ---- interrupts ---- */

static void irq_transmitter(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    OUT8(vm, IER, 0x02);
    g_assert_true(aq_get_irq(vm, 4));
    IN8(vm, IIR, 0x02);
    g_assert_false(aq_get_irq(vm, 4));
    IN8(vm, IIR, 0x01);
}

static void irq_receiver(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    OUT8(vm, MCR, LOOP);
    OUT8(vm, IER, 0x01);
    g_assert_false(aq_get_irq(vm, 4));
    OUT8(vm, RBR, 0x77);
    g_assert_true(aq_get_irq(vm, 4));
    IN8(vm, IIR, 0x04);
    IN8(vm, RBR, 0x77);
    g_assert_false(aq_get_irq(vm, 4));
}

static void irq_trigger(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    OUT8(vm, IIR, 0x41); /* four characters */
    OUT8(vm, MCR, LOOP);
    OUT8(vm, IER, 0x01);
    for (int i = 0; i < 3; i++) {
        OUT8(vm, RBR, i);
    }
    g_assert_false(aq_get_irq(vm, 4));
    OUT8(vm, RBR, 3);
    g_assert_true(aq_get_irq(vm, 4));
    IN8(vm, IIR, 0xc4);
}

static void irq_timeout(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    OUT8(vm, IIR, 0x41);
    OUT8(vm, MCR, LOOP);
    OUT8(vm, IER, 0x01);
    OUT8(vm, RBR, 0x11);
    g_assert_false(aq_get_irq(vm, 4));
    aq_clock_step(vm, 100000000);
    g_assert_true(aq_get_irq(vm, 4));
    IN8(vm, IIR, 0xcc);
    IN8(vm, RBR, 0x11);
    g_assert_false(aq_get_irq(vm, 4));
}

static void irq_priority(AqVM *vm, gconstpointer data)
{
    OUT8(vm, MCR, LOOP);
    OUT8(vm, IER, 0x07);
    OUT8(vm, RBR, 1);
    OUT8(vm, RBR, 2);
    IN8(vm, IIR, 0x06); /* line status before data before transmitter */
    aq_inb(vm, LSR);
    IN8(vm, IIR, 0x04);
    aq_inb(vm, RBR);
    IN8(vm, IIR, 0x02);
}

static void irq_modem(AqVM *vm, gconstpointer data)
{
    OUT8(vm, MCR, LOOP);
    aq_inb(vm, MSR);
    OUT8(vm, IER, 0x08);
    OUT8(vm, MCR, LOOP | 0x02);
    IN8(vm, IIR, 0x00);
    g_assert_cmphex(aq_inb(vm, MSR), ==, 0x11);
    IN8(vm, IIR, 0x01);
}

/* ---- more ports, and the other side ---- */

static void four_ports(AqVM *vm, gconstpointer data)
{
    static const uint16_t base[] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };
    static const unsigned irq[] = { 4, 3, 4, 3 };

    aq_irq_intercept_in(vm, "ioapic");
    for (gsize i = 0; i < G_N_ELEMENTS(base); i++) {
        OUT8(vm, base[i] + 7, 0x10 + i);
        OUT8(vm, base[i] + 1, 0x02);
        g_assert_true(aq_get_irq(vm, irq[i]));
        aq_inb(vm, base[i] + 2);
        g_assert_false(aq_get_irq(vm, irq[i]));
    }
    for (gsize i = 0; i < G_N_ELEMENTS(base); i++) {
        IN8(vm, base[i] + 7, 0x10 + i);
    }
}

static void absent(AqVM *vm, gconstpointer data)
{
    IN8(vm, 0x3f8, 0xff);
    IN8(vm, 0x3ff, 0xff);
}

static void elsewhere(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    OUT8(vm, 0x227, 0x42);
    IN8(vm, 0x227, 0x42);
    OUT8(vm, 0x221, 0x02);
    g_assert_true(aq_get_irq(vm, 11));
}

static void output(AqVM *none, gconstpointer data)
{
    g_autofree char *dir = g_dir_make_tmp("dev-serial-XXXXXX", NULL), *got = NULL;
    g_autofree char *path = g_build_filename(dir, "out", NULL);
    AqVM *vm = dev_start("-serial file:%s", path);

    for (const char *c = "Hello\n"; *c != '\0'; c++) {
        g_assert_cmphex(aq_inb(vm, LSR) & 0x20, ==, 0x20);
        OUT8(vm, RBR, *c);
    }
    aq_quit(vm);
    g_assert_true(g_file_get_contents(path, &got, NULL, NULL));
    g_assert_cmpstr(got, ==, "Hello\n");
    unlink(path);
    rmdir(dir);
}

static void reset(AqVM *vm, gconstpointer data)
{
    OUT8(vm, SCR, 1);
    OUT8(vm, IER, 0x0f);
    OUT8(vm, LCR, 0x1b);
    dev_reset(vm);
    power_on(vm, NULL);
}

#define COM1 "-serial null"
#define SERIAL(name, func) CASE(name, func, COM1)

static const DevCase cases[] = {
    SERIAL("power-on", power_on),
    SERIAL("scratch", scratch),
    SERIAL("ier-mask", ier_mask),
    SERIAL("mcr-mask", mcr_mask),
    SERIAL("divisor", divisor),
    SERIAL("fifo-bits", fifo_bits),
    SERIAL("loop/data", loop_data),
    SERIAL("loop/modem", loop_modem),
    SERIAL("loop/fifo", loop_fifo),
    SERIAL("loop/overrun", overrun),
    SERIAL("loop/fifo-clear", fifo_clear),
    SERIAL("irq/transmitter", irq_transmitter),
    SERIAL("irq/receiver", irq_receiver),
    SERIAL("irq/trigger", irq_trigger),
    CASE("irq/timeout", irq_timeout, COM1, DEV_CLOCK),
    SERIAL("irq/priority", irq_priority),
    CASE("irq/modem", irq_modem, COM1, DEV_OURS),
    CASE("four-ports", four_ports, COM1 " " COM1 " " COM1 " " COM1),
    CASE("absent", absent),
    CASE("elsewhere", elsewhere,
         "-chardev null,id=c -device isa-serial,chardev=c,iobase=0x220,irq=11"),
    CASE("output", output, NULL, DEV_ALONE),
    SERIAL("reset", reset),
};

DEV_MAIN("serial", cases)
