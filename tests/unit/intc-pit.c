/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The i8254, pulse by pulse. Time is given in pulses of its clock: at(b, n) is just after pulse n.
 * A count written between pulses k and k+1 is loaded at k+1.
 */
#include "intc-board.h"

static int64_t pulse_ns(int64_t n)
{
    return n / X86_PIT_HZ * HW_NS_PER_SEC +
           (n % X86_PIT_HZ * HW_NS_PER_SEC + X86_PIT_HZ - 1) / X86_PIT_HZ;
}

static void at(Board *b, int64_t pulse)
{
    warp(b, pulse_ns(pulse));
}

static void setup(Board *b, unsigned channel, unsigned mode, uint16_t count, bool bcd)
{
    outb(b, 0x43, channel << 6 | 0x30 | mode << 1 | bcd);
    outb(b, 0x40 + channel, count);
    outb(b, 0x40 + channel, count >> 8);
}

static uint16_t count(Board *b, unsigned channel)
{
    outb(b, 0x43, channel << 6);
    uint8_t low = inb(b, 0x40 + channel);
    return low | inb(b, 0x40 + channel) << 8;
}

static bool out(Board *b, unsigned channel)
{
    return i8254_out(x86_intc_pit(b->ms), channel);
}

static void gate(Board *b, bool level)
{
    outb(b, 0x61, level);
}

/* Up and running: mode 3, 18.2 Hz. */
static void test_power_on(void)
{
    Board *b = board_pc();

    g_assert_true(out(b, 0));
    outb(b, 0x43, 0xe2);
    g_assert_cmphex(inb(b, 0x40) & 0xbf, ==, 0xb6);
    at(b, 32768);
    g_assert_true(out(b, 0));
    at(b, 32769);
    g_assert_false(out(b, 0));
    at(b, 65537);
    g_assert_true(out(b, 0));
    board_free(b);
}

static void test_mode0(void)
{
    Board *b = board_pc();

    setup(b, 0, 0, 100, false);
    g_assert_false(out(b, 0));
    at(b, 1);
    g_assert_cmpuint(count(b, 0), ==, 100);
    at(b, 51);
    g_assert_cmpuint(count(b, 0), ==, 50);
    at(b, 100);
    g_assert_false(out(b, 0));
    at(b, 101); /* N + 1 pulses after the write */
    g_assert_true(out(b, 0));
    g_assert_cmpuint(count(b, 0), ==, 0);
    at(b, 102);
    g_assert_cmphex(count(b, 0), ==, 0xffff);
    g_assert_true(out(b, 0));
    board_free(b);
}

static void test_mode0_gate(void)
{
    Board *b = board_pc();

    setup(b, 2, 0, 100, false); /* GATE is low: loads, but does not count */
    at(b, 10);
    g_assert_cmpuint(count(b, 2), ==, 100);
    gate(b, true);
    at(b, 30);
    g_assert_cmpuint(count(b, 2), ==, 80);
    gate(b, false);
    at(b, 1000);
    g_assert_cmpuint(count(b, 2), ==, 80);
    gate(b, true);
    at(b, 1079);
    g_assert_false(out(b, 2));
    at(b, 1080);
    g_assert_true(out(b, 2));
    board_free(b);
}

static void test_mode0_rewrite(void)
{
    Board *b = board_pc();

    setup(b, 0, 0, 10, false);
    at(b, 20);
    g_assert_true(out(b, 0));
    outb(b, 0x40, 50); /* first byte: stops, OUT low at once */
    g_assert_false(out(b, 0));
    at(b, 500);
    g_assert_false(out(b, 0));
    outb(b, 0x40, 0);
    at(b, 550);
    g_assert_false(out(b, 0));
    at(b, 551);
    g_assert_true(out(b, 0));
    board_free(b);
}

