/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What several protocols need beside the kernel itself: the boot CPU's tables and stack, and the
 * Linux zero page. Called last, when everything that must be reachable through the page tables has
 * its place.
 */
#include "hw/i386/load-internal.h"

static bool place_page_tables(LoadCtx *ctx, GError **err)
{
    uint64_t top = image_plan_top(ctx->plan);
    uint64_t gib = MAX((top + (1 << 30) - 1) >> 30, 4);
    uint64_t gpa;

    if (gib > BOOT_PAGE_TABLES_MAX_GIB) {
        return load_fail(err, HW_IMAGE_ERROR_NO_ROOM,
                         "the image reaches 0x%" PRIx64 ", boot page tables end at 512 GiB", top);
    }
    if (!load_find_low(ctx, "page tables", boot_page_tables_size(gib), LOAD_PAGE, &gpa, err) ||
        !load_add_blob(ctx, "page tables", gpa, boot_page_tables_build(gpa, gib), err)) {
        return false;
    }
    ctx->plan->entry.cr3 = gpa;
    return true;
}

/* A page of zeroes that is only reserved: rsp points to its end. */
static bool place_stack(LoadCtx *ctx, GError **err)
{
    ImageSegment s = { .memsz = LOAD_PAGE, .what = "stack", .flags = IMAGE_SEG_R | IMAGE_SEG_W };

    if (!load_find_low(ctx, s.what, s.memsz, LOAD_PAGE, &s.gpa, err) ||
        !load_add_segment(ctx, &s, err)) {
        return false;
    }
    ctx->plan->entry.rsp = s.gpa + s.memsz;
    return true;
}

bool load_place_cpu_state(LoadCtx *ctx, BootMode mode, GError **err)
{
    BootEntry *entry = &ctx->plan->entry;
    GByteArray *gdt = boot_gdt_build(mode);

    entry->mode = mode;
    entry->cs = BOOT_SEL_CODE;
    entry->ds = BOOT_SEL_DATA;
    entry->gdt_limit = gdt->len - 1;
    return load_place_blob(ctx, "gdt", gdt, 16, &entry->gdt_base, err) &&
           (mode != BOOT_MODE_64 || place_page_tables(ctx, err)) && place_stack(ctx, err);
}

/* Adds a node in front of the list that starts at *@head. */
static bool add_setup_data(LoadCtx *ctx, const char *what, GByteArray *node, uint64_t *head,
                           GError **err)
{
    return load_place_blob(ctx, what, node, 16, head, err);
}

static bool place_setup_data(LoadCtx *ctx, uint64_t *head, GError **err)
{
    const ImageParams *p = ctx->params;
    GByteArray *ext;

    if (p->rng_seed && p->rng_seed_len) {
        GByteArray *seed = boot_setup_data_build(*head, SETUP_DATA_RNG, p->rng_seed,
                                                 p->rng_seed_len);

        if (!add_setup_data(ctx, "setup_data rng seed", seed, head, err)) {
            return false;
        }
        ctx->plan->rng_seed_gpa = *head + 16;
        ctx->plan->rng_seed_len = p->rng_seed_len;
    }
    ext = boot_setup_data_e820(*head, p->e820);
    return !ext || add_setup_data(ctx, "setup_data e820", ext, head, err);
}

bool load_place_boot_params(LoadCtx *ctx, LinuxBootInfo *info, GError **err)
{
    const char *cmdline = ctx->params->cmdline ? ctx->params->cmdline : "";

    info->e820 = ctx->params->e820;
    info->rsdp = ctx->params->rsdp;
    info->cmdline_len = strlen(cmdline);
    return load_place_string(ctx, "cmdline", cmdline, &info->cmdline_gpa, err) &&
           place_setup_data(ctx, &info->setup_data, err) &&
           load_place_blob(ctx, "boot_params", boot_params_build(info), LOAD_PAGE,
                           &ctx->plan->entry.rsi, err);
}
