/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IOAPIC at 0xfec00000 and the boot CPU's LAPIC at 0xfee00000. A message of the IOAPIC shows in the
 * LAPIC's IRR. QEMU lets no test client at a LAPIC, so those cases are about accelvm only.
 */
#include "dev.h"

#define IOAPIC 0xfec00000ull
#define LAPIC  0xfee00000ull
#define MASKED 0x10000u
#define LEVEL  0x8000u
#define RIRR   0x4000u

static uint32_t io_get(AqVM *vm, uint8_t index)
{
    aq_writel(vm, IOAPIC, index);
    return aq_readl(vm, IOAPIC + 0x10);
}

static void io_set(AqVM *vm, uint8_t index, uint32_t value)
{
    aq_writel(vm, IOAPIC, index);
    aq_writel(vm, IOAPIC + 0x10, value);
}

static void line(AqVM *vm, unsigned n, int level)
{
    OUT8(vm, 0x2000 + n, level);
}

static uint32_t get(AqVM *vm, unsigned reg)
{
    return aq_readl(vm, LAPIC + reg);
}

static void set(AqVM *vm, unsigned reg, uint32_t value)
{
    aq_writel(vm, LAPIC + reg, value);
}

static gboolean requested(AqVM *vm, uint8_t vector)
{
    return get(vm, 0x200 + vector / 32 * 0x10) >> vector % 32 & 1;
}

/* ---- IOAPIC ---- */

static void io_id(AqVM *vm, gconstpointer data)
{
    g_assert_cmphex(io_get(vm, 0), ==, 0);
    io_set(vm, 0, 0xffffffff);
    g_assert_cmphex(io_get(vm, 0), ==, 0x0f000000);
    g_assert_cmphex(io_get(vm, 2), ==, 0x0f000000);
}

static void io_version(AqVM *vm, gconstpointer data)
{
    g_assert_cmphex(io_get(vm, 1) & 0xff0000, ==, 0x170000);
    g_assert_cmphex(io_get(vm, 1) & 0xff, ==, 0x20);
    io_set(vm, 1, 0);
    g_assert_cmphex(io_get(vm, 1) & 0xff0000, ==, 0x170000);
}

static void io_power_on(AqVM *vm, gconstpointer data)
{
    for (unsigned pin = 0; pin < 24; pin++) {
        g_assert_cmphex(io_get(vm, 0x10 + 2 * pin), ==, MASKED);
        g_assert_cmphex(io_get(vm, 0x11 + 2 * pin), ==, 0);
    }
}

static void io_entry(AqVM *vm, gconstpointer data)
{
    io_set(vm, 0x1a, MASKED | 0x35);
    io_set(vm, 0x1b, 0x12000000);
    g_assert_cmphex(io_get(vm, 0x1a), ==, MASKED | 0x35);
    g_assert_cmphex(io_get(vm, 0x1b), ==, 0x12000000);
    g_assert_cmphex(io_get(vm, 0x1c), ==, MASKED);
}

static void io_read_only_bits(AqVM *vm, gconstpointer data)
{
    io_set(vm, 0x1a, MASKED | LEVEL | RIRR | 0x1000 | 0x35);
    g_assert_cmphex(io_get(vm, 0x1a), ==, MASKED | LEVEL | 0x35);
}

static void io_beyond(AqVM *vm, gconstpointer data)
{
    io_set(vm, 0x40, 0x1234);
    g_assert_cmphex(io_get(vm, 0x40), ==, 0);
    g_assert_cmphex(io_get(vm, 0xff), ==, 0);
}

static void io_index(AqVM *vm, gconstpointer data)
{
    aq_writel(vm, IOAPIC, 0x15);
    g_assert_cmphex(aq_readl(vm, IOAPIC) & 0xff, ==, 0x15);
}

static void io_reset(AqVM *vm, gconstpointer data)
{
    io_set(vm, 0x1a, 0x35);
    dev_reset(vm);
    g_assert_cmphex(io_get(vm, 0x1a), ==, MASKED);
}

static void io_level(AqVM *vm, gconstpointer data)
{
    io_set(vm, 0x1a, LEVEL | 0x35);
    line(vm, 5, 1);
    g_assert_cmphex(io_get(vm, 0x1a) & RIRR, ==, RIRR);
    line(vm, 5, 0);
    g_assert_cmphex(io_get(vm, 0x1a) & RIRR, ==, RIRR); /* until the end of interrupt */
    aq_writel(vm, IOAPIC + 0x40, 0x35);
    g_assert_cmphex(io_get(vm, 0x1a) & RIRR, ==, 0);
}

