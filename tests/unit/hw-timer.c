/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Clocks and timers. Nothing here waits for time to pass: manual mode moves it. */
#include "hw-fake.h"

typedef struct Fixture {
    HwRegistry *reg;
    MachineState *ms;
    GString *log;
    guint notified;
} Fixture;

typedef struct Tick {
    Fixture *f;
    HwTimer *t;
    char name;
    int64_t period;  /* re-arm this far from now; 0: one shot */
    guint left;
    HwTimer *kill;   /* freed by the call-back */
} Tick;

static void tick(void *opaque)
{
    Tick *k = opaque;
    int64_t now = hw_clock_ns(k->f->ms, HW_CLOCK_VIRTUAL);

    g_string_append_printf(k->f->log, "%c%" G_GINT64_FORMAT " ", k->name, now);
    if (k->left > 0) {
        k->left--;
        hw_timer_mod(k->t, now + k->period);
    }
    g_clear_pointer(&k->kill, hw_timer_free);
}

static void setup(Fixture *f, gconstpointer data)
{
    f->reg = hw_registry_new();
    f->ms = fake_machine(f->reg, 1, 1);
    f->log = g_string_new(NULL);
    hw_clock_set_manual(f->ms, true);
}

static void teardown(Fixture *f, gconstpointer data)
{
    hw_machine_free(f->ms);
    hw_registry_free(f->reg);
    g_string_free(f->log, TRUE);
}

static void expect(Fixture *f, const char *log)
{
    g_assert_cmpstr(f->log->str, ==, log);
    g_string_truncate(f->log, 0);
}

static Tick *tick_new(Fixture *f, char name)
{
    Tick *k = g_new0(Tick, 1);

    k->f = f;
    k->name = name;
    k->t = hw_timer_new(f->ms, HW_CLOCK_VIRTUAL, tick, k);
    return k;
}

static void tick_free(Tick *k)
{
    hw_timer_free(k->t);
    g_free(k);
}

static void test_order(Fixture *f, gconstpointer data)
{
    Tick *a = tick_new(f, 'a'), *b = tick_new(f, 'b'), *c = tick_new(f, 'c');

    hw_timer_mod(a->t, 300);
    hw_timer_mod(b->t, 100);
    hw_timer_mod(c->t, 300); /* equal: in order of arming */
    g_assert_cmpint(hw_clock_virtual_deadline(f->ms), ==, 100);
    g_assert_cmpint(hw_clock_warp(f->ms, 299), ==, 299);
    expect(f, "b100 ");
    g_assert_cmpint(hw_clock_warp(f->ms, 1000), ==, 1000);
    expect(f, "a300 c300 ");
    g_assert_cmpint(hw_clock_virtual_deadline(f->ms), ==, -1);
    g_assert_cmpint(hw_clock_warp(f->ms, 10), ==, 1000); /* never back */
    tick_free(a);
    tick_free(b);
    tick_free(c);
}

static void test_rearm(Fixture *f, gconstpointer data)
{
    Tick *a = tick_new(f, 'a'), *b = tick_new(f, 'b');

    a->period = 10;
    a->left = 3;
    hw_timer_mod(a->t, 10);
    hw_timer_mod(b->t, 25);
    hw_clock_warp(f->ms, 35);
    expect(f, "a10 a20 b25 a30 ");
    hw_clock_warp(f->ms, 40);
    expect(f, "a40 ");
    tick_free(a);
    tick_free(b);
}

static void test_mod_del(Fixture *f, gconstpointer data)
{
    Tick *a = tick_new(f, 'a');

    g_assert_false(hw_timer_pending(a->t));
    g_assert_cmpint(hw_timer_deadline(a->t), ==, -1);
    hw_timer_mod(a->t, 50);
    hw_timer_mod(a->t, 70);
    g_assert_cmpint(hw_timer_deadline(a->t), ==, 70);
    hw_clock_warp(f->ms, 60);
    expect(f, "");
    hw_timer_del(a->t);
    hw_timer_del(a->t);
    hw_clock_warp(f->ms, 100);
    expect(f, "");
    hw_timer_mod(a->t, -5); /* the past: at once */
    g_assert_true(hw_timer_pending(a->t));
    hw_timers_run(f->ms);
    expect(f, "a100 ");
    tick_free(a);
}

/* A call-back may free another timer, or its own. */
static void test_free_in_callback(Fixture *f, gconstpointer data)
{
    Tick *a = tick_new(f, 'a'), *b = tick_new(f, 'b');

    hw_timer_mod(a->t, 10);
    hw_timer_mod(b->t, 20);
    a->kill = b->t;
    b->t = NULL;
    hw_clock_warp(f->ms, 30);
    expect(f, "a10 ");
    hw_timer_mod(a->t, 40);
    a->kill = a->t;
    hw_clock_warp(f->ms, 50);
    expect(f, "a40 ");
    a->t = NULL;
    tick_free(a);
    tick_free(b);
}

