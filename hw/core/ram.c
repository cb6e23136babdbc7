/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * RAM blocks: host memory that is guest memory.
 *
 * Theory of operation: blocks are page-aligned, do not overlap, and are handed to the accelerator at
 * once when there is one, otherwise when it is attached. Memory from hw_ram_alloc() is anonymous and
 * not reserved: the host gives a page when the guest first touches it. It begins where a huge page of
 * the host may, since KVM maps huge pages only where both sides are aligned alike, and asks for huge
 * pages behind the first one, and for none there, whatever the host's default: that one lies under the
 * holes of the first megabyte, and a guest that needs no more starts faster without 2 MiB of zeros.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "hw/core/memory-internal.h"

#define HUGE_PAGE ((size_t)2 << 20)

/* One mapping that is larger than asked for costs less than cutting it to size. */
static uint8_t *align_and_advise(const HostAlloc *a, size_t size)
{
    uint8_t *start = a->ptr;

    if (a->size > size) {
        start = (uint8_t *)(((uintptr_t)start + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1));
        madvise(start, HUGE_PAGE, MADV_NOHUGEPAGE); /* wishes both */
        madvise(start + HUGE_PAGE, size - HUGE_PAGE, MADV_HUGEPAGE);
    }
    return start;
}

uint8_t *hw_ram_alloc(MachineState *ms, uint64_t size, GError **errp)
{
    AccelErrorInfo info = { .call = "mmap", .stage = "memory" };
    HostAlloc a = { .size = size > HUGE_PAGE ? size + HUGE_PAGE : size };

    if (size == 0 || size > SIZE_MAX / 2) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, &info, "invalid RAM size %" G_GUINT64_FORMAT,
                        size);
        return NULL;
    }
    a.ptr = mmap(NULL, a.size, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (a.ptr == MAP_FAILED) {
        info.errnum = errno;
        accel_error_set(errp, ACCEL_ERROR_RESOURCE, &info,
                        "cannot set up guest memory: %" G_GUINT64_FORMAT " bytes: %s", size,
                        g_strerror(info.errnum));
        return NULL;
    }
    if (ms->mem->allocs == NULL) {
        ms->mem->allocs = g_array_new(FALSE, FALSE, sizeof(HostAlloc));
    }
    g_array_append_val(ms->mem->allocs, a);
    return align_and_advise(&a, size);
}

void hw_ram_free_all(AddressMap *map)
{
    guint i;

    for (i = 0; map->allocs != NULL && i < map->allocs->len; i++) {
        HostAlloc *a = &g_array_index(map->allocs, HostAlloc, i);

        hw_object_unref(a->owner); /* first: it may have something to say about its pages */
        if (a->ptr != NULL) {
            munmap(a->ptr, a->size);
        }
    }
    g_clear_pointer(&map->allocs, g_array_unref);
}

/* Where a block at @gpa belongs in the sorted list. */
static guint find_place(const AddressMap *map, uint64_t gpa)
{
    guint i = 0;

    while (i < map->ram->len && g_array_index(map->ram, RamBlock, i).gpa < gpa) {
        i++;
    }
    return i;
}

static gboolean check_block(const AddressMap *map, const RamBlock *b, GError **errp)
{
    uint64_t page = sysconf(_SC_PAGESIZE);
    guint at = find_place(map, b->gpa);

    if (b->size == 0 || ((b->gpa | b->size | (uintptr_t)b->host) & (page - 1)) ||
        b->size - 1 > UINT64_MAX - b->gpa) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "RAM block '%s' at 0x%" G_GINT64_MODIFIER "x, 0x%" G_GINT64_MODIFIER
                        "x bytes: not a whole number of pages", b->name, b->gpa, b->size);
        return FALSE;
    }
    if (at < map->ram->len && g_array_index(map->ram, RamBlock, at).gpa - b->gpa < b->size) {
        at++;
    } else if (at == 0 || b->gpa - g_array_index(map->ram, RamBlock, at - 1).gpa >=
                              g_array_index(map->ram, RamBlock, at - 1).size) {
        return TRUE;
    }
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                    "RAM block '%s' at 0x%" G_GINT64_MODIFIER "x overlaps '%s'", b->name, b->gpa,
                    g_array_index(map->ram, RamBlock, at - 1).name);
    return FALSE;
}

