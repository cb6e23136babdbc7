/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Capabilities as tables: what must be there, and what is missed when it is not. Only capabilities
 * that change what happens at start are asked for at start; the others are asked for where they are
 * used, so that a plain start does not pay for them.
 */
#include <errno.h>
#include <string.h>
#include "kvm-int.h"

#define REQUIRED(cap, since) { #cap, cap, since, NULL, NULL }

static const KVMCapabilityInfo required[] = {
    REQUIRED(KVM_CAP_USER_MEMORY, "2.6.25"),
    REQUIRED(KVM_CAP_DESTROY_MEMORY_REGION_WORKS, "2.6.29"),
    REQUIRED(KVM_CAP_JOIN_MEMORY_REGIONS_WORKS, "2.6.30"),
    { 0 },
};

static const KVMCapabilityInfo optional[] = {
    { "KVM_CAP_IMMEDIATE_EXIT", KVM_CAP_IMMEDIATE_EXIT, "4.13", "cheap kicks",
      "KVM_SET_SIGNAL_MASK and a pending signal" },
    { "KVM_CAP_NR_MEMSLOTS", KVM_CAP_NR_MEMSLOTS, "2.6.26", "the number of memory slots",
      "32 slots are assumed" },
    { "KVM_CAP_NR_VCPUS", KVM_CAP_NR_VCPUS, "2.6.26", "the recommended number of vCPUs",
      "4 are assumed" },
    { "KVM_CAP_MAX_VCPUS", KVM_CAP_MAX_VCPUS, "3.1", "the maximum number of vCPUs",
      "the recommended number is the maximum" },
    { "KVM_CAP_MAX_VCPU_ID", KVM_CAP_MAX_VCPU_ID, "4.7", "the highest vCPU id",
      "the maximum number of vCPUs" },
    { "KVM_CAP_IRQCHIP", KVM_CAP_IRQCHIP, "2.6.20", "interrupt controllers in the kernel",
      "all of them in user space" },
    { "KVM_CAP_SPLIT_IRQCHIP", KVM_CAP_SPLIT_IRQCHIP, "4.4", "kernel-irqchip=split",
      "kernel-irqchip=on" },
    { "KVM_CAP_IRQ_INJECT_STATUS", KVM_CAP_IRQ_INJECT_STATUS, "2.6.30",
      "knowing that an interrupt was merged", "KVM_IRQ_LINE" },
    { "KVM_CAP_IRQ_ROUTING", KVM_CAP_IRQ_ROUTING, "2.6.30", "message-signalled interrupt routes",
      "the kernel's fixed routes" },
    { "KVM_CAP_SIGNAL_MSI", KVM_CAP_SIGNAL_MSI, "3.5", "direct message-signalled interrupts",
      "a route per message" },
    { "KVM_CAP_READONLY_MEM", KVM_CAP_READONLY_MEM, "3.7", "ROM backed by slots",
      "ROM can be written by the guest" },
    { "KVM_CAP_IOEVENTFD", KVM_CAP_IOEVENTFD, "2.6.32", "exits without leaving KVM_RUN",
      "ordinary exits" },
    { "KVM_CAP_IOEVENTFD_ANY_LENGTH", KVM_CAP_IOEVENTFD_ANY_LENGTH, "4.4",
      "ioeventfds that match any length", "one per length" },
    { "KVM_CAP_IRQFD", KVM_CAP_IRQFD, "2.6.32", "interrupts from descriptors", "KVM_IRQ_LINE" },
    { "KVM_CAP_IRQFD_RESAMPLE", KVM_CAP_IRQFD_RESAMPLE, "3.8", "level-triggered irqfds",
      "KVM_IRQ_LINE" },
    { "KVM_CAP_SYNC_MMU", KVM_CAP_SYNC_MMU, "2.6.28", "giving guest memory back to the host",
      "no ballooning" },
    { "KVM_CAP_DIRTY_LOG_RING", KVM_CAP_DIRTY_LOG_RING, "5.11", "dirty-ring-size",
      "the dirty bitmap" },
    { "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2", KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, "5.2",
      "cheap dirty logging", "the legacy mode" },
    { "KVM_CAP_SET_IDENTITY_MAP_ADDR", KVM_CAP_SET_IDENTITY_MAP_ADDR, "2.6.32",
      "firmware larger than 256 KiB", "identity map at 0xfffbc000" },
    { "KVM_CAP_VCPU_EVENTS", KVM_CAP_VCPU_EVENTS, "2.6.33", "pending events in a vCPU's state",
      "they are lost on reset" },
    { "KVM_CAP_DEBUGREGS", KVM_CAP_DEBUGREGS, "2.6.34", "debug registers in a vCPU's state",
      "they read as zero" },
    { "KVM_CAP_XSAVE", KVM_CAP_XSAVE, "2.6.36", "vector state beyond SSE", "KVM_GET_FPU" },
    { "KVM_CAP_XSAVE2", KVM_CAP_XSAVE2, "5.17", "vector state beyond 4 KiB (AMX)", "KVM_CAP_XSAVE" },
    { "KVM_CAP_XCRS", KVM_CAP_XCRS, "2.6.36", "XCR0 in a vCPU's state", "it stays as it is" },
    { "KVM_CAP_X86_ROBUST_SINGLESTEP", KVM_CAP_X86_ROBUST_SINGLESTEP, "2.6.37",
      "single steps over interrupts", "steps may be lost" },
    { "KVM_CAP_SET_GUEST_DEBUG", KVM_CAP_SET_GUEST_DEBUG, "2.6.30", "debugging a guest", "none" },
    { "KVM_CAP_NESTED_STATE", KVM_CAP_NESTED_STATE, "4.20", "state of nested guests", "none" },
    { "KVM_CAP_EXCEPTION_PAYLOAD", KVM_CAP_EXCEPTION_PAYLOAD, "4.20",
      "pending exceptions apart from injected ones", "they are merged" },
    { "KVM_CAP_X86_TRIPLE_FAULT_EVENT", KVM_CAP_X86_TRIPLE_FAULT_EVENT, "5.20",
      "pending triple faults in a vCPU's state", "they are lost" },
    { "KVM_CAP_X86_USER_SPACE_MSR", KVM_CAP_X86_USER_SPACE_MSR, "5.10",
      "the core and thread count MSR", "guests read what the kernel says" },
    { "KVM_CAP_X86_NOTIFY_VMEXIT", KVM_CAP_X86_NOTIFY_VMEXIT, "6.0", "notify-vmexit",
      "a guest can hold a CPU in one instruction" },
    { "KVM_CAP_X86_BUS_LOCK_EXIT", KVM_CAP_X86_BUS_LOCK_EXIT, "5.12", "bus lock exits", "none" },
    { "KVM_CAP_X2APIC_API", KVM_CAP_X2APIC_API, "4.8", "more than 255 vCPUs",
      "APIC ids up to 254" },
    { "KVM_CAP_PIT2", KVM_CAP_PIT2, "2.6.31", "the timer chip in the kernel",
      "the one in user space" },
    { "KVM_CAP_TSC_CONTROL", KVM_CAP_TSC_CONTROL, "2.6.39", "setting the guest's TSC frequency",
      "the host's" },
    { "KVM_CAP_MCE", KVM_CAP_MCE, "2.6.31", "machine check banks", "a CPU without them" },
    { "KVM_CAP_X86_SMM", KVM_CAP_X86_SMM, "4.2", "system management mode", "none" },
    { "KVM_CAP_BINARY_STATS_FD", KVM_CAP_BINARY_STATS_FD, "5.14", "query-stats", "no statistics" },
    { "KVM_CAP_USER_MEMORY2", 231, "6.8", "guest_memfd memory", "ordinary memory" },
    { "KVM_CAP_MEMORY_FAULT_INFO", 232, "6.8", "where a failed memory access went",
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

int kvm_check_extension(KVMState *s, unsigned cap)
{
    int ret = kvm_ioctl(s, KVM_CHECK_EXTENSION, (unsigned long)cap);

    return MAX(ret, 0);
}

int kvm_vm_check_extension(KVMState *s, unsigned cap)
{
    int ret = kvm_vm_ioctl(s, KVM_CHECK_EXTENSION, (unsigned long)cap);

    /* Before Linux 3.17 only the system descriptor knew capabilities. */
    return ret < 0 ? kvm_check_extension(s, cap) : ret;
}

int kvm_enable_cap(KVMState *s, unsigned cap, uint64_t arg0, uint64_t arg1)
{
    struct kvm_enable_cap enable = { .cap = cap, .args = { arg0, arg1 } };

    return kvm_vm_ioctl(s, KVM_ENABLE_CAP, &enable);
}

static void find_missing(KVMState *s, const KVMCapabilityInfo *table, GPtrArray *missing)
{
    for (; table->name != NULL; table++) {
        if (kvm_check_extension(s, (unsigned)table->value) == 0) {
            g_ptr_array_add(missing, (char *)table->name);
        }
    }
}

/* QEMU names the first one; the data has them all, so that one look is enough. */
gboolean kvm_stage_required_caps(KVMState *s, const AccelSpec *spec, GError **errp)
{
    g_autoptr(GPtrArray) missing = g_ptr_array_new();
    g_autofree char *all = NULL;
    AccelErrorInfo info = { .accel = "kvm", .call = "KVM_CHECK_EXTENSION", .errnum = EINVAL,
                            .notes = kvm_upgrade_note };

    find_missing(s, required, missing);
    find_missing(s, kvm_arch_required, missing);
    if (missing->len == 0) {
        return TRUE;
    }
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
