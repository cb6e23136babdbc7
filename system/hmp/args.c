/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What stands behind a human command's name, against what it takes. Texts are QEMU's.
 *
 * Theory of operation: a command's row says it in letters: 'l' an expression, 'i' one of 32 bits,
 * 's' a word (quotes keep its blanks), 'S' the rest of the line, 'b' "on" or "off", '/' a format,
 * '-' and a letter a flag, '?' behind one of them: may be missing, '*': the command looks itself.
 * One walk checks all of it before the command begins, so that none starts on a line that it cannot
 * use up. The command gets an array with a place for each of them, quotes gone; what was not there
 * at all is NULL, so an empty word in quotes stays one.
 */
#include <string.h>
#include "system/hmp.h"

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \t");
}

/* The letter behind a backslash. Returns: what it stands for, 0: nothing. */
static char escaped(char letter)
{
    switch (letter) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case '\\':
    case '\'':
    case '"':
        return letter;
    default:
        return '\0';
    }
}

/* The word at @*p to the end of @out. Returns: FALSE when a quote is not closed, or said why. */
static bool take_word(Monitor *mon, const char **p, GString *out)
{
    const char *q = *p;

    if (*q != '"') {
        size_t len = strcspn(q, " \t");

        g_string_append_len(out, q, (gssize)len);
        *p = q + len;
        return true;
    }
    for (q++; *q != '"'; q++) {
        char c = *q == '\\' && q[1] != '\0' ? escaped(*++q) : *q;

        if (c == '\0') {
            if (*q != '\0') {
                monitor_printf(mon, "unsupported escape code: '\\%c'\n", *q);
            }
            return false;
        }
        g_string_append_c(out, c);
    }
    *p = q + 1;
    return true;
}

static bool take_string(Monitor *mon, const char *name, const char **p, GString *out)
{
    if (**p != '\0' && take_word(mon, p, out)) {
        return true;
    }
    monitor_printf(mon, **p != '\0' ? "%s: unterminated string\n" : "%s: string expected\n", name);
    return false;
}

static bool take_switch(Monitor *mon, const char *name, const char **p, GString *out)
{
    if (**p != '\0' && !take_string(mon, name, p, out)) {
        return false;
    }
    if (strcmp(out->str, "on") != 0 && strcmp(out->str, "off") != 0) {
        monitor_puts(mon, "Expected 'on' or 'off'\n");
        return false;
    }
    return true;
}

static bool take_rest(Monitor *mon, const char *name, const char **p, GString *out)
{
    if (**p == '\0') {
        monitor_printf(mon, "%s: string expected\n", name);
        return false;
    }
    g_string_append(out, *p);
    *p += strlen(*p);
    return true;
}

static bool take_expression(Monitor *mon, const char *name, char type, const char **p, GString *out)
{
    const char *begin = *p;
    uint64_t value;

    if (!hmp_eval(mon, p, &value)) {
        return false;
    }
    if (type == 'i' && value > G_MAXUINT32) {
        monitor_printf(mon, "'%s' has failed: integer is for 32-bit values\n", name);
        return false;
    }
    g_string_append_len(out, begin, *p - begin);
    return true;
}

/* "/4xw": digits, then letters for kind and size. There or not. */
static bool take_format(Monitor *mon, const char **p, GString *out)
{
    const char *letter;

    if (**p != '/') {
        return true;
    }
    letter = *p + 1 + strspn(*p + 1, "0123456789");
    letter += strspn(letter, "oduxcisbhwg");
    if (*letter != '\0' && *letter != ' ' && *letter != '\t') {
        monitor_printf(mon, "invalid char in format: '%c'\n", *letter);
        return false;
    }
    g_string_append_len(out, *p, letter - *p);
    *p = letter;
    return true;
}

static bool take_one(Monitor *mon, const char *name, const char **types, const char **p,
                     GString *out)
{
    const char type = *(*types)++;
    bool optional;

    if (type == '/') {
        return take_format(mon, p, out);
    }
    if (type == '-') {
        char flag = *(*types)++;

        if (**p == '-' && (*p)[1] != flag) {
            monitor_printf(mon, "%s: unsupported option -%c\n", name, (*p)[1]);
            return false;
        }
        return **p != '-' || take_word(mon, p, out);
    }
    optional = **types == '?';
    *types += optional;
    if (optional && **p == '\0') {
        return true;
    }
    if (type == 'b') {
        return take_switch(mon, name, p, out);
    }
    if (type == 'S') {
        return take_rest(mon, name, p, out);
    }
    return type == 's' ? take_string(mon, name, p, out)
                       : take_expression(mon, name, type, p, out);
}

/* An entry of @argv for each of the command's types. */
static bool take_all(Monitor *mon, const HmpCommand *cmd, const char *name, const char *p,
                     GPtrArray *argv)
{
    const char *types = cmd->types;

    while (*types != '\0') {
        g_autoptr(GString) out = g_string_new(NULL);
        const char *begin = p;

        if (!take_one(mon, name, &types, &p, out)) {
            return false;
        }
        g_ptr_array_add(argv, p > begin ? g_strdup(out->str) : NULL);
        p = skip_blanks(p);
    }
    if (*p != '\0') {
        monitor_printf(mon, "%s: extraneous characters at the end of line\n", cmd->names);
        return false;
    }
    return true;
}

static void carry_out(Monitor *mon, const HmpCommand *cmd, char **argv)
{
    if (cmd->qmp == NULL) {
        cmd->fn(mon, argv);
    } else {
        hmp_do(mon, cmd->qmp, cmd->key == NULL ? NULL : json_pack("{s:o}", cmd->key,
                                                                  hmp_word(argv[0])));
    }
}

void hmp_call(Monitor *mon, const HmpCommand *cmd, const char *line, size_t prefix, size_t len)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *name = g_strndup(line + prefix, len);
    const char *rest = skip_blanks(line + prefix + len);

    if (!hmp_allowed(mon, cmd)) {
        monitor_printf(mon, "Command '%.*s' not available until machine initialization has "
                       "completed.\n", (int)(prefix + len), line);
        return;
    }
    if (cmd->types[0] == '*') {
        g_ptr_array_add(argv, g_strdup(rest));
    } else if (!take_all(mon, cmd, name, rest, argv)) {
        monitor_printf(mon, "Try \"help %s%s\" for more information\n", prefix > 0 ? "info " : "",
                       name);
        return;
    }
    g_ptr_array_add(argv, NULL);
    carry_out(mon, cmd, (char **)argv->pdata);
}
