/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * x86 part of bring-up: the stages between the optional capabilities and the irqchip.
 */
#include <errno.h>
#include <string.h>
#include "kvm-int.h"
#include "x86-int.h"

const KVMCapabilityInfo kvm_arch_required[] = {
    { "KVM_CAP_SET_TSS_ADDR", KVM_CAP_SET_TSS_ADDR, NULL, NULL },
    { "KVM_CAP_EXT_CPUID", KVM_CAP_EXT_CPUID, NULL, NULL },
    { "KVM_CAP_MP_STATE", KVM_CAP_MP_STATE, NULL, NULL },
    { 0 },
};

/* An optional capability that is switched on where it is there; a refusal is an error. */
static gboolean enable_if_there(KVMState *s, unsigned cap, uint64_t arg, bool *flag,
                                const char *what, GError **errp)
{
    int ret;

    *flag = kvm_check_extension(s, cap) > 0;
    if (!*flag) {
        return TRUE;
    }
    ret = kvm_enable_cap(s, cap, arg, 0);
    if (ret < 0) {
        kvm_call_error(errp, "KVM_ENABLE_CAP", ret, "kvm: Failed to enable %s cap: %s", what,
                       g_strerror(-ret));
        return FALSE;
    }
    return TRUE;
}

static gboolean stage_exception_payload(KVMState *s, const AccelSpec *spec, GError **errp)
{
    return enable_if_there(s, KVM_CAP_EXCEPTION_PAYLOAD, 1, &s->exception_payload,
                           "exception payload", errp);
}

static gboolean stage_triple_fault_event(KVMState *s, const AccelSpec *spec, GError **errp)
{
    return enable_if_there(s, KVM_CAP_X86_TRIPLE_FAULT_EVENT, 1, &s->triple_fault_event,
                           "triple fault event", errp);
}

static gboolean stage_msr_list(KVMState *s, const AccelSpec *spec, GError **errp)
{
    s->msr_list = x86_fetch_msr_list(s, KVM_GET_MSR_INDEX_LIST, "KVM_GET_MSR_INDEX_LIST", errp);
    return s->msr_list != NULL;
}

/*
 * Intel needs four pages of guest-physical space for itself: one identity page table for real mode,
 * three for a task state. They go under the firmware of at most 16 MiB. Kernels that cannot move the
 * identity map have it at 0xfffbc000.
 */
static uint64_t identity_base(KVMState *s)
{
    return kvm_check_extension(s, KVM_CAP_SET_IDENTITY_MAP_ADDR) > 0 ? 0xfeffc000 : 0xfffbc000;
}

static gboolean stage_identity_map(KVMState *s, const AccelSpec *spec, GError **errp)
{
    uint64_t base = identity_base(s);
    int ret;

    s->identity_base = base;
    if (base != 0xfeffc000) {
        return TRUE;
    }
    ret = kvm_vm_ioctl(s, KVM_SET_IDENTITY_MAP_ADDR, &base);
    if (ret < 0) {
        kvm_call_error(errp, "KVM_SET_IDENTITY_MAP_ADDR", ret,
                       "ioctl(KVM_SET_IDENTITY_MAP_ADDR) failed: %d %s", -ret, g_strerror(-ret));
        return FALSE;
    }
    return TRUE;
}

static gboolean stage_tss(KVMState *s, const AccelSpec *spec, GError **errp)
{
    int ret = kvm_vm_ioctl(s, KVM_SET_TSS_ADDR, (unsigned long)(s->identity_base + 0x1000));

    if (ret < 0) {
        kvm_call_error(errp, "KVM_SET_TSS_ADDR", ret, "ioctl(KVM_SET_TSS_ADDR) failed: %d %s",
                       -ret, g_strerror(-ret));
        return FALSE;
    }
    return TRUE;
}

static gboolean stage_shadow_mem(KVMState *s, const AccelSpec *spec, GError **errp)
{
    int ret;

    if (s->shadow_mem == -1) {
        return TRUE;
    }
    ret = kvm_vm_ioctl(s, KVM_SET_NR_MMU_PAGES, (unsigned long)((guint64)s->shadow_mem / 4096));
    if (ret < 0) {
        kvm_call_error(errp, "KVM_SET_NR_MMU_PAGES", ret,
                       "kvm-shadow-mem=%" G_GINT64_FORMAT " (%" G_GINT64_FORMAT " pages): %s",
                       s->shadow_mem, s->shadow_mem / 4096, g_strerror(-ret));
        return FALSE;
    }
    return TRUE;
}

