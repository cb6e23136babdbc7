/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * --require: a comma-separated list of what a caller needs; what is not met is named.
 */
#include <string.h>
#include "probe.h"

static gboolean has_feature(const Probe *p, const char *name)
{
    for (guint i = 0; p->cpu_features != NULL && i < p->cpu_features->len; i++) {
        if (g_str_equal(g_ptr_array_index(p->cpu_features, i), name)) {
            return TRUE;
        }
    }
    return FALSE;
}

/* "vcpus=64", "memslots=100": a number that must be there at least. */
static gboolean met_number(const Probe *p, const char *name, const char *value, gboolean *met)
{
    guint64 n;

    if (!g_ascii_string_to_unsigned(value, 10, 0, G_MAXINT, &n, NULL)) {
        return FALSE;
    }
    if (g_str_equal(name, "vcpus")) {
        *met = p->hard_vcpus >= (int)n;
    } else if (g_str_equal(name, "recommended-vcpus")) {
        *met = p->soft_vcpus >= (int)n;
    } else if (g_str_equal(name, "memslots")) {
        *met = p->memslots >= (int)n;
    } else {
        return FALSE;
    }
    return TRUE;
}

/* FALSE: nobody knows what @item means. */
static gboolean met_item(const Probe *p, const char *item, gboolean *met)
{
    g_auto(GStrv) pair = g_strsplit(item, "=", 2);
    const int cap = kvm_capability_by_name(item);

    if (pair[1] != NULL) {
        return met_number(p, pair[0], pair[1], met);
    }
    if (g_str_equal(item, "usable")) {
        *met = p->err == NULL;
    } else if (g_str_equal(item, "nested")) {
        *met = p->nested;
    } else if (g_str_equal(item, "irqchip-split")) {
        *met = p->irqchip_split;
    } else if (cap >= 0) {
        *met = probe_cap_value(p, cap) > 0;
    } else if (g_str_has_prefix(item, "cpu:")) {
        *met = has_feature(p, item + 4);
    } else {
        return FALSE;
    }
    return TRUE;
}

GPtrArray *probe_unmet(const Probe *p, const char *require, GError **errp)
{
    g_auto(GStrv) items = g_strsplit(require, ",", -1);
    g_autoptr(GPtrArray) unmet = g_ptr_array_new_with_free_func(g_free);

    for (char **item = items; *item != NULL; item++) {
        gboolean met = FALSE;

        if (!met_item(p, *item, &met)) {
            accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                            "--require: '%s' is no capability, and none of usable, nested, "
                            "irqchip-split, vcpus=N, recommended-vcpus=N, memslots=N, cpu:FEATURE",
                            *item);
            return NULL;
        }
        if (!met) {
            g_ptr_array_add(unmet, g_strdup(*item));
        }
    }
    return g_steal_pointer(&unmet);
}
