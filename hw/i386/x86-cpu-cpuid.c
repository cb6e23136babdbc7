/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A vCPU's CPUID: what the host supports, with this vCPU's APIC id in it.
 *
 * Theory of operation: the host's answer is fetched once per machine and kept; each vCPU gets a copy
 * with the leaves that carry an APIC id patched (Intel SDM vol. 2, CPUID leaves 01H, 0BH, 1FH).
 */
#include "hw/i386/x86-cpu.h"

#define CPUID1_ECX_TSC_DEADLINE (1u << 24)
#define CPUID1_EDX_HTT (1u << 28)
#define CPUID1_ECX_HYPERVISOR (1u << 31)

static void free_host_cpuid(MachineState *ms)
{
    g_array_unref(ms->arch);
    ms->arch = NULL;
}

GArray *x86_cpu_host_cpuid(MachineState *ms, GError **errp)
{
    if (ms->arch == NULL) {
        ms->arch = accel_get_supported_cpuid(ms->accel, errp);
        ms->arch_free = ms->arch != NULL ? free_host_cpuid : NULL;
    }
    return ms->arch;
}

/* Logical processors of one package. */
static uint32_t threads(const CPUState *cpu)
{
    const SmpConfig *smp = &cpu->dev.machine->smp;

    return smp->dies * smp->modules * smp->cores * smp->threads;
}

static void patch(AccelX86Cpuid *e, const CPUState *cpu)
{
    switch (e->function) {
    case 0x1:
        e->ebx = (e->ebx & 0x0000ffff) | (cpu->apic_id & 0xff) << 24 | (threads(cpu) & 0xff) << 16;
        e->ecx |= CPUID1_ECX_HYPERVISOR; /* guests look for KVM's leaves only with it */
        e->edx = threads(cpu) > 1 ? e->edx | CPUID1_EDX_HTT : e->edx & ~CPUID1_EDX_HTT;
        if (accel_irqchip(cpu->dev.machine->accel) != ACCEL_IRQCHIP_OFF) {
            e->ecx |= CPUID1_ECX_TSC_DEADLINE; /* the kernel's LAPIC has it */
        }
        break;
    case 0xb:
    case 0x1f:
        e->edx = cpu->apic_id;
        break;
    default:
        break;
    }
}

gboolean x86_cpu_set_model(MachineState *ms, CPUState *cpu, GError **errp)
{
    GArray *host = x86_cpu_host_cpuid(ms, errp);
    g_autofree AccelX86Cpuid *own = NULL;
    guint i;

    if (host == NULL) {
        return FALSE;
    }
    own = g_memdup2(host->data, host->len * sizeof(*own));
    for (i = 0; i < host->len; i++) {
        patch(&own[i], cpu);
    }
    return accel_set_cpuid(cpu->accel_cpu, own, host->len, errp);
}
