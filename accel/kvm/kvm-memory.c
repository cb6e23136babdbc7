/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory slots. The table grows as slots are used, up to what the kernel allows; a slot that cannot
 * be registered is an error that leaves the table as it was.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "kvm-int.h"

static gboolean check_range(uint64_t gpa, const void *hva, uint64_t size, GError **errp)
{
    uint64_t mask = (uint64_t)sysconf(_SC_PAGESIZE) - 1;

    if (size == 0 || ((gpa | size | (uintptr_t)hva) & mask) != 0 || gpa + size < gpa) {
        const AccelErrorInfo info = { .accel = "kvm", .stage = "memory", .errnum = EINVAL };

        accel_error_set(errp, ACCEL_ERROR_INVALID, &info,
                        "RAM at 0x%" PRIx64 ", size 0x%" PRIx64 ", host %p is not made of whole "
                        "pages of %" PRIu64 " bytes", gpa, size, hva, mask + 1);
        return FALSE;
    }
    return TRUE;
}

static KVMSlot *slot_at(KVMState *s, guint i)
{
    return &g_array_index(s->slots, KVMSlot, i);
}

static gboolean check_overlap(KVMState *s, uint64_t gpa, uint64_t size, GError **errp)
{
    for (guint i = 0; i < s->slots->len; i++) {
        const KVMSlot *o = slot_at(s, i);

        if (o->size != 0 && gpa < o->gpa + o->size && o->gpa < gpa + size) {
            const AccelErrorInfo info = { .accel = "kvm", .stage = "memory", .errnum = EEXIST };

            accel_error_set(errp, ACCEL_ERROR_INVALID, &info,
                            "RAM at 0x%" PRIx64 ", size 0x%" PRIx64 " overlaps RAM at 0x%" PRIx64
                            ", size 0x%" PRIx64, gpa, size, o->gpa, o->size);
            return FALSE;
        }
    }
    return TRUE;
}

/* Index of a free slot, growing the table; -1 with an error when the kernel has no more. */
static int alloc_slot(KVMState *s, GError **errp)
{
    const AccelErrorInfo info = { .accel = "kvm", .stage = "memory", .errnum = ENOSPC,
                                  .call = "KVM_SET_USER_MEMORY_REGION",
                                  .capability = "KVM_CAP_NR_MEMSLOTS",
                                  .have = s->nr_slots, .need = (gint64)s->nr_slots + 1 };

    for (guint i = 0; i < s->slots->len; i++) {
        if (slot_at(s, i)->size == 0) {
            return (int)i;
        }
    }
    if (s->slots->len >= s->nr_slots) {
        accel_error_set(errp, ACCEL_ERROR_RESOURCE, &info,
                        "kvm_alloc_slot: no free slot available");
        kvm_failed_at(errp, "memory");
        return -1;
    }
    g_array_set_size(s->slots, s->slots->len + 1);
    accel_trace(kvm_trace(s), kvm_slots_grow, "old %u, new %u", s->slots->len - 1, s->slots->len);
    return (int)s->slots->len - 1;
}

static int set_region(KVMState *s, guint slot, const KVMSlot *m, uint64_t size)
{
    struct kvm_userspace_memory_region r = {
        .slot = slot,
        .guest_phys_addr = m->gpa,
        .memory_size = size,
        .userspace_addr = (uintptr_t)m->hva,
        .flags = ((m->flags & ACCEL_RAM_READONLY) != 0 ? KVM_MEM_READONLY : 0u) |
                 ((m->flags & ACCEL_RAM_LOG_DIRTY) != 0 ? KVM_MEM_LOG_DIRTY_PAGES : 0u),
    };
    int ret = kvm_vm_ioctl(s, KVM_SET_USER_MEMORY_REGION, &r);

    accel_trace(kvm_trace(s), kvm_set_user_memory,
                "Slot#%u flags=0x%x gpa=0x%" PRIx64 " size=0x%" PRIx64 " ua=%p ret=%d", slot,
                r.flags, m->gpa, size, (void *)m->hva, ret);
    return ret;
}

