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

#define FIELD(f) .offset = offsetof(X86CpuConfig, f)
#define BOOL(n, f, d, h) { .name = n, .type = ACCEL_PROP_BOOL, FIELD(f), .defval = d, .help = h }

static gboolean range(const char *name, gint64 value, gint64 max, GError **errp)
{
    if (value >= 0 && value <= max) {
        return TRUE;
    }
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                    "Property .%s doesn't take value %" G_GINT64_FORMAT
                    " (minimum: 0, maximum: %" G_GINT64_FORMAT ")", name, value, max);
    return FALSE;
}

static gboolean check_id(void *obj, const AccelProp *prop, GError **errp)
{
    gint64 max = prop->offset == offsetof(X86CpuConfig, family) ? 0xff + 0xf
               : prop->offset == offsetof(X86CpuConfig, stepping) ? 0xf : 0xff;

    return range(prop->name, *(gint64 *)((char *)obj + prop->offset), max, errp);
}

static gboolean check_tsc(void *obj, const AccelProp *prop, GError **errp)
{
    return range(prop->name, ((X86CpuConfig *)obj)->tsc_hz, G_MAXINT64, errp);
}

static gboolean check_vendor(void *obj, const AccelProp *prop, GError **errp)
{
    const char *vendor = ((X86CpuConfig *)obj)->vendor;

    if (strlen(vendor) == 12) {
        return TRUE;
    }
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "Property '.vendor' doesn't take value '%s'",
                    vendor);
    return FALSE;
}

const AccelProp x86_cpu_config_props[] = {
    { .name = "family", .type = ACCEL_PROP_INT64, FIELD(family), .check = check_id,
      .help = "family, extended family included", .type_name = "int" },
    { .name = "model", .type = ACCEL_PROP_INT64, FIELD(model_nr), .check = check_id,
      .help = "model, extended model included", .type_name = "int" },
    { .name = "stepping", .type = ACCEL_PROP_INT64, FIELD(stepping), .check = check_id,
      .help = "stepping", .type_name = "int" },
    { .name = "vendor", .type = ACCEL_PROP_STRING, FIELD(vendor), .check = check_vendor,
      .help = "vendor, 12 characters" },
    { .name = "model-id", .type = ACCEL_PROP_STRING, FIELD(model_id),
      .help = "name, at most 48 characters" },
    { .name = "level", .type = ACCEL_PROP_UINT32, FIELD(level), .defval = "4294967295",
      .help = "highest basic leaf" },
    { .name = "xlevel", .type = ACCEL_PROP_UINT32, FIELD(xlevel), .defval = "4294967295",
      .help = "highest extended leaf" },
    { .name = "level-func7", .type = ACCEL_PROP_UINT32, FIELD(level_func7),
      .defval = "4294967295", .help = "highest sub-leaf of leaf 7" },
    { .name = "phys-bits", .type = ACCEL_PROP_UINT32, FIELD(phys_bits), .defval = "0",
      .help = "bits of a physical address, 0: as the model has" },
    BOOL("host-phys-bits", host_phys_bits, "off", "as many bits of physical address as the host"),
    { .name = "host-phys-bits-limit", .type = ACCEL_PROP_UINT32, FIELD(host_phys_bits_limit),
      .defval = "0", .help = "but no more than these, 0: no limit" },
    { .name = "tsc-frequency", .type = ACCEL_PROP_INT64, FIELD(tsc_hz), .defval = "0",
      .check = check_tsc, .help = "Hz, 0: the host's", .type_name = "int" },
    { .name = "ucode-rev", .type = ACCEL_PROP_UINT64, FIELD(ucode_rev), .defval = "0",
      .help = "microcode revision, 0: the host's or a usual one" },
    BOOL("check", check, "on", "warn of each feature that the host lacks"),
    BOOL("enforce", enforce, "off", "fail when the host lacks a feature"),
    BOOL("x-force-features", force_features, "off", "show features even where the host lacks them"),
    BOOL("kvm", kvm, "on", "tell the guest that it runs on KVM"),
    BOOL("pmu", pmu, "off", "performance monitoring unit"),
    BOOL("migratable", migratable, "on", "only what can move to another host"),
    BOOL("l3-cache", l3_cache, "on", "tell of a third-level cache"),
    BOOL("legacy-cache", legacy_cache, "on", "the generic caches rather than the model's"),
    BOOL("host-cache-info", host_cache_info, "off", "the host's caches"),
    BOOL("cpuid-0xb", cpuid_0xb, "on", "leaf 0BH"),
    BOOL("vmware-cpuid-freq", vmware_cpuid_freq, "on", "frequencies in leaf 40000010H"),
    /* known to QEMU, without meaning here */
    BOOL("full-cpuid-auto-level", accepted, "on", "accepted"),
    BOOL("fill-mtrr-mask", accepted, "on", "accepted"),
    BOOL("lmce", accepted, "off", "accepted"),
    BOOL("kvm-no-smi-migration", accepted, "off", "accepted"),
    BOOL("kvm-pv-enforce-cpuid", accepted, "off", "accepted"),
    BOOL("tcg-cpuid", accepted, "on", "accepted"),
    BOOL("x-vendor-cpuid-only", accepted, "on", "accepted"),
    BOOL("x-intel-pt-auto-level", accepted, "on", "accepted"),
    BOOL("x-migrate-smi-count", accepted, "on", "accepted"),
    ACCEL_PROP_END,
};

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
