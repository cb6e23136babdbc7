/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The qtest server: bytes in, lines out.
 *
 * Theory of operation: bytes are collected up to a newline; each line is logged, carried out and
 * answered before the next one is looked at. The answer waits until everything that the command has
 * made due has happened, so that IRQ lines always come first; all of it leaves in one piece (a
 * round trip is one write), or in several when a long step of the clock has much to say. A client
 * that does not read its replies is not read from any more, until it has caught up: nothing is
 * lost, and the process neither waits nor grows.
 *
 * A line may be as long as a write of all RAM needs; the rest of a longer one is dropped and it is
 * answered with FAIL.
 */
#include <string.h>
#include <unistd.h>
#include "system/qtest/internal.h"

enum { FLUSH_AT = 64 << 10, KEEP_MAX = 1 << 20 };

static const uint64_t least_line = 33 << 20;

/* ---- life ---- */

QTestServer *qtest_server_new(MachineState *ms, const QTestOps *ops, int log_fd)
{
    QTestServer *s = g_new0(QTestServer, 1);

    s->ms = ms;
    s->ops = *ops;
    s->log_fd = log_fd;
    s->in = g_string_new(NULL);
    s->out = g_string_new(NULL);
    s->answer = g_string_new(NULL);
    s->opened_us = g_get_monotonic_time();
    return s;
}

void qtest_server_free(QTestServer *s)
{
    if (s == NULL) {
        return;
    }
    qtest_irq_release(s);
    if (s->log_fd >= 0) {
        close(s->log_fd);
    }
    g_string_free(s->in, TRUE);
    g_string_free(s->out, TRUE);
    g_string_free(s->answer, TRUE);
    g_free(s);
}

static void forget_input(QTestServer *s)
{
    g_string_truncate(s->in, 0);
    g_string_truncate(s->out, 0);
    s->scanned = 0;
    s->skipping = s->blocked = false;
}

void qtest_server_open(QTestServer *s)
{
    forget_input(s);
    memset(s->level, 0, sizeof(s->level));
    s->opened_us = g_get_monotonic_time();
    s->opened = true;
    qtest_log(s, 'I', "OPENED", strlen("OPENED"));
}

void qtest_server_close(QTestServer *s)
{
    forget_input(s);
    if (s->opened) {
        qtest_log(s, 'I', "CLOSED", strlen("CLOSED"));
    }
    s->opened = false;
}

bool qtest_server_blocked(const QTestServer *s)
{
    return s->blocked;
}

/* ---- output ---- */

static void flush(QTestServer *s)
{
    if (s->out->len > 0 && !s->ops.send(s->ops.opaque, s->out->str, s->out->len)) {
        s->blocked = true;
    }
    if (s->out->allocated_len > KEEP_MAX) {
        g_string_free(s->out, TRUE);
        s->out = g_string_new(NULL);
    }
    g_string_truncate(s->out, 0);
}

static void end_line(QTestServer *s, size_t from)
{
    qtest_log(s, 'S', s->out->str + from, s->out->len - from);
    g_string_append_c(s->out, '\n');
}

void qtest_async(QTestServer *s, const char *fmt, ...)
{
    size_t from = s->out->len;
    va_list ap;

    va_start(ap, fmt);
    g_string_append_vprintf(s->out, fmt, ap);
    va_end(ap);
    end_line(s, from);
    if (s->out->len >= FLUSH_AT || !s->busy) {
        flush(s);
    }
}

void qtest_reply(QTestServer *s, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    g_string_vprintf(s->answer, fmt, ap);
    va_end(ap);
}

void qtest_reply_take(QTestServer *s, GString *text)
{
    g_string_free(s->answer, TRUE);
    s->answer = text;
}

static void send_answer(QTestServer *s)
{
    size_t from = s->out->len;

    g_string_append_len(s->out, s->answer->str, s->answer->len);
    if (s->answer->allocated_len > KEEP_MAX) {
        g_string_free(s->answer, TRUE);
        s->answer = g_string_new(NULL);
    }
    end_line(s, from);
    flush(s);
}

/* ---- input ---- */

static void run_line(QTestServer *s, char *line, size_t len)
{
    qtest_log(s, 'R', line, len);
    accel_trace(s->ms->trace, qtest_command, "%.200s", line);
    if (memchr(line, '\0', len) != NULL) {
        qtest_reply(s, "FAIL NUL byte in line");
    } else {
        qtest_command(s, line);
        qtest_settle(s);
    }
    send_answer(s);
}

/* The next whole line of the input without its newline, taken out; NULL: none. */
static char *next_line(QTestServer *s, size_t *at, size_t *len)
{
    char *start = s->in->str + *at;
    char *end = memchr(start + s->scanned, '\n', s->in->len - *at - s->scanned);

    if (end == NULL) {
        s->scanned = s->in->len - *at;
        return NULL;
    }
    *end = '\0';
    *len = end - start;
    *at += *len + 1;
    s->scanned = 0;
    return start;
}

static void run_lines(QTestServer *s)
{
    size_t at = 0, len;
    char *line;

    s->busy = true;
    while (!s->blocked && (line = next_line(s, &at, &len)) != NULL) {
        if (s->skipping) {
            s->skipping = false;
            qtest_reply(s, "FAIL line too long");
            send_answer(s);
        } else {
            run_line(s, line, len);
        }
    }
    s->busy = false;
    g_string_erase(s->in, 0, at);
    if (s->in->len == 0 && s->in->allocated_len > KEEP_MAX) {
        g_string_free(s->in, TRUE);
        s->in = g_string_new(NULL);
    }
}

/* No newline within what the longest command needs: keep none of it. */
static void check_length(QTestServer *s)
{
    uint64_t limit = MAX(2 * s->ms->ram_size + 4096, least_line);

    if (s->skipping || (s->scanned == s->in->len && s->in->len > limit)) {
        s->skipping = true;
        g_string_truncate(s->in, 0);
        s->scanned = 0;
    }
}

void qtest_server_input(QTestServer *s, const void *data, size_t len)
{
    g_string_append_len(s->in, data, len);
    if (!s->blocked && !s->busy) {
        run_lines(s);
        check_length(s);
    }
}

void qtest_server_resume(QTestServer *s)
{
    s->blocked = false;
    if (!s->busy) {
        run_lines(s);
        check_length(s);
    }
}
