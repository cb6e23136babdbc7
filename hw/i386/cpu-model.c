/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From the text of -cpu to what the guest's CPUs are.
 *
 * Theory of operation: properties get their defaults, the model its features, the accelerator adds
 * what is on by default with it; then the user's words are applied, what "host" and "max" stand for
 * is filled in around them, bits that depend on a switched-off feature go, and what the host cannot
 * do is left out with a warning each (check) or is an error (enforce). Source: QEMU's behaviour.
 */
#include <string.h>
#include "hw/i386/cpu-model-internal.h"

#define BIT(n) (UINT64_C(1) << (n))

void x86_cpu_config_free(X86CpuConfig *c)
{
    if (c != NULL) {
        accel_prop_clear(c, x86_cpu_config_props);
        g_strfreev(c->warnings);
        g_free(c);
    }
}

static void switch_all(X86Features *f, const char *const *names, bool on)
{
    for (; *names != NULL; names++) {
        x86_feature_set(f, *names, on);
    }
}

/* On or off with KVM whatever the model says, as far as the host can do it. */
static void kvm_defaults(X86CpuConfig *c)
{
    static const char *const on[] = { "kvmclock", "kvm-nopiodelay", "kvm-asyncpf",
                                      "kvm-steal-time", "kvm-pv-eoi", "kvmclock-stable-bit",
                                      "kvm-msi-ext-dest-id", "x2apic", NULL };
    static const char *const off[] = { "acpi", "monitor", "svm", NULL };
    X86Features wanted = { 0 };

    switch_all(&wanted, on, true);
    for (int i = 0; i < X86_N_WORDS; i++) {
        c->f.w[i] |= wanted.w[i] & c->host.w[i];
    }
    switch_all(&c->f, off, false);
}

static void start(X86CpuConfig *c, const X86CpuHost *host)
{
    accel_prop_init(c, x86_cpu_config_props);
    c->leaves = host->leaves;
    c->no_host = host->leaves->len == 0;
    c->on_kvm = host->kvm;
    x86_host_features(host, &c->host);
    x86_cpu_config_identity(c, host);
    x86_cpu_config_min_levels(c);
    x86_cpu_model_features(c->model, &c->f);
    if (c->model->host) {
        c->host_phys_bits = c->pmu = true;
    } else if (c->model->caches != NULL) {
        c->legacy_cache = false;
    }
    if (host->kvm && strcmp(c->model->name, "base") != 0) { /* that one is for building upon */
        kvm_defaults(c);
    } else if (!host->kvm && !c->no_host) {
        x86_feature_set(&c->f, "vme", false); /* as QEMU's software CPU: who names it gets a word */
    }
    if (c->family != 0 || c->model->host) {
        c->f.w[X86_WORD_1_ECX] |= BIT(31);
    }
}

/*
 * Words of which nothing is left without the feature that they belong to. What was named goes to
 * @unrequested, QEMU's word for it. No row for xsave: QEMU 7.2 leaves xsaveopt and its like alone, and
 * a guest without xsave finds nothing in the leaf that shows them.
 */
static const struct { const char *feature; uint8_t word; } depends[] = {
    { "svm", X86_WORD_8000_000A_EDX },
    { "intel-pt", X86_WORD_14_0_ECX },
    { "arch-capabilities", X86_WORD_ARCH_CAPABILITIES },
    { "core-capability", X86_WORD_CORE_CAPABILITY },
    { "pdcm", X86_WORD_PERF_CAPABILITIES },
};

static void drop_dependent(X86CpuConfig *c, X86Features *unrequested)
{
    for (guint i = 0; i < G_N_ELEMENTS(depends); i++) {
        const X86FeatureName *row = x86_feature_find(depends[i].feature);
        uint8_t word = depends[i].word;

        if (!x86_has(&c->f, row->word, row->bit)) {
            unrequested->w[word] |= c->f.w[word] & c->forced_on.w[word];
            c->f.w[word] = 0;
        }
    }
    if (!c->kvm || !c->on_kvm) {
        c->f.w[X86_WORD_KVM_EAX] = c->f.w[X86_WORD_KVM_EDX] = 0;
    }
}

/* A guest that has no PMU does not see what tells of one: see leaf_1() for "pdcm" itself. */
static void drop_pmu(X86CpuConfig *c)
{
    if (!c->pmu) {
        c->f.w[X86_WORD_PERF_CAPABILITIES] = 0;
    }
}

