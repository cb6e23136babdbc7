/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON, tokens to values: collects the text of one value until its brackets balance.
 *
 * Braces and brackets are counted apart, as QEMU does: a value ends when both counts are zero, or
 * when one of them turns negative (which is an error that the parser finds). A value that gets too
 * deep is reported at once, and reading starts afresh behind the bracket that was one too many: it
 * may never be closed, and must not swallow what a client sends next.
 *
 * A value that gets too long is reported at once too; the rest of it is dropped, so that it stays
 * one error and costs no memory. (QEMU takes the rest for new values: some hundred thousand errors
 * follow.) It may never be closed either. Its end is where its brackets balance; or a "{" that
 * cannot be part of it, because no value can stand there; or one that is the first byte of a line,
 * where clients begin what they send; or a byte that no JSON holds in that place, a newline in a
 * string or 0xff.
 */
#include <string.h>
#include "system/json.h"

enum { MAX_SHOWN = 100 }; /* bytes of a bad token in its error */

struct JsonFramer {
    JsonValueFn fn;
    void *opaque;
    JsonLexer lex;
    GString *text;   /* tokens so far, a blank behind each */
    gsize token;     /* where the current one begins */
    gint64 braces, brackets;
    bool dropping;   /* the error of this value has been told */
    bool complete;   /* the last token ended a value: none can follow */
    bool line_start; /* the last byte ended a line */
};

JsonFramer *json_framer_new(JsonValueFn fn, void *opaque)
{
    JsonFramer *f = g_new0(JsonFramer, 1);

    f->fn = fn;
    f->opaque = opaque;
    f->text = g_string_new(NULL);
    return f;
}

void json_framer_free(JsonFramer *f)
{
    if (f != NULL) {
        g_string_free(f->text, TRUE);
        g_free(f);
    }
}

static void next_value(JsonFramer *f)
{
    if (f->text->allocated_len > 65536) {
        g_string_free(f->text, TRUE);
        f->text = g_string_new(NULL);
    }
    g_string_truncate(f->text, 0);
    f->token = 0;
    f->braces = f->brackets = 0;
    f->dropping = false;
}

void json_framer_reset(JsonFramer *f)
{
    f->lex = (JsonLexer){ 0 };
    f->line_start = false;
    next_value(f);
}

static void fail(JsonFramer *f, const char *error)
{
    if (!f->dropping) {
        f->fn(f->opaque, NULL, error);
    }
}

/* The token that the lexer refused at @byte, in a form that can be shown. */
static void fail_stray(JsonFramer *f, uint8_t byte)
{
    gsize len = MIN(f->text->len - f->token, (gsize)MAX_SHOWN);
    g_autofree char *raw = g_strndup(f->text->str + f->token, len);
    g_autofree char *shown = g_utf8_make_valid(raw, -1);
    g_autofree char *error = g_strdup_printf("JSON parse error, stray '%s'", shown);

    if (!f->dropping || byte < ' ' || byte >= 0xfe) {
        fail(f, error);
        next_value(f);
    }
}

static void value_ended(JsonFramer *f)
{
    g_autofree char *error = NULL;
    json_t *value;

    if (f->dropping) {
        next_value(f);
        return;
    }
    value = json_parse_tokens(f->text->str, f->text->len, &error);
    next_value(f);
    f->fn(f->opaque, value, error);
}

static void too_long(JsonFramer *f)
{
    fail(f, "JSON token size limit exceeded");
    f->dropping = true;
    g_string_truncate(f->text, 0);
    f->token = 0;
}

/* Returns: FALSE when the value got too deep and was given up. */
static bool count(JsonFramer *f, char c)
{
    if (f->dropping && c == '{' && (f->complete || f->line_start)) {
        next_value(f);
        g_string_append_c(f->text, c);
    }
    f->braces += (c == '{') - (c == '}');
    f->brackets += (c == '[') - (c == ']');
    f->complete = c == '}' || c == ']';
    if (f->dropping || f->braces + f->brackets <= JSON_MAX_DEPTH) {
        return true;
    }
    fail(f, "JSON nesting depth limit exceeded");
    next_value(f);
    return false;
}

static void token_ended(JsonFramer *f, JsonTokenKind kind, uint8_t byte)
{
    if (kind == JSON_TOK_ERROR) {
        fail_stray(f, byte);
        return;
    }
    if (kind != JSON_TOK_STRUCT) {
        f->complete = true;
    } else if (!count(f, (char)byte)) {
        return;
    }
    if (!f->dropping) {
        g_string_append_c(f->text, ' ');
        f->token = f->text->len;
    }
    if (f->braces < 0 || f->brackets < 0 || (f->braces == 0 && f->brackets == 0)) {
        value_ended(f);
    }
}

static bool feed_byte(JsonFramer *f, uint8_t byte)
{
    JsonStep step = json_lexer_feed(&f->lex, byte);

    if (step.takes && !f->dropping) {
        g_string_append_c(f->text, (char)byte);
        if (f->text->len > JSON_MAX_BYTES && step.end != JSON_TOK_ERROR) {
            too_long(f);
        }
    }
    if (step.end != JSON_TOK_NONE) {
        token_ended(f, step.end, byte);
    }
    return step.again;
}

void json_framer_feed(JsonFramer *f, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;

    for (size_t i = 0; i < len; i++) {
        while (feed_byte(f, p[i])) {
            /* the byte begins the next token */
        }
        f->line_start = p[i] == '\n' || p[i] == '\r';
    }
}

void json_framer_end(JsonFramer *f)
{
    JsonStep step = json_lexer_feed(&f->lex, '\n'); /* no token goes on behind it */

    if (step.end != JSON_TOK_NONE) {
        token_ended(f, step.end, '\n');
    }
    if (f->text->len > 0) {
        value_ended(f);
    }
    json_framer_reset(f);
}
