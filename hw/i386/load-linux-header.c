/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading the setup header of a bzImage (Linux Documentation/arch/x86/boot.rst). The header grew
 * with the protocol version and nothing marks where an old one ends: kernels put whatever they like
 * behind it (iPXE its version string), so a field is only read when the version has it.
 */
#include "hw/i386/load-linux.h"

enum {
    H_SETUP_SECTS = 0x1f1,
    H_SYSSIZE = 0x1f4,
    H_BOOT_FLAG = 0x1fe,
    H_JUMP = 0x200,
    H_MAGIC = 0x202,
    H_VERSION = 0x206,
    H_TYPE_OF_LOADER = 0x210,
    H_LOADFLAGS = 0x211,
    H_CODE32_START = 0x214,
    H_RAMDISK_IMAGE = 0x218,
    H_RAMDISK_SIZE = 0x21c,
    H_HEAP_END_PTR = 0x224,
    H_CMD_LINE_PTR = 0x228,
    H_INITRD_ADDR_MAX = 0x22c,
    H_KERNEL_ALIGNMENT = 0x230,
    H_RELOCATABLE = 0x234,
    H_MIN_ALIGNMENT = 0x235,
    H_XLOADFLAGS = 0x236,
    H_CMDLINE_SIZE = 0x238,
    H_PAYLOAD_OFFSET = 0x248,
    H_PAYLOAD_LENGTH = 0x24c,
    H_PREF_ADDRESS = 0x258,
    H_INIT_SIZE = 0x260,
    H_END_MAX = 0x290, /* the zero page has room for a header up to here */
};

static bool malformed(GError **err, const char *field, uint64_t value, const char *why,
                      uint64_t have, uint64_t limit)
{
    return load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                     "%s 0x%" PRIx64 " %s (%" PRIu64 " > %" PRIu64 " bytes)", field, value, why,
                     have, limit);
}

/* Where the header, the setup code and the kernel end. */
static bool parse_sizes(const ImageSource *src, LinuxHeader *h, GError **err)
{
    const uint8_t *d = src->data;
    unsigned sects = d[H_SETUP_SECTS] ? d[H_SETUP_SECTS] : 4;
    unsigned end = H_MAGIC + d[H_JUMP + 1];

    h->setup_size = (sects + 1) * 512;
    if (h->setup_size >= src->size) {
        return malformed(err, "setup_sects", d[H_SETUP_SECTS],
                         "reaches past the end of the file", h->setup_size, src->size);
    }
    if (d[H_JUMP] != 0xeb || end > H_END_MAX || end > h->setup_size) {
        return load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                         "jump 0x%04x does not name the end of a setup header (0x%x..0x%x)",
                         get_le16(d + H_JUMP), H_CODE32_START, H_END_MAX);
    }
    h->header_len = end - BOOT_PARAMS_HDR;
    h->kernel_size = src->size - h->setup_size;
    return true;
}

/* syssize counts 16-byte units; some kernels (iPXE) end inside the last one. */
static bool check_payload(const ImageSource *src, const LinuxHeader *h, GError **err)
{
    const uint8_t *d = src->data;
    uint64_t sys = (uint64_t)get_le32(d + H_SYSSIZE) * 16;
    uint64_t off, len;

    if (h->version >= 0x0204 && sys > align_up64(h->kernel_size, 16)) {
        return malformed(err, "syssize", get_le32(d + H_SYSSIZE),
                         "reaches past the end of the file", sys, h->kernel_size);
    }
    if (h->version < 0x0208) {
        return true;
    }
    off = get_le32(d + H_PAYLOAD_OFFSET);
    len = get_le32(d + H_PAYLOAD_LENGTH);
    if (!range_in_file(off, len, h->kernel_size)) {
        return malformed(err, len > h->kernel_size ? "payload_length" : "payload_offset",
                         len > h->kernel_size ? len : off, "reaches past the end of the file",
                         off + len, h->kernel_size);
    }
    return true;
}

static void parse_limits(const uint8_t *d, LinuxHeader *h)
{
    h->loadflags = d[H_LOADFLAGS];
    h->code32_start = get_le32(d + H_CODE32_START);
    h->initrd_addr_max = h->version >= 0x0203 ? get_le32(d + H_INITRD_ADDR_MAX) : 0x37ffffff;
    h->cmdline_size = h->version >= 0x0206 ? get_le32(d + H_CMDLINE_SIZE) : 255;
    h->xloadflags = h->version >= 0x020c ? get_le16(d + H_XLOADFLAGS) : 0;
}