static void test_mode1(void)
{
    Board *b = board_pc();

    setup(b, 2, 1, 40, false);
    at(b, 100);
    g_assert_true(out(b, 2)); /* waits for its trigger */
    gate(b, true);
    g_assert_true(out(b, 2));
    at(b, 101);
    g_assert_false(out(b, 2));
    at(b, 140);
    g_assert_false(out(b, 2));
    at(b, 141);
    g_assert_true(out(b, 2));
    gate(b, false); /* retrigger, and again in the middle */
    gate(b, true);
    at(b, 160);
    gate(b, false);
    g_assert_false(out(b, 2)); /* a falling GATE does nothing */
    gate(b, true);
    at(b, 200);
    g_assert_false(out(b, 2));
    at(b, 201);
    g_assert_true(out(b, 2));
    board_free(b);
}

static void test_mode2(void)
{
    Board *b = board_pc();

    setup(b, 0, 2, 10, false);
    for (int k = 1; k <= 50; k++) { /* loaded at 1; OUT low for the last pulse of each ten */
        at(b, k);
        g_assert_cmpint(out(b, 0), ==, (k - 1) % 10 != 9);
        g_assert_cmpuint(count(b, 0), ==, 10 - (k - 1) % 10);
    }
    board_free(b);
}

static void test_mode2_reload(void)
{
    Board *b = board_pc();

    setup(b, 0, 2, 10, false);
    at(b, 4);
    outb(b, 0x40, 20);
    outb(b, 0x40, 0);
    at(b, 10);
    g_assert_false(out(b, 0)); /* the old cycle ends first */
    at(b, 11);
    g_assert_cmpuint(count(b, 0), ==, 20);
    at(b, 30);
    g_assert_false(out(b, 0));
    at(b, 31);
    g_assert_true(out(b, 0));
    board_free(b);
}

static void test_mode2_gate(void)
{
    Board *b = board_pc();

    gate(b, true);
    setup(b, 2, 2, 10, false);
    at(b, 10);
    g_assert_false(out(b, 2));
    gate(b, false); /* OUT high at once */
    g_assert_true(out(b, 2));
    at(b, 500);
    g_assert_true(out(b, 2));
    gate(b, true); /* starts a whole cycle at the next pulse */
    at(b, 501);
    g_assert_cmpuint(count(b, 2), ==, 10);
    at(b, 510);
    g_assert_false(out(b, 2));
    board_free(b);
}

static void test_mode3(void)
{
    static const uint16_t even[] = { 6, 4, 2, 6, 4, 2 }, odd[] = { 4, 2, 0, 4, 2 };
    Board *b = board_pc();

    setup(b, 0, 3, 6, false);
    for (int k = 1; k <= 30; k++) {
        at(b, k);
        g_assert_cmpint(out(b, 0), ==, (k - 1) % 6 < 3);
        g_assert_cmpuint(count(b, 0), ==, even[(k - 1) % 6]);
    }
    setup(b, 0, 3, 5, false);
    for (int k = 31; k <= 60; k++) { /* high for 3, low for 2 */
        at(b, k);
        g_assert_cmpint(out(b, 0), ==, (k - 31) % 5 < 3);
        g_assert_cmpuint(count(b, 0), ==, odd[(k - 31) % 5]);
    }
    board_free(b);
}

static void test_mode3_reload(void)
{
    Board *b = board_pc();

    setup(b, 0, 3, 20, false);
    at(b, 5);
    outb(b, 0x40, 8);
    outb(b, 0x40, 0);
    at(b, 10);
    g_assert_true(out(b, 0));
    at(b, 11); /* half cycle over: the new count begins with the low half */
    g_assert_false(out(b, 0));
    at(b, 14);
    g_assert_false(out(b, 0));
    at(b, 15);
    g_assert_true(out(b, 0));
    at(b, 19);
    g_assert_false(out(b, 0));
    board_free(b);
}

static void test_mode4(void)
{
    Board *b = board_pc();

    setup(b, 0, 4, 30, false);
    at(b, 30);
    g_assert_true(out(b, 0));
    at(b, 31);
    g_assert_false(out(b, 0)); /* one pulse */
    at(b, 32);
    g_assert_true(out(b, 0));
    at(b, 5000);
    g_assert_true(out(b, 0));
    board_free(b);
}

static void test_mode5(void)
{
    Board *b = board_pc();

    setup(b, 2, 5, 30, false);
    at(b, 200);
    g_assert_true(out(b, 2));
    gate(b, true);
    at(b, 230);
    g_assert_true(out(b, 2));
    at(b, 231);
    g_assert_false(out(b, 2));
    at(b, 232);
    g_assert_true(out(b, 2));
    board_free(b);
}

