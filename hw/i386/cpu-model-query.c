/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What management asks of CPU models: whether a host can run them, and what they consist of.
 */
#include <string.h>
#include "hw/i386/cpu-model-internal.h"

void x86_cpu_prop_free(X86CpuProp *p)
{
    if (p != NULL) {
        g_free(p->name);
        g_free(p->string);
        g_free(p);
    }
}

GStrv x86_cpu_model_unavailable(const char *name, const X86CpuHost *host)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    X86CpuConfig *c = x86_cpu_config_parse(name, host, NULL);
    X86Features missing;

    if (c != NULL && x86_cpu_config_missing(c, &missing)) {
        for (int w = 0; w < X86_N_WORDS; w++) {
            for (uint64_t bits = missing.w[w]; bits != 0; bits &= bits - 1) {
                const char *text = x86_feature_name(w, __builtin_ctzll(bits));

                if (text != NULL) {
                    g_ptr_array_add(names, g_strdup(text));
                }
            }
        }
    }
    x86_cpu_config_free(c);
    g_ptr_array_add(names, NULL);
    return (GStrv)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}

static X86CpuProp *add(GPtrArray *out, const char *name, int kind)
{
    X86CpuProp *p = g_new0(X86CpuProp, 1);

    p->name = g_strdup(name);
    p->kind = kind;
    g_ptr_array_add(out, p);
    return p;
}

static void add_features(GPtrArray *out, const X86Features *f)
{
    guint n;
    const X86FeatureName *names = x86_feature_names(&n);

    for (guint i = 0; i < n; i++) {
        if (i == 0 || strcmp(names[i].name, names[i - 1].name) != 0) {
            add(out, names[i].name, X86_CPU_PROP_BOOL)->on =
                x86_has(f, names[i].word, names[i].bit);
        }
    }
}

bool x86_cpu_has_property(const char *name)
{
    for (const AccelProp *prop = x86_cpu_config_props; prop->name != NULL; prop++) {
        if (strcmp(prop->name, name) == 0) {
            return true;
        }
    }
    return x86_feature_find(name) != NULL;
}

/* What is accepted without meaning anything is told as its default: all share one field. */
static char *value_of(const X86CpuConfig *c, const AccelProp *prop)
{
    return prop->offset == offsetof(X86CpuConfig, accepted) ? g_strdup(prop->defval)
                                                            : accel_prop_get(c, prop);
}

static void add_property(GPtrArray *out, const X86CpuConfig *c, const AccelProp *prop)
{
    g_autofree char *value = value_of(c, prop);

    if (prop->type == ACCEL_PROP_BOOL) {
        add(out, prop->name, X86_CPU_PROP_BOOL)->on = strcmp(value, "on") == 0;
    } else if (prop->type == ACCEL_PROP_STRING) {
        add(out, prop->name, X86_CPU_PROP_STRING)->string = g_steal_pointer(&value);
    } else {
        X86CpuProp *p = add(out, prop->name, X86_CPU_PROP_INT);

        p->is_signed = prop->type == ACCEL_PROP_INT64;
        p->number = p->is_signed ? (guint64)g_ascii_strtoll(value, NULL, 10)
                                 : g_ascii_strtoull(value, NULL, 10);
    }
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    const X86CpuProp *const *p = a, *const *q = b;

    return strcmp((*p)->name, (*q)->name);
}

GPtrArray *x86_cpu_config_list(const X86CpuConfig *c)
{
    GPtrArray *out = g_ptr_array_new_with_free_func((GDestroyNotify)x86_cpu_prop_free);

    add_features(out, &c->f);
    for (const AccelProp *prop = x86_cpu_config_props; prop->name != NULL; prop++) {
        add_property(out, c, prop);
    }
    g_ptr_array_sort(out, by_name);
    return out;
}

GPtrArray *x86_cpu_model_expand(const char *text, const X86CpuHost *host, GError **errp)
{
    X86CpuConfig *c = x86_cpu_config_parse(text, host, errp);
    GPtrArray *out;

    if (c == NULL) {
        return NULL;
    }
    x86_cpu_config_levels(c);
    out = x86_cpu_config_list(c);
    x86_cpu_config_free(c);
    return out;
}
