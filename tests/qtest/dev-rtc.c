/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * MC146818 at 0x70 and 0x71: time in its four formats, calendar, update cycle, alarm, periodic
 * interrupt, and the RAM behind it. The clock starts at a date of the case's own.
 */
#include "dev.h"

enum { SEC, SEC_ALARM, MIN, MIN_ALARM, HOUR, HOUR_ALARM, WDAY, DAY, MONTH, YEAR, A, B, C, D };
enum { CENTURY = 0x32 };
enum { B_24H = 2, B_BINARY = 4, B_UIE = 0x10, B_AIE = 0x20, B_PIE = 0x40, B_SET = 0x80 };
enum { C_UF = 0x10, C_AF = 0x20, C_PF = 0x40, C_IRQF = 0x80 };

#define MS 1000000ll
#define S  1000000000ll
#define AT(date) "-rtc clock=vm,base=" date

/* "23:59:58 31.12.1999": what the registers show, in 24 hours and BCD. */
static void now_is(AqVM *vm, const char *want)
{
    g_autofree char *got = g_strdup_printf("%02x:%02x:%02x %02x.%02x.%02x%02x", dev_cmos(vm, HOUR),
                                           dev_cmos(vm, MIN), dev_cmos(vm, SEC), dev_cmos(vm, DAY),
                                           dev_cmos(vm, MONTH), dev_cmos(vm, CENTURY),
                                           dev_cmos(vm, YEAR));

    g_assert_cmpstr(got, ==, want);
}

static void nvram(AqVM *vm, gconstpointer data)
{
    for (unsigned i = 0x40; i < 0x50; i++) {
        dev_set_cmos(vm, i, 0xa0 ^ i);
    }
    for (unsigned i = 0x40; i < 0x50; i++) {
        CMOS(vm, i, 0xa0 ^ i);
    }
}

static void nvram_survives_reset(AqVM *vm, gconstpointer data)
{
    dev_set_cmos(vm, 0x44, 0x5a);
    dev_reset(vm);
    CMOS(vm, 0x44, 0x5a);
}

static void index_ignores_nmi(AqVM *vm, gconstpointer data)
{
    dev_set_cmos(vm, 0x80 | 0x44, 0x77);
    CMOS(vm, 0x44, 0x77);
    IN8(vm, 0x70, 0xff);
}

static void power_on(AqVM *vm, gconstpointer data)
{
    CMOS(vm, A, 0x26);
    CMOS(vm, B, B_24H);
    CMOS(vm, C, 0);
    CMOS(vm, D, 0x80);
}

static void read_only(AqVM *vm, gconstpointer data)
{
    dev_set_cmos(vm, A, 0xa6);
    g_assert_cmphex(dev_cmos(vm, A) & 0x7f, ==, 0x26);
    dev_set_cmos(vm, C, 0xff);
    CMOS(vm, C, 0);
    dev_set_cmos(vm, D, 0);
    CMOS(vm, D, 0x80);
}

static void bcd(AqVM *vm, gconstpointer data)
{
    now_is(vm, "22:10:11 19.06.2023");
    CMOS(vm, WDAY, 2); /* a Monday; Sunday is 1 */
}

static void binary(AqVM *vm, gconstpointer data)
{
    static const uint8_t want[][2] = {
        { SEC, 11 }, { MIN, 10 }, { HOUR, 22 }, { DAY, 19 }, { MONTH, 6 }, { YEAR, 23 },
        { CENTURY, 20 },
    };

    dev_set_cmos(vm, B, B_24H | B_BINARY);
    for (gsize i = 0; i < G_N_ELEMENTS(want); i++) {
        CMOS(vm, want[i][0], want[i][1]);
    }
}

static void twelve_bcd(AqVM *vm, gconstpointer data)
{
    dev_set_cmos(vm, B, 0);
    CMOS(vm, HOUR, 0x90);
}

static void twelve_binary(AqVM *vm, gconstpointer data)
{
    dev_set_cmos(vm, B, B_BINARY);
    CMOS(vm, HOUR, 0x8a);
}

static void midnight_is_twelve(AqVM *vm, gconstpointer data)
{
    dev_set_cmos(vm, B, 0);
    CMOS(vm, HOUR, 0x12);
}

