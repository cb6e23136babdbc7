/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Images in flash chips: -drive if=pflash, -pflash, and -blockdev with -machine pflash0= and
 * pflash1=.
 *
 * Theory of operation: the file is opened here, where the option that names it is known, and the
 * board gets the descriptor. What only the board can see (sizes, whether it has such a chip) it
 * says.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "accel/error.h"
#include "system/fdset.h"
#include "system/vm.h"

static gboolean bad_open(const char *file, int flags, int err, GError **errp)
{
    g_autofree char *what = fdset_is_path(file)
        ? g_strdup_printf("Could not dup FD for %s flags %x", file, (unsigned)flags)
        : g_strdup_printf("Could not open '%s'", file);

    accel_error_set(errp, accel_error_code_from_errno(err),
                    &(AccelErrorInfo){ .call = "open", .errnum = err }, "%s: %s", what,
                    g_strerror(err));
    return FALSE;
}

/*
 * A file that cannot be written to is an error, as in QEMU. "auto-read-only" does not help: it puts
 * off when a file is opened for writing to when somebody wants to, and a flash chip does at once.
 */
static gboolean open_image(BootFlash *flash, GError **errp)
{
    int flags = flash->readonly || flash->snapshot ? O_RDONLY : O_RDWR;

    flash->fd = fdset_open(flash->file, flags | O_NONBLOCK, 0); /* a FIFO is refused later on */
    return flash->fd >= 0 || bad_open(flash->file, flags, errno, errp);
}

static bool flag(const KeyVals *kv, const char *key)
{
    bool b = false;

    keyvals_bool(kv, key, &b);
    return b;
}

/* ---- -drive and -pflash ---- */

static gboolean chip_number(Vm *vm, const OptItem *it, guint *n, GError **errp)
{
    const char *index = keyvals_get(it->kv, "index"), *unit = keyvals_get(it->kv, "unit");
    const char *bus = keyvals_get(it->kv, "bus"), *v = index != NULL ? index : unit;
    guint64 number = 0;

    if (index != NULL && (unit != NULL || bus != NULL)) {
        opt_error(errp, "index cannot be used with bus and unit");
        return FALSE;
    }
    if (v != NULL) {
        number = g_ascii_strtoull(v, NULL, 0);
    } else {
        while (number < BOOT_N_FLASH && vm->boot->flash[number].file != NULL) {
            number++;
        }
    }
    if (number >= BOOT_N_FLASH || (bus != NULL && g_ascii_strtoull(bus, NULL, 0) != 0)) {
        opt_error(errp, "machine type does not support if=pflash,bus=%s,unit=%" G_GUINT64_FORMAT,
                  bus != NULL ? bus : "0", number);
        return FALSE;
    }
    if (vm->boot->flash[number].file != NULL) {
        opt_error(errp, "drive with bus=0, unit=%" G_GUINT64_FORMAT " (index=%s) exists", number,
                  index != NULL ? index : "-1");
        return FALSE;
    }
    *n = (guint)number;
    return TRUE;
}

static gboolean check_drive(const OptItem *it, GError **errp)
{
    const char *type = keyvals_get(it->kv, "if"), *file = keyvals_get(it->kv, "file");
    const char *driver = keyvals_get(it->kv, "driver"), *format = keyvals_get(it->kv, "format");

    format = format != NULL ? format : driver;
    if (file == NULL && driver == NULL && type == NULL) {
        opt_error(errp, "Must specify either driver or file");
    } else if (g_strcmp0(type, "pflash") != 0) {
        opt_error(errp, "accelvm has no block devices: only if=pflash is supported");
    } else if (file == NULL) {
        opt_error(errp, "A block device must be specified for \"file\"");
    } else if (format != NULL && strcmp(format, "raw") != 0) {
        opt_error(errp, "Unknown driver '%s': only format=raw is supported", format);
    } else {
        return TRUE;
    }
    return FALSE;
}

static gboolean one_drive(Vm *vm, const OptItem *it, GError **errp)
{
    BootFlash *flash;
    guint n;

    if (!check_drive(it, errp) || !chip_number(vm, it, &n, errp)) {
        return FALSE;
    }
    flash = &vm->boot->flash[n];
    flash->file = g_strdup(keyvals_get(it->kv, "file"));
    flash->readonly = flag(it->kv, "readonly") || flag(it->kv, "read-only");
    flash->snapshot = flag(it->kv, "snapshot");
    return open_image(flash, errp);
}

/* -pflash FILE takes the next chip. */
static gboolean one_pflash(Vm *vm, const OptItem *it, GError **errp)
{
    guint n = vm->boot->flash[0].file == NULL ? 0 : 1;

    if (vm->boot->flash[n].file != NULL) {
        opt_error(errp, "machine type does not support if=pflash,bus=0,unit=2");
        return FALSE;
    }
    vm->boot->flash[n].file = g_strdup(it->arg);
    return open_image(&vm->boot->flash[n], errp);
}

/* ---- -machine ---- */

static gboolean machine_flash(Vm *vm, guint n, GError **errp)
{
    g_autofree char *key = g_strdup_printf("pflash%u", n);
    const char *name = options_key(&vm->opts, OPT_machine, key);

    return name == NULL || (blockdev_resolve(vm, name, &vm->boot->flash[n], errp) &&
                            open_image(&vm->boot->flash[n], errp));
}

/* ---- all of them ---- */

static gboolean one_option(Vm *vm, const OptItem *it, GError **errp)
{
    static const char *const keys[BOOT_N_FLASH] = { "pflash0", "pflash1" };
    guint n;

    options_at(it);
    if (it->id == OPT_drive ? !one_drive(vm, it, errp) : !one_pflash(vm, it, errp)) {
        return FALSE;
    }
    for (n = 0; n < BOOT_N_FLASH; n++) {
        if (vm->boot->flash[n].file != NULL && options_key(&vm->opts, OPT_machine, keys[n])) {
            opt_error(errp, "clashes with -machine");
            return FALSE;
        }
    }
    options_at(NULL);
    return TRUE;
}

gboolean config_flash(Vm *vm, GError **errp)
{
    if (!blockdev_check(vm, errp)) {
        return FALSE;
    }
    for (guint i = 0; i < vm->opts.n; i++) {
        const OptItem *it = &vm->opts.items[i];

        if ((it->id == OPT_drive || it->id == OPT_pflash) && !one_option(vm, it, errp)) {
            return FALSE;
        }
    }
    return machine_flash(vm, 0, errp) && machine_flash(vm, 1, errp);
}

/* A board that has no flash has not looked at them. */
gboolean config_flash_check(Vm *vm, GError **errp)
{
    static const char *const chips[BOOT_N_FLASH] = { "system.flash0", "system.flash1" };

    for (guint i = 0; i < BOOT_N_FLASH; i++) {
        if (vm->boot->flash[i].file != NULL &&
            hw_object_resolve(vm->ms->root, chips[i], NULL) == NULL) {
            opt_error(errp, "machine type does not support if=pflash,bus=0,unit=%u", i);
            return FALSE;
        }
    }
    return TRUE;
}
