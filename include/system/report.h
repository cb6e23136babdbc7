/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal (launcher): what the emulator says on stderr, and how.
 *
 * A message is "[TIMESTAMP ][GUEST ]accelvm: [-option argument: ]text". The option being worked on
 * is the report location; whoever walks over options sets it before and clears it after, so that
 * deep callers need not know where their text came from. Main thread only, apart from
 * report_warnf() and report_error(), which any thread may call.
 */
#ifndef SYSTEM_REPORT_H
#define SYSTEM_REPORT_H

#include <glib.h>
#include <stdbool.h>

/* What -msg switches. */
typedef struct ReportConfig {
    bool timestamp, json, show_guest;
    const char *guest_name; /* -name; borrowed */
} ReportConfig;

extern ReportConfig report_config;

/* Where messages come from; both borrowed, both may be NULL. */
typedef struct ReportLoc {
    const char *option;   /* as written: "-accel" */
    const char *argument; /* "kvm,foo=1" */
} ReportLoc;

/** report_set_loc: the option that is being worked on from now on. Returns: the one before. */
ReportLoc report_set_loc(const char *option, const char *argument);

/** report_init: name of the program as messages show it; @argv0 stays borrowed. */
void report_init(const char *argv0);
const char *report_progname(void);

/**
 * report_error: print @err: QEMU's line, the lines QEMU prints after it, and, indented, what is
 * known about causes and remedies. In JSON mode one object on one line with all the fields.
 */
void report_error(const GError *err);
void report_errorf(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
void report_warnf(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
/** report_noticef: like an error, but nothing is wrong (QEMU prints such lines without a word). */
void report_noticef(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
void report_infof(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
/** report_hint: one indented line under the message before; nothing in JSON mode. */
void report_hint(const char *fmt, ...) G_GNUC_PRINTF(1, 2);
/** report_plain: a line as it is (QEMU's second lines that carry no prefix). */
void report_plain(const char *fmt, ...) G_GNUC_PRINTF(1, 2);

/** report_json_line: @err or @text as one JSON object. Returns: (transfer full). */
char *report_json_line(const char *level, const ReportLoc *loc, const char *text,
                       const GError *err);

/** report_suggest: the candidate closest to @word, NULL when none is close. */
const char *report_suggest(const char *word, const char *const *candidates);

#endif
