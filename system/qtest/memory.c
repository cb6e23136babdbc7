/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * qtest commands on ports and memory.
 *
 * Theory of operation: a client's address and length can be anything. Ports end at 0xffff. A
 * transfer is as long as the machine's RAM at most (and never less than 16 MiB, so that firmware
 * and devices of a machine with little RAM can be read at once); what is longer is refused before
 * anything has been touched. Replies that have to be built in memory are bounded on top of that,
 * and a failing allocation is an answer, not the end. What nobody owns reads as zero in memory, as
 * ones on ports.
 */
#include <string.h>
#include "system/qtest/internal.h"

enum { SET_CHUNK = 64 << 10, ASK_EVERY = 16 /* chunks */ };

static const uint64_t least_limit = 16 << 20, reply_limit = 1 << 30;

/* Little-endian, as all of a PC is. */
static void put_le(uint8_t *p, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        p[i] = value >> (8 * i);
    }
}

static uint64_t get_le(const uint8_t *p, unsigned width)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < width; i++) {
        value |= (uint64_t)p[i] << (8 * i);
    }
    return value;
}

static bool get_number(QTestServer *s, const char *what, const char *word, uint64_t *value)
{
    if (qtest_u64(word, value)) {
        return true;
    }
    qtest_bad_number(s, what, word);
    return false;
}

static bool get_port(QTestServer *s, char **words, uint64_t *port)
{
    if (!get_number(s, "port", words[1], port)) {
        return false;
    }
    if (*port > 0xffff) {
        qtest_reply(s, "FAIL port 0x%" G_GINT64_MODIFIER "x is above 0xffff", *port);
        return false;
    }
    return true;
}

/* ADDRESS and LENGTH of words 1 and 2. @need: a length of zero is a mistake. */
static bool get_range(QTestServer *s, char **words, uint64_t most, bool need, uint64_t *addr,
                      uint64_t *len)
{
    uint64_t limit = MIN(MAX(s->ms->ram_size, least_limit), most);

    if (!get_number(s, "address", words[1], addr) || !get_number(s, "length", words[2], len)) {
        return false;
    }
    if (need && *len == 0) {
        qtest_reply(s, "FAIL length is 0");
        return false;
    }
    if (*len > limit) {
        qtest_reply(s, "FAIL length 0x%" G_GINT64_MODIFIER "x is above the limit of 0x%"
                    G_GINT64_MODIFIER "x", *len, limit);
        return false;
    }
    return true;
}

static uint8_t *get_buffer(QTestServer *s, uint64_t len)
{
    uint8_t *buf = g_try_malloc0(MAX(len, 1));

    if (buf == NULL) {
        qtest_reply(s, "FAIL no memory for 0x%" G_GINT64_MODIFIER "x bytes", len);
    }
    return buf;
}

void qtest_cmd_in(QTestServer *s, const QTestCommand *cmd, char **words)
{
    uint64_t port;

    if (get_port(s, words, &port)) {
        qtest_reply(s, "OK 0x%04x", hw_port_read(s->ms, port, cmd->width));
    }
}

void qtest_cmd_out(QTestServer *s, const QTestCommand *cmd, char **words)
{
    uint64_t port, value;

    if (get_port(s, words, &port) && get_number(s, "value", words[2], &value)) {
        hw_port_write(s->ms, port, value & (UINT64_MAX >> (64 - 8 * cmd->width)), cmd->width);
        qtest_reply(s, "OK");
    }
}

void qtest_cmd_load(QTestServer *s, const QTestCommand *cmd, char **words)
{
    uint64_t addr;
    uint8_t buf[8] = { 0 };

    if (get_number(s, "address", words[1], &addr)) {
        hw_mem_read(s->ms, addr, buf, cmd->width);
        qtest_reply(s, "OK 0x%016" G_GINT64_MODIFIER "x", get_le(buf, cmd->width));
    }
}

void qtest_cmd_store(QTestServer *s, const QTestCommand *cmd, char **words)
{
    uint64_t addr, value;
    uint8_t buf[8];

    if (get_number(s, "address", words[1], &addr) && get_number(s, "value", words[2], &value)) {
        put_le(buf, value, cmd->width);
        hw_mem_write(s->ms, addr, buf, cmd->width);
        qtest_reply(s, "OK");
    }
}

