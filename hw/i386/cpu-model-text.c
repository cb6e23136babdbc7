/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The text of -cpu: "MODEL[,+feature][,-feature][,feature][,name=value]…".
 *
 * Theory of operation: name=value (and a bare name, which is name=on) are applied from left to right,
 * then all "+", then all "-", so that the signs win over the words as they do in QEMU. A name is a
 * feature's or a row of the property table. Every feature that was named is remembered: what the user
 * asks for by name is neither added nor left out behind their back.
 */
#include <string.h>
#include "hw/i386/cpu-model-internal.h"

static void set_feature(X86CpuConfig *c, const char *name, bool on)
{
    x86_feature_set(&c->f, name, on);
    x86_feature_set(&c->forced_on, name, on);
    x86_feature_set(&c->forced_off, name, !on);
}

static gboolean not_found(const X86CpuConfig *c, const char *name, GError **errp)
{
    AccelErrorInfo info = { .stage = "cpu-model" };

    accel_error_set(errp, ACCEL_ERROR_INVALID, &info, "Property '%s-x86_64-cpu.%s' not found",
                    c->model->name, name);
    if (errp != NULL && (g_str_has_prefix(name, "hv-") || g_str_has_prefix(name, "hv_"))) {
        accel_error_add_remedy(*errp, "Hyper-V enlightenments are not there: leave hv-* out");
    } else if (errp != NULL) {
        accel_error_add_remedy(*errp, "-cpu help lists what there is");
    }
    return FALSE;
}

static gboolean apply_sign(X86CpuConfig *c, const char *text, GError **errp)
{
    if (x86_feature_find(text + 1) == NULL) {
        return accel_prop_find(x86_cpu_config_props, text + 1) != NULL
                   ? accel_prop_set(c, x86_cpu_config_props, "", text + 1,
                                    text[0] == '+' ? "on" : "off", errp)
                   : not_found(c, text + 1, errp);
    }
    set_feature(c, text + 1, text[0] == '+');
    return TRUE;
}

static bool same_name(const char *a, const char *b)
{
    for (; *a != '\0' && (*a == *b || (*a == '_' && *b == '-') || (*a == '-' && *b == '_')); a++) {
        b++;
    }
    return *a == *b;
}

/* "2.5G", in thousands. Returns: false for what is no frequency. */
static bool parse_metric(const char *text, gint64 *hz)
{
    static const char letters[] = "kmgtpe";
    char *end;
    double value = g_ascii_strtod(text, &end);
    const char *unit = *end != '\0' ? strchr(letters, g_ascii_tolower(*end)) : NULL;

    if (!g_ascii_isdigit(*text) || (*end != '\0' && (unit == NULL || end[1] != '\0'))) {
        return false;
    }
    for (const char *p = letters; unit != NULL && p <= unit; p++) {
        value *= 1000;
    }
    *hz = value < 9e18 ? (gint64)value : 0;
    return value < 9e18;
}

/* tsc-frequency under another name, and with units. */
static gboolean apply_tsc_freq(X86CpuConfig *c, const char *value, GError **errp)
{
    if (!parse_metric(value, &c->tsc_hz)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "bad numerical value %s", value);
        return FALSE;
    }
    return TRUE;
}

static gboolean apply_value(X86CpuConfig *c, const char *name, const char *value, GError **errp)
{
    const X86FeatureName *feature = x86_feature_find(name);
    gboolean on;

    if (feature == NULL) {
        return accel_prop_find(x86_cpu_config_props, name) != NULL
                   ? accel_prop_set(c, x86_cpu_config_props, "", name, value, errp)
                   : not_found(c, name, errp);
    }
    if (!accel_parse_bool(value, &on)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "Parameter '%s' expects 'on' or 'off'",
                        name);
        return FALSE;
    }
    set_feature(c, name, on);
    return TRUE;
}

static gboolean apply_word(X86CpuConfig *c, const char *text, GError **errp)
{
    const char *equals = strchr(text, '=');
    g_autofree char *name = NULL;
    g_autoptr(GError) err = NULL;

    if (equals == NULL) {
        equals = text + strlen(text);
    }
    name = g_strndup(text, equals - text);
    if (same_name(name, "tsc-freq")) {
        return apply_tsc_freq(c, *equals == '=' ? equals + 1 : "on", errp);
    }
    if (apply_value(c, name, *equals == '=' ? equals + 1 : "on", &err)) {
        return TRUE;
    }
    g_prefix_error(&err, "can't apply global %s-x86_64-cpu.%s=%s: ", c->model->name, name,
                   *equals == '=' ? equals + 1 : "on");
    g_propagate_error(errp, g_steal_pointer(&err));
    return FALSE;
}

/* One pass for the words, one for what starts with @sign. */
static gboolean apply_pass(X86CpuConfig *c, char **parts, char sign, GError **errp)
{
    for (char **p = parts; *p != NULL; p++) {
        bool is_sign = **p == '+' || **p == '-';

        if (sign == 0 ? !is_sign && **p != '\0' && !apply_word(c, *p, errp)
                      : **p == sign && !apply_sign(c, *p, errp)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean x86_cpu_config_apply(X86CpuConfig *c, const char *text, GError **errp)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    return parts[0] == NULL ||
           (apply_pass(c, parts + 1, 0, errp) && apply_pass(c, parts + 1, '+', errp) &&
            apply_pass(c, parts + 1, '-', errp));
}

/* The sign that @name has in @parts before @end; 0: none. */
static char sign_before(char **parts, char **end, const char *name)
{
    char sign = 0;

    for (char **p = parts; p < end; p++) {
        if ((**p == '+' || **p == '-') && same_name(*p + 1, name)) {
            sign = **p;
        }
    }
    return sign;
}

void x86_cpu_config_ambiguous(const char *text, GPtrArray *lines)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);

    for (char **p = parts; *p != NULL; p++) {
        g_auto(GStrv) word = g_strsplit(*p, "=", 2);
        char sign = word[0] != NULL ? sign_before(parts, p, g_strdelimit(word[0], "_", '-')) : 0;

        if (sign != 0) {
            g_ptr_array_add(lines, g_strdup_printf(
                "Ambiguous CPU model string. Don't mix both \"%c%s\" and \"%s=%s\"", sign, word[0],
                word[0], word[1] != NULL ? word[1] : "on"));
        }
    }
}
