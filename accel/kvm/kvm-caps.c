/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Capabilities as tables: what must be there, and what is missed when it is not. Only capabilities
 * that change what happens at start are asked for at start; the others are asked for where they are
 * used, so that a plain start does not pay for them.
 */
#include <errno.h>
#include <string.h>
#include "kvm-int.h"

#define REQUIRED(cap) { #cap, cap, NULL, NULL }

static const KVMCapabilityInfo required[] = {
    REQUIRED(KVM_CAP_USER_MEMORY),
    REQUIRED(KVM_CAP_DESTROY_MEMORY_REGION_WORKS),
    REQUIRED(KVM_CAP_JOIN_MEMORY_REGIONS_WORKS),
    { 0 },
};

static const KVMCapabilityInfo optional[] = {
    { "KVM_CAP_IMMEDIATE_EXIT", KVM_CAP_IMMEDIATE_EXIT, "cheap kicks",
      "KVM_SET_SIGNAL_MASK and a pending signal" },
    { "KVM_CAP_NR_MEMSLOTS", KVM_CAP_NR_MEMSLOTS, "the number of memory slots",
      "32 slots are assumed" },
    { "KVM_CAP_NR_VCPUS", KVM_CAP_NR_VCPUS, "the recommended number of vCPUs",
      "4 are assumed" },
    { "KVM_CAP_MAX_VCPUS", KVM_CAP_MAX_VCPUS, "the maximum number of vCPUs",
      "the recommended number is the maximum" },
    { "KVM_CAP_MAX_VCPU_ID", KVM_CAP_MAX_VCPU_ID, "the highest vCPU id",
      "the maximum number of vCPUs" },
    { "KVM_CAP_IRQCHIP", KVM_CAP_IRQCHIP, "interrupt controllers in the kernel",
      "all of them in user space" },
    { "KVM_CAP_SPLIT_IRQCHIP", KVM_CAP_SPLIT_IRQCHIP, "kernel-irqchip=split",
      "kernel-irqchip=on" },
    { "KVM_CAP_IRQ_INJECT_STATUS", KVM_CAP_IRQ_INJECT_STATUS,
      "knowing that an interrupt was merged", "KVM_IRQ_LINE" },
    { "KVM_CAP_IRQ_ROUTING", KVM_CAP_IRQ_ROUTING, "message-signalled interrupt routes",
      "the kernel's fixed routes" },
    { "KVM_CAP_SIGNAL_MSI", KVM_CAP_SIGNAL_MSI, "direct message-signalled interrupts",
      "kernel-irqchip=on" },
    { "KVM_CAP_READONLY_MEM", KVM_CAP_READONLY_MEM, "ROM backed by slots",
      "ROM can be written by the guest" },
    { "KVM_CAP_IOEVENTFD", KVM_CAP_IOEVENTFD, "exits without leaving KVM_RUN",
      "ordinary exits" },
    { "KVM_CAP_IOEVENTFD_ANY_LENGTH", KVM_CAP_IOEVENTFD_ANY_LENGTH,
      "ioeventfds that match any length", "one per length" },
    { "KVM_CAP_IRQFD", KVM_CAP_IRQFD, "interrupts from descriptors", "KVM_IRQ_LINE" },
    { "KVM_CAP_IRQFD_RESAMPLE", KVM_CAP_IRQFD_RESAMPLE, "level-triggered irqfds",
      "KVM_IRQ_LINE" },
    { "KVM_CAP_SYNC_MMU", KVM_CAP_SYNC_MMU, "giving guest memory back to the host",
      "no ballooning" },
    { "KVM_CAP_DIRTY_LOG_RING", KVM_CAP_DIRTY_LOG_RING, "dirty-ring-size",
      "the dirty bitmap" },
    { "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2", KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2,
      "cheap dirty logging", "the legacy mode" },
    { "KVM_CAP_SET_IDENTITY_MAP_ADDR", KVM_CAP_SET_IDENTITY_MAP_ADDR,
      "firmware larger than 256 KiB", "identity map at 0xfffbc000" },
    { "KVM_CAP_VCPU_EVENTS", KVM_CAP_VCPU_EVENTS, "pending events in a vCPU's state",
      "they are lost on reset" },
    { "KVM_CAP_DEBUGREGS", KVM_CAP_DEBUGREGS, "debug registers in a vCPU's state",
      "they read as zero" },
    { "KVM_CAP_XSAVE", KVM_CAP_XSAVE, "reading vector state", "it is only reset" },
    { "KVM_CAP_XSAVE2", KVM_CAP_XSAVE2, "vector state beyond 4 KiB (AMX)", "KVM_CAP_XSAVE" },
    { "KVM_CAP_XCRS", KVM_CAP_XCRS, "XCR0 in a vCPU's state", "it stays as it is" },
    { "KVM_CAP_X86_ROBUST_SINGLESTEP", KVM_CAP_X86_ROBUST_SINGLESTEP,
      "single steps over interrupts", "steps may be lost" },
    { "KVM_CAP_SET_GUEST_DEBUG", KVM_CAP_SET_GUEST_DEBUG, "debugging a guest", "none" },
    { "KVM_CAP_NESTED_STATE", KVM_CAP_NESTED_STATE, "state of nested guests", "none" },
    { "KVM_CAP_EXCEPTION_PAYLOAD", KVM_CAP_EXCEPTION_PAYLOAD,
      "pending exceptions apart from injected ones", "they are merged" },
    { "KVM_CAP_X86_TRIPLE_FAULT_EVENT", KVM_CAP_X86_TRIPLE_FAULT_EVENT,
      "pending triple faults in a vCPU's state", "they are lost" },
    { "KVM_CAP_X86_USER_SPACE_MSR", KVM_CAP_X86_USER_SPACE_MSR,
      "the core and thread count MSR", "guests read what the kernel says" },
    { "KVM_CAP_X86_NOTIFY_VMEXIT", KVM_CAP_X86_NOTIFY_VMEXIT, "notify-vmexit",
      "a guest can hold a CPU in one instruction" },
    { "KVM_CAP_X86_BUS_LOCK_EXIT", KVM_CAP_X86_BUS_LOCK_EXIT, "bus lock exits", "none" },
    { "KVM_CAP_X2APIC_API", KVM_CAP_X2APIC_API, "more than 255 vCPUs",
      "APIC ids up to 254" },
    { "KVM_CAP_PIT2", KVM_CAP_PIT2, "the timer chip in the kernel",
      "the one in user space" },
    { "KVM_CAP_TSC_CONTROL", KVM_CAP_TSC_CONTROL, "setting the guest's TSC frequency",
      "the host's" },
    { "KVM_CAP_MCE", KVM_CAP_MCE, "machine check banks", "a CPU without them" },
    { "KVM_CAP_X86_SMM", KVM_CAP_X86_SMM, "system management mode", "none" },
    { "KVM_CAP_BINARY_STATS_FD", KVM_CAP_BINARY_STATS_FD, "query-stats", "no statistics" },
    { "KVM_CAP_USER_MEMORY2", 231, "guest_memfd memory", "ordinary memory" },
    { "KVM_CAP_MEMORY_FAULT_INFO", 232, "where a failed memory access went",
      "\"Bad address\" alone" },
    { 0 },
};

