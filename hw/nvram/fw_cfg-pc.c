/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fw_cfg: the items every PC has.
 *
 * Theory of operation: read once from the machine's configuration when the device is made. What only
 * a board or a loader knows (e820, kernel, ACPI tables, NUMA nodes, a boot order made of device
 * paths) is added or replaced by them later.
 */
#include <string.h>
#include "hw/boot-config.h"
#include "hw/machine.h"
#include "hw/numa.h"
#include "hw/nvram/fw_cfg-internal.h"

#define UUID_BYTES 16

/* The bytes in the order of the text; no UUID is all zeros. */
static gboolean add_uuid(FwCfg *s, const char *text, GError **errp)
{
    uint8_t bytes[UUID_BYTES] = { 0 };
    unsigned n = 0;

    if (text != NULL && !g_uuid_string_is_valid(text)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "'%s' is not a valid UUID", text);
        return FALSE;
    }
    for (const char *p = text; p != NULL && *p && n < UUID_BYTES; p += 2) {
        if (*p == '-') {
            p++;
        }
        bytes[n++] = (uint8_t)(g_ascii_xdigit_value(p[0]) << 4 | g_ascii_xdigit_value(p[1]));
    }
    fw_cfg_add_bytes(s, FW_CFG_UUID, bytes, sizeof bytes);
    return TRUE;
}

/* One more than the highest APIC id: what firmware takes the number of possible CPUs for. */
static unsigned apic_id_limit(const MachineState *ms)
{
    unsigned limit = MAX(ms->smp.max_cpus, 1);

    for (guint i = 0; ms->possible != NULL && i < ms->n_possible; i++) {
        limit = MAX(limit, ms->possible[i].apic_id + 1);
    }
    return limit;
}

/* Number of nodes, the node of each APIC id, the size of each node. */
static void add_numa(FwCfg *s, const MachineState *ms, unsigned limit)
{
    unsigned nodes = ms->numa != NULL ? ms->numa->n_nodes : 0;
    size_t n = 1 + (size_t)limit + nodes;
    g_autofree uint64_t *words = g_new0(uint64_t, n);

    words[0] = GUINT64_TO_LE((uint64_t)nodes);
    for (guint i = 0; nodes > 0 && i < ms->n_possible; i++) {
        words[1 + ms->possible[i].apic_id] =
            GUINT64_TO_LE((uint64_t)MAX(ms->possible[i].ids.node_id, 0));
    }
    for (unsigned i = 0; i < nodes; i++) {
        words[1 + limit + i] = GUINT64_TO_LE(ms->numa->nodes[i].mem);
    }
    fw_cfg_add_bytes(s, FW_CFG_NUMA, words, n * sizeof *words);
}

static void add_machine_facts(FwCfg *s, const MachineState *ms)
{
    unsigned limit = apic_id_limit(ms);

    fw_cfg_add_bytes(s, FW_CFG_SIGNATURE, "QEMU", 4);
    fw_cfg_add_i32(s, FW_CFG_ID, FW_CFG_VERSION | FW_CFG_VERSION_DMA);
    fw_cfg_add_i64(s, FW_CFG_RAM_SIZE, ms->ram_size);
    fw_cfg_add_i16(s, FW_CFG_NB_CPUS, (uint16_t)MAX(ms->smp.cpus, 1));
    fw_cfg_add_i16(s, FW_CFG_MAX_CPUS, (uint16_t)MIN(limit, UINT16_MAX));
    fw_cfg_add_i16(s, FW_CFG_NOGRAPHIC, ms->boot != NULL && ms->boot->nographic);
    fw_cfg_add_i16(s, FW_CFG_BOOT_MENU, ms->boot != NULL && ms->boot->menu);
    fw_cfg_add_i32(s, FW_CFG_IRQ0_OVERRIDE, 1);
    add_numa(s, ms, limit);
}

/* ---- -boot ---- */

static gboolean add_reboot_timeout(FwCfg *s, const BootConfig *boot, GError **errp)
{
    int64_t ms = boot ? boot->reboot_timeout : -1;
    uint32_t value = GUINT32_TO_LE((uint32_t)ms);

    if (ms < -1 || ms > UINT16_MAX) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "reboot timeout is invalid,it should be a value between -1 and 65535");
        return FALSE;
    }
    return fw_cfg_add_file(s, "etc/boot-fail-wait", &value, sizeof value, errp);
}

static gboolean add_splash_time(FwCfg *s, const BootConfig *boot, GError **errp)
{
    uint16_t value;

    if (boot == NULL || boot->splash_time == -1) {
        return TRUE;
    }
    if (boot->splash_time < 0 || boot->splash_time > UINT16_MAX) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "splash-time is invalid,it should be a value between 0 and 65535");
        return FALSE;
    }
    value = GUINT16_TO_LE((uint16_t)boot->splash_time);
    return fw_cfg_add_file(s, "etc/boot-menu-wait", &value, sizeof value, errp);
}

/* Firmware shows a JPEG or a bitmap of 24 bits a pixel; the name says which. */
static const char *splash_name(const uint8_t *data, size_t len)
{
    if (len >= 2 && data[0] == 0xff && data[1] == 0xd8) {
        return "bootsplash.jpg";
    }
    if (len >= 30 && data[0] == 'B' && data[1] == 'M' && data[28] == 24 && data[29] == 0) {
        return "bootsplash.bmp";
    }
    return NULL;
}

static gboolean add_splash(FwCfg *s, const char *path, GError **errp)
{
    g_autofree char *data = NULL;
    g_autoptr(GError) err = NULL;
    const char *name;
    size_t len;

    if (!g_file_get_contents(path, &data, &len, &err)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "failed to read splash file '%s': %s",
                        path, err->message);
        return FALSE;
    }
    name = splash_name((const uint8_t *)data, len);
    if (name == NULL) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "splash file '%s' format not recognized; must be JPEG or 24 bit BMP", path);
        return FALSE;
    }
    return fw_cfg_add_file(s, name, data, len, errp);
}

/*
 * Device paths in the order to boot from; none of our devices has a bootindex, so the list is empty.
 * -boot strict=on would add HALT behind the last path: to an empty list it adds nothing.
 */
static gboolean add_bootorder(FwCfg *s, GError **errp)
{
    return fw_cfg_add_file(s, "bootorder", NULL, 0, errp);
}

static gboolean add_user_items(FwCfg *s, MachineState *ms, const BootConfig *boot, GError **errp)
{
    for (guint i = 0; boot != NULL && boot->fw_cfg != NULL && i < boot->fw_cfg->len; i++) {
        if (!fw_cfg_add_user_item(s, ms, g_ptr_array_index(boot->fw_cfg, i), errp)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean fw_cfg_add_pc_items(FwCfg *s, MachineState *ms, GError **errp)
{
    const BootConfig *boot = ms->boot;

    add_machine_facts(s, ms);
    if (!add_uuid(s, ms->uuid, errp) || !add_reboot_timeout(s, boot, errp) ||
        !add_splash_time(s, boot, errp) || !add_bootorder(s, errp)) {
        return FALSE;
    }
    if (boot != NULL && boot->splash != NULL && !add_splash(s, boot->splash, errp)) {
        return FALSE;
    }
    return add_user_items(s, ms, boot, errp);
}
