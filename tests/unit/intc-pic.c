/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The 8259A pair, case by case from its data sheet. The IOAPIC and LAPIC are left out, so lines and
 * acknowledges are the PIC's alone.
 */
#include "intc-board.h"

static Board *pic_board(void)
{
    X86IntcConfig config = { .mode = ACCEL_IRQCHIP_OFF, .no_ioapic = true, .no_lapic = true };

    return board_new(&config, false, 1, 1);
}

/* As a PC's firmware: vectors 0x20 and 0x28, all open. @icw4 of both chips. */
static void pic_setup(Board *b, uint8_t icw1, uint8_t icw4)
{
    outb(b, 0x20, icw1);
    outb(b, 0x21, 0x20);
    outb(b, 0x21, 0x04);
    outb(b, 0x21, icw4);
    outb(b, 0xa0, icw1);
    outb(b, 0xa1, 0x28);
    outb(b, 0xa1, 0x02);
    outb(b, 0xa1, icw4);
}

static Board *pic_ready(void)
{
    Board *b = pic_board();

    pic_setup(b, 0x11, 0x01);
    return b;
}

static int ack(Board *b)
{
    return i8259_ack(x86_intc_pic(b->ms));
}

static bool intr(Board *b)
{
    return i8259_pending(x86_intc_pic(b->ms));
}

static uint8_t reg(Board *b, uint16_t port, bool isr)
{
    outb(b, port, isr ? 0x0b : 0x0a);
    return inb(b, port);
}

static void test_init(void)
{
    Board *b = pic_ready();

    g_assert_cmphex(inb(b, 0x21), ==, 0);
    outb(b, 0x21, 0xfb);
    g_assert_cmphex(inb(b, 0x21), ==, 0xfb);
    pic_setup(b, 0x11, 0x01); /* ICW1 clears the mask */
    g_assert_cmphex(inb(b, 0x21), ==, 0);
    g_assert_false(intr(b));
    board_free(b);
}

static void test_no_icw4(void)
{
    Board *b = pic_board();

    outb(b, 0x20, 0x10); /* no ICW4: the word after ICW3 is the mask */
    outb(b, 0x21, 0x40);
    outb(b, 0x21, 0x04);
    outb(b, 0x21, 0x5a);
    g_assert_cmphex(inb(b, 0x21), ==, 0x5a);
    outb(b, 0x20, 0x12); /* single: no ICW3 either */
    outb(b, 0x21, 0x40);
    outb(b, 0x21, 0xa5);
    g_assert_cmphex(inb(b, 0x21), ==, 0xa5);
    board_free(b);
}

static void test_edge(void)
{
    Board *b = pic_ready();

    irq(b, 4, 1);
    g_assert_true(intr(b));
    g_assert_cmphex(reg(b, 0x20, false), ==, 0x10);
    g_assert_cmphex(ack(b), ==, 0x24);
    g_assert_cmphex(reg(b, 0x20, false), ==, 0);
    g_assert_cmphex(reg(b, 0x20, true), ==, 0x10);
    outb(b, 0x20, 0x20);
    g_assert_cmphex(reg(b, 0x20, true), ==, 0);
    g_assert_false(intr(b)); /* the line is still up, but that is no edge */
    irq(b, 4, 0);
    irq(b, 4, 1);
    g_assert_true(intr(b));
    board_free(b);
}

static void test_edge_kept(void)
{
    Board *b = pic_ready();

    outb(b, 0x21, 0xff);
    irq(b, 3, 1);
    irq(b, 3, 0);
    g_assert_false(intr(b));
    outb(b, 0x21, 0);
    g_assert_cmphex(ack(b), ==, 0x23);
    board_free(b);
}

static void test_level(void)
{
    Board *b = pic_ready();

    outb(b, 0x4d0, 0x20);
    irq(b, 5, 1);
    g_assert_cmphex(ack(b), ==, 0x25);
    outb(b, 0x20, 0x20);
    g_assert_true(intr(b)); /* still asked for */
    irq(b, 5, 0);
    g_assert_false(intr(b));
    g_assert_cmphex(reg(b, 0x20, false), ==, 0);
    board_free(b);
}

static void test_ltim(void)
{
    Board *b = pic_board();

    pic_setup(b, 0x19, 0x01);
    irq(b, 1, 1);
    g_assert_true(intr(b));
    irq(b, 1, 0);
    g_assert_false(intr(b));
    board_free(b);
}

static void test_elcr(void)
{
    Board *b = pic_ready();

    outb(b, 0x4d0, 0xff); /* 0, 1, 2, 8 and 13 stay edge */
    outb(b, 0x4d1, 0xff);
    g_assert_cmphex(inb(b, 0x4d0), ==, 0xf8);
    g_assert_cmphex(inb(b, 0x4d1), ==, 0xde);
    board_free(b);
}

