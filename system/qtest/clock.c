/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qtest commands on the virtual clock; they exist only where an accelerator has left it to us.
 *
 * Theory of operation: time moves from deadline to deadline, each timer fires at its own. A step
 * over years of a fast timer would keep the process busy for hours, so a command is given up after
 * some millions of deadlines, and when somebody wants the process to end; the reply then says how
 * far it came. Time ends at 2^62 ns.
 *
 * Replies that clients of every age can live with: where nothing is pending clock_step fails, as in
 * newer QEMU, because older clients wait in a loop for a time that would never come; going to a
 * time that has been succeeds with the time that is, as in older QEMU, because clients of every age
 * abort on a failure.
 */
#include "accel/accel-class.h"
#include "system/qtest/internal.h"

/* Devices add their periods to the time: leave them room. */
static const int64_t last_ns = 1ll << 62; /* 146 years */

enum { MAX_DEADLINES = 1 << 22, ASK_EVERY = 1 << 10 };

bool qtest_owns_clock(const QTestServer *s)
{
    return s->ms->accel != NULL && accel_get_class(s->ms->accel)->virtual_clock;
}

void qtest_settle(QTestServer *s)
{
    int64_t next;

    if (!qtest_owns_clock(s)) {
        return;
    }
    next = hw_clock_virtual_deadline(s->ms);
    if (next >= 0 && next <= hw_clock_ns(s->ms, HW_CLOCK_VIRTUAL)) {
        hw_timers_run(s->ms);
    }
}

static bool interrupted(const QTestServer *s, guint n)
{
    return n >= MAX_DEADLINES ||
           (n % ASK_EVERY == 0 && s->ops.interrupted != NULL && s->ops.interrupted(s->ops.opaque));
}

/*
 * Move to @to. A timer that is due again and again without time passing has its turns bounded by
 * hw_clock_warp(), which is then told to go all the way. Returns: the new time.
 */
static int64_t advance(QTestServer *s, int64_t to)
{
    int64_t now = hw_clock_ns(s->ms, HW_CLOCK_VIRTUAL), next;

    for (guint n = 1; !interrupted(s, n); n++) {
        next = hw_clock_virtual_deadline(s->ms);
        if (next < 0 || next > to || (next <= now && n > 1)) {
            return hw_clock_warp(s->ms, to);
        }
        now = hw_clock_warp(s->ms, MAX(next, now));
    }
    return now;
}

static void step_to(QTestServer *s, int64_t to)
{
    int64_t now;

    if (to > last_ns) {
        qtest_reply(s, "FAIL could not advance time");
        return;
    }
    now = advance(s, to);
    if (now >= to) {
        qtest_reply(s, "OK %" G_GINT64_FORMAT, now);
    } else {
        qtest_reply(s, "FAIL could not advance time: stopped at %" G_GINT64_FORMAT, now);
    }
}

void qtest_cmd_clock_step(QTestServer *s, const QTestCommand *cmd, char **words)
{
    int64_t now = hw_clock_ns(s->ms, HW_CLOCK_VIRTUAL), ns;

    if (words[1] != NULL) {
        if (!qtest_i64(words[1], &ns)) {
            qtest_bad_number(s, "time", words[1]);
        } else if (ns < 0 || ns > G_MAXINT64 - now) {
            qtest_reply(s, "FAIL could not advance time");
        } else {
            step_to(s, now + ns);
        }
        return;
    }
    ns = hw_clock_virtual_deadline(s->ms);
    if (ns < 0) {
        qtest_reply(s, "FAIL cannot advance clock to the next deadline because there is no pending "
                    "deadline");
    } else {
        step_to(s, MAX(ns, now));
    }
}

void qtest_cmd_clock_set(QTestServer *s, const QTestCommand *cmd, char **words)
{
    int64_t now = hw_clock_ns(s->ms, HW_CLOCK_VIRTUAL), ns;

    if (!qtest_i64(words[1], &ns) || ns < 0) {
        qtest_bad_number(s, "time", words[1]);
    } else {
        step_to(s, MAX(ns, now));
    }
}
