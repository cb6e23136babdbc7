/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Giving a vCPU its model: CPUID leaves, TSC frequency and the MSRs that go with them.
 *
 * Theory of operation: what the host offers, the configuration and the table of leaves are worked out
 * once per machine, for the first CPU; each further CPU costs a copy of the table with its APIC id
 * patched in. Feature MSRs are read only where a CPUID bit says that there is one, so most starts ask
 * the kernel nothing beyond the leaves. An accelerator without a CPU to tell (qtest) still has the text
 * of -cpu read, so that what is wrong in it is wrong everywhere.
 */
#include <cpuid.h>
#include <string.h>
#include "accel/accel-class.h"
#include "accel/kvm.h"
#include "cpu-model-internal.h"
#include "hw/i386/x86-cpu.h"

typedef struct X86CpuShared {
    X86CpuHost host;
    GArray *leaves;
    X86CpuConfig *config;
    GArray *table;
} X86CpuShared;

static void shared_free(MachineState *ms)
{
    X86CpuShared *s = ms->arch;

    x86_cpu_config_free(s->config);
    g_clear_pointer(&s->table, g_array_unref);
    g_array_unref(s->leaves);
    g_free(s);
    ms->arch = NULL;
}

static uint64_t feature_msr(AccelState *as, const GArray *leaves, X86FeatureWord word,
                            X86FeatureWord has_word, unsigned has_bit)
{
    const X86WordInfo *w = &x86_words[has_word];
    const AccelX86Cpuid *e = x86_cpuid_find(leaves, w->function, w->index);
    uint64_t value = 0;

    if (e == NULL || !((w->reg == 'c' ? e->ecx : e->edx) >> has_bit & 1) ||
        !accel_get_feature_msr(as, x86_words[word].function, &value, NULL)) {
        return 0;
    }
    return value;
}

/* The processor's own name, where this program runs on the processor that the guest gets. */
static void processor_name(char name[49])
{
    uint32_t words[12];

    if (__get_cpuid_max(0x80000000, NULL) < 0x80000004) {
        return;
    }
    for (unsigned i = 0; i < 3; i++) {
        uint32_t *w = &words[i * 4];

        __cpuid(0x80000002 + i, w[0], w[1], w[2], w[3]);
    }
    memcpy(name, words, sizeof(words));
}

static void ask_host(AccelState *as, X86CpuHost *h)
{
    uint64_t *msrs = h->feature_msrs;

    msrs[0] = feature_msr(as, h->leaves, X86_WORD_ARCH_CAPABILITIES, X86_WORD_7_0_EDX, 29);
    msrs[1] = feature_msr(as, h->leaves, X86_WORD_CORE_CAPABILITY, X86_WORD_7_0_EDX, 30);
    msrs[2] = feature_msr(as, h->leaves, X86_WORD_PERF_CAPABILITIES, X86_WORD_1_ECX, 15);
    if (!accel_get_feature_msr(as, MSR_UCODE_REV, &h->ucode_rev, NULL)) {
        h->ucode_rev = 0;
    }
    processor_name(h->model_id);
}

static X86CpuShared *shared(MachineState *ms, GError **errp)
{
    const AccelClass *klass = accel_get_class(ms->accel);
    X86CpuShared *s = ms->arch;
    GArray *leaves;

    if (s != NULL) {
        return s;
    }
    leaves = klass->threading == ACCEL_THREAD_NONE
                 ? g_array_new(FALSE, FALSE, sizeof(AccelX86Cpuid)) /* no host to compare with */
                 : accel_get_supported_cpuid(ms->accel, errp);
    if (leaves == NULL) {
        return NULL;
    }
    s = g_new0(X86CpuShared, 1);
    s->host.leaves = s->leaves = leaves;
    s->host.kvm = kvm_state(ms->accel) != NULL;
    s->host.accel_text = klass->hardware || leaves->len == 0 ? "host" : "TCG";
    s->host.irqchip = accel_irqchip(ms->accel);
    if (s->host.kvm) {
        ask_host(ms->accel, &s->host);
    }
    ms->arch = s;
    ms->arch_free = shared_free;
    return s;
}

gboolean x86_machine_cpu_host(MachineState *ms, const X86CpuHost **host, GError **errp)
{
    X86CpuShared *s = shared(ms, errp);

    *host = s != NULL ? &s->host : NULL;
    return s != NULL;
}

const X86CpuConfig *x86_machine_cpu_config(MachineState *ms)
{
    const X86CpuShared *s = ms->arch;

    return s != NULL ? s->config : NULL;
}

static void warn(MachineState *ms, const char *text)
{
    if (ms->hooks.warn != NULL) {
        ms->hooks.warn(ms->hooks.opaque, text);
    }
}

static const char *model_text(MachineState *ms)
{
    return ms->cpu_model != NULL ? ms->cpu_model : ms->klass->default_cpu_type;
}

/* Known and stable: the user said so, or TSC is invariant as in 80000007H. */
static uint32_t stable_tsc_khz(const X86CpuConfig *c, CPUState *cpu)
{
    const bool invariant = x86_has(&c->f, X86_WORD_8000_0007_EDX, 8);

    if (c->tsc_hz != 0) {
        return (uint32_t)(c->tsc_hz / 1000);
    }
    return invariant ? accel_tsc_khz(cpu->accel_cpu) : 0;
}

