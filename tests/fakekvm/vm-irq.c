/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Interrupt controllers, routing, lines and irqfds. State is kept and arguments are judged as Linux
 * does; no interrupt ever reaches a guest, as there is none, but each delivery wakes a halted vCPU.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "scenario.h"
#include "vcpu.h"
#include "vm.h"

#define MAX_ROUTES 4096
#define MAX_GSI    4096

static long create_irqchip(FakeObj *obj, unsigned long arg)
{
    if (obj->vm->chip != CHIP_NONE) {
        return -EEXIST;
    }
    if (obj->vm->vcpu_count || fake_vm_cap(obj->vm, KVM_CAP_IRQCHIP) <= 0) {
        return -EINVAL;
    }
    obj->vm->chip = CHIP_KERNEL;
    return 0;
}

static long get_irqchip(FakeObj *obj, unsigned long arg)
{
    struct kvm_irqchip chip;

    if (fake_from_user(&chip, arg, sizeof chip)) {
        return -EFAULT;
    }
    if (obj->vm->chip != CHIP_KERNEL) {
        return -ENXIO;
    }
    if (chip.chip_id > KVM_IRQCHIP_IOAPIC) {
        return -EINVAL;
    }
    obj->vm->chips[chip.chip_id].chip_id = chip.chip_id;
    return fake_to_user(arg, &obj->vm->chips[chip.chip_id], sizeof chip);
}

static long set_irqchip(FakeObj *obj, unsigned long arg)
{
    struct kvm_irqchip chip;

    if (fake_from_user(&chip, arg, sizeof chip)) {
        return -EFAULT;
    }
    if (obj->vm->chip != CHIP_KERNEL) {
        return -ENXIO;
    }
    if (chip.chip_id > KVM_IRQCHIP_IOAPIC) {
        return -EINVAL;
    }
    obj->vm->chips[chip.chip_id] = chip;
    return 0;
}

static long create_pit(FakeObj *obj, unsigned long arg)
{
    struct kvm_pit_config config;

    if (fake_from_user(&config, arg, sizeof config)) {
        return -EFAULT;
    }
    if (obj->vm->has_pit) {
        return -EEXIST;
    }
    if (obj->vm->chip != CHIP_KERNEL) {
        return -ENOENT;
    }
    obj->vm->has_pit = true;
    return 0;
}

static long get_pit(FakeObj *obj, unsigned long arg)
{
    return obj->vm->has_pit ? fake_to_user(arg, &obj->vm->pit, sizeof obj->vm->pit) : -ENXIO;
}

static long set_pit(FakeObj *obj, unsigned long arg)
{
    struct kvm_pit_state2 pit;

    if (fake_from_user(&pit, arg, sizeof pit)) {
        return -EFAULT;
    }
    if (!obj->vm->has_pit) {
        return -ENXIO;
    }
    obj->vm->pit = pit;
    return 0;
}

static long reinject(FakeObj *obj, unsigned long arg)
{
    struct kvm_reinject_control control;

    if (fake_from_user(&control, arg, sizeof control)) {
        return -EFAULT;
    }
    if (!obj->vm->has_pit) {
        return -ENXIO;
    }
    obj->vm->reinject = control;
    return 0;
}

static void wake_all(FakeVm *vm)
{
    for (FakeVcpu *v = vm->vcpus; v; v = v->next) {
        fake_wake(v);
    }
}

static long irq_line(FakeObj *obj, unsigned long arg, bool tell)
{
    struct kvm_irq_level level;

    if (fake_from_user(&level, arg, sizeof level)) {
        return -EFAULT;
    }
    if (obj->vm->chip == CHIP_NONE) {
        return -ENXIO;
    }
    if (level.level) {
        wake_all(obj->vm);
    }
    level.status = level.level ? 1 : 0;
    return tell ? fake_to_user(arg, &level, sizeof level) : 0;
}

static long set_line(FakeObj *obj, unsigned long arg)
{
    return irq_line(obj, arg, false);
}

static long set_line_status(FakeObj *obj, unsigned long arg)
{
    return irq_line(obj, arg, true);
}

