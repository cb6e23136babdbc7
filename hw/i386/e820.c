/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The e820 map is a sorted array without overlaps at all times, so that readers (loaders that look
 * for room, builders of guest tables) need no clean-up pass. Two ways in: e820_add() refuses to
 * overlap, because two owners of one address are a bug of the machine; e820_overlay() is for holes,
 * which by nature lie inside RAM. Ends are kept inclusive in the comparisons so that a range may
 * reach the very top of the address space.
 */
#include <inttypes.h>

#include "hw/i386/e820.h"
#include "hw/i386/loader.h"
#include "hw/i386/load-bytes.h"

#define GIB4 (4ULL << 30)

E820Map *e820_new(void)
{
    E820Map *map = g_new0(E820Map, 1);

    map->entries = g_array_new(false, false, sizeof(E820Entry));
    return map;
}

void e820_free(E820Map *map)
{
    if (map) {
        g_array_unref(map->entries);
        g_free(map);
    }
}

unsigned e820_count(const E820Map *map)
{
    return map->entries->len;
}

const E820Entry *e820_get(const E820Map *map, unsigned i)
{
    return &g_array_index(map->entries, E820Entry, i);
}

static bool range_check(uint64_t addr, uint64_t size, GError **err)
{
    if (size == 0 || addr + (size - 1) < addr) {
        g_set_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_RAM_MAP,
                    "e820: the range 0x%" PRIx64 "+0x%" PRIx64
                    " is empty or wraps around", addr, size);
        return false;
    }
    return true;
}

static gint by_address(gconstpointer a, gconstpointer b)
{
    uint64_t x = ((const E820Entry *)a)->addr;
    uint64_t y = ((const E820Entry *)b)->addr;

    return (x > y) - (x < y);
}

/* Merges neighbours of one type that touch. */
static void merge(E820Map *map)
{
    for (unsigned i = 1; i < map->entries->len;) {
        E820Entry *a = &g_array_index(map->entries, E820Entry, i - 1);
        const E820Entry *b = a + 1;

        if (a->type == b->type && a->addr + a->size == b->addr) {
            a->size += b->size;
            g_array_remove_index(map->entries, i);
        } else {
            i++;
        }
    }
}

static void insert(E820Map *map, uint64_t addr, uint64_t size, uint32_t type)
{
    E820Entry entry = { .addr = addr, .size = size, .type = type };

    g_array_append_val(map->entries, entry);
    g_array_sort(map->entries, by_address);
    merge(map);
}

bool e820_add(E820Map *map, uint64_t addr, uint64_t size, E820Type type, GError **err)
{
    if (!range_check(addr, size, err)) {
        return false;
    }
    for (unsigned i = 0; i < e820_count(map); i++) {
        const E820Entry *e = e820_get(map, i);

        if (addr <= e->addr + (e->size - 1) && e->addr <= addr + (size - 1)) {
            g_set_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_RAM_MAP,
                        "e820: 0x%" PRIx64 "+0x%" PRIx64
                        " (type %d) overlaps 0x%" PRIx64 "+0x%" PRIx64
                        " (type %u)", addr, size, type, e->addr, e->size,
                        e->type);
            return false;
        }
    }
    insert(map, addr, size, type);
    return true;
}

/* Takes [first, last] out of @e; what is left is appended to @out. */
static void cut(const E820Entry *e, uint64_t first, uint64_t last, GArray *out)
{
    uint64_t e_last = e->addr + (e->size - 1);
    E820Entry part = *e;

    if (last < e->addr || first > e_last) {
        g_array_append_val(out, part);
        return;
    }
    if (first > e->addr) {
        part.size = first - e->addr;
        g_array_append_val(out, part);
    }
    if (last < e_last) {
        part.addr = last + 1;
        part.size = e_last - last;
        g_array_append_val(out, part);
    }
}

bool e820_overlay(E820Map *map, uint64_t addr, uint64_t size, E820Type type, GError **err)
{
    GArray *rest;

    if (!range_check(addr, size, err)) {
        return false;
    }
    rest = g_array_new(false, false, sizeof(E820Entry));
    for (unsigned i = 0; i < e820_count(map); i++) {
        cut(e820_get(map, i), addr, addr + (size - 1), rest);
    }
    g_array_unref(map->entries);
    map->entries = rest;
    insert(map, addr, size, type);
    return true;
}

/*
 * Without firmware nobody else tells the guest about the first MiB: EBDA (Linux looks for the MP
 * floating pointer there), the VGA window, and the BIOS area where our own tables lie.
 */
static bool cut_bios_holes(E820Map *map, GError **err)
{
    GArray *rest = g_array_new(false, false, sizeof(E820Entry));

    for (unsigned i = 0; i < e820_count(map); i++) {
        cut(e820_get(map, i), 0xa0000, E820_BIOS_BASE - 1, rest);
    }
    g_array_unref(map->entries);
    map->entries = rest;
    return e820_overlay(map, E820_EBDA_BASE, 0xa0000 - E820_EBDA_BASE, E820_RESERVED, err) &&
           e820_overlay(map, E820_BIOS_BASE, 0x100000 - E820_BIOS_BASE, E820_RESERVED, err);
}

E820Map *e820_from_layout(const RamLayout *layout, GError **err)
{
    g_autoptr(E820Map) map = e820_new();
    uint64_t high = layout->above_4g_base ? layout->above_4g_base : GIB4;

    if (layout->below_4g > GIB4 || high < GIB4) {
        g_set_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_RAM_MAP,
                    "e820: low RAM of 0x%" PRIx64 " bytes and high RAM at 0x%"
                    PRIx64 ": the border is 4 GiB", layout->below_4g, high);
        return NULL;
    }
    if (!e820_add(map, 0, layout->below_4g, E820_RAM, err) ||
        (layout->above_4g && !e820_add(map, high, layout->above_4g, E820_RAM, err)) ||
        (layout->kvm_identity && !e820_add(map, E820_KVM_IDENTITY_BASE, E820_KVM_IDENTITY_SIZE,
                                           E820_RESERVED, err)) ||
        (layout->bios_holes && !cut_bios_holes(map, err))) {
        return NULL;
    }
    return g_steal_pointer(&map);
}

bool e820_covers(const E820Map *map, uint64_t addr, uint64_t size, E820Type type)
{
    if (size == 0 || addr + (size - 1) < addr) {
        return false;
    }
    for (unsigned i = 0; i < e820_count(map); i++) {
        const E820Entry *e = e820_get(map, i);

        if (e->type == (uint32_t)type && addr >= e->addr && addr - e->addr < e->size) {
            return size <= e->size - (addr - e->addr);
        }
    }
    return false;
}

GByteArray *e820_to_fw_cfg(const E820Map *map)
{
    GByteArray *out = g_byte_array_new();

    for (unsigned i = 0; i < e820_count(map); i++) {
        const E820Entry *e = e820_get(map, i);

        bytes_add(out, e->addr, 8);
        bytes_add(out, e->size, 8);
        bytes_add(out, e->type, 4);
    }
    return out;
}
