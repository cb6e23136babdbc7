/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * 16550A: every register, the FIFOs, the interrupts, loop mode, the line's errors and a slow peer.
 */
#include <errno.h>
#include <string.h>
#include "dev-rig.h"

enum { RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR, THR = RBR, DLL = RBR, DLM = IER, FCR = IIR };
#define COM1 0x3f8
#define IRQ 4
#define CHAR_9600_NS (7 * HW_NS_PER_SEC / 9600) /* 5N1, what a reset leaves */

/* A peer that keeps what it gets, has limited room and can talk. */
typedef struct Peer {
    Chardev chr;
    char got[256];
    size_t n, room;
    unsigned accepts;
} Peer;

static ssize_t peer_write(Chardev *chr, const uint8_t *buf, size_t len)
{
    Peer *p = (Peer *)chr;

    if (p->room == 0) {
        return -EAGAIN;
    }
    p->room--;
    p->got[p->n++ % sizeof p->got] = (char)buf[0];
    return 1;
}

static void peer_accept(Chardev *chr)
{
    ((Peer *)chr)->accepts++;
}

static const ChardevClass peer_class = {
    .type = { .name = "chardev-peer", .parent = &hw_type_chardev, .instance_size = sizeof(Peer) },
    .write = peer_write, .accept_input = peer_accept,
};

typedef struct Uart {
    Rig *rig;
    Peer *peer;
} Uart;

static void setup(Uart *u, gconstpointer data)
{
    u->rig = rig_new(NULL);
    u->peer = (Peer *)rig_chardev(u->rig, &peer_class.type, "c");
    u->peer->room = SIZE_MAX;
    rig_device(u->rig, &isa_serial_class, PROPS("chardev", "c"));
    rig_reset(u->rig);
}

static void teardown(Uart *u, gconstpointer data)
{
    rig_free(u->rig);
}

static uint8_t in(Uart *u, unsigned reg)
{
    return (uint8_t)rig_in(u->rig, (uint16_t)(COM1 + reg));
}

static void out(Uart *u, unsigned reg, uint8_t value)
{
    rig_out(u->rig, (uint16_t)(COM1 + reg), value);
}

/* Feed as a back end does: never more than is welcome. Returns: how many were taken. */
static size_t feed(Uart *u, const char *text)
{
    size_t n = 0;

    while (text[n] && chardev_fe_can_read(&u->peer->chr) > 0) {
        chardev_fe_read(&u->peer->chr, (const uint8_t *)&text[n++], 1);
    }
    return n;
}

static int level(Uart *u)
{
    return u->rig->level[IRQ];
}

static void test_power_on(Uart *u, gconstpointer data)
{
    static const uint8_t want[8] = { 0x00, 0x00, 0x01, 0x00, 0x08, 0x60, 0xb0, 0x00 };

    for (unsigned i = 0; i < 8; i++) {
        g_assert_cmphex(in(u, i), ==, want[i]);
    }
}

static void test_scratch(Uart *u, gconstpointer data)
{
    for (unsigned v = 0; v < 256; v++) {
        out(u, SCR, (uint8_t)v);
        g_assert_cmphex(in(u, SCR), ==, v);
    }
}

static void test_register_masks(Uart *u, gconstpointer data)
{
    out(u, IER, 0xff);
    g_assert_cmphex(in(u, IER), ==, 0x0f);
    out(u, MCR, 0xff);
    g_assert_cmphex(in(u, MCR), ==, 0x1f);
    out(u, LCR, 0x7f);
    g_assert_cmphex(in(u, LCR), ==, 0x7f);
    out(u, LSR, 0x00);
    g_assert_cmphex(in(u, LSR) & 0x60, ==, 0x60);
}

static void test_divisor(Uart *u, gconstpointer data)
{
    out(u, IER, 0x05);
    out(u, LCR, 0x80);
    g_assert_cmphex(in(u, DLL), ==, 12);
    out(u, DLL, 0x34);
    out(u, DLM, 0x12);
    g_assert_cmphex(in(u, DLL), ==, 0x34);
    g_assert_cmphex(in(u, DLM), ==, 0x12);
    g_assert_cmpuint(u->peer->n, ==, 0);
    out(u, LCR, 0x03);
    g_assert_cmphex(in(u, IER), ==, 0x05);
}

