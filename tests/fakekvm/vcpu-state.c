/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The pairs of GET and SET ioctls: one row says where the structure lies, how big it is, which
 * capability it needs, and which values Linux refuses. A vCPU starts as the processor comes out of
 * reset.
 */
#include <errno.h>
#include <string.h>
#include "vcpu.h"
#include "vm.h"

typedef struct Pair {
    unsigned long get, set;         /* 0 = there is none */
    size_t offset, size;
    uint16_t cap;                   /* must be there; FAKE_CAPS = none needed */
    bool lapic;                     /* needs a local APIC in the kernel */
    bool (*valid)(const FakeVcpu *vcpu, const void *value);
} Pair;

static bool regs_ok(const FakeVcpu *vcpu, const void *value)
{
    return true;
}

/* Long mode needs paging and PAE; reserved halves of CR0 and CR4 are zero. */
static bool sregs_ok(const FakeVcpu *vcpu, const void *value)
{
    const struct kvm_sregs *s = value;
    bool paging = s->cr0 >> 31 & 1, lme = s->efer >> 8 & 1, lma = s->efer >> 10 & 1;

    if (s->cr0 >> 32 || s->cr4 >> 32 || (paging && !(s->cr0 & 1)) ||
        ((s->cr0 >> 29 & 1) && !(s->cr0 >> 30 & 1))) {
        return false;
    }
    if (lme && paging) {
        return lma && s->cr4 >> 5 & 1;
    }
    return !lma && !s->cs.l;
}

static bool debugregs_ok(const FakeVcpu *vcpu, const void *value)
{
    const struct kvm_debugregs *d = value;

    return !d->flags && !(d->dr6 >> 32) && !(d->dr7 >> 32);
}

static bool xcrs_ok(const FakeVcpu *vcpu, const void *value)
{
    const struct kvm_xcrs *x = value;

    for (uint32_t i = 0; i < x->nr_xcrs && i < KVM_MAX_XCRS; i++) {
        if (x->xcrs[i].xcr == 0 && (!(x->xcrs[i].value & 1) ||
                                    x->xcrs[i].value & ~fake_config.xcr0)) {
            return false;
        }
    }
    return x->nr_xcrs <= KVM_MAX_XCRS && !x->flags;
}

static bool events_ok(const FakeVcpu *vcpu, const void *value)
{
    const struct kvm_vcpu_events *e = value;
    uint32_t valid = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SIPI_VECTOR |
                     KVM_VCPUEVENT_VALID_SHADOW | KVM_VCPUEVENT_VALID_SMM |
                     KVM_VCPUEVENT_VALID_PAYLOAD | KVM_VCPUEVENT_VALID_TRIPLE_FAULT;

    return !(e->flags & ~valid) && (!e->exception.injected || e->exception.nr <= 31);
}

/* Without a local APIC in the kernel there is only "runnable". */
static bool mp_state_ok(const FakeVcpu *vcpu, const void *value)
{
    const struct kvm_mp_state *m = value;

    return m->mp_state == KVM_MP_STATE_RUNNABLE ||
           (vcpu->vm->chip != CHIP_NONE && m->mp_state <= KVM_MP_STATE_SIPI_RECEIVED);
}

static bool xsave_ok(const FakeVcpu *vcpu, const void *value)
{
    const uint32_t *region = ((const struct kvm_xsave *)value)->region;
    uint64_t bits = region[128] | (uint64_t)region[129] << 32;

    return !(bits & ~fake_config.xcr0) && !(region[6] & ~0xffffu);
}

#define AT(member) offsetof(FakeState, member), sizeof(((FakeState *)0)->member)
#define NONE FAKE_CAPS

static const Pair pairs[] = {
    { KVM_GET_REGS, KVM_SET_REGS, AT(regs), NONE, false, regs_ok },
    { KVM_GET_SREGS2, KVM_SET_SREGS2, AT(sregs), KVM_CAP_SREGS2, false, sregs_ok },
    { KVM_GET_FPU, KVM_SET_FPU, AT(fpu), NONE, false, NULL },
    { KVM_GET_XSAVE, KVM_SET_XSAVE, AT(xsave), KVM_CAP_XSAVE, false, xsave_ok },
    { KVM_GET_XSAVE2, 0, AT(xsave), KVM_CAP_XSAVE2, false, NULL },
    { KVM_GET_XCRS, KVM_SET_XCRS, AT(xcrs), KVM_CAP_XCRS, false, xcrs_ok },
    { KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS, AT(debugregs), KVM_CAP_DEBUGREGS, false, debugregs_ok },
    { KVM_GET_LAPIC, KVM_SET_LAPIC, AT(lapic), NONE, true, NULL },
    { KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS, AT(events), KVM_CAP_VCPU_EVENTS, false, events_ok },
    { KVM_GET_MP_STATE, KVM_SET_MP_STATE, AT(mp_state), KVM_CAP_MP_STATE, false, mp_state_ok },
    { 0, KVM_SET_GUEST_DEBUG, AT(debug), KVM_CAP_SET_GUEST_DEBUG, false, NULL },
    { 0, KVM_TPR_ACCESS_REPORTING, AT(tpr), NONE, true, NULL },
    { 0, KVM_SET_VAPIC_ADDR, AT(vapic), NONE, true, NULL },
};

