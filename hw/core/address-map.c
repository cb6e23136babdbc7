/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The list side of an address map. See memory-internal.h for the theory of operation.
 */
#include "hw/core/memory-internal.h"

void address_map_free(AddressMap *map)
{
    if (map == NULL) {
        return;
    }
    address_map_stale(map);
    address_map_reclaim(map);
    g_clear_pointer(&map->regions, g_ptr_array_unref);
    g_clear_pointer(&map->ram, g_array_unref);
    g_clear_pointer(&map->allocs, g_array_unref);
    g_mutex_clear(&map->lock);
    g_free(map);
}

void address_map_stale(AddressMap *map)
{
    void *view = g_atomic_pointer_exchange(&map->view, NULL);

    if (view != NULL) {
        map->retired = g_slist_prepend(map->retired, view);
    }
}

void address_map_reclaim(AddressMap *map)
{
    g_mutex_lock(&map->lock);
    g_slist_free_full(g_steal_pointer(&map->retired), map->free_view);
    g_mutex_unlock(&map->lock);
}

void *address_map_rebuild(AddressMap *map)
{
    void *view;

    g_mutex_lock(&map->lock);
    view = g_atomic_pointer_get(&map->view);
    if (view == NULL) {
        view = map->build(map);
        g_atomic_pointer_set(&map->view, view);
    }
    g_mutex_unlock(&map->lock);
    return view;
}

void address_map_add(AddressMap *map, const IoRegion *region)
{
    g_return_if_fail(region->size > 0 && region->ops != NULL);
    g_mutex_lock(&map->lock);
    g_ptr_array_add(map->regions, (gpointer)region);
    address_map_stale(map);
    g_mutex_unlock(&map->lock);
}

void address_map_remove(AddressMap *map, const IoRegion *region)
{
    g_mutex_lock(&map->lock);
    if (g_ptr_array_remove(map->regions, (gpointer)region)) {
        address_map_stale(map);
    }
    g_mutex_unlock(&map->lock);
}

/* Insertion sort: stable, so that later wins among equals, and the list is short. */
GPtrArray *address_map_sorted(const AddressMap *map)
{
    GPtrArray *list = g_ptr_array_sized_new(map->regions->len);
    guint i, at;

    for (i = 0; i < map->regions->len; i++) {
        IoRegion *r = g_ptr_array_index(map->regions, i);

        for (at = list->len; at > 0; at--) {
            const IoRegion *before = g_ptr_array_index(list, at - 1);

            if (before->priority <= r->priority) {
                break;
            }
        }
        g_ptr_array_insert(list, at, r);
    }
    return list;
}

void hw_port_add(MachineState *ms, IoRegion *region)
{
    address_map_add(ms->ports, region);
}

void hw_port_remove(MachineState *ms, IoRegion *region)
{
    address_map_remove(ms->ports, region);
}

void hw_mmio_add(MachineState *ms, IoRegion *region)
{
    address_map_add(ms->mem, region);
}

void hw_mmio_remove(MachineState *ms, IoRegion *region)
{
    address_map_remove(ms->mem, region);
}
