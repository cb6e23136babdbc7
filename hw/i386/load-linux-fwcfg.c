/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A bzImage for a start through a BIOS: the option ROM of the firmware fetches setup code, kernel,
 * command line and initrd from fw_cfg, puts them at the addresses given beside them and enters the
 * setup code in real mode. Only the addresses are decided here.
 */
#include "hw/i386/load-linux.h"

static bool place_initrd(LoadCtx *ctx, const LinuxHeader *h, LinuxFwCfg *out, GError **err)
{
    const ImageSource *src;
    uint64_t gpa;

    if (ctx->params->n_modules == 0) {
        return true;
    }
    src = ctx->params->modules[0].source;
    if (!load_place_file(ctx, "initrd", src, LINUX_KERNEL_BASE, linux_initrd_limit(h), &gpa,
                         err)) {
        return false;
    }
    out->initrd_addr = gpa;
    out->initrd_size = src->size;
    return true;
}

static bool lay_out(LoadCtx *ctx, LinuxFwCfg *out, GError **err)
{
    LinuxHeader h;
    ImageSegment s = { .gpa = LINUX_KERNEL_BASE, .source = ctx->src, .what = "kernel" };

    if (!linux_header_parse(ctx->src, &h, err) || !linux_check_params(&h, ctx->params, err)) {
        return false;
    }
    s.filesz = h.kernel_size;
    s.offset = h.setup_size;
    if (!load_add_segment(ctx, &s, err) || !place_initrd(ctx, &h, out, err)) {
        return false;
    }
    out->setup_addr = LINUX_REAL_BASE;
    out->cmdline_addr = LINUX_REAL_CMDLINE;
    out->kernel_addr = LINUX_KERNEL_BASE;
    out->kernel = ctx->src->data + h.setup_size;
    out->kernel_size = h.kernel_size;
    out->setup = linux_setup_build(ctx->src, &h, out->cmdline_addr, out->initrd_addr,
                                   out->initrd_size);
    return true;
}

bool image_linux_fw_cfg(const ImageSource *src, const ImageParams *params, LinuxFwCfg *out,
                        GError **err)
{
    g_autoptr(ImagePlan) plan = image_plan_new();
    LoadCtx ctx = { .src = src, .params = params, .plan = plan };

    *out = (LinuxFwCfg){ 0 };
    if (lay_out(&ctx, out, err)) {
        return true;
    }
    g_prefix_error(err, "could not load kernel '%s': bzImage: ", src->name);
    return false;
}
