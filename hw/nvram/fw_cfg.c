/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fw_cfg: the items, the file directory and the device's life.
 *
 * Theory of operation: an item is a run of bytes under a 16-bit key. Keys below 0x20 are fixed, from
 * there on lie the files, keys with bit 15 are the architecture's own. Files have names; they keep
 * their items in the order of the names, so the keys of files that sort behind a new one move up by
 * one. That is why everything is added before the guest runs, and why firmware looks files up by
 * name in the directory (item 0x19), which is made anew with each change. Contents that take time to
 * make are put in when a guest first looks at directory or files.
 */
#include <string.h>
#include "hw/core/core-internal.h"
#include "hw/isa-devices.h"
#include "hw/isa.h"
#include "hw/machine.h"
#include "hw/nvram/fw_cfg-internal.h"

#define FW_CFG_BASE 0x510
#define FW_CFG_DMA_BASE 0x514
#define DIR_NAME_SIZE 56

/* One row of the directory as the guest reads it; numbers are big-endian. */
typedef struct DirEntry {
    uint32_t size;
    uint16_t key, reserved;
    char name[DIR_NAME_SIZE];
} DirEntry;

FwCfgItem *fw_cfg_item(FwCfg *s, uint16_t key)
{
    uint16_t n = key & FW_CFG_KEY_MASK;

    if (key & FW_CFG_LOCAL_BIT) {
        return n < FW_CFG_LOCAL ? &s->local[n] : NULL;
    }
    return n < FW_CFG_GENERIC ? &s->generic[n] : NULL;
}

/* An item of no bytes still exists: it has a place in memory. */
static FwCfgItem make_item(const void *data, size_t len)
{
    FwCfgItem item = { .data = g_malloc(len ? len : 1), .len = len };

    if (len > 0) {
        memcpy(item.data, data, len);
    }
    return item;
}

void fw_cfg_add_bytes(FwCfg *s, uint16_t key, const void *data, size_t len)
{
    FwCfgItem *item = fw_cfg_item(s, key);

    g_return_if_fail(item != NULL);
    g_free(item->data);
    *item = make_item(data, len);
}

void fw_cfg_add_string(FwCfg *s, uint16_t key, const char *text)
{
    fw_cfg_add_bytes(s, key, text, strlen(text) + 1);
}

void fw_cfg_add_i16(FwCfg *s, uint16_t key, uint16_t value)
{
    value = GUINT16_TO_LE(value);
    fw_cfg_add_bytes(s, key, &value, sizeof value);
}

void fw_cfg_add_i32(FwCfg *s, uint16_t key, uint32_t value)
{
    value = GUINT32_TO_LE(value);
    fw_cfg_add_bytes(s, key, &value, sizeof value);
}

void fw_cfg_add_i64(FwCfg *s, uint16_t key, uint64_t value)
{
    value = GUINT64_TO_LE(value);
    fw_cfg_add_bytes(s, key, &value, sizeof value);
}

/* ---- files ---- */

static void update_directory(FwCfg *s)
{
    size_t len = sizeof(uint32_t) + s->n_files * sizeof(DirEntry);
    g_autofree uint8_t *dir = g_malloc0(len);
    uint32_t count = GUINT32_TO_BE(s->n_files);

    memcpy(dir, &count, sizeof count);
    for (unsigned i = 0; i < s->n_files; i++) {
        uint16_t key = (uint16_t)(FW_CFG_FILE_FIRST + i);
        DirEntry e = { .size = GUINT32_TO_BE((uint32_t)s->generic[key].len),
                       .key = GUINT16_TO_BE(key) };

        g_strlcpy(e.name, s->names[i], sizeof e.name);
        memcpy(dir + sizeof count + i * sizeof e, &e, sizeof e);
    }
    fw_cfg_add_bytes(s, FW_CFG_FILE_DIR, dir, len);
}

/* Returns: place of @name, or where it would go; @found says which. */
static unsigned find_file(const FwCfg *s, const char *name, bool *found)
{
    unsigned i = 0;

    while (i < s->n_files && strcmp(s->names[i], name) < 0) {
        i++;
    }
    *found = i < s->n_files && strcmp(s->names[i], name) == 0;
    return i;
}

static gboolean check_room(const FwCfg *s, const char *name, size_t len, GError **errp)
{
    if (name[0] == '\0') {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "empty fw_cfg file name");
        return FALSE;
    }
    if (strlen(name) > FW_CFG_NAME_MAX) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "name too long (max. %d char)",
                        FW_CFG_NAME_MAX);
        return FALSE;
    }
    if (len > UINT32_MAX) {
        accel_error_set(errp, ACCEL_ERROR_LIMIT, NULL, "fw_cfg file %s is larger than 4 GiB", name);
        return FALSE;
    }
    if (s->n_files == FW_CFG_FILE_SLOTS) {
        accel_error_set(errp, ACCEL_ERROR_LIMIT, NULL,
                        "fw_cfg has no room for file %s: all %d are taken", name,
                        FW_CFG_FILE_SLOTS);
        return FALSE;
    }
    return TRUE;
}