static bool route_ok(const FakeVm *vm, const struct kvm_irq_routing_entry *e)
{
    if (e->gsi >= MAX_GSI) {
        return false;
    }
    if (e->type == KVM_IRQ_ROUTING_IRQCHIP) {
        return vm->chip == CHIP_KERNEL && !e->flags && e->u.irqchip.irqchip <= KVM_IRQCHIP_IOAPIC &&
               e->u.irqchip.pin < (e->u.irqchip.irqchip == KVM_IRQCHIP_IOAPIC ? 24 : 8);
    }
    return (e->type == KVM_IRQ_ROUTING_MSI && !(e->flags & ~(uint32_t)KVM_MSI_VALID_DEVID)) ||
           e->type == KVM_IRQ_ROUTING_HV_SINT;
}

static long set_routing(FakeObj *obj, unsigned long arg)
{
    struct kvm_irq_routing head;

    if (fake_from_user(&head, arg, sizeof head)) {
        return -EFAULT;
    }
    if (obj->vm->chip == CHIP_NONE || head.nr > MAX_ROUTES || head.flags) {
        return -EINVAL;
    }
    for (uint32_t i = 0; i < head.nr; i++) {
        struct kvm_irq_routing_entry e;
        if (fake_from_user(&e, arg + sizeof head + i * sizeof e, sizeof e)) {
            return -EFAULT;
        }
        if (!route_ok(obj->vm, &e)) {
            return -EINVAL;
        }
    }
    obj->vm->route_count = head.nr;
    return 0;
}

static long signal_msi(FakeObj *obj, unsigned long arg)
{
    struct kvm_msi msi;

    if (fake_from_user(&msi, arg, sizeof msi)) {
        return -EFAULT;
    }
    if (obj->vm->chip == CHIP_NONE || msi.flags) {
        return -EINVAL;
    }
    wake_all(obj->vm);
    return 1;
}

/* An eventfd is bound at most once; taking away one that is not bound is no error. */
static long irqfd(FakeObj *obj, unsigned long arg)
{
    struct kvm_irqfd spec;
    FakeIrqfd **p, *have;
    uint64_t id, resample;
    long r;

    if (fake_from_user(&spec, arg, sizeof spec)) {
        return -EFAULT;
    }
    if (spec.flags & ~(uint32_t)(KVM_IRQFD_FLAG_DEASSIGN | KVM_IRQFD_FLAG_RESAMPLE)) {
        return -EINVAL;
    }
    if (obj->vm->chip == CHIP_NONE ||
        (spec.flags & KVM_IRQFD_FLAG_RESAMPLE && obj->vm->chip != CHIP_KERNEL)) {
        return -EINVAL;
    }
    r = fake_eventfd_id((int)spec.fd, &id);
    if (!r && spec.flags & KVM_IRQFD_FLAG_RESAMPLE) {
        r = fake_eventfd_id((int)spec.resamplefd, &resample);
    }
    if (r) {
        return r;
    }
    for (p = &obj->vm->irqfds; *p && (*p)->eventfd_id != id; p = &(*p)->next) {
    }
    have = *p;
    if (spec.flags & KVM_IRQFD_FLAG_DEASSIGN) {
        if (have && have->gsi == spec.gsi) {
            *p = have->next;
            free(have);
        }
        return 0;
    }
    if (have) {
        return -EBUSY;
    }
    have = fake_alloc(sizeof *have);
    *have = (FakeIrqfd){ .next = obj->vm->irqfds, .eventfd_id = id, .gsi = spec.gsi };
    obj->vm->irqfds = have;
    return 0;
}

const FakeIoctlRow fake_vm_irq_ioctls[] = {
    { KVM_CREATE_IRQCHIP, create_irqchip },
    { KVM_GET_IRQCHIP, get_irqchip },
    { KVM_SET_IRQCHIP, set_irqchip },
    { KVM_CREATE_PIT2, create_pit },
    { KVM_GET_PIT2, get_pit },
    { KVM_SET_PIT2, set_pit },
    { KVM_REINJECT_CONTROL, reinject },
    { KVM_IRQ_LINE, set_line },
    { KVM_IRQ_LINE_STATUS, set_line_status },
    { KVM_SET_GSI_ROUTING, set_routing },
    { KVM_SIGNAL_MSI, signal_msi },
    { KVM_IRQFD, irqfd },
};
const size_t fake_vm_irq_ioctls_count = FAKE_ARRAY(fake_vm_irq_ioctls);
