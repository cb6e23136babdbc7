/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The CPU models by name. Theory of operation: one class per model, all alike; what a model means in
 * CPUID terms is x86_cpu_set_model()'s business.
 */
#include "hw/i386/x86-cpu.h"
#include "hw/i386/x86-cpu-types.h"

#define X86_CPU_MODEL(sym, model, text, ...)                 \
    const DeviceClass x86_cpu_##sym##_class = {          \
        .type = {                                        \
            .name = model X86_CPU_TYPE_SUFFIX,           \
            .parent = &x86_cpu_class.type,               \
            .desc = text,                                \
        },                                               \
        .bus = "cpu",                                    \
        .user_creatable = true,                          \
        .hotpluggable = true,                            \
    };
X86_CPU_MODELS(X86_CPU_MODEL)
#undef X86_CPU_MODEL