static gboolean stage_cpu_pm(KVMState *s, const AccelSpec *spec, GError **errp)
{
    const uint64_t all = KVM_X86_DISABLE_EXITS_MWAIT | KVM_X86_DISABLE_EXITS_HLT |
                         KVM_X86_DISABLE_EXITS_PAUSE | KVM_X86_DISABLE_EXITS_CSTATE;
    int ret;

    if (!spec->cpu_pm) {
        return TRUE;
    }
    ret = kvm_check_extension(s, KVM_CAP_X86_DISABLE_EXITS);
    if (ret > 0) {
        ret = kvm_enable_cap(s, KVM_CAP_X86_DISABLE_EXITS, (uint64_t)ret & all, 0);
    } else {
        ret = -ENOTSUP;
    }
    if (ret < 0) {
        accel_warn(&s->parent, "kvm: guest stopping CPU not supported: %s", g_strerror(-ret));
    }
    return TRUE;
}

static gboolean stage_notify_vmexit(KVMState *s, const AccelSpec *spec, GError **errp)
{
    const uint64_t flags = KVM_X86_NOTIFY_VMEXIT_ENABLED | KVM_X86_NOTIFY_VMEXIT_USER;
    int ret;

    if (s->notify_vmexit == KVM_NOTIFY_DISABLE ||
        kvm_check_extension(s, KVM_CAP_X86_NOTIFY_VMEXIT) == 0) {
        return TRUE;
    }
    ret = kvm_enable_cap(s, KVM_CAP_X86_NOTIFY_VMEXIT,
                         ((uint64_t)s->notify_window << 32) | flags, 0);
    if (ret < 0) {
        kvm_call_error(errp, "KVM_ENABLE_CAP", ret, "kvm: Failed to enable notify vmexit cap: %s",
                       g_strerror(-ret));
        return FALSE;
    }
    return TRUE;
}

static void no_x2apic(KVMState *s, const AccelSpec *spec, int ret, GError **errp)
{
    const bool absent = kvm_check_extension(s, KVM_CAP_X2APIC_API) <= 0;
    const AccelErrorInfo info = { .accel = "kvm", .call = "KVM_ENABLE_CAP", .errnum = -ret,
                                  .capability = "KVM_CAP_X2APIC_API",
                                  .missing = absent ? "KVM_CAP_X2APIC_API" : NULL,
                                  .have = 255, .need = spec->max_apic_id };

    accel_error_set(errp, absent ? ACCEL_ERROR_CAPABILITY : accel_error_code_from_errno(-ret),
                    &info, "current -smp configuration requires kernel irqchip and X2APIC API "
                    "support.");
    if (errp != NULL) {
        accel_error_add_remedy(*errp, "give fewer vCPUs: -smp, with APIC ids up to 254");
    }
}

/* More than 255 APIC ids need the 32-bit form of the LAPIC's interface. */
static gboolean stage_x2apic(KVMState *s, const AccelSpec *spec, GError **errp)
{
    int ret;

    if (spec->max_apic_id <= 255) {
        return TRUE;
    }
    kvm_enable_cap(s, KVM_CAP_MAX_VCPU_ID, spec->max_apic_id, 0); /* saves memory, no more */
    ret = kvm_enable_cap(s, KVM_CAP_X2APIC_API,
                         KVM_X2APIC_API_USE_32BIT_IDS | KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK, 0);
    if (ret < 0) {
        no_x2apic(s, spec, ret, errp);
        return FALSE;
    }
    return TRUE;
}

const KVMStage kvm_arch_stages[] = {
    { "exception-payload", stage_exception_payload },
    { "triple-fault-event", stage_triple_fault_event },
    { "msr-list", stage_msr_list },
    { "identity-map", stage_identity_map },
    { "tss", stage_tss },
    { "shadow-mem", stage_shadow_mem },
    { "cpu-pm", stage_cpu_pm },
    { "notify-vmexit", stage_notify_vmexit },
    { "user-msr", x86_stage_user_msr },
    { "x2apic", stage_x2apic },
    { 0 },
};

void kvm_arch_cleanup(KVMState *s)
{
    g_clear_pointer(&s->msr_list, g_array_unref);
}

int kvm_arch_enable_split(KVMState *s)
{
    return kvm_enable_cap(s, KVM_CAP_SPLIT_IRQCHIP, 24, 0);
}

gboolean kvm_create_pit(AccelState *as, bool speaker_dummy, GError **errp)
{
    struct kvm_pit_config config = { .flags = speaker_dummy ? KVM_PIT_SPEAKER_DUMMY : 0 };
    int ret = kvm_vm_ioctl(KVM_STATE(as), KVM_CREATE_PIT2, &config);

    if (ret < 0) {
        kvm_call_error(errp, "KVM_CREATE_PIT2", ret, "Create kernel PIT failed: %s",
                       g_strerror(-ret));
        return kvm_failed_at(errp, "pit");
    }
    KVM_STATE(as)->has_pit = true;
    return TRUE;
}
