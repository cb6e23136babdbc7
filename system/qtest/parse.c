/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The words of a qtest line.
 *
 * Theory of operation: a line is cut at every single blank, so two blanks make an empty word; what
 * comes behind the words that a command knows is ignored. Numbers are C's: 0x, octal, decimal, with
 * a sign, 64 bits wide; a word that is not a number from its first to its last character is
 * refused, as is one that does not fit. Bytes come as hex digits or as base64.
 */
#include <errno.h>
#include <string.h>
#include "system/qtest/internal.h"

void qtest_split(char *line, char **words)
{
    guint n = 0;

    memset(words, 0, (QTEST_MAX_WORDS + 1) * sizeof(*words));
    while (line != NULL && n < QTEST_MAX_WORDS) {
        words[n++] = line;
        line = strchr(line, ' ');
        if (line != NULL) {
            *line++ = '\0';
        }
    }
}

/* strtoull() skips white space; a tab or a return in front of a number is a mistake. */
static bool starts_number(const char *word)
{
    return word != NULL && (g_ascii_isdigit(word[0]) || word[0] == '-' || word[0] == '+');
}

bool qtest_u64(const char *word, uint64_t *value)
{
    char *end;

    if (!starts_number(word)) {
        return false;
    }
    errno = 0;
    *value = g_ascii_strtoull(word, &end, 0);
    return errno == 0 && end != word && *end == '\0';
}

bool qtest_i64(const char *word, int64_t *value)
{
    char *end;

    if (!starts_number(word)) {
        return false;
    }
    errno = 0;
    *value = g_ascii_strtoll(word, &end, 0);
    return errno == 0 && end != word && *end == '\0';
}

ssize_t qtest_hex_decode(const char *hex, uint8_t *out, size_t max)
{
    size_t n = 0;

    for (; n < max && hex[0] != '\0'; n++) {
        int high = g_ascii_xdigit_value(hex[0]);
        int low = hex[1] != '\0' ? g_ascii_xdigit_value(hex[1]) : 0;

        if (high < 0 || low < 0) {
            return -1;
        }
        out[n] = high << 4 | low;
        hex += hex[1] != '\0' ? 2 : 1;
    }
    return n;
}

void qtest_hex_append(GString *to, const uint8_t *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    size_t at = to->len;

    g_string_set_size(to, at + 2 * len);
    for (size_t i = 0; i < len; i++) {
        to->str[at++] = digits[data[i] >> 4];
        to->str[at++] = digits[data[i] & 15];
    }
}

bool qtest_base64_check(const char *text)
{
    size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    size_t pad = strspn(text + len, "=");

    return text[len + pad] == '\0' && pad <= 2;
}