static void test_priority(void)
{
    Board *b = pic_ready();

    irq(b, 6, 1);
    irq(b, 3, 1);
    g_assert_cmphex(ack(b), ==, 0x23);
    g_assert_false(intr(b)); /* 6 waits for 3's end */
    irq(b, 1, 1);
    g_assert_true(intr(b)); /* 1 does not */
    g_assert_cmphex(ack(b), ==, 0x21);
    outb(b, 0x20, 0x20); /* ends the highest: 1 */
    g_assert_cmphex(reg(b, 0x20, true), ==, 0x08);
    outb(b, 0x20, 0x20);
    g_assert_cmphex(ack(b), ==, 0x26);
    board_free(b);
}

static void test_specific_eoi(void)
{
    Board *b = pic_ready();

    irq(b, 6, 1);
    ack(b);
    irq(b, 3, 1);
    ack(b);
    outb(b, 0x20, 0x66);
    g_assert_cmphex(reg(b, 0x20, true), ==, 0x08);
    outb(b, 0x20, 0x63);
    g_assert_cmphex(reg(b, 0x20, true), ==, 0);
    board_free(b);
}

static void test_rotate_eoi(void)
{
    Board *b = pic_ready();

    irq(b, 3, 1);
    ack(b);
    outb(b, 0x20, 0xa0); /* 3 becomes the lowest: 4 is first */
    irq(b, 1, 1);
    irq(b, 5, 1);
    g_assert_cmphex(ack(b), ==, 0x25);
    board_free(b);
}

static void test_rotate_specific(void)
{
    Board *b = pic_ready();

    irq(b, 6, 1);
    ack(b);
    irq(b, 4, 1);
    ack(b);
    outb(b, 0x20, 0xe6); /* end 6, make it the lowest */
    g_assert_cmphex(reg(b, 0x20, true), ==, 0x10);
    outb(b, 0x20, 0x20);
    irq(b, 7, 1);
    irq(b, 0, 1);
    g_assert_cmphex(ack(b), ==, 0x27);
    board_free(b);
}

static void test_set_priority(void)
{
    Board *b = pic_ready();

    outb(b, 0x20, 0xc4); /* 4 lowest, 5 first */
    irq(b, 4, 1);
    irq(b, 0, 1);
    irq(b, 5, 1);
    g_assert_cmphex(ack(b), ==, 0x25);
    outb(b, 0x20, 0x20);
    g_assert_cmphex(ack(b), ==, 0x20);
    outb(b, 0x20, 0x20);
    g_assert_cmphex(ack(b), ==, 0x24);
    board_free(b);
}

static void test_auto_eoi(void)
{
    Board *b = pic_board();

    pic_setup(b, 0x11, 0x03);
    irq(b, 4, 1);
    irq(b, 6, 1);
    g_assert_cmphex(ack(b), ==, 0x24);
    g_assert_cmphex(reg(b, 0x20, true), ==, 0);
    g_assert_cmphex(ack(b), ==, 0x26);
    board_free(b);
}

static void test_rotate_auto(void)
{
    Board *b = pic_board();

    pic_setup(b, 0x11, 0x03);
    outb(b, 0x20, 0x80);
    irq(b, 4, 1);
    ack(b); /* now 5 is first */
    irq(b, 3, 1);
    irq(b, 6, 1);
    g_assert_cmphex(ack(b), ==, 0x26);
    outb(b, 0x20, 0x00); /* off: 7 stays first */
    g_assert_cmphex(ack(b), ==, 0x23);
    irq(b, 7, 1);
    irq(b, 0, 1);
    g_assert_cmphex(ack(b), ==, 0x27);
    board_free(b);
}

static void test_special_mask(void)
{
    Board *b = pic_ready();

    irq(b, 3, 1);
    ack(b);
    irq(b, 6, 1);
    g_assert_false(intr(b));
    outb(b, 0x21, 0x08);
    g_assert_false(intr(b));
    outb(b, 0x20, 0x68); /* special mask: 3, masked, holds nobody up */
    g_assert_cmphex(ack(b), ==, 0x26);
    outb(b, 0x20, 0x20); /* ends 6, not the masked 3 */
    g_assert_cmphex(reg(b, 0x20, true), ==, 0x08);
    outb(b, 0x20, 0x48);
    outb(b, 0x20, 0x20);
    g_assert_cmphex(reg(b, 0x20, true), ==, 0);
    board_free(b);
}

static void test_cascade(void)
{
    Board *b = pic_ready();

    irq(b, 12, 1);
    g_assert_cmphex(reg(b, 0x20, false), ==, 0x04);
    g_assert_cmphex(ack(b), ==, 0x2c);
    g_assert_cmphex(reg(b, 0x20, true), ==, 0x04);
    g_assert_cmphex(reg(b, 0xa0, true), ==, 0x10);
    irq(b, 9, 1); /* higher on the slave, but the master holds IR2 */
    g_assert_false(intr(b));
    irq(b, 1, 1);
    g_assert_cmphex(ack(b), ==, 0x21);
    outb(b, 0x20, 0x20);
    outb(b, 0xa0, 0x20);
    outb(b, 0x20, 0x20);
    g_assert_cmphex(ack(b), ==, 0x29);
    board_free(b);
}

