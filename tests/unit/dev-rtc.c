/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * MC146818: calendar, formats, SET, divider, UIP, alarm, interrupts, base and driftfix; CMOS contents.
 * Guest time is virtual time, so every moment is exact.
 */
#include <time.h>
#include "dev-rig.h"
#include "hw/rtc.h"

#define IRQ 8
#define SECOND HW_NS_PER_SEC
#define BASE 1583020799 /* 2020-02-29 23:59:59 UTC, a Saturday */

static BootConfig *vm_clock(int64_t base)
{
    BootConfig *boot = boot_config_new();

    boot->rtc_clock = HW_CLOCK_VIRTUAL;
    boot->rtc_base_set = true;
    boot->rtc_base_s = base;
    return boot;
}

typedef struct Fix {
    Rig *rig;
    DeviceState *rtc;
} Fix;

static void make_rtc(Fix *f)
{
    g_autoptr(GError) err = NULL;

    f->rtc = rtc_create(f->rig->ms, &err);
    g_assert_no_error(err);
    rig_reset(f->rig);
}

static void setup(Fix *f, gconstpointer data)
{
    f->rig = rig_new(vm_clock(BASE));
    make_rtc(f);
}

static void teardown(Fix *f, gconstpointer data)
{
    rig_free(f->rig);
}

static uint8_t get(Fix *f, uint8_t reg)
{
    rig_out(f->rig, 0x70, reg);
    return (uint8_t)rig_in(f->rig, 0x71);
}

static void set(Fix *f, uint8_t reg, uint8_t value)
{
    rig_out(f->rig, 0x70, reg);
    rig_out(f->rig, 0x71, value);
}

/* Hex digits as the registers show them: century, year, month, day, hour, minute, second. */
static void check_time(Fix *f, const char *want)
{
    g_autofree char *have = g_strdup_printf(
        "%02x%02x-%02x-%02x %02x:%02x:%02x", get(f, 0x32), get(f, 9), get(f, 8), get(f, 7),
        get(f, 4), get(f, 2), get(f, 0));

    g_assert_cmpstr(have, ==, want);
}

static void test_initial(Fix *f, gconstpointer data)
{
    check_time(f, "2020-02-29 23:59:59");
    g_assert_cmphex(get(f, 6), ==, 7);
    g_assert_cmphex(get(f, 0x0a), ==, 0x26);
    g_assert_cmphex(get(f, 0x0b), ==, 0x02);
    g_assert_cmphex(get(f, 0x0c), ==, 0x00);
    g_assert_cmphex(get(f, 0x0d), ==, 0x80);
    g_assert_cmphex(rig_in(f->rig, 0x70), ==, 0xff);
}

static void test_advances(Fix *f, gconstpointer data)
{
    rig_step(f->rig, SECOND - 1);
    check_time(f, "2020-02-29 23:59:59");
    rig_step(f->rig, 1);
    check_time(f, "2020-03-01 00:00:00");
    g_assert_cmphex(get(f, 6), ==, 1); /* Sunday */
    rig_step(f->rig, 306 * 86400 * SECOND);
    check_time(f, "2021-01-01 00:00:00");
    g_assert_cmphex(get(f, 6), ==, 6); /* a Friday */
}

static void test_nmi_bit(Fix *f, gconstpointer data)
{
    set(f, 0x8e, 0x5a);
    g_assert_cmphex(get(f, 0x0e), ==, 0x5a);
}

static void test_century_alias(Fix *f, gconstpointer data)
{
    g_assert_cmphex(get(f, 0x37), ==, 0x20);
    set(f, 0x37, 0x19);
    g_assert_cmphex(get(f, 0x32), ==, 0x19);
}

static void test_century_rolls(Fix *f, gconstpointer data)
{
    rtc_set_time(f->rtc, 946684799); /* 1999-12-31 23:59:59 */
    check_time(f, "1999-12-31 23:59:59");
    rig_step(f->rig, SECOND);
    check_time(f, "2000-01-01 00:00:00");
    g_assert_cmpint(rtc_get_time(f->rtc), ==, 946684800);
}