static void test_transmit(Uart *u, gconstpointer data)
{
    out(u, THR, 'o');
    out(u, THR, 'k');
    g_assert_cmpmem(u->peer->got, u->peer->n, "ok", 2);
    g_assert_cmphex(in(u, LSR), ==, 0x60);
}

static void test_receive(Uart *u, gconstpointer data)
{
    g_assert_cmpuint(feed(u, "xy"), ==, 1); /* one place without FIFO */
    g_assert_cmphex(in(u, LSR), ==, 0x61);
    g_assert_cmphex(in(u, RBR), ==, 'x');
    g_assert_cmphex(in(u, LSR), ==, 0x60);
    g_assert_cmphex(in(u, RBR), ==, 'x');
    g_assert_cmpuint(u->peer->accepts, >, 0);
}

static void test_receive_irq(Uart *u, gconstpointer data)
{
    feed(u, "a");
    g_assert_cmpint(level(u), ==, 0);
    out(u, IER, 0x01);
    g_assert_cmpint(level(u), ==, 1);
    g_assert_cmphex(in(u, IIR), ==, 0x04);
    g_assert_cmpint(level(u), ==, 1); /* reading IIR does not acknowledge it */
    in(u, RBR);
    g_assert_cmpint(level(u), ==, 0);
    g_assert_cmphex(in(u, IIR), ==, 0x01);
}

static void test_thre_irq(Uart *u, gconstpointer data)
{
    out(u, IER, 0x02);
    g_assert_cmpint(level(u), ==, 1);
    g_assert_cmphex(in(u, IIR), ==, 0x02);
    g_assert_cmpint(level(u), ==, 0); /* acknowledged by reading IIR */
    g_assert_cmphex(in(u, IIR), ==, 0x01);
    out(u, IER, 0x02);
    g_assert_cmpint(level(u), ==, 0); /* no change, no new interrupt */
    out(u, IER, 0x00);
    out(u, IER, 0x02);
    g_assert_cmpint(level(u), ==, 1);
}

static void test_thre_edge(Uart *u, gconstpointer data)
{
    unsigned rises;

    out(u, IER, 0x02);
    rises = u->rig->rises[IRQ];
    out(u, THR, 'a'); /* not acknowledged: must fall and rise again */
    g_assert_cmpuint(u->rig->rises[IRQ], ==, rises + 1);
    g_assert_cmpint(level(u), ==, 1);
}

static void test_priority(Uart *u, gconstpointer data)
{
    out(u, IER, 0x0f);
    feed(u, "a");
    chardev_fe_read(&u->peer->chr, (const uint8_t *)"b", 1); /* overrun */
    out(u, MCR, 0x18);
    out(u, MCR, 0x08); /* modem lines changed there and back */
    g_assert_cmphex(in(u, IIR), ==, 0x06);
    in(u, LSR);
    g_assert_cmphex(in(u, IIR), ==, 0x04);
    in(u, RBR);
    g_assert_cmphex(in(u, IIR), ==, 0x02);
    g_assert_cmphex(in(u, IIR), ==, 0x00);
    in(u, MSR);
    g_assert_cmphex(in(u, IIR), ==, 0x01);
    g_assert_cmpint(level(u), ==, 0);
}

static void test_fifo_detect(Uart *u, gconstpointer data)
{
    out(u, FCR, 0x01);
    g_assert_cmphex(in(u, IIR), ==, 0xc1);
    out(u, FCR, 0xc0); /* without the enable bit */
    g_assert_cmphex(in(u, IIR), ==, 0x01);
}

static void test_fifo_depth(Uart *u, gconstpointer data)
{
    out(u, FCR, 0x01);
    g_assert_cmpuint(feed(u, "0123456789abcdefXYZ"), ==, 16);
    for (unsigned i = 0; i < 16; i++) {
        g_assert_cmphex(in(u, LSR), ==, 0x61);
        g_assert_cmphex(in(u, RBR), ==, "0123456789abcdef"[i]);
    }
    g_assert_cmphex(in(u, LSR), ==, 0x60);
}

