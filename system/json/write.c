/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON, out: texts of any bytes to values, values to ASCII. Whatever writes JSON does it through
 * here: QMP, -msg json=on, accelvm-probe.
 *
 * Options, files and guests bring bytes that are no UTF-8, and code points that are no characters
 * (U+FFFE). A client that reads as strictly as we do would drop the whole line. Each becomes
 * U+FFFD, as in QEMU: bad bytes when the text becomes a value, because jansson refuses them;
 * noncharacters on the way out.
 */
#include <string.h>
#include "system/json.h"

json_t *json_text_n(const char *text, size_t len)
{
    g_autofree char *valid = NULL;

    if (g_utf8_validate_len(text, len, NULL)) {
        return json_stringn_nocheck(text, len);
    }
    valid = g_utf8_make_valid(text, (gssize)len);
    return json_string_nocheck(valid);
}

json_t *json_text(const char *text)
{
    return text != NULL ? json_text_n(text, strlen(text)) : json_null();
}

json_t *json_text_list(const char *const *texts)
{
    json_t *list = json_array();

    for (; texts != NULL && *texts != NULL; texts++) {
        json_array_append_new(list, json_text(*texts));
    }
    return list;
}

/* At @p a "\uXXXX" or a pair of them, as json_dumps() writes it. Returns: how long it is. */
static gsize escaped(const char *p, gunichar *c)
{
    *c = (gunichar)json_hex4(p + 2, p + 6);
    if (*c < 0xd800 || *c > 0xdbff) {
        return 6;
    }
    *c = 0x10000 + ((*c - 0xd800) << 10) + ((gunichar)json_hex4(p + 8, p + 12) - 0xdc00);
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
        if (escape && text[1] == 'u' && !json_is_character(c)) {
            memcpy(out, "\\uFFFD", 6);
            out += 6;
        } else {
            memmove(out, text, len);
            out += len;
        }
    }
    *out = '\0';
}

char *json_write(const json_t *value, size_t layout)
{
    const size_t flags = JSON_ENSURE_ASCII | JSON_REAL_PRECISION(17) | JSON_ENCODE_ANY;
    char *dumped = json_dumps(value, flags | layout);
    char *text = json_unmark(dumped != NULL ? dumped : "{}");

    free(dumped);
    only_characters(text);
    return text;
}

static void add_line(GString *out, const char *eol, guint depth)
{
    g_string_append(out, eol);
    for (guint i = 0; i < depth; i++) {
        g_string_append(out, "    ");
    }
}

/* Of compact text: a line begins behind each bracket and comma that is in no string. */
static void add_indented(GString *out, const char *text, const char *eol)
{
    bool string = false;
    guint depth = 0;

    for (; *text != '\0'; text++) {
        if (string && *text == '\\') {
            g_string_append_c(out, *text++);
        } else if (*text == '"') {
            string = !string;
        } else if (!string && (*text == '}' || *text == ']')) {
            add_line(out, eol, --depth);
        }
        g_string_append_c(out, *text);
        if (!string && (*text == '{' || *text == '[')) {
            depth++;
            if (text[1] != '}' && text[1] != ']') {
                add_line(out, eol, depth);
            }
        } else if (!string && *text == ',') {
            add_line(out, eol, depth);
            text += text[1] == ' ';
        }
    }
}

char *json_pretty(const json_t *value, const char *eol)
{
    g_autofree char *text = json_write(value, 0);
    GString *out = g_string_sized_new(strlen(text) * 2);

    add_indented(out, text, eol);
    return g_string_free(out, FALSE);
}

char *json_line(const json_t *value, bool pretty)
{
    g_autofree char *text = pretty ? json_pretty(value, "\r\n") : json_write(value, 0);

    return g_strconcat(text, "\r\n", NULL);
}
