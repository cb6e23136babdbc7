/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The JSON reader: what each input yields, at which byte, and that reading goes on behind it. A "V"
 * line is a value as it would be sent back, an "E" line an error.
 */
#include <string.h>
#include "system/json.h"

typedef struct Seen {
    GString *log;
    gsize at;       /* bytes fed so far */
    gsize first_at; /* when the first value or error came */
} Seen;

static void on_value(void *opaque, json_t *value, const char *error)
{
    Seen *seen = opaque;

    if (seen->log->len == 0) {
        seen->first_at = seen->at;
    }
    if (value != NULL) {
        g_autofree char *line = json_line(value, false);

        g_string_append_printf(seen->log, "V %s\n", g_strchomp(line));
        json_decref(value);
    } else {
        g_string_append_printf(seen->log, "E %s\n", error);
    }
}

static char *read_all(const char *input, gsize len, gsize *first_at)
{
    Seen seen = { .log = g_string_new(NULL) };
    JsonFramer *f = json_framer_new(on_value, &seen);

    for (gsize i = 0; i < len; i++) {
        seen.at = i + 1;
        json_framer_feed(f, input + i, 1);
    }
    json_framer_free(f);
    *first_at = seen.first_at;
    return g_string_free(seen.log, FALSE);
}

typedef struct Row {
    const char *input, *output;
    gsize first_at; /* 0: not looked at */
} Row;

#define P "E JSON parse error, "

/* The inputs that QEMU's own protocol test sends, and what becomes of the bytes behind them. */
static const Row rows[] = {
    { "{]\n", P "expecting value\n", 2 },
    { "{\xff", P "stray '\xef\xbf\xbd'\n", 2 },
    { "{\x01", P "stray '\x01'\n", 2 },
    { "{'bad \xff", P "stray ''bad \xef\xbf\xbd'\n", 7 },
    { "{'execute': 'nonexistent', 'id':'\n", P "stray ''\n'\n", 34 },
    { "%p\n", P "stray '%'\n", 1 },
    { "null\n", "V null\n", 5 },
    { "{}", "V {}\n", 2 },
    { "{\"execute\": true}", "V {\"execute\": true}\n", 17 },
    /* recovery */
    { "%p{}", P "stray '%'\nV {}\n", 1 },
    { "@ @ @{}", P "stray '@'\nV {}\n", 1 },
    { "@\t@\n@", P "stray '@'\n" P "stray '@'\n", 1 },
    { "\x80\xfe", P "stray '\xef\xbf\xbd'\n" P "stray '\xef\xbf\xbd'\n", 1 },
    { "{\"a\":\"\n\"}{}", P "stray '\"\n'\n" P "expecting value\nV {}\n", 7 },
    { "{\"a\":@}{}", P "stray '@'\n" P "expecting value\nV {}\n", 6 },
    { "{\"a\":{[}{}", P "stray", 0 },
    /* balance */
    { "}", P "expecting value\n", 1 },
    { "]", P "expecting value\n", 1 },
    { "{[}]", P "expecting value\n", 4 },
    { "[{]}", P "expecting value\n", 4 },
    { "{}}{}", "V {}\n" P "expecting value\nV {}\n", 2 },
    { ",:", P "expecting value\n" P "expecting value\n", 1 },
    /* grammar */
    { "[1 2]", P "expected separator in list\n", 5 },
    { "[1,]", P "expecting value\n", 4 },
    { "{\"a\"}", P "missing : in object pair\n", 5 },
    { "{\"a\":1,}", P "expecting value\n", 8 },
    { "{1:2}", P "key is not a string in object\n", 5 },
    { "{\"a\":1 \"b\":2}", P "expected separator in dict\n", 13 },
    { "{\"a\":1,\"a\":2}", P "duplicate key\n", 13 },
    { "tru ", P "invalid keyword 'tru'\n", 4 },
    { "fOo ", P "invalid keyword 'f'\n" P "stray 'O'\n", 2 },
    /* numbers */
    { "[0,-1,1.5,1e5,-0]", "V [0, -1, 1.5, 100000.0, 0]\n", 17 },
    { "01 ", P "stray '01'\n", 2 },
    { "1. ", P "stray '1. '\n", 3 },
    { "1ex ", P "stray '1ex'\n", 3 },
    { "-a ", P "stray '-a'\n", 2 },
    { "+1 ", P "stray '+'\n", 1 },
    { "[9223372036854775807,-9223372036854775808]",
      "V [9223372036854775807, -9223372036854775808]\n", 0 },
    { "[1e999]", P "number out of range\n", 7 },
    /* strings */
    { "'a\"\\'b' ", "V \"a\\\"'b\"\n", 7 },
    { "\"\\u00e9\\ud83d\\ude00\"", "V \"\\u00E9\\uD83D\\uDE00\"\n", 0 },
    { "\"\xc3\xa9\"", "V \"\\u00E9\"\n", 4 },
    { "\"\\u0000\xc0\x80\"", "V \"\\u0000\\u0000\"\n", 0 },
    { "[\"\\ud800\"]", P "\\ud800 is not a valid Unicode character\n", 0 },
    { "[\"\\uffff\"]", P "\\uffff is not a valid Unicode character\n", 0 },
    { "[\"\\u12g4\"]", P "\\u12g4 is not a valid Unicode character\n", 0 },
    { "[\"\\x\"]", P "invalid escape sequence in string\n", 0 },
    { "[\"\x80\"]", P "invalid UTF-8 sequence in string\n", 0 },
    { "[\"\xed\xa0\x80\"]", P "invalid UTF-8 sequence in string\n", 0 },
    { "[\"\xef\xbf\xbf\"]", P "invalid UTF-8 sequence in string\n", 0 },
    { "{\"a\\u0000b\":1}", P "zero byte in key\n", 0 },
};

