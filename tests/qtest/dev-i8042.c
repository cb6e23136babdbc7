/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* i8042 with keyboard and mouse, at 0x60 and 0x64. */
#include "dev.h"

static void command(AqVM *vm, uint8_t cmd)
{
    OUT8(vm, 0x64, cmd);
}

/* The buffer holds @want, from the mouse or not. */
static void answer(AqVM *vm, uint8_t want, gboolean aux)
{
    g_assert_cmphex(aq_inb(vm, 0x64) & 0x21, ==, aux ? 0x21 : 0x01);
    IN8(vm, 0x60, want);
}

static void nothing(AqVM *vm)
{
    g_assert_cmphex(aq_inb(vm, 0x64) & 0x01, ==, 0);
}

static void self_test(AqVM *vm, gconstpointer data)
{
    command(vm, 0xaa);
    answer(vm, 0x55, FALSE);
    nothing(vm);
    g_assert_cmphex(aq_inb(vm, 0x64) & 0x04, ==, 0x04);
}

static void interface_tests(AqVM *vm, gconstpointer data)
{
    command(vm, 0xab);
    answer(vm, 0, FALSE);
    command(vm, 0xa9);
    answer(vm, 0, FALSE);
}

static void config_byte(AqVM *vm, gconstpointer data)
{
    command(vm, 0x60);
    OUT8(vm, 0x60, 0x74);
    command(vm, 0x20);
    answer(vm, 0x74, FALSE);
}

static void disable_enable(AqVM *vm, gconstpointer data)
{
    static const uint8_t steps[][2] = {
        { 0xad, 0x10 }, { 0xa7, 0x30 }, { 0xae, 0x20 }, { 0xa8, 0 },
    };

    for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
        command(vm, steps[i][0]);
        command(vm, 0x20);
        g_assert_cmphex(aq_inb(vm, 0x60) & 0x30, ==, steps[i][1]);
    }
}

static void kbd_reset(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x60, 0xff);
    answer(vm, 0xfa, FALSE);
    answer(vm, 0xaa, FALSE);
    nothing(vm);
}

static void kbd_echo(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x60, 0xee);
    answer(vm, 0xee, FALSE);
}

static void kbd_identify(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x60, 0xf2);
    answer(vm, 0xfa, FALSE);
    answer(vm, 0xab, FALSE);
    answer(vm, 0x83, FALSE);
}

static void kbd_translates(AqVM *vm, gconstpointer data)
{
    command(vm, 0x60);
    OUT8(vm, 0x60, 0x41);
    OUT8(vm, 0x60, 0xf2);
    answer(vm, 0xfa, FALSE);
    answer(vm, 0xab, FALSE);
    answer(vm, 0x41, FALSE);
}

static void kbd_leds(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x60, 0xed);
    answer(vm, 0xfa, FALSE);
    OUT8(vm, 0x60, 0x07);
    answer(vm, 0xfa, FALSE);
    nothing(vm);
}

static void kbd_unknown(AqVM *vm, gconstpointer data)
{
    OUT8(vm, 0x60, 0xe1);
    answer(vm, 0xfe, FALSE);
}

static void kbd_irq(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    OUT8(vm, 0x60, 0xee);
    g_assert_true(aq_get_irq(vm, 1));
    aq_inb(vm, 0x60);
    g_assert_false(aq_get_irq(vm, 1));
    command(vm, 0x60);
    OUT8(vm, 0x60, 0x00);
    OUT8(vm, 0x60, 0xee);
    g_assert_false(aq_get_irq(vm, 1));
}

static void mouse_reset(AqVM *vm, gconstpointer data)
{
    command(vm, 0xd4);
    OUT8(vm, 0x60, 0xff);
    answer(vm, 0xfa, TRUE);
    answer(vm, 0xaa, TRUE);
    answer(vm, 0x00, TRUE);
    nothing(vm);
}

static void mouse_irq(AqVM *vm, gconstpointer data)
{
    aq_irq_intercept_in(vm, "ioapic");
    command(vm, 0x60);
    OUT8(vm, 0x60, 0x02);
    command(vm, 0xd4);
    OUT8(vm, 0x60, 0xf4);
    g_assert_true(aq_get_irq(vm, 12));
    g_assert_false(aq_get_irq(vm, 1));
    answer(vm, 0xfa, TRUE);
    g_assert_false(aq_get_irq(vm, 12));
}

static void mouse_status(AqVM *vm, gconstpointer data)
{
    mouse_reset(vm, NULL);
    command(vm, 0xd4);
    OUT8(vm, 0x60, 0xe9);
    answer(vm, 0xfa, TRUE);
    answer(vm, 0x00, TRUE);
    answer(vm, 0x02, TRUE);
    answer(vm, 100, TRUE);
}

static void put_byte(AqVM *vm, gconstpointer data)
{
    command(vm, 0xd2);
    OUT8(vm, 0x60, 0x1e);
    answer(vm, 0x1e, FALSE);
    command(vm, 0xd3);
    OUT8(vm, 0x60, 0x08);
    answer(vm, 0x08, TRUE);
}

static void output_port(AqVM *vm, gconstpointer data)
{
    command(vm, 0xdd);
    command(vm, 0xd0);
    g_assert_cmphex(aq_inb(vm, 0x60) & 0x03, ==, 0x01);
    command(vm, 0xdf);
    command(vm, 0xd0);
    g_assert_cmphex(aq_inb(vm, 0x60) & 0x03, ==, 0x03);
    command(vm, 0xd1);
    OUT8(vm, 0x60, 0xcd);
    command(vm, 0xd0);
    g_assert_cmphex(aq_inb(vm, 0x60) & 0x03, ==, 0x01);
}

static void reset_by_pulse(AqVM *vm, gconstpointer data)
{
    command(vm, 0xff); /* pulses nothing */
    dev_no_event(vm, "RESET");
    command(vm, 0xfe);
    json_decref(aq_event(vm, "RESET"));
}

static void reset_by_output_port(AqVM *vm, gconstpointer data)
{
    command(vm, 0xd1);
    OUT8(vm, 0x60, 0xce);
    json_decref(aq_event(vm, "RESET"));
}

static void switched_off(AqVM *vm, gconstpointer data)
{
    IN8(vm, 0x60, 0xff);
    IN8(vm, 0x64, 0xff);
    IN8(vm, 0x92, 0xff);
}

static const DevCase cases[] = {
    CASE("self-test", self_test),
    CASE("interface-tests", interface_tests),
    CASE("config-byte", config_byte),
    CASE("disable-enable", disable_enable),
    CASE("kbd/reset", kbd_reset),
    CASE("kbd/echo", kbd_echo),
    CASE("kbd/identify", kbd_identify),
    CASE("kbd/translates", kbd_translates),
    CASE("kbd/leds", kbd_leds),
    CASE("kbd/unknown", kbd_unknown),
    CASE("kbd/irq", kbd_irq),
    CASE("mouse/reset", mouse_reset),
    CASE("mouse/irq", mouse_irq),
    CASE("mouse/status", mouse_status),
    CASE("put-byte", put_byte),
    CASE("output-port", output_port),
    CASE("reset/pulse", reset_by_pulse),
    CASE("reset/output-port", reset_by_output_port),
    CASE("switched-off", switched_off, "-machine i8042=off", DEV_OURS),
};

DEV_MAIN("i8042", cases)
