/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: fw_cfg between its items (fw_cfg.c), its ports (fw_cfg-io.c) and what a PC puts into it
 * (fw_cfg-pc.c, fw_cfg-user.c).
 */
#ifndef HW_NVRAM_FW_CFG_INTERNAL_H
#define HW_NVRAM_FW_CFG_INTERNAL_H

#include "hw/fw_cfg.h"

#define FW_CFG_FILE_SLOTS 0x80
#define FW_CFG_GENERIC (FW_CFG_FILE_FIRST + FW_CFG_FILE_SLOTS)
#define FW_CFG_LOCAL 0x10
#define FW_CFG_LOCAL_BIT 0x8000
#define FW_CFG_KEY_MASK 0x3fff /* bit 14 was the write channel of old versions */
#define FW_CFG_NAME_MAX 55
#define FW_CFG_VERSION 1
#define FW_CFG_VERSION_DMA 2

typedef struct FwCfgItem {
    uint8_t *data; /* NULL: no such item */
    size_t len;
} FwCfgItem;

struct FwCfg {
    DeviceState dev;
    IoRegion ctl, dma;
    FwCfgItem generic[FW_CFG_GENERIC], local[FW_CFG_LOCAL];
    char *names[FW_CFG_FILE_SLOTS]; /* sorted; item FW_CFG_FILE_FIRST + i */
    unsigned n_files;
    uint16_t key;
    size_t offset;
    uint64_t dma_addr;
    gboolean (*fill)(void *opaque, GError **errp);
    void *fill_opaque;
    bool filled; /* since the last reset */
};

/** fw_cfg_item: the item of a key, NULL for a key out of range. Its data may be NULL. */
FwCfgItem *fw_cfg_item(FwCfg *s, uint16_t key);

/** fw_cfg_fill: call the filler, once a reset. */
void fw_cfg_fill(FwCfg *s);

extern const IoOps fw_cfg_ctl_ops, fw_cfg_dma_ops;
void fw_cfg_select(FwCfg *s, uint16_t key);

/** fw_cfg_add_pc_items: what every PC has, from @ms. */
gboolean fw_cfg_add_pc_items(FwCfg *s, MachineState *ms, GError **errp);
/** fw_cfg_add_user_item: one text of -fw_cfg. */
gboolean fw_cfg_add_user_item(FwCfg *s, MachineState *ms, const char *text, GError **errp);

#endif
