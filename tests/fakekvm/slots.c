/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory slots: KVM_SET_USER_MEMORY_REGION with the kernel's rules in the kernel's order, and the
 * script's access to guest memory through them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "scenario.h"
#include "vcpu.h"
#include "vm.h"

#define ADDRESS_SPACES  2
#define MAX_PAGES       ((1ULL << 31) - 1)

FakeSlot *fake_slot_by_id(FakeVm *vm, uint32_t id)
{
    FakeSlot *slot = vm->slots;

    while (slot && slot->id != id) {
        slot = slot->next;
    }
    return slot;
}

/* Address space 0 is what a vCPU outside SMM sees. */
FakeSlot *fake_slot_at(FakeVm *vm, uint64_t gpa)
{
    FakeSlot *slot = vm->slots;

    while (slot && (slot->id >> 16 || gpa < slot->gpa || gpa - slot->gpa >= slot->size)) {
        slot = slot->next;
    }
    return slot;
}

static bool aligned(uint64_t n)
{
    return n % FAKE_PAGE == 0;
}

/* Bits of a guest-physical address, as CPUID leaf 0x80000008 tells. */
static uint64_t max_gpa(void)
{
    for (uint32_t i = 0; i < fake_config.cpuid_count; i++) {
        if (fake_config.cpuid[i].function == 0x80000008) {
            return 1ULL << (fake_config.cpuid[i].eax & 0x3f);
        }
    }
    return 1ULL << 36;
}

static long check_region(FakeVm *vm, const struct kvm_userspace_memory_region *r)
{
    uint32_t valid = KVM_MEM_LOG_DIRTY_PAGES;
    uint64_t end = r->guest_phys_addr + r->memory_size;

    valid |= fake_vm_cap(vm, KVM_CAP_READONLY_MEM) > 0 ? KVM_MEM_READONLY : 0;
    if (r->flags & ~valid || !aligned(r->memory_size) || !aligned(r->guest_phys_addr) ||
        !aligned(r->userspace_addr) || r->userspace_addr >> 47 ||
        r->userspace_addr + r->memory_size > 1ULL << 47) {
        return -EINVAL;
    }
    if (r->slot >> 16 >= ADDRESS_SPACES ||
        (int)(r->slot & 0xffff) >= fake_vm_cap(vm, KVM_CAP_NR_MEMSLOTS) ||
        end < r->guest_phys_addr || r->memory_size / FAKE_PAGE > MAX_PAGES) {
        return -EINVAL;
    }
    return r->memory_size && end > max_gpa() ? -EINVAL : 0;
}

static bool overlaps(FakeVm *vm, const struct kvm_userspace_memory_region *r)
{
    for (FakeSlot *s = vm->slots; s; s = s->next) {
        if (s->id != r->slot && s->id >> 16 == r->slot >> 16 &&
            r->guest_phys_addr < s->gpa + s->size &&
            s->gpa < r->guest_phys_addr + r->memory_size) {
            return true;
        }
    }
    return false;
}

static void set_log(FakeVm *vm, FakeSlot *slot)
{
    size_t bytes = (slot->size / FAKE_PAGE + 63) / 64 * 8;
    bool all = vm->manual_protect & KVM_DIRTY_LOG_INITIALLY_SET;

    if (!(slot->flags & KVM_MEM_LOG_DIRTY_PAGES)) {
        free(slot->dirty);
        slot->dirty = NULL;
    } else if (!slot->dirty) {
        slot->dirty = fake_alloc(bytes);
        memset(slot->dirty, all ? 0xff : 0, bytes);
    }
}

static void delete_slot(FakeVm *vm, FakeSlot *slot)
{
    FakeSlot **p = &vm->slots;

    while (*p != slot) {
        p = &(*p)->next;
    }
    *p = slot->next;
    free(slot->dirty);
    free(slot);
}

static long create_slot(FakeVm *vm, const struct kvm_userspace_memory_region *r)
{
    FakeSlot *slot;

    if (overlaps(vm, r)) {
        return -EEXIST;
    }
    slot = fake_alloc(sizeof *slot);
    *slot = (FakeSlot){
        .next = vm->slots, .id = r->slot, .flags = r->flags,
        .gpa = r->guest_phys_addr, .size = r->memory_size, .hva = r->userspace_addr,
    };
    vm->slots = slot;
    set_log(vm, slot);
    return 0;
}

/* An existing slot may move in guest memory or change its logging, nothing else. */
static long change_slot(FakeVm *vm, FakeSlot *slot, const struct kvm_userspace_memory_region *r)
{
    if (r->memory_size != slot->size || r->userspace_addr != slot->hva ||
        (r->flags ^ slot->flags) & KVM_MEM_READONLY) {
        return -EINVAL;
    }
    if (r->guest_phys_addr != slot->gpa && overlaps(vm, r)) {
        return -EEXIST;
    }
    slot->gpa = r->guest_phys_addr;
    slot->flags = r->flags;
    set_log(vm, slot);
    return 0;
}

long fake_set_memory(FakeObj *obj, unsigned long arg)
{
    struct kvm_userspace_memory_region r;
    FakeSlot *slot;
    long result;

    if (fake_from_user(&r, arg, sizeof r)) {
        return -EFAULT;
    }
    result = check_region(obj->vm, &r);
    if (result) {
        return result;
    }
    slot = fake_slot_by_id(obj->vm, r.slot);
    if (r.memory_size) {
        return slot ? change_slot(obj->vm, slot, &r) : create_slot(obj->vm, &r);
    }
    if (!slot) {
        return -EINVAL;
    }
    delete_slot(obj->vm, slot);
    return 0;
}

void fake_slots_free(FakeVm *vm)
{
    while (vm->slots) {
        delete_slot(vm, vm->slots);
    }
}

/* Reads or writes page by page, as slots need not be neighbours in the program's memory. */
long fake_guest_read(FakeVm *vm, uint64_t gpa, void *to, size_t size)
{
    long result = 0;

    pthread_mutex_lock(&vm->lock);
    for (size_t done = 0, n; done < size && !result; done += n) {
        FakeSlot *slot = fake_slot_at(vm, gpa + done);
        n = FAKE_PAGE - (gpa + done) % FAKE_PAGE;
        n = n < size - done ? n : size - done;
        result = slot ? fake_memory_read(slot->hva + (gpa + done - slot->gpa), (char *)to + done, n)
                      : -EFAULT;
    }
    pthread_mutex_unlock(&vm->lock);
    return result;
}

long fake_guest_write(FakeVcpu *vcpu, uint64_t gpa, const void *from, size_t size)
{
    FakeVm *vm = vcpu->vm;
    long result = 0;

    pthread_mutex_lock(&vm->lock);
    for (size_t done = 0, n; done < size && !result; done += n) {
        FakeSlot *slot = fake_slot_at(vm, gpa + done);
        n = FAKE_PAGE - (gpa + done) % FAKE_PAGE;
        n = n < size - done ? n : size - done;
        if (!slot || slot->flags & KVM_MEM_READONLY) {
            result = -EFAULT;
        } else {
            result = fake_memory_write(slot->hva + (gpa + done - slot->gpa),
                                       (const char *)from + done, n);
            fake_mark_dirty(vcpu, slot, (gpa + done - slot->gpa) / FAKE_PAGE);
        }
    }
    pthread_mutex_unlock(&vm->lock);
    return result;
}
