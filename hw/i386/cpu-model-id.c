/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who the CPU says it is, how wide its addresses are, and how far its leaves go.
 *
 * Theory of operation: numbers of a table row are inherited from its base where it has none; those
 * of "host" and "max" come from the host's leaves. With KVM a guest sees the host's vendor whatever
 * its model, because what a guest does about the vendor (SYSCALL, microcode) is the hardware's.
 */
#include <string.h>
#include "hw/i386/cpu-model-internal.h"

static const X86CpuModel *base_of(const X86CpuModel *m)
{
    return x86_cpu_model_find(m->base);
}

static void numbers_of(const X86CpuModel *m, X86CpuConfig *c)
{
    const X86CpuModel *base = base_of(m);

    if (base != NULL) {
        numbers_of(base, c);
    }
    c->family = m->family >= 0 ? m->family : c->family;
    c->model_nr = m->model >= 0 ? m->model : c->model_nr;
    c->stepping = m->stepping >= 0 ? m->stepping : c->stepping;
    if (m->vendor != NULL) {
        g_free(c->vendor);
        c->vendor = g_strdup(m->vendor);
    }
}

static char *host_vendor(const GArray *leaves)
{
    const AccelX86Cpuid *e = x86_cpuid_find(leaves, 0, 0);
    char text[13] = "";

    if (e == NULL) {
        return NULL;
    }
    memcpy(text, &e->ebx, 4);
    memcpy(text + 4, &e->edx, 4);
    memcpy(text + 8, &e->ecx, 4);
    return g_strdup(text);
}

static void host_numbers(X86CpuConfig *c)
{
    const AccelX86Cpuid *e = x86_cpuid_find(c->leaves, 1, 0);
    uint32_t eax = e != NULL ? e->eax : 0;

    c->family = eax >> 8 & 0xf;
    c->model_nr = eax >> 4 & 0xf;
    c->stepping = eax & 0xf;
    if (c->family == 0xf) {
        c->family += eax >> 20 & 0xff;
    }
    c->model_nr |= eax >> 12 & 0xf0;
}

static char *host_name(const X86CpuHost *host)
{
    char text[49] = "";

    for (int i = 0; i < 3; i++) {
        const AccelX86Cpuid *e = x86_cpuid_find(host->leaves, 0x80000002 + i, 0);

        if (e != NULL) {
            memcpy(text + 16 * i, &e->eax, 16);
        }
    }
    return g_strdup(text[0] != '\0' ? text : host->model_id);
}

void x86_cpu_config_identity(X86CpuConfig *c, const X86CpuHost *host)
{
    char *vendor = host_vendor(c->leaves);

    if (c->model->host) {
        host_numbers(c);
        c->model_id = host_name(host);
    } else {
        numbers_of(c->model, c);
        c->model_id = c->family != 0 ? g_strdup(c->model->desc) : NULL;
    }
    if (vendor != NULL && (c->model->host || (host->kvm && c->vendor != NULL))) {
        g_free(c->vendor);
        c->vendor = g_steal_pointer(&vendor);
    }
    g_free(vendor);
    if (c->vendor == NULL) {
        c->vendor = g_strdup("");
    }
}

static uint32_t host_phys_bits(const X86CpuConfig *c)
{
    const AccelX86Cpuid *e = x86_cpuid_find(c->leaves, 0x80000008, 0);

    return e != NULL && (e->eax & 0xff) != 0 ? e->eax & 0xff : 36;
}

/* Without long mode the width follows from the paging modes. */
static gboolean phys_bits_32(X86CpuConfig *c, GError **errp)
{
    if (c->phys_bits != 0) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, &(AccelErrorInfo){ .stage = "cpu-model" },
                        "phys-bits is not user-configurable in 32 bit");
        return FALSE;
    }
    c->phys_bits = x86_has(&c->f, X86_WORD_1_EDX, 17) ? 36 : 32; /* pse36 */
    return TRUE;
}