static void fill_host_model(X86CpuConfig *c)
{
    x86_cpu_host_model(c);
    for (int i = 0; i < X86_N_WORDS; i++) {
        c->f.w[i] = (c->f.w[i] & ~c->forced_off.w[i]) | c->forced_on.w[i];
    }
}

X86CpuConfig *x86_cpu_config_parse(const char *text, const X86CpuHost *host, GError **errp)
{
    g_autofree char *name = g_strndup(text, strcspn(text, ","));
    const AccelErrorInfo info = { .stage = "cpu-model" };
    X86CpuConfig *c = g_new0(X86CpuConfig, 1);

    c->model = x86_cpu_model_find(name);
    if (c->model == NULL) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, &info, "unable to find CPU model '%s'", name);
        g_free(c);
        return NULL;
    }
    start(c, host);
    if (!x86_cpu_config_apply(c, text, errp)) {
        x86_cpu_config_free(c);
        return NULL;
    }
    if (c->model->host) {
        fill_host_model(c);
    }
    drop_dependent(c, &c->filtered);
    return c;
}

bool x86_cpu_config_missing(const X86CpuConfig *c, X86Features *missing)
{
    uint64_t any = 0;

    for (int i = 0; i < X86_N_WORDS; i++) {
        missing->w[i] = c->no_host ? 0 : c->f.w[i] & ~c->host.w[i];
        any |= missing->w[i];
    }
    return any != 0;
}

static void note(const X86Features *missing, const char *what, GPtrArray *lines)
{
    for (int w = 0; w < X86_N_WORDS; w++) {
        for (uint64_t bits = missing->w[w]; bits != 0; bits &= bits - 1) {
            g_autofree char *name = x86_feature_text(w, __builtin_ctzll(bits));

            g_ptr_array_add(lines, g_strdup_printf("%s: %s", what, name));
        }
    }
}

static gboolean refuse(const char *who, GPtrArray *lines, GError **errp)
{
    AccelErrorInfo info = { .stage = "cpu-model" };
    g_autofree char *notes = NULL;

    g_ptr_array_add(lines, NULL);
    info.notes = notes = g_strjoinv("\n", (char **)lines->pdata);
    accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, &info, "%s doesn't support requested features",
                    strcmp(who, "host") == 0 ? "Host" : who);
    return FALSE;
}

static bool any(const X86Features *f)
{
    uint64_t bits = 0;

    for (int i = 0; i < X86_N_WORDS; i++) {
        bits |= f->w[i];
    }
    return bits != 0;
}

/* What the host lacks goes to what was left out before. */
static gboolean filter(X86CpuConfig *c, const char *who, GPtrArray *lines, GError **errp)
{
    g_autofree char *lacks = g_strdup_printf("%s doesn't support requested feature", who);
    X86Features missing;

    x86_cpu_config_missing(c, &missing);
    if (c->check || c->enforce) {
        note(&c->filtered, "This feature depends on other features that were not requested", lines);
        note(&missing, lacks, lines);
    }
    if (c->enforce && (any(&c->filtered) || any(&missing))) {
        return refuse(who, lines, errp);
    }
    for (int i = 0; i < X86_N_WORDS; i++) {
        c->f.w[i] &= c->force_features ? UINT64_MAX : ~missing.w[i];
        c->filtered.w[i] |= missing.w[i];
    }
    return TRUE;
}

X86CpuConfig *x86_cpu_config_new(const char *text, const X86CpuHost *host, GError **errp)
{
    X86CpuConfig *c = x86_cpu_config_parse(text, host, errp);
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

    if (c == NULL) {
        return NULL;
    }
    x86_cpu_config_ambiguous(text, lines);
    if (!x86_cpu_config_phys_bits(c, host, lines, errp) ||
        !filter(c, host->accel_text, lines, errp)) {
        x86_cpu_config_free(c);
        return NULL;
    }
    drop_dependent(c, &(X86Features){ 0 });
    drop_pmu(c);
    x86_cpu_config_levels(c);
    if (c->ucode_rev == 0) {
        c->ucode_rev = x86_cpu_config_revision(c, host);
    }
    g_ptr_array_add(lines, NULL);
    c->warnings = g_strdupv((char **)lines->pdata);
    return c;
}
