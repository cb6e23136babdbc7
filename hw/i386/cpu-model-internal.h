/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal to hw/i386/cpu-model*.c. */
#ifndef HW_I386_CPU_MODEL_INTERNAL_H
#define HW_I386_CPU_MODEL_INTERNAL_H

#include "hw/i386/cpu-model.h"

#define MSR_UCODE_REV 0x8b

/** x86_cpu_config_apply: what stands behind the model's name in @text. */
gboolean x86_cpu_config_apply(X86CpuConfig *c, const char *text, GError **errp);
/** x86_cpu_config_ambiguous: a line for each "+name,name=value" in @text: the signs win. */
void x86_cpu_config_ambiguous(const char *text, GPtrArray *lines);
/** x86_cpu_host_model: add what "host" and "max" stand for. */
void x86_cpu_host_model(X86CpuConfig *c);
/** x86_cpu_config_identity: vendor, name, family, model, stepping of @m, or of the host. */
void x86_cpu_config_identity(X86CpuConfig *c, const X86CpuHost *host);
/** x86_cpu_config_min_levels: the highest leaves of the model, or of the host. */
void x86_cpu_config_min_levels(X86CpuConfig *c);
/** x86_cpu_config_revision: the microcode revision where the user gave none. */
uint64_t x86_cpu_config_revision(const X86CpuConfig *c, const X86CpuHost *host);
/** x86_cpu_config_phys_bits: width of physical addresses; what is odd goes to @lines. */
gboolean x86_cpu_config_phys_bits(X86CpuConfig *c, const X86CpuHost *host, GPtrArray *lines,
                                  GError **errp);

#endif
