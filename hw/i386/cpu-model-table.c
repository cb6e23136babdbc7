/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The CPU models as a table. Theory of operation: a model names its base and what it adds and takes
 * away; features are put together base first when a machine wants that one model, so the table costs
 * nothing at the start.
 */
#include <string.h>
#include "hw/i386/cpu-model.h"
#include "hw/i386/x86-cpu-types.h"

#define KIB(n, ways_, line_) .ways = (ways_), .line = (line_), .sets = (n) * 1024 / ((ways_) * (line_))
#define L1D(n, w) { .type = 1, .level = 1, KIB(n, w, 64), .flags = 1, .lines_per_tag = 1 }
#define L1I(n, w) { .type = 2, .level = 1, KIB(n, w, 64), .flags = 1, .lines_per_tag = 1 }
#define L2(n, w)  { .type = 3, .level = 2, KIB(n, w, 64), .lines_per_tag = 1, \
                    .not_self_init = true }
#define L3(n, w)  { .type = 3, .level = 3, KIB(n, w, 64), .flags = 6, .lines_per_tag = 1 }

static const X86Caches x86_caches_epyc = { L1D(32, 8), L1I(64, 4), L2(512, 8), L3(8192, 16) };
static const X86Caches x86_caches_rome = { L1D(32, 8), L1I(32, 8), L2(512, 8), L3(16384, 16) };
static const X86Caches x86_caches_milan = { L1D(32, 8), L1I(32, 8), L2(512, 8), L3(32768, 16) };

#define MODEL_ROW(sym, model_name, text, ...) { .name = model_name, .desc = text, __VA_ARGS__ },

static const X86CpuModel models[] = {
    X86_CPU_MODELS(MODEL_ROW)
};

const X86CpuModel *x86_cpu_models(guint *n)
{
    *n = G_N_ELEMENTS(models);
    return models;
}

const X86CpuModel *x86_cpu_model_find(const char *name)
{
    for (guint i = 0; name != NULL && i < G_N_ELEMENTS(models); i++) {
        if (strcmp(models[i].name, name) == 0) {
            return &models[i];
        }
    }
    return NULL;
}

static void apply_words(const char *words, X86Features *f)
{
    char name[32];
    size_t len;

    for (; words != NULL && *words != '\0'; words += len + (words[len] == ' ')) {
        bool off = *words == '-';

        words += off;
        len = strcspn(words, " ");
        g_assert(len < sizeof(name));
        memcpy(name, words, len);
        name[len] = '\0';
        x86_feature_set(f, name, !off);
    }
}

void x86_cpu_model_features(const X86CpuModel *m, X86Features *f)
{
    const X86CpuModel *base = x86_cpu_model_find(m->base);

    if (base != NULL) {
        x86_cpu_model_features(base, f);
    }
    apply_words(m->features, f);
}