static void region_error(GError **errp, guint slot, const KVMSlot *m, int ret)
{
    kvm_call_error(errp, "KVM_SET_USER_MEMORY_REGION", ret,
                   "kvm_set_user_memory_region: KVM_SET_USER_MEMORY_REGION failed, slot=%u, "
                   "start=0x%" PRIx64 ", size=0x%" PRIx64 ": %s", slot, m->gpa, m->size,
                   g_strerror(-ret));
    kvm_failed_at(errp, "memory");
}

static void alloc_ring_bitmap(KVMState *s, KVMSlot *slot)
{
    if (s->ring_entries > 0 && (slot->flags & ACCEL_RAM_LOG_DIRTY) != 0) {
        uint64_t pages = slot->size / (uint64_t)sysconf(_SC_PAGESIZE);

        slot->ring_dirty = g_new0(uint64_t, (pages + 63) / 64);
    }
}

/* Asked only where a read-only slot was refused: kernels before Linux 3.7 have none. */
static bool no_readonly(KVMState *s, const KVMSlot *m)
{
    if ((m->flags & ACCEL_RAM_READONLY) == 0 ||
        kvm_vm_check_extension(s, KVM_CAP_READONLY_MEM) > 0) {
        return false;
    }
    accel_warn(&s->parent, "this kernel has no read-only memory: the guest can write to ROM at 0x%"
               PRIx64 ", size 0x%" PRIx64, m->gpa, m->size);
    return true;
}

static gboolean map_locked(KVMState *s, const KVMSlot *m, GError **errp)
{
    KVMSlot new = *m;
    int slot, ret;

    if (!check_overlap(s, m->gpa, m->size, errp) || (slot = alloc_slot(s, errp)) < 0) {
        return FALSE;
    }
    ret = set_region(s, (guint)slot, &new, new.size);
    if (ret == -EINVAL && no_readonly(s, &new)) {
        new.flags &= ~ACCEL_RAM_READONLY;
        ret = set_region(s, (guint)slot, &new, new.size);
    }
    if (ret < 0) {
        region_error(errp, (guint)slot, m, ret);
        return FALSE;
    }
    *slot_at(s, (guint)slot) = new;
    alloc_ring_bitmap(s, slot_at(s, (guint)slot));
    return TRUE;
}

gboolean kvm_map_ram(AccelState *as, uint64_t gpa, void *hva, uint64_t size, unsigned flags,
                     GError **errp)
{
    KVMState *s = KVM_STATE(as);
    const KVMSlot m = { .gpa = gpa, .size = size, .hva = hva, .flags = flags };
    gboolean ok;

    if (!check_range(gpa, hva, size, errp)) {
        return FALSE;
    }
    g_mutex_lock(&s->slots_lock);
    ok = map_locked(s, &m, errp);
    g_mutex_unlock(&s->slots_lock);
    return ok;
}

static gboolean unmap_locked(KVMState *s, uint64_t gpa, uint64_t size, GError **errp)
{
    const AccelErrorInfo info = { .accel = "kvm", .stage = "memory", .errnum = ENOENT };

    for (guint i = 0; i < s->slots->len; i++) {
        KVMSlot *m = slot_at(s, i);

        if (m->size == size && m->gpa == gpa) {
            int ret = set_region(s, i, m, 0);

            if (ret < 0) {
                region_error(errp, i, m, ret);
                return FALSE;
            }
            g_free(m->ring_dirty);
            *m = (KVMSlot){ 0 };
            return TRUE;
        }
    }
    accel_error_set(errp, ACCEL_ERROR_INVALID, &info,
                    "no RAM is mapped at 0x%" PRIx64 ", size 0x%" PRIx64, gpa, size);
    return FALSE;
}

gboolean kvm_unmap_ram(AccelState *as, uint64_t gpa, uint64_t size, GError **errp)
{
    KVMState *s = KVM_STATE(as);
    gboolean ok;

    g_mutex_lock(&s->slots_lock);
    ok = size != 0 && unmap_locked(s, gpa, size, errp);
    g_mutex_unlock(&s->slots_lock);
    return ok;
}

void kvm_free_slots(KVMState *s)
{
    for (guint i = 0; s->slots != NULL && i < s->slots->len; i++) {
        g_free(slot_at(s, i)->ring_dirty);
    }
    g_clear_pointer(&s->slots, g_array_unref);
}
