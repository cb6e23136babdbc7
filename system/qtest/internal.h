/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the qtest server share: server, parser, commands. */
#ifndef SYSTEM_QTEST_INTERNAL_H
#define SYSTEM_QTEST_INTERNAL_H

#include "system/qtest.h"

enum {
    QTEST_MAX_IRQ = 256,   /* clients keep a table of that many levels */
    QTEST_MAX_WORDS = 8,   /* no command looks further */
};

struct QTestServer {
    MachineState *ms;
    QTestOps ops;
    GString *in;            /* bytes without a newline yet */
    size_t scanned;         /* how many of them are known to hold none */
    bool skipping;          /* an overlong line: drop the rest of it */
    bool blocked, busy, opened;
    GString *out;           /* not handed on yet */
    GString *answer;        /* of the command that is being carried out */
    int log_fd;
    int64_t opened_us;
    DeviceState *intercepted; /* a reference; NULL: none */
    GPtrArray *taps;        /* QTestTap *, outputs that lead here; NULL: none */
    uint8_t level[QTEST_MAX_IRQ];
};

/* ---- qtest/parse.c: words and numbers; no machine ---- */

/**
 * qtest_split: cut @line at every single blank, in place. @words has QTEST_MAX_WORDS + 1 places,
 * those behind the last word become NULL; words that do not fit are dropped.
 */
void qtest_split(char *line, char **words);
/** qtest_u64, qtest_i64: a whole word, C syntax, base 0. Negative is two's complement in qtest_u64. */
bool qtest_u64(const char *word, uint64_t *value);
bool qtest_i64(const char *word, int64_t *value);
/** qtest_hex_decode: at most @max bytes. Returns: how many, or -1 for a character that is no digit. */
ssize_t qtest_hex_decode(const char *hex, uint8_t *out, size_t max);
/** qtest_hex_append: two lower-case digits for each byte. */
void qtest_hex_append(GString *to, const uint8_t *data, size_t len);
/** qtest_base64_check: only characters of the standard alphabet, padding only at the end. */
bool qtest_base64_check(const char *text);

/* ---- qtest/server.c ---- */

/** qtest_reply: the answer of the command, without its newline. The last one counts. */
void qtest_reply(QTestServer *s, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
/** qtest_reply_take: the same for a long text that is there already; takes it. */
void qtest_reply_take(QTestServer *s, GString *text);
/** qtest_async: a line that nobody has asked for; before the answer of the command, if there is one. */
void qtest_async(QTestServer *s, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/** qtest_log: qtest/log.c: a line of the log. @kind: 'I', 'R' or 'S'. */
void qtest_log(QTestServer *s, char kind, const char *text, size_t len);

/* ---- qtest/commands.c ---- */

/** qtest_command: carry out one line; it is changed. There is exactly one reply. */
void qtest_command(QTestServer *s, char *line);

typedef struct QTestCommand QTestCommand;
struct QTestCommand {
    const char *name;
    void (*run)(QTestServer *s, const QTestCommand *cmd, char **words);
    uint8_t args;   /* at least so many words after the name */
    uint8_t width;  /* bytes of an access */
    bool clock;     /* exists only where time is ours */
};

/** qtest_bad_number: "FAIL" that says which word. */
void qtest_bad_number(QTestServer *s, const char *what, const char *word);

/* ---- qtest/memory.c, qtest/irq.c, qtest/clock.c ---- */

void qtest_cmd_in(QTestServer *s, const QTestCommand *cmd, char **words);
void qtest_cmd_out(QTestServer *s, const QTestCommand *cmd, char **words);
void qtest_cmd_load(QTestServer *s, const QTestCommand *cmd, char **words);
void qtest_cmd_store(QTestServer *s, const QTestCommand *cmd, char **words);
void qtest_cmd_read(QTestServer *s, const QTestCommand *cmd, char **words);
void qtest_cmd_write(QTestServer *s, const QTestCommand *cmd, char **words);
void qtest_cmd_b64read(QTestServer *s, const QTestCommand *cmd, char **words);
void qtest_cmd_b64write(QTestServer *s, const QTestCommand *cmd, char **words);
void qtest_cmd_memset(QTestServer *s, const QTestCommand *cmd, char **words);

void qtest_cmd_intercept_in(QTestServer *s, const QTestCommand *cmd, char **words);
void qtest_cmd_intercept_out(QTestServer *s, const QTestCommand *cmd, char **words);
void qtest_cmd_set_irq_in(QTestServer *s, const QTestCommand *cmd, char **words);
/** qtest_irq_release: every intercepted line back to where it was. */
void qtest_irq_release(QTestServer *s);

bool qtest_owns_clock(const QTestServer *s);
/** qtest_settle: what the command has made due happens before its reply. */
void qtest_settle(QTestServer *s);
void qtest_cmd_clock_step(QTestServer *s, const QTestCommand *cmd, char **words);
void qtest_cmd_clock_set(QTestServer *s, const QTestCommand *cmd, char **words);

#endif