const KVMCapabilityInfo *kvm_required_capabilities(void)
{
    return required;
}

const KVMCapabilityInfo *kvm_arch_required_capabilities(void)
{
    return kvm_arch_required;
}

const KVMCapabilityInfo *kvm_optional_capabilities(void)
{
    return optional;
}

/* The kernel refuses to answer, which it never should: we go on as if it had said no, and say so. */
static void warn_check(KVMState *s, unsigned cap, int ret, const char *instead)
{
    const char *name = kvm_capability_name((int)cap);

    accel_warn(&s->parent, "KVM_CHECK_EXTENSION(%s) failed: %s; %s",
               name != NULL ? name : "unknown capability", g_strerror(-ret), instead);
}

int kvm_check_extension(KVMState *s, unsigned cap)
{
    int ret = kvm_ioctl(s, KVM_CHECK_EXTENSION, (unsigned long)cap);

    if (ret < 0) {
        warn_check(s, cap, ret, "taken as not there");
    }
    return MAX(ret, 0);
}

int kvm_vm_check_extension(KVMState *s, unsigned cap)
{
    int ret = kvm_vm_ioctl(s, KVM_CHECK_EXTENSION, (unsigned long)cap);

    /* Before Linux 3.17 only the system descriptor knew capabilities. */
    if (ret < 0) {
        warn_check(s, cap, ret, "asking /dev/kvm instead of the VM");
        return kvm_check_extension(s, cap);
    }
    return ret;
}

