/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Feature words: where they are, and looking up their bits by name. Theory of operation: the table of
 * names is sorted, so a look-up halves it; the other way round is for messages only and may search.
 */
#include <string.h>
#include "hw/i386/cpu-model.h"

#define LEAF(fn, sub, has_sub, r) .function = (fn), .index = (sub), .indexed = (has_sub), .reg = (r)

const X86WordInfo x86_words[X86_N_WORDS] = {
    [X86_WORD_1_EDX] = { LEAF(1, 0, false, 'd') },
    [X86_WORD_1_ECX] = { LEAF(1, 0, false, 'c') },
    [X86_WORD_7_0_EBX] = { LEAF(7, 0, true, 'b') },
    [X86_WORD_7_0_ECX] = { LEAF(7, 0, true, 'c') },
    [X86_WORD_7_0_EDX] = { LEAF(7, 0, true, 'd') },
    [X86_WORD_7_1_EAX] = { LEAF(7, 1, true, 'a') },
    [X86_WORD_7_1_EDX] = { LEAF(7, 1, true, 'd') },
    [X86_WORD_7_2_EDX] = { LEAF(7, 2, true, 'd') },
    [X86_WORD_8000_0001_EDX] = { LEAF(0x80000001, 0, false, 'd') },
    [X86_WORD_8000_0001_ECX] = { LEAF(0x80000001, 0, false, 'c'), .unwanted = 1u << 22 },
    [X86_WORD_8000_0007_EBX] = { LEAF(0x80000007, 0, false, 'b') },
    [X86_WORD_8000_0007_EDX] = { LEAF(0x80000007, 0, false, 'd'), .unmigratable = 1u << 8 },
    [X86_WORD_8000_0008_EBX] = { LEAF(0x80000008, 0, false, 'b') },
    [X86_WORD_8000_000A_EDX] = { LEAF(0x8000000a, 0, false, 'd') },
    [X86_WORD_8000_0021_EAX] = { LEAF(0x80000021, 0, false, 'a') },
    [X86_WORD_C000_0001_EDX] = { LEAF(0xc0000001, 0, false, 'd') },
    [X86_WORD_KVM_EAX] = { LEAF(0x40000001, 0, false, 'a') },
    [X86_WORD_KVM_EDX] = { LEAF(0x40000001, 0, false, 'd'), .unwanted = 1 },
    [X86_WORD_D_1_EAX] = { LEAF(0xd, 1, true, 'a') },
    [X86_WORD_6_EAX] = { LEAF(6, 0, false, 'a') },
    [X86_WORD_14_0_ECX] = { LEAF(0x14, 0, true, 'c') },
    [X86_WORD_ARCH_CAPABILITIES] = { .function = 0x10a },
    [X86_WORD_CORE_CAPABILITY] = { .function = 0xcf },
    [X86_WORD_PERF_CAPABILITIES] = { .function = 0x345 },
};

const char *x86_feature_name(X86FeatureWord word, unsigned bit)
{
    guint n;
    const X86FeatureName *names = x86_feature_names(&n);

    for (guint i = 0; i < n; i++) {
        if (names[i].word == word && names[i].bit == bit && !names[i].alias) {
            return names[i].name;
        }
    }
    return NULL;
}

/* strcmp() that takes an underscore of @text for a hyphen. */
static int compare(const char *text, const char *name)
{
    for (;; text++, name++) {
        unsigned char c = *text == '_' ? '-' : (unsigned char)*text;

        if (c != (unsigned char)*name || c == '\0') {
            return c - (unsigned char)*name;
        }
    }
}

const X86FeatureName *x86_feature_find(const char *name)
{
    guint n, low = 0, high;
    const X86FeatureName *names = x86_feature_names(&n);

    high = n;

    while (low < high) {
        guint middle = (low + high) / 2;

        if (compare(name, names[middle].name) > 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < n && compare(name, names[low].name) == 0 ? &names[low] : NULL;
}

bool x86_feature_set(X86Features *f, const char *name, bool on)
{
    const X86FeatureName *row = x86_feature_find(name);
    const char *own = row != NULL ? row->name : NULL;
    guint n;
    const X86FeatureName *names = x86_feature_names(&n);

    for (; row != NULL && row < names + n && strcmp(row->name, own) == 0; row++) {
        uint64_t bit = UINT64_C(1) << row->bit;

        f->w[row->word] = on ? f->w[row->word] | bit : f->w[row->word] & ~bit;
    }
    return own != NULL;
}

char *x86_feature_text(X86FeatureWord word, unsigned bit)
{
    const X86WordInfo *w = &x86_words[word];
    const char *name = x86_feature_name(word, bit);
    const char *dot = name != NULL ? "." : "";

    if (w->reg == 0) {
        return g_strdup_printf("MSR(%02XH)%s%s [bit %u]", w->function, dot, name ? name : "", bit);
    }
    return g_strdup_printf("CPUID.%02XH:E%cX%s%s [bit %u]", w->function, g_ascii_toupper(w->reg),
                           dot, name != NULL ? name : "", bit);
}