static void test_trigger(Uart *u, gconstpointer data)
{
    static const unsigned levels[4] = { 1, 4, 8, 14 };

    out(u, IER, 0x01);
    for (unsigned i = 0; i < 4; i++) {
        out(u, FCR, (uint8_t)(0x01 | 0x02 | i << 6));
        for (unsigned n = 1; n <= 16; n++) {
            feed(u, "q");
            g_assert_cmpint(level(u), ==, n >= levels[i]);
        }
        for (unsigned n = 16; n-- > 0;) {
            in(u, RBR);
            g_assert_cmpint(level(u), ==, n >= levels[i]);
        }
    }
}

static void test_timeout(Uart *u, gconstpointer data)
{
    out(u, FCR, 0xc1);
    out(u, IER, 0x01);
    feed(u, "ab");
    rig_step(u->rig, 4 * CHAR_9600_NS - 10);
    g_assert_cmpint(level(u), ==, 0);
    rig_step(u->rig, 20);
    g_assert_cmpint(level(u), ==, 1);
    g_assert_cmphex(in(u, IIR), ==, 0xcc);
    in(u, RBR);
    g_assert_cmpint(level(u), ==, 0);
    rig_step(u->rig, 4 * CHAR_9600_NS + 10); /* one is still there */
    g_assert_cmphex(in(u, IIR), ==, 0xcc);
    in(u, RBR);
    rig_step(u->rig, HW_NS_PER_SEC);
    g_assert_cmphex(in(u, IIR), ==, 0xc1);
}

static void test_timeout_restarts(Uart *u, gconstpointer data)
{
    out(u, FCR, 0xc1);
    out(u, IER, 0x01);
    for (int i = 0; i < 5; i++) {
        feed(u, "a");
        rig_step(u->rig, 3 * CHAR_9600_NS);
        g_assert_cmpint(level(u), ==, 0);
    }
}

static void test_timeout_speed(Uart *u, gconstpointer data)
{
    out(u, LCR, 0x80);
    out(u, DLL, 1);
    out(u, DLM, 0);
    out(u, LCR, 0x1f); /* 8 data, parity, 2 stop: 12 bits */
    out(u, FCR, 0xc1);
    out(u, IER, 0x01);
    feed(u, "a");
    rig_step(u->rig, 4 * (12 * HW_NS_PER_SEC / 115200) - 10);
    g_assert_cmpint(level(u), ==, 0);
    rig_step(u->rig, 20);
    g_assert_cmpint(level(u), ==, 1);
}

static void test_no_timeout_without_fifo(Uart *u, gconstpointer data)
{
    feed(u, "a");
    rig_step(u->rig, HW_NS_PER_SEC);
    out(u, IER, 0x01);
    g_assert_cmphex(in(u, IIR), ==, 0x04);
}

static void test_fifo_clear(Uart *u, gconstpointer data)
{
    out(u, FCR, 0x01);
    feed(u, "abc");
    out(u, FCR, 0x03);
    g_assert_cmphex(in(u, LSR), ==, 0x60);
    feed(u, "abc");
    out(u, FCR, 0x00); /* a change of mode clears as well */
    g_assert_cmphex(in(u, LSR), ==, 0x60);
}

static void test_overrun(Uart *u, gconstpointer data)
{
    feed(u, "a");
    chardev_fe_read(&u->peer->chr, (const uint8_t *)"b", 1);
    g_assert_cmphex(in(u, LSR), ==, 0x63);
    g_assert_cmphex(in(u, LSR), ==, 0x61); /* shown once */
    g_assert_cmphex(in(u, RBR), ==, 'b'); /* the old one is the lost one */
}

static void test_fifo_overrun(Uart *u, gconstpointer data)
{
    out(u, FCR, 0x01);
    feed(u, "0123456789abcdef");
    chardev_fe_read(&u->peer->chr, (const uint8_t *)"X", 1);
    g_assert_cmphex(in(u, LSR), ==, 0x63);
    for (unsigned i = 0; i < 15; i++) {
        in(u, RBR);
    }
    g_assert_cmphex(in(u, RBR), ==, 'f'); /* the new one is the lost one */
}

