/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keyboard controller, keyboard and mouse.
 */
#include "dev-rig.h"
#include "hw/i8042.h"

#define DATA 0x60
#define CMD 0x64

typedef struct Fix {
    Rig *rig;
    DeviceState *dev;
    IrqLine *a20_line;
    int a20;
} Fix;

static void a20_set(void *opaque, int n, int level)
{
    ((Fix *)opaque)->a20 = level;
}

static void setup(Fix *f, gconstpointer data)
{
    f->rig = rig_new(NULL);
    f->dev = rig_device(f->rig, &i8042_class, NULL);
    f->a20_line = hw_irq_array_new(a20_set, f, 1);
    hw_device_connect(f->dev, "a20", 0, f->a20_line);
    rig_reset(f->rig);
}

static void teardown(Fix *f, gconstpointer data)
{
    rig_free(f->rig);
    g_free(f->a20_line);
}

static void cmd(Fix *f, uint8_t v)
{
    rig_out(f->rig, CMD, v);
}

static void put(Fix *f, uint8_t v)
{
    rig_out(f->rig, DATA, v);
}

static uint8_t status(Fix *f)
{
    return (uint8_t)rig_in(f->rig, CMD);
}

/* The next byte; @aux: it must say that it is the mouse's. */
static void expect(Fix *f, uint8_t want, bool aux)
{
    g_assert_cmphex(status(f) & 0x21, ==, aux ? 0x21 : 0x01);
    g_assert_cmphex(rig_in(f->rig, DATA), ==, want);
}

static void expect_all(Fix *f, bool aux, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        expect(f, bytes[i], aux);
    }
    g_assert_cmphex(status(f) & 0x01, ==, 0);
}

#define KBD(...) expect_all(f, false, (const uint8_t[]){ __VA_ARGS__ }, \
                            sizeof((const uint8_t[]){ __VA_ARGS__ }))
#define AUX(...) expect_all(f, true, (const uint8_t[]){ __VA_ARGS__ }, \
                            sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void mouse(Fix *f, uint8_t v)
{
    cmd(f, 0xd4);
    put(f, v);
}

static void set_mode(Fix *f, uint8_t mode)
{
    cmd(f, 0x60);
    put(f, mode);
}

/* ---- controller ---- */

static void test_power_on(Fix *f, gconstpointer data)
{
    g_assert_cmphex(status(f), ==, 0x18);
    g_assert_cmphex(rig_in(f->rig, DATA), ==, 0);
    cmd(f, 0x20);
    KBD(0x03);
    cmd(f, 0xd0);
    KBD(0xcf);
    cmd(f, 0xc0);
    KBD(0x80);
    g_assert_cmpint(f->a20, ==, 1);
}

static void test_self_test(Fix *f, gconstpointer data)
{
    cmd(f, 0xaa);
    g_assert_cmphex(status(f), ==, 0x1d);
    KBD(0x55);
    cmd(f, 0xab);
    KBD(0x00);
    cmd(f, 0xa9);
    KBD(0x00);
}

static void test_mode(Fix *f, gconstpointer data)
{
    set_mode(f, 0x61);
    cmd(f, 0x20);
    KBD(0x61);
    cmd(f, 0xad);
    cmd(f, 0x20);
    KBD(0x71);
    cmd(f, 0xae);
    cmd(f, 0xa8);
    cmd(f, 0x20);
    KBD(0x41);
    cmd(f, 0xa7);
    cmd(f, 0x20);
    KBD(0x61);
}

static void test_ram(Fix *f, gconstpointer data)
{
    cmd(f, 0x7f);
    put(f, 0x42);
    cmd(f, 0x3f);
    KBD(0x42);
    cmd(f, 0x21);
    KBD(0x00);
}

static void test_status_cmd_bit(Fix *f, gconstpointer data)
{
    set_mode(f, 0x03);
    g_assert_cmphex(status(f) & 0x08, ==, 0);
    cmd(f, 0xae);
    g_assert_cmphex(status(f) & 0x08, ==, 0x08);
}

static void test_irq(Fix *f, gconstpointer data)
{
    put(f, 0xf2);
    g_assert_cmpint(f->rig->level[1], ==, 1);
    KBD(0xfa, 0xab, 0x83);
    g_assert_cmpuint(f->rig->rises[1], ==, 3); /* one edge for each byte */
    g_assert_cmpint(f->rig->level[1], ==, 0);
    mouse(f, 0xf2);
    g_assert_cmpint(f->rig->level[12], ==, 1);
    AUX(0xfa, 0x00);
    g_assert_cmpuint(f->rig->rises[12], ==, 2);
    g_assert_cmpuint(f->rig->rises[1], ==, 3);
}