static void test_rows(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const Row *r = &rows[i];
        gsize first_at;
        g_autofree char *got = read_all(r->input, strlen(r->input), &first_at);

        if (strcmp(r->output, P "stray") == 0) {
            g_assert_cmpstr(got, ==, ""); /* waits: no count is negative, one is above zero */
            continue;
        }
        g_assert_cmpstr(got, ==, r->output);
        if (r->first_at != 0) {
            g_assert_cmpuint(first_at, ==, r->first_at);
        }
    }
}

/* Too long, too deep and never closed: one error, at the limit, and the next value is read. */
static void check_limit(GString *input, const char *error, gsize max_at)
{
    gsize first_at;
    g_autofree char *expect = g_strdup_printf("E %s\nV {}\n", error);
    g_autofree char *got = NULL;

    g_string_append(input, "{}");
    got = read_all(input->str, input->len, &first_at);
    g_assert_cmpstr(got, ==, expect);
    g_assert_cmpuint(first_at, <=, max_at);
    g_string_free(input, TRUE);
}

static GString *repeat(const char *head, char c, gsize n, const char *tail)
{
    GString *s = g_string_new(head);

    for (gsize i = 0; i < n; i++) {
        g_string_append_c(s, c);
    }
    return g_string_append(s, tail);
}

static void test_limits(void)
{
    GString *many = g_string_new("[");

    check_limit(repeat("", '[', JSON_MAX_DEPTH + 1, ""), "JSON nesting depth limit exceeded",
                JSON_MAX_DEPTH + 1);
    check_limit(repeat("{\"a\":", '[', JSON_MAX_DEPTH, ""), "JSON nesting depth limit exceeded",
                JSON_MAX_DEPTH + 5);
    check_limit(repeat("[\"", 'a', 3 * JSON_MAX_BYTES, "\"]"), "JSON token size limit exceeded",
                JSON_MAX_BYTES + 2);
    for (int i = 0; i < JSON_MAX_BYTES; i++) {
        g_string_append(many, "1,");
    }
    check_limit(g_string_append(many, "1]"), "JSON token size limit exceeded",
                JSON_MAX_BYTES + 2);
    check_limit(repeat("%", 'a', 3 * JSON_MAX_BYTES, "\n"), "JSON parse error, stray '%'", 1);
}

static GString *too_many(const char *head, const char *element, const char *tail)
{
    GString *s = g_string_new(head);

    while (s->len < JSON_MAX_BYTES) {
        g_string_append(s, element);
    }
    return g_string_append(s, tail);
}

/*
 * Too long and never closed: what comes next is read, where it can be told from what would go on:
 * on a line of its own, where no value can stand, behind a byte that is in no text.
 */