static gboolean configure(MachineState *ms, X86CpuShared *s, CPUState *cpu, GError **errp)
{
    const char *text = model_text(ms);
    X86CpuConfig *c = x86_cpu_config_new(text != NULL ? text : "qemu64", &s->host, errp);

    if (c == NULL) {
        return FALSE;
    }
    /* Nobody asked for what the default model has and the host has not. */
    for (char **line = c->warnings; ms->cpu_model != NULL && *line != NULL; line++) {
        warn(ms, *line);
    }
    if (ms->smp.threads > 1 && strcmp(c->vendor, "AuthenticAMD") == 0 &&
        !x86_has(&c->f, X86_WORD_8000_0001_ECX, 22)) {
        g_autofree char *line = g_strdup_printf(
            "This family of AMD CPU doesn't support hyperthreading(%u)\n"
            "Please configure -smp options properly or try enabling topoext feature.",
            ms->smp.threads);

        warn(ms, line);
    }
    if (cpu->accel_cpu != NULL) {
        s->table = x86_cpuid_build(c, &ms->smp, stable_tsc_khz(c, cpu));
    }
    s->config = c;
    return TRUE;
}

/* What -cpu says of a CPU's place holds for each CPU; what it says of APIC ids, the board knows. */
static gboolean check_place(const X86CpuConfig *c, const CPUState *cpu, GError **errp)
{
    const struct { const char *name; gint64 wanted; int is; } rows[] = {
        { "socket", c->socket_id, cpu->ids.socket_id }, { "die", c->die_id, cpu->ids.die_id },
        { "core", c->core_id, cpu->ids.core_id }, { "thread", c->thread_id, cpu->ids.thread_id },
    };

    for (guint i = 0; cpu->ids.core_id >= 0 && i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].wanted >= 0 && rows[i].wanted != MAX(rows[i].is, 0)) {
            accel_error_set(errp, ACCEL_ERROR_INVALID, &(AccelErrorInfo){ .stage = "cpu-model" },
                            "property %s-id: %" G_GINT64_FORMAT " doesn't match set apic-id: 0x%x "
                            "(%s-id: %d)", rows[i].name, rows[i].wanted, cpu->apic_id,
                            rows[i].name, MAX(rows[i].is, 0));
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean set_tsc(const X86CpuConfig *c, CPUState *cpu, GError **errp)
{
    const gint64 khz = c->tsc_hz / 1000;
    const uint32_t own = khz != 0 ? accel_tsc_khz(cpu->accel_cpu) : 0;
    g_autoptr(GError) err = NULL;

    if (khz == own ||
        (khz <= G_MAXUINT32 && accel_set_tsc_khz(cpu->accel_cpu, (uint32_t)khz, &err))) {
        return TRUE;
    }
    if (err == NULL) {
        accel_error_set(&err, ACCEL_ERROR_INVALID, &(AccelErrorInfo){ .stage = "cpu-model" },
                        "no processor is that fast");
    }
    g_propagate_prefixed_error(errp, g_steal_pointer(&err),
                               "TSC frequency mismatch between VM (%" G_GINT64_FORMAT " kHz) and "
                               "host (%u kHz), and TSC scaling unavailable: ", khz, own);
    return FALSE;
}

/* A refused value is worth a line only where the guest will read another one. */
static void warn_refused(MachineState *ms, AccelCPU *cpu, const AccelX86Msr *wanted)
{
    AccelX86Msr is = { .index = wanted->index };
    const bool known = accel_get_msrs(cpu, &is, 1, NULL);
    g_autofree char *value = known ? g_strdup_printf("0x%" G_GINT64_MODIFIER "x", is.value)
                                   : g_strdup("the kernel's own value");
    g_autofree char *line = g_strdup_printf("MSR 0x%x cannot be set to 0x%" G_GINT64_MODIFIER
                                            "x: the guest sees %s", wanted->index, wanted->value,
                                            value);

    if (!known || is.value != wanted->value) {
        warn(ms, line);
    }
}

/*
 * A kernel that refuses one keeps its own value, which a guest can live with: the CPUID bits that
 * lead there describe a register that is there. Only the first CPU tells.
 */
static void set_msrs(MachineState *ms, const X86CpuShared *s, CPUState *cpu)
{
    AccelX86Msr msrs[4];
    const guint n = x86_cpu_msrs(s->config, &s->host, msrs);

    if (n == 0 || accel_set_msrs(cpu->accel_cpu, msrs, n, NULL)) {
        return;
    }
    for (guint i = 0; i < n; i++) {
        if (!accel_set_msrs(cpu->accel_cpu, &msrs[i], 1, NULL) && cpu->index == 0) {
            warn_refused(ms, cpu->accel_cpu, &msrs[i]);
        }
    }
}

gboolean x86_cpu_set_model(MachineState *ms, CPUState *cpu, GError **errp)
{
    X86CpuShared *s = shared(ms, errp);
    g_autofree AccelX86Cpuid *own = NULL;

    if (s == NULL || (s->config == NULL && !configure(ms, s, cpu, errp)) ||
        !check_place(s->config, cpu, errp)) {
        return FALSE;
    }
    if (cpu->accel_cpu == NULL) {
        return TRUE;
    }
    if (!set_tsc(s->config, cpu, errp)) {
        return FALSE;
    }
    own = g_memdup2(s->table->data, s->table->len * sizeof(*own));
    x86_cpuid_patch(own, s->table->len, &ms->smp, cpu->apic_id);
    if (!accel_set_cpuid(cpu->accel_cpu, own, s->table->len, errp)) {
        return FALSE;
    }
    set_msrs(ms, s, cpu);
    return TRUE;
}
