/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The IOAPIC through its window. What it sends is seen two ways: as messages to an accelerator that
 * has the LAPICs (split), and as interrupts in a user-space LAPIC.
 */
#include "intc-board.h"

#define LOW(pin) (0x10 + 2 * (pin))
#define HIGH(pin) (0x11 + 2 * (pin))
#define MASKED 0x10000
#define LEVEL 0x8000
#define REMOTE_IRR 0x4000

static Board *split(void)
{
    Board *b = board_new(&(X86IntcConfig){ .mode = ACCEL_IRQCHIP_SPLIT }, true, 1, 1);

    board_log(b, "");
    return b;
}

static void test_ident(void)
{
    Board *b = board_pc();

    g_assert_cmphex(ioapic(b, 1), ==, 0x00170020);
    set_ioapic(b, 0, 0xffffffff);
    g_assert_cmphex(ioapic(b, 0), ==, 0x0f000000);
    g_assert_cmphex(ioapic(b, 2), ==, 0x0f000000); /* arbitration id follows */
    set_ioapic(b, 1, 0);
    g_assert_cmphex(ioapic(b, 1), ==, 0x00170020);
    g_assert_cmphex(ioapic(b, 3), ==, 0);
    g_assert_cmphex(ioapic(b, 0x40), ==, 0); /* pin 24 */
    g_assert_cmphex(readl(b, X86_IOAPIC_GPA), ==, 0x40);
    board_free(b);
}

static void test_entry(void)
{
    Board *b = board_pc();

    for (int pin = 0; pin < 24; pin++) {
        g_assert_cmphex(ioapic(b, LOW(pin)), ==, MASKED);
        g_assert_cmphex(ioapic(b, HIGH(pin)), ==, 0);
    }
    set_ioapic(b, LOW(7), 0xffffffff);
    set_ioapic(b, HIGH(7), 0xffffffff);
    g_assert_cmphex(ioapic(b, LOW(7)), ==, 0x1afff); /* status bits are read-only */
    g_assert_cmphex(ioapic(b, HIGH(7)), ==, 0xfffe0000);
    board_free(b);
}

static void test_edge(void)
{
    Board *b = split();

    set_ioapic(b, HIGH(4), 0x03000000);
    set_ioapic(b, LOW(4), 0x41);
    board_log(b, "route 4 fee03000 4041;");
    irq(b, 4, 1);
    board_log(b, "msi fee03000 4041;");
    irq(b, 4, 1);
    irq(b, 4, 0);
    board_log(b, "");
    irq(b, 4, 1);
    board_log(b, "msi fee03000 4041;");
    board_free(b);
}

static void test_edge_masked(void)
{
    Board *b = split();

    irq(b, 4, 1); /* ignored, not remembered: data sheet, "interrupt mask" */
    set_ioapic(b, LOW(4), 0x41);
    board_log(b, "route 4 fee00000 4041;");
    board_free(b);
}

static void test_level(void)
{
    Board *b = split();

    set_ioapic(b, LOW(10), LEVEL | 0x61);
    board_log(b, "route 10 fee00000 c061;");
    irq(b, 10, 1);
    board_log(b, "msi fee00000 c061;");
    g_assert_cmphex(ioapic(b, LOW(10)), ==, REMOTE_IRR | LEVEL | 0x61);
    irq(b, 10, 0);
    irq(b, 10, 1);
    board_log(b, ""); /* remote IRR holds it */
    b->ms->intc.eoi(b->ms->intc.eoi_opaque, 0x61);
    board_log(b, "msi fee00000 c061;");
    irq(b, 10, 0);
    b->ms->intc.eoi(b->ms->intc.eoi_opaque, 0x61);
    board_log(b, "");
    g_assert_cmphex(ioapic(b, LOW(10)), ==, LEVEL | 0x61);
    board_free(b);
}

static void test_level_masked(void)
{
    Board *b = split();

    set_ioapic(b, LOW(10), MASKED | LEVEL | 0x61);
    irq(b, 10, 1);
    board_log(b, "");
    set_ioapic(b, LOW(10), LEVEL | 0x61); /* still up: sent now */
    board_log(b, "route 10 fee00000 c061;msi fee00000 c061;");
    board_free(b);
}

