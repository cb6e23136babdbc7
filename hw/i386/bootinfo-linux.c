/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Linux zero page (struct boot_params) and its setup_data list, from the kernel's
 * Documentation/arch/x86/boot.rst and zero-page.rst. The page starts out zeroed: fields that
 * only a BIOS start could fill (EDD, APM, the screen) then say "not there", and `sentinel` being
 * zero tells the kernel that the page was prepared by a loader that knows the protocol.
 * screen_info stays zero on purpose: without a VGA adapter any other content makes Linux drive
 * one.
 */
#include "hw/i386/boot.h"
#include "hw/i386/load-bytes.h"

enum {
    BP_ACPI_RSDP = 0x070,
    BP_EXT_RAMDISK_IMAGE = 0x0c0,
    BP_EXT_RAMDISK_SIZE = 0x0c4,
    BP_EXT_CMD_LINE = 0x0c8,
    BP_E820_ENTRIES = 0x1e8,
    BP_VID_MODE = 0x1fa,
    BP_BOOT_FLAG = 0x1fe,
    BP_HEADER = 0x202,
    BP_VERSION = 0x206,
    BP_TYPE_OF_LOADER = 0x210,
    BP_LOADFLAGS = 0x211,
    BP_CODE32_START = 0x214,
    BP_RAMDISK_IMAGE = 0x218,
    BP_RAMDISK_SIZE = 0x21c,
    BP_CMD_LINE_PTR = 0x228,
    BP_INITRD_ADDR_MAX = 0x22c,
    BP_KERNEL_ALIGNMENT = 0x230,
    BP_CMDLINE_SIZE = 0x238,
    BP_SETUP_DATA = 0x250,
    BP_EDD_BUFFER = 0x290, /* the setup header may reach up to here */
    BP_E820_TABLE = 0x2d0,
};

/* A vmlinux brings no header of its own: what the kernel reads of one is made up here. */
static void fill_bare_header(uint8_t *bp, const LinuxBootInfo *info)
{
    put_le16(bp + BP_BOOT_FLAG, 0xaa55);
    memcpy(bp + BP_HEADER, "HdrS", 4);
    put_le16(bp + BP_VERSION, 0x020c);
    bp[BP_LOADFLAGS] = 1;
    put_le32(bp + BP_INITRD_ADDR_MAX, 0x7fffffff);
    put_le32(bp + BP_KERNEL_ALIGNMENT, info->kernel_alignment);
    put_le32(bp + BP_CMDLINE_SIZE, info->cmdline_len);
}

static void fill_e820(uint8_t *bp, const E820Map *map)
{
    unsigned n = MIN(e820_count(map), E820_ZERO_PAGE_MAX);

    bp[BP_E820_ENTRIES] = n;
    for (unsigned i = 0; i < n; i++) {
        const E820Entry *e = e820_get(map, i);
        uint8_t *p = bp + BP_E820_TABLE + i * sizeof *e;

        put_le64(p, e->addr);
        put_le64(p + 8, e->size);
        put_le32(p + 16, e->type);
    }
}

static void fill_addresses(uint8_t *bp, const LinuxBootInfo *info)
{
    put_le64(bp + BP_ACPI_RSDP, info->rsdp);
    put_le32(bp + BP_RAMDISK_IMAGE, info->initrd_gpa);
    put_le32(bp + BP_EXT_RAMDISK_IMAGE, info->initrd_gpa >> 32);
    put_le32(bp + BP_RAMDISK_SIZE, info->initrd_len);
    put_le32(bp + BP_EXT_RAMDISK_SIZE, info->initrd_len >> 32);
    put_le32(bp + BP_CMD_LINE_PTR, info->cmdline_gpa);
    put_le32(bp + BP_EXT_CMD_LINE, info->cmdline_gpa >> 32);
}

GByteArray *boot_params_build(const LinuxBootInfo *info)
{
    GByteArray *page = bytes_new_zero(BOOT_PARAMS_SIZE);
    uint8_t *bp = page->data;
    uint16_t version;

    if (info->header) {
        memcpy(bp + BOOT_PARAMS_HDR, info->header,
               MIN(info->header_len, (size_t)(BP_EDD_BUFFER - BOOT_PARAMS_HDR)));
    } else {
        fill_bare_header(bp, info);
    }
    version = get_le16(bp + BP_VERSION);
    put_le16(bp + BP_VID_MODE, 0xffff); /* "normal" */
    bp[BP_TYPE_OF_LOADER] = 0xff;       /* no assigned number */
    put_le32(bp + BP_CODE32_START, info->code32_start);
    fill_addresses(bp, info);
    if (version >= 0x0209) {
        put_le64(bp + BP_SETUP_DATA, info->setup_data);
    }
    fill_e820(bp, info->e820);
    return page;
}

GByteArray *boot_setup_data_build(uint64_t next, uint32_t type, const void *data, uint32_t len)
{
    GByteArray *node = g_byte_array_sized_new(16 + len);

    bytes_add(node, next, 8);
    bytes_add(node, type, 4);
    bytes_add(node, len, 4);
    bytes_add_data(node, data, len);
    return node;
}

GByteArray *boot_setup_data_e820(uint64_t next, const E820Map *map)
{
    g_autoptr(GByteArray) all = NULL;
    unsigned skip = E820_ZERO_PAGE_MAX * sizeof(E820Entry);

    if (e820_count(map) <= E820_ZERO_PAGE_MAX) {
        return NULL;
    }
    all = e820_to_fw_cfg(map);
    return boot_setup_data_build(next, SETUP_DATA_E820EXT, all->data + skip, all->len - skip);
}
