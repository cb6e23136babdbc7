/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: address maps and their snapshots.
 *
 * Theory of operation: a map keeps the list of what was added. Readers never look at that list but at
 * a view: an immutable table made from it. A writer changes the list under the map's own lock and
 * takes the view away; the next reader makes a new one (so that a board which adds forty regions
 * pays for one view). Views that a vCPU may still be looking at are retired, not freed, until no
 * vCPU runs (address_map_reclaim()).
 */
#ifndef HW_MEMORY_INTERNAL_H
#define HW_MEMORY_INTERNAL_H

#include "hw/machine.h"

/* One stretch of addresses that has one owner. RAM wins over I/O: the guest reaches it directly. */
typedef struct FlatRange {
    uint64_t first, last;     /* inclusive */
    uint8_t *host;            /* host address of @first; NULL: I/O */
    const IoRegion *io;       /* for ROM: gets the guest's writes; may be NULL then */
    bool readonly;
} FlatRange;

typedef struct MemView {
    guint n;
    FlatRange range[];        /* sorted */
} MemView;

#define PORT_PAGES 256
#define PORT_PAGE_SIZE 256

typedef struct PortView {
    const IoRegion *const *page[PORT_PAGES];
} PortView;

struct AddressMap {
    GMutex lock;              /* the lists and the making of views */
    GPtrArray *regions;       /* const IoRegion *, in order of adding */
    GArray *ram;              /* RamBlock sorted by gpa; memory only */
    GArray *allocs;           /* HostAlloc; memory only */
    void *view;               /* atomic; NULL: stale */
    GSList *retired;
    void *(*build)(const AddressMap *map);
    void (*free_view)(void *view);
};

typedef struct HostAlloc {
    void *ptr;                /* NULL: the owner's own mapping */
    size_t size;
    HwObject *owner;          /* referenced: memory backend that this is lent from; NULL: none */
} HostAlloc;

AddressMap *address_map_new_mem(void);
AddressMap *address_map_new_ports(void);
void address_map_free(AddressMap *map);
void address_map_add(AddressMap *map, const IoRegion *region);
void address_map_remove(AddressMap *map, const IoRegion *region);
/** address_map_stale: the lists changed. Map lock held. */
void address_map_stale(AddressMap *map);
/** address_map_reclaim: free retired views; nobody may be inside an access. */
void address_map_reclaim(AddressMap *map);
void *address_map_rebuild(AddressMap *map);
/** address_map_sorted: the regions, weakest first. (transfer full) */
GPtrArray *address_map_sorted(const AddressMap *map);

static inline const MemView *mem_view(AddressMap *map)
{
    void *view = g_atomic_pointer_get(&map->view);

    return G_LIKELY(view != NULL) ? view : address_map_rebuild(map);
}

static inline const IoRegion *port_find(AddressMap *map, uint16_t port)
{
    const PortView *view = g_atomic_pointer_get(&map->view);

    if (G_UNLIKELY(view == NULL)) {
        view = address_map_rebuild(map);
    }
    return view->page[port >> 8][port & 0xff];
}

/** mem_view_find: index of the first range that ends at or after @gpa (n: none). */
guint mem_view_find(const MemView *view, uint64_t gpa);

static inline const FlatRange *mem_find(const MemView *view, uint64_t gpa)
{
    guint i = mem_view_find(view, gpa);

    return i < view->n && view->range[i].first <= gpa ? &view->range[i] : NULL;
}

/** mem_over_rom: is this ROM whose reads its region answers for now? */
static inline bool mem_over_rom(const FlatRange *f)
{
    return f->io != NULL && (g_atomic_int_get(&f->io->flags) & IO_OVER_ROM) != 0;
}

gboolean hw_ram_map_all(MachineState *ms, GError **errp);
void hw_ram_free_all(AddressMap *map);

/* One access to one region; @offset + @size within it, @size 1, 2, 4 or 8. Region's lock not taken. */
uint64_t io_region_read(const IoRegion *r, uint64_t offset, unsigned size);
void io_region_write(const IoRegion *r, uint64_t offset, uint64_t value, unsigned size);

static inline uint64_t io_mask(unsigned size)
{
    return size >= 8 ? UINT64_MAX : (1ULL << (size * 8)) - 1;
}

/* May the device be called with this access as it is? */
static inline bool io_direct(const IoRegion *r, uint64_t offset, unsigned size)
{
    unsigned min = r->ops->min_size ? r->ops->min_size : 1;
    unsigned max = r->ops->max_size ? r->ops->max_size : 4;

    return size >= min && size <= max && offset + size <= r->size;
}

#endif
