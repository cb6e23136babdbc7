/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Several LAPICs: destinations, shorthands, lowest priority, INIT and start-up, NMI, messages of
 * devices; and how the set is put together for each irqchip mode. The commands are given through
 * x2APIC's MSRs where another CPU than the first has to send, as a test has no CPU's thread.
 */
#include "accel/x86.h"
#include "intc-board.h"

#define MASKED 0x10000

static Board *smp_board(unsigned cpus)
{
    Board *b = board_new(&(X86IntcConfig){ .mode = ACCEL_IRQCHIP_OFF }, true, cpus, cpus);

    set_lapic(b, 0xf0, 0x1ff);
    set_lapic(b, 0x350, MASKED);
    return b;
}

static CPUState *cpu(Board *b, unsigned n)
{
    return hw_machine_cpu(b->ms, n);
}

/* Out of wait-for-SIPI, in x2APIC mode, enabled. */
static void start(Board *b, unsigned n)
{
    set_lapic(b, 0x310, n << 24);
    set_lapic(b, 0x300, 0x4600 | 0x08);
    g_assert_false(apic_wait_sipi(cpu(b, n)));
    g_assert_true(apic_msr_write(cpu(b, n), 0x1b, 0xfee00c00));
    g_assert_true(apic_msr_write(cpu(b, n), 0x80f, 0x1ff));
}

static Board *started(unsigned cpus)
{
    Board *b = smp_board(cpus);

    for (unsigned i = 1; i < cpus; i++) {
        start(b, i);
    }
    return b;
}

static void send(Board *b, uint32_t dest, uint32_t command)
{
    set_lapic(b, 0x310, dest << 24);
    set_lapic(b, 0x300, command);
}

/* Who has something to take, as a bit mask; takes it. */
static unsigned takers(Board *b)
{
    unsigned mask = 0;

    for (unsigned i = 0; i < b->ms->n_possible; i++) {
        if (apic_ack(cpu(b, i)) >= 0) {
            mask |= 1u << i;
        }
    }
    return mask;
}

static void test_physical(void)
{
    Board *b = started(4);

    send(b, 2, 0x40);
    g_assert_cmphex(takers(b), ==, 1 << 2);
    send(b, 7, 0x50);
    g_assert_cmphex(takers(b), ==, 0);
    send(b, 0xff, 0x60);
    g_assert_cmphex(takers(b), ==, 0xf);
    board_free(b);
}

static void test_shorthand(void)
{
    Board *b = started(4);

    send(b, 0, 1 << 18 | 0x40);
    g_assert_cmphex(takers(b), ==, 1);
    send(b, 0, 2 << 18 | 0x50);
    g_assert_cmphex(takers(b), ==, 0xf);
    send(b, 0, 3 << 18 | 0x60);
    g_assert_cmphex(takers(b), ==, 0xe);
    board_free(b);
}

/* One APIC in xAPIC mode, told where it is in the logical model by its own registers. */
static void test_logical_flat(void)
{
    Board *b = smp_board(1);

    set_lapic(b, 0xd0, 0x04000000);
    send(b, 0x0c, 1 << 11 | 0x40);
    g_assert_cmphex(takers(b), ==, 1);
    send(b, 0x03, 1 << 11 | 0x50);
    g_assert_cmphex(takers(b), ==, 0);
    send(b, 0xff, 1 << 11 | 0x60);
    g_assert_cmphex(takers(b), ==, 1);
    board_free(b);
}

static void test_logical_cluster(void)
{
    Board *b = smp_board(1);

    set_lapic(b, 0xe0, 0x0fffffff);
    set_lapic(b, 0xd0, 0x34000000); /* cluster 3, member 2 */
    send(b, 0x3c, 1 << 11 | 0x40);
    g_assert_cmphex(takers(b), ==, 1);
    send(b, 0x2c, 1 << 11 | 0x50);
    g_assert_cmphex(takers(b), ==, 0);
    send(b, 0x33, 1 << 11 | 0x50);
    g_assert_cmphex(takers(b), ==, 0);
    send(b, 0xf4, 1 << 11 | 0x60); /* all clusters */
    g_assert_cmphex(takers(b), ==, 1);
    board_free(b);
}