static void test_ram(Fix *f, gconstpointer data)
{
    for (unsigned i = 0x0e; i < 0x80; i++) {
        if (i != 0x32 && i != 0x37) {
            set(f, (uint8_t)i, (uint8_t)(i ^ 0xa5));
        }
    }
    rig_reset(f->rig);
    for (unsigned i = 0x0e; i < 0x80; i++) {
        if (i != 0x32 && i != 0x37) {
            g_assert_cmphex(get(f, (uint8_t)i), ==, i ^ 0xa5);
            g_assert_cmphex(rtc_get_cmos(f->rtc, (uint8_t)i), ==, i ^ 0xa5);
        }
    }
}

static void test_read_only(Fix *f, gconstpointer data)
{
    set(f, 0x0c, 0xff);
    set(f, 0x0d, 0x00);
    set(f, 0x0a, 0xa6);
    g_assert_cmphex(get(f, 0x0c), ==, 0);
    g_assert_cmphex(get(f, 0x0d), ==, 0x80);
    g_assert_cmphex(get(f, 0x0a), ==, 0x26); /* UIP is not the guest's */
    rtc_set_cmos(f->rtc, 0x0b, 0xff);
    rtc_set_cmos(f->rtc, 0x00, 0x11);
    g_assert_cmphex(get(f, 0x0b), ==, 0x02);
    check_time(f, "2020-02-29 23:59:59");
}

/* ---- formats ---- */

static void test_binary(Fix *f, gconstpointer data)
{
    set(f, 0x0b, 0x06); /* a running clock is converted */
    check_time(f, "1414-02-1d 17:3b:3b");
    rig_step(f->rig, SECOND);
    check_time(f, "1414-03-01 00:00:00");
    set(f, 0x0b, 0x02);
    check_time(f, "2020-03-01 00:00:00");
}

static void test_12_hours(Fix *f, gconstpointer data)
{
    static const uint8_t bcd[24] = { 0x12, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
                                     0x08, 0x09, 0x10, 0x11, 0x92, 0x81, 0x82, 0x83,
                                     0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x90, 0x91 };

    rtc_set_time(f->rtc, 1583020800);
    set(f, 0x0b, 0x00);
    for (int h = 0; h < 24; h++) {
        g_assert_cmphex(get(f, 4), ==, bcd[h]);
        rig_step(f->rig, 3600 * SECOND);
    }
    check_time(f, "2020-03-02 12:00:00"); /* midnight again */
    set(f, 0x0b, 0x04);
    rig_step(f->rig, 23 * 3600 * SECOND);
    g_assert_cmphex(get(f, 4), ==, 0x8b);
    set(f, 0x0b, 0x02);
    g_assert_cmphex(get(f, 4), ==, 0x23);
}

static void test_set_by_registers(Fix *f, gconstpointer data)
{
    static const uint8_t regs[] = { 0x32, 9, 8, 7, 4, 2, 0 };
    static const uint8_t bcd[] = { 0x20, 0x10, 0x12, 0x31, 0x91, 0x59, 0x58 };

    set(f, 0x0b, 0x80); /* SET, BCD, 12 hours */
    for (unsigned i = 0; i < sizeof regs; i++) {
        set(f, regs[i], bcd[i]);
    }
    set(f, 0x0b, 0x00);
    rig_step(f->rig, SECOND);
    check_time(f, "2010-12-31 91:59:59");
    rig_step(f->rig, SECOND);
    check_time(f, "2011-01-01 12:00:00");
}

static void test_set_holds(Fix *f, gconstpointer data)
{
    set(f, 0x0b, 0x92);
    g_assert_cmphex(get(f, 0x0b), ==, 0x82); /* SET clears UIE */
    rig_step(f->rig, 100 * SECOND);
    check_time(f, "2020-02-29 23:59:59");
    g_assert_cmphex(get(f, 0x0c) & 0x30, ==, 0);
    set(f, 0x00, 0x30);
    set(f, 0x0b, 0x02);
    rig_step(f->rig, SECOND);
    check_time(f, "2020-02-29 23:59:31");
}

