/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The i8254 at 0x40, its interrupt, and port 0x61 with the speaker's gate. Times are in pulses of
 * 1/1193182 s; a count takes effect one pulse after it has been written. */
#include "dev.h"

#define HZ 1193182ll
#define S  1000000000ll

static int64_t pulses(int64_t n)
{
    return (n * S + HZ - 1) / HZ;
}

static void program(AqVM *vm, unsigned counter, unsigned mode, uint16_t count)
{
    OUT8(vm, 0x43, counter << 6 | 0x30 | mode << 1);
    OUT8(vm, 0x40 + counter, count & 0xff);
    OUT8(vm, 0x40 + counter, count >> 8);
}

static unsigned count(AqVM *vm, unsigned counter)
{
    unsigned low;

    OUT8(vm, 0x43, counter << 6);
    low = aq_inb(vm, 0x40 + counter);
    return low | aq_inb(vm, 0x40 + counter) << 8;
}

static uint8_t status(AqVM *vm, unsigned counter)
{
    OUT8(vm, 0x43, 0xe0 | 2u << counter);
    return aq_inb(vm, 0x40 + counter);
}

static void power_on(AqVM *vm, gconstpointer data)
{
    g_assert_cmphex(status(vm, 0) & 0x0e, ==, 0x06);
    aq_irq_intercept_in(vm, "ioapic");
    aq_clock_step(vm, S);
    g_assert_cmpuint(aq_irq_edges(vm, 0), >=, 18);
    g_assert_cmpuint(aq_irq_edges(vm, 0), <=, 19);
}

static void counts_down(AqVM *vm, gconstpointer data)
{
    program(vm, 0, 0, 1000);
    aq_clock_step(vm, pulses(1));
    g_assert_cmpuint(count(vm, 0), ==, 1000);
    aq_clock_step(vm, pulses(100));
    g_assert_cmpuint(count(vm, 0), ==, 900);
}

static void latch(AqVM *vm, gconstpointer data)
{
    program(vm, 0, 0, 1000);
    aq_clock_step(vm, pulses(1));
    OUT8(vm, 0x43, 0x00);
    aq_clock_step(vm, pulses(100));
    IN8(vm, 0x40, 1000 & 0xff);
    IN8(vm, 0x40, 1000 >> 8);
    g_assert_cmpuint(count(vm, 0), ==, 900);
}

static void mode0_interrupt(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    program(vm, 0, 0, 1000);
    aq_clock_step(vm, pulses(1000));
    g_assert_false(aq_get_irq(vm, 0));
    aq_clock_step(vm, pulses(1));
    g_assert_true(aq_get_irq(vm, 0));
    program(vm, 0, 0, 10);
    g_assert_false(aq_get_irq(vm, 0));
}

static void mode2_interrupt(AqVM *vm, gconstpointer data)
{
    program(vm, 0, 2, 11932);
    aq_clock_step(vm, pulses(1));
    aq_irq_intercept_in(vm, "ioapic");
    aq_clock_step(vm, S);
    g_assert_cmpuint(aq_irq_edges(vm, 0), >=, 99);
    g_assert_cmpuint(aq_irq_edges(vm, 0), <=, 101);
}

static void mode3_interrupt(AqVM *vm, gconstpointer data)
{
    program(vm, 0, 3, 11932);
    aq_clock_step(vm, pulses(1));
    aq_irq_intercept_in(vm, "ioapic");
    aq_clock_step(vm, S);
    g_assert_cmpuint(aq_irq_edges(vm, 0), >=, 99);
    g_assert_cmpuint(aq_irq_edges(vm, 0), <=, 101);
}

/* From edge to edge, each at its own pulse. */
static void mode3_edges(AqVM *vm, gconstpointer data)
{
    int64_t start = aq_clock_step(vm, 0);

    aq_irq_intercept_in(vm, "ioapic");
    program(vm, 0, 3, 1000);
    g_assert_cmpint(aq_clock_step_next(vm) - start, ==, pulses(1));
    for (int i = 1; i <= 6; i++) {
        g_assert_cmpint(aq_clock_step_next(vm) - start, ==, pulses(1 + 500 * i));
        g_assert_cmpint(aq_get_irq(vm, 0), ==, i % 2 == 0);
    }
}

static void mode2_reload(AqVM *vm, gconstpointer data)
{
    program(vm, 0, 2, 1000);
    aq_clock_step(vm, pulses(1));
    g_assert_cmpuint(count(vm, 0), ==, 1000);
    aq_clock_step(vm, pulses(1000));
    g_assert_cmpuint(count(vm, 0), ==, 1000);
    aq_clock_step(vm, pulses(300));
    g_assert_cmpuint(count(vm, 0), ==, 700);
}

