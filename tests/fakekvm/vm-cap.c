/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * KVM_ENABLE_CAP on a VM: which capabilities can be switched, and which arguments they take. One
 * that the scenario took away (value 0) cannot be enabled.
 */
#include <errno.h>
#include "scenario.h"
#include "vcpu.h"
#include "vm.h"

typedef long Enable(FakeVm *vm, const struct kvm_enable_cap *cap);

/* args[0] is a mask of what KVM_CHECK_EXTENSION offered. */
static long enable_mask(FakeVm *vm, const struct kvm_enable_cap *cap)
{
    return cap->args[0] & ~(uint64_t)fake_vm_cap(vm, cap->cap) ? -EINVAL : 0;
}

static long enable_any(FakeVm *vm, const struct kvm_enable_cap *cap)
{
    return 0;
}

static long enable_manual_protect(FakeVm *vm, const struct kvm_enable_cap *cap)
{
    uint64_t allowed = KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE;

    if (cap->args[0] & KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE) {
        allowed |= KVM_DIRTY_LOG_INITIALLY_SET;
    }
    if (cap->args[0] & ~(allowed & (uint64_t)fake_vm_cap(vm, cap->cap))) {
        return -EINVAL;
    }
    vm->manual_protect = cap->args[0];
    return 0;
}

static long enable_split(FakeVm *vm, const struct kvm_enable_cap *cap)
{
    if (cap->args[0] > 24) {
        return -EINVAL;
    }
    if (vm->chip != CHIP_NONE) {
        return -EEXIST;
    }
    if (vm->vcpu_count) {
        return -EINVAL;
    }
    vm->chip = CHIP_SPLIT;
    return 0;
}

/* KVM_MSR_EXIT_REASON_*: inval, unknown and filter. */
static long enable_user_msr(FakeVm *vm, const struct kvm_enable_cap *cap)
{
    return cap->args[0] & ~7ULL ? -EINVAL : 0;
}

static long enable_exits(FakeVm *vm, const struct kvm_enable_cap *cap)
{
    return cap->args[0] & ~15ULL ? -EINVAL : 0;
}

static long enable_max_id(FakeVm *vm, const struct kvm_enable_cap *cap)
{
    uint64_t limit = (uint64_t)fake_vm_cap(vm, cap->cap);

    if (!cap->args[0] || cap->args[0] > limit || vm->vcpu_count ||
        (vm->max_vcpu_id && vm->max_vcpu_id != cap->args[0])) {
        return -EINVAL;
    }
    vm->max_vcpu_id = cap->args[0];
    return 0;
}

static long enable_ring(FakeVm *vm, const struct kvm_enable_cap *cap)
{
    uint64_t size = cap->args[0], entry = sizeof(struct kvm_dirty_gfn);

    if (!size || size & (size - 1) || size < FAKE_PAGE || size < 65 * entry) {
        return -EINVAL;
    }
    if (size > 65536 * entry) {
        return -E2BIG;
    }
    if (vm->ring_bytes || vm->vcpu_count) {
        return -EINVAL;
    }
    vm->ring_bytes = (uint32_t)size;
    return 0;
}

static const struct {
    uint32_t cap;
    Enable *enable;
} rows[] = {
    { KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, enable_manual_protect },
    { KVM_CAP_EXCEPTION_PAYLOAD, enable_any },
    { KVM_CAP_X86_TRIPLE_FAULT_EVENT, enable_any },
    { KVM_CAP_X86_USER_SPACE_MSR, enable_user_msr },
    { KVM_CAP_SPLIT_IRQCHIP, enable_split },
    { KVM_CAP_X2APIC_API, enable_mask },
    { KVM_CAP_DISABLE_QUIRKS, enable_any },
    { KVM_CAP_DISABLE_QUIRKS2, enable_mask },
    { KVM_CAP_X86_DISABLE_EXITS, enable_exits },
    { KVM_CAP_MAX_VCPU_ID, enable_max_id },
    { KVM_CAP_X86_BUS_LOCK_EXIT, enable_mask },
    { KVM_CAP_X86_NOTIFY_VMEXIT, enable_any },
    { KVM_CAP_DIRTY_LOG_RING, enable_ring },
    { KVM_CAP_HALT_POLL, enable_any },
    { KVM_CAP_EXIT_HYPERCALL, enable_mask },
    { KVM_CAP_EXIT_ON_EMULATION_FAILURE, enable_any },
    { KVM_CAP_PMU_CAPABILITY, enable_mask },
    { KVM_CAP_VM_DISABLE_NX_HUGE_PAGES, enable_any },
};

long fake_vm_enable_cap(FakeObj *obj, unsigned long arg)
{
    struct kvm_enable_cap cap;
    FakeVm *vm = obj->vm;
    long result = -EINVAL;

    if (fake_from_user(&cap, arg, sizeof cap)) {
        return -EFAULT;
    }
    if (cap.flags || cap.cap >= FAKE_CAPS || fake_vm_cap(vm, cap.cap) <= 0) {
        return -EINVAL;
    }
    for (size_t i = 0; i < FAKE_ARRAY(rows); i++) {
        if (rows[i].cap == cap.cap) {
            result = rows[i].enable(vm, &cap);
        }
    }
    if (!result) {
        vm->enabled[cap.cap / 64] |= 1ULL << cap.cap % 64;
    }
    return result;
}
