/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Messages. One message is put together in memory and leaves in one write(), so that lines of
 * several threads (or of several emulators on one terminal) do not mix. Colours are used on a
 * terminal only.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
#include "accel/error.h"
#include "system/report.h"

ReportConfig report_config;

static ReportLoc current;
static const char *progname = "accelvm";

void report_init(const char *argv0)
{
    const char *slash = argv0 != NULL ? strrchr(argv0, '/') : NULL;

    if (argv0 != NULL && argv0[0] != '\0') {
        progname = slash != NULL ? slash + 1 : argv0;
    }
}

const char *report_progname(void)
{
    return progname;
}

ReportLoc report_set_loc(const char *option, const char *argument)
{
    ReportLoc old = current;

    current = (ReportLoc){ option, argument };
    return old;
}

static bool colours(void)
{
    static int known = -1;

    if (known < 0) {
        const char *term = g_getenv("TERM");

        known = isatty(STDERR_FILENO) && g_getenv("NO_COLOR") == NULL && term != NULL &&
                strcmp(term, "dumb") != 0;
    }
    return known;
}

static void flush(GString *text)
{
    const char *p = text->str;
    size_t left = text->len;

    while (left > 0) {
        ssize_t n = write(STDERR_FILENO, p, left);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        p += n;
        left -= n;
    }
    g_string_free(text, TRUE);
}

static void add_stamp(GString *out)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autofree char *day = g_date_time_format(now, "%Y-%m-%dT%H:%M:%S");

    g_string_append_printf(out, "%s.%06dZ ", day, g_date_time_get_microsecond(now));
}

static void add_prefix(GString *out)
{
    if (report_config.timestamp) {
        add_stamp(out);
    }
    if (report_config.show_guest && report_config.guest_name != NULL) {
        g_string_append_printf(out, "%s ", report_config.guest_name);
    }
    g_string_append_printf(out, "%s: ", progname);
    if (current.option != NULL) {
        g_string_append(out, current.option);
        if (current.argument != NULL) {
            g_string_append_printf(out, " %s", current.argument);
        }
        g_string_append(out, ": ");
    }
}

static void add_text(GString *out, const char *level, const char *text)
{
    static const struct {
        const char *level, *word, *colour;
    } levels[] = {
        { "error", "", "\033[1;31m" },
        { "warning", "warning: ", "\033[1;33m" },
        { "notice", "", "" },
        { "info", "info: ", "" },
    };
    guint i = 0;

    while (i < G_N_ELEMENTS(levels) - 1 && strcmp(levels[i].level, level) != 0) {
        i++;
    }
    if (colours() && levels[i].colour[0] != '\0') {
        g_string_append_printf(out, "%s%s%s\033[0m\n", levels[i].colour, levels[i].word, text);
    } else {
        g_string_append_printf(out, "%s%s\n", levels[i].word, text);
    }
}

static void add_lines(GString *out, const char *head, const char *const *lines)
{
    for (; lines != NULL && *lines != NULL; lines++) {
        g_string_append_printf(out, "  %s: %s\n", head, *lines);
    }
}

static const char *const *after_first(const char *const *lines)
{
    return lines != NULL && *lines != NULL ? lines + 1 : NULL;
}

/* Under QEMU's line: first why, then what to do about it; then what else is known of both. */
static void add_advice(GString *out, const GError *err)
{
    const char *const *causes = accel_error_causes(err), *const *remedies = accel_error_remedies(err);
    const char *cause[2] = { causes != NULL ? causes[0] : NULL };
    const char *remedy[2] = { remedies != NULL ? remedies[0] : NULL };

    add_lines(out, "cause", cause);
    add_lines(out, "remedy", remedy);
    add_lines(out, "cause", after_first(causes));
    add_lines(out, "remedy", after_first(remedies));
}

static void add_details(GString *out, const GError *err)
{
    const char *notes = accel_error_notes(err);

    add_advice(out, err);
    if (notes != NULL) {
        g_string_append(out, notes);
        if (!g_str_has_suffix(notes, "\n")) {
            g_string_append_c(out, '\n');
        }
    }
    if (accel_error_missing(err) != NULL && strchr(accel_error_missing(err), ',') != NULL) {
        g_string_append_printf(out, "  missing: %s\n", accel_error_missing(err));
    }
    if (accel_error_stage(err) != NULL && accel_error_call(err) != NULL) {
        g_string_append_printf(out, "  stage: %s, call: %s", accel_error_stage(err),
                               accel_error_call(err));
        if (accel_error_errno(err) != 0) {
            g_string_append_printf(out, ", errno: %d", accel_error_errno(err));
        }
        g_string_append_c(out, '\n');
    }
}

static void emit(const char *level, const char *text, const GError *err)
{
    GString *out = g_string_sized_new(256);

    if (report_config.json) {
        g_autofree char *line = report_json_line(level, &current, text, err);

        g_string_append_printf(out, "%s\n", line);
    } else {
        add_prefix(out);
        add_text(out, level, text);
        if (err != NULL) {
            add_details(out, err);
        }
    }
    flush(out);
}

void report_error(const GError *err)
{
    emit("error", err != NULL ? err->message : "unknown error", err);
}

#define DEFINE_REPORT(name, level)               \
    void name(const char *fmt, ...)              \
    {                                            \
        va_list ap;                              \
        g_autofree char *text = NULL;            \
                                                 \
        va_start(ap, fmt);                       \
        text = g_strdup_vprintf(fmt, ap);        \
        va_end(ap);                              \
        emit(level, text, NULL);                 \
    }

DEFINE_REPORT(report_errorf, "error")
DEFINE_REPORT(report_warnf, "warning")
DEFINE_REPORT(report_noticef, "notice")
DEFINE_REPORT(report_infof, "info")

static void emit_plain(const char *indent, const char *fmt, va_list ap)
{
    GString *out;

    if (report_config.json) {
        return;
    }
    out = g_string_new(indent);
    g_string_append_vprintf(out, fmt, ap);
    g_string_append_c(out, '\n');
    flush(out);
}

void report_hint(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    emit_plain("  ", fmt, ap);
    va_end(ap);
}

void report_plain(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    emit_plain("", fmt, ap);
    va_end(ap);
}
