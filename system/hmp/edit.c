/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Line editing on any byte stream: a terminal, a socket, a pty at the other end of a chardev. The
 * libraries for this want a terminal's descriptor of their own and would have to be loaded at
 * start; what a monitor needs is small: insert, delete, move, history, completion of names.
 *
 * The line is shown by moving back to its beginning, printing it, erasing what is behind it and
 * moving to the cursor; so a wide character costs no more than a wrong column.
 */
#include <string.h>
#include "system/hmp.h"

enum { MAX_LINE = 4095, MAX_HISTORY = 64 };

enum { CTRL_A = 1, CTRL_B = 2, CTRL_D = 4, CTRL_E = 5, CTRL_F = 6, BS = 8, TAB = 9, CTRL_K = 11,
       CTRL_N = 14, CTRL_P = 16, CTRL_U = 21, CTRL_W = 23, ESC = 27, DEL = 127 };

struct HmpState {
    Monitor *mon;
    void (*fn)(void *opaque, const char *line);
    const char *prompt;
    GString *line;
    gsize cursor;
    gsize shown;        /* column of the cursor, as far as the peer knows */
    GPtrArray *history; /* char *, oldest first */
    guint at;           /* history row that is shown; history->len: the new line */
    int escape;         /* 0, ESC, '[' or 'O', or the digit of ESC [ digit ~ */
    bool was_cr;
};

HmpState *hmp_edit_new(Monitor *mon, void (*fn)(void *opaque, const char *line))
{
    HmpState *s = g_new0(HmpState, 1);

    s->mon = mon;
    s->fn = fn;
    s->prompt = "";
    s->line = g_string_new(NULL);
    s->history = g_ptr_array_new_with_free_func(g_free);
    return s;
}

void hmp_edit_free(HmpState *s)
{
    if (s != NULL) {
        g_string_free(s->line, TRUE);
        g_ptr_array_unref(s->history);
        g_free(s);
    }
}

static void show(HmpState *s)
{
    GString *out = g_string_new(NULL);

    if (s->shown > 0) {
        g_string_append_printf(out, "\033[%zuD", s->shown);
    }
    g_string_append_printf(out, "%s\033[K", s->line->str);
    if (s->line->len > s->cursor) {
        g_string_append_printf(out, "\033[%zuD", s->line->len - s->cursor);
    }
    s->shown = s->cursor;
    monitor_write(s->mon, out->str, out->len);
    g_string_free(out, TRUE);
}

void hmp_edit_start(HmpState *s, const char *prompt)
{
    s->prompt = prompt;
    g_string_truncate(s->line, 0);
    s->cursor = s->shown = 0;
    s->at = s->history->len;
    s->escape = 0;
    monitor_write(s->mon, prompt, strlen(prompt));
}

static void remember(HmpState *s)
{
    guint n = s->history->len;

    if (s->line->len == 0 ||
        (n > 0 && strcmp(g_ptr_array_index(s->history, n - 1), s->line->str) == 0)) {
        return;
    }
    if (n == MAX_HISTORY) {
        g_ptr_array_remove_index(s->history, 0);
    }
    g_ptr_array_add(s->history, g_strdup(s->line->str));
}

static void enter(HmpState *s)
{
    g_autofree char *line = g_strdup(s->line->str);

    remember(s);
    monitor_write(s->mon, "\r\n", 2);
    s->fn(s->mon, line);
}

static void recall(HmpState *s, int step)
{
    guint to = s->at + (guint)step;

    if (to > s->history->len) {
        return;
    }
    s->at = to;
    g_string_assign(s->line, to < s->history->len ? g_ptr_array_index(s->history, to) : "");
    s->cursor = s->line->len;
    show(s);
}

static void erase(HmpState *s, gsize from, gsize to)
{
    g_string_erase(s->line, (gssize)from, (gssize)(to - from));
    s->cursor = from;
    show(s);
}

static void move(HmpState *s, gsize to)
{
    s->cursor = MIN(to, s->line->len);
    show(s);
}

static void erase_word(HmpState *s)
{
    gsize from = s->cursor;

    while (from > 0 && s->line->str[from - 1] == ' ') {
        from--;
    }
    while (from > 0 && s->line->str[from - 1] != ' ') {
        from--;
    }
    erase(s, from, s->cursor);
}