static void test_cascade_line(void)
{
    Board *b = pic_ready();

    irq(b, 2, 1); /* nothing outside can drive it */
    g_assert_false(intr(b));
    g_assert_cmphex(reg(b, 0x20, false), ==, 0);
    board_free(b);
}

static void test_special_nested(void)
{
    Board *b = pic_board();

    pic_setup(b, 0x11, 0x11);
    irq(b, 12, 1);
    ack(b);
    irq(b, 14, 1); /* lower on the slave: waits */
    g_assert_false(intr(b));
    irq(b, 9, 1); /* higher on the slave: goes through */
    g_assert_true(intr(b));
    g_assert_cmphex(ack(b), ==, 0x29);
    board_free(b);
}

static void test_spurious(void)
{
    Board *b = pic_ready();

    outb(b, 0x4d0, 0x20);
    irq(b, 5, 1);
    irq(b, 5, 0);
    g_assert_cmphex(ack(b), ==, 0x27);
    g_assert_cmphex(reg(b, 0x20, true), ==, 0); /* not in service */
    outb(b, 0x4d1, 0x02);
    irq(b, 9, 1);
    irq(b, 9, 0);
    g_assert_cmphex(ack(b), ==, 0x2f);
    g_assert_cmphex(reg(b, 0xa0, true), ==, 0);
    g_assert_cmphex(reg(b, 0x20, true), ==, 0x04); /* the master does not know */
    board_free(b);
}

static void test_poll(void)
{
    Board *b = pic_ready();

    outb(b, 0x20, 0x0c);
    g_assert_cmphex(inb(b, 0x20), ==, 0);
    irq(b, 6, 1);
    outb(b, 0x20, 0x0c);
    g_assert_cmphex(inb(b, 0x21), ==, 0x86); /* either port will do */
    g_assert_cmphex(reg(b, 0x20, true), ==, 0x40);
    g_assert_false(intr(b));
    board_free(b);
}

static void test_poll_slave(void)
{
    Board *b = pic_ready();

    irq(b, 10, 1);
    outb(b, 0xa0, 0x0c);
    g_assert_cmphex(inb(b, 0xa0), ==, 0x82);
    g_assert_false(intr(b));
    g_assert_cmphex(reg(b, 0x20, false), ==, 0);
    board_free(b);
}

static void test_vector_bits(void)
{
    Board *b = pic_board();

    outb(b, 0x20, 0x11);
    outb(b, 0x21, 0x57); /* the low three bits are not the vector's */
    outb(b, 0x21, 0x04);
    outb(b, 0x21, 0x01);
    irq(b, 1, 1);
    g_assert_cmphex(ack(b), ==, 0x51);
    board_free(b);
}

static void test_reset(void)
{
    Board *b = pic_ready();

    outb(b, 0x4d0, 0x20);
    irq(b, 5, 1);
    irq(b, 5, 0);
    g_assert_true(hw_machine_reset(b->ms, "test", NULL));
    g_assert_cmphex(inb(b, 0x4d0), ==, 0);
    g_assert_cmphex(reg(b, 0x20, false), ==, 0);
    g_assert_false(intr(b));
    board_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pic/init", test_init);
    g_test_add_func("/pic/no-icw4", test_no_icw4);
    g_test_add_func("/pic/edge", test_edge);
    g_test_add_func("/pic/edge-kept-while-masked", test_edge_kept);
    g_test_add_func("/pic/level", test_level);
    g_test_add_func("/pic/ltim", test_ltim);
    g_test_add_func("/pic/elcr", test_elcr);
    g_test_add_func("/pic/priority", test_priority);
    g_test_add_func("/pic/specific-eoi", test_specific_eoi);
    g_test_add_func("/pic/rotate-on-eoi", test_rotate_eoi);
    g_test_add_func("/pic/rotate-on-specific-eoi", test_rotate_specific);
    g_test_add_func("/pic/set-priority", test_set_priority);
    g_test_add_func("/pic/auto-eoi", test_auto_eoi);
    g_test_add_func("/pic/rotate-in-auto-eoi", test_rotate_auto);
    g_test_add_func("/pic/special-mask", test_special_mask);
    g_test_add_func("/pic/cascade", test_cascade);
    g_test_add_func("/pic/cascade-input", test_cascade_line);
    g_test_add_func("/pic/special-fully-nested", test_special_nested);
    g_test_add_func("/pic/spurious", test_spurious);
    g_test_add_func("/pic/poll", test_poll);
    g_test_add_func("/pic/poll-slave", test_poll_slave);
    g_test_add_func("/pic/vector-base", test_vector_bits);
    g_test_add_func("/pic/reset", test_reset);
    return g_test_run();
}