static void test_break(Uart *u, gconstpointer data)
{
    out(u, IER, 0x04);
    chardev_fe_event(&u->peer->chr, CHARDEV_EVENT_BREAK);
    g_assert_cmpint(level(u), ==, 1);
    g_assert_cmphex(in(u, IIR), ==, 0x06);
    g_assert_cmphex(in(u, LSR), ==, 0x71);
    g_assert_cmpint(level(u), ==, 0);
    g_assert_cmphex(in(u, RBR), ==, 0);
}

/* The error belongs to its character: seen when that is on top, announced by bit 7 before. */
static void test_break_in_fifo(Uart *u, gconstpointer data)
{
    out(u, FCR, 0x01);
    feed(u, "a");
    chardev_fe_event(&u->peer->chr, CHARDEV_EVENT_BREAK);
    g_assert_cmphex(in(u, LSR), ==, 0xe1);
    in(u, RBR);
    g_assert_cmphex(in(u, LSR), ==, 0xf1);
    g_assert_cmphex(in(u, LSR), ==, 0x61);
}

static void test_loop_data(Uart *u, gconstpointer data)
{
    out(u, LCR, 0x03);
    out(u, MCR, 0x10);
    out(u, THR, 0xa5);
    g_assert_cmphex(in(u, RBR), ==, 0xa5);
    g_assert_cmpuint(u->peer->n, ==, 0);
    g_assert_cmpuint(feed(u, "x"), ==, 0); /* the outside waits */
    out(u, LCR, 0x00);
    out(u, THR, 0xff);
    g_assert_cmphex(in(u, RBR), ==, 0xff); /* whole bytes in every format */
    out(u, MCR, 0x00);
    g_assert_cmpuint(feed(u, "x"), ==, 1);
}

static void test_loop_modem(Uart *u, gconstpointer data)
{
    out(u, MCR, 0x1a);
    g_assert_cmphex(in(u, MSR) & 0xf0, ==, 0x90); /* how Linux finds a UART */
    out(u, MCR, 0x15);
    g_assert_cmphex(in(u, MSR), ==, 0x60 | 0x0b); /* RI came: no trailing edge yet */
    out(u, MCR, 0x11);
    g_assert_cmphex(in(u, MSR), ==, 0x20 | 0x04); /* RI went */
    g_assert_cmphex(in(u, MSR), ==, 0x20);
}

static void test_loop_modem_irq(Uart *u, gconstpointer data)
{
    out(u, MCR, 0x10);
    in(u, MSR);
    out(u, IER, 0x08);
    g_assert_cmpint(level(u), ==, 0);
    out(u, MCR, 0x12);
    g_assert_cmpint(level(u), ==, 1);
    g_assert_cmphex(in(u, IIR), ==, 0x00);
    in(u, MSR);
    g_assert_cmpint(level(u), ==, 0);
}

static void test_loop_break(Uart *u, gconstpointer data)
{
    out(u, MCR, 0x10);
    out(u, LCR, 0x43);
    g_assert_cmphex(in(u, LSR), ==, 0x71);
}

static void test_slow_peer(Uart *u, gconstpointer data)
{
    u->peer->room = 0;
    out(u, FCR, 0x01);
    out(u, THR, 'a');
    g_assert_cmphex(in(u, LSR), ==, 0x20); /* one in the shift register */
    out(u, THR, 'b');
    g_assert_cmphex(in(u, LSR), ==, 0x00);
    rig_step(u->rig, 10 * CHAR_9600_NS);
    g_assert_cmpuint(u->peer->n, ==, 0);
    u->peer->room = SIZE_MAX;
    rig_step(u->rig, 2 * CHAR_9600_NS);
    g_assert_cmpmem(u->peer->got, u->peer->n, "ab", 2);
    g_assert_cmphex(in(u, LSR), ==, 0x60);
}

static void test_stuck_peer(Uart *u, gconstpointer data)
{
    u->peer->room = 0;
    out(u, THR, 'a');
    rig_step(u->rig, 2000 * CHAR_9600_NS);
    g_assert_cmphex(in(u, LSR), ==, 0x60); /* given up */
    u->peer->room = 1;
    out(u, THR, 'b');
    g_assert_cmpmem(u->peer->got, u->peer->n, "b", 1);
}

