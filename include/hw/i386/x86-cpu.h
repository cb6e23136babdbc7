/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: the x86 vCPU as a device, and the seam to the CPU models.
 */
#ifndef HW_I386_X86_CPU_H
#define HW_I386_X86_CPU_H

#include "hw/machine.h"

G_BEGIN_DECLS

#define X86_CPU_TYPE_SUFFIX "-x86_64-cpu"

extern const DeviceClass x86_cpu_class; /* abstract "x86_64-cpu" */

/** x86_cpu_model_name: "-cpu" text up to the first comma, or the machine type's default. */
char *x86_cpu_model_name(MachineState *ms);

/**
 * x86_cpu_set_model: give @cpu, whose AccelCPU has just been made, the CPUID of its machine's
 * -cpu model, with its own APIC id and topology. Without an AccelCPU the text of -cpu is checked.
 */
gboolean x86_cpu_set_model(MachineState *ms, CPUState *cpu, GError **errp);

G_END_DECLS

#endif