gboolean fw_cfg_add_file(FwCfg *s, const char *name, const void *data, size_t len, GError **errp)
{
    bool found;
    unsigned at = find_file(s, name, &found), behind = s->n_files - at;
    FwCfgItem *item = &s->generic[FW_CFG_FILE_FIRST + at];

    if (found) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "duplicate fw_cfg file name: %s", name);
        return FALSE;
    }
    if (!check_room(s, name, len, errp)) {
        return FALSE;
    }
    memmove(&s->names[at + 1], &s->names[at], behind * sizeof s->names[0]);
    memmove(item + 1, item, behind * sizeof *item);
    s->names[at] = g_strdup(name);
    *item = make_item(data, len);
    s->n_files++;
    update_directory(s);
    return TRUE;
}

gboolean fw_cfg_modify_file(FwCfg *s, const char *name, const void *data, size_t len,
                            GError **errp)
{
    bool found;
    unsigned at = find_file(s, name, &found);

    if (!found) {
        return fw_cfg_add_file(s, name, data, len, errp);
    }
    if (len > UINT32_MAX) {
        accel_error_set(errp, ACCEL_ERROR_LIMIT, NULL, "fw_cfg file %s is larger than 4 GiB", name);
        return FALSE;
    }
    fw_cfg_add_bytes(s, (uint16_t)(FW_CFG_FILE_FIRST + at), data, len);
    update_directory(s);
    return TRUE;
}

void fw_cfg_set_filler(FwCfg *s, gboolean (*fill)(void *opaque, GError **errp), void *opaque)
{
    s->fill = fill;
    s->fill_opaque = opaque;
    s->filled = false;
}

void fw_cfg_fill(FwCfg *s)
{
    g_autoptr(GError) err = NULL;

    if (s->fill == NULL || s->filled) {
        return;
    }
    s->filled = true;
    if (!s->fill(s->fill_opaque, &err)) {
        const MachineRequestInfo info = {
            .kind = MACHINE_REQUEST_ERROR, .cause = "fw_cfg", .err = err,
        };

        hw_machine_request_full(s->dev.machine, &info);
    }
}

/* ---- life ---- */

static void fw_cfg_reset(DeviceState *dev)
{
    FwCfg *s = (FwCfg *)dev;

    s->filled = false;
    fw_cfg_select(s, FW_CFG_SIGNATURE);
    s->dma_addr = 0;
}

static void fw_cfg_unrealize(DeviceState *dev)
{
    FwCfg *s = (FwCfg *)dev;

    isa_remove_ports(dev, &s->ctl);
    isa_remove_ports(dev, &s->dma);
    if (dev->machine->fw_cfg == s) {
        dev->machine->fw_cfg = NULL;
    }
}

static gboolean fw_cfg_realize(DeviceState *dev, GError **errp)
{
    FwCfg *s = (FwCfg *)dev;

    s->ctl = (IoRegion){ .name = "fwcfg", .ops = &fw_cfg_ctl_ops, .opaque = s };
    s->dma = (IoRegion){ .name = "fwcfg.dma", .ops = &fw_cfg_dma_ops, .opaque = s };
    update_directory(s);
    if (!fw_cfg_add_pc_items(s, dev->machine, errp) ||
        !isa_add_ports(dev, &s->ctl, FW_CFG_BASE, 2, NULL, errp) ||
        !isa_add_ports(dev, &s->dma, FW_CFG_DMA_BASE, 8, NULL, errp)) {
        fw_cfg_unrealize(dev);
        return FALSE;
    }
    dev->machine->fw_cfg = s;
    return TRUE;
}

static void fw_cfg_finalize(HwObject *obj)
{
    FwCfg *s = (FwCfg *)obj;

    for (unsigned i = 0; i < FW_CFG_GENERIC; i++) {
        g_free(s->generic[i].data);
    }
    for (unsigned i = 0; i < FW_CFG_LOCAL; i++) {
        g_free(s->local[i].data);
    }
    for (unsigned i = 0; i < s->n_files; i++) {
        g_free(s->names[i]);
    }
}

const DeviceClass fw_cfg_class = {
    .type = { .name = "fw_cfg_io", .parent = &hw_type_device,
              .desc = "Firmware configuration", .instance_size = sizeof(FwCfg),
              .finalize = fw_cfg_finalize },
    .bus = "System",
    .realize = fw_cfg_realize,
    .reset = fw_cfg_reset,
    .unrealize = fw_cfg_unrealize,
};

FwCfg *fw_cfg_create(MachineState *ms, GError **errp)
{
    return (FwCfg *)hw_device_create(ms, &fw_cfg_class, "fw_cfg", NULL, errp);
}