static void io_level_again(AqVM *vm, gconstpointer data)
{
    io_set(vm, 0x1a, LEVEL | 0x35);
    line(vm, 5, 1);
    aq_writel(vm, IOAPIC + 0x40, 0x35);
    g_assert_cmphex(io_get(vm, 0x1a) & RIRR, ==, RIRR); /* still up: sent again */
}

static void io_masked_level(AqVM *vm, gconstpointer data)
{
    io_set(vm, 0x1a, MASKED | LEVEL | 0x35);
    line(vm, 5, 1);
    g_assert_cmphex(io_get(vm, 0x1a) & RIRR, ==, 0);
    io_set(vm, 0x1a, LEVEL | 0x35);
    g_assert_cmphex(io_get(vm, 0x1a) & RIRR, ==, RIRR);
}

/* ---- from pin to LAPIC ---- */

static void enable(AqVM *vm)
{
    set(vm, 0xf0, 0x1ff);
}

static void edge_arrives(AqVM *vm, gconstpointer data)
{
    enable(vm);
    io_set(vm, 0x1a, 0x45);
    line(vm, 5, 1);
    g_assert_true(requested(vm, 0x45));
    g_assert_cmphex(get(vm, 0x1a0) & 0x20, ==, 0); /* TMR: an edge */
}

static void level_arrives(AqVM *vm, gconstpointer data)
{
    enable(vm);
    io_set(vm, 0x1a, LEVEL | 0x45);
    line(vm, 5, 1);
    g_assert_true(requested(vm, 0x45));
    g_assert_cmphex(get(vm, 0x1a0) & 0x20, ==, 0x20);
}

static void masked_edge_is_lost(AqVM *vm, gconstpointer data)
{
    enable(vm);
    io_set(vm, 0x1a, MASKED | 0x45);
    line(vm, 5, 1);
    io_set(vm, 0x1a, 0x45);
    g_assert_false(requested(vm, 0x45));
}

static void other_destination(AqVM *vm, gconstpointer data)
{
    enable(vm);
    io_set(vm, 0x1b, 0x05000000);
    io_set(vm, 0x1a, 0x45);
    line(vm, 5, 1);
    g_assert_false(requested(vm, 0x45));
}

/* The timer is input 0 and acts on pin 2. */
static void timer_is_pin_2(AqVM *vm, gconstpointer data)
{
    enable(vm);
    io_set(vm, 0x10, 0x40);
    io_set(vm, 0x14, 0x42);
    aq_clock_step(vm, 100000000);
    g_assert_true(requested(vm, 0x42));
    g_assert_false(requested(vm, 0x40));
}

static void logical_destination(AqVM *vm, gconstpointer data)
{
    enable(vm);
    set(vm, 0xd0, 0x04000000);
    io_set(vm, 0x1b, 0x06000000);
    io_set(vm, 0x1a, 0x845);
    line(vm, 5, 1);
    g_assert_true(requested(vm, 0x45));
}

/* ---- LAPIC ---- */

static void la_power_on(AqVM *vm, gconstpointer data)
{
    g_assert_cmphex(get(vm, 0x20), ==, 0);
    g_assert_cmphex(get(vm, 0x30) & 0xff, ==, 0x14);
    g_assert_cmphex(get(vm, 0x80), ==, 0);
    g_assert_cmphex(get(vm, 0xd0), ==, 0);
    g_assert_cmphex(get(vm, 0xe0), ==, 0xffffffff);
    g_assert_cmphex(get(vm, 0xf0), ==, 0xff);
    g_assert_cmphex(get(vm, 0x320), ==, MASKED);
    g_assert_cmphex(get(vm, 0x370), ==, MASKED);
}

static void la_registers(AqVM *vm, gconstpointer data)
{
    set(vm, 0x80, 0x1ff);
    g_assert_cmphex(get(vm, 0x80), ==, 0xff);
    set(vm, 0xd0, 0xffffffff);
    g_assert_cmphex(get(vm, 0xd0), ==, 0xff000000);
    set(vm, 0xe0, 0x0fffffff);
    g_assert_cmphex(get(vm, 0xe0), ==, 0x0fffffff);
    set(vm, 0x3e0, 0xff);
    g_assert_cmphex(get(vm, 0x3e0), ==, 0x0b);
}

static void la_disabled_masks(AqVM *vm, gconstpointer data)
{
    set(vm, 0x320, 0x40);
    g_assert_cmphex(get(vm, 0x320), ==, MASKED | 0x40);
    enable(vm);
    set(vm, 0x320, 0x40);
    g_assert_cmphex(get(vm, 0x320), ==, 0x40);
    set(vm, 0xf0, 0xff);
    g_assert_cmphex(get(vm, 0x320), ==, MASKED | 0x40);
}

static void la_self_ipi(AqVM *vm, gconstpointer data)
{
    enable(vm);
    set(vm, 0x300, 0x40051);
    g_assert_true(requested(vm, 0x51));
    g_assert_false(requested(vm, 0x52));
}