static void test_logical_x2(void)
{
    Board *b = started(20);

    apic_msr_write(cpu(b, 1), 0x830, 0x0001000cull << 32 | 1 << 11 | 0x40); /* 18 and 19 */
    g_assert_cmphex(takers(b), ==, 3u << 18);
    apic_msr_write(cpu(b, 1), 0x830, 0xffffffffull << 32 | 0x50);
    g_assert_cmphex(takers(b), ==, 0xfffff);
    apic_msr_write(cpu(b, 1), 0x830, 0xffull << 32 | 0x60); /* no broadcast in 32 bits */
    g_assert_cmphex(takers(b), ==, 0);
    board_free(b);
}

static void test_lowest(void)
{
    Board *b = started(4);

    apic_msr_write(cpu(b, 1), 0x808, 0x20);
    apic_msr_write(cpu(b, 2), 0x808, 0x10);
    apic_msr_write(cpu(b, 3), 0x808, 0x20);
    set_lapic(b, 0x80, 0x30);
    send(b, 0xff, 0x100 | 0x40);
    g_assert_cmphex(takers(b), ==, 1 << 2);
    board_free(b);
}

static void test_lowest_turns(void)
{
    Board *b = started(4);
    unsigned seen = 0;

    for (int i = 0; i < 4; i++) { /* equals take turns */
        send(b, 0xff, 0x100 | 0x40);
        seen |= takers(b);
        for (unsigned n = 1; n < 4; n++) {
            apic_msr_write(cpu(b, n), 0x80b, 0);
        }
        set_lapic(b, 0xb0, 0);
    }
    g_assert_cmphex(seen, ==, 0xf);
    board_free(b);
}

static void test_init_sipi(void)
{
    Board *b = smp_board(2);
    AccelX86Regs regs;

    g_assert_true(apic_wait_sipi(cpu(b, 1)));
    g_assert_true(cpu(b, 1)->halted);
    g_assert_false(apic_wait_sipi(cpu(b, 0)));
    send(b, 1, 0x4500);
    g_assert_true(apic_wait_sipi(cpu(b, 1)));
    send(b, 1, 0x4600 | 0x9a);
    g_assert_false(apic_wait_sipi(cpu(b, 1)));
    g_assert_false(cpu(b, 1)->halted);
    g_assert_true(accel_get_regs(cpu(b, 1)->accel_cpu, &regs, NULL));
    g_assert_cmphex(regs.cs.selector, ==, 0x9a00);
    g_assert_cmphex(regs.cs.base, ==, 0x9a000);
    g_assert_cmphex(regs.rip, ==, 0);
    send(b, 1, 0x4600 | 0x55); /* a second one is ignored */
    accel_get_regs(cpu(b, 1)->accel_cpu, &regs, NULL);
    g_assert_cmphex(regs.cs.base, ==, 0x9a000);
    board_free(b);
}

static void test_init_resets(void)
{
    Board *b = started(2);
    AccelX86Regs regs = { .rip = 0x1234, .gpr[X86_RAX] = 5, .apic_base = 0xfee00c00 };
    uint64_t value;

    accel_set_regs(cpu(b, 1)->accel_cpu, &regs, NULL);
    send(b, 1, 0x4500);
    g_assert_true(apic_wait_sipi(cpu(b, 1)));
    g_assert_true(cpu(b, 1)->halted);
    accel_get_regs(cpu(b, 1)->accel_cpu, &regs, NULL);
    g_assert_cmphex(regs.rip, ==, 0xfff0);
    g_assert_cmphex(regs.gpr[X86_RAX], ==, 0);
    g_assert_cmphex(regs.apic_base, ==, 0xfee00c00);
    apic_msr_read(cpu(b, 1), 0x80f, &value);
    g_assert_cmphex(value, ==, 0xff); /* the APIC too, but not its mode */
    send(b, 1, 0x40); /* and takes no interrupt until started */
    g_assert_false(apic_pending(cpu(b, 1)));
    send(b, 1, 0x8500); /* INIT level de-assert does nothing */
    board_free(b);
}

