/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The user-space local APIC: registers, priorities, the timer, and one CPU alone. Several CPUs and
 * their messages are in intc-ipi.c.
 */
#include "intc-board.h"

#define MASKED 0x10000

static CPUState *cpu0(Board *b)
{
    return hw_machine_cpu(b->ms, 0);
}

/* Enabled, the PIC shut out. */
static Board *apic_board(void)
{
    Board *b = board_pc();

    set_lapic(b, 0xf0, 0x1ff);
    set_lapic(b, 0x350, MASKED);
    return b;
}

static void self_ipi(Board *b, uint8_t vector)
{
    set_lapic(b, 0x300, 1 << 18 | vector);
}

static int ack(Board *b)
{
    return apic_ack(cpu0(b));
}

static void test_power_on(void)
{
    Board *b = board_pc();

    g_assert_cmphex(lapic(b, 0x20), ==, 0);
    g_assert_cmphex(lapic(b, 0x30) & 0xff00ff, ==, 0x050014);
    g_assert_cmphex(lapic(b, 0x80), ==, 0);
    g_assert_cmphex(lapic(b, 0xd0), ==, 0);
    g_assert_cmphex(lapic(b, 0xe0), ==, 0xffffffff);
    g_assert_cmphex(lapic(b, 0xf0), ==, 0xff);
    g_assert_cmphex(lapic(b, 0x320), ==, MASKED);
    g_assert_cmphex(lapic(b, 0x350), ==, 0x700); /* virtual wire */
    g_assert_cmphex(lapic(b, 0x360), ==, MASKED);
    board_free(b);
}

static void test_registers(void)
{
    Board *b = apic_board();

    set_lapic(b, 0xd0, 0xffffffff);
    g_assert_cmphex(lapic(b, 0xd0), ==, 0xff000000);
    set_lapic(b, 0xe0, 0);
    g_assert_cmphex(lapic(b, 0xe0), ==, 0x0fffffff);
    set_lapic(b, 0x20, 0x05ffffff);
    g_assert_cmphex(lapic(b, 0x20), ==, 0x05000000);
    set_lapic(b, 0x320, 0xffffffff);
    g_assert_cmphex(lapic(b, 0x320), ==, 0x700ff);
    set_lapic(b, 0x360, 0xffffffff);
    g_assert_cmphex(lapic(b, 0x360), ==, 0x1a7ff);
    set_lapic(b, 0x370, 0xffffffff);
    g_assert_cmphex(lapic(b, 0x370), ==, 0x100ff);
    set_lapic(b, 0x3e0, 0xff);
    g_assert_cmphex(lapic(b, 0x3e0), ==, 0xb);
    board_free(b);
}

static void test_disabled(void)
{
    Board *b = apic_board();

    set_lapic(b, 0x360, 0x400);
    set_lapic(b, 0xf0, 0xff);
    g_assert_cmphex(lapic(b, 0x360), ==, 0x400 | MASKED);
    set_lapic(b, 0x360, 0x400); /* cannot be unmasked now */
    g_assert_cmphex(lapic(b, 0x360), ==, 0x400 | MASKED);
    self_ipi(b, 0x50);
    set_lapic(b, 0xf0, 0x1ff);
    g_assert_false(apic_pending(cpu0(b)));
    board_free(b);
}

static void test_accept(void)
{
    Board *b = apic_board();

    self_ipi(b, 0x51);
    g_assert_cmphex(lapic(b, 0x220), ==, 1u << 17);
    g_assert_cmphex(ack(b), ==, 0x51);
    g_assert_cmphex(lapic(b, 0x220), ==, 0);
    g_assert_cmphex(lapic(b, 0x120), ==, 1u << 17);
    g_assert_cmphex(lapic(b, 0xa0), ==, 0x50);
    set_lapic(b, 0xb0, 0);
    g_assert_cmphex(lapic(b, 0x120), ==, 0);
    g_assert_cmpint(ack(b), ==, -1);
    board_free(b);
}

static void test_priority(void)
{
    Board *b = apic_board();

    self_ipi(b, 0x60);
    self_ipi(b, 0x85);
    self_ipi(b, 0x82);
    g_assert_cmphex(ack(b), ==, 0x85);
    g_assert_cmpint(ack(b), ==, -1); /* 0x82 is of the same class */
    self_ipi(b, 0x90);
    g_assert_cmphex(ack(b), ==, 0x90);
    set_lapic(b, 0xb0, 0); /* ends 0x90 */
    g_assert_cmpint(ack(b), ==, -1);
    set_lapic(b, 0xb0, 0);
    g_assert_cmphex(ack(b), ==, 0x82);
    set_lapic(b, 0xb0, 0);
    g_assert_cmphex(ack(b), ==, 0x60);
    board_free(b);
}

