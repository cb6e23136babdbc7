/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The PVH start of day structure, hvm_start_info version 1 (Xen's public interface,
 * arch-x86/hvm/start_info.h): 56 bytes, then the module list (32 bytes each), then the memory map
 * (24 bytes each), all in one block.
 */
#include "hw/i386/boot.h"
#include "hw/i386/load-bytes.h"

#define PVH_MAGIC 0x336ec578u
#define PVH_INFO_SIZE 56
#define PVH_MODULE_SIZE 32
#define PVH_MAP_SIZE 24

uint32_t boot_pvh_size(const PvhStartInfo *info)
{
    return PVH_INFO_SIZE + info->n_modules * PVH_MODULE_SIZE +
           e820_count(info->e820) * PVH_MAP_SIZE;
}

static void add_start_info(GByteArray *out, const PvhStartInfo *info, uint64_t base)
{
    uint64_t modules = base + PVH_INFO_SIZE;
    uint64_t map = modules + info->n_modules * PVH_MODULE_SIZE;

    bytes_add(out, PVH_MAGIC, 4);
    bytes_add(out, 1, 4); /* version */
    bytes_add(out, 0, 4); /* flags: not the initial domain */
    bytes_add(out, info->n_modules, 4);
    bytes_add(out, info->n_modules ? modules : 0, 8);
    bytes_add(out, info->cmdline_gpa, 8);
    bytes_add(out, info->rsdp, 8);
    bytes_add(out, map, 8);
    bytes_add(out, e820_count(info->e820), 4);
    bytes_add(out, 0, 4);
}

GByteArray *boot_pvh_build(const PvhStartInfo *info, uint64_t base)
{
    GByteArray *out = g_byte_array_sized_new(boot_pvh_size(info));

    add_start_info(out, info, base);
    for (unsigned i = 0; i < info->n_modules; i++) {
        bytes_add(out, info->modules[i].gpa, 8);
        bytes_add(out, info->modules[i].size, 8);
        bytes_add(out, info->modules[i].cmdline_gpa, 8);
        bytes_add(out, 0, 8);
    }
    for (unsigned i = 0; i < e820_count(info->e820); i++) {
        const E820Entry *e = e820_get(info->e820, i);

        bytes_add(out, e->addr, 8);
        bytes_add(out, e->size, 8);
        bytes_add(out, e->type, 4);
        bytes_add(out, 0, 4);
    }
    return out;
}