static const struct kvm_segment reset_data = {
    .limit = 0xffff, .type = 3, .present = 1, .s = 1,
};

void fake_state_reset(FakeVcpu *vcpu)
{
    FakeState *s = &vcpu->state;
    struct kvm_segment *data[] = {
        &s->sregs.ds, &s->sregs.es, &s->sregs.fs, &s->sregs.gs, &s->sregs.ss,
    };

    for (size_t i = 0; i < FAKE_ARRAY(data); i++) {
        *data[i] = reset_data;
    }
    s->sregs.cs = (struct kvm_segment){
        .base = 0xffff0000, .limit = 0xffff, .selector = 0xf000, .type = 11, .present = 1, .s = 1,
    };
    s->sregs.tr = (struct kvm_segment){ .limit = 0xffff, .type = 11, .present = 1 };
    s->sregs.ldt = (struct kvm_segment){ .limit = 0xffff, .type = 2, .present = 1 };
    s->sregs.gdt.limit = s->sregs.idt.limit = 0xffff;
    s->sregs.cr0 = 0x60000010;
    s->sregs.apic_base = 0xfee00800 | (vcpu->id == (int)vcpu->vm->boot_id ? 0x100 : 0);
    s->regs = (struct kvm_regs){ .rip = 0xfff0, .rflags = 2, .rdx = 0x600 };
    s->debugregs = (struct kvm_debugregs){ .dr6 = 0xffff0ff0, .dr7 = 0x400 };
    s->fpu.fcw = 0x37f;
    s->fpu.mxcsr = 0x1f80;
    s->xsave.region[0] = 0x37f;
    s->xsave.region[6] = 0x1f80;
    s->xcrs = (struct kvm_xcrs){ .nr_xcrs = 1, .xcrs[0] = { .xcr = 0, .value = 1 } };
    s->events.flags = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW;
    if (vcpu->vm->chip != CHIP_NONE && vcpu->id != (int)vcpu->vm->boot_id) {
        s->mp_state.mp_state = KVM_MP_STATE_UNINITIALIZED;
    }
    *(uint32_t *)(void *)(s->lapic.regs + 0x20) = (uint32_t)vcpu->id << 24;
    *(uint32_t *)(void *)(s->lapic.regs + 0x30) = 0x50014;
}

/* KVM_GET_SREGS and KVM_SET_SREGS: the head of the newer structure and the interrupt bitmap. */
static long old_sregs(FakeVcpu *vcpu, bool set, unsigned long arg)
{
    struct kvm_sregs s;
    size_t head = offsetof(struct kvm_sregs, interrupt_bitmap);

    if (!set) {
        memcpy(&s, &vcpu->state.sregs, head);
        memcpy(s.interrupt_bitmap, vcpu->state.interrupt_bitmap, sizeof s.interrupt_bitmap);
        return fake_to_user(arg, &s, sizeof s);
    }
    if (fake_from_user(&s, arg, sizeof s)) {
        return -EFAULT;
    }
    if (!sregs_ok(vcpu, &s)) {
        return -EINVAL;
    }
    memcpy(&vcpu->state.sregs, &s, head);
    memcpy(vcpu->state.interrupt_bitmap, s.interrupt_bitmap, sizeof s.interrupt_bitmap);
    return 0;
}

/* What a flag does not call valid stays as it is. */
static void keep_unflagged(const FakeVcpu *vcpu, struct kvm_vcpu_events *e)
{
    if (!(e->flags & KVM_VCPUEVENT_VALID_SMM)) {
        e->smi = vcpu->state.events.smi;
    }
}

static long put(FakeVcpu *vcpu, const Pair *pair, unsigned long arg)
{
    _Alignas(16) uint8_t value[sizeof(struct kvm_xsave)];

    if (fake_from_user(value, arg, pair->size)) {
        return -EFAULT;
    }
    if (pair->valid && !pair->valid(vcpu, value)) {
        return -EINVAL;
    }
    if (pair->set == KVM_SET_VCPU_EVENTS) {
        keep_unflagged(vcpu, (struct kvm_vcpu_events *)(void *)value);
    }
    memcpy((char *)&vcpu->state + pair->offset, value, pair->size);
    return 0;
}

static long use_pair(FakeVcpu *vcpu, const Pair *pair, unsigned long cmd, unsigned long arg)
{
    if (pair->cap != NONE && fake_vm_cap(vcpu->vm, pair->cap) <= 0) {
        return -EINVAL;
    }
    if (pair->lapic && vcpu->vm->chip == CHIP_NONE) {
        return -EINVAL;
    }
    if (cmd == pair->set) {
        return put(vcpu, pair, arg);
    }
    return fake_to_user(arg, (char *)&vcpu->state + pair->offset, pair->size);
}

long fake_state_ioctl(FakeVcpu *vcpu, unsigned long cmd, unsigned long arg, bool *known)
{
    *known = true;
    if (cmd == KVM_GET_SREGS || cmd == KVM_SET_SREGS) {
        return old_sregs(vcpu, cmd == KVM_SET_SREGS, arg);
    }
    for (size_t i = 0; i < FAKE_ARRAY(pairs); i++) {
        if (cmd == pairs[i].get || cmd == pairs[i].set) {
            return use_pair(vcpu, &pairs[i], cmd, arg);
        }
    }
    *known = false;
    return -EINVAL;
}