static void test_tpr(void)
{
    Board *b = apic_board();

    set_lapic(b, 0x80, 0x5f);
    g_assert_cmphex(lapic(b, 0xa0), ==, 0x5f);
    g_assert_cmphex(apic_get_cr8(cpu0(b)), ==, 5);
    self_ipi(b, 0x5a);
    g_assert_false(apic_pending(cpu0(b)));
    self_ipi(b, 0x61);
    g_assert_cmphex(ack(b), ==, 0x61);
    set_lapic(b, 0xb0, 0);
    apic_set_cr8(cpu0(b), 4);
    g_assert_cmphex(lapic(b, 0x80), ==, 0x40);
    g_assert_cmphex(ack(b), ==, 0x5a);
    board_free(b);
}

static void test_esr(void)
{
    Board *b = apic_board();

    set_lapic(b, 0x370, 0x77);
    self_ipi(b, 0x05); /* vectors below 16 cannot be sent */
    g_assert_cmphex(lapic(b, 0x280), ==, 0); /* not latched yet */
    g_assert_cmphex(ack(b), ==, 0x77);
    set_lapic(b, 0xb0, 0);
    set_lapic(b, 0x280, 0);
    g_assert_cmphex(lapic(b, 0x280), ==, 0x20);
    set_lapic(b, 0x280, 0);
    g_assert_cmphex(lapic(b, 0x280), ==, 0);
    lapic(b, 0x3f0); /* no such register */
    set_lapic(b, 0x280, 0);
    g_assert_cmphex(lapic(b, 0x280), ==, 0x80);
    writel(b, 0xfee00000, 0x05); /* nor received, by a message */
    set_lapic(b, 0x280, 0);
    g_assert_cmphex(lapic(b, 0x280), ==, 0x40);
    board_free(b);
}

static void test_virtual_wire(void)
{
    Board *b = board_pc();

    outb(b, 0x20, 0x11);
    outb(b, 0x21, 0x20);
    outb(b, 0x21, 0x04);
    outb(b, 0x21, 0x01);
    irq(b, 1, 1);
    g_assert_true(apic_pending(cpu0(b)));
    g_assert_cmphex(ack(b), ==, 0x21);
    g_assert_cmphex(lapic(b, 0x110), ==, 0); /* ExtINT leaves the ISR alone */
    g_assert_false(apic_pending(cpu0(b)));
    set_lapic(b, 0xf0, 0x1ff);
    set_lapic(b, 0x350, MASKED | 0x700);
    outb(b, 0x20, 0x20);
    irq(b, 3, 1);
    g_assert_false(apic_pending(cpu0(b)));
    set_lapic(b, 0x350, 0x700); /* the level is still there */
    g_assert_cmphex(ack(b), ==, 0x23);
    board_free(b);
}

static void test_lint0_fixed(void)
{
    Board *b = apic_board();

    outb(b, 0x20, 0x11);
    outb(b, 0x21, 0x20);
    outb(b, 0x21, 0x04);
    outb(b, 0x21, 0x01);
    set_lapic(b, 0x350, 0x8066); /* level, fixed */
    irq(b, 1, 1);
    g_assert_cmphex(lapic(b, 0x350), ==, 0xc066); /* remote IRR */
    g_assert_cmphex(ack(b), ==, 0x66);
    set_lapic(b, 0xb0, 0); /* INTR is still up: again */
    g_assert_cmphex(ack(b), ==, 0x66);
    i8259_ack(x86_intc_pic(b->ms));
    set_lapic(b, 0xb0, 0);
    g_assert_cmpint(ack(b), ==, -1);
    g_assert_cmphex(lapic(b, 0x350), ==, 0x8066);
    board_free(b);
}

static void test_timer_oneshot(void)
{
    Board *b = apic_board();

    set_lapic(b, 0x320, 0x40);
    set_lapic(b, 0x3e0, 0x3); /* by 16 */
    set_lapic(b, 0x380, 1000);
    g_assert_cmpuint(lapic(b, 0x390), ==, 1000);
    warp(b, 8000);
    g_assert_cmpuint(lapic(b, 0x390), ==, 500);
    warp(b, 15999);
    g_assert_false(apic_pending(cpu0(b)));
    warp(b, 16000);
    g_assert_cmphex(ack(b), ==, 0x40);
    set_lapic(b, 0xb0, 0);
    g_assert_cmpuint(lapic(b, 0x390), ==, 0);
    g_assert_cmpuint(lapic(b, 0x380), ==, 1000);
    set_lapic(b, 0x320, 0x20040); /* periodic now: that does not start it */
    warp(b, 100000);
    g_assert_false(apic_pending(cpu0(b)));
    g_assert_cmpuint(lapic(b, 0x390), ==, 0);
    board_free(b);
}

