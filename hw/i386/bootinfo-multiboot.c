/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Multiboot 0.6.96 information structure with its module list and memory map behind it.
 * mem_lower and mem_upper follow the specification: KiB from 0 (at most 640) and KiB from 1 MiB up
 * to the first hole. The boot device is left out: there is no BIOS disk.
 */
#include "hw/i386/boot.h"
#include "hw/i386/load-bytes.h"

#define MB_INFO_SIZE 116
#define MB_MODULE_SIZE 16
#define MB_MAP_SIZE 24

enum {
    MB_MEMORY = 1 << 0,
    MB_CMDLINE = 1 << 2,
    MB_MODS = 1 << 3,
    MB_MMAP = 1 << 6,
    MB_LOADER_NAME = 1 << 9,
};

uint32_t boot_multiboot_size(const MultibootInfo *info)
{
    return MB_INFO_SIZE + info->n_modules * MB_MODULE_SIZE +
           e820_count(info->e820) * MB_MAP_SIZE;
}

/* Bytes of RAM that follow @addr without a hole. */
static uint64_t ram_from(const E820Map *map, uint64_t addr)
{
    for (unsigned i = 0; i < e820_count(map); i++) {
        const E820Entry *e = e820_get(map, i);

        if (e->type == E820_RAM && addr >= e->addr && addr - e->addr < e->size) {
            return e->size - (addr - e->addr);
        }
    }
    return 0;
}

static void fill_info(uint8_t *p, const MultibootInfo *info, uint32_t base)
{
    uint32_t mods = base + MB_INFO_SIZE;
    uint32_t map = mods + info->n_modules * MB_MODULE_SIZE;
    uint64_t lower = MIN(ram_from(info->e820, 0) / 1024, 640);
    uint64_t upper = MIN(ram_from(info->e820, 0x100000) / 1024, UINT32_MAX);

    put_le32(p, MB_MEMORY | MB_MODS | MB_MMAP | (info->cmdline_gpa ? MB_CMDLINE : 0) |
                (info->loader_name_gpa ? MB_LOADER_NAME : 0));
    put_le32(p + 4, lower);
    put_le32(p + 8, upper);
    put_le32(p + 16, info->cmdline_gpa);
    put_le32(p + 20, info->n_modules);
    put_le32(p + 24, info->n_modules ? mods : 0);
    put_le32(p + 44, e820_count(info->e820) * MB_MAP_SIZE);
    put_le32(p + 48, map);
    put_le32(p + 64, info->loader_name_gpa);
}

GByteArray *boot_multiboot_build(const MultibootInfo *info, uint32_t base)
{
    GByteArray *out = bytes_new_zero(MB_INFO_SIZE);

    fill_info(out->data, info, base);
    for (unsigned i = 0; i < info->n_modules; i++) {
        const BootModule *m = &info->modules[i];

        bytes_add(out, m->gpa, 4);
        bytes_add(out, m->gpa + m->size, 4);
        bytes_add(out, m->cmdline_gpa, 4);
        bytes_add(out, 0, 4);
    }
    for (unsigned i = 0; i < e820_count(info->e820); i++) {
        const E820Entry *e = e820_get(info->e820, i);

        bytes_add(out, MB_MAP_SIZE - 4, 4);
        bytes_add(out, e->addr, 8);
        bytes_add(out, e->size, 8);
        bytes_add(out, e->type, 4);
    }
    return out;
}
