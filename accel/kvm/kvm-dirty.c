/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which pages the guest wrote. Two ways: the kernel's bitmap per slot, or a ring per vCPU that the
 * kernel fills and we empty into a bitmap of our own. Rings are emptied when somebody asks for the
 * bitmap, when one is full (KVM_RUN then returns), and by the reaper (kvm-reaper.c). A vCPU that has
 * been taken out keeps its ring, which may still say something.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "kvm-int.h"

static void too_big(KVMState *s, int max, GError **errp)
{
    const AccelErrorInfo info = { .accel = "kvm", .call = "KVM_CHECK_EXTENSION",
                                  .errnum = EINVAL, .capability = "KVM_CAP_DIRTY_LOG_RING",
                                  .have = max / (int)sizeof(struct kvm_dirty_gfn),
                                  .need = s->dirty_ring_entries };
    g_autofree char *remedy =
        g_strdup_printf("give dirty-ring-size at most %" G_GINT64_FORMAT, info.have);

    accel_error_set(errp, ACCEL_ERROR_LIMIT, &info,
                    "KVM dirty ring size %u too big (maximum is %" G_GINT64_FORMAT ").  Please use "
                    "a smaller value.", s->dirty_ring_entries, info.have);
    if (errp != NULL) {
        accel_error_add_remedy(*errp, remedy);
    }
}

static void ring_refused(KVMState *s, int ret, GError **errp)
{
    const AccelErrorInfo info = { .accel = "kvm", .call = "KVM_ENABLE_CAP", .errnum = -ret,
                                  .capability = "KVM_CAP_DIRTY_LOG_RING",
                                  .need = s->dirty_ring_entries };

    accel_error_set(errp, accel_error_code_from_errno(-ret), &info,
                    "Enabling of KVM dirty ring failed: %s. Suggested minimum value is 1024.",
                    g_strerror(-ret));
}

static gboolean enable_ring(KVMState *s, GError **errp)
{
    uint64_t bytes = (uint64_t)s->dirty_ring_entries * sizeof(struct kvm_dirty_gfn);
    int max = kvm_vm_check_extension(s, KVM_CAP_DIRTY_LOG_RING), ret;

    if (max <= 0) {
        accel_warn(&s->parent, "KVM dirty ring not available, using bitmap method");
        return TRUE;
    }
    if (bytes > (uint64_t)max) {
        too_big(s, max, errp);
        return FALSE;
    }
    ret = kvm_enable_cap(s, KVM_CAP_DIRTY_LOG_RING, bytes, 0);
    if (ret < 0) {
        ring_refused(s, ret, errp);
        return FALSE;
    }
    s->ring_entries = s->dirty_ring_entries;
    kvm_start_reaper(s);
    return TRUE;
}

static void enable_manual_protect(KVMState *s)
{
    const unsigned known = KVM_DIRTY_LOG_MANUAL_PROTECT_ENABLE | KVM_DIRTY_LOG_INITIALLY_SET;
    unsigned flags = (unsigned)kvm_check_extension(s, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2) & known;

    if (flags != 0 && kvm_enable_cap(s, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, flags, 0) < 0) {
        accel_warn(&s->parent, "Trying to enable capability %u of "
                   "KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2 but failed. Falling back to the legacy mode. ",
                   flags);
    } else {
        s->manual_protect = flags != 0;
    }
}

gboolean kvm_stage_dirty_log(KVMState *s, const AccelSpec *spec, GError **errp)
{
    s->manual_protect = false;
    if (s->dirty_ring_entries > 0 && !enable_ring(s, errp)) {
        return FALSE;
    }
    if (s->ring_entries == 0) {
        enable_manual_protect(s);
    }
    return TRUE;
}

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22 /* Linux 5.14 */
#endif

/*
 * mmap() of a ring that the kernel never made succeeds, and touching it is SIGBUS. Asked this way
 * the kernel says so with an errno; one that does not know the question answers EINVAL.
 */
static int map_ring(KVMCpu *cpu, size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, cpu->fd,
                   KVM_DIRTY_LOG_PAGE_OFFSET * sysconf(_SC_PAGESIZE));
    int ret;

    if (p == MAP_FAILED) {
        return -errno;
    }
    ret = madvise(p, bytes, MADV_POPULATE_READ) < 0 ? -errno : 0;
    if (ret < 0 && ret != -EINVAL) {
        munmap(p, bytes);
        return ret;
    }
    cpu->ring = p;
    return 0;
}

gboolean kvm_map_dirty_ring(KVMCpu *cpu, GError **errp)
{
    KVMState *s = KVM_STATE(cpu->parent.accel);
    int ret;

    if (s->ring_entries == 0) {
        return TRUE;
    }
    ret = map_ring(cpu, s->ring_entries * sizeof(struct kvm_dirty_gfn));
    if (ret < 0) {
        kvm_call_error(errp, "mmap", ret, "kvm_init_vcpu: mmap'ing dirty ring failed (%u): %s",
                       cpu->parent.id, g_strerror(-ret));
        return FALSE;
    }
    g_mutex_lock(&s->slots_lock);
    if (s->rings == NULL) {
        s->rings = g_ptr_array_new();
    }
    g_ptr_array_add(s->rings, cpu);
    g_mutex_unlock(&s->slots_lock);
    return TRUE;
}

void kvm_unmap_dirty_ring(KVMState *s, KVMCpu *cpu)
{
    if (cpu->ring == NULL) {
        return;
    }
    g_mutex_lock(&s->slots_lock);
    g_ptr_array_remove_fast(s->rings, cpu);
    g_mutex_unlock(&s->slots_lock);
    munmap(cpu->ring, s->ring_entries * sizeof(struct kvm_dirty_gfn));
    cpu->ring = NULL;
}