static void test_bcd(void)
{
    Board *b = board_pc();

    setup(b, 0, 2, 0x1000, true);
    at(b, 2);
    g_assert_cmphex(count(b, 0), ==, 0x0999);
    at(b, 1000);
    g_assert_false(out(b, 0));
    setup(b, 0, 0, 0, true); /* 0 stands for 10000 */
    at(b, 1002);
    g_assert_cmphex(count(b, 0), ==, 0x9999);
    at(b, 11000);
    g_assert_false(out(b, 0));
    at(b, 11001);
    g_assert_true(out(b, 0));
    board_free(b);
}

static void test_zero(void)
{
    Board *b = board_pc();

    setup(b, 0, 0, 0, false);
    at(b, 65536);
    g_assert_false(out(b, 0));
    at(b, 65537);
    g_assert_true(out(b, 0));
    board_free(b);
}

static void test_access(void)
{
    Board *b = board_pc();

    outb(b, 0x43, 0x14); /* counter 0, low byte only, mode 2 */
    outb(b, 0x40, 0x80);
    at(b, 1);
    g_assert_cmphex(inb(b, 0x40), ==, 0x80);
    at(b, 2);
    g_assert_cmphex(inb(b, 0x40), ==, 0x7f);
    outb(b, 0x43, 0x24); /* high byte only */
    outb(b, 0x40, 0x12);
    at(b, 3);
    g_assert_cmphex(inb(b, 0x40), ==, 0x12);
    at(b, 4);
    g_assert_cmphex(inb(b, 0x40), ==, 0x11);
    g_assert_cmphex(inb(b, 0x43), ==, 0xff);
    board_free(b);
}

static void test_latch(void)
{
    Board *b = board_pc();

    setup(b, 0, 2, 0x1234, false);
    at(b, 1);
    outb(b, 0x43, 0x00);
    at(b, 100);
    outb(b, 0x43, 0x00); /* the first one counts */
    at(b, 200);
    g_assert_cmphex(inb(b, 0x40), ==, 0x34);
    g_assert_cmphex(inb(b, 0x40), ==, 0x12);
    g_assert_cmphex(inb(b, 0x40), ==, (0x1234 - 199) & 0xff); /* live again */
    board_free(b);
}

static void test_read_back(void)
{
    Board *b = board_pc();

    setup(b, 0, 2, 10, false);
    outb(b, 0x43, 0xe2); /* status of 0: count not loaded yet */
    g_assert_cmphex(inb(b, 0x40), ==, 0x80 | 0x40 | 0x34);
    at(b, 10);
    outb(b, 0x43, 0xc2); /* status, then count */
    at(b, 20);
    g_assert_cmphex(inb(b, 0x40), ==, 0x34);
    g_assert_cmphex(inb(b, 0x40), ==, 1);
    g_assert_cmphex(inb(b, 0x40), ==, 0);
    outb(b, 0x43, 0xd4); /* count of 1 only: 0 is not latched */
    at(b, 21);
    g_assert_cmphex(inb(b, 0x40), ==, 10);
    board_free(b);
}

static void test_irq0(void)
{
    Board *b = board_pc();
    DeviceState *pic = x86_intc_pic(b->ms);

    outb(b, 0x20, 0x11);
    outb(b, 0x21, 0x20);
    outb(b, 0x21, 0x04);
    outb(b, 0x21, 0x01);
    setup(b, 0, 2, 1000, false);
    i8259_ack(pic); /* OUT went high with the control word */
    outb(b, 0x20, 0x20);
    for (int i = 1; i <= 20; i++) {
        at(b, i * 1000);
        g_assert_false(i8259_pending(pic)); /* low now; it is the end that rises */
        at(b, i * 1000 + 1);
        g_assert_true(i8259_pending(pic));
        g_assert_cmphex(i8259_ack(pic), ==, 0x20);
        outb(b, 0x20, 0x20);
    }
    board_free(b);
}

static unsigned edges;

static void count_edge(void *opaque, IrqLine *line, int level)
{
    edges += level;
}

