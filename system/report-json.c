/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * -msg json=on: a message as one JSON object per line, with every field the error carries, for
 * programs that start emulators and want to act on the reason of a failure.
 */
#include "accel/error.h"
#include "system/json.h"
#include "system/report.h"

static const char *const code_names[] = {
    [ACCEL_ERROR_FAILED] = "failed",         [ACCEL_ERROR_ABSENT] = "absent",
    [ACCEL_ERROR_DENIED] = "denied",         [ACCEL_ERROR_BUSY] = "busy",
    [ACCEL_ERROR_VERSION] = "version",       [ACCEL_ERROR_CAPABILITY] = "capability",
    [ACCEL_ERROR_LIMIT] = "limit",           [ACCEL_ERROR_INVALID] = "invalid",
    [ACCEL_ERROR_RESOURCE] = "resource",     [ACCEL_ERROR_UNSUPPORTED] = "unsupported",
    [ACCEL_ERROR_UNKNOWN] = "unknown",       [ACCEL_ERROR_GUEST] = "guest",
};

static void set_text(json_t *o, const char *key, const char *value)
{
    if (value != NULL) {
        json_object_set_new(o, key, json_text(value));
    }
}

static void set_list(json_t *o, const char *key, const char *const *lines)
{
    if (lines != NULL) {
        json_object_set_new(o, key, json_text_list(lines));
    }
}

static void set_error(json_t *o, const GError *err)
{
    if (err->domain != ACCEL_ERROR) {
        return;
    }
    if (err->code >= 0 && err->code < (int)G_N_ELEMENTS(code_names)) {
        set_text(o, "code", code_names[err->code]);
    }
    set_text(o, "accel", accel_error_accel(err));
    set_text(o, "stage", accel_error_stage(err));
    set_text(o, "call", accel_error_call(err));
    if (accel_error_errno(err) != 0) {
        json_object_set_new(o, "errno", json_integer(accel_error_errno(err)));
        set_text(o, "strerror", g_strerror(accel_error_errno(err)));
    }
    set_text(o, "capability", accel_error_capability(err));
    set_text(o, "missing", accel_error_missing(err));
    if (accel_error_have(err) != 0 || accel_error_need(err) != 0) {
        json_object_set_new(o, "have", json_integer(accel_error_have(err)));
        json_object_set_new(o, "need", json_integer(accel_error_need(err)));
    }
    set_text(o, "notes", accel_error_notes(err));
    set_list(o, "causes", accel_error_causes(err));
    set_list(o, "remedies", accel_error_remedies(err));
}

char *report_json_line(const char *level, const ReportLoc *loc, const char *text,
                       const GError *err)
{
    json_t *o = json_object();
    char *line;

    json_object_set_new(o, "timestamp-us", json_integer(g_get_real_time()));
    set_text(o, "program", report_progname());
    if (report_config.show_guest) {
        set_text(o, "guest", report_config.guest_name);
    }
    set_text(o, "level", level);
    set_text(o, "option", loc->option);
    set_text(o, "argument", loc->argument);
    set_text(o, "message", text);
    if (err != NULL) {
        set_error(o, err);
    }
    line = json_write(o, JSON_COMPACT);
    json_decref(o);
    return line;
}