static void zero_is_65536(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    program(vm, 0, 0, 0);
    aq_clock_step(vm, pulses(65536));
    g_assert_false(aq_get_irq(vm, 0));
    aq_clock_step(vm, pulses(2));
    g_assert_true(aq_get_irq(vm, 0));
}

static void bcd(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x43, 0x31);
    OUT8(vm, 0x40, 0x00);
    OUT8(vm, 0x40, 0x10); /* 1000 */
    aq_clock_step(vm, pulses(2));
    g_assert_cmphex(count(vm, 0), ==, 0x0999);
}

static void low_byte_only(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x43, 0x10);
    OUT8(vm, 0x40, 200);
    aq_clock_step(vm, pulses(51));
    IN8(vm, 0x40, 150);
    IN8(vm, 0x40, 150);
}

static void high_byte_only(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x43, 0x20);
    OUT8(vm, 0x40, 2); /* 512 */
    aq_clock_step(vm, pulses(1));
    IN8(vm, 0x40, 2);
    aq_clock_step(vm, pulses(1));
    IN8(vm, 0x40, 1);
}

static void status_mode(AqVM *vm, gconstpointer data)
{
    for (unsigned mode = 0; mode < 6; mode++) {
        OUT8(vm, 0x43, 0x30 | mode << 1);
        g_assert_cmphex(status(vm, 0) & 0x3f, ==, 0x30 | mode << 1);
    }
}

static void status_null_count(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x43, 0x30);
    g_assert_cmphex(status(vm, 0) & 0x40, ==, 0x40);
    program(vm, 0, 0, 100);
    aq_clock_step(vm, pulses(1));
    g_assert_cmphex(status(vm, 0) & 0x40, ==, 0);
}

static void read_back_both(AqVM *vm, gconstpointer data)
{
    program(vm, 2, 0, 300);
    OUT8(vm, 0x61, 1);
    aq_clock_step(vm, pulses(1));
    OUT8(vm, 0x43, 0xc8); /* status, then count, of counter 2 */
    g_assert_cmphex(aq_inb(vm, 0x42) & 0x3f, ==, 0x30);
    IN8(vm, 0x42, 300 & 0xff);
    IN8(vm, 0x42, 300 >> 8);
}

/* ---- port 0x61 ---- */

static void speaker_bits(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x61, 0x03);
    g_assert_cmphex(aq_inb(vm, 0x61) & 0x03, ==, 0x03);
    OUT8(vm, 0x61, 0x00);
    g_assert_cmphex(aq_inb(vm, 0x61) & 0x03, ==, 0x00);
}

static void speaker_gate(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x61, 0x00);
    program(vm, 2, 0, 1000);
    aq_clock_step(vm, pulses(500));
    g_assert_cmpuint(count(vm, 2), ==, 1000);
    OUT8(vm, 0x61, 0x01);
    aq_clock_step(vm, pulses(500));
    g_assert_cmpuint(count(vm, 2), ==, 500);
    g_assert_cmphex(aq_inb(vm, 0x61) & 0x20, ==, 0);
    aq_clock_step(vm, pulses(501));
    g_assert_cmphex(aq_inb(vm, 0x61) & 0x20, ==, 0x20);
}

static void refresh(AqVM *vm, gconstpointer data)
{
    unsigned toggles = 0;
    uint8_t last = aq_inb(vm, 0x61) & 0x10, now;

    for (int i = 0; i < 100; i++, last = now) {
        aq_clock_step(vm, 15085);
        now = aq_inb(vm, 0x61) & 0x10;
        toggles += now != last;
    }
    g_assert_cmpuint(toggles, >=, 99);
}

static void absent(AqVM *vm, gconstpointer data)
{
    IN8(vm, 0x40, 0xff);
    IN8(vm, 0x61, 0xff);
}

#define PIT(name, func) CASE(name, func, NULL, DEV_CLOCK)

static const DevCase cases[] = {
    PIT("power-on", power_on),
    PIT("counts-down", counts_down),
    PIT("latch", latch),
    PIT("mode0-interrupt", mode0_interrupt),
    PIT("mode2-interrupt", mode2_interrupt),
    PIT("mode3-interrupt", mode3_interrupt),
    PIT("mode3-edges", mode3_edges),
    PIT("mode2-reload", mode2_reload),
    PIT("zero-is-65536", zero_is_65536),
    PIT("bcd", bcd),
    PIT("low-byte-only", low_byte_only),
    PIT("high-byte-only", high_byte_only),
    CASE("status-mode", status_mode),
    PIT("status-null-count", status_null_count),
    PIT("read-back-both", read_back_both),
    CASE("speaker/bits", speaker_bits),
    PIT("speaker/gate", speaker_gate),
    PIT("speaker/refresh", refresh),
    CASE("absent", absent, "-machine pit=off", DEV_OURS),
};

DEV_MAIN("pit", cases)