gboolean hw_ram_add(MachineState *ms, const char *name, uint64_t gpa, uint8_t *host,
                    uint64_t size, unsigned flags, GError **errp)
{
    RamBlock b = { .name = name, .gpa = gpa, .size = size, .host = host, .flags = flags };
    AddressMap *map = ms->mem;

    if (!check_block(map, &b, errp)) {
        return FALSE;
    }
    if (ms->accel != NULL && !accel_map_ram(ms->accel, gpa, host, size, flags, errp)) {
        return FALSE;
    }
    g_mutex_lock(&map->lock);
    g_array_insert_val(map->ram, find_place(map, gpa), b);
    address_map_stale(map);
    g_mutex_unlock(&map->lock);
    return TRUE;
}

gboolean hw_ram_remove(MachineState *ms, uint64_t gpa, GError **errp)
{
    AddressMap *map = ms->mem;
    guint at = find_place(map, gpa);
    RamBlock b;

    if (at == map->ram->len || g_array_index(map->ram, RamBlock, at).gpa != gpa) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "no RAM block at 0x%" G_GINT64_MODIFIER "x", gpa);
        return FALSE;
    }
    b = g_array_index(map->ram, RamBlock, at);
    if (ms->accel != NULL && !accel_unmap_ram(ms->accel, gpa, b.size, errp)) {
        return FALSE;
    }
    g_mutex_lock(&map->lock);
    g_array_remove_index(map->ram, at);
    address_map_stale(map);
    g_mutex_unlock(&map->lock);
    return TRUE;
}

/* In an order that leaves no moment in which a vCPU would find neither ROM nor region. */
gboolean hw_rom_set_direct(MachineState *ms, IoRegion *region, bool direct, GError **errp)
{
    guint at = find_place(ms->mem, region->base);
    const RamBlock *b = &g_array_index(ms->mem->ram, RamBlock, at);

    g_return_val_if_fail(at < ms->mem->ram->len && b->gpa == region->base, FALSE);
    if (direct == !(region->flags & IO_OVER_ROM)) {
        return TRUE;
    }
    if (!direct) {
        g_atomic_int_or(&region->flags, IO_OVER_ROM);
        return ms->accel == NULL || accel_unmap_ram(ms->accel, b->gpa, b->size, errp);
    }
    if (ms->accel != NULL &&
        !accel_map_ram(ms->accel, b->gpa, b->host, b->size, b->flags, errp)) {
        return FALSE;
    }
    g_atomic_int_and(&region->flags, ~IO_OVER_ROM);
    return TRUE;
}

/* The accelerator has come: give it what was registered before. */
gboolean hw_ram_map_all(MachineState *ms, GError **errp)
{
    guint i;

    for (i = 0; i < ms->mem->ram->len; i++) {
        const RamBlock *b = &g_array_index(ms->mem->ram, RamBlock, i);

        if (!accel_map_ram(ms->accel, b->gpa, b->host, b->size, b->flags, errp)) {
            return FALSE;
        }
    }
    return TRUE;
}

const RamBlock *hw_ram_blocks(MachineState *ms, guint *n)
{
    *n = ms->mem->ram->len;
    return (const RamBlock *)ms->mem->ram->data;
}

uint8_t *hw_ram_ptr(MachineState *ms, uint64_t gpa, uint64_t len, bool write)
{
    const FlatRange *f = mem_find(mem_view(ms->mem), gpa);

    if (f == NULL || f->host == NULL || (write && f->readonly) || mem_over_rom(f) ||
        (len > 0 && len - 1 > f->last - gpa)) {
        return NULL;
    }
    return f->host + (gpa - f->first);
}
