/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "fakekvm.h"
#include "scenario.h"
#include "words.h"

noreturn void fake_bad(const Line *line, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    dprintf(STDERR_FILENO, "fakekvm: %s:%d: %s\n", fake_config.name, line->number, text);
    _exit(STATUS_BAD_SCENARIO);
}

void line_split(Line *line, char *text, int number)
{
    char *save = NULL;

    memset(line, 0, sizeof *line);
    line->number = number;
    for (char *w = strtok_r(text, " \t\r", &save); w; w = strtok_r(NULL, " \t\r", &save)) {
        if (*w == '#') {
            break;
        }
        if (line->count == LINE_WORDS) {
            fake_bad(line, "more than %d words", LINE_WORDS);
        }
        line->word[line->count++] = w;
    }
}

const char *line_try_bare(Line *line)
{
    for (int i = 0; i < line->count; i++) {
        if (!line->used[i] && !strchr(line->word[i], '=')) {
            line->used[i] = true;
            return line->word[i];
        }
    }
    return NULL;
}

const char *line_bare(Line *line, const char *what)
{
    const char *word = line_try_bare(line);

    if (!word) {
        fake_bad(line, "%s is missing", what);
    }
    return word;
}

bool line_flag(Line *line, const char *word)
{
    for (int i = 0; i < line->count; i++) {
        if (!line->used[i] && !strcmp(line->word[i], word)) {
            line->used[i] = true;
            return true;
        }
    }
    return false;
}

const char *line_key(Line *line, const char *key)
{
    size_t len = strlen(key);

    for (int i = 0; i < line->count; i++) {
        if (!line->used[i] && !strncmp(line->word[i], key, len) && line->word[i][len] == '=') {
            line->used[i] = true;
            return line->word[i] + len + 1;
        }
    }
    return NULL;
}

void line_done(Line *line)
{
    for (int i = 0; i < line->count; i++) {
        if (!line->used[i]) {
            fake_bad(line, "'%s' is not expected here", line->word[i]);
        }
    }
}

uint64_t line_parse(Line *line, const char *text, uint64_t max)
{
    uint64_t value;

    if (!fake_value_of(NULL, "", text, &value)) {
        fake_bad(line, "'%s' is not a number", text);
    }
    if (value > max) {
        fake_bad(line, "%s is more than %llu", text, (unsigned long long)max);
    }
    return value;
}

uint64_t line_number(Line *line, const char *key, uint64_t otherwise, uint64_t max)
{
    const char *text = line_key(line, key);

    return text ? line_parse(line, text, max) : otherwise;
}

uint64_t line_need(Line *line, const char *key, uint64_t max)
{
    const char *text = line_key(line, key);

    if (!text) {
        fake_bad(line, "%s= is missing", key);
    }
    return line_parse(line, text, max);
}

uint64_t line_named(Line *line, const char *text, const KvmName *table, const char *prefix)
{
    uint64_t value;

    if (!fake_value_of(table, prefix, text, &value)) {
        fake_bad(line, "'%s' is neither a number nor a known %s name", text, prefix);
    }
    return value;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : isxdigit((unsigned char)c) ? (c | 32) - 'a' + 10 : -1;
}

uint32_t line_hex(Line *line, const char *text, uint8_t **bytes)
{
    size_t n = strlen(text) / 2;

    *bytes = fake_alloc(n + 1);
    for (size_t i = 0; i < n; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            fake_bad(line, "'%s' is not a row of hexadecimal bytes", text);
        }
        (*bytes)[i] = (uint8_t)(high << 4 | low);
    }
    if (!n || strlen(text) % 2) {
        fake_bad(line, "'%s' needs two hexadecimal digits for each byte", text);
    }
    return (uint32_t)n;
}

/* \n, \t, \s (a blank), \\ and \xHH; anything else stands for itself. */
static const char *unescape(Line *line, const char *text, uint8_t *byte)
{
    static const char from[] = "nts\\", to[] = "\n\t \\";
    const char *which = text[1] ? strchr(from, text[1]) : NULL;

    if (which) {
        *byte = (uint8_t)to[which - from];
        return text + 2;
    }
    if (text[1] != 'x' || hex_digit(text[2]) < 0 || hex_digit(text[3]) < 0) {
        fake_bad(line, "unknown escape '%.2s'", text);
    }
    *byte = (uint8_t)(hex_digit(text[2]) << 4 | hex_digit(text[3]));
    return text + 4;
}

uint32_t line_text(Line *line, const char *text, uint8_t **bytes)
{
    uint32_t n = 0;

    *bytes = fake_alloc(strlen(text) + 1);
    while (*text) {
        if (*text == '\\') {
            text = unescape(line, text, &(*bytes)[n++]);
        } else {
            (*bytes)[n++] = (uint8_t)*text++;
        }
    }
    return n;
}

uint32_t line_numbers(Line *line, const char *text, uint64_t *out, uint32_t max)
{
    char copy[256], *save = NULL;
    uint32_t n = 0;

    if (!text) {
        return 0;
    }
    snprintf(copy, sizeof copy, "%s", text);
    for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
        if (n == max) {
            fake_bad(line, "more than %u numbers", max);
        }
        out[n++] = line_parse(line, w, UINT64_MAX);
    }
    return n;
}