gboolean x86_cpu_config_phys_bits(X86CpuConfig *c, const X86CpuHost *host, GPtrArray *lines,
                                  GError **errp)
{
    const uint32_t of_host = host_phys_bits(c);
    const AccelErrorInfo info = { .stage = "cpu-model" };

    if (!x86_has(&c->f, X86_WORD_8000_0001_EDX, 29)) { /* lm */
        return phys_bits_32(c, errp);
    }
    if (host->kvm && c->phys_bits != 0 && c->phys_bits != of_host) {
        g_ptr_array_add(lines, g_strdup_printf("Host physical bits (%u) does not match phys-bits "
                                               "property (%u)", of_host, c->phys_bits));
    }
    if (c->host_phys_bits && !c->no_host) { /* wins over a number */
        c->phys_bits = c->host_phys_bits_limit != 0 ? MIN(of_host, c->host_phys_bits_limit)
                                                    : of_host;
    } else if (c->phys_bits == 0) {
        c->phys_bits = 40;
    }
    if (c->phys_bits < 32 || c->phys_bits > 52) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, &info,
                        "phys-bits should be between 32 and 52  (but is %u)", c->phys_bits);
        return FALSE;
    }
    return TRUE;
}

static uint32_t table_level(const X86CpuModel *m, bool extended)
{
    for (; m != NULL; m = base_of(m)) {
        if (m->family >= 0 || m->level != 0) { /* a row with numbers of its own */
            return extended ? m->xlevel : m->level;
        }
    }
    return 0;
}

static uint32_t host_level(const X86CpuConfig *c, uint32_t leaf)
{
    const AccelX86Cpuid *e = x86_cpuid_find(c->leaves, leaf, 0);

    return e != NULL ? e->eax : 0;
}

/* Features raise the level so far that a guest finds them. */
static uint32_t needed(const X86CpuConfig *c, uint32_t level, uint32_t from)
{
    for (int i = 0; i < X86_N_WORDS; i++) {
        const X86WordInfo *w = &x86_words[i];

        if (w->reg != 0 && c->f.w[i] != 0 && (w->function & 0xc0000000) == from) {
            level = MAX(level, w->function);
        }
    }
    return level;
}

static uint32_t needed_sub7(const X86CpuConfig *c)
{
    return c->f.w[X86_WORD_7_2_EDX] != 0                                        ? 2
           : (c->f.w[X86_WORD_7_1_EAX] | c->f.w[X86_WORD_7_1_EDX]) != 0 ? 1
                                                                                : 0;
}

void x86_cpu_config_min_levels(X86CpuConfig *c)
{
    const uint32_t xlevel = table_level(c->model, true);

    if (c->model->host) {
        c->min_level = host_level(c, 0);
        c->min_xlevel = host_level(c, 0x80000000);
    } else {
        c->min_level = table_level(c->model, false);
        c->min_xlevel = xlevel != 0 ? 0x80000000 | xlevel : 0;
    }
}

static void raise_to(uint32_t *level, const X86CpuConfig *c, X86FeatureWord word, unsigned bit,
                     uint32_t leaf)
{
    if (x86_has(&c->f, word, bit)) {
        *level = MAX(*level, leaf);
    }
}

void x86_cpu_config_levels(X86CpuConfig *c)
{
    c->min_level = needed(c, c->min_level, 0);
    raise_to(&c->min_level, c, X86_WORD_1_ECX, 26, 0xd);                   /* xsave */
    raise_to(&c->min_level, c, X86_WORD_7_0_EBX, 25, 0x14);                /* intel-pt */
    raise_to(&c->min_level, c, X86_WORD_7_0_EDX, 24, 0x1e);                /* amx-tile */
    c->min_xlevel = needed(c, c->min_xlevel, 0x80000000);
    raise_to(&c->min_xlevel, c, X86_WORD_8000_0001_ECX, 2, 0x8000000a);    /* svm */
    raise_to(&c->min_xlevel, c, X86_WORD_8000_0001_ECX, 22, 0x8000001e);   /* topoext */
    c->min_xlevel2 = needed(c, c->min_xlevel2, 0xc0000000);
    if (c->level == X86_CPU_AUTO) {
        c->level = c->min_level;
    }
    if (c->xlevel == X86_CPU_AUTO) {
        c->xlevel = c->min_xlevel;
    }
    if (c->xlevel2 == X86_CPU_AUTO) {
        c->xlevel2 = c->min_xlevel2;
    }
    if (c->level_func7 == X86_CPU_AUTO) {
        c->level_func7 = needed_sub7(c);
    }
}