static void test_never_closed(void)
{
    static const char *const cases[][3] = {
        { "[", "1,", "\n" },
        { "[", "1,", "\r\n" },
        { "{\"a\":[", "{\"b\":1},", "\n" },
        { "{\"a\":[", "{\"b\": [\n  1,\n  {\"c\": 2}\n  ]},", "\n" },
        { "{\"a\":[", "1,", "2" },
        { "{\"a\":[", "\"b\",", "\"c\" " },
        { "{\"a\":[", "[],", "{\"b\":[]}" },
        { "{\"a\":[", "true,", "null" },
        { "{\"a\":\"", "b", "\n" },
        { "{\"a\":\"", "b", "\\\n" },
        { "{\"a\":\"", "\\u0041{[", "\"" },
        { "{\"a\":'", "b", "'}" },
        { "[", "1,", "@ @ @\n" },
        { "[", "1,", "\xff" },
        { "[", "1,", "\x01" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("case %u", i);
        check_limit(too_many(cases[i][0], cases[i][1], cases[i][2]),
                    "JSON token size limit exceeded", 2 * JSON_MAX_BYTES);
    }
}

/* What goes on after the limit and is closed at last stays one error, whatever is in it. */
static void test_long_closed(void)
{
    GString *deep = too_many("[", "1,\n {\"execute\":\"quit\"},", "");

    for (int i = 0; i < 3 * JSON_MAX_DEPTH; i++) {
        g_string_append(deep, "[");
    }
    for (int i = 0; i < 3 * JSON_MAX_DEPTH; i++) {
        g_string_append(deep, "]");
    }
    check_limit(g_string_append(deep, ",@,fOO,1ex,%]"), "JSON token size limit exceeded",
                JSON_MAX_BYTES + 2);
}

/* The brackets that would have closed it begin nothing. */
static void test_deep_closed(void)
{
    GString *deep = repeat("", '[', JSON_MAX_DEPTH + 1, "]]{}");
    gsize first_at;
    g_autofree char *got = read_all(deep->str, deep->len, &first_at);

    g_assert_cmpstr(got, ==, "E JSON nesting depth limit exceeded\n" P "expecting value\n"
                    P "expecting value\nV {}\n");
    g_string_free(deep, TRUE);
}

static void test_depth_allowed(void)
{
    GString *s = repeat("", '[', JSON_MAX_DEPTH, "");
    g_autofree char *got = NULL;
    gsize first_at;

    for (int i = 0; i < JSON_MAX_DEPTH; i++) {
        g_string_append_c(s, ']');
    }
    got = read_all(s->str, s->len, &first_at);
    g_assert_true(g_str_has_prefix(got, "V [[["));
    g_string_free(s, TRUE);
}

static void test_reset(void)
{
    Seen seen = { .log = g_string_new(NULL) };
    JsonFramer *f = json_framer_new(on_value, &seen);

    json_framer_feed(f, "{\"a\": \"", 7);
    json_framer_reset(f);
    json_framer_feed(f, "{}", 2);
    g_assert_cmpstr(seen.log->str, ==, "V {}\n");
    json_framer_free(f);
    g_string_free(seen.log, TRUE);
}

static const struct {
    const char *text, *want;
} texts[] = {
    { "", "Expecting a JSON value" },
    { " \n", "Expecting a JSON value" },
    { " 1", "1\r\n" },
    { "true", "true\r\n" },
    { "\"a\" ", "\"a\"\r\n" },
    { "{\"a\":[18446744073709551615]}", "{\"a\": [18446744073709551615]}\r\n" },
    { "1 2", "Expecting at most one JSON value" },
    { "1 @", "Expecting at most one JSON value" },
    { "@ 1", "JSON parse error, stray '@'" },
    { "@,1", "JSON parse error, stray '@'" },
    { "[[]", "JSON parse error, premature EOI" },
    { "[1e", "JSON parse error, stray '1e'" },
    { "'", "JSON parse error, stray '''" },
};

static void test_text(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *error = NULL, *line = NULL;
        json_t *v = json_from_text(texts[i].text, strlen(texts[i].text), &error);

        g_assert_true((v != NULL) != (error != NULL));
        line = v != NULL ? json_line(v, false) : NULL;
        g_assert_cmpstr(v != NULL ? line : error, ==, texts[i].want);
        json_decref(v);
    }
}

/* A number above 63 bits, and texts that try to be one. */
static void test_big(void)
{
    static const char *const forged[] = { "\xef\xbf\xbf" "18446744073709551615",
                                          "18446744073709551615", "" };
    json_t *big = json_uint64(G_MAXUINT64), *zeroes;
    uint64_t n = 0;

    g_assert_cmpstr(json_big_digits(big), ==, "18446744073709551615");
    g_assert_false(json_is_text(big));
    g_assert_true(json_get_uint64(big, &n));
    g_assert_cmpuint(n, ==, G_MAXUINT64);
    json_decref(big);
    for (guint i = 0; i < G_N_ELEMENTS(forged); i++) {
        json_t *text = json_string(forged[i]);

        g_assert_true(json_is_text(text));
        g_assert_false(json_get_uint64(text, &n));
        json_decref(text);
    }
    zeroes = json_stringn("\0" "18446744073709551615", 21); /* what a client can send */
    g_assert_true(json_is_text(zeroes));
    json_decref(zeroes);
}

