/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A monitor whose peer does not read: events are dropped from some point on, answers never; and one
 * that has only events to read yet is listened to.
 */
#include <string.h>
#include "monitor-rig.h"

enum { FLOOD = 50000, ENOUGH = 2 << 20 }; /* bytes */

static GString *wire;
static gsize room; /* what the peer takes yet */

static ssize_t take(Chardev *chr, const uint8_t *buf, size_t len)
{
    gsize n = MIN(len, room);

    g_string_append_len(wire, (const char *)buf, (gssize)n);
    room -= n;
    return (ssize_t)n;
}

static const ChardevClass narrow_class = {
    .type = { .name = "chardev-narrow", .parent = &hw_type_chardev,
              .instance_size = sizeof(Chardev) },
    .write = take,
};

static Vm vm;
static Chardev *chr;

static void ask(const char *text)
{
    g_assert_cmpint(chardev_fe_can_read(chr), >=, (int)strlen(text));
    chardev_fe_read(chr, (const uint8_t *)text, strlen(text));
}

static Monitor *set_up(void)
{
    vm = (Vm){ 0 };
    wire = g_string_new(NULL);
    room = G_MAXSIZE;
    chr = monitor_rig_start(&vm, &narrow_class);
    ask("{\"execute\":\"qmp_capabilities\"}");
    g_string_truncate(wire, 0);
    room = 0;
    return g_ptr_array_index(monitors_of(&vm), 0);
}

static void clear(void)
{
    monitor_rig_stop(&vm);
    g_string_free(wire, TRUE);
}

static void flood(void)
{
    for (int i = 0; i < FLOOD; i++) {
        qmp_emit(&vm, "STOP", NULL);
    }
}

/* Lets the peer read, @piece bytes at a time, until nothing waits. Returns: pieces. */
static guint drain(Monitor *mon, gsize piece)
{
    guint turns = 0;

    while (mon->out_timer != 0) {
        room = piece;
        g_main_context_iteration(NULL, TRUE);
        turns++;
    }
    return turns;
}

/* All lines are JSON. Returns: those with member @name. */
static guint lines_with(const char *name)
{
    g_auto(GStrv) lines = g_strsplit(wire->str, "\r\n", -1);
    guint found = 0;

    for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++) {
        json_t *v = json_loads(lines[i], 0, NULL);

        g_assert_true(json_is_object(v));
        found += json_object_get(v, name) != NULL;
        json_decref(v);
    }
    return found;
}

static void test_bounded(void)
{
    Monitor *mon = set_up();

    flood();
    g_assert_cmpuint(mon->out->len, <, ENOUGH);
    g_assert_cmpuint(mon->out->len, >, 0);
    drain(mon, G_MAXSIZE);
    g_assert_cmpuint(lines_with("event"), <, FLOOD);
    room = G_MAXSIZE; /* again */
    qmp_emit(&vm, "RESUME", NULL);
    drain(mon, G_MAXSIZE);
    g_assert_nonnull(strstr(wire->str, "RESUME"));
    clear();
}

static void test_answers_stay(void)
{
    Monitor *mon = set_up();

    flood();
    ask("{\"execute\":\"query-name\",\"id\":1}"); /* although events wait */
    g_assert_cmpint(chardev_fe_can_read(chr), ==, 0);   /* now an answer does */
    flood();
    g_assert_cmpuint(mon->out->len, <, ENOUGH);
    drain(mon, G_MAXSIZE);
    g_assert_cmpint(chardev_fe_can_read(chr), >, 0);
    g_assert_cmpuint(lines_with("return"), ==, 1);
    clear();
}

/* What was sent does not pile up in front of what waits. */
static void test_pieces(void)
{
    Monitor *mon = set_up();
    gsize before;

    flood();
    before = mon->out->len;
    g_assert_cmpuint(drain(mon, before / 16), >=, 16);
    g_assert_cmpuint(wire->len, ==, before);
    g_assert_cmpuint(mon->out->len, ==, 0);
    g_assert_cmpuint(lines_with("event"), >, 0);
    clear();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/monitor-out/bounded", test_bounded);
    g_test_add_func("/monitor-out/answers-stay", test_answers_stay);
    g_test_add_func("/monitor-out/pieces", test_pieces);
    return g_test_run();
}