static void test_set_keeps_phase(Fix *f, gconstpointer data)
{
    rig_step(f->rig, SECOND / 4);
    set(f, 0x0b, 0x82);
    rig_step(f->rig, SECOND / 4);
    set(f, 0x0b, 0x02);
    rig_step(f->rig, SECOND / 2 - 1);
    check_time(f, "2020-02-29 23:59:59");
    rig_step(f->rig, 1);
    check_time(f, "2020-03-01 00:00:00");
}

/* Under SET the registers are raw: a new format only reads them anew. */
static void test_set_is_raw(Fix *f, gconstpointer data)
{
    set(f, 0x0b, 0x82);
    set(f, 0x04, 0x10);
    set(f, 0x02, 0x20);
    set(f, 0x00, 0x30);
    set(f, 0x0b, 0x06);
    check_time(f, "2020-02-29 10:20:30");
    rig_step(f->rig, SECOND);
    g_assert_cmphex(get(f, 0), ==, 0x31);
    rig_step(f->rig, 11 * SECOND); /* 0x30 + 12 = 60 */
    g_assert_cmphex(get(f, 0), ==, 0);
    g_assert_cmphex(get(f, 2), ==, 0x21);
}

/* What the guest writes stays as written until the next update. */
static void test_write_while_running(Fix *f, gconstpointer data)
{
    set(f, 7, 0x31); /* 31 February */
    g_assert_cmphex(get(f, 7), ==, 0x31);
    g_assert_cmphex(get(f, 8), ==, 0x02);
    set(f, 8, 0x01);
    rig_step(f->rig, SECOND);
    check_time(f, "2020-02-01 00:00:00");
}

static void test_nonsense_carries(Fix *f, gconstpointer data)
{
    static const uint8_t regs[] = { 0, 2, 4, 6, 7, 8, 9, 0x32 };

    for (unsigned v = 0; v < 256; v++) {
        for (unsigned b = 0; b < 8; b += 2) {
            set(f, 0x0b, (uint8_t)(0x80 | b));
            for (unsigned i = 0; i < sizeof regs; i++) {
                set(f, regs[i], (uint8_t)v);
            }
            set(f, 0x0b, (uint8_t)b);
            rig_step(f->rig, SECOND);
            rtc_get_time(f->rtc);
        }
    }
    rtc_set_time(f->rtc, BASE);
    g_assert_cmpint(rtc_get_time(f->rtc), ==, BASE);
}

/* ---- divider and UIP ---- */

static void test_divider_reset(Fix *f, gconstpointer data)
{
    set(f, 0x0a, 0x76);
    rig_step(f->rig, 100 * SECOND);
    check_time(f, "2020-02-29 23:59:59");
    set(f, 0x0a, 0x26);
    rig_step(f->rig, SECOND / 2 - 1);
    check_time(f, "2020-02-29 23:59:59");
    rig_step(f->rig, 1);
    check_time(f, "2020-03-01 00:00:00");
    rig_step(f->rig, SECOND);
    check_time(f, "2020-03-01 00:00:01");
}

static void test_uip(Fix *f, gconstpointer data)
{
    g_assert_cmphex(get(f, 0x0a) & 0x80, ==, 0);
    rig_step(f->rig, SECOND - 245000);
    g_assert_cmphex(get(f, 0x0a) & 0x80, ==, 0);
    rig_step(f->rig, 1000);
    g_assert_cmphex(get(f, 0x0a) & 0x80, ==, 0x80);
    rig_step(f->rig, 243999);
    g_assert_cmphex(get(f, 0x0a) & 0x80, ==, 0x80);
    check_time(f, "2020-02-29 23:59:59");
    rig_step(f->rig, 1);
    g_assert_cmphex(get(f, 0x0a) & 0x80, ==, 0);
    check_time(f, "2020-03-01 00:00:00");
}

