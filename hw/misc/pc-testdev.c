/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pc-testdev: what hypervisor unit tests poke at.
 *
 * Theory of operation: four bytes of storage seen through two port ranges: 0xe0-0xe3 takes accesses
 * of 1, 2 and 4 bytes as they come, 0xe8-0xeb gets the same bytes one by one, so that a test can
 * check how wide accesses are split and combined. Ports 0x2000-0x2017 are interrupt inputs, one
 * per port: bit 0..7 non-zero raises, zero lowers. 64 KiB of memory-mapped bytes lie at 0xff000000.
 * A write to 0xe4-0xe7 names a guest page whose mapping is to be dropped: there is nothing to do,
 * because no mapping outlives its memory slot here.
 */
#include "hw/isa-devices.h"
#include "hw/isa.h"
#include "hw/machine.h"

#define TESTDEV_MMIO_BASE 0xff000000ull
#define TESTDEV_MMIO_SIZE 0x10000
#define TESTDEV_IRQS 24

typedef struct PcTestdev {
    DeviceState dev;
    IoRegion latch, flush, bytes, irq, mmio;
    uint8_t latch_bytes[4];
    uint8_t *mem;
} PcTestdev;

/* Little-endian, because the port bus is. */
static uint64_t get_bytes(const uint8_t *p, unsigned size)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < size; i++) {
        value |= (uint64_t)p[i] << (8 * i);
    }
    return value;
}

static void put_bytes(uint8_t *p, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        p[i] = (uint8_t)(value >> (8 * i));
    }
}

static uint64_t latch_read(void *opaque, uint64_t offset, unsigned size)
{
    return get_bytes(((PcTestdev *)opaque)->latch_bytes + offset, size);
}

static void latch_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    put_bytes(((PcTestdev *)opaque)->latch_bytes + offset, value, size);
}

static const IoOps latch_ops = {
    .read = latch_read, .write = latch_write, .min_size = 1, .max_size = 4,
};

static const IoOps latch_byte_ops = {
    .read = latch_read, .write = latch_write, .min_size = 1, .max_size = 1,
};

static uint64_t zero_read(void *opaque, uint64_t offset, unsigned size)
{
    return 0;
}

static void flush_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
}

static const IoOps flush_ops = {
    .read = zero_read, .write = flush_write, .min_size = 1, .max_size = 4,
};

static void irq_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    PcTestdev *s = opaque;

    hw_irq_set(hw_machine_isa_irq(s->dev.machine, (unsigned)offset), (value & 0xff) != 0);
}

static const IoOps irq_ops = {
    .read = zero_read, .write = irq_write, .min_size = 1, .max_size = 1,
};

static uint64_t mmio_read(void *opaque, uint64_t offset, unsigned size)
{
    return get_bytes(((PcTestdev *)opaque)->mem + offset, size);
}

static void mmio_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    put_bytes(((PcTestdev *)opaque)->mem + offset, value, size);
}

static const IoOps mmio_ops = {
    .read = mmio_read, .write = mmio_write, .min_size = 1, .max_size = 8,
};

static void testdev_unrealize(DeviceState *dev)
{
    PcTestdev *s = (PcTestdev *)dev;

    isa_remove_ports(dev, &s->latch);
    isa_remove_ports(dev, &s->flush);
    isa_remove_ports(dev, &s->bytes);
    isa_remove_ports(dev, &s->irq);
    if (s->mem != NULL) {
        hw_mmio_remove(dev->machine, &s->mmio);
    }
    g_clear_pointer(&s->mem, g_free);
}

static void testdev_name_regions(PcTestdev *s)
{
    s->latch = (IoRegion){ .name = "pc-testdev-ioport", .ops = &latch_ops, .opaque = s };
    s->flush = (IoRegion){ .name = "pc-testdev-flush-page", .ops = &flush_ops, .opaque = s };
    s->bytes = (IoRegion){ .name = "pc-testdev-ioport-byte", .ops = &latch_byte_ops, .opaque = s };
    s->irq = (IoRegion){ .name = "pc-testdev-irq-line", .ops = &irq_ops, .opaque = s };
    s->mmio = (IoRegion){ .name = "pc-testdev-iomem", .base = TESTDEV_MMIO_BASE,
                          .size = TESTDEV_MMIO_SIZE, .ops = &mmio_ops, .opaque = s,
                          .owner = &s->dev };
}

static gboolean testdev_realize(DeviceState *dev, GError **errp)
{
    PcTestdev *s = (PcTestdev *)dev;

    testdev_name_regions(s);
    if (!isa_check_bus(dev, errp) || !isa_add_ports(dev, &s->latch, 0xe0, 4, NULL, errp) ||
        !isa_add_ports(dev, &s->flush, 0xe4, 4, NULL, errp) ||
        !isa_add_ports(dev, &s->bytes, 0xe8, 4, NULL, errp) ||
        !isa_add_ports(dev, &s->irq, 0x2000, TESTDEV_IRQS, NULL, errp)) {
        testdev_unrealize(dev);
        return FALSE;
    }
    s->mem = g_malloc0(TESTDEV_MMIO_SIZE);
    hw_mmio_add(dev->machine, &s->mmio);
    return TRUE;
}

const DeviceClass pc_testdev_class = {
    .type = { .name = "pc-testdev", .parent = &hw_type_device,
              .desc = "Latch, interrupt lines and memory for tests",
              .instance_size = sizeof(PcTestdev) },
    .bus = "ISA",
    .user_creatable = true,
    .realize = testdev_realize,
    .unrealize = testdev_unrealize,
};
