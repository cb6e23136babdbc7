/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text to numbers, without strtol's surprises: no sign where none makes sense, no silent overflow,
 * no trailing junk, no locale.
 */
#include <string.h>
#include "accel/prop.h"

static const char *skip_digits(const char *p, guint base)
{
    while (base == 16 ? g_ascii_isxdigit(*p) : g_ascii_isdigit(*p)) {
        p++;
    }
    return p;
}

/* Shift that a suffix letter stands for; -1 for none of them. */
static int suffix_shift(char c)
{
    static const char letters[] = "bkmgtpe";
    const char *p = c != '\0' ? strchr(letters, g_ascii_tolower(c)) : NULL;

    return p != NULL ? (int)(p - letters) * 10 : -1;
}

/* Decimal fraction after the point, as a multiple of 2^-64 of the unit; digits only. */
static long double fraction(const char *p, const char *end)
{
    long double value = 0, scale = 1;

    for (; p < end; p++) {
        scale /= 10;
        value += (*p - '0') * scale;
    }
    return value;
}

gboolean accel_parse_size(const char *text, guint64 unit, guint64 *out)
{
    guint base = g_ascii_strncasecmp(text, "0x", 2) == 0 ? 16 : 10;
    const char *p = base == 16 ? text + 2 : text;
    const char *end = skip_digits(p, base), *point = NULL, *stop = end;
    g_autofree char *digits = g_strndup(p, (gsize)(end - p));
    guint64 value, mul = unit;
    int shift;

    if (end == p || !g_ascii_string_to_unsigned(digits, base, 0, G_MAXUINT64, &value, NULL)) {
        return FALSE;
    }
    if (base == 10 && *end == '.') {
        point = end + 1;
        stop = end = skip_digits(point, 10);
        if (stop == point) {
            return FALSE;
        }
    }
    if (*end != '\0') {
        shift = suffix_shift(*end++);
        if (shift < 0 || *end != '\0') {
            return FALSE;
        }
        mul = (guint64)1 << shift;
    }
    if (!g_uint64_checked_mul(&value, value, mul)) {
        return FALSE;
    }
    if (point != NULL && (mul == 1 ||
        !g_uint64_checked_add(&value, value, (guint64)(fraction(point, stop) * mul)))) {
        return FALSE;
    }
    *out = value;
    return TRUE;
}

gboolean accel_parse_bool(const char *text, gboolean *out)
{
    static const char *const on[] = { "on", "yes", "true", "y", NULL };
    static const char *const off[] = { "off", "no", "false", "n", NULL };

    if (g_strv_contains(on, text)) {
        *out = TRUE;
        return TRUE;
    }
    *out = FALSE;
    return g_strv_contains(off, text);
}
