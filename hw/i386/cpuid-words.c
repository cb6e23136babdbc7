/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Feature words as management reads them, "feature-words" and "filtered-features" of a CPU.
 *
 * Theory of operation: most are the words that the model is made of. Some follow from others, and so
 * are made up here as they are in the guest's leaves: AMD's second copy of leaf 1, and which state
 * XSAVE saves. And some are always empty, because nothing that they tell of is there (SGX, state of
 * supervisors); who looks for a word wants to find it. Feature MSRs are no part of this, as in QEMU.
 */
#include <string.h>
#include "cpuid-internal.h"

bool cpuid_is_amd(const X86CpuConfig *c)
{
    return strcmp(c->vendor, "AuthenticAMD") == 0 || strcmp(c->vendor, "HygonGenuine") == 0;
}

uint32_t cpuid_amd_aliases(const X86CpuConfig *c)
{
    return cpuid_is_amd(c) ? (uint32_t)c->f.w[X86_WORD_1_EDX] & 0x0183f3ff : 0;
}

static const X86WordValue empty[] = {
    { .function = 0xd, .index = 0, .indexed = true, .reg = 'd' },
    { .function = 0xd, .index = 1, .indexed = true, .reg = 'c' },
    { .function = 0xd, .index = 1, .indexed = true, .reg = 'd' },
    { .function = 0x12, .index = 0, .indexed = true, .reg = 'a' },
    { .function = 0x12, .index = 0, .indexed = true, .reg = 'b' },
    { .function = 0x12, .index = 1, .indexed = true, .reg = 'a' },
};

GArray *x86_cpu_config_words(const X86CpuConfig *c, bool filtered)
{
    const X86Features *f = filtered ? &c->filtered : &c->f;
    const X86WordValue xcr0 = { 0xd, 0, true, 'a', filtered ? 0 : cpuid_xcr0(c) };
    GArray *out = g_array_new(FALSE, FALSE, sizeof(X86WordValue));

    for (int i = 0; i < X86_N_WORDS; i++) {
        const X86WordInfo *w = &x86_words[i];
        X86WordValue v = { w->function, w->index, w->indexed, w->reg, (uint32_t)f->w[i] };

        if (i == X86_WORD_8000_0001_EDX && !filtered) {
            v.value |= cpuid_amd_aliases(c);
        }
        if (w->reg != 0) {
            g_array_append_val(out, v);
        }
    }
    g_array_append_val(out, xcr0);
    return g_array_append_vals(out, empty, G_N_ELEMENTS(empty));
}