static void noon_is_twelve(AqVM *vm, gconstpointer data)
{
    dev_set_cmos(vm, B, 0);
    CMOS(vm, HOUR, 0x92);
}

static void set_time(AqVM *vm, gconstpointer data)
{
    dev_set_cmos(vm, B, B_24H | B_SET);
    dev_set_cmos(vm, HOUR, 0x01);
    dev_set_cmos(vm, MIN, 0x02);
    dev_set_cmos(vm, SEC, 0x03);
    dev_set_cmos(vm, DAY, 0x04);
    dev_set_cmos(vm, MONTH, 0x05);
    dev_set_cmos(vm, YEAR, 0x06);
    dev_set_cmos(vm, B, B_24H);
    now_is(vm, "01:02:03 04.05.2006");
}

/* ---- calendar: from the case's date over one second; @data is what comes out ---- */

static void second_later(AqVM *vm, gconstpointer data)
{
    aq_clock_step(vm, S);
    now_is(vm, data);
}

static void day_of_week(AqVM *vm, gconstpointer data)
{
    CMOS(vm, WDAY, 7);
    aq_clock_step(vm, S);
    CMOS(vm, WDAY, 1);
}

static void day_passes(AqVM *vm, gconstpointer data)
{
    aq_clock_set(vm, 86400 * S);
    now_is(vm, "00:00:00 02.01.2023");
}

/* ---- update cycle ---- */

static void set_holds(AqVM *vm, gconstpointer data)
{
    dev_set_cmos(vm, B, B_24H | B_SET);
    aq_clock_step(vm, 5 * S);
    CMOS(vm, SEC, 0x00);
    g_assert_cmphex(dev_cmos(vm, A) & 0x80, ==, 0);
    dev_set_cmos(vm, B, B_24H);
    aq_clock_step(vm, S);
    CMOS(vm, SEC, 0x01);
}

static void divider_holds(AqVM *vm, gconstpointer data)
{
    dev_set_cmos(vm, A, 0x76);
    aq_clock_step(vm, 5 * S);
    CMOS(vm, SEC, 0x00);
    dev_set_cmos(vm, A, 0x26); /* the first update comes half a second later */
    aq_clock_step(vm, 499 * MS);
    CMOS(vm, SEC, 0x00);
    aq_clock_step(vm, 2 * MS);
    CMOS(vm, SEC, 0x01);
    aq_clock_step(vm, S);
    CMOS(vm, SEC, 0x02);
}

static void uip(AqVM *vm, gconstpointer data)
{
    dev_set_cmos(vm, A, 0x76);
    dev_set_cmos(vm, A, 0x26);
    aq_clock_step(vm, 499 * MS + 700000);
    CMOS(vm, A, 0x26);
    aq_clock_step(vm, 100000); /* 200 us before */
    CMOS(vm, A, 0xa6);
    aq_clock_step(vm, 250000);
    CMOS(vm, A, 0x26);
}

static void update_flag(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    dev_cmos(vm, C);
    aq_clock_step(vm, S);
    g_assert_false(aq_get_irq(vm, 8));
    g_assert_cmphex(dev_cmos(vm, C) & (C_UF | C_IRQF), ==, C_UF);
    g_assert_cmphex(dev_cmos(vm, C) & (C_UF | C_IRQF), ==, 0);
}

static void update_interrupt(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    dev_set_cmos(vm, B, B_24H | B_UIE);
    dev_cmos(vm, C);
    aq_clock_step(vm, S);
    g_assert_true(aq_get_irq(vm, 8));
    g_assert_cmphex(dev_cmos(vm, C) & (C_UF | C_IRQF), ==, C_UF | C_IRQF);
    g_assert_false(aq_get_irq(vm, 8));
    aq_clock_step(vm, 3 * S);
    g_assert_true(aq_get_irq(vm, 8)); /* once: nobody has read C */
    g_assert_cmpuint(aq_irq_edges(vm, 8), ==, 2);
}

/* ---- alarm ---- */

static void set_alarm(AqVM *vm, uint8_t hour, uint8_t min, uint8_t sec)
{
    aq_irq_intercept_in(vm, "ioapic");
    dev_set_cmos(vm, HOUR_ALARM, hour);
    dev_set_cmos(vm, MIN_ALARM, min);
    dev_set_cmos(vm, SEC_ALARM, sec);
    dev_set_cmos(vm, B, B_24H | B_AIE);
    dev_cmos(vm, C);
}

