/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two ways to start an ELF kernel. PVH: at the address in its note, 32-bit, ebx = start info.
 * Plain: at e_entry in the file's own mode with rsi = a Linux zero page, which is what an
 * uncompressed Linux expects there and what others ignore.
 */
#include "hw/i386/load-internal.h"

static bool place_pvh_modules(LoadCtx *ctx, BootModule *out, GError **err)
{
    for (unsigned i = 0; i < ctx->params->n_modules; i++) {
        const ImageModule *m = &ctx->params->modules[i];

        out[i].size = m->source->size;
        if (!load_place_file(ctx, "initrd", m->source, 0x100000, LOAD_4G, &out[i].gpa, err) ||
            !load_place_string(ctx, "module cmdline", m->cmdline, &out[i].cmdline_gpa, err)) {
            return false;
        }
    }
    return true;
}

static bool place_start_info(LoadCtx *ctx, const BootModule *modules, GError **err)
{
    PvhStartInfo info = {
        .e820 = ctx->params->e820, .rsdp = ctx->params->rsdp, .modules = modules,
        .n_modules = ctx->params->n_modules,
    };
    uint64_t gpa;

    if (!load_place_string(ctx, "cmdline", ctx->params->cmdline ? ctx->params->cmdline : "",
                           &info.cmdline_gpa, err) ||
        !load_find_low(ctx, "start info", boot_pvh_size(&info), LOAD_PAGE, &gpa, err)) {
        return false;
    }
    ctx->plan->entry.rbx = gpa;
    return load_add_blob(ctx, "start info", gpa, boot_pvh_build(&info, gpa), err);
}

static bool start_pvh(LoadCtx *ctx, const LoadElf *elf, GError **err)
{
    g_autofree BootModule *modules = g_new0(BootModule, ctx->params->n_modules + 1);
    uint32_t note = 0;

    if (load_elf_pvh_note(ctx->src, elf, &note, err) < 0 ||
        !load_elf_entry(elf, note, "PHYS32_ENTRY", &ctx->plan->entry.rip, err)) {
        return false;
    }
    return load_elf_segments(ctx, elf, err) && place_pvh_modules(ctx, modules, err) &&
           place_start_info(ctx, modules, err) && load_place_cpu_state(ctx, BOOT_MODE_32, err);
}

bool load_pvh(LoadCtx *ctx, GError **err)
{
    LoadElf elf;
    bool ok;

    if (!load_elf_parse(ctx->src, &elf, err)) {
        return false;
    }
    ok = start_pvh(ctx, &elf, err);
    load_elf_clear(&elf);
    return ok;
}

static bool place_plain_initrd(LoadCtx *ctx, LinuxBootInfo *info, GError **err)
{
    if (ctx->params->n_modules == 0) {
        return true;
    }
    if (ctx->params->n_modules > 1) {
        return load_fail(err, HW_IMAGE_ERROR_UNSUPPORTED,
                         "%u initrds given, the zero page has room for one",
                         ctx->params->n_modules);
    }
    info->initrd_len = ctx->params->modules[0].source->size;
    return load_place_file(ctx, "initrd", ctx->params->modules[0].source, 0x100000, LOAD_4G,
                           &info->initrd_gpa, err);
}

static bool start_plain(LoadCtx *ctx, const LoadElf *elf, GError **err)
{
    LinuxBootInfo info = { .kernel_alignment = 0x1000000 };
    BootMode mode = elf->is64 ? BOOT_MODE_64 : BOOT_MODE_32;
    uint64_t rip;

    if (!load_elf_entry(elf, elf->entry, "e_entry", &rip, err) ||
        !load_elf_segments(ctx, elf, err) || !place_plain_initrd(ctx, &info, err)) {
        return false;
    }
    if (mode == BOOT_MODE_32 && rip >= LOAD_4G) {
        return load_fail(err, HW_IMAGE_ERROR_MALFORMED,
                         "e_entry 0x%" PRIx64 " is above 4 GiB in a 32-bit file", rip);
    }
    ctx->plan->entry.rip = rip;
    return load_place_boot_params(ctx, &info, err) && load_place_cpu_state(ctx, mode, err);
}

bool load_elf_plain(LoadCtx *ctx, GError **err)
{
    LoadElf elf;
    bool ok;

    if (!load_elf_parse(ctx->src, &elf, err)) {
        return false;
    }
    ok = start_plain(ctx, &elf, err);
    load_elf_clear(&elf);
    return ok;
}
