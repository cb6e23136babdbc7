/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Starting a bzImage without firmware, by its 64-bit entry (kernel + 0x200, page tables of ours) or
 * its 32-bit entry (start of the kernel, paging off). Both get the same zero page. The kernel goes
 * to pref_address when that is RAM (it then need not move itself), a relocatable one to the first
 * fitting place above otherwise; init_size bytes stay free behind it because the kernel unpacks
 * itself there before it reads any memory map.
 */
#include "hw/i386/load-linux.h"

#define ENTRY64 0x200u

static BzImageProtocol choose_protocol(const LinuxHeader *h, const ImageParams *params)
{
    if (params->protocol != BZIMAGE_PROTOCOL_AUTO) {
        return params->protocol;
    }
    if (h->xloadflags & LINUX_XLF_KERNEL_64) {
        return BZIMAGE_PROTOCOL_64;
    }
    /* iPXE has no protected-mode entry and says so with a zero. */
    return h->code32_start ? BZIMAGE_PROTOCOL_32 : BZIMAGE_PROTOCOL_16;
}

static bool check_protocol(const LinuxHeader *h, BzImageProtocol protocol, GError **err)
{
    if (protocol == BZIMAGE_PROTOCOL_64 && !(h->xloadflags & LINUX_XLF_KERNEL_64)) {
        return load_fail(err, HW_IMAGE_ERROR_UNSUPPORTED,
                         "xloadflags 0x%04x (version 0x%04x): the kernel has no 64-bit entry",
                         h->xloadflags, h->version);
    }
    if (protocol == BZIMAGE_PROTOCOL_64 && h->kernel_size <= ENTRY64) {
        return load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                         "the 64-bit entry at 0x%x lies behind the kernel's %" PRIu64 " bytes",
                         ENTRY64, h->kernel_size);
    }
    if (protocol == BZIMAGE_PROTOCOL_32 && h->code32_start == 0) {
        return load_fail(err, HW_IMAGE_ERROR_UNSUPPORTED,
                         "code32_start 0x0: the kernel has no 32-bit entry");
    }
    return true;
}

/* First fit from pref_address on: below it the kernel would move itself up to it anyway. */
static bool find_other_place(const LoadCtx *ctx, const LinuxHeader *h, uint64_t size,
                             uint64_t *gpa, GError **err)
{
    LoadRoom room = {
        .what = "kernel (init_size)", .size = size, .align = h->alignment,
        .min = MAX(h->pref_address, LINUX_KERNEL_BASE), .max = LOAD_4G,
    };

    if (h->min_alignment && (1u << h->min_alignment) < h->alignment &&
        !load_find_room(ctx, &room, gpa, NULL)) {
        room.align = 1u << h->min_alignment;
    }
    return load_find_room(ctx, &room, gpa, err);
}

static bool find_place(const LoadCtx *ctx, const LinuxHeader *h, uint64_t size, uint64_t *gpa,
                       GError **err)
{
    *gpa = h->pref_address ? h->pref_address : LINUX_KERNEL_BASE;
    if (*gpa % h->alignment == 0 && e820_covers(ctx->params->e820, *gpa, size, E820_RAM) &&
        *gpa < LOAD_4G && size <= LOAD_4G - *gpa) {
        return true;
    }
    if (h->relocatable) {
        return find_other_place(ctx, h, size, gpa, err);
    }
    return load_fail(err, HW_IMAGE_ERROR_NO_ROOM,
                     "%s 0x%" PRIx64 ": the kernel needs 0x%" PRIx64 " bytes there (init_size), "
                     "which are not all guest RAM below 4 GiB",
                     h->pref_address ? "pref_address" : "load address", *gpa, size);
}

static bool place_kernel(LoadCtx *ctx, const LinuxHeader *h, uint64_t *gpa, GError **err)
{
    uint64_t size = MAX(h->kernel_size, h->init_size);
    ImageSegment s = {
        .filesz = h->kernel_size, .reserve = size, .source = ctx->src, .offset = h->setup_size,
        .flags = IMAGE_SEG_R | IMAGE_SEG_W | IMAGE_SEG_X, .what = "kernel",
    };

    if (!find_place(ctx, h, size, gpa, err)) {
        return false;
    }
    s.gpa = *gpa;
    return load_add_segment(ctx, &s, err);
}

