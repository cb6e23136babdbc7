/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Dirty logging: a bit map per slot, or a ring per vCPU when KVM_CAP_DIRTY_LOG_RING was enabled.
 * Pages get dirty by the script's `write` and `dirty` steps.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "scenario.h"
#include "vcpu.h"
#include "vm.h"

#define RING_RESERVED 64    /* entries that Linux keeps free when it calls a ring full */

bool fake_ring_full(const FakeVcpu *vcpu)
{
    return vcpu->ring_entries &&
           vcpu->ring_tail - vcpu->ring_head >= vcpu->ring_entries - RING_RESERVED;
}

static bool set_bit(FakeSlot *slot, uint64_t page)
{
    uint8_t mask = (uint8_t)(1 << page % 8);
    bool was = slot->dirty[page / 8] & mask;

    slot->dirty[page / 8] |= mask;
    return !was;
}

/* Called with the VM's lock. -ENOSPC if the ring has no entry left at all. */
long fake_mark_dirty(FakeVcpu *vcpu, FakeSlot *slot, uint64_t page)
{
    struct kvm_dirty_gfn *entry;

    if (!slot->dirty || page >= slot->size / FAKE_PAGE) {
        return 0;
    }
    if (!vcpu->ring_entries) {
        set_bit(slot, page);
        return 0;
    }
    if (vcpu->ring_tail - vcpu->ring_head >= vcpu->ring_entries) {
        return -ENOSPC;
    }
    entry = &vcpu->ring[vcpu->ring_tail++ & (vcpu->ring_entries - 1)];
    entry->slot = slot->id;
    entry->offset = page;
    __atomic_store_n(&entry->flags, KVM_DIRTY_GFN_F_DIRTY, __ATOMIC_RELEASE);
    return 0;
}

long fake_get_dirty_log(FakeObj *obj, unsigned long arg)
{
    struct kvm_dirty_log log;
    FakeSlot *slot;
    size_t bytes;

    if (fake_from_user(&log, arg, sizeof log)) {
        return -EFAULT;
    }
    if (obj->vm->ring_bytes) {
        return -ENXIO;
    }
    slot = fake_slot_by_id(obj->vm, log.slot);
    if (!slot || !slot->dirty) {
        return (log.slot & 0xffff) < 32767 ? -ENOENT : -EINVAL;
    }
    bytes = (slot->size / FAKE_PAGE + 63) / 64 * 8;
    if (fake_to_user((unsigned long)log.dirty_bitmap, slot->dirty, bytes)) {
        return -EFAULT;
    }
    if (!obj->vm->manual_protect) {
        memset(slot->dirty, 0, bytes);
    }
    return 0;
}

static bool clear_range_ok(const struct kvm_clear_dirty_log *log, const FakeSlot *slot)
{
    uint64_t pages = slot->size / FAKE_PAGE;

    return log->first_page % 64 == 0 && log->first_page <= pages &&
           log->num_pages <= pages - log->first_page &&
           (log->num_pages % 64 == 0 || log->num_pages == pages - log->first_page);
}

long fake_clear_dirty_log(FakeObj *obj, unsigned long arg)
{
    struct kvm_clear_dirty_log log;
    FakeSlot *slot;
    uint8_t *mask;
    size_t bytes;

    if (fake_from_user(&log, arg, sizeof log)) {
        return -EFAULT;
    }
    if (obj->vm->ring_bytes) {
        return -ENXIO;
    }
    slot = fake_slot_by_id(obj->vm, log.slot);
    if (!slot || !slot->dirty) {
        return -ENOENT;
    }
    if (!clear_range_ok(&log, slot)) {
        return -EINVAL;
    }
    bytes = (log.num_pages + 7) / 8;
    mask = fake_alloc(bytes + 1);
    if (fake_from_user(mask, (unsigned long)log.dirty_bitmap, bytes)) {
        free(mask);
        return -EFAULT;
    }
    for (size_t i = 0; i < bytes; i++) {
        slot->dirty[log.first_page / 8 + i] &= (uint8_t)~mask[i];
    }
    free(mask);
    return 0;
}

/* Takes back the entries that the program has harvested; returns how many. */
static long reset_ring(FakeVcpu *vcpu)
{
    long n = 0;

    while (vcpu->ring_head != vcpu->ring_tail) {
        struct kvm_dirty_gfn *entry = &vcpu->ring[vcpu->ring_head & (vcpu->ring_entries - 1)];
        if (!(__atomic_load_n(&entry->flags, __ATOMIC_ACQUIRE) & KVM_DIRTY_GFN_F_RESET)) {
            break;
        }
        __atomic_store_n(&entry->flags, 0, __ATOMIC_RELEASE);
        vcpu->ring_head++;
        n++;
    }
    return n;
}

long fake_reset_dirty_rings(FakeObj *obj, unsigned long arg)
{
    long n = 0;

    if (!obj->vm->ring_bytes) {
        return -EINVAL;
    }
    for (FakeVcpu *v = obj->vm->vcpus; v; v = v->next) {
        n += reset_ring(v);
    }
    return n;
}