static void insert(HmpState *s, const char *text, gsize len)
{
    if (s->line->len + len > MAX_LINE) {
        return;
    }
    g_string_insert_len(s->line, (gssize)s->cursor, text, (gssize)len);
    s->cursor += len;
    if (s->cursor == s->line->len) { /* the common case needs no redrawing */
        monitor_write(s->mon, text, len);
        s->shown = s->cursor;
    } else {
        show(s);
    }
}

/* All of them, then the line again. */
static void list_names(HmpState *s, const GPtrArray *names)
{
    monitor_write(s->mon, "\r\n", 2);
    for (guint i = 0; i < names->len; i++) {
        monitor_printf(s->mon, "%s\n", (const char *)g_ptr_array_index(names, i));
    }
    monitor_write(s->mon, s->prompt, strlen(s->prompt));
    s->shown = 0;
    show(s);
}

/* As far as all names go that begin with what stands before the cursor; no further: show them. */
static void complete(HmpState *s)
{
    g_autoptr(GPtrArray) names = NULL;
    gsize typed, common;

    if (s->cursor != s->line->len || s->line->len == 0) {
        return;
    }
    names = hmp_complete(s->line->str, &typed);
    if (names->len == 0) {
        return;
    }
    common = hmp_common_prefix(names);
    if (names->len > 1 && common == typed) {
        list_names(s, names);
        return;
    }
    insert(s, (const char *)g_ptr_array_index(names, 0) + typed, common - typed);
    if (names->len == 1) {
        insert(s, " ", 1);
    }
}

/* Behind ESC [ (or ESC O). */
static void escape_key(HmpState *s, uint8_t c)
{
    int before = s->escape;

    s->escape = 0;
    switch (c) {
    case 'A':
        recall(s, -1);
        break;
    case 'B':
        recall(s, 1);
        break;
    case 'C':
        move(s, s->cursor + 1);
        break;
    case 'D':
        move(s, s->cursor > 0 ? s->cursor - 1 : 0);
        break;
    case 'H':
        move(s, 0);
        break;
    case 'F':
        move(s, s->line->len);
        break;
    case '~':
        if (before == '3' && s->cursor < s->line->len) {
            erase(s, s->cursor, s->cursor + 1);
        }
        break;
    default:
        s->escape = g_ascii_isdigit(c) || c == ';' ? c : 0;
    }
}

static void control_key(HmpState *s, uint8_t c)
{
    switch (c) {
    case CTRL_A:
        move(s, 0);
        break;
    case CTRL_B:
        move(s, s->cursor > 0 ? s->cursor - 1 : 0);
        break;
    case CTRL_D:
        if (s->cursor < s->line->len) {
            erase(s, s->cursor, s->cursor + 1);
        }
        break;
    case CTRL_E:
        move(s, s->line->len);
        break;
    case CTRL_F:
        move(s, s->cursor + 1);
        break;
    case BS:
    case DEL:
        if (s->cursor > 0) {
            erase(s, s->cursor - 1, s->cursor);
        }
        break;
    case TAB:
        complete(s);
        break;
    case CTRL_K:
        erase(s, s->cursor, s->line->len);
        break;
    case CTRL_N:
        recall(s, 1);
        break;
    case CTRL_P:
        recall(s, -1);
        break;
    case CTRL_U:
        erase(s, 0, s->cursor);
        break;
    case CTRL_W:
        erase_word(s);
        break;
    case ESC:
        s->escape = ESC;
        break;
    }
}

static void key(HmpState *s, uint8_t c)
{
    bool was_cr = s->was_cr;

    s->was_cr = c == '\r';
    if (c == '\r' || (c == '\n' && !was_cr)) {
        enter(s);
    } else if (s->escape == ESC) {
        s->escape = c == '[' || c == 'O' ? c : 0;
    } else if (s->escape != 0) {
        escape_key(s, c);
    } else if (c < ' ' || c == DEL) {
        control_key(s, c);
    } else {
        insert(s, (const char *)&c, 1);
    }
}

void hmp_edit_feed(HmpState *s, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        key(s, bytes[i]);
    }
}