static void test_eoi_register(void)
{
    Board *b = split();

    set_ioapic(b, LOW(10), LEVEL | 0x61);
    set_ioapic(b, LOW(11), LEVEL | 0x62);
    irq(b, 10, 1);
    irq(b, 11, 1);
    g_string_truncate(b->log, 0);
    writel(b, X86_IOAPIC_GPA + 0x40, 0x62);
    board_log(b, "msi fee00000 c062;");
    g_assert_cmphex(ioapic(b, LOW(10)) & REMOTE_IRR, ==, REMOTE_IRR);
    board_free(b);
}

/* What drivers do with version 0x11: edge and back clears remote IRR. */
static void test_edge_trick(void)
{
    Board *b = split();

    set_ioapic(b, LOW(10), LEVEL | 0x61);
    irq(b, 10, 1);
    irq(b, 10, 0);
    set_ioapic(b, LOW(10), MASKED | 0x61);
    g_assert_cmphex(ioapic(b, LOW(10)), ==, MASKED | 0x61);
    set_ioapic(b, LOW(10), LEVEL | 0x61);
    g_assert_cmphex(ioapic(b, LOW(10)), ==, LEVEL | 0x61);
    board_free(b);
}

static void test_modes(void)
{
    Board *b = split();

    set_ioapic(b, HIGH(5), 0x0f000000);
    set_ioapic(b, LOW(5), 0x800 | 0x100 | 0x55); /* logical, lowest priority */
    set_ioapic(b, LOW(6), 0x400);                /* NMI */
    g_string_truncate(b->log, 0);
    irq(b, 5, 1);
    board_log(b, "msi fee0f004 4155;");
    irq(b, 6, 1);
    board_log(b, "msi fee00000 4400;");
    board_free(b);
}

static void test_ext_dest(void)
{
    Board *b = split();

    set_ioapic(b, HIGH(5), 0x20000000 | 1 << 17); /* CPU 0x120 */
    set_ioapic(b, LOW(5), 0x55);
    board_log(b, "route 5 100fee20000 4055;");
    board_free(b);
}

/* A route is only told when it changes: the kernel waits for all readers at each. */
static void test_routes(void)
{
    Board *b = split();

    set_ioapic(b, LOW(5), 0x55);
    g_string_truncate(b->log, 0);
    set_ioapic(b, LOW(5), 0x55);
    set_ioapic(b, HIGH(5), 0);
    irq(b, 5, 1);
    board_log(b, "msi fee00000 4055;");
    set_ioapic(b, HIGH(5), 0x01000000);
    board_log(b, "route 5 fee01000 4055;");
    board_free(b);
}

/* Masked while in service, as Linux does it: the end must still be heard of. */
static void test_route_kept(void)
{
    Board *b = split();

    set_ioapic(b, LOW(10), LEVEL | 0x61);
    irq(b, 10, 1);
    g_string_truncate(b->log, 0);
    set_ioapic(b, LOW(10), MASKED | LEVEL | 0x61);
    board_log(b, "");
    b->ms->intc.eoi(b->ms->intc.eoi_opaque, 0x61);
    g_assert_cmphex(ioapic(b, LOW(10)), ==, MASKED | LEVEL | 0x61);
    set_ioapic(b, LOW(10), LEVEL | 0x61);
    board_log(b, "msi fee00000 c061;");
    g_assert_true(hw_machine_reset(b->ms, "test", NULL));
    board_log(b, "unroute 10;");
    board_free(b);
}

static void test_timer_pin(void)
{
    Board *b = split();

    set_ioapic(b, LOW(2), 0x30);
    set_ioapic(b, LOW(0), 0x31);
    g_string_truncate(b->log, 0);
    irq(b, 0, 0);
    irq(b, 0, 1); /* ISA interrupt 0 is pin 2 */
    board_log(b, "msi fee00000 4030;");
    board_free(b);
}

static void test_access(void)
{
    Board *b = board_pc();
    uint8_t byte = 0x10 + 14;
    uint32_t value;

    hw_mem_write(b->ms, X86_IOAPIC_GPA, &byte, 1); /* the index is a byte */
    value = MASKED | 0x77;
    hw_mem_write(b->ms, X86_IOAPIC_GPA + 0x10, &value, 4);
    g_assert_cmphex(ioapic(b, LOW(7)), ==, MASKED | 0x77);
    hw_mem_write(b->ms, X86_IOAPIC_GPA + 0x10, &byte, 1); /* the data is not */
    g_assert_cmphex(ioapic(b, LOW(7)), ==, MASKED | 0x77);
    g_assert_cmphex(readl(b, X86_IOAPIC_GPA + 0x20), ==, 0);
    board_free(b);
}

