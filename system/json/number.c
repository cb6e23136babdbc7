/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Numbers from 2^63 to 2^64-1, which JSON and QEMU have and jansson has not.
 *
 * Theory of operation: such a number is kept as a string that nothing else becomes: a zero byte,
 * which no text of ours holds (an option, a name: they end at the first), U+FFFF, which no client
 * can send (our reader refuses noncharacters), and the digits. Who looks for a string or an integer
 * the usual way must not take it for one, so arguments are checked with json_is_text(). The writer
 * prints digits.
 */
#include <string.h>
#include "system/json.h"

static const char mark[] = "\0\xef\xbf\xbf"; /* U+0000, U+FFFF */
enum { MARK_LEN = sizeof(mark) - 1, DIGITS_MAX = 20 };

json_t *json_uint64(uint64_t n)
{
    char text[MARK_LEN + DIGITS_MAX + 1];
    int len;

    if (n <= G_MAXINT64) {
        return json_integer((json_int_t)n);
    }
    memcpy(text, mark, MARK_LEN);
    len = g_snprintf(text + MARK_LEN, DIGITS_MAX + 1, "%" G_GUINT64_FORMAT, n);
    return json_stringn(text, MARK_LEN + (size_t)len);
}

const char *json_big_digits(const json_t *v)
{
    const char *text = json_string_value(v);

    if (text == NULL || json_string_length(v) <= MARK_LEN || memcmp(text, mark, MARK_LEN) != 0) {
        return NULL;
    }
    return text + MARK_LEN;
}

bool json_is_text(const json_t *v)
{
    return json_is_string(v) && json_big_digits(v) == NULL;
}

bool json_get_uint64(const json_t *v, uint64_t *n)
{
    const char *digits = json_big_digits(v);

    if (digits != NULL) {
        return g_ascii_string_to_unsigned(digits, 10, 0, G_MAXUINT64, n, NULL);
    }
    *n = (uint64_t)json_integer_value(v);
    return json_is_integer(v);
}

/* From the mark (as json_dumps() writes it) on. Returns: digits up to the closing quote, or 0. */
static size_t digits_here(const char *p)
{
    size_t n = strspn(p, "0123456789");

    return n >= 19 && n <= DIGITS_MAX && p[n] == '"' ? n : 0;
}

char *json_unmark(const char *text)
{
    static const char written[] = "\"\\u0000\\uFFFF";
    GString *out = g_string_sized_new(strlen(text));
    const char *p;

    for (; (p = strstr(text, written)) != NULL; text = p) {
        size_t n = digits_here(p + sizeof(written) - 1);

        g_string_append_len(out, text, p - text);
        p += sizeof(written) - 1;
        if (n > 0) {
            g_string_append_len(out, p, (gssize)n);
            p += n + 1;
        } else {
            g_string_append(out, written);
        }
    }
    g_string_append(out, text);
    return g_string_free(out, FALSE);
}