static void parse_placement(const uint8_t *d, LinuxHeader *h)
{
    h->alignment = 1;
    if (h->version >= 0x0205) {
        h->relocatable = d[H_RELOCATABLE] != 0;
        h->alignment = get_le32(d + H_KERNEL_ALIGNMENT);
    }
    if (h->version >= 0x020a) {
        h->min_alignment = d[H_MIN_ALIGNMENT];
        h->pref_address = get_le64(d + H_PREF_ADDRESS);
        h->init_size = get_le32(d + H_INIT_SIZE);
    }
}

static bool check_placement(LinuxHeader *h, GError **err)
{
    if (!h->relocatable) {
        h->alignment = 1;
        return true;
    }
    if (h->alignment == 0 || (h->alignment & (h->alignment - 1))) {
        return load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                         "kernel_alignment 0x%x is not a power of two", h->alignment);
    }
    if (h->min_alignment > 31) {
        return load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                         "min_alignment 0x%x is more than 31", h->min_alignment);
    }
    return true;
}

static bool check_kind(const ImageSource *src, const LinuxHeader *h, GError **err)
{
    if (get_le16(src->data + H_BOOT_FLAG) != 0xaa55) {
        return load_fail(err, HW_IMAGE_ERROR_MALFORMED, "boot_flag 0x%04x is not 0xaa55",
                         get_le16(src->data + H_BOOT_FLAG));
    }
    if (h->version < 0x0202) {
        return load_fail(err, HW_IMAGE_ERROR_UNSUPPORTED,
                         "version 0x%04x: boot protocol 2.02 or later is needed", h->version);
    }
    if (!(src->data[H_LOADFLAGS] & LINUX_LOADED_HIGH)) {
        return load_fail(err, HW_IMAGE_ERROR_UNSUPPORTED,
                         "loadflags 0x%02x: LOADED_HIGH is clear (a zImage)",
                         src->data[H_LOADFLAGS]);
    }
    return true;
}

bool linux_header_parse(const ImageSource *src, LinuxHeader *h, GError **err)
{
    *h = (LinuxHeader){ 0 };
    if (src->size < 1024) {
        return load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                         "the file has %zu bytes, a setup header needs 1024", src->size);
    }
    h->version = get_le16(src->data + H_VERSION);
    if (!check_kind(src, h, err) || !parse_sizes(src, h, err) || !check_payload(src, h, err)) {
        return false;
    }
    parse_limits(src->data, h);
    parse_placement(src->data, h);
    return check_placement(h, err);
}

bool linux_check_params(const LinuxHeader *h, const ImageParams *params, GError **err)
{
    size_t len = params->cmdline ? strlen(params->cmdline) : 0;

    if (len > h->cmdline_size) {
        return load_fail(err, HW_IMAGE_ERROR_UNSUPPORTED,
                         "cmdline_size 0x%x: the command line of %zu bytes is longer than %u",
                         h->cmdline_size, len, h->cmdline_size);
    }
    if (params->n_modules > 1) {
        return load_fail(err, HW_IMAGE_ERROR_UNSUPPORTED, "%u initrds given, Linux takes one",
                         params->n_modules);
    }
    return true;
}

uint64_t linux_initrd_limit(const LinuxHeader *h)
{
    return (uint64_t)h->initrd_addr_max + 1;
}

GByteArray *linux_setup_build(const ImageSource *src, const LinuxHeader *h, uint32_t cmdline_gpa,
                              uint32_t initrd_gpa, uint32_t initrd_len)
{
    GByteArray *setup = g_byte_array_sized_new(h->setup_size);
    uint8_t *d;

    bytes_add_data(setup, src->data, h->setup_size);
    d = setup->data;
    d[H_TYPE_OF_LOADER] = 0xff;
    d[H_LOADFLAGS] |= LINUX_CAN_USE_HEAP;
    put_le16(d + H_HEAP_END_PTR, LINUX_REAL_CMDLINE - LINUX_REAL_BASE - 0x200);
    put_le32(d + H_RAMDISK_IMAGE, initrd_gpa);
    put_le32(d + H_RAMDISK_SIZE, initrd_len);
    put_le32(d + H_CMD_LINE_PTR, cmdline_gpa);
    return setup;
}
