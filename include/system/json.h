/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal (launcher): JSON as it comes over a wire, byte by byte, with QEMU's rules for what is an
 * error, when it is reported and where reading goes on. Values are jansson's.
 *
 * What is accepted beyond RFC 8259, as in QEMU: strings in single quotes, and \' in strings.
 */
#ifndef SYSTEM_JSON_H
#define SYSTEM_JSON_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- json/lexer.c: bytes to tokens ---- */

typedef enum JsonTokenKind {
    JSON_TOK_NONE,    /* nothing to say yet */
    JSON_TOK_STRUCT,  /* one of []{}:, */
    JSON_TOK_STRING,
    JSON_TOK_NUMBER,
    JSON_TOK_KEYWORD, /* lower-case letters */
    JSON_TOK_ERROR,   /* bytes that are the beginning of nothing, up to the one that is wrong */
} JsonTokenKind;

typedef struct JsonLexer {
    int state;
} JsonLexer;

/* What one byte did. */
typedef struct JsonStep {
    JsonTokenKind end;  /* a token ended */
    bool takes;         /* the byte belongs to it (or to the one that goes on) */
    bool again;         /* feed the same byte once more: it came behind the end of a token */
} JsonStep;

JsonStep json_lexer_feed(JsonLexer *lex, uint8_t byte);

/* ---- json/framer.c: tokens to whole values ---- */

enum { JSON_MAX_BYTES = 1 << 20, JSON_MAX_DEPTH = 1024 };

/**
 * Called once per value that came in: @value (transfer full), or NULL and @error, one line. Exactly
 * one call per bad input, at the byte that makes it bad.
 */
typedef void (*JsonValueFn)(void *opaque, json_t *value, const char *error);

typedef struct JsonFramer JsonFramer;

JsonFramer *json_framer_new(JsonValueFn fn, void *opaque);
void json_framer_free(JsonFramer *f);
/** json_framer_feed: any bytes. @f must survive its own call-back. */
void json_framer_feed(JsonFramer *f, const void *bytes, size_t len);
/** json_framer_end: no more bytes; a value that has begun is an error. @f is as new. */
void json_framer_end(JsonFramer *f);
/** json_framer_reset: forget a value that has begun. */
void json_framer_reset(JsonFramer *f);

/* ---- json/parse.c: the tokens of one value to the value ---- */

/**
 * json_parse_tokens: @text holds well-formed tokens and nothing else but blanks. Where they end
 * before the value does, the error is "premature EOI".
 * Returns: (transfer full) the value, or NULL with *@error set, (transfer full).
 */
json_t *json_parse_tokens(const char *text, size_t len, char **error);

/* ---- json/text.c: a text that is one value ---- */

/**
 * json_from_text: the one value in @text, blanks around it allowed.
 * Returns: (transfer full) the value, or NULL with *@error set, (transfer full).
 */
json_t *json_from_text(const char *text, size_t len, char **error);

/* ---- json/number.c: what is too big for jansson ---- */

/** json_uint64: @n as a value. */
json_t *json_uint64(uint64_t n);
/** json_get_uint64: an integer; a negative one as its two's complement. FALSE for anything else. */
bool json_get_uint64(const json_t *v, uint64_t *n);
/** json_big_digits: digits of a number above 2^63-1; NULL when @v is something else. */
const char *json_big_digits(const json_t *v);
/** json_is_text: a string, and not a big number in its clothes. */
bool json_is_text(const json_t *v);
/** json_unmark: text of json_dumps() with big numbers as numbers. Returns: (transfer full). */
char *json_unmark(const char *text);

/* ---- json/string.c ---- */

/**
 * json_decode_string: the contents of a string token (without its quotes), as UTF-8 that may hold
 * zero bytes. Returns: FALSE with *@error set, (transfer full).
 */
bool json_decode_string(const char *text, size_t len, GString *out, char **error);
/** json_is_character: no surrogate, no noncharacter. */
bool json_is_character(gunichar c);
/** json_hex4: the number of four hexadecimal digits; -1 when there are not four before @end. */
int json_hex4(const char *p, const char *end);

/* ---- json/write.c ---- */

/** json_text: a text of any bytes as a value, U+FFFD for what is no UTF-8; null for NULL. */
json_t *json_text(const char *text);
json_t *json_text_n(const char *text, size_t len);
/** json_text_list: an array of them; NULL for an empty one. */
json_t *json_text_list(const char *const *texts);

/**
 * json_write: @value as ASCII; U+FFFD for what is no character. @layout: JSON_COMPACT,
 * JSON_INDENT() or 0. Returns: (transfer full).
 */
char *json_write(const json_t *value, size_t layout);
/**
 * json_pretty: on lines that end with @eol (the last one excepted), four blanks a level, as QEMU lays
 * it out: brackets with nothing in them stand on two lines. Returns: (transfer full).
 */
char *json_pretty(const json_t *value, const char *eol);
/**
 * json_line: the same as one line (several when @pretty), "\r\n" at the end.
 * Returns: (transfer full).
 */
char *json_line(const json_t *value, bool pretty);

#endif