static void test_timer_periodic(void)
{
    Board *b = apic_board();

    set_lapic(b, 0x320, 0x20041);
    set_lapic(b, 0x3e0, 0xb); /* by 1 */
    set_lapic(b, 0x380, 5000);
    for (int i = 1; i <= 10; i++) {
        warp(b, i * 5000 - 1);
        g_assert_false(apic_pending(cpu0(b)));
        g_assert_cmpuint(lapic(b, 0x390), ==, 1);
        warp(b, i * 5000);
        g_assert_cmphex(ack(b), ==, 0x41);
        set_lapic(b, 0xb0, 0);
    }
    set_lapic(b, 0x380, 0);
    warp(b, 100000);
    g_assert_false(apic_pending(cpu0(b)));
    board_free(b);
}

static void test_timer_divide(void)
{
    static const uint8_t code[] = { 0xb, 0x0, 0x1, 0x2, 0x3, 0x8, 0x9, 0xa };
    Board *b = apic_board();
    int64_t now = 0;

    set_lapic(b, 0x320, 0x42);
    for (int i = 0; i < 8; i++) {
        set_lapic(b, 0x3e0, code[i]);
        set_lapic(b, 0x380, 100);
        warp(b, now + (100 << i) - 1);
        g_assert_false(apic_pending(cpu0(b)));
        now += 100 << i;
        warp(b, now);
        g_assert_cmphex(ack(b), ==, 0x42);
        set_lapic(b, 0xb0, 0);
    }
    board_free(b);
}

static void test_timer_masked(void)
{
    Board *b = apic_board();

    set_lapic(b, 0x320, MASKED | 0x40);
    set_lapic(b, 0x3e0, 0xb);
    set_lapic(b, 0x380, 100);
    warp(b, 200);
    g_assert_cmpuint(lapic(b, 0x390), ==, 0);
    set_lapic(b, 0x320, 0x40); /* what was missed is not made up for */
    g_assert_false(apic_pending(cpu0(b)));
    board_free(b);
}

static void test_deadline(void)
{
    Board *b = apic_board();
    uint64_t value;

    g_assert_true(apic_msr_write(cpu0(b), 0x6e0, 5000)); /* not in this mode: ignored */
    g_assert_true(apic_msr_read(cpu0(b), 0x6e0, &value));
    g_assert_cmpuint(value, ==, 0);
    set_lapic(b, 0x320, 0x40043);
    set_lapic(b, 0x380, 77); /* the count means nothing here */
    g_assert_cmpuint(lapic(b, 0x390), ==, 0);
    g_assert_true(apic_msr_write(cpu0(b), 0x6e0, 5000)); /* without a vCPU the TSC counts ns */
    warp(b, 4999);
    g_assert_false(apic_pending(cpu0(b)));
    warp(b, 5000);
    g_assert_cmphex(ack(b), ==, 0x43);
    g_assert_true(apic_msr_read(cpu0(b), 0x6e0, &value));
    g_assert_cmpuint(value, ==, 0);
    set_lapic(b, 0xb0, 0);
    apic_msr_write(cpu0(b), 0x6e0, 9000);
    apic_msr_write(cpu0(b), 0x6e0, 0); /* disarms */
    warp(b, 20000);
    g_assert_false(apic_pending(cpu0(b)));
    apic_msr_write(cpu0(b), 0x6e0, 100); /* past: at once */
    warp(b, 20000);
    g_assert_cmphex(ack(b), ==, 0x43);
    apic_msr_write(cpu0(b), 0x6e0, UINT64_MAX); /* far: no overflow */
    warp(b, HW_NS_PER_SEC);
    g_assert_cmpint(ack(b), ==, -1);
    board_free(b);
}

static void test_base_msr(void)
{
    Board *b = board_pc();
    uint64_t value;

    g_assert_true(apic_msr_read(cpu0(b), 0x1b, &value));
    g_assert_cmphex(value, ==, 0xfee00900);
    g_assert_false(apic_msr_write(cpu0(b), 0x1b, 0xfee00500)); /* x2APIC without enable */
    g_assert_false(apic_msr_write(cpu0(b), 0x1b, 0xfee00901)); /* reserved */
    g_assert_true(apic_msr_write(cpu0(b), 0x1b, 0xfee00000)); /* off; the BSP bit stays */
    g_assert_true(apic_msr_read(cpu0(b), 0x1b, &value));
    g_assert_cmphex(value, ==, 0xfee00100);
    g_assert_cmphex(lapic(b, 0x30), ==, 0);
    g_assert_false(apic_msr_write(cpu0(b), 0x1b, 0xfee00c00)); /* off to x2APIC in one step */
    g_assert_true(apic_msr_write(cpu0(b), 0x1b, 0xfee00800));
    g_assert_true(apic_msr_write(cpu0(b), 0x1b, 0xfee00c00));
    g_assert_false(apic_msr_write(cpu0(b), 0x1b, 0xfee00800)); /* no way back but off */
    board_free(b);
}