static void test_uip_not_while_set(Fix *f, gconstpointer data)
{
    set(f, 0x0b, 0x82);
    rig_step(f->rig, SECOND - 1000);
    g_assert_cmphex(get(f, 0x0a), ==, 0x26);
}

/* ---- alarm ---- */

static void set_alarm(Fix *f, uint8_t hour, uint8_t minute, uint8_t second)
{
    set(f, 5, hour);
    set(f, 3, minute);
    set(f, 1, second);
}

/* Seconds until IRQ 8 rises with AIE; checked to be exact. */
static void check_alarm(Fix *f, int64_t seconds)
{
    get(f, 0x0c);
    set(f, 0x0b, get(f, 0x0b) | 0x20);
    rig_step(f->rig, seconds * SECOND - 1);
    g_assert_cmpint(f->rig->level[IRQ], ==, 0);
    rig_step(f->rig, 1);
    g_assert_cmpint(f->rig->level[IRQ], ==, 1);
    g_assert_cmphex(get(f, 0x0c) & 0xa0, ==, 0xa0);
    g_assert_cmpint(f->rig->level[IRQ], ==, 0);
}

static void test_alarm_exact(Fix *f, gconstpointer data)
{
    set_alarm(f, 0x01, 0x02, 0x03);
    check_alarm(f, 1 + 3723);
    check_alarm(f, 86400); /* and a day later */
}

static void test_alarm_dont_care(Fix *f, gconstpointer data)
{
    set_alarm(f, 0xc0, 0xc0, 0xc0);
    check_alarm(f, 1);
    check_alarm(f, 1);
    set_alarm(f, 0xff, 0xff, 0x30);
    check_alarm(f, 29);
    check_alarm(f, 60);
    set_alarm(f, 0xc1, 0x05, 0x00);
    check_alarm(f, 3 * 60 + 30);
    check_alarm(f, 3600);
    set_alarm(f, 0x04, 0xc0, 0xc0);
    check_alarm(f, 3 * 3600 - 5 * 60);
    check_alarm(f, 1);
}

static void test_alarm_12_hours(Fix *f, gconstpointer data)
{
    set(f, 0x0b, 0x00);
    set_alarm(f, 0x81, 0x00, 0x00); /* 1 PM */
    check_alarm(f, 1 + 13 * 3600);
}

static void test_alarm_flag_alone(Fix *f, gconstpointer data)
{
    set_alarm(f, 0x00, 0x00, 0x05);
    rig_step(f->rig, 5 * SECOND);
    g_assert_cmphex(get(f, 0x0c) & 0x20, ==, 0);
    rig_step(f->rig, SECOND);
    g_assert_cmphex(get(f, 0x0c), ==, 0x70); /* polled: no IRQF, no line */
    g_assert_cmpuint(f->rig->rises[IRQ], ==, 0);
}

static void test_alarm_never(Fix *f, gconstpointer data)
{
    set_alarm(f, 0x25, 0x00, 0x00);
    set(f, 0x0b, 0x22);
    g_assert_cmpint(hw_clock_virtual_deadline(f->rig->ms), ==, -1);
    rig_step(f->rig, 3 * 86400 * SECOND);
    g_assert_cmpuint(f->rig->rises[IRQ], ==, 0);
}

/* ---- interrupts ---- */

static void test_update_irq(Fix *f, gconstpointer data)
{
    set(f, 0x0b, 0x12);
    for (unsigned i = 1; i <= 3; i++) {
        rig_step(f->rig, SECOND);
        g_assert_cmpuint(f->rig->rises[IRQ], ==, i);
        g_assert_cmphex(get(f, 0x0c) & 0x90, ==, 0x90);
        g_assert_cmphex(get(f, 0x0c), ==, 0x00);
        g_assert_cmpint(f->rig->level[IRQ], ==, 0);
    }
}

