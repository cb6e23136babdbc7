/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The commands of the qtest protocol as a table, and the few that need no file of their own.
 *
 * Whatever a client sends, there is one reply and the process lives on: where QEMU asserts, a line
 * that starts with FAIL says what is wrong.
 */
#include <string.h>
#include "system/qtest/internal.h"

static void cmd_endianness(QTestServer *s, const QTestCommand *cmd, char **words)
{
    qtest_reply(s, "OK little");
}

/* There are no loadable parts that a client could ask for by prefix and name. */
static void cmd_module_load(QTestServer *s, const QTestCommand *cmd, char **words)
{
    qtest_reply(s, "FAIL");
}

static const QTestCommand commands[] = {
    { "inb", qtest_cmd_in, 1, 1, false },
    { "inw", qtest_cmd_in, 1, 2, false },
    { "inl", qtest_cmd_in, 1, 4, false },
    { "outb", qtest_cmd_out, 2, 1, false },
    { "outw", qtest_cmd_out, 2, 2, false },
    { "outl", qtest_cmd_out, 2, 4, false },
    { "readb", qtest_cmd_load, 1, 1, false },
    { "readw", qtest_cmd_load, 1, 2, false },
    { "readl", qtest_cmd_load, 1, 4, false },
    { "readq", qtest_cmd_load, 1, 8, false },
    { "writeb", qtest_cmd_store, 2, 1, false },
    { "writew", qtest_cmd_store, 2, 2, false },
    { "writel", qtest_cmd_store, 2, 4, false },
    { "writeq", qtest_cmd_store, 2, 8, false },
    { "read", qtest_cmd_read, 2, 0, false },
    { "write", qtest_cmd_write, 3, 0, false },
    { "b64read", qtest_cmd_b64read, 2, 0, false },
    { "b64write", qtest_cmd_b64write, 3, 0, false },
    { "memset", qtest_cmd_memset, 3, 0, false },
    { "clock_step", qtest_cmd_clock_step, 0, 0, true },
    { "clock_set", qtest_cmd_clock_set, 1, 0, true },
    { "irq_intercept_in", qtest_cmd_intercept_in, 1, 0, false },
    { "irq_intercept_out", qtest_cmd_intercept_out, 1, 0, false },
    { "set_irq_in", qtest_cmd_set_irq_in, 4, 0, false },
    { "endianness", cmd_endianness, 0, 0, false },
    { "module_load", cmd_module_load, 2, 0, false },
};

static const QTestCommand *find(const QTestServer *s, const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return commands[i].clock && !qtest_owns_clock(s) ? NULL : &commands[i];
        }
    }
    return NULL;
}

static guint count_args(char *const *words)
{
    guint n = 0;

    while (words[n + 1] != NULL) {
        n++;
    }
    return n;
}

void qtest_bad_number(QTestServer *s, const char *what, const char *word)
{
    qtest_reply(s, "FAIL %s '%.64s' is not a valid number", what, word);
}

void qtest_command(QTestServer *s, char *line)
{
    char *words[QTEST_MAX_WORDS + 1];
    const QTestCommand *cmd;

    qtest_split(line, words);
    cmd = find(s, words[0]);
    if (cmd == NULL) {
        qtest_reply(s, "FAIL Unknown command '%.256s'", words[0]);
    } else if (count_args(words) < cmd->args) {
        qtest_reply(s, "FAIL Command '%s' needs %u arguments", cmd->name, cmd->args);
    } else {
        cmd->run(s, cmd, words);
    }
}
