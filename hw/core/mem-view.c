/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Making the flat view of guest-physical memory.
 *
 * Theory of operation: the ends of all regions and RAM blocks cut the address space into elementary
 * stretches; each has one owner (RAM first, then the I/O region of highest priority, the later one
 * among equals); neighbours of one owner are joined. Some dozens of regions at most, so the plain
 * quadratic way is the fast one. A look-up is a binary search.
 */
#include "hw/core/memory-internal.h"

static gint cmp_u64(gconstpointer a, gconstpointer b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* Last address of [base, base + size), clipped at the top. */
static uint64_t last_of(uint64_t base, uint64_t size)
{
    return size - 1 > UINT64_MAX - base ? UINT64_MAX : base + size - 1;
}

static void add_edges(GArray *edges, uint64_t base, uint64_t size)
{
    uint64_t end = last_of(base, size);

    g_array_append_val(edges, base);
    if (end != UINT64_MAX) {
        end++;
        g_array_append_val(edges, end);
    }
}

/* Where owners may change, sorted. */
static GArray *find_edges(const AddressMap *map)
{
    GArray *edges = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    guint i;

    for (i = 0; i < map->ram->len; i++) {
        const RamBlock *b = &g_array_index(map->ram, RamBlock, i);

        add_edges(edges, b->gpa, b->size);
    }
    for (i = 0; i < map->regions->len; i++) {
        const IoRegion *r = g_ptr_array_index(map->regions, i);

        add_edges(edges, r->base, r->size);
    }
    g_array_sort(edges, cmp_u64); /* unlike qsort() it may be given nothing */
    return edges;
}

/* Who owns the stretch that starts at @at? */
static FlatRange owner_of(const AddressMap *map, GPtrArray *sorted, uint64_t at)
{
    FlatRange f = { .first = at };
    guint i;

    for (i = 0; i < map->ram->len; i++) {
        const RamBlock *b = &g_array_index(map->ram, RamBlock, i);

        if (at - b->gpa < b->size && at >= b->gpa) {
            f.host = b->host + (at - b->gpa);
            f.readonly = b->flags & ACCEL_RAM_READONLY;
        }
    }
    for (i = sorted->len; i > 0; i--) {
        const IoRegion *r = g_ptr_array_index(sorted, i - 1);

        if (at >= r->base && at <= last_of(r->base, r->size)) {
            f.io = r;
            break;
        }
    }
    return f;
}

static bool joins(const FlatRange *a, const FlatRange *b)
{
    if (a->last + 1 != b->first || a->io != b->io || a->readonly != b->readonly) {
        return false;
    }
    return a->host == NULL ? b->host == NULL : b->host == a->host + (b->first - a->first);
}

static void append(MemView *view, FlatRange f)
{
    FlatRange *prev = view->n > 0 ? &view->range[view->n - 1] : NULL;

    if (f.host == NULL && f.io == NULL) {
        return;
    }
    if (prev != NULL && joins(prev, &f)) {
        prev->last = f.last;
        return;
    }
    view->range[view->n++] = f;
}

static void *build_view(const AddressMap *map)
{
    g_autoptr(GPtrArray) sorted = address_map_sorted(map);
    g_autoptr(GArray) edges = find_edges(map);
    MemView *view = g_malloc0(sizeof(*view) + edges->len * sizeof(FlatRange));
    guint i;

    for (i = 0; i < edges->len; i++) {
        uint64_t at = g_array_index(edges, uint64_t, i);
        bool is_last = i + 1 == edges->len;
        FlatRange f;

        if (!is_last && g_array_index(edges, uint64_t, i + 1) == at) {
            continue;
        }
        f = owner_of(map, sorted, at);
        f.last = is_last ? UINT64_MAX : g_array_index(edges, uint64_t, i + 1) - 1;
        append(view, f);
    }
    return view;
}

guint mem_view_find(const MemView *view, uint64_t gpa)
{
    guint lo = 0, hi = view->n;

    while (lo < hi) {
        guint mid = lo + (hi - lo) / 2;

        if (view->range[mid].last < gpa) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

AddressMap *address_map_new_mem(void)
{
    AddressMap *map = g_new0(AddressMap, 1);

    g_mutex_init(&map->lock);
    map->regions = g_ptr_array_new();
    map->ram = g_array_new(FALSE, FALSE, sizeof(RamBlock));
    map->build = build_view;
    map->free_view = g_free;
    return map;
}