/* The next alarm comes after @seconds. */
static void alarm_after(AqVM *vm, int seconds)
{
    aq_clock_step(vm, seconds * S - S / 2);
    g_assert_false(aq_get_irq(vm, 8));
    aq_clock_step(vm, S / 2 + MS);
    g_assert_true(aq_get_irq(vm, 8));
    g_assert_cmphex(dev_cmos(vm, C) & (C_AF | C_IRQF), ==, C_AF | C_IRQF);
    g_assert_false(aq_get_irq(vm, 8));
}

static void alarm_exact(AqVM *vm, gconstpointer data)
{
    set_alarm(vm, 0x12, 0x00, 0x05);
    alarm_after(vm, 5);
}

static void alarm_disabled(AqVM *vm, gconstpointer data)
{
    set_alarm(vm, 0x12, 0x00, 0x05);
    dev_set_cmos(vm, B, B_24H);
    aq_clock_step(vm, 10 * S);
    g_assert_false(aq_get_irq(vm, 8));
    g_assert_cmphex(dev_cmos(vm, C) & (C_AF | C_IRQF), ==, C_AF);
}

static void alarm_each_second(AqVM *vm, gconstpointer data)
{
    set_alarm(vm, 0xc0, 0xff, 0xc5);
    for (int i = 0; i < 3; i++) {
        aq_clock_step(vm, S);
        g_assert_cmphex(dev_cmos(vm, C) & C_AF, ==, C_AF);
    }
}

static void alarm_each_minute(AqVM *vm, gconstpointer data)
{
    set_alarm(vm, 0xff, 0xff, 0x30);
    aq_clock_step(vm, 31 * S);
    g_assert_cmphex(dev_cmos(vm, C) & C_AF, ==, C_AF);
    aq_clock_step(vm, 58 * S);
    g_assert_cmphex(dev_cmos(vm, C) & C_AF, ==, 0);
    aq_clock_step(vm, 2 * S);
    g_assert_cmphex(dev_cmos(vm, C) & C_AF, ==, C_AF);
}

static void alarm_next_day(AqVM *vm, gconstpointer data)
{
    set_alarm(vm, 0x11, 0x00, 0x00); /* an hour ago */
    aq_clock_step(vm, 82799 * S);
    g_assert_false(aq_get_irq(vm, 8));
    aq_clock_step(vm, 2 * S);
    g_assert_true(aq_get_irq(vm, 8));
}

/* ---- periodic interrupt: @data is the rate's code; beats in one second ---- */

static void periodic(AqVM *vm, gconstpointer data)
{
    unsigned code = GPOINTER_TO_UINT(data), beats = 0;
    unsigned hz = code < 3 ? 512u >> code : 65536u >> code;
    int64_t end, now;

    aq_irq_intercept_in(vm, "ioapic");
    dev_set_cmos(vm, A, 0x20 | code);
    dev_set_cmos(vm, B, B_24H | B_PIE);
    dev_cmos(vm, C);
    for (end = aq_clock_step(vm, 0) + S, now = 0; now < end; beats += dev_cmos(vm, C) >> 7) {
        now = aq_clock_step(vm, S / (2 * hz));
    }
    g_assert_cmpuint(beats, >=, hz - 1);
    g_assert_cmpuint(beats, <=, hz + 1);
    g_assert_cmpuint(aq_irq_edges(vm, 8), ==, beats);
}

static void periodic_off(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    dev_set_cmos(vm, A, 0x20);
    dev_set_cmos(vm, B, B_24H | B_PIE);
    dev_cmos(vm, C);
    aq_clock_step(vm, S / 2);
    g_assert_cmphex(dev_cmos(vm, C) & (C_PF | C_IRQF), ==, 0);
    dev_set_cmos(vm, A, 0x2a);
    dev_set_cmos(vm, B, B_24H);
    aq_clock_step(vm, S / 2);
    g_assert_false(aq_get_irq(vm, 8));
}