void qtest_cmd_read(QTestServer *s, const QTestCommand *cmd, char **words)
{
    uint64_t addr, len;
    g_autofree uint8_t *buf = NULL;
    GString *reply;

    if (!get_range(s, words, reply_limit / 2, true, &addr, &len) ||
        (buf = get_buffer(s, len)) == NULL) {
        return;
    }
    hw_mem_read(s->ms, addr, buf, len);
    reply = g_string_sized_new(2 * len + 8);
    g_string_append(reply, "OK 0x");
    qtest_hex_append(reply, buf, len);
    qtest_reply_take(s, reply);
}

void qtest_cmd_b64read(QTestServer *s, const QTestCommand *cmd, char **words)
{
    uint64_t addr, len;
    g_autofree uint8_t *buf = NULL;
    g_autofree char *text = NULL;
    GString *reply;

    if (!get_range(s, words, reply_limit / 2, true, &addr, &len) ||
        (buf = get_buffer(s, len)) == NULL) {
        return;
    }
    hw_mem_read(s->ms, addr, buf, len);
    text = g_base64_encode(buf, len);
    reply = g_string_new("OK ");
    g_string_append(reply, text);
    qtest_reply_take(s, reply);
}

static bool get_data(QTestServer *s, const char *word)
{
    if (strlen(word) < 3) {
        qtest_reply(s, "ERR invalid argument size");
        return false;
    }
    return true;
}

/*
 * Gigabytes of guest memory that nobody has touched yet take seconds: whoever wants to end the
 * process need not wait for that. Returns: FALSE with a reply when it was given up.
 */
static bool fill(QTestServer *s, uint64_t addr, uint64_t len, uint8_t value)
{
    g_autofree uint8_t *buf = g_malloc(SET_CHUNK);

    memset(buf, value, SET_CHUNK);
    for (uint64_t n = 0; n * SET_CHUNK < len; n++) {
        if (n % ASK_EVERY == ASK_EVERY - 1 && s->ops.interrupted != NULL &&
            s->ops.interrupted(s->ops.opaque)) {
            qtest_reply(s, "FAIL interrupted");
            return false;
        }
        hw_mem_write(s->ms, addr + n * SET_CHUNK, buf, MIN(len - n * SET_CHUNK, SET_CHUNK));
    }
    return true;
}

/* The first two characters are "0x"; what is missing at the end is zero. */
void qtest_cmd_write(QTestServer *s, const QTestCommand *cmd, char **words)
{
    uint64_t addr, len, first;
    g_autofree uint8_t *buf = NULL;

    if (!get_range(s, words, UINT64_MAX, false, &addr, &len) || !get_data(s, words[3])) {
        return;
    }
    first = MIN(len, strlen(words[3]) + SET_CHUNK); /* the data and zeroes behind it, as one access */
    buf = get_buffer(s, first);
    if (buf == NULL) {
        return;
    }
    if (qtest_hex_decode(words[3] + 2, buf, first) < 0) {
        qtest_reply(s, "FAIL data is not hexadecimal");
        return;
    }
    hw_mem_write(s->ms, addr, buf, first);
    if (fill(s, addr + first, len - first, 0)) {
        qtest_reply(s, "OK");
    }
}

/* Where LENGTH and the data disagree the shorter one counts. */
void qtest_cmd_b64write(QTestServer *s, const QTestCommand *cmd, char **words)
{
    uint64_t addr, len;
    gsize got = 0;

    if (!get_range(s, words, UINT64_MAX, false, &addr, &len) || !get_data(s, words[3])) {
        return;
    }
    if (!qtest_base64_check(words[3])) {
        qtest_reply(s, "FAIL data is not base64");
        return;
    }
    g_base64_decode_inplace(words[3], &got);
    hw_mem_write(s->ms, addr, words[3], MIN(len, got));
    qtest_reply(s, "OK");
}

void qtest_cmd_memset(QTestServer *s, const QTestCommand *cmd, char **words)
{
    uint64_t addr, len, value;

    if (get_range(s, words, UINT64_MAX, false, &addr, &len) &&
        get_number(s, "value", words[3], &value) && fill(s, addr, len, (uint8_t)value)) {
        qtest_reply(s, "OK");
    }
}
