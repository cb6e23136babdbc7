/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One line of a scenario as words: bare words in order, and key=value pairs. Each word that a
 * directive does not ask for is an error, so that a misspelt key cannot go unnoticed.
 */
#ifndef FAKEKVM_WORDS_H
#define FAKEKVM_WORDS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include "names.h"

#define LINE_WORDS 64

typedef struct Line {
    int number;
    char *word[LINE_WORDS];
    bool used[LINE_WORDS];
    int count;
} Line;

/* Prints "fakekvm: FILE:LINE: message" and ends the process with STATUS_BAD_SCENARIO. */
noreturn void fake_bad(const Line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void line_split(Line *line, char *text, int number);
const char *line_bare(Line *line, const char *what);     /* next bare word; an error if none */
const char *line_try_bare(Line *line);                   /* next bare word or NULL */
bool line_flag(Line *line, const char *word);
const char *line_key(Line *line, const char *key);       /* value or NULL */
void line_done(Line *line);

uint64_t line_parse(Line *line, const char *text, uint64_t max);
uint64_t line_number(Line *line, const char *key, uint64_t otherwise, uint64_t max);
uint64_t line_need(Line *line, const char *key, uint64_t max);
uint64_t line_named(Line *line, const char *text, const KvmName *table, const char *prefix);
uint32_t line_hex(Line *line, const char *text, uint8_t **bytes);
uint32_t line_text(Line *line, const char *text, uint8_t **bytes);
uint32_t line_numbers(Line *line, const char *text, uint64_t *out, uint32_t max);

#endif
