/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: the firmware configuration device, as boards and devices fill it.
 */
#ifndef HW_FW_CFG_H
#define HW_FW_CFG_H

#include "hw/device.h"

G_BEGIN_DECLS

typedef struct FwCfg FwCfg;

enum {
    FW_CFG_SIGNATURE = 0x00, FW_CFG_ID = 0x01, FW_CFG_UUID = 0x02, FW_CFG_RAM_SIZE = 0x03,
    FW_CFG_NOGRAPHIC = 0x04, FW_CFG_NB_CPUS = 0x05, FW_CFG_MACHINE_ID = 0x06,
    FW_CFG_KERNEL_ADDR = 0x07, FW_CFG_KERNEL_SIZE = 0x08, FW_CFG_KERNEL_CMDLINE = 0x09,
    FW_CFG_INITRD_ADDR = 0x0a, FW_CFG_INITRD_SIZE = 0x0b, FW_CFG_BOOT_DEVICE = 0x0c,
    FW_CFG_NUMA = 0x0d, FW_CFG_BOOT_MENU = 0x0e, FW_CFG_MAX_CPUS = 0x0f,
    FW_CFG_KERNEL_ENTRY = 0x10, FW_CFG_KERNEL_DATA = 0x11, FW_CFG_INITRD_DATA = 0x12,
    FW_CFG_CMDLINE_ADDR = 0x13, FW_CFG_CMDLINE_SIZE = 0x14, FW_CFG_CMDLINE_DATA = 0x15,
    FW_CFG_SETUP_ADDR = 0x16, FW_CFG_SETUP_SIZE = 0x17, FW_CFG_SETUP_DATA = 0x18,
    FW_CFG_FILE_DIR = 0x19, FW_CFG_FILE_FIRST = 0x20,
    FW_CFG_ACPI_TABLES = 0x8000, FW_CFG_SMBIOS_ENTRIES = 0x8001, FW_CFG_IRQ0_OVERRIDE = 0x8002,
    FW_CFG_E820_TABLE = 0x8003,
};

/** fw_cfg_create: the device on ports 0x510-0x51b; fills the items every PC has. Sets ms->fw_cfg. */
ACCEL_API FwCfg *fw_cfg_create(MachineState *ms, GError **errp);
/* Add or replace an item; bytes are copied. Numbers are stored little-endian. */
ACCEL_API void fw_cfg_add_bytes(FwCfg *s, uint16_t key, const void *data, size_t len);
ACCEL_API void fw_cfg_add_string(FwCfg *s, uint16_t key, const char *text); /* with its NUL */
ACCEL_API void fw_cfg_add_i16(FwCfg *s, uint16_t key, uint16_t value);
ACCEL_API void fw_cfg_add_i32(FwCfg *s, uint16_t key, uint32_t value);
ACCEL_API void fw_cfg_add_i64(FwCfg *s, uint16_t key, uint64_t value);
/**
 * fw_cfg_add_file: a named file ("etc/e820"), listed in the directory sorted by name.
 * FALSE with an error: name longer than 55 bytes, name taken, directory full.
 */
ACCEL_API gboolean fw_cfg_add_file(FwCfg *s, const char *name, const void *data, size_t len,
                                   GError **errp);
/** fw_cfg_modify_file: replace contents, adding the file where needed. */
ACCEL_API gboolean fw_cfg_modify_file(FwCfg *s, const char *name, const void *data, size_t len,
                                      GError **errp);
/**
 * fw_cfg_set_filler: files that take time to make, and that most guests never read. @fill is called
 * with @opaque when the guest selects the directory or a file for the first time since the machine's
 * start or reset; it calls fw_cfg_modify_file() for files that were added, empty, before. Its error
 * is one of the running machine (MACHINE_REQUEST_ERROR). NULL: none.
 */
ACCEL_API void fw_cfg_set_filler(FwCfg *s, gboolean (*fill)(void *opaque, GError **errp),
                                 void *opaque);

G_END_DECLS

#endif
