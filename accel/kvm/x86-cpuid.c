/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * CPUID: what the host offers and what a vCPU shows, and the machine check banks that belong to it.
 */
#include <errno.h>
#include <string.h>
#include "x86-int.h"

#define ENTRIES_FIRST 128
#define ENTRIES_MAX 4096

static struct kvm_cpuid2 *alloc_cpuid(uint32_t n)
{
    struct kvm_cpuid2 *c = g_malloc0(sizeof(*c) + n * sizeof(struct kvm_cpuid_entry2));

    c->nent = n;
    return c;
}

static GArray *to_array(const struct kvm_cpuid2 *c)
{
    GArray *out = g_array_sized_new(FALSE, TRUE, sizeof(AccelX86Cpuid), c->nent);

    for (uint32_t i = 0; i < c->nent; i++) {
        const struct kvm_cpuid_entry2 *e = &c->entries[i];
        const AccelX86Cpuid row = {
            .function = e->function,
            .index = e->index,
            .indexed = (e->flags & KVM_CPUID_FLAG_SIGNIFCANT_INDEX) != 0,
            .eax = e->eax, .ebx = e->ebx, .ecx = e->ecx, .edx = e->edx,
        };

        g_array_append_val(out, row);
    }
    return out;
}

/* Ask with ever more room; an answer that does not fit its room is none. (transfer full) */
static int ask(KVMState *s, struct kvm_cpuid2 **c)
{
    int ret = -E2BIG;

    for (uint32_t n = ENTRIES_FIRST; ret == -E2BIG && n <= ENTRIES_MAX; n *= 2) {
        g_free(*c);
        *c = alloc_cpuid(n);
        ret = kvm_ioctl(s, KVM_GET_SUPPORTED_CPUID, *c);
        if (ret >= 0 && (*c)->nent > n) {
            ret = -EPROTO;
        }
    }
    return ret;
}

/* What the kernel tells in a capability of its own, because it takes an in-kernel LAPIC. */
static void add_tsc_deadline(KVMState *s, struct kvm_cpuid2 *c)
{
    const uint32_t bit = 1u << 24;

    for (uint32_t i = 0; i < c->nent; i++) {
        if (c->entries[i].function == 1 && !(c->entries[i].ecx & bit) &&
            s->parent.irqchip != ACCEL_IRQCHIP_OFF &&
            kvm_check_extension(s, KVM_CAP_TSC_DEADLINE_TIMER) > 0) {
            c->entries[i].ecx |= bit;
        }
    }
}

GArray *kvm_get_supported_cpuid(AccelState *as, GError **errp)
{
    KVMState *s = KVM_STATE(as);
    g_autofree struct kvm_cpuid2 *c = NULL;
    int ret = ask(s, &c);

    if (ret < 0) {
        kvm_call_error(errp, "KVM_GET_SUPPORTED_CPUID", ret, "KVM_GET_SUPPORTED_CPUID failed: %s",
                       g_strerror(-ret));
        kvm_failed_at(errp, "cpuid");
        return NULL;
    }
    add_tsc_deadline(s, c);
    return to_array(c);
}

static bool has_mce(const AccelX86Cpuid *entries, guint n)
{
    const uint32_t bits = (1u << 7) | (1u << 14); /* MCE and MCA */

    for (guint i = 0; i < n; i++) {
        if (entries[i].function == 1) {
            return (entries[i].edx & bits) == bits;
        }
    }
    return false;
}

static struct kvm_cpuid2 *to_kernel(const AccelX86Cpuid *entries, guint n)
{
    struct kvm_cpuid2 *c = alloc_cpuid(n);

    for (guint i = 0; i < n; i++) {
        c->entries[i] = (struct kvm_cpuid_entry2){
            .function = entries[i].function,
            .index = entries[i].index,
            .flags = entries[i].indexed ? KVM_CPUID_FLAG_SIGNIFCANT_INDEX : 0,
            .eax = entries[i].eax, .ebx = entries[i].ebx,
            .ecx = entries[i].ecx, .edx = entries[i].edx,
        };
    }
    return c;
}

static bool same_cpuid(const struct kvm_cpuid2 *a, const struct kvm_cpuid2 *b)
{
    return a != NULL && a->nent == b->nent &&
           memcmp(a->entries, b->entries, a->nent * sizeof(a->entries[0])) == 0;
}

/*
 * Since Linux 5.16 a vCPU that has run keeps its CPUID; some kernels refuse even the same list again. A
 * vCPU that was parked has it already, so what was set is remembered and not set twice.
 */
gboolean kvm_set_cpuid(AccelCPU *acpu, const AccelX86Cpuid *entries, guint n, GError **errp)
{
    KVMCpu *cpu = KVM_CPU(acpu);
    g_autofree struct kvm_cpuid2 *c = to_kernel(entries, n);

    if (!same_cpuid(cpu->cpuid, c)) {
        if (!x86_call(cpu, "KVM_SET_CPUID2", kvm_vcpu_ioctl(acpu, KVM_SET_CPUID2, c), errp)) {
            return FALSE;
        }
        g_free(cpu->cpuid);
        cpu->cpuid = g_steal_pointer(&c);
    }
    return has_mce(entries, n) ? x86_setup_mce(cpu, errp) : TRUE;
}

/* Source: KVM API 4.105. 10 banks as in QEMU, fewer where the kernel has fewer. */
gboolean x86_setup_mce(KVMCpu *cpu, GError **errp)
{
    KVMState *s = KVM_STATE(cpu->parent.accel);
    uint64_t cap = 0;
    int banks = kvm_check_extension(s, KVM_CAP_MCE), ret;

    if (banks <= 0) {
        return TRUE; /* the guest sees no banks */
    }
    ret = kvm_ioctl(s, KVM_X86_GET_MCE_CAP_SUPPORTED, &cap);
    if (ret < 0) {
        accel_warn(&s->parent, "KVM_X86_GET_MCE_CAP_SUPPORTED failed: %s; vCPU %u has no machine "
                   "check banks", g_strerror(-ret), cpu->parent.id);
        return TRUE;
    }
    cap = (cap & 0x7000100) | MIN(banks, 10);
    return x86_call(cpu, "KVM_X86_SETUP_MCE", kvm_vcpu_ioctl(&cpu->parent, KVM_X86_SETUP_MCE, &cap),
                    errp);
}