static void test_enable_after_flag(Fix *f, gconstpointer data)
{
    rig_step(f->rig, SECOND);
    set(f, 0x0b, 0x02);
    g_assert_cmpint(f->rig->level[IRQ], ==, 0);
    set(f, 0x0b, 0x12); /* the flag is already up */
    g_assert_cmpint(f->rig->level[IRQ], ==, 1);
    set(f, 0x0b, 0x02); /* masking drops the line, not the flag */
    g_assert_cmpint(f->rig->level[IRQ], ==, 0);
    g_assert_cmphex(get(f, 0x0c) & 0x10, ==, 0x10);
}

static void test_periodic_rates(Fix *f, gconstpointer data)
{
    static const unsigned hz[16] = { 0,    256,  128, 8192, 4096, 2048, 1024, 512,
                                     256,  128,  64,  32,   16,   8,    4,    2 };

    for (uint8_t rate = 0; rate < 16; rate++) {
        unsigned n = 0;

        set(f, 0x0a, 0x20 | rate);
        get(f, 0x0c);
        set(f, 0x0b, 0x42);
        for (unsigned i = 0; i < 16384; i++) { /* a second in steps shorter than any period */
            rig_step(f->rig, SECOND / 16384 + (i % 16384 < SECOND % 16384));
            n += (get(f, 0x0c) & 0x40) != 0;
        }
        set(f, 0x0b, 0x02);
        g_assert_cmpuint(n, ==, hz[rate]);
    }
}

static void test_periodic_irq(Fix *f, gconstpointer data)
{
    set(f, 0x0a, 0x2f);
    set(f, 0x0b, 0x42);
    for (unsigned i = 1; i <= 10; i++) {
        rig_step(f->rig, SECOND / 2);
        g_assert_cmpuint(f->rig->rises[IRQ], ==, i);
        g_assert_cmphex(get(f, 0x0c) & 0xc0, ==, 0xc0);
    }
}

static void test_idle_has_no_timer(Fix *f, gconstpointer data)
{
    g_assert_cmpint(hw_clock_virtual_deadline(f->rig->ms), ==, -1);
    set(f, 0x0b, 0x12);
    g_assert_cmpint(hw_clock_virtual_deadline(f->rig->ms), ==, SECOND);
    rig_step(f->rig, SECOND); /* the line is up: nothing more to say */
    g_assert_cmpint(hw_clock_virtual_deadline(f->rig->ms), ==, -1);
    set(f, 0x0b, 0x02);
}

static void test_reset(Fix *f, gconstpointer data)
{
    set(f, 0x0b, 0x7a);
    rig_step(f->rig, SECOND);
    g_assert_cmpint(f->rig->level[IRQ], ==, 1);
    rig_reset(f->rig);
    g_assert_cmpint(f->rig->level[IRQ], ==, 0);
    g_assert_cmphex(get(f, 0x0b), ==, 0x02);
    g_assert_cmphex(get(f, 0x0c), ==, 0x00);
    check_time(f, "2020-03-01 00:00:00"); /* the time stays */
}

/* ---- -rtc ---- */

static void test_slew(void)
{
    Fix f = { .rig = rig_new(vm_clock(BASE)) };
    unsigned n = 0;

    f.rig->ms->boot->rtc_slew = true;
    make_rtc(&f);
    set(&f, 0x0a, 0x2f);
    set(&f, 0x0b, 0x42);
    rig_step(f.rig, 4 * SECOND); /* eight ticks, nobody looks */
    while ((get(&f, 0x0c) & 0x40) && n < 100) {
        n++;
    }
    g_assert_cmpuint(n, ==, 8);
    g_assert_cmpuint(f.rig->rises[IRQ], ==, 8);
    rig_step(f.rig, SECOND / 2);
    g_assert_cmphex(get(&f, 0x0c) & 0x40, ==, 0x40);
    rig_free(f.rig);
}

