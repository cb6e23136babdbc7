/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Commands about what this machine does not have, because clients ask before they look: block
 * devices, TPM, PCI, migration, balloon. Empty lists and the errors QEMU gives for an absent
 * device.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "system/qmp.h"

#define EMPTY_LIST(id)                                                            \
    bool qmp_##id(Monitor *mon, json_t *args, json_t **ret, GError **errp)        \
    {                                                                             \
        *ret = json_array();                                                      \
        return true;                                                              \
    }

EMPTY_LIST(query_block)
EMPTY_LIST(query_blockstats)
EMPTY_LIST(query_block_jobs)
EMPTY_LIST(query_named_block_nodes)
EMPTY_LIST(query_jobs)
EMPTY_LIST(query_tpm)
EMPTY_LIST(query_tpm_models)
EMPTY_LIST(query_tpm_types)
EMPTY_LIST(query_pci)
EMPTY_LIST(query_mice)
EMPTY_LIST(query_rx_filter)
EMPTY_LIST(query_yank)

#define REFUSED(id, klass, text)                                                  \
    bool qmp_##id(Monitor *mon, json_t *args, json_t **ret, GError **errp)        \
    {                                                                             \
        qmp_error(errp, klass, "%s", text);                                       \
        return false;                                                             \
    }

#define NO_BALLOON "No balloon device has been activated"
REFUSED(balloon, QMP_DEVICE_NOT_ACTIVE, NO_BALLOON)
REFUSED(query_balloon, QMP_DEVICE_NOT_ACTIVE, NO_BALLOON)
REFUSED(query_vm_generation_id, QMP_GENERIC_ERROR, "VM Generation ID device not found")
REFUSED(x_query_usb, QMP_GENERIC_ERROR, "USB support not enabled")
REFUSED(x_query_jit, QMP_GENERIC_ERROR, "JIT information is only available with accel=tcg")
REFUSED(x_query_opcount, QMP_GENERIC_ERROR,
        "Opcode count information is only available with accel=tcg")
REFUSED(x_query_profile, QMP_GENERIC_ERROR, "Internal profiler not compiled")
REFUSED(migrate_pause, QMP_GENERIC_ERROR,
        "migrate-pause is currently only supported during postcopy-active state")

bool qmp_yank(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    if (json_array_size(json_object_get(args, "instances")) == 0) {
        return true;
    }
    qmp_error(errp, QMP_DEVICE_NOT_FOUND, "Instance not found");
    return false;
}

/* ---- migration: asked about by every client, done by none here ---- */

bool qmp_query_migrate(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    *ret = json_object();
    return true;
}

bool qmp_query_migrate_capabilities(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    *ret = json_array();
    for (guint i = 0; i < 2; i++) {
        json_array_append_new(*ret, json_pack("{s:s, s:b}", "capability",
                                              i == 0 ? "events" : "return-path", "state",
                                              (mon->vm->migrate_caps >> i) & 1));
    }
    return true;
}

bool qmp_migrate_set_capabilities(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    json_t *cap;
    size_t i;

    json_array_foreach(json_object_get(args, "capabilities"), i, cap) {
        guint bit = strcmp(qmp_str(cap, "capability"), "events") == 0 ? 1 : 2;

        if (json_is_true(json_object_get(cap, "state"))) {
            mon->vm->migrate_caps |= bit;
        } else {
            mon->vm->migrate_caps &= ~bit;
        }
    }
    return true;
}

bool qmp_query_migrate_parameters(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    *ret = json_pack("{s:I, s:i}", "max-bandwidth", (json_int_t)134217728, "downtime-limit", 300);
    return true;
}

/* ---- block devices ---- */

static bool read_config(const char *path, GError **errp)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), err = errno;
    char buf[512];
    ssize_t n = 1;

    while (fd >= 0 && (n > 0 || (n < 0 && errno == EINTR))) {
        n = read(fd, buf, sizeof(buf));
    }
    if (fd >= 0 && n == 0) {
        close(fd);
        return true;
    }
    err = fd >= 0 ? errno : err;
    if (fd >= 0) {
        close(fd);
    }
    qmp_error(errp, QMP_GENERIC_ERROR, "Could not read blkdebug config file: %s",
              g_strerror(err));
    return false;
}

/*
 * There is nothing to attach a block device to, but the driver "blkdebug" reads its configuration
 * first, and that may be a FIFO: a command that blocks, which clients use to see that out-of-band
 * commands do not. Runs on a thread of its own.
 */
bool qmp_blockdev_add(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    const char *driver = qmp_str(args, "driver"), *config = qmp_str(args, "config");

    if (strcmp(driver, "blkdebug") == 0 && config != NULL && !read_config(config, errp)) {
        return false;
    }
    qmp_error(errp, QMP_GENERIC_ERROR, "Unknown driver '%s': this machine has no block devices",
              driver);
    return false;
}

bool qmp_blockdev_del(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    qmp_error(errp, QMP_GENERIC_ERROR, "Failed to find node with node-name='%s'",
              qmp_str(args, "node-name"));
    return false;
}
