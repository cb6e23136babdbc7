/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The qtest line protocol: one command line out, one reply line in, strictly in turn. The server
 * may put "IRQ raise N" and "IRQ lower N" lines before a reply; they go to the level table here
 * and no caller ever sees them. A reply that never came leaves the stream out of step, so it is
 * marked broken: the late reply must not be taken for that of the next command.
 */
#include "aq-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Strict number: digits to the end of the word, no sign, at most @max. @base: 10 or 16 ("0x"). */
gboolean aq_parse_u64(const char *text, unsigned base, uint64_t max, uint64_t *value,
                      GError **error)
{
    const char *digits = text;
    guint64 number;

    if (base == 16) {
        if (!g_str_has_prefix(text, "0x")) {
            return aq_fail(error, AQ_ERROR_PROTOCOL, "not a hex number: '%.80s'", text);
        }
        digits += 2;
    }
    if (!g_ascii_string_to_unsigned(digits, base, 0, max, &number, NULL)) {
        return aq_fail(error, AQ_ERROR_PROTOCOL, "not a number up to %#" PRIx64 ": '%.80s'", max,
                       text);
    }
    *value = number;
    return TRUE;
}

/* One line without its newline (g_free). */
static char *read_line(AqVM *vm, gint64 deadline, GError **error)
{
    AqStream *s = &vm->qtest;
    char *line;

    for (;;) {
        const guint8 *start = s->in->data + s->pos;
        const guint8 *end = NULL;

        if (s->in->len > s->scanned) {
            end = memchr(s->in->data + s->scanned, '\n', s->in->len - s->scanned);
        }
        if (end) {
            line = g_strndup((const char *)start, (gsize)(end - start));
            aq_stream_consume(s, (gsize)(end - start) + 1);
            return line;
        }
        s->scanned = s->in->len;
        if (!aq_stream_fill(vm, s, deadline, error)) {
            return NULL;
        }
    }
}

static gboolean take_irq(AqVM *vm, const char *line, GError **error)
{
    gboolean raise = g_str_has_prefix(line, "IRQ raise ");
    uint64_t n = 0;

    if ((!raise && !g_str_has_prefix(line, "IRQ lower ")) ||
        !aq_parse_u64(line + strlen("IRQ raise "), 10, AQ_MAX_IRQ - 1, &n, NULL)) {
        return aq_fail(error, AQ_ERROR_PROTOCOL, "bad IRQ line: '%.80s'", line);
    }
    vm->irq_edges[n] += raise;
    vm->irq_level[n] = raise;
    return TRUE;
}

char *aq_try_recv_line(AqVM *vm, GError **error)
{
    gint64 deadline = aq_deadline(vm->timeout_ms);
    char *line;

    if (!aq_stream_usable(&vm->qtest, error)) {
        return NULL;
    }
    for (;;) {
        line = read_line(vm, deadline, error);
        if (!line || (strcmp(line, "IRQ") && !g_str_has_prefix(line, "IRQ "))) {
            return line;
        }
        if (!take_irq(vm, line, error)) {
            break;
        }
        g_free(line);
        if (g_get_monotonic_time() > deadline) {
            aq_fail(error, AQ_ERROR_TIMEOUT, "IRQ lines without end, and no reply");
            return NULL;
        }
    }
    g_free(line);
    return NULL;
}

gboolean aq_try_send_raw(AqVM *vm, const char *data, gssize len, GError **error)
{
    return aq_stream_usable(&vm->qtest, error) &&
        aq_stream_send(vm, &vm->qtest, data, len < 0 ? strlen(data) : (gsize)len, error);
}

static gboolean take_reply(AqVM *vm, const char *line, char **reply, GError **error)
{
    if (!strcmp(line, "OK") || g_str_has_prefix(line, "OK ")) {
        if (reply) {
            *reply = g_strdup(line[2] ? line + 3 : "");
        }
        return TRUE;
    }
    if (g_str_has_prefix(line, "FAIL") || g_str_has_prefix(line, "ERR")) {
        return aq_fail(error, AQ_ERROR_FAIL, "%s", line);
    }
    vm->qtest.broken = TRUE;
    return aq_fail(error, AQ_ERROR_PROTOCOL, "neither OK nor FAIL: '%.80s'", line);
}

gboolean aq_try_command(AqVM *vm, char **reply, GError **error, const char *fmt, ...)
{
    g_autofree char *command = NULL;
    g_autofree char *line = NULL;
    gsize len;
    va_list ap;

    va_start(ap, fmt);
    command = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    len = strlen(command);
    command[len] = '\n';   /* in place of the terminator: commands may be very long */
    if (!aq_try_send_raw(vm, command, (gssize)len + 1, error)) {
        return FALSE;
    }
    line = aq_try_recv_line(vm, error);
    if (!line) {
        vm->qtest.broken = TRUE;
        return FALSE;
    }
    return take_reply(vm, line, reply, error);
}

gboolean aq_qtest_handshake(AqVM *vm, GError **error)
{
    g_autofree char *order = NULL;

    if (!aq_try_command(vm, &order, error, "endianness")) {
        return FALSE;
    }
    vm->big_endian = !strcmp(order, "big");
    if (!vm->big_endian && strcmp(order, "little")) {
        return aq_fail(error, AQ_ERROR_PROTOCOL, "unknown byte order: '%.80s'", order);
    }
    return TRUE;
}