static void test_irq_masked(Fix *f, gconstpointer data)
{
    set_mode(f, 0x00);
    put(f, 0xee);
    mouse(f, 0xe6);
    g_assert_cmpuint(f->rig->rises[1] + f->rig->rises[12], ==, 0);
    set_mode(f, 0x01); /* the byte is still there */
    g_assert_cmpint(f->rig->level[1], ==, 1);
    expect(f, 0xee, false);
    AUX(0xfa);
    g_assert_cmpuint(f->rig->rises[12], ==, 0);
}

static void test_loop_back(Fix *f, gconstpointer data)
{
    cmd(f, 0xd2);
    put(f, 0x12);
    KBD(0x12);
    cmd(f, 0xd3);
    put(f, 0x34);
    AUX(0x34);
}

static void test_a20(Fix *f, gconstpointer data)
{
    cmd(f, 0xdd);
    g_assert_cmpint(f->a20, ==, 0);
    cmd(f, 0xd0);
    KBD(0xcd);
    cmd(f, 0xdf);
    g_assert_cmpint(f->a20, ==, 1);
    cmd(f, 0xd1);
    put(f, 0xdd);
    g_assert_cmpint(f->a20, ==, 0);
    g_assert_cmpuint(f->rig->requests, ==, 0);
}

static void test_reset_pulse(Fix *f, gconstpointer data)
{
    cmd(f, 0xff);
    cmd(f, 0xf1);
    g_assert_cmpuint(f->rig->requests, ==, 0);
    cmd(f, 0xfe);
    g_assert_cmpuint(f->rig->requests, ==, 1);
    g_assert_cmpint(f->rig->request, ==, MACHINE_REQUEST_RESET);
    cmd(f, 0xf0);
    g_assert_cmpuint(f->rig->requests, ==, 2);
    cmd(f, 0xd1);
    put(f, 0xce);
    g_assert_cmpuint(f->rig->requests, ==, 3);
}

static void test_outport_shows_buffer(Fix *f, gconstpointer data)
{
    put(f, 0xee);
    cmd(f, 0xd0);
    expect(f, 0xee, false);
    KBD(0xdf);
}

static void test_unknown_commands(Fix *f, gconstpointer data)
{
    for (unsigned v = 0; v < 0xf0; v++) {
        cmd(f, (uint8_t)v);
        put(f, 0x03);
        for (unsigned i = 0; i < 20 && (status(f) & 1); i++) {
            rig_in(f->rig, DATA);
        }
        g_assert_cmphex(status(f) & 1, ==, 0);
    }
    rig_reset(f->rig);
    test_power_on(f, data);
}

/* ---- keyboard ---- */

static void test_kbd_reset(Fix *f, gconstpointer data)
{
    put(f, 0xff);
    KBD(0xfa, 0xaa);
}

static void test_kbd_leds(Fix *f, gconstpointer data)
{
    put(f, 0xed);
    KBD(0xfa);
    put(f, 0x07);
    KBD(0xfa);
    put(f, 0xed);
    KBD(0xfa);
    put(f, 0xf4); /* a command instead of the parameter */
    KBD(0xfa);
    put(f, 0x07);
    KBD(0xfe);
}

static void test_kbd_sets(Fix *f, gconstpointer data)
{
    put(f, 0xf0);
    KBD(0xfa);
    put(f, 0x00);
    KBD(0xfa, 0x02);
    put(f, 0xf0);
    put(f, 0x01);
    f->rig->requests = 0;
    for (int i = 0; i < 2; i++) {
        rig_in(f->rig, DATA);
    }
    put(f, 0xf0);
    rig_in(f->rig, DATA);
    put(f, 0x00);
    KBD(0xfa, 0x01);
    put(f, 0xf0);
    KBD(0xfa);
    put(f, 0x04);
    KBD(0xfe);
}

static void test_kbd_simple(Fix *f, gconstpointer data)
{
    static const uint8_t acked[] = { 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa };

    for (unsigned i = 0; i < sizeof acked; i++) {
        put(f, acked[i]);
        KBD(0xfa);
    }
    put(f, 0xee);
    KBD(0xee);
    put(f, 0x55);
    KBD(0xfe);
    put(f, 0xee);
    KBD(0xee);
    put(f, 0xfe);
    KBD(0xee); /* the last byte again */
}

static void test_kbd_off(Fix *f, gconstpointer data)
{
    static const uint8_t key[] = { 0x1c };

    cmd(f, 0xad);
    g_assert_true(i8042_put_scancodes(f->dev, key, 1));
    g_assert_cmphex(status(f) & 1, ==, 0); /* waits */
    cmd(f, 0xae);
    KBD(0x1c);
    cmd(f, 0xad);
    put(f, 0xee); /* talking to it switches it on */
    KBD(0xee);
}

