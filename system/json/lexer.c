/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON, byte to token: a machine with a dozen states and no memory but the state.
 *
 * An error is told at the byte that makes it one. After it everything is skipped up to a byte that
 * can be the beginning of something new: a structural character, a control character other than
 * TAB, or 0xfe and 0xff, which are in no UTF-8 text (clients send them on purpose to get in step).
 */
#include "system/json.h"

enum {
    START,
    RECOVER,
    DQ, DQ_ESC, /* "…", behind a backslash */
    SQ, SQ_ESC,
    MINUS, ZERO, DIGITS, DOT, FRACTION, EXP, EXP_SIGN, EXP_DIGITS,
    WORD,
};

static const JsonStep more = { JSON_TOK_NONE, true, false };

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_struct(uint8_t c)
{
    return c == '{' || c == '}' || c == '[' || c == ']' || c == ':' || c == ',';
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static JsonStep go(JsonLexer *lex, int state)
{
    lex->state = state;
    return more;
}

static JsonStep bad(JsonLexer *lex)
{
    lex->state = RECOVER;
    return (JsonStep){ JSON_TOK_ERROR, true, false };
}

/* The token ended one byte ago. */
static JsonStep ended(JsonLexer *lex, JsonTokenKind kind)
{
    lex->state = START;
    return (JsonStep){ kind, false, true };
}

static JsonStep start(JsonLexer *lex, uint8_t c)
{
    if (is_struct(c)) {
        return (JsonStep){ JSON_TOK_STRUCT, true, false };
    }
    if (is_blank(c)) {
        return (JsonStep){ JSON_TOK_NONE, false, false };
    }
    if (is_digit(c)) {
        return go(lex, c == '0' ? ZERO : DIGITS);
    }
    if (c >= 'a' && c <= 'z') {
        return go(lex, WORD);
    }
    switch (c) {
    case '"':
        return go(lex, DQ);
    case '\'':
        return go(lex, SQ);
    case '-':
        return go(lex, MINUS);
    default:
        return bad(lex);
    }
}

static JsonStep recover(JsonLexer *lex, uint8_t c)
{
    if (is_struct(c) || (c < ' ' && c != '\t') || c >= 0xfe) {
        lex->state = START;
        return (JsonStep){ JSON_TOK_NONE, false, true };
    }
    return (JsonStep){ JSON_TOK_NONE, false, false };
}

static JsonStep string(JsonLexer *lex, uint8_t c, uint8_t quote, int escape)
{
    if (c < ' ' || c >= 0xfe) {
        return bad(lex);
    }
    if (c == quote) {
        lex->state = START;
        return (JsonStep){ JSON_TOK_STRING, true, false };
    }
    return c == '\\' ? go(lex, escape) : more;
}

static JsonStep escape(JsonLexer *lex, uint8_t c, int back)
{
    return c < ' ' || c >= 0xfe ? bad(lex) : go(lex, back);
}

/* Behind the digits before the point. */
static JsonStep integer(JsonLexer *lex, uint8_t c)
{
    if (c == '.') {
        return go(lex, DOT);
    }
    return c == 'e' || c == 'E' ? go(lex, EXP) : ended(lex, JSON_TOK_NUMBER);
}

static JsonStep number(JsonLexer *lex, uint8_t c)
{
    switch (lex->state) {
    case MINUS:
        return is_digit(c) ? go(lex, c == '0' ? ZERO : DIGITS) : bad(lex);
    case ZERO:
        return is_digit(c) ? bad(lex) : integer(lex, c);
    case DIGITS:
        return is_digit(c) ? more : integer(lex, c);
    case DOT:
        return is_digit(c) ? go(lex, FRACTION) : bad(lex);
    case FRACTION:
        if (is_digit(c)) {
            return more;
        }
        return c == 'e' || c == 'E' ? go(lex, EXP) : ended(lex, JSON_TOK_NUMBER);
    case EXP:
        if (c == '+' || c == '-') {
            return go(lex, EXP_SIGN);
        }
        return is_digit(c) ? go(lex, EXP_DIGITS) : bad(lex);
    case EXP_SIGN:
        return is_digit(c) ? go(lex, EXP_DIGITS) : bad(lex);
    default:
        return is_digit(c) ? more : ended(lex, JSON_TOK_NUMBER);
    }
}

JsonStep json_lexer_feed(JsonLexer *lex, uint8_t c)
{
    switch (lex->state) {
    case START:
        return start(lex, c);
    case RECOVER:
        return recover(lex, c);
    case DQ:
        return string(lex, c, '"', DQ_ESC);
    case SQ:
        return string(lex, c, '\'', SQ_ESC);
    case DQ_ESC:
        return escape(lex, c, DQ);
    case SQ_ESC:
        return escape(lex, c, SQ);
    case WORD:
        return c >= 'a' && c <= 'z' ? more : ended(lex, JSON_TOK_KEYWORD);
    default:
        return number(lex, c);
    }
}