/* Below initrd_addr_max; only where that fails, and the kernel can, anywhere. */
static bool place_initrd(LoadCtx *ctx, const LinuxHeader *h, LinuxBootInfo *info, GError **err)
{
    const ImageSource *src;

    if (ctx->params->n_modules == 0) {
        return true;
    }
    src = ctx->params->modules[0].source;
    info->initrd_len = src->size;
    if ((h->xloadflags & LINUX_XLF_ABOVE_4G) && ctx->plan->entry.mode == BOOT_MODE_64 &&
        load_place_file(ctx, "initrd", src, LINUX_KERNEL_BASE, linux_initrd_limit(h),
                        &info->initrd_gpa, NULL)) {
        return true;
    }
    return load_place_file(ctx, "initrd", src, LINUX_KERNEL_BASE,
                           (h->xloadflags & LINUX_XLF_ABOVE_4G) &&
                                   ctx->plan->entry.mode == BOOT_MODE_64
                               ? UINT64_MAX : linux_initrd_limit(h),
                           &info->initrd_gpa, err);
}

static bool load_protected(LoadCtx *ctx, const LinuxHeader *h, BootMode mode, GError **err)
{
    LinuxBootInfo info = {
        .header = ctx->src->data + BOOT_PARAMS_HDR, .header_len = h->header_len,
    };
    uint64_t gpa;

    ctx->plan->entry.mode = mode;
    if (!place_kernel(ctx, h, &gpa, err) || !place_initrd(ctx, h, &info, err)) {
        return false;
    }
    info.code32_start = gpa;
    ctx->plan->entry.rip = mode == BOOT_MODE_64 ? gpa + ENTRY64 : gpa;
    return load_place_boot_params(ctx, &info, err) && load_place_cpu_state(ctx, mode, err);
}

/* Real mode: setup code at 64 KiB, command line at 128 KiB, as every BIOS boot loader does. */
static bool place_real_mode(LoadCtx *ctx, const LinuxHeader *h, const LinuxBootInfo *info,
                            GError **err)
{
    const char *text = ctx->params->cmdline ? ctx->params->cmdline : "";
    GByteArray *cmdline = g_byte_array_new();

    bytes_add_data(cmdline, text, strlen(text) + 1);
    return load_add_blob(ctx, "cmdline", LINUX_REAL_CMDLINE, cmdline, err) &&
           load_add_blob(ctx, "setup", LINUX_REAL_BASE,
                         linux_setup_build(ctx->src, h, LINUX_REAL_CMDLINE, info->initrd_gpa,
                                           info->initrd_len), err);
}

static bool load_real(LoadCtx *ctx, const LinuxHeader *h, GError **err)
{
    BootEntry *entry = &ctx->plan->entry;
    LinuxBootInfo info = { 0 };
    ImageSegment s = {
        .gpa = LINUX_KERNEL_BASE, .filesz = h->kernel_size, .reserve = h->kernel_size,
        .source = ctx->src, .offset = h->setup_size, .what = "kernel",
        .flags = IMAGE_SEG_R | IMAGE_SEG_W | IMAGE_SEG_X,
    };

    *entry = (BootEntry){
        .mode = BOOT_MODE_16, .cs = (LINUX_REAL_BASE >> 4) + 0x20, .ds = LINUX_REAL_BASE >> 4,
        .rsp = LINUX_REAL_CMDLINE - LINUX_REAL_BASE - 16,
    };
    if (h->setup_size > LINUX_REAL_CMDLINE - LINUX_REAL_BASE - 0x200) {
        return load_fail(err, HW_IMAGE_ERROR_UNSUPPORTED,
                         "setup_sects: %u bytes of setup code leave no stack below 0x%x",
                         h->setup_size, LINUX_REAL_CMDLINE);
    }
    load_note(ctx, "the kernel is entered in real mode and needs a BIOS");
    return load_add_segment(ctx, &s, err) && place_initrd(ctx, h, &info, err) &&
           place_real_mode(ctx, h, &info, err);
}

bool load_bzimage(LoadCtx *ctx, GError **err)
{
    BzImageProtocol protocol;
    LinuxHeader h;

    if (!linux_header_parse(ctx->src, &h, err) || !linux_check_params(&h, ctx->params, err)) {
        return false;
    }
    protocol = choose_protocol(&h, ctx->params);
    if (!check_protocol(&h, protocol, err)) {
        return false;
    }
    if (protocol == BZIMAGE_PROTOCOL_16) {
        return load_real(ctx, &h, err);
    }
    return load_protected(ctx, &h, protocol == BZIMAGE_PROTOCOL_64 ? BOOT_MODE_64 : BOOT_MODE_32,
                          err);
}