/* A timer that never moves on does not hang the clock. */
static void test_stuck(Fixture *f, gconstpointer data)
{
    Tick *a = tick_new(f, 'a'), *b = tick_new(f, 'b');

    a->period = 0;
    a->left = G_MAXUINT;
    hw_timer_mod(a->t, 10);
    hw_timer_mod(b->t, 10);
    g_assert_cmpint(hw_clock_warp(f->ms, 50), ==, 50);
    g_assert_cmpuint(f->log->len, <, 1000000);
    tick_free(a);
    tick_free(b);
}

static void on_notify(void *opaque)
{
    ((Fixture *)opaque)->notified++;
}

static void test_notify(Fixture *f, gconstpointer data)
{
    Tick *a = tick_new(f, 'a'), *b = tick_new(f, 'b');

    hw_timers_set_notify(f->ms, on_notify, f);
    hw_timer_mod(a->t, 10);
    g_assert_cmpuint(f->notified, ==, 0); /* manual: nobody waits */
    hw_clock_set_manual(f->ms, false);
    hw_timer_mod(a->t, 1000 * HW_NS_PER_SEC);
    g_assert_cmpuint(f->notified, ==, 0); /* stopped */
    g_assert_cmpint(hw_timers_next(f->ms), ==, -1);
    hw_clock_enable(f->ms, true);
    g_assert_cmpuint(f->notified, ==, 1);
    g_assert_cmpint(hw_timers_next(f->ms), >, 0);
    hw_timer_mod(b->t, 2000 * HW_NS_PER_SEC);
    g_assert_cmpuint(f->notified, ==, 1); /* later than the first */
    hw_timer_mod(b->t, 500 * HW_NS_PER_SEC);
    g_assert_cmpuint(f->notified, ==, 2);
    hw_timers_run(f->ms);
    expect(f, "");
    hw_clock_enable(f->ms, false);
    g_assert_cmpint(hw_timers_next(f->ms), ==, -1);
    tick_free(a);
    tick_free(b);
}

static void test_clocks(Fixture *f, gconstpointer data)
{
    int64_t v;

    hw_clock_set_manual(f->ms, false);
    v = hw_clock_ns(f->ms, HW_CLOCK_VIRTUAL);
    g_assert_cmpint(v, ==, 0); /* stopped */
    hw_clock_enable(f->ms, true);
    v = hw_clock_ns(f->ms, HW_CLOCK_VIRTUAL);
    g_assert_cmpint(hw_clock_ns(f->ms, HW_CLOCK_VIRTUAL), >=, v);
    hw_clock_enable(f->ms, false);
    v = hw_clock_ns(f->ms, HW_CLOCK_VIRTUAL);
    g_assert_cmpint(hw_clock_ns(f->ms, HW_CLOCK_VIRTUAL), ==, v);
    g_assert_cmpint(hw_clock_warp(f->ms, v + 1000), ==, v); /* not manual: no warp */
    g_assert_cmpint(hw_clock_ns(f->ms, HW_CLOCK_HOST), >, 1600000000LL * HW_NS_PER_SEC);
    g_assert_cmpint(hw_clock_ns(f->ms, HW_CLOCK_REALTIME), >, 0);
}

/* Timers of the host's clocks run whether the machine does or not. */
static void test_realtime(Fixture *f, gconstpointer data)
{
    Tick k = { .f = f, .name = 'r' };

    k.t = hw_timer_new(f->ms, HW_CLOCK_REALTIME, tick, &k);
    hw_timer_mod(k.t, hw_clock_ns(f->ms, HW_CLOCK_REALTIME) - 1);
    g_assert_cmpint(hw_timers_next(f->ms), >, 0);
    hw_clock_warp(f->ms, 5);
    expect(f, "");
    hw_timers_run(f->ms);
    expect(f, "r5 ");
    hw_timer_free(k.t);
    hw_timer_free(NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(path, fn) g_test_add(path, Fixture, NULL, setup, fn, teardown)
    ADD("/timer/order", test_order);
    ADD("/timer/rearm-on-the-way", test_rearm);
    ADD("/timer/mod-del", test_mod_del);
    ADD("/timer/free-in-callback", test_free_in_callback);
    ADD("/timer/stuck", test_stuck);
    ADD("/timer/notify", test_notify);
    ADD("/clock/kinds", test_clocks);
    ADD("/timer/realtime", test_realtime);
    return g_test_run();
}
