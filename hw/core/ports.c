/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * I/O ports.
 *
 * Theory of operation: a view is a table of 256 pages of 256 owners; pages without an owner are one
 * shared constant. A look-up is two loads. What nobody owns reads as all ones, byte by byte.
 */
#include <string.h>
#include "hw/core/memory-internal.h"

static const IoRegion *const empty_page[PORT_PAGE_SIZE];

static const IoRegion **own_page(PortView *view, unsigned n)
{
    if (view->page[n] == empty_page) {
        view->page[n] = g_new0(const IoRegion *, PORT_PAGE_SIZE);
    }
    return (const IoRegion **)view->page[n];
}

static void *build_view(const AddressMap *map)
{
    g_autoptr(GPtrArray) sorted = address_map_sorted(map);
    PortView *view = g_new(PortView, 1);
    uint64_t port, end;
    guint i;

    for (i = 0; i < PORT_PAGES; i++) {
        view->page[i] = empty_page;
    }
    for (i = 0; i < sorted->len; i++) {
        const IoRegion *r = g_ptr_array_index(sorted, i);

        end = MIN(r->base + MIN(r->size, 0x10000), 0x10000);
        for (port = r->base; port < end; port++) {
            own_page(view, port >> 8)[port & 0xff] = r;
        }
    }
    return view;
}

static void free_view(void *opaque)
{
    PortView *view = opaque;
    guint i;

    for (i = 0; i < PORT_PAGES; i++) {
        if (view->page[i] != empty_page) {
            g_free((void *)view->page[i]);
        }
    }
    g_free(view);
}

AddressMap *address_map_new_ports(void)
{
    AddressMap *map = g_new0(AddressMap, 1);

    g_mutex_init(&map->lock);
    map->regions = g_ptr_array_new();
    map->build = build_view;
    map->free_view = free_view;
    return map;
}

static inline void region_lock(MachineState *ms, const IoRegion *r)
{
    if (!(r->flags & IO_LOCKLESS)) {
        hw_machine_lock(ms);
    }
}

static inline void region_unlock(MachineState *ms, const IoRegion *r)
{
    if (!(r->flags & IO_LOCKLESS)) {
        hw_machine_unlock(ms);
    }
}

static void trace_unassigned(MachineState *ms, uint16_t port, unsigned size, const char *what)
{
    accel_trace(ms->trace, port_unassigned, "%s port 0x%04x size %u", what, port, size);
}

/* Bytes that do not belong to one region: each is looked up. */
static uint32_t read_bytes(MachineState *ms, uint16_t port, unsigned size)
{
    uint32_t value = 0;
    unsigned i;

    for (i = 0; i < size; i++) {
        uint32_t byte = port + i <= 0xffff ? hw_port_read(ms, port + i, 1) : 0xff;

        value |= byte << (8 * i);
    }
    return value;
}

static void write_bytes(MachineState *ms, uint16_t port, uint32_t value, unsigned size)
{
    unsigned i;

    for (i = 0; i < size && port + i <= 0xffff; i++) {
        hw_port_write(ms, port + i, (value >> (8 * i)) & 0xff, 1);
    }
}

uint32_t hw_port_read(MachineState *ms, uint16_t port, unsigned size)
{
    const IoRegion *r = port_find(ms->ports, port);
    uint32_t value;

    if (r == NULL || r->ops->read == NULL || port - r->base + size > r->size) {
        if (size > 1) {
            return read_bytes(ms, port, size);
        }
        trace_unassigned(ms, port, size, "read");
        return 0xff;
    }
    region_lock(ms, r);
    value = io_region_read(r, port - r->base, size);
    region_unlock(ms, r);
    return value;
}

void hw_port_write(MachineState *ms, uint16_t port, uint32_t value, unsigned size)
{
    const IoRegion *r = port_find(ms->ports, port);

    if (r == NULL || r->ops->write == NULL || port - r->base + size > r->size) {
        if (size > 1) {
            write_bytes(ms, port, value, size);
        } else {
            trace_unassigned(ms, port, size, "write");
        }
        return;
    }
    region_lock(ms, r);
    io_region_write(r, port - r->base, value & io_mask(size), size);
    region_unlock(ms, r);
}

static gint by_base(gconstpointer a, gconstpointer b)
{
    const IoRegion *ra = *(IoRegion *const *)a, *rb = *(IoRegion *const *)b;

    return ra->base < rb->base ? -1 : ra->base > rb->base;
}

void hw_port_foreach(MachineState *ms, HwRegionFn fn, void *opaque)
{
    g_autoptr(GPtrArray) list = address_map_sorted(ms->ports);
    guint i;

    g_ptr_array_sort(list, by_base);
    for (i = 0; i < list->len; i++) {
        fn(opaque, g_ptr_array_index(list, i), NULL);
    }
}