static const struct {
    const char *text, *line;
} noncharacters[] = {
    { "\xef\xbf\xbf" "9999999999999999999", "\"\\uFFFD9999999999999999999\"\r\n" },
    { "\xef\xbf\xbe\xef\xb7\x90\xef\xb7\xaf", "\"\\uFFFD\\uFFFD\\uFFFD\"\r\n" },
    { "\xef\xb7\x8f\xef\xb7\xb0\xef\xbf\xbd", "\"\\uFDCF\\uFDF0\\uFFFD\"\r\n" },
    { "\xf0\x9f\xbf\xbe" "a\xf4\x8f\xbf\xbf", "\"\\uFFFDa\\uFFFD\"\r\n" },
    { "\xf0\x9f\x98\x80", "\"\\uD83D\\uDE00\"\r\n" },
    { "\\uFFFF\\\"\\uFFFE\n", "\"\\\\uFFFF\\\\\\\"\\\\uFFFE\\n\"\r\n" },
};

static void test_only_characters(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(noncharacters); i++) {
        json_t *v = json_string(noncharacters[i].text);
        g_autofree char *line = json_line(v, false);

        g_assert_cmpstr(line, ==, noncharacters[i].line);
        json_decref(v);
    }
}

/* Any bytes are a text. Every bad one counts for itself. */
static void test_bytes(void)
{
    static const struct {
        const char *bytes;
        gsize len;
        const char *line;
    } texts_of[] = {
        { "", 0, "\"\"" },
        { "caf\xc3\xa9", 5, "\"caf\\u00E9\"" },
        { "a\xff" "b\xc3", 4, "\"a\\uFFFDb\\uFFFD\"" },
        { "\xc0\x80", 2, "\"\\uFFFD\\uFFFD\"" },
        { "\xed\xa0\x80", 3, "\"\\uFFFD\\uFFFD\\uFFFD\"" },
        { "\xf4\x90\x80\x80", 4, "\"\\uFFFD\\uFFFD\\uFFFD\\uFFFD\"" },
        { "a\0\xef\xbf\xbf" "9999999999999999999", 24, "\"a\\uFFFD\\uFFFD9999999999999999999\"" },
        { "\0\xef\xbf\xbf" "9999999999999999999", 23, "\"\\uFFFD\\uFFFD9999999999999999999\"" },
    };

    for (guint i = 0; i < G_N_ELEMENTS(texts_of); i++) {
        json_t *v = json_text_n(texts_of[i].bytes, texts_of[i].len);
        g_autofree char *text = json_write(v, 0);

        g_assert_cmpstr(text, ==, texts_of[i].line);
        json_decref(v);
    }
    g_assert_true(json_is_null(json_text(NULL)));
}

/* Every single byte, at every place of a short text: the writer's line is ASCII and reads back. */
static void test_every_byte(void)
{
    for (int at = 0; at < 3; at++) {
        for (int byte = 1; byte < 256; byte++) {
            char text[] = "abc";
            json_t *v, *back;
            g_autofree char *line = NULL, *error = NULL;

            text[at] = (char)byte;
            v = json_text(text);
            line = json_line(v, false);
            back = json_from_text(line, strlen(line), &error);
            g_assert_true(json_equal(v, back));
            g_assert_true(g_str_is_ascii(line));
            json_decref(v);
            json_decref(back);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json/rows", test_rows);
    g_test_add_func("/json/limits", test_limits);
    g_test_add_func("/json/depth-allowed", test_depth_allowed);
    g_test_add_func("/json/never-closed", test_never_closed);
    g_test_add_func("/json/long-closed", test_long_closed);
    g_test_add_func("/json/deep-closed", test_deep_closed);
    g_test_add_func("/json/reset", test_reset);
    g_test_add_func("/json/text", test_text);
    g_test_add_func("/json/big", test_big);
    g_test_add_func("/json/only-characters", test_only_characters);
    g_test_add_func("/json/bytes", test_bytes);
    g_test_add_func("/json/every-byte", test_every_byte);
    return g_test_run();
}