static void test_x2apic(void)
{
    Board *b = apic_board();
    uint64_t value;

    g_assert_false(apic_msr_read(cpu0(b), 0x802, &value)); /* not in xAPIC mode */
    apic_msr_write(cpu0(b), 0x1b, 0xfee00c00);
    g_assert_cmphex(lapic(b, 0x30), ==, 0); /* the page is gone */
    g_assert_true(apic_msr_read(cpu0(b), 0x80d, &value));
    g_assert_cmphex(value, ==, 1);
    g_assert_false(apic_msr_write(cpu0(b), 0x80d, 1)); /* read-only here */
    g_assert_false(apic_msr_read(cpu0(b), 0x80e, &value)); /* no DFR */
    g_assert_false(apic_msr_read(cpu0(b), 0x80b, &value)); /* EOI is write-only */
    g_assert_false(apic_msr_read(cpu0(b), 0x831, &value)); /* ICR is one register */
    g_assert_false(apic_msr_write(cpu0(b), 0x80b, 1));
    g_assert_false(apic_msr_write(cpu0(b), 0x828, 1));
    g_assert_false(apic_msr_write(cpu0(b), 0x808, 1ull << 32));
    g_assert_true(apic_msr_write(cpu0(b), 0x83f, 0x66)); /* self IPI */
    g_assert_cmphex(ack(b), ==, 0x66);
    g_assert_true(apic_msr_write(cpu0(b), 0x80b, 0));
    g_assert_true(apic_msr_write(cpu0(b), 0x830, 0x67)); /* to id 0 */
    g_assert_cmphex(ack(b), ==, 0x67);
    g_assert_true(apic_msr_read(cpu0(b), 0x830, &value));
    g_assert_cmphex(value, ==, 0x67);
    board_free(b);
}

static void test_page_access(void)
{
    Board *b = apic_board();
    uint8_t byte = 0x70;

    hw_mem_write(b->ms, 0xfee00080, &byte, 1); /* registers are dwords */
    g_assert_cmphex(lapic(b, 0x80), ==, 0);
    writel(b, 0xfee00084, 0x70);
    g_assert_cmphex(lapic(b, 0x80), ==, 0);
    g_assert_cmphex(lapic(b, 0x84), ==, 0);
    board_free(b);
}

static void test_reset(void)
{
    Board *b = apic_board();

    self_ipi(b, 0x51);
    set_lapic(b, 0x320, 0x20040);
    set_lapic(b, 0x380, 100);
    g_assert_true(hw_machine_reset(b->ms, "test", NULL));
    g_assert_cmphex(lapic(b, 0xf0), ==, 0xff);
    g_assert_cmphex(lapic(b, 0x220), ==, 0);
    g_assert_false(apic_pending(cpu0(b)));
    g_assert_cmphex(lapic(b, 0x390), ==, 0); /* the timer has stopped */
    board_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/apic/power-on", test_power_on);
    g_test_add_func("/apic/registers", test_registers);
    g_test_add_func("/apic/software-disabled", test_disabled);
    g_test_add_func("/apic/accept", test_accept);
    g_test_add_func("/apic/priority", test_priority);
    g_test_add_func("/apic/tpr", test_tpr);
    g_test_add_func("/apic/esr", test_esr);
    g_test_add_func("/apic/virtual-wire", test_virtual_wire);
    g_test_add_func("/apic/lint0-fixed-level", test_lint0_fixed);
    g_test_add_func("/apic/timer-oneshot", test_timer_oneshot);
    g_test_add_func("/apic/timer-periodic", test_timer_periodic);
    g_test_add_func("/apic/timer-divide", test_timer_divide);
    g_test_add_func("/apic/timer-masked", test_timer_masked);
    g_test_add_func("/apic/tsc-deadline", test_deadline);
    g_test_add_func("/apic/base-msr", test_base_msr);
    g_test_add_func("/apic/x2apic", test_x2apic);
    g_test_add_func("/apic/page-access", test_page_access);
    g_test_add_func("/apic/reset", test_reset);
    return g_test_run();
}
