/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Chardevs: front-end plumbing, null, ring buffer. */
#include <string.h>
#include "hw/chardev.h"

static int opened, closed, room;
static GString *got;

static int can_read(void *opaque)
{
    return room;
}

static void on_read(void *opaque, const uint8_t *buf, size_t len)
{
    g_string_append_len(got, (const char *)buf, len);
}

static void on_event(void *opaque, ChardevEvent ev)
{
    opened += ev == CHARDEV_EVENT_OPENED;
    closed += ev == CHARDEV_EVENT_CLOSED;
}

static const ChardevHandlers fe = { can_read, on_read, on_event, NULL };

static void test_connect(void)
{
    Chardev *chr = (Chardev *)hw_object_new(&chardev_null_class.type);
    g_autoptr(GError) err = NULL;

    got = g_string_new(NULL);
    opened = closed = 0;
    chr->id = g_strdup("c0");
    g_assert_true(chardev_connect(chr, &fe, &err));
    g_assert_cmpint(opened, ==, 1); /* it was open already */
    g_assert_false(chardev_connect(chr, &fe, &err));
    g_assert_cmpstr(err->message, ==, "Device 'c0' is in use");
    room = 3;
    g_assert_cmpint(chardev_fe_can_read(chr), ==, 3);
    chardev_fe_read(chr, (const uint8_t *)"abc", 3);
    chardev_fe_read(chr, (const uint8_t *)"", 0);
    g_assert_cmpstr(got->str, ==, "abc");
    chardev_fe_event(chr, CHARDEV_EVENT_CLOSED);
    g_assert_false(chr->open);
    g_assert_cmpint(closed, ==, 1);
    chardev_disconnect(chr);
    chardev_disconnect(chr);
    chardev_disconnect(NULL);
    g_assert_cmpint(chardev_fe_can_read(chr), ==, 0);
    chardev_fe_read(chr, (const uint8_t *)"x", 1);
    g_assert_cmpstr(got->str, ==, "abc");
    g_clear_error(&err);
    g_assert_true(chardev_connect(chr, &fe, &err)); /* free again */
    g_assert_cmpint(opened, ==, 1);                 /* but closed */
    hw_object_unref(&chr->obj);
    g_string_free(got, TRUE);
}

static void test_null(void)
{
    Chardev *chr = (Chardev *)hw_object_new(&chardev_null_class.type);

    g_assert_cmpint(chardev_write(chr, "abc", 3), ==, 3);
    g_assert_cmpint(chardev_write(NULL, "abc", 3), ==, 3);
    chardev_accept_input(chr);
    chardev_accept_input(NULL);
    g_assert_cmpstr(chr->filename, ==, "null");
    hw_object_unref(&chr->obj);
}

static void test_ring(void)
{
    Chardev *chr = (Chardev *)hw_object_new(&chardev_ringbuf_class.type);
    g_autoptr(GError) err = NULL;
    char buf[32] = { 0 };

    g_assert_false(hw_object_set(&chr->obj, "size", "12", &err));
    g_assert_cmpstr(err->message, ==, "size of ringbuf chardev must be power of two");
    g_clear_error(&err);
    g_assert_false(hw_object_set(&chr->obj, "size", "0", NULL));
    g_assert_true(hw_object_set(&chr->obj, "size", "8", &err));
    g_assert_cmpuint(chardev_ringbuf_read(chr, buf, 8), ==, 0);
    g_assert_cmpint(chardev_write(chr, "abcdef", 6), ==, 6);
    g_assert_cmpuint(chardev_ringbuf_read(chr, buf, 2), ==, 2);
    g_assert_cmpmem(buf, 2, "ab", 2);
    g_assert_cmpint(chardev_write(chr, "ghijk", 5), ==, 5); /* laps the reader by one */
    g_assert_cmpuint(chardev_ringbuf_read(chr, buf, 32), ==, 8);
    g_assert_cmpmem(buf, 8, "defghijk", 8);
    g_assert_cmpint(chardev_write(chr, "0123456789abcdef!", 17), ==, 17);
    g_assert_cmpuint(chardev_ringbuf_read(chr, buf, 32), ==, 8);
    g_assert_cmpmem(buf, 8, "9abcdef!", 8);
    hw_object_unref(&chr->obj);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/chardev/connect", test_connect);
    g_test_add_func("/chardev/null", test_null);
    g_test_add_func("/chardev/ringbuf", test_ring);
    return g_test_run();
}
