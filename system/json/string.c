/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON strings: escapes and UTF-8 in, ASCII out.
 *
 * What is no character does not leave either: an option's text may hold it, and a client that reads
 * as strictly as we do would drop the whole line. It becomes U+FFFD, as in QEMU.
 *
 * Refused as in QEMU: surrogates that are no pair, U+FFFE and U+FFFF of every plane, U+FDD0 to
 * U+FDEF, overlong forms; but "\xc0\x80" is a zero byte.
 */
#include <string.h>
#include "system/json.h"

static bool set_error(char **error, const char *text)
{
    *error = g_strdup_printf("JSON parse error, %s", text);
    return false;
}

static bool is_character(gunichar c)
{
    return c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) && (c & 0xfffe) != 0xfffe &&
           (c < 0xfdd0 || c > 0xfdef);
}

/* Four hexadecimal digits. Returns: -1 when there are not. */
static int hex4(const char *p, const char *end)
{
    int v = 0;

    for (int i = 0; i < 4; i++) {
        if (p + i >= end || !g_ascii_isxdigit(p[i])) {
            return -1;
        }
        v = v * 16 + g_ascii_xdigit_value(p[i]);
    }
    return v;
}

/* Behind "\u". Returns: the first byte behind it, NULL with an error. */
static const char *unicode_escape(const char *p, const char *end, GString *out, char **error)
{
    int c = hex4(p, end), low = -1;
    const char *next = p + 4;

    if (c >= 0xd800 && c <= 0xdbff && end - next >= 6 && next[0] == '\\' && next[1] == 'u') {
        low = hex4(next + 2, end);
    }
    if (low >= 0xdc00 && low <= 0xdfff) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        next += 6;
    }
    if (c < 0 || !is_character((gunichar)c)) {
        *error = g_strdup_printf("JSON parse error, \\u%.*s is not a valid Unicode character",
                                 (int)MIN(4, end - p), p);
        return NULL;
    }
    if (c == 0) {
        g_string_append_c(out, '\0');
    } else {
        g_string_append_unichar(out, (gunichar)c);
    }
    return next;
}

static const char *escape(const char *p, const char *end, GString *out, char **error)
{
    static const char from[] = "\"'\\/bfnrt", to[] = "\"'\\/\b\f\n\r\t";
    const char *at;

    if (p < end && *p == 'u') {
        return unicode_escape(p + 1, end, out, error);
    }
    at = p < end && *p != '\0' ? strchr(from, *p) : NULL;
    if (at == NULL) {
        set_error(error, "invalid escape sequence in string");
        return NULL;
    }
    g_string_append_c(out, to[at - from]);
    return p + 1;
}

static const char *plain(const char *p, const char *end, GString *out, char **error)
{
    gunichar c = g_utf8_get_char_validated(p, end - p);

    if (end - p >= 2 && p[0] == '\xc0' && p[1] == '\x80') {
        g_string_append_c(out, '\0');
        return p + 2;
    }
    if (!is_character(c)) {
        set_error(error, "invalid UTF-8 sequence in string");
        return NULL;
    }
    g_string_append_unichar(out, c);
    return g_utf8_next_char(p);
}

bool json_decode_string(const char *text, size_t len, GString *out, char **error)
{
    const char *p = text, *end = text + len;

    while (p != NULL && p < end) {
        if (*p == '\\') {
            p = escape(p + 1, end, out, error);
        } else if ((uint8_t)*p < 0x80) {
            g_string_append_c(out, *p++);
        } else {
            p = plain(p, end, out, error);
        }
    }
    return p != NULL;
}

/* At @p a "\uXXXX" or a pair of them, as json_dumps() writes it. Returns: how long it is. */
static gsize escaped(const char *p, gunichar *c)
{
    *c = (gunichar)hex4(p + 2, p + 6);
    if (*c < 0xd800 || *c > 0xdbff) {
        return 6;
    }
    *c = 0x10000 + ((*c - 0xd800) << 10) + ((gunichar)hex4(p + 8, p + 12) - 0xdc00);
    return 12;
}

/* In place: the text of json_dumps(), with U+FFFD for what is no character. */
static void only_characters(char *text)
{
    char *out = text;
    gunichar c = ' ';

    for (gsize len; *text != '\0'; text += len) {
        bool escape = text[0] == '\\';

        len = !escape ? 1 : text[1] == 'u' ? escaped(text, &c) : 2;
        if (escape && text[1] == 'u' && !is_character(c)) {
            memcpy(out, "\\uFFFD", 6);
            out += 6;
        } else {
            memmove(out, text, len);
            out += len;
        }
    }
    *out = '\0';
}

char *json_line(const json_t *value, bool pretty)
{
    size_t flags = JSON_ENSURE_ASCII | JSON_REAL_PRECISION(17) | JSON_ENCODE_ANY |
                   (pretty ? JSON_INDENT(4) : 0);
    char *text = json_dumps(value, flags);
    g_autofree char *plain_text = json_unmark(text != NULL ? text : "{}");

    free(text);
    only_characters(plain_text);
    return g_strconcat(plain_text, "\r\n", NULL);
}
