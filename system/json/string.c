/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON strings, from the wire: escapes and UTF-8.
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

bool json_is_character(gunichar c)
{
    return c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) && (c & 0xfffe) != 0xfffe &&
           (c < 0xfdd0 || c > 0xfdef);
}

int json_hex4(const char *p, const char *end)
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
    int c = json_hex4(p, end), low = -1;
    const char *next = p + 4;

    if (c >= 0xd800 && c <= 0xdbff && end - next >= 6 && next[0] == '\\' && next[1] == 'u') {
        low = json_hex4(next + 2, end);
    }
    if (low >= 0xdc00 && low <= 0xdfff) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        next += 6;
    }
    if (c < 0 || !json_is_character((gunichar)c)) {
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
    if (!json_is_character(c)) {
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
