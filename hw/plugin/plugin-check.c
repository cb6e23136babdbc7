/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two checks before any code of a plugin runs: who could have written the file, and which ABI it was
 * built for. A plugin runs with all rights of this process, so a file or folder that others may
 * write is refused. Where the process has rights that its user has not (set-user-id, set-group-id, file
 * capabilities), what belongs to the user is refused, too, as ld.so does with LD_PRELOAD.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>
#include "plugin-int.h"

#define REBUILD "rebuild the plugin against this program's headers"

static void refuse_writable(const char *what, const char *path, mode_t mode, GError **errp)
{
    const AccelErrorInfo info = { .stage = "plugin", .call = "stat", .errnum = EPERM };
    g_autofree char *fix = g_strdup_printf("make it yours alone: chmod go-w '%s'", path);

    accel_error_set(errp, ACCEL_ERROR_DENIED, &info,
                    "plugin %s '%s' may be written by others (mode %04o)", what, path,
                    (unsigned)mode & 07777);
    if (errp != NULL) {
        accel_error_add_remedy(*errp, fix);
    }
}

static gboolean check_owner(const char *what, const char *path, const struct stat *st, GError **errp)
{
    const AccelErrorInfo info = { .stage = "plugin", .call = "stat", .errnum = EPERM };
    const bool more_rights = getauxval(AT_SECURE) != 0;

    if (st->st_uid == 0 || (st->st_uid == geteuid() && !more_rights)) {
        return TRUE;
    }
    accel_error_set(errp, ACCEL_ERROR_DENIED, &info,
                    more_rights ? "plugin %s '%s' belongs to uid %u, not to root, and this program has "
                                  "rights that its user has not"
                                : "plugin %s '%s' belongs to uid %u, neither to root nor to this user",
                    what, path, (unsigned)st->st_uid);
    return FALSE;
}

static gboolean check_stat(const char *what, const char *path, GError **errp)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        const AccelErrorInfo gone = { .stage = "plugin", .call = "stat", .errnum = errno };

        accel_error_set(errp, ACCEL_ERROR_ABSENT, &gone, "plugin %s: %s", path,
                        g_strerror(gone.errnum));
        return FALSE;
    }
    if (!check_owner(what, path, &st, errp)) {
        return FALSE;
    }
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        refuse_writable(what, path, st.st_mode, errp);
        return FALSE;
    }
    return TRUE;
}

static gboolean check_regular(const char *path, GError **errp)
{
    const AccelErrorInfo info = { .stage = "plugin", .call = "stat" };
    struct stat st;

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, &info, "plugin %s is not a regular file", path);
        return FALSE;
    }
    return TRUE;
}

/* Whoever may write a folder above, and is not held back by its sticky bit, may exchange ours. */
static gboolean check_above(const char *dir, GError **errp)
{
    g_autofree char *up = g_path_get_dirname(dir);
    struct stat st;

    if (stat(up, &st) == 0 && (st.st_mode & S_IWOTH) != 0 && !(st.st_mode & S_ISVTX)) {
        refuse_writable("folder", up, st.st_mode, errp);
        return FALSE;
    }
    return strcmp(up, dir) == 0 || check_above(up, errp);
}

static gboolean check_folder_of(const char *path, GError **errp)
{
    g_autofree char *dir = g_path_get_dirname(path);

    return check_stat("folder", dir, errp) && check_above(dir, errp);
}

char *plugin_check_file(const char *path, GError **errp)
{
    char *real = realpath(path, NULL);

    if (real == NULL) {
        const AccelErrorInfo gone = { .stage = "plugin", .call = "stat", .errnum = errno };

        accel_error_set(errp, ACCEL_ERROR_ABSENT, &gone, "plugin %s: %s", path,
                        g_strerror(gone.errnum));
        return NULL;
    }
    if (check_regular(real, errp) && check_stat("file", real, errp) &&
        check_folder_of(real, errp) &&
        (strcmp(real, path) == 0 || check_folder_of(path, errp))) {
        return real;
    }
    free(real);
    return NULL;
}

static gboolean refuse_abi(const AccelvmPlugin *p, const char *path, const char *verdict,
                           const char *remedy, GError **errp)
{
    const AccelErrorInfo info = { .stage = "plugin", .call = "accelvm_plugin",
                                  .have = (gint64)p->abi_major * 1000 + p->abi_minor,
                                  .need = ACCELVM_PLUGIN_ABI_MAJOR * 1000 +
                                          ACCELVM_PLUGIN_ABI_MINOR };

    accel_error_set(errp, ACCEL_ERROR_VERSION, &info,
                    "plugin %s: ABI version %s: it has %u.%u, this program has %u.%u", path,
                    verdict, p->abi_major, p->abi_minor, ACCELVM_PLUGIN_ABI_MAJOR,
                    ACCELVM_PLUGIN_ABI_MINOR);
    if (errp != NULL) {
        accel_error_add_remedy(*errp, remedy);
    }
    return FALSE;
}

gboolean plugin_check_version(const AccelvmPlugin *p, const char *path, GError **errp)
{
    if (p->abi_major < ACCELVM_PLUGIN_ABI_MAJOR) {
        return refuse_abi(p, path, "too old", REBUILD, errp);
    }
    if (p->abi_major > ACCELVM_PLUGIN_ABI_MAJOR || p->abi_minor > ACCELVM_PLUGIN_ABI_MINOR) {
        return refuse_abi(p, path, "not supported", "install an accelvm that is as new as the "
                          "plugin, or rebuild the plugin against this one", errp);
    }
    return TRUE;
}

/* The first three fields are the same for ever; what comes after them is read only when they fit. */
gboolean plugin_check_abi(const AccelvmPlugin *p, const char *path, GError **errp)
{
    const AccelErrorInfo info = { .stage = "plugin", .call = "accelvm_plugin" };

    if (!plugin_check_version(p, path, errp)) {
        return FALSE;
    }
    if (p->size < sizeof(AccelvmPlugin) || p->machine_class_size != sizeof(MachineClass) ||
        p->device_class_size != sizeof(DeviceClass) ||
        p->machine_state_size != sizeof(MachineState)) {
        accel_error_set(errp, ACCEL_ERROR_VERSION, &info,
                        "plugin %s was built with other headers than it says (ABI %u.%u)", path,
                        p->abi_major, p->abi_minor);
        if (errp != NULL) {
            accel_error_add_remedy(*errp, REBUILD);
        }
        return FALSE;
    }
    if (p->name == NULL || p->version == NULL || p->licence == NULL || p->init == NULL) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, &info,
                        "plugin %s leaves out its name, version, licence or entry function", path);
        return FALSE;
    }
    return TRUE;
}
