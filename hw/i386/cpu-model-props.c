/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The properties of a CPU that are no features: their defaults, and what values they take. Theory of
 * operation: a table, as for any object; texts of refusals are QEMU's.
 */
#include <string.h>
#include "hw/i386/cpu-model-internal.h"

#define FIELD(f) .offset = offsetof(X86CpuConfig, f)
#define PLACE(n, f, h) { .name = n, .type = ACCEL_PROP_INT64, FIELD(f), .defval = "-1", .help = h, \
                         .type_name = "int32" }
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
    { .name = "xlevel2", .type = ACCEL_PROP_UINT32, FIELD(xlevel2), .defval = "4294967295",
      .help = "highest leaf of C0000000H" },
    { .name = "min-level", .type = ACCEL_PROP_UINT32, FIELD(min_level), .defval = "0",
      .help = "highest basic leaf at least" },
    { .name = "min-xlevel", .type = ACCEL_PROP_UINT32, FIELD(min_xlevel), .defval = "0",
      .help = "highest extended leaf at least" },
    { .name = "min-xlevel2", .type = ACCEL_PROP_UINT32, FIELD(min_xlevel2), .defval = "0",
      .help = "highest leaf of C0000000H at least" },
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
    { .name = "apic-id", .type = ACCEL_PROP_UINT32, FIELD(apic_id), .defval = "4294967295",
      .help = "APIC id" },
    PLACE("socket-id", socket_id, "package number"),
    PLACE("die-id", die_id, "die number within the package"),
    PLACE("core-id", core_id, "core number"),
    PLACE("thread-id", thread_id, "thread number within the core"),
    PLACE("node-id", node_id, "NUMA node"),
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