static void test_version(void)
{
    Board *b = board_new(&(X86IntcConfig){ .mode = ACCEL_IRQCHIP_OFF, .no_ioapic = true }, false,
                         1, 1);
    const char *const old[] = { "version", "0x11", "base", "0xfec10000", NULL };
    const char *const bad[] = { "version", "0x12", NULL };
    g_autoptr(GError) err = NULL;

    g_assert_null(hw_device_create(b->ms, &ioapic_class, "bad", bad, &err));
    g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_INVALID);
    g_assert_nonnull(hw_device_create(b->ms, &ioapic_class, "old", old, NULL));
    writel(b, 0xfec10000, 1);
    g_assert_cmphex(readl(b, 0xfec10010), ==, 0x00170011);
    board_free(b);
}

static void test_to_lapic(void)
{
    Board *b = board_pc();
    CPUState *cpu = hw_machine_cpu(b->ms, 0);

    set_lapic(b, 0xf0, 0x1ff);
    set_lapic(b, 0x350, MASKED); /* LINT0: no PIC */
    set_ioapic(b, LOW(9), LEVEL | 0x99);
    irq(b, 9, 1);
    g_assert_true(apic_pending(cpu));
    g_assert_cmphex(apic_ack(cpu), ==, 0x99);
    g_assert_cmphex(lapic(b, 0x180 + 0x40), ==, 1u << (0x99 & 31)); /* TMR: level */
    set_lapic(b, 0xb0, 0); /* end of interrupt finds the line still up */
    g_assert_cmphex(apic_ack(cpu), ==, 0x99);
    irq(b, 9, 0);
    set_lapic(b, 0xb0, 0);
    g_assert_cmpint(apic_ack(cpu), ==, -1);
    g_assert_cmphex(ioapic(b, LOW(9)), ==, LEVEL | 0x99);
    board_free(b);
}

static void test_extint_pin(void)
{
    Board *b = board_pc();
    CPUState *cpu = hw_machine_cpu(b->ms, 0);

    outb(b, 0x20, 0x11);
    outb(b, 0x21, 0x40);
    outb(b, 0x21, 0x04);
    outb(b, 0x21, 0x01);
    set_lapic(b, 0xf0, 0x1ff);
    set_lapic(b, 0x350, MASKED);
    set_ioapic(b, LOW(20), 0x700);
    irq(b, 6, 1); /* waits in the PIC */
    irq(b, 20, 1);
    g_assert_cmphex(apic_ack(cpu), ==, 0x46);
    board_free(b);
}

static void test_reset(void)
{
    Board *b = split();

    set_ioapic(b, LOW(10), LEVEL | 0x61);
    set_ioapic(b, 0, 0x05000000);
    irq(b, 10, 1);
    g_assert_true(hw_machine_reset(b->ms, "test", NULL));
    g_assert_cmphex(ioapic(b, LOW(10)), ==, MASKED);
    g_assert_cmphex(ioapic(b, 0), ==, 0);
    board_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ioapic/ident", test_ident);
    g_test_add_func("/ioapic/entry", test_entry);
    g_test_add_func("/ioapic/edge", test_edge);
    g_test_add_func("/ioapic/edge-masked", test_edge_masked);
    g_test_add_func("/ioapic/level", test_level);
    g_test_add_func("/ioapic/level-masked", test_level_masked);
    g_test_add_func("/ioapic/eoi-register", test_eoi_register);
    g_test_add_func("/ioapic/edge-clears-remote-irr", test_edge_trick);
    g_test_add_func("/ioapic/delivery-modes", test_modes);
    g_test_add_func("/ioapic/extended-destination", test_ext_dest);
    g_test_add_func("/ioapic/routes-only-when-changed", test_routes);
    g_test_add_func("/ioapic/route-kept-while-masked", test_route_kept);
    g_test_add_func("/ioapic/timer-is-pin-2", test_timer_pin);
    g_test_add_func("/ioapic/access-sizes", test_access);
    g_test_add_func("/ioapic/version", test_version);
    g_test_add_func("/ioapic/to-lapic", test_to_lapic);
    g_test_add_func("/ioapic/extint", test_extint_pin);
    g_test_add_func("/ioapic/reset", test_reset);
    return g_test_run();
}
