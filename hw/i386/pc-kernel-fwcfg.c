/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * -kernel together with firmware: the kernel cut into fw_cfg items.
 *
 * Theory of operation: firmware (or an option ROM of its) reads setup code, kernel, command line and
 * initrd from fw_cfg and starts the kernel by the real mode protocol. Only Linux kernels are known
 * to it. fw_cfg copies what it is given, so the files are closed again. SeaBIOS has no such loader of
 * its own and runs option ROMs from fw_cfg, so QEMU's goes there too where it is installed.
 */
#include <string.h>
#include "hw/i386/x86-board.h"

#define OPTION_ROM "linuxboot_dma.bin"

static void add_cmdline(FwCfg *s, uint32_t gpa, const char *text)
{
    text = text != NULL ? text : "";
    fw_cfg_add_i32(s, FW_CFG_CMDLINE_ADDR, gpa);
    fw_cfg_add_i32(s, FW_CFG_CMDLINE_SIZE, strlen(text) + 1);
    fw_cfg_add_string(s, FW_CFG_CMDLINE_DATA, text);
}

static void add_items(FwCfg *s, const LinuxFwCfg *l, const ImageModule *initrd)
{
    fw_cfg_add_i32(s, FW_CFG_KERNEL_ADDR, l->kernel_addr);
    fw_cfg_add_i32(s, FW_CFG_KERNEL_SIZE, l->kernel_size);
    fw_cfg_add_bytes(s, FW_CFG_KERNEL_DATA, l->kernel, l->kernel_size);
    fw_cfg_add_i32(s, FW_CFG_SETUP_ADDR, l->setup_addr);
    fw_cfg_add_i32(s, FW_CFG_SETUP_SIZE, l->setup->len);
    fw_cfg_add_bytes(s, FW_CFG_SETUP_DATA, l->setup->data, l->setup->len);
    if (initrd != NULL) {
        fw_cfg_add_i32(s, FW_CFG_INITRD_ADDR, l->initrd_addr);
        fw_cfg_add_i32(s, FW_CFG_INITRD_SIZE, l->initrd_size);
        fw_cfg_add_bytes(s, FW_CFG_INITRD_DATA, initrd->source->data, l->initrd_size);
    }
}

static gboolean cut(X86Machine *x, const ImageSource *image, const E820Map *map, GError **errp)
{
    MachineState *ms = &x->ms;
    g_autoptr(ImageModuleList) list = NULL;
    ImageParams p = { .e820 = map, .cmdline = ms->append };
    LinuxFwCfg l = { 0 };

    if (ms->initrd != NULL) {
        list = image_modules_open(ms->initrd, IMAGE_FORMAT_BZIMAGE, errp);
        if (list == NULL) {
            return FALSE;
        }
        p.modules = (const ImageModule *)list->modules->data;
        p.n_modules = list->modules->len;
    }
    if (!image_linux_fw_cfg(image, &p, &l, errp)) {
        return FALSE;
    }
    add_items(ms->fw_cfg, &l, p.n_modules > 0 ? p.modules : NULL);
    add_cmdline(ms->fw_cfg, l.cmdline_addr, ms->append);
    g_byte_array_unref(l.setup);
    return TRUE;
}

/* An option ROM of the same name from the user comes first. */
static void add_option_rom(MachineState *ms)
{
    g_autofree char *path = x86_board_find_file(OPTION_ROM);
    g_autofree char *data = NULL;
    gsize len;

    if (g_file_get_contents(path, &data, &len, NULL)) {
        fw_cfg_add_file(ms->fw_cfg, "genroms/" OPTION_ROM, data, len, NULL);
    } else if (ms->hooks.warn != NULL) {
        ms->hooks.warn(ms->hooks.opaque, "there is no " OPTION_ROM " (QEMU's data files have it): "
                       "SeaBIOS will not start the kernel; without -bios it starts directly");
    }
}

gboolean x86_boot_fw_cfg(X86Machine *x, GError **errp)
{
    g_autoptr(E820Map) map = x86_board_e820(x, false, errp);
    g_autoptr(ImageSource) image = NULL;

    if (x->ms.fw_cfg == NULL) {
        accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, NULL,
                        "machine '%s' has no fw_cfg to give a kernel to its firmware",
                        x->ms.klass->name);
        return FALSE;
    }
    image = map != NULL ? image_source_open(x->ms.kernel, 0, errp) : NULL;
    if (image == NULL) {
        return FALSE;
    }
    if (image_probe(image) != IMAGE_FORMAT_BZIMAGE) {
        accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, NULL,
                        "could not load kernel '%s': firmware starts Linux kernels only; leave "
                        "-bios out to start other images directly", x->ms.kernel);
        return FALSE;
    }
    add_option_rom(&x->ms);
    return cut(x, image, map, errp);
}