static void test_reset(Uart *u, gconstpointer data)
{
    out(u, FCR, 0xc1);
    out(u, IER, 0x0f);
    out(u, LCR, 0x1b);
    feed(u, "abc");
    rig_reset(u->rig);
    g_assert_cmpint(level(u), ==, 0);
    test_power_on(u, data);
}

static void test_wide_access(Uart *u, gconstpointer data)
{
    hw_port_write(u->rig->ms, COM1 + MCR, 0x5a03, 2);
    g_assert_cmphex(in(u, MCR), ==, 0x03);
    hw_port_write(u->rig->ms, COM1 + SCR, 0x77, 1);
    g_assert_cmphex(hw_port_read(u->rig->ms, COM1 + MSR, 2), ==, 0x77b0);
}

/* ---- where it sits ---- */

static void test_places(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);
    static const uint16_t base[4] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };
    static const unsigned irq[4] = { 4, 3, 4, 3 };

    for (unsigned i = 0; i < 4; i++) {
        rig_device(rig, &isa_serial_class, NULL);
    }
    for (unsigned i = 0; i < 4; i++) {
        unsigned rises = rig->rises[irq[i]];

        g_assert_cmphex(rig_in(rig, base[i] + LSR), ==, 0x60);
        rig_out(rig, base[i] + IER, 0x02);
        g_assert_cmpuint(rig->rises[irq[i]], ==, rises + 1);
        rig_out(rig, base[i] + IER, 0x00);
    }
    rig_refused(rig, &isa_serial_class, NULL, "Max. supported number of ISA serial ports is 4.");
}

static void test_own_place(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);

    rig_device(rig, &isa_serial_class, PROPS("iobase", "0x1000", "irq", "11"));
    rig_out(rig, 0x1000 + IER, 0x02);
    g_assert_cmpint(rig->level[11], ==, 1);
}

static void test_refused(void)
{
    g_autoptr(Rig) rig = rig_new(NULL);
    const DeviceClass *k = &isa_serial_class;

    rig_chardev(rig, &chardev_null_class.type, "c");
    rig_refused(rig, k, PROPS("iobase", "0xfff9"), "iobase=0xfff9 is out of range");
    rig_refused(rig, k, PROPS("irq", "16"), "irq=16 is out of range");
    rig_refused(rig, k, PROPS("index", "4"), "Max. supported number");
    rig_refused(rig, k, PROPS("baudbase", "0"), "baudbase");
    rig_refused(rig, k, PROPS("chardev", "nix"), "'isa-serial.chardev' can't find value 'nix'");
    rig_device(rig, k, PROPS("chardev", "c"));
    rig_refused(rig, k, PROPS("chardev", "c"), "'c' is in use");
    rig_refused(rig, k, PROPS("index", "0"), "ports 0x3f8-0x3ff are in use by serial");
    rig_refused(rig, k, PROPS("iobase", "0x3f1"), "are in use by serial (0x3f8-0x3ff)");
    rig_device(rig, k, PROPS("iobase", "0x3f0"));
}

#define CASE(name) g_test_add("/serial/" #name, Uart, NULL, setup, test_##name, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    CASE(power_on);
    CASE(scratch);
    CASE(register_masks);
    CASE(divisor);
    CASE(transmit);
    CASE(receive);
    CASE(receive_irq);
    CASE(thre_irq);
    CASE(thre_edge);
    CASE(priority);
    CASE(fifo_detect);
    CASE(fifo_depth);
    CASE(trigger);
    CASE(timeout);
    CASE(timeout_restarts);
    CASE(timeout_speed);
    CASE(no_timeout_without_fifo);
    CASE(fifo_clear);
    CASE(overrun);
    CASE(fifo_overrun);
    CASE(break);
    CASE(break_in_fifo);
    CASE(loop_data);
    CASE(loop_modem);
    CASE(loop_modem_irq);
    CASE(loop_break);
    CASE(slow_peer);
    CASE(stuck_peer);
    CASE(reset);
    CASE(wide_access);
    g_test_add_func("/serial/places", test_places);
    g_test_add_func("/serial/own_place", test_own_place);
    g_test_add_func("/serial/refused", test_refused);
    return g_test_run();
}