static void test_slew_bounded(void)
{
    Fix f = { .rig = rig_new(vm_clock(BASE)) };
    unsigned n = 0;

    f.rig->ms->boot->rtc_slew = true;
    make_rtc(&f);
    set(&f, 0x0b, 0x42);
    rig_step(f.rig, SECOND); /* 1024 ticks */
    while ((get(&f, 0x0c) & 0x40) && n < 100) {
        n++;
    }
    g_assert_cmpuint(n, ==, 21); /* the real one and twenty more */
    rig_free(f.rig);
}

static void test_no_slew(Fix *f, gconstpointer data)
{
    set(f, 0x0b, 0x42);
    rig_step(f->rig, SECOND);
    g_assert_cmphex(get(f, 0x0c) & 0x40, ==, 0x40);
    g_assert_cmphex(get(f, 0x0c) & 0x40, ==, 0);
}

static void test_host_base(void)
{
    Fix f = { .rig = rig_new(NULL) };
    int64_t before = time(NULL), now;

    make_rtc(&f);
    now = rtc_get_time(f.rtc);
    g_assert_cmpint(now, >=, before);
    g_assert_cmpint(now, <=, time(NULL));
    rig_free(f.rig);
}

static void test_localtime(void)
{
    BootConfig *boot = vm_clock(0);
    Fix f;

    g_setenv("TZ", "XYZ-05:30", TRUE);
    tzset();
    boot->rtc_base_set = false;
    boot->rtc_localtime = true;
    f.rig = rig_new(boot);
    make_rtc(&f);
    g_assert_cmpint(ABS(rtc_get_time(f.rtc) - (time(NULL) + 19800)), <=, 5);
    g_unsetenv("TZ");
    tzset();
    rig_free(f.rig);
}

static void test_old_base(void)
{
    Fix f = { .rig = rig_new(vm_clock(-1)) };

    make_rtc(&f);
    check_time(&f, "1969-12-31 23:59:59");
    g_assert_cmphex(get(&f, 6), ==, 4);
    rig_step(f.rig, SECOND);
    check_time(&f, "1970-01-01 00:00:00");
    rig_free(f.rig);
}

/* ---- what a PC finds ---- */

static void make_cmos(Fix *f, uint64_t below, uint64_t above)
{
    g_autoptr(GError) err = NULL;

    f->rtc = rtc_create(f->rig->ms, NULL);
    pc_cmos_create(f->rig->ms, f->rtc, below, above, &err);
    g_assert_no_error(err);
    rig_reset(f->rig);
}

static unsigned get16(Fix *f, uint8_t reg)
{
    return get(f, reg) | (unsigned)get(f, reg + 1) << 8;
}

static void test_cmos_small(void)
{
    Fix f = { .rig = rig_new(NULL) };

    make_cmos(&f, 64 << 20, 0);
    g_assert_cmphex(get(&f, 0x10), ==, 0);
    g_assert_cmphex(get(&f, 0x14), ==, 0x06);
    g_assert_cmphex(get16(&f, 0x15), ==, 640);
    g_assert_cmphex(get16(&f, 0x17), ==, 0xfc00);
    g_assert_cmphex(get16(&f, 0x30), ==, 0xfc00);
    g_assert_cmphex(get16(&f, 0x34), ==, 0x0300);
    g_assert_cmphex(get16(&f, 0x5b), ==, 0);
    g_assert_cmphex(get(&f, 0x5d), ==, 0);
    g_assert_cmphex(get(&f, 0x5f), ==, 0);
    rig_free(f.rig);
}

static void test_cmos_large(void)
{
    Fix f = { .rig = rig_new(NULL) };

    f.rig->ms->smp.cpus = 256;
    make_cmos(&f, 3ull << 30, 0x123456ull << 16);
    g_assert_cmphex(get16(&f, 0x17), ==, 0xffff);
    g_assert_cmphex(get16(&f, 0x30), ==, 0xffff);
    g_assert_cmphex(get16(&f, 0x34), ==, 0xbf00);
    g_assert_cmphex(get16(&f, 0x5b), ==, 0x3456);
    g_assert_cmphex(get(&f, 0x5d), ==, 0x12);
    g_assert_cmphex(get(&f, 0x5f), ==, 0xff);
    rig_free(f.rig);
}

