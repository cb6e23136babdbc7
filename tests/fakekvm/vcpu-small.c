/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The smaller ioctls of a vCPU: signal mask, TSC, machine check, interrupts, translation.
 */
#include <errno.h>
#include "vcpu.h"
#include "vm.h"

static long set_signal_mask(FakeObj *obj, unsigned long arg)
{
    FakeVcpu *vcpu = fake_vcpu_of(obj);
    struct kvm_signal_mask head;

    vcpu->has_sigmask = false;
    if (!arg) {
        return 0;
    }
    if (fake_from_user(&head, arg, sizeof head)) {
        vcpu->has_sigmask = true;
        return -EFAULT;
    }
    if (head.len != sizeof vcpu->sigmask) {
        return -EINVAL;
    }
    if (fake_from_user(&vcpu->sigmask, arg + sizeof head, sizeof vcpu->sigmask)) {
        return -EFAULT;
    }
    vcpu->has_sigmask = true;
    return 0;
}

static long get_tsc_khz(FakeObj *obj, unsigned long arg)
{
    return fake_vcpu_of(obj)->tsc_khz;
}

/*
 * Without TSC scaling a frequency below the host's own cannot be had (Linux tolerates 250 ppm); a
 * higher one is accepted, and the TSC then jumps ahead at each exit.
 */
static long set_tsc_khz(FakeObj *obj, unsigned long khz)
{
    uint32_t host = fake_config.tsc_khz, slack = host / 4000;
    bool scaling = fake_vm_cap(obj->vm, KVM_CAP_TSC_CONTROL) > 0;

    if (khz > INT32_MAX || (!scaling && khz && khz + slack < host)) {
        return -EINVAL;
    }
    fake_vcpu_of(obj)->tsc_khz = khz ? (uint32_t)khz : host;
    return 0;
}

static long setup_mce(FakeObj *obj, unsigned long arg)
{
    uint64_t cap;

    if (fake_from_user(&cap, arg, sizeof cap)) {
        return -EFAULT;
    }
    if ((cap & 0xff) > 32 || !(cap & 0xff) || cap & ~(fake_config.mce_cap | 0xff | 0xff0000)) {
        return -EINVAL;
    }
    fake_vcpu_of(obj)->mcg_cap = cap;
    return 0;
}

static long set_mce(FakeObj *obj, unsigned long arg)
{
    struct kvm_x86_mce mce;

    if (fake_from_user(&mce, arg, sizeof mce)) {
        return -EFAULT;
    }
    return mce.bank >= (fake_vcpu_of(obj)->mcg_cap & 0xff) || !(mce.status & 1ULL << 63) ? -EINVAL
                                                                                       : 0;
}

/* A pending guest clock is needed for this; no guest here ever turned one on. */
static long clock_ctrl(FakeObj *obj, unsigned long arg)
{
    return -EINVAL;
}

static long interrupt(FakeObj *obj, unsigned long arg)
{
    FakeVcpu *vcpu = fake_vcpu_of(obj);
    uint32_t irq;

    if (fake_from_user(&irq, arg, sizeof irq)) {
        return -EFAULT;
    }
    if (irq > 255) {
        return -EINVAL;
    }
    if (obj->vm->chip == CHIP_KERNEL) {
        return -ENXIO;
    }
    vcpu->state.interrupt_bitmap[irq / 64] |= 1ULL << irq % 64;
    fake_wake(vcpu);
    return 0;
}

static long nmi(FakeObj *obj, unsigned long arg)
{
    fake_wake(fake_vcpu_of(obj));
    return 0;
}

/* Paging is not modelled: outside it a linear address is the physical one. */
static long translate(FakeObj *obj, unsigned long arg)
{
    struct kvm_translation t;

    if (fake_from_user(&t, arg, sizeof t)) {
        return -EFAULT;
    }
    t.physical_address = t.linear_address;
    t.valid = !(fake_vcpu_of(obj)->state.sregs.cr0 >> 31 & 1);
    t.writeable = 1;
    t.usermode = 0;
    return fake_to_user(arg, &t, sizeof t);
}

static long enable_cap(FakeObj *obj, unsigned long arg)
{
    struct kvm_enable_cap cap;

    if (fake_from_user(&cap, arg, sizeof cap)) {
        return -EFAULT;
    }
    if (cap.flags || cap.cap != KVM_CAP_ENFORCE_PV_FEATURE_CPUID) {
        return -EINVAL;
    }
    return fake_vm_cap(obj->vm, cap.cap) > 0 ? 0 : -EINVAL;
}

const FakeIoctlRow fake_vcpu_small_ioctls[] = {
    { KVM_SET_SIGNAL_MASK, set_signal_mask },
    { KVM_GET_TSC_KHZ, get_tsc_khz },
    { KVM_SET_TSC_KHZ, set_tsc_khz },
    { KVM_X86_SETUP_MCE, setup_mce },
    { KVM_X86_SET_MCE, set_mce },
    { KVM_KVMCLOCK_CTRL, clock_ctrl },
    { KVM_INTERRUPT, interrupt },
    { KVM_NMI, nmi },
    { KVM_SMI, nmi },
    { KVM_TRANSLATE, translate },
    { KVM_ENABLE_CAP, enable_cap },
};
const size_t fake_vcpu_small_ioctls_count = FAKE_ARRAY(fake_vcpu_small_ioctls);
