/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Parallel flash: the device "cfi.pflash01".
 *
 * Theory of operation: the array is host memory that the guest sees as ROM, so firmware in it runs
 * and is read at full speed; what the guest writes arrives here and is a command. While a command
 * wants reads to show something else than the array, the memory is taken out of the guest's map
 * and reads arrive here too. Accesses of 2 and 4 bytes are answered as those of the bytes.
 */
#include "hw/block/pflash.h"

#define LOCK_STATUS_AT 2 /* within a block, in identifier mode */

static uint8_t read_id(const Pflash *s, uint64_t offset)
{
    bool locked = offset % PFLASH_BLOCK == LOCK_STATUS_AT && s->locked[offset / PFLASH_BLOCK];

    return locked ? 1 : 0; /* no manufacturer and no device number, as QEMU's for PCs */
}

static uint8_t read_byte(const Pflash *s, uint64_t offset)
{
    switch (s->mode) {
    case PFLASH_STATUS:
        return s->status;
    case PFLASH_ID:
        return read_id(s, offset);
    case PFLASH_QUERY:
        offset &= 0xff;
        return offset < PFLASH_CFI_SIZE ? s->cfi[offset] : 0;
    default:
        return s->host[offset];
    }
}

static uint64_t pflash_read(void *opaque, uint64_t offset, unsigned size)
{
    Pflash *s = opaque;
    uint64_t value = 0;

    for (unsigned i = 0; i < size && offset + i < s->image.size; i++) {
        value |= (uint64_t)read_byte(s, offset + i) << (8 * i);
    }
    return value;
}

/* The guest reads the array by itself. What cannot be mapped again is still answered by us. */
static void show(Pflash *s)
{
    hw_rom_set_direct(s->dev.machine, &s->io, s->mode == PFLASH_ARRAY, NULL);
}

static void pflash_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    Pflash *s = opaque;

    pflash_command(s, offset, value, size);
    show(s);
}

static const IoOps pflash_ops = {
    .read = pflash_read, .write = pflash_write, .min_size = 1, .max_size = 4,
};

static void pflash_reset(DeviceState *dev)
{
    Pflash *s = (Pflash *)dev;

    pflash_idle(s);
    show(s);
}

static gboolean pflash_realize(DeviceState *dev, GError **errp)
{
    Pflash *s = (Pflash *)dev;

    s->host = hw_ram_alloc(dev->machine, s->image.size, errp);
    if (s->host == NULL || !flash_image_read(&s->image, s->host, errp) ||
        !hw_ram_add(dev->machine, s->io.name, s->base, s->host, s->image.size, ACCEL_RAM_READONLY,
                    errp)) {
        return FALSE;
    }
    s->io.base = s->base;
    s->io.size = s->image.size;
    hw_mmio_add(dev->machine, &s->io);
    return TRUE;
}

static void pflash_unrealize(DeviceState *dev)
{
    Pflash *s = (Pflash *)dev;

    pflash_idle(s);
    show(s);
    hw_mmio_remove(dev->machine, &s->io);
    hw_ram_remove(dev->machine, s->base, NULL);
}

static void pflash_finalize(HwObject *obj)
{
    Pflash *s = (Pflash *)obj;

    flash_image_close(&s->image);
    g_free(s->locked);
    g_free((char *)s->io.name);
}

static void pflash_init(HwObject *obj)
{
    Pflash *s = (Pflash *)obj;

    s->image.fd = -1;
    s->io = (IoRegion){ .ops = &pflash_ops, .opaque = s };
}

#define FACT(text, kind, field, what)                                                    \
    { .name = text, .type = kind, .offset = offsetof(Pflash, field), .help = what,       \
      .read_only = TRUE }

static const AccelProp pflash_props[] = {
    FACT("drive", ACCEL_PROP_STRING, drive, "File behind it"),
    FACT("num-blocks", ACCEL_PROP_UINT32, n_blocks, "Blocks that can be erased"),
    FACT("sector-length", ACCEL_PROP_UINT64, block_size, "Bytes of a block"),
    FACT("width", ACCEL_PROP_UINT8, width, "Bytes of the bus"),
    ACCEL_PROP_END,
};

const DeviceClass pflash_class = {
    .type = { .name = "cfi.pflash01", .parent = &hw_type_device, .desc = "Parallel flash",
              .instance_size = sizeof(Pflash), .props = pflash_props, .init = pflash_init,
              .finalize = pflash_finalize },
    .bus = "System",
    .realize = pflash_realize,
    .reset = pflash_reset,
    .unrealize = pflash_unrealize,
};

Pflash *pflash_create(MachineState *ms, const char *name, uint64_t base, FlashImage *image,
                      GError **errp)
{
    DeviceState *dev = hw_device_new(&pflash_class);
    Pflash *s = (Pflash *)dev;

    s->image = *image;
    *image = (FlashImage){ .fd = -1 };
    s->base = base;
    s->io.name = g_strdup(name);
    s->io.owner = dev;
    s->drive = g_strdup(s->image.file);
    s->block_size = PFLASH_BLOCK;
    s->n_blocks = (uint32_t)(s->image.size / PFLASH_BLOCK);
    s->width = 1;
    s->locked = g_malloc0(s->n_blocks);
    pflash_cfi_fill(s->cfi, s->image.size);
    pflash_idle(s);
    if (!hw_device_realize(dev, ms, name, errp)) {
        hw_object_unref(&dev->obj);
        return NULL;
    }
    return s;
}
