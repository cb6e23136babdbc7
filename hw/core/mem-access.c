/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading and writing guest-physical memory as a CPU or a DMA engine does.
 *
 * Theory of operation: a transfer is cut at the borders of the flat view. RAM is copied. A device
 * gets accesses of 8, 4, 2 or 1 bytes, as wide as the rest of the transfer, its alignment and the
 * region allow. What nobody owns reads as zero and swallows writes, and makes the result FALSE.
 */
#include <string.h>
#include "hw/core/memory-internal.h"

typedef enum Mode { MODE_READ, MODE_WRITE, MODE_LOAD } Mode; /* MODE_LOAD: into ROM as well */

/* Width of the next access of a device. A transfer of 1, 2, 4 or 8 bytes is one access. */
static unsigned io_width(const IoRegion *r, uint64_t gpa, uint64_t rest, uint64_t total)
{
    uint64_t room = r->size - (gpa - r->base);
    unsigned width = 8;

    if (total == rest && rest <= 8 && (rest & (rest - 1)) == 0) {
        return rest <= room ? rest : 1;
    }
    while (width > rest || (gpa & (width - 1)) != 0) {
        width /= 2;
    }
    return width <= room ? width : 1;
}

static void io_one(MachineState *ms, const IoRegion *r, uint64_t gpa, uint8_t *buf, unsigned width,
                   Mode mode)
{
    bool locked = !(r->flags & IO_LOCKLESS);
    uint64_t value = 0;

    if (locked) {
        hw_machine_lock(ms);
    }
    if (mode == MODE_READ) {
        value = r->ops->read != NULL ? io_region_read(r, gpa - r->base, width) : 0;
        memcpy(buf, &value, width);
    } else if (r->ops->write != NULL) {
        memcpy(&value, buf, width);
        io_region_write(r, gpa - r->base, value, width);
    }
    if (locked) {
        hw_machine_unlock(ms);
    }
}

static uint64_t copy_ram(const FlatRange *f, uint64_t gpa, uint8_t *buf, uint64_t rest, Mode mode)
{
    uint64_t n = MIN(rest - 1, f->last - gpa) + 1;
    uint8_t *host = f->host + (gpa - f->first);

    if (mode == MODE_READ) {
        memcpy(buf, host, n);
    } else {
        memcpy(host, buf, n);
    }
    return n;
}

/* Nobody's bytes up to the next owner: zeroes. */
static uint64_t skip_hole(MachineState *ms, const MemView *view, uint64_t gpa, uint8_t *buf,
                          uint64_t rest, Mode mode)
{
    guint i = mem_view_find(view, gpa);
    uint64_t n = i < view->n ? MIN(rest, view->range[i].first - gpa) : rest;

    if (mode == MODE_READ) {
        memset(buf, 0, n);
    }
    accel_trace(ms->trace, memory_unassigned, "%s 0x%" G_GINT64_MODIFIER "x size %"
                G_GUINT64_FORMAT, mode == MODE_READ ? "read" : "write", gpa, n);
    return n;
}

static bool reaches_memory(const FlatRange *f, Mode mode)
{
    switch (mode) {
    case MODE_READ:
        return !mem_over_rom(f);
    case MODE_WRITE:
        return !f->readonly;
    default:
        return true;
    }
}

/* One step of a transfer. Returns: bytes done. */
static uint64_t step(MachineState *ms, uint64_t gpa, uint8_t *buf, uint64_t rest, uint64_t total,
                     Mode mode, bool *owned)
{
    const MemView *view = mem_view(ms->mem);
    const FlatRange *f = mem_find(view, gpa);
    unsigned width;

    if (f == NULL) {
        *owned = false;
        return skip_hole(ms, view, gpa, buf, rest, mode);
    }
    if (f->host != NULL && reaches_memory(f, mode)) {
        return copy_ram(f, gpa, buf, rest, mode);
    }
    if (f->io == NULL) {
        return MIN(rest - 1, f->last - gpa) + 1; /* ROM: writes are dropped */
    }
    width = io_width(f->io, gpa, rest, total);
    io_one(ms, f->io, gpa, buf, width, mode);
    return width;
}

/* An address past the top does not wrap: the rest is nobody's. */
static bool transfer(MachineState *ms, uint64_t gpa, uint8_t *buf, uint64_t len, Mode mode)
{
    bool owned = true;
    uint64_t done = 0;

    while (done < len && gpa + done >= gpa) {
        done += step(ms, gpa + done, buf + done, len - done, len, mode, &owned);
    }
    if (done < len) {
        owned = false;
        if (mode == MODE_READ) {
            memset(buf + done, 0, len - done);
        }
    }
    return owned;
}

bool hw_mem_read(MachineState *ms, uint64_t gpa, void *buf, uint64_t len)
{
    return transfer(ms, gpa, buf, len, MODE_READ);
}

bool hw_mem_write(MachineState *ms, uint64_t gpa, const void *buf, uint64_t len)
{
    return transfer(ms, gpa, (uint8_t *)buf, len, MODE_WRITE);
}

bool hw_rom_write(MachineState *ms, uint64_t gpa, const void *buf, uint64_t len)
{
    return transfer(ms, gpa, (uint8_t *)buf, len, MODE_LOAD);
}

/* A region or a block, for the listing. */
typedef struct Listed {
    uint64_t base;
    const IoRegion *io;
    const RamBlock *ram;
} Listed;

static gint by_base(gconstpointer a, gconstpointer b)
{
    const Listed *x = a, *y = b;

    return x->base < y->base ? -1 : x->base > y->base;
}

void hw_mem_foreach(MachineState *ms, HwRegionFn fn, void *opaque)
{
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(Listed));
    AddressMap *map = ms->mem;
    guint i;

    for (i = 0; i < map->ram->len; i++) {
        RamBlock *b = &g_array_index(map->ram, RamBlock, i);
        Listed l = { .base = b->gpa, .ram = b };

        g_array_append_val(list, l);
    }
    for (i = 0; i < map->regions->len; i++) {
        IoRegion *r = g_ptr_array_index(map->regions, i);
        Listed l = { .base = r->base, .io = r };

        g_array_append_val(list, l);
    }
    g_array_sort(list, by_base);
    for (i = 0; i < list->len; i++) {
        Listed *l = &g_array_index(list, Listed, i);

        fn(opaque, l->io, l->ram);
    }
}