static void la_one_shot(AqVM *vm, gconstpointer data)
{
    enable(vm);
    set(vm, 0x3e0, 0x0b); /* divide by 1: a tick is 1 ns */
    set(vm, 0x320, 0x60);
    set(vm, 0x380, 1000000);
    aq_clock_step(vm, 400000);
    g_assert_cmpuint(get(vm, 0x390), ==, 600000);
    g_assert_false(requested(vm, 0x60));
    aq_clock_step(vm, 600000);
    g_assert_true(requested(vm, 0x60));
    g_assert_cmpuint(get(vm, 0x390), ==, 0);
    aq_clock_step(vm, 600000);
    g_assert_cmpuint(get(vm, 0x390), ==, 0);
}

static void la_periodic(AqVM *vm, gconstpointer data)
{
    enable(vm);
    set(vm, 0x3e0, 0x0b);
    set(vm, 0x320, 0x20060);
    set(vm, 0x380, 1000000);
    aq_clock_step(vm, 3400000);
    g_assert_cmpuint(get(vm, 0x390), ==, 600000);
    g_assert_true(requested(vm, 0x60));
}

static void la_divider(AqVM *vm, gconstpointer data)
{
    enable(vm);
    set(vm, 0x3e0, 0x03); /* by 16 */
    set(vm, 0x320, MASKED | 0x60);
    set(vm, 0x380, 1000);
    aq_clock_step(vm, 16 * 250);
    g_assert_cmpuint(get(vm, 0x390), ==, 750);
    aq_clock_step(vm, 16 * 800);
    g_assert_false(requested(vm, 0x60));
}

static void la_illegal_register(AqVM *vm, gconstpointer data)
{
    enable(vm);
    get(vm, 0x2a0);
    set(vm, 0x280, 0);
    g_assert_cmphex(get(vm, 0x280), ==, 0x80);
    set(vm, 0x280, 0);
    g_assert_cmphex(get(vm, 0x280), ==, 0);
}

static void la_illegal_vector(AqVM *vm, gconstpointer data)
{
    enable(vm);
    set(vm, 0x300, 0x40005);
    set(vm, 0x280, 0);
    g_assert_cmphex(get(vm, 0x280) & 0x60, !=, 0);
    g_assert_false(requested(vm, 0x05));
}

static void la_message(AqVM *vm, gconstpointer data)
{
    enable(vm);
    aq_writel(vm, LAPIC + 0x0000, 0x71); /* destination 0 */
    aq_writel(vm, LAPIC + 0x1000, 0x72); /* destination 1: nobody */
    g_assert_true(requested(vm, 0x71));
    g_assert_false(requested(vm, 0x72));
}

static void la_reset(AqVM *vm, gconstpointer data)
{
    enable(vm);
    set(vm, 0x80, 0x20);
    set(vm, 0x300, 0x40051);
    dev_reset(vm);
    g_assert_cmphex(get(vm, 0xf0), ==, 0xff);
    g_assert_cmphex(get(vm, 0x80), ==, 0);
    g_assert_false(requested(vm, 0x51));
}

#define T "-device pc-testdev"
#define LA(name, func) CASE("lapic/" name, func, T, DEV_OURS)
#define LATE(name, func) CASE("lapic/" name, func, T, DEV_OURS | DEV_CLOCK)

static const DevCase cases[] = {
    CASE("ioapic/id", io_id),
    CASE("ioapic/version", io_version),
    CASE("ioapic/power-on", io_power_on),
    CASE("ioapic/entry", io_entry),
    CASE("ioapic/read-only-bits", io_read_only_bits),
    CASE("ioapic/beyond", io_beyond),
    CASE("ioapic/index", io_index),
    CASE("ioapic/reset", io_reset),
    CASE("ioapic/level", io_level, T),
    CASE("ioapic/level-again", io_level_again, T),
    CASE("ioapic/masked-level", io_masked_level, T),
    LA("edge-arrives", edge_arrives),
    LA("level-arrives", level_arrives),
    LA("masked-edge-is-lost", masked_edge_is_lost),
    LA("other-destination", other_destination),
    LATE("timer-is-pin-2", timer_is_pin_2),
    LA("logical-destination", logical_destination),
    LA("power-on", la_power_on),
    LA("registers", la_registers),
    LA("disabled-masks", la_disabled_masks),
    LA("self-ipi", la_self_ipi),
    LATE("one-shot", la_one_shot),
    LATE("periodic", la_periodic),
    LATE("divider", la_divider),
    LA("illegal-register", la_illegal_register),
    LA("illegal-vector", la_illegal_vector),
    LA("message", la_message),
    LA("reset", la_reset),
};

DEV_MAIN("apic", cases)
