/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A flat binary: its bytes at one address, entered at the first. Without other wishes a boot
 * sector goes to 0x7c00 as a BIOS would do it, anything else to 0x10000, both in real mode. Also
 * here: where the bytes of a -bios file go.
 */
#include "hw/i386/load-internal.h"

#define FLAT_BASE 0x10000u
#define FLAT_BOOT_SECTOR 0x7c00u

#define BIOS_STEP 0x10000u
#define BIOS_MAX (16u << 20)
#define BIOS_ISA_MAX 0x20000u

static uint64_t flat_base(const LoadCtx *ctx)
{
    const ImageSource *src = ctx->src;

    if (ctx->params->flat_gpa) {
        return ctx->params->flat_gpa;
    }
    return src->size == 512 && get_le16(src->data + 510) == 0xaa55 ? FLAT_BOOT_SECTOR : FLAT_BASE;
}

/* Segment and offset so that code linked at 0 works, except for a boot sector: 0000:7c00. */
static bool enter_real_mode(LoadCtx *ctx, uint64_t gpa, GError **err)
{
    BootEntry *entry = &ctx->plan->entry;

    if (gpa + ctx->src->size > LOAD_LOW_MAX || (gpa & 15)) {
        return load_fail(err, HW_IMAGE_ERROR_NO_ROOM,
                         "%zu bytes at 0x%" PRIx64 " are not below 640 KiB on a 16-byte boundary, "
                         "real mode cannot run them", ctx->src->size, gpa);
    }
    entry->mode = BOOT_MODE_16;
    if (gpa < 0x10000) {
        entry->rip = gpa;
        entry->rsp = gpa;
    } else {
        entry->cs = entry->ds = gpa >> 4;
        entry->rsp = 0xfff0;
    }
    return true;
}

static bool refuse_extras(const LoadCtx *ctx, GError **err)
{
    if (ctx->params->n_modules) {
        return load_fail(err, HW_IMAGE_ERROR_UNSUPPORTED, "a flat binary takes no initrd");
    }
    if (ctx->params->cmdline && *ctx->params->cmdline) {
        return load_fail(err, HW_IMAGE_ERROR_UNSUPPORTED, "a flat binary takes no command line");
    }
    return true;
}

bool load_flat(LoadCtx *ctx, GError **err)
{
    ImageSegment s = {
        .filesz = ctx->src->size, .source = ctx->src, .what = "kernel",
        .flags = IMAGE_SEG_R | IMAGE_SEG_W | IMAGE_SEG_X,
    };
    BootMode mode = ctx->params->flat_mode ? ctx->params->flat_mode : BOOT_MODE_16;

    s.gpa = flat_base(ctx);
    if (!refuse_extras(ctx, err) || !load_add_segment(ctx, &s, err)) {
        return false;
    }
    if (mode == BOOT_MODE_16) {
        return enter_real_mode(ctx, s.gpa, err);
    }
    if (mode == BOOT_MODE_32 && s.gpa >= LOAD_4G) {
        return load_fail(err, HW_IMAGE_ERROR_NO_ROOM,
                         "load address 0x%" PRIx64 " is above 4 GiB, 32-bit code cannot run there",
                         s.gpa);
    }
    ctx->plan->entry.rip = s.gpa;
    return load_place_cpu_state(ctx, mode, err);
}

bool image_firmware_layout(const ImageSource *src, FirmwareLayout *layout, GError **err)
{
    if (src->size == 0 || src->size % BIOS_STEP) {
        return load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                         "firmware '%s': the size %zu is not a multiple of 65536 bytes", src->name,
                         src->size);
    }
    if (src->size > BIOS_MAX) {
        return load_fail(err, HW_IMAGE_ERROR_TOO_LARGE,
                         "firmware '%s': %zu bytes are more than %u", src->name, src->size,
                         BIOS_MAX);
    }
    layout->rom_gpa = LOAD_4G - src->size;
    layout->isa_size = MIN(src->size, BIOS_ISA_MAX);
    layout->isa_gpa = 0x100000 - layout->isa_size;
    layout->isa_offset = src->size - layout->isa_size;
    return true;
}