static void test_init_bsp(void)
{
    Board *b = started(2);

    apic_msr_write(cpu(b, 1), 0x830, 0x4500); /* the boot CPU starts over by itself */
    g_assert_false(apic_wait_sipi(cpu(b, 0)));
    g_assert_false(cpu(b, 0)->halted);
    g_assert_cmphex(lapic(b, 0xf0), ==, 0xff);
    board_free(b);
}

static void test_nmi(void)
{
    Board *b = smp_board(3);

    start(b, 1);
    send(b, 1, 0x400);
    board_log(b, "nmi 1;");
    send(b, 0, 3 << 18 | 0x400); /* CPU 2 waits for its start and does not see it */
    board_log(b, "nmi 1;");
    x86_intc_nmi(b->ms); /* LINT1 is masked everywhere */
    board_log(b, "");
    set_lapic(b, 0x360, 0x400);
    x86_intc_nmi(b->ms);
    board_log(b, "nmi 0;");
    board_free(b);
}

static void test_msi(void)
{
    Board *b = started(4);

    writel(b, 0xfee03000, 0x4041); /* a device's write, like any other */
    g_assert_cmphex(takers(b), ==, 1 << 3);
    x86_intc_send_msi(b->ms, 0xfee01000, 0x4051);
    g_assert_cmphex(takers(b), ==, 1 << 1);
    x86_intc_send_msi(b->ms, 0xfee01000, 0x8061); /* level, de-assert */
    g_assert_cmphex(takers(b), ==, 0);
    x86_intc_send_msi(b->ms, 0xfeeff000, 0x4061);
    g_assert_cmphex(takers(b), ==, 0xf);
    board_free(b);
}

static void test_many(void)
{
    Board *b = smp_board(288);

    set_lapic(b, 0x310, 0); /* ids above 255 are beyond xAPIC: INIT, SIPI by x2APIC */
    g_assert_true(apic_msr_write(cpu(b, 0), 0x1b, 0xfee00c00));
    g_assert_true(apic_msr_write(cpu(b, 0), 0x830, 287ull << 32 | 0x4600 | 8));
    g_assert_false(apic_wait_sipi(cpu(b, 287)));
    g_assert_true(apic_wait_sipi(cpu(b, 31)));
    apic_msr_write(cpu(b, 287), 0x1b, 0xfee00c00);
    apic_msr_write(cpu(b, 287), 0x80f, 0x1ff);
    x86_intc_send_msi(b->ms, 0xfee00000 | 31 << 12 | 1 << 5, 0x4077); /* extended id */
    g_assert_cmphex(apic_ack(cpu(b, 287)), ==, 0x77);
    board_free(b);
}

/* ---- the set ---- */

static void test_mode_on(void)
{
    Board *b = board_new(&(X86IntcConfig){ .mode = ACCEL_IRQCHIP_ON }, true, 2, 2);

    board_log(b, "route-pc;pit 1;");
    g_assert_null(x86_intc_pic(b->ms));
    g_assert_null(x86_intc_ioapic(b->ms));
    g_assert_null(apic_of(cpu(b, 0)));
    irq(b, 4, 1);
    irq(b, 23, 0);
    board_log(b, "irq 4 1;irq 23 0;");
    x86_intc_send_msi(b->ms, 0xfee01000, 0x4051);
    board_log(b, "msi fee01000 4051;");
    g_assert_null(x86_intc_gsi(b->ms, 24));
    board_free(b);
}