static void mark(KVMState *s, uint32_t slot, uint64_t page)
{
    KVMSlot *m;

    if (slot >= s->slots->len) {
        return;
    }
    m = &g_array_index(s->slots, KVMSlot, slot);
    if (m->ring_dirty != NULL && page < m->size / (uint64_t)sysconf(_SC_PAGESIZE)) {
        m->ring_dirty[page / 64] |= (uint64_t)1 << (page % 64);
    }
}

static int reap_one(KVMState *s, KVMCpu *cpu)
{
    int n = 0;

    for (;;) {
        struct kvm_dirty_gfn *g = &cpu->ring[cpu->ring_pos % s->ring_entries];

        if (__atomic_load_n(&g->flags, __ATOMIC_ACQUIRE) != KVM_DIRTY_GFN_F_DIRTY) {
            accel_trace(kvm_trace(s), kvm_dirty_ring_reap_vcpu, "vcpu %u, %d pages",
                        cpu->parent.id, n);
            return n;
        }
        accel_trace(kvm_trace(s), kvm_dirty_ring_page, "vcpu %u, slot %u, page 0x%" PRIx64,
                    cpu->parent.id, g->slot, (uint64_t)g->offset);
        mark(s, g->slot, g->offset);
        __atomic_store_n(&g->flags, KVM_DIRTY_GFN_F_RESET, __ATOMIC_RELEASE);
        cpu->ring_pos++;
        n++;
    }
}

/* Empty all rings; slots_lock is held by the caller. Returns pages, or -errno. */
static int reap_locked(KVMState *s)
{
    int n = 0, ret = 0;

    for (guint i = 0; s->rings != NULL && i < s->rings->len; i++) {
        n += reap_one(s, g_ptr_array_index(s->rings, i));
    }
    if (n > 0) {
        ret = kvm_vm_ioctl(s, KVM_RESET_DIRTY_RINGS, 0);
    }
    accel_trace(kvm_trace(s), kvm_dirty_ring_reap, "reaped %d pages, ret %d", n, ret);
    return ret < 0 ? ret : n;
}

int kvm_reap_dirty_rings(KVMState *s)
{
    int ret;

    g_mutex_lock(&s->slots_lock);
    ret = reap_locked(s);
    g_mutex_unlock(&s->slots_lock);
    return ret;
}

/* With manual protection, fetching leaves pages writable until they are cleared. */
static int fetch_bitmap(KVMState *s, guint slot, const KVMSlot *m, uint64_t *bitmap,
                        const char **call)
{
    struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = bitmap };
    struct kvm_clear_dirty_log clear = {
        .slot = slot,
        .num_pages = (uint32_t)(m->size / (uint64_t)sysconf(_SC_PAGESIZE)),
        .dirty_bitmap = bitmap,
    };
    int ret = kvm_vm_ioctl(s, KVM_GET_DIRTY_LOG, &log);

    *call = "KVM_GET_DIRTY_LOG";
    if (ret >= 0 && s->manual_protect) {
        *call = "KVM_CLEAR_DIRTY_LOG";
        ret = kvm_vm_ioctl(s, KVM_CLEAR_DIRTY_LOG, &clear);
        accel_trace(kvm_trace(s), kvm_clear_dirty_log, "slot %u, pages %u, ret %d", slot,
                    clear.num_pages, ret);
    }
    return ret;
}

static int fetch_ring(KVMState *s, KVMSlot *m, uint64_t *bitmap, const char **call)
{
    size_t words = (size_t)((m->size / (uint64_t)sysconf(_SC_PAGESIZE) + 63) / 64);
    int ret = reap_locked(s);

    accel_trace(kvm_trace(s), kvm_dirty_ring_flush, "slot at 0x%" PRIx64 ", ret %d", m->gpa, ret);
    *call = "KVM_RESET_DIRTY_RINGS";
    if (ret >= 0) {
        memcpy(bitmap, m->ring_dirty, words * sizeof(uint64_t));
        memset(m->ring_dirty, 0, words * sizeof(uint64_t));
    }
    return MIN(ret, 0);
}

static int get_dirty_locked(KVMState *s, uint64_t gpa, uint64_t size, uint64_t *bitmap,
                            const char **call)
{
    for (guint i = 0; i < s->slots->len; i++) {
        KVMSlot *m = &g_array_index(s->slots, KVMSlot, i);

        if (m->gpa == gpa && m->size == size && (m->flags & ACCEL_RAM_LOG_DIRTY) != 0) {
            return s->ring_entries > 0 ? fetch_ring(s, m, bitmap, call)
                                       : fetch_bitmap(s, i, m, bitmap, call);
        }
    }
    return -ENOENT;
}

gboolean kvm_get_dirty(AccelState *as, uint64_t gpa, uint64_t size, uint64_t *bitmap,
                       GError **errp)
{
    KVMState *s = KVM_STATE(as);
    const char *call = "accel_get_dirty";
    int ret;

    g_mutex_lock(&s->slots_lock);
    ret = get_dirty_locked(s, gpa, size, bitmap, &call);
    g_mutex_unlock(&s->slots_lock);
    if (ret < 0) {
        kvm_call_error(errp, call, ret,
                       "dirty log of RAM at 0x%" PRIx64 ", size 0x%" PRIx64 ": %s", gpa, size,
                       g_strerror(-ret));
        return kvm_failed_at(errp, "dirty-log");
    }
    return TRUE;
}