static void test_keys(Fix *f, gconstpointer data)
{
    static const uint8_t up[] = { 0xe0, 0xf0, 0x75 };

    g_assert_true(i8042_put_scancodes(f->dev, up, sizeof up));
    KBD(0xe0, 0xf0, 0x75);
    set_mode(f, 0x41); /* translation: set 1 for the guest */
    g_assert_true(i8042_put_scancodes(f->dev, up, sizeof up));
    KBD(0xe0, 0xc8);
    g_assert_true(i8042_put_scancodes(f->dev, up + 2, 1));
    KBD(0x48);
    put(f, 0xf2);
    KBD(0xfa, 0xab, 0x41); /* the id is translated as well */
    put(f, 0xf5);
    KBD(0xfa);
    g_assert_false(i8042_put_scancodes(f->dev, up, sizeof up));
}

static void test_keys_set_1(Fix *f, gconstpointer data)
{
    static const uint8_t up[] = { 0xe0, 0xf0, 0x75 };

    put(f, 0xf0);
    put(f, 0x01);
    rig_in(f->rig, DATA);
    rig_in(f->rig, DATA);
    g_assert_true(i8042_put_scancodes(f->dev, up, sizeof up));
    KBD(0xe0, 0xc8);
}

static void test_keys_overflow(Fix *f, gconstpointer data)
{
    static const uint8_t up[] = { 0xf0, 0x1c };
    unsigned n = 0;

    while (n < 100 && i8042_put_scancodes(f->dev, up, 2)) {
        n++;
    }
    g_assert_cmpuint(n, ==, 8); /* one byte out, sixteen waiting: whole keys only */
    for (unsigned i = 0; i < n; i++) {
        expect(f, 0xf0, false);
        expect(f, 0x1c, false);
    }
}

/* ---- mouse ---- */

static void test_mouse_reset(Fix *f, gconstpointer data)
{
    mouse(f, 0xff);
    AUX(0xfa, 0xaa, 0x00);
}

static void test_mouse_status(Fix *f, gconstpointer data)
{
    mouse(f, 0xe9);
    AUX(0xfa, 0x00, 0x02, 100);
    mouse(f, 0xe7);
    AUX(0xfa);
    mouse(f, 0xf4);
    AUX(0xfa);
    mouse(f, 0xf0);
    AUX(0xfa);
    mouse(f, 0xe8);
    AUX(0xfa);
    mouse(f, 0x03);
    AUX(0xfa);
    mouse(f, 0xe9);
    AUX(0xfa, 0x70, 0x03, 100);
    mouse(f, 0xf6);
    AUX(0xfa);
    mouse(f, 0xe9);
    AUX(0xfa, 0x00, 0x02, 100);
}

static void knock(Fix *f, uint8_t a, uint8_t b, uint8_t c)
{
    const uint8_t rates[3] = { a, b, c };

    for (unsigned i = 0; i < 3; i++) {
        mouse(f, 0xf3);
        AUX(0xfa);
        mouse(f, rates[i]);
        AUX(0xfa);
    }
}

static void test_mouse_knock(Fix *f, gconstpointer data)
{
    mouse(f, 0xeb);
    AUX(0xfa, 0x08, 0, 0);
    knock(f, 200, 200, 80);
    mouse(f, 0xf2);
    AUX(0xfa, 0x00);
    knock(f, 200, 100, 80);
    mouse(f, 0xf2);
    AUX(0xfa, 0x03);
    mouse(f, 0xeb);
    AUX(0xfa, 0x08, 0, 0, 0);
    knock(f, 200, 200, 80);
    mouse(f, 0xf2);
    AUX(0xfa, 0x04);
    mouse(f, 0xff);
    AUX(0xfa, 0xaa, 0x00);
}

static void test_mouse_wrap(Fix *f, gconstpointer data)
{
    mouse(f, 0xee);
    AUX(0xfa);
    mouse(f, 0xe9);
    AUX(0xe9);
    mouse(f, 0xec);
    AUX(0xfa);
    mouse(f, 0x11);
    AUX(0xfe);
}

static void test_reset(Fix *f, gconstpointer data)
{
    set_mode(f, 0x71);
    cmd(f, 0xdd);
    put(f, 0xf2);
    mouse(f, 0xf2);
    rig_reset(f->rig);
    g_assert_cmpint(f->rig->level[1], ==, 0);
    test_power_on(f, data);
}

#define CASE(name) g_test_add("/i8042/" #name, Fix, NULL, setup, test_##name, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    CASE(power_on);
    CASE(self_test);
    CASE(mode);
    CASE(ram);
    CASE(status_cmd_bit);
    CASE(irq);
    CASE(irq_masked);
    CASE(loop_back);
    CASE(a20);
    CASE(reset_pulse);
    CASE(outport_shows_buffer);
    CASE(unknown_commands);
    CASE(kbd_reset);
    CASE(kbd_leds);
    CASE(kbd_sets);
    CASE(kbd_simple);
    CASE(kbd_off);
    CASE(keys);
    CASE(keys_set_1);
    CASE(keys_overflow);
    CASE(mouse_reset);
    CASE(mouse_status);
    CASE(mouse_knock);
    CASE(mouse_wrap);
    CASE(reset);
    return g_test_run();
}
