/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Firmware in flash chips, instead of -bios.
 *
 * Theory of operation: the first chip ends at 4 GiB, the second one ends where the first begins.
 * The copy below 1 MiB is made, at each reset, of what is programmed in the first one.
 */
#include "hw/block/pflash.h"
#include "hw/i386/x86-board.h"

static gboolean check_room(X86Machine *x, uint64_t size, GError **errp)
{
    uint64_t max = x86_board_firmware_max(x);
    AccelErrorInfo info = {
        .stage = "firmware", .have = (gint64)max, .need = (gint64)size,
    };

    if (size > max) {
        accel_error_set(errp, ACCEL_ERROR_LIMIT, &info,
                        "combined size of system firmware exceeds %" G_GUINT64_FORMAT " bytes",
                        max);
    }
    return size <= max;
}

static void warn_shared(X86Machine *x, const FlashImage *image)
{
    const MachineHooks *hooks = &x->ms.hooks;
    g_autofree char *text = g_strdup_printf("flash image '%s' is in use elsewhere, too, and not "
                                            "everybody has it readonly", image->file);

    if (hooks->warn != NULL) {
        hooks->warn(hooks->opaque, text);
    }
}

static gboolean add_chip(X86Machine *x, guint n, uint64_t *total, GError **errp)
{
    static const char *const names[BOOT_N_FLASH] = { "system.flash0", "system.flash1" };
    static const char *const images[BOOT_N_FLASH] = { "pflash0", "pflash1" };
    FlashImage image;
    Pflash *chip;

    if (!flash_image_open(&image, &x->ms.boot->flash[n], images[n], errp)) {
        return FALSE;
    }
    if (image.shared) {
        warn_shared(x, &image);
    }
    *total += image.size;
    if (!check_room(x, *total, errp)) {
        flash_image_close(&image);
        return FALSE;
    }
    chip = pflash_create(&x->ms, names[n], (4ULL << 30) - *total, &image, errp);
    if (chip != NULL && n == 0) {
        x->rom = chip->host;
        x->rom_size = chip->image.size;
    }
    return chip != NULL;
}

gboolean x86_board_flash(X86Machine *x, GError **errp)
{
    const BootFlash *flash = x->ms.boot->flash;
    uint64_t total = 0;

    if (flash[0].file == NULL) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, &(AccelErrorInfo){ .stage = "firmware" },
                        "pflash1 requires pflash0");
        return FALSE;
    }
    return add_chip(x, 0, &total, errp) &&
           (flash[1].file == NULL || add_chip(x, 1, &total, errp));
}

bool x86_board_has_flash(const X86Machine *x)
{
    const BootConfig *boot = x->ms.boot;

    return boot != NULL && (boot->flash[0].file != NULL || boot->flash[1].file != NULL);
}