static void test_mode_split(void)
{
    Board *b = board_new(&(X86IntcConfig){ .mode = ACCEL_IRQCHIP_SPLIT }, true, 2, 2);

    outb(b, 0x20, 0x11);
    outb(b, 0x21, 0x20);
    outb(b, 0x21, 0x04);
    outb(b, 0x21, 0x01);
    g_assert_null(apic_of(cpu(b, 0)));
    irq(b, 4, 1);
    g_assert_cmpint(b->ms->intc.ack(b->ms->intc.ack_opaque, cpu(b, 0)), ==, 0x24);
    g_assert_cmpint(b->ms->intc.ack(b->ms->intc.ack_opaque, cpu(b, 0)), ==, -1);
    g_assert_cmphex(lapic(b, 0x30), ==, 0); /* no page here: it is the kernel's */
    board_free(b);
}

static void test_mode_isapc(void)
{
    Board *b = board_new(&(X86IntcConfig){ .no_ioapic = true, .no_lapic = true }, true, 1, 1);

    outb(b, 0x20, 0x11);
    outb(b, 0x21, 0x08);
    outb(b, 0x21, 0x04);
    outb(b, 0x21, 0x01);
    irq(b, 1, 1);
    g_assert_cmpint(b->ms->intc.ack(b->ms->intc.ack_opaque, cpu(b, 0)), ==, 9);
    g_assert_null(x86_intc_ioapic(b->ms));
    board_free(b);
}

static GString *seen;

static void note(void *opaque, IrqLine *line, int level)
{
    g_string_append_printf(seen, "%d %d;", line->n, level);
    line->handler(line->opaque, line->n, level);
}

/* What irq_intercept_in sees of "ioapic": ISA numbers, the timer as 0. */
static void test_intercept(void)
{
    Board *b = board_pc();
    DeviceState *dev = (DeviceState *)hw_object_resolve(b->ms->root, "ioapic", NULL);
    DeviceGpio *gpio;

    g_assert_true(dev == x86_intc_ioapic(b->ms));
    gpio = hw_device_gpio(dev, NULL, false);
    g_assert_cmpint(gpio->n, ==, 24);
    for (int i = 0; i < gpio->n; i++) {
        gpio->in[i].intercept = note;
    }
    seen = g_string_new(NULL);
    outb(b, 0x43, 0x30); /* counter 0, mode 0 */
    outb(b, 0x40, 100);
    outb(b, 0x40, 0);
    warp(b, 1000000);
    irq(b, 8, 1);
    irq(b, 8, 0);
    g_assert_cmpstr(seen->str, ==, "0 0;0 1;8 1;8 0;");
    g_string_free(seen, TRUE);
    board_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ipi/physical", test_physical);
    g_test_add_func("/ipi/shorthand", test_shorthand);
    g_test_add_func("/ipi/logical-flat", test_logical_flat);
    g_test_add_func("/ipi/logical-cluster", test_logical_cluster);
    g_test_add_func("/ipi/logical-x2apic", test_logical_x2);
    g_test_add_func("/ipi/lowest-priority", test_lowest);
    g_test_add_func("/ipi/lowest-priority-turns", test_lowest_turns);
    g_test_add_func("/ipi/init-sipi", test_init_sipi);
    g_test_add_func("/ipi/init-resets", test_init_resets);
    g_test_add_func("/ipi/init-boot-cpu", test_init_bsp);
    g_test_add_func("/ipi/nmi", test_nmi);
    g_test_add_func("/ipi/msi", test_msi);
    g_test_add_func("/ipi/288-cpus", test_many);
    g_test_add_func("/intc/on", test_mode_on);
    g_test_add_func("/intc/split", test_mode_split);
    g_test_add_func("/intc/isapc", test_mode_isapc);
    g_test_add_func("/intc/intercept", test_intercept);
    return g_test_run();
}
