/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Firmware: -bios.
 *
 * Theory of operation: the file is read once into memory of its own, which the guest sees read-only
 * right below 4 GiB. Its last 256 KiB (or all of a smaller one) appear below 1 MiB too: read-only, as
 * a second mapping of the same memory (microvm), or as a copy in RAM that firmware may write to and
 * each reset renews (boards whose firmware shadows itself).
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "hw/i386/x86-board.h"

#define FIRMWARE_UNIT (64u << 10)

static const char *const folders[] = {
    "/usr/share/seabios", "/usr/share/qemu", "/usr/local/share/qemu", NULL,
};

char *x86_board_find_file(const char *name)
{
    guint i;

    if (strchr(name, '/') != NULL || access(name, R_OK) == 0) {
        return g_strdup(name);
    }
    for (i = 0; folders[i] != NULL; i++) {
        g_autofree char *path = g_build_filename(folders[i], name, NULL);

        if (access(path, R_OK) == 0) {
            return g_steal_pointer(&path);
        }
    }
    return g_strdup(name);
}

gboolean x86_board_check_fw_max(void *obj, const AccelProp *prop, GError **errp)
{
    uint64_t size = ((const X86Machine *)obj)->max_fw_size;
    AccelErrorInfo info = {
        .stage = "firmware", .have = X86_FIRMWARE_MAX, .need = (gint64)size,
        .notes = "IOAPIC and LAPIC are right below the last 16 MiB",
    };

    if (size > X86_FIRMWARE_MAX) {
        accel_error_set(errp, ACCEL_ERROR_LIMIT, &info,
                        "User specified max allowed firmware size %" G_GUINT64_FORMAT
                        " is greater than 16MiB. If combined firwmare size exceeds 16MiB the "
                        "system may not boot, or experience intermittentstability issues.", size);
    }
    return size <= X86_FIRMWARE_MAX;
}

static gboolean fail(const char *path, AccelErrorCode code, int errnum, const char *why,
                     GError **errp)
{
    AccelErrorInfo info = { .stage = "firmware", .errnum = errnum };

    accel_error_set(errp, code, &info, "could not load PC BIOS '%s': %s", path, why);
    return FALSE;
}

/* QEMU's rule, and its way of saying that nothing came of it. */
static gboolean check_file(X86Machine *x, const char *path, const struct stat *st, GError **errp)
{
    uint64_t max = x86_board_firmware_max(x);

    if (!S_ISREG(st->st_mode)) {
        return fail(path, ACCEL_ERROR_INVALID, 0, "not a regular file", errp);
    }
    if (st->st_size == 0 || st->st_size % FIRMWARE_UNIT != 0) {
        return fail(path, ACCEL_ERROR_INVALID, 0, "size is not a multiple of 64 KiB", errp);
    }
    if ((uint64_t)st->st_size > max) {
        g_autofree char *why = g_strdup_printf("larger than %" G_GUINT64_FORMAT " KiB", max >> 10);

        return fail(path, ACCEL_ERROR_LIMIT, 0, why, errp);
    }
    return TRUE;
}

static gboolean read_all(int fd, const char *path, uint8_t *to, size_t size, GError **errp)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n = read(fd, to + done, size - done);

        if (n == 0) {
            return fail(path, ACCEL_ERROR_INVALID, 0, "the file became shorter", errp);
        }
        if (n < 0 && errno != EINTR) {
            return fail(path, ACCEL_ERROR_FAILED, errno, g_strerror(errno), errp);
        }
        done += MAX(n, 0);
    }
    return TRUE;
}

static gboolean load_fd(X86Machine *x, int fd, const char *path, GError **errp)
{
    struct stat st;

    if (fstat(fd, &st) != 0) {
        return fail(path, ACCEL_ERROR_FAILED, errno, g_strerror(errno), errp);
    }
    if (!check_file(x, path, &st, errp)) {
        return FALSE;
    }
    x->rom_size = st.st_size;
    x->rom = hw_ram_alloc(&x->ms, x->rom_size, errp);
    return x->rom != NULL && read_all(fd, path, x->rom, x->rom_size, errp);
}

static gboolean load_file(X86Machine *x, const char *path, GError **errp)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    gboolean ok;

    if (fd < 0) {
        return fail(path, accel_error_code_from_errno(errno), errno, g_strerror(errno), errp);
    }
    ok = load_fd(x, fd, path, errp);
    close(fd);
    return ok;
}

/* Which file, if any. A kernel is started without firmware unless some was asked for. */
static char *choose_file(X86Machine *x, const char *fallback)
{
    if (x->ms.firmware != NULL) {
        return x86_board_find_file(x->ms.firmware);
    }
    if (x->ms.kernel != NULL || x86_board_no_guest(x)) {
        return NULL;
    }
    return x86_board_find_file(fallback);
}

gboolean x86_board_firmware(X86Machine *x, const char *fallback, GError **errp)
{
    g_autofree char *path = NULL;

    if (x86_board_has_flash(x)) {
        return x86_board_flash(x, errp);
    }
    path = choose_file(x, fallback);
    if (path == NULL) {
        return TRUE;
    }
    return load_file(x, path, errp) &&
           hw_ram_add(&x->ms, "pc.bios", (4ULL << 30) - x->rom_size, x->rom, x->rom_size,
                      ACCEL_RAM_READONLY, errp);
}

void x86_board_reset_firmware(X86Machine *x)
{
    uint64_t mirror = MIN(x->rom_size, X86_ISA_BIOS_MAX);

    if (x->rom != NULL) {
        hw_mem_write(&x->ms, (1 << 20) - mirror, x->rom + x->rom_size - mirror, mirror);
    }
}