static void test_boot_order(void)
{
    static const struct {
        const char *order, *once;
        bool no_check;
        unsigned first, later; /* 0x38 below 0x3d, as the test clients read it */
    } cases[] = {
        { NULL, NULL, false, 0x1230, 0x1230 }, { NULL, NULL, true, 0x1231, 0x1231 },
        { "c", NULL, false, 0x0200, 0x0200 },  { "nda", NULL, false, 0x3410, 0x3410 },
        { NULL, "c", false, 0x0200, 0x1230 },  { "dc", "n", false, 0x0400, 0x2300 },
        { "", NULL, false, 0x0000, 0x0000 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        Fix f = { .rig = rig_new(NULL) };

        f.rig->ms->boot->order = g_strdup(cases[i].order);
        f.rig->ms->boot->once = g_strdup(cases[i].once);
        f.rig->ms->boot->no_fd_bootchk = cases[i].no_check;
        make_cmos(&f, 64 << 20, 0);
        g_assert_cmphex(get(&f, 0x38) | get(&f, 0x3d) << 8, ==, cases[i].first);
        rig_reset(f.rig);
        g_assert_cmphex(get(&f, 0x38) | get(&f, 0x3d) << 8, ==, cases[i].later);
        set(&f, 0x3d, 0x77);
        rig_reset(f.rig);
        g_assert_cmphex(get(&f, 0x3d), ==, 0x77); /* the guest's from then on */
        rig_free(f.rig);
    }
}

static void test_boot_refused(void)
{
    static const char *const bad[][2] = {
        { "z", "Invalid boot device 'z'" }, { "aca", "Boot device 'a' was given twice" },
        { "acdn", "Too many boot devices for PC" }, { "ce", "Invalid boot device for PC: 'e'" },
    };

    for (unsigned i = 0; i < 2 * G_N_ELEMENTS(bad); i++) {
        g_autoptr(Rig) rig = rig_new(NULL);
        g_autoptr(GError) err = NULL;
        char **place = i & 1 ? &rig->ms->boot->once : &rig->ms->boot->order;
        DeviceState *rtc = rtc_create(rig->ms, NULL);

        g_free(*place);
        *place = g_strdup(bad[i / 2][0]);
        g_assert_null(pc_cmos_create(rig->ms, rtc, RIG_RAM, 0, &err));
        g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_INVALID);
        g_assert_cmpstr(err->message, ==, bad[i / 2][1]);
    }
}

#define CASE(name) g_test_add("/rtc/" #name, Fix, NULL, setup, test_##name, teardown)
#define ALONE(name) g_test_add_func("/rtc/" #name, test_##name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    CASE(initial);
    CASE(advances);
    CASE(nmi_bit);
    CASE(century_alias);
    CASE(century_rolls);
    CASE(ram);
    CASE(read_only);
    CASE(binary);
    CASE(12_hours);
    CASE(set_by_registers);
    CASE(set_holds);
    CASE(set_keeps_phase);
    CASE(set_is_raw);
    CASE(write_while_running);
    CASE(nonsense_carries);
    CASE(divider_reset);
    CASE(uip);
    CASE(uip_not_while_set);
    CASE(alarm_exact);
    CASE(alarm_dont_care);
    CASE(alarm_12_hours);
    CASE(alarm_flag_alone);
    CASE(alarm_never);
    CASE(update_irq);
    CASE(enable_after_flag);
    CASE(periodic_rates);
    CASE(periodic_irq);
    CASE(idle_has_no_timer);
    CASE(reset);
    CASE(no_slew);
    ALONE(slew);
    ALONE(slew_bounded);
    ALONE(host_base);
    ALONE(localtime);
    ALONE(old_base);
    ALONE(cmos_small);
    ALONE(cmos_large);
    ALONE(boot_order);
    ALONE(boot_refused);
    return g_test_run();
}
