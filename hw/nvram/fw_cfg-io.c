/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fw_cfg: the guest's side: selector, data port and DMA.
 *
 * Theory of operation: a 16-bit write to 0x510 selects an item and goes back to its start; each byte
 * read from 0x511 (or 0x510, as in QEMU) is the next one, zeros after the end and for an item that is
 * not there. DMA moves many bytes with one exit: the guest writes the address of a control block,
 * big-endian, high half to 0x514 and low half to 0x518, which starts it; everything is done when
 * that write returns and the block's control word is then 0 or the error bit. Reading the eight
 * ports gives the signature by which drivers find out that DMA is there. No item is writable by the
 * guest, so a DMA write is an error.
 */
#include <string.h>
#include "hw/machine.h"
#include "hw/nvram/fw_cfg-internal.h"

enum {
    DMA_ERROR = 0x01, DMA_READ = 0x02, DMA_SKIP = 0x04, DMA_SELECT = 0x08, DMA_WRITE = 0x10,
};

#define DMA_KEY_SHIFT 16
#define DMA_LOW 4 /* offset of the half that starts the transfer */

/* Control block in guest memory, big-endian. */
typedef struct DmaBlock {
    uint32_t control, length;
    uint64_t address;
} DmaBlock;

void fw_cfg_select(FwCfg *s, uint16_t key)
{
    if (!(key & FW_CFG_LOCAL_BIT) && (key & FW_CFG_KEY_MASK) >= FW_CFG_FILE_DIR) {
        fw_cfg_fill(s);
    }
    s->key = key;
    s->offset = 0;
}

/* ---- selector and data ---- */

static uint64_t ctl_read(void *opaque, uint64_t offset, unsigned size)
{
    FwCfg *s = opaque;
    const FwCfgItem *item = fw_cfg_item(s, s->key);

    if (size != 1 || item == NULL || item->data == NULL || s->offset >= item->len) {
        return 0;
    }
    return item->data[s->offset++];
}

/* Writing data through the port was dropped from the interface long ago: ignored. */
static void ctl_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    if (size == 2) {
        fw_cfg_select(opaque, (uint16_t)value);
    }
}

const IoOps fw_cfg_ctl_ops = {
    .read = ctl_read, .write = ctl_write, .min_size = 1, .max_size = 2,
};

/* ---- DMA ---- */

static bool fill_zero(MachineState *ms, uint64_t address, uint64_t len)
{
    static const uint8_t zeros[4096];

    while (len > 0) {
        uint64_t n = MIN(len, sizeof zeros);

        if (!hw_mem_write(ms, address, zeros, n)) {
            return false;
        }
        address += n;
        len -= n;
    }
    return true;
}

/* Copy what is left of the item, then zeros. */
static bool dma_read(FwCfg *s, uint64_t address, uint32_t length)
{
    const FwCfgItem *item = fw_cfg_item(s, s->key);
    uint64_t n = 0;

    if (item != NULL && item->data != NULL && s->offset < item->len) {
        n = MIN(length, item->len - s->offset);
        if (!hw_mem_write(s->dev.machine, address, item->data + s->offset, n)) {
            return false;
        }
        s->offset += n;
    }
    return fill_zero(s->dev.machine, address + n, length - n);
}

static void dma_skip(FwCfg *s, uint32_t length)
{
    const FwCfgItem *item = fw_cfg_item(s, s->key);

    if (item != NULL && s->offset < item->len) {
        s->offset += MIN(length, item->len - s->offset);
    }
}

/* Returns: the control word's new value. */
static uint32_t dma_execute(FwCfg *s, uint32_t control, uint32_t length, uint64_t address)
{
    if (control & DMA_SELECT) {
        fw_cfg_select(s, (uint16_t)(control >> DMA_KEY_SHIFT));
    }
    if (control & DMA_READ) {
        return dma_read(s, address, length) ? 0 : DMA_ERROR;
    }
    if (control & DMA_WRITE) {
        return length > 0 ? DMA_ERROR : 0;
    }
    if (control & DMA_SKIP) {
        dma_skip(s, length);
    }
    return 0;
}

static void dma_transfer(FwCfg *s)
{
    uint64_t at = s->dma_addr;
    uint32_t result = DMA_ERROR;
    DmaBlock block;

    s->dma_addr = 0;
    if (hw_mem_read(s->dev.machine, at, &block, sizeof block)) {
        result = dma_execute(s, GUINT32_FROM_BE(block.control), GUINT32_FROM_BE(block.length),
                             GUINT64_FROM_BE(block.address));
    }
    result = GUINT32_TO_BE(result);
    hw_mem_write(s->dev.machine, at, &result, sizeof result);
}

static uint64_t dma_port_read(void *opaque, uint64_t offset, unsigned size)
{
    static const uint8_t signature[8] = { 'Q', 'E', 'M', 'U', ' ', 'C', 'F', 'G' };
    uint64_t value = 0;

    for (unsigned i = 0; i < size && offset + i < sizeof signature; i++) {
        value |= (uint64_t)signature[offset + i] << (8 * i);
    }
    return value;
}

static void dma_port_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    FwCfg *s = opaque;
    uint32_t half = GUINT32_SWAP_LE_BE((uint32_t)value);

    if (size != 4 || offset % 4 != 0) {
        return;
    }
    if (offset == DMA_LOW) {
        s->dma_addr |= half;
        dma_transfer(s);
    } else {
        s->dma_addr = (uint64_t)half << 32;
    }
}

const IoOps fw_cfg_dma_ops = {
    .read = dma_port_read, .write = dma_port_write, .min_size = 1, .max_size = 4,
};
