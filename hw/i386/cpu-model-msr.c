/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * MSRs that belong to a CPU model: what firmware or the processor would have put there.
 */
#include <string.h>
#include "hw/i386/cpu-model-internal.h"

#define MSR_ARCH_CAPABILITIES 0x10a
#define MSR_PERF_CAPABILITIES 0x345
#define MSR_MISC_ENABLE       0x1a0
#define FAST_STRING           1 /* firmware switches it on */

/* Revisions that QEMU shows for models that are not the host. */
static uint64_t usual_revision(const X86CpuConfig *c)
{
    return strcmp(c->vendor, "AuthenticAMD") == 0 ? 0x01000065 : UINT64_C(0x100000000);
}

uint64_t x86_cpu_config_revision(const X86CpuConfig *c, const X86CpuHost *host)
{
    return c->model->host && host->ucode_rev != 0 ? host->ucode_rev : usual_revision(c);
}

guint x86_cpu_msrs(const X86CpuConfig *c, const X86CpuHost *host, AccelX86Msr msrs[4])
{
    guint n = 0;

    if (!host->kvm) {
        return 0;
    }
    if (c->family >= 6) { /* older ones do not have it; the host may be no Intel, KVM knows it */
        msrs[n++] = (AccelX86Msr){ MSR_MISC_ENABLE, FAST_STRING };
    }
    if (host->ucode_rev != 0 && c->family >= 6) {
        msrs[n++] = (AccelX86Msr){ MSR_UCODE_REV, c->ucode_rev };
    }
    if (x86_has(&c->f, X86_WORD_7_0_EDX, 29)) {
        msrs[n++] = (AccelX86Msr){ MSR_ARCH_CAPABILITIES, c->f.w[X86_WORD_ARCH_CAPABILITIES] };
    }
    if (c->pmu && x86_has(&c->f, X86_WORD_1_ECX, 15)) {
        msrs[n++] = (AccelX86Msr){ MSR_PERF_CAPABILITIES, c->f.w[X86_WORD_PERF_CAPABILITIES] };
    }
    return n;
}