int kvm_enable_cap(KVMState *s, unsigned cap, uint64_t arg0, uint64_t arg1)
{
    struct kvm_enable_cap enable = { .cap = cap, .args = { arg0, arg1 } };

    return kvm_vm_ioctl(s, KVM_ENABLE_CAP, &enable);
}

/* @errnum: that of the first question which the kernel refused to answer. */
static void find_missing(KVMState *s, const KVMCapabilityInfo *table, GPtrArray *missing,
                         int *errnum)
{
    for (; table->name != NULL; table++) {
        int ret = kvm_ioctl(s, KVM_CHECK_EXTENSION, (unsigned long)table->value);

        if (ret <= 0) {
            g_ptr_array_add(missing, (char *)table->name);
        }
        if (ret < 0 && *errnum == 0) {
            *errnum = -ret;
        }
    }
}

/* QEMU names the first one; the data has them all, so that one look is enough. */
gboolean kvm_stage_required_caps(KVMState *s, const AccelSpec *spec, GError **errp)
{
    g_autoptr(GPtrArray) missing = g_ptr_array_new();
    g_autofree char *all = NULL;
    AccelErrorInfo info = { .accel = "kvm", .call = "KVM_CHECK_EXTENSION",
                            .notes = kvm_upgrade_note };

    find_missing(s, required, missing, &info.errnum);
    find_missing(s, kvm_arch_required, missing, &info.errnum);
    if (missing->len == 0) {
        return TRUE;
    }
    info.errnum = info.errnum != 0 ? info.errnum : EINVAL;
    info.capability = g_ptr_array_index(missing, 0);
    g_ptr_array_add(missing, NULL);
    info.missing = all = g_strjoinv(", ", (char **)missing->pdata);
    accel_error_set(errp, ACCEL_ERROR_CAPABILITY, &info, "kvm does not support %s",
                    info.capability);
    return FALSE;
}

/* Capabilities that the machine type requires on top. */
gboolean kvm_stage_machine_caps(KVMState *s, const AccelSpec *spec, GError **errp)
{
    for (const char *const *p = spec->required_caps; p != NULL && *p != NULL; p++) {
        int cap = kvm_capability_by_name(*p);

        if (cap < 0 || kvm_vm_check_extension(s, (unsigned)cap) == 0) {
            const AccelErrorInfo info = { .accel = "kvm", .call = "KVM_CHECK_EXTENSION",
                                          .errnum = EINVAL, .capability = *p, .missing = *p };

            accel_error_set(errp, ACCEL_ERROR_CAPABILITY, &info,
                            "kvm does not support %s, which machine '%s' requires", *p,
                            spec->machine != NULL ? spec->machine : "?");
            return FALSE;
        }
    }
    return TRUE;
}

gboolean kvm_stage_optional_caps(KVMState *s, const AccelSpec *spec, GError **errp)
{
    int slots = kvm_check_extension(s, KVM_CAP_NR_MEMSLOTS);

    s->immediate_exit = kvm_check_extension(s, KVM_CAP_IMMEDIATE_EXIT) > 0;
    s->nr_slots = slots > 0 ? (guint)slots : 32;
    return TRUE;
}