static void test_irq0_rate(void)
{
    Board *b = board_pc();
    IrqLine *line = x86_intc_gsi(b->ms, 0);

    setup(b, 0, 3, 11932, false); /* 99.998 Hz */
    line->intercept = count_edge;
    edges = 0;
    warp(b, 100 * HW_NS_PER_SEC);
    g_assert_cmpuint(edges, ==, 100ull * X86_PIT_HZ / 11932);
    board_free(b);
}

static void test_long_time(void)
{
    Board *b = board_pc();

    setup(b, 0, 0, 1, false); /* a one-shot: no ticks on the way */
    warp(b, 1000ll * 86400 * HW_NS_PER_SEC); /* 1000 days: no overflow, still exact */
    setup(b, 0, 0, 100, false);
    int64_t start = 1000ll * 86400 * X86_PIT_HZ;
    at(b, start + 100);
    g_assert_false(out(b, 0));
    at(b, start + 101);
    g_assert_true(out(b, 0));
    board_free(b);
}

static void test_port61(void)
{
    Board *b = board_pc();

    setup(b, 2, 0, 100, false);
    at(b, 5);
    g_assert_cmphex(inb(b, 0x61) & 0x23, ==, 0);
    outb(b, 0x61, 0xff);
    g_assert_cmphex(inb(b, 0x61) & 0xcf, ==, 0x03); /* parity checks read 0 */
    at(b, 300);
    g_assert_cmphex(inb(b, 0x61) & 0x23, ==, 0x23);
    outb(b, 0x61, 0x02);
    g_assert_cmphex(inb(b, 0x61) & 0x23, ==, 0x22);
    board_free(b);
}

static void test_refresh(void)
{
    Board *b = board_pc();
    unsigned toggles = 0;
    uint8_t last = inb(b, 0x61) & 0x10;

    for (int ns = 0; ns <= 1000000; ns += 500) {
        warp(b, ns);
        uint8_t now = inb(b, 0x61) & 0x10;
        toggles += now != last;
        last = now;
    }
    g_assert_cmpuint(toggles, ==, 1000000 / 15085);
    board_free(b);
}

static void test_illegal(void)
{
    Board *b = board_pc();

    setup(b, 0, 2, 1, false); /* illegal in mode 2 and 3; must not spin */
    warp(b, HW_NS_PER_SEC);
    setup(b, 0, 7, 1, false);
    warp(b, 2 * HW_NS_PER_SEC);
    g_assert_cmpint(hw_clock_virtual_deadline(b->ms), ==, -1);
    g_assert_true(hw_machine_reset(b->ms, "test", NULL));
    g_assert_cmpint(hw_clock_virtual_deadline(b->ms), >, 0); /* up and running again */
    board_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pit/power-on", test_power_on);
    g_test_add_func("/pit/mode0", test_mode0);
    g_test_add_func("/pit/mode0-gate", test_mode0_gate);
    g_test_add_func("/pit/mode0-rewrite", test_mode0_rewrite);
    g_test_add_func("/pit/mode1", test_mode1);
    g_test_add_func("/pit/mode2", test_mode2);
    g_test_add_func("/pit/mode2-reload", test_mode2_reload);
    g_test_add_func("/pit/mode2-gate", test_mode2_gate);
    g_test_add_func("/pit/mode3", test_mode3);
    g_test_add_func("/pit/mode3-reload", test_mode3_reload);
    g_test_add_func("/pit/mode4", test_mode4);
    g_test_add_func("/pit/mode5", test_mode5);
    g_test_add_func("/pit/bcd", test_bcd);
    g_test_add_func("/pit/zero-is-65536", test_zero);
    g_test_add_func("/pit/access", test_access);
    g_test_add_func("/pit/latch", test_latch);
    g_test_add_func("/pit/read-back", test_read_back);
    g_test_add_func("/pit/irq0", test_irq0);
    g_test_add_func("/pit/irq0-rate", test_irq0_rate);
    g_test_add_func("/pit/long-time", test_long_time);
    g_test_add_func("/pit/port61", test_port61);
    g_test_add_func("/pit/refresh", test_refresh);
    g_test_add_func("/pit/illegal-counts", test_illegal);
    return g_test_run();
}
