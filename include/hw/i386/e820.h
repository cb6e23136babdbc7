/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: the firmware memory map (ACPI 6.3 section 15, "E820"). One map is built from the RAM
 * layout of the machine; the Linux zero page, the PVH start info, multiboot's mmap and the fw_cfg
 * item etc/e820 are all written from it.
 */
#ifndef HW_I386_E820_H
#define HW_I386_E820_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum E820Type {
    E820_RAM = 1,
    E820_RESERVED = 2,
    E820_ACPI = 3,
    E820_NVS = 4,
    E820_UNUSABLE = 5,
    E820_PMEM = 7,
} E820Type;

/* As it travels in etc/e820 and in the zero page: 20 bytes, no padding. */
typedef struct __attribute__((packed)) E820Entry {
    uint64_t addr;
    uint64_t size;
    uint32_t type;
} E820Entry;

G_STATIC_ASSERT(sizeof(E820Entry) == 20);

/* Sorted by address, no two entries overlap, equal neighbours are merged. */
typedef struct E820Map {
    GArray *entries; /* of E820Entry */
} E820Map;

/* KVM's identity-map page and the three TSS pages that emulated real mode needs (QEMU's place). */
#define E820_KVM_IDENTITY_BASE 0xfeffc000ULL
#define E820_KVM_IDENTITY_SIZE 0x4000ULL

#define E820_EBDA_BASE 0x9fc00ULL
#define E820_BIOS_BASE 0xe0000ULL

typedef struct RamLayout {
    uint64_t below_4g;      /* bytes of RAM from address 0 */
    uint64_t above_4g;      /* bytes of RAM from above_4g_base */
    uint64_t above_4g_base; /* 0 means 4 GiB */
    bool bios_holes;        /* no firmware will do it: cut out EBDA, 0xa0000 and 0xe0000..1 MiB */
    bool kvm_identity;      /* reserve KVM's pages below 4 GiB */
} RamLayout;

/** e820_new: an empty map, freed with e820_free(). */
E820Map *e820_new(void);
void e820_free(E820Map *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(E820Map, e820_free)

/**
 * e820_add: adds [addr, addr + size) bytes. Fails (HW_IMAGE_ERROR_RAM_MAP) where the range is
 * empty, wraps around or overlaps an entry that is already there; the map is then unchanged.
 */
bool e820_add(E820Map *map, uint64_t addr, uint64_t size, E820Type type, GError **err);

/**
 * e820_overlay: gives [addr, addr + size) the type @type, whatever was there before: entries are
 * cut and split as needed.
 */
bool e820_overlay(E820Map *map, uint64_t addr, uint64_t size, E820Type type, GError **err);

/** e820_from_layout: the map of a machine; NULL with @err where the layout contradicts itself. */
E820Map *e820_from_layout(const RamLayout *layout, GError **err);

unsigned e820_count(const E820Map *map);
/** e820_get: entry @i in address order; @i below e820_count(). */
const E820Entry *e820_get(const E820Map *map, unsigned i);

/** e820_covers: is every byte of [addr, addr + size) of type @type? An empty range is not. */
bool e820_covers(const E820Map *map, uint64_t addr, uint64_t size, E820Type type);

/** e820_to_fw_cfg: the content of the fw_cfg file etc/e820; the caller frees it. */
GByteArray *e820_to_fw_cfg(const E820Map *map);

#endif