static void reset_disables(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    dev_set_cmos(vm, B, B_24H | B_UIE | B_AIE | B_PIE);
    aq_clock_step(vm, 2 * S);
    g_assert_true(aq_get_irq(vm, 8));
    dev_reset(vm);
    g_assert_cmphex(dev_cmos(vm, B) & (B_AIE | B_PIE), ==, 0);
    g_assert_false(aq_get_irq(vm, 8));
    now_is(vm, "12:00:02 01.03.2024");
}

#define D19 AT("2023-06-19T22:10:11")
#define NOON AT("2024-03-01T12:00:00")
#define QUIET " -machine pit=off" /* millions of ticks fewer on the way */
#define LATER(name, from, to) CASE("calendar/" name, second_later, AT(from), DEV_CLOCK, 0, to)
#define RATE(n, code) CASE("periodic/" n, periodic, NOON, DEV_CLOCK, 0, GUINT_TO_POINTER(code))

static const DevCase cases[] = {
    CASE("nvram", nvram),
    CASE("nvram-survives-reset", nvram_survives_reset),
    CASE("index-ignores-nmi", index_ignores_nmi),
    CASE("power-on", power_on, D19),
    CASE("read-only", read_only, D19),
    CASE("time/bcd", bcd, D19),
    CASE("time/binary", binary, D19),
    CASE("time/12h-bcd", twelve_bcd, D19),
    CASE("time/12h-binary", twelve_binary, D19),
    CASE("time/12h-midnight", midnight_is_twelve, AT("2023-06-19T00:00:00")),
    CASE("time/12h-noon", noon_is_twelve, NOON),
    CASE("time/set", set_time, D19),
    LATER("second", "2023-06-19T10:11:12", "10:11:13 19.06.2023"),
    LATER("minute", "2023-06-19T10:11:59", "10:12:00 19.06.2023"),
    LATER("hour", "2023-06-19T10:59:59", "11:00:00 19.06.2023"),
    LATER("day", "2023-06-19T23:59:59", "00:00:00 20.06.2023"),
    LATER("30-days", "2023-04-30T23:59:59", "00:00:00 01.05.2023"),
    LATER("31-days", "2023-03-31T23:59:59", "00:00:00 01.04.2023"),
    LATER("february", "2023-02-28T23:59:59", "00:00:00 01.03.2023"),
    LATER("leap", "2024-02-28T23:59:59", "00:00:00 29.02.2024"),
    LATER("leap-over", "2024-02-29T23:59:59", "00:00:00 01.03.2024"),
    LATER("leap-2000", "2000-02-28T23:59:59", "00:00:00 29.02.2000"),
    LATER("no-leap-2100", "2100-02-28T23:59:59", "00:00:00 01.03.2100"),
    LATER("year", "2022-12-31T23:59:59", "00:00:00 01.01.2023"),
    LATER("century", "1999-12-31T23:59:59", "00:00:00 01.01.2000"),
    CASE("calendar/week", day_of_week, AT("2023-06-24T23:59:59"), DEV_CLOCK),
    CASE("calendar/a-day-at-once", day_passes, AT("2023-01-01T00:00:00") QUIET, DEV_CLOCK),
    CASE("update/set-holds", set_holds, NOON, DEV_CLOCK),
    CASE("update/divider-holds", divider_holds, NOON, DEV_CLOCK),
    CASE("update/uip", uip, NOON, DEV_CLOCK),
    CASE("update/flag", update_flag, NOON, DEV_CLOCK),
    CASE("update/interrupt", update_interrupt, NOON, DEV_CLOCK),
    CASE("alarm/exact", alarm_exact, NOON, DEV_CLOCK),
    CASE("alarm/disabled", alarm_disabled, NOON, DEV_CLOCK),
    CASE("alarm/each-second", alarm_each_second, NOON, DEV_CLOCK),
    CASE("alarm/each-minute", alarm_each_minute, NOON, DEV_CLOCK),
    CASE("alarm/next-day", alarm_next_day, NOON QUIET, DEV_CLOCK),
    RATE("2hz", 15), RATE("8hz", 13), RATE("64hz", 10), RATE("128hz", 2), RATE("256hz", 1),
    RATE("1024hz", 6),
    CASE("periodic/off", periodic_off, NOON, DEV_CLOCK),
    CASE("reset-disables", reset_disables, NOON, DEV_CLOCK),
};

DEV_MAIN("rtc", cases)
