/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The IOAPIC's window: index at 0x00, data at 0x10, and with version 0x20 a write-only EOI register
 * at 0x40. Behind the index: id, version, arbitration, and two 32-bit halves per pin.
 */
#include <string.h>
#include "ioapic-internal.h"

enum { IOAPIC_SELECT = 0x00, IOAPIC_DATA = 0x10, IOAPIC_EOI = 0x40 };
enum { IOAPIC_REG_ID, IOAPIC_REG_VERSION, IOAPIC_REG_ARB, IOAPIC_REG_TABLE = 0x10 };

static bool ioapic_entry(uint8_t select, unsigned *pin, unsigned *shift)
{
    *pin = (select - IOAPIC_REG_TABLE) / 2u;
    *shift = (select & 1) * 32;
    return select >= IOAPIC_REG_TABLE && *pin < IOAPIC_PINS;
}

static uint32_t ioapic_read_reg(IoapicState *s)
{
    unsigned pin, shift;

    if (ioapic_entry(s->select, &pin, &shift)) {
        return s->rte[pin] >> shift;
    }
    switch (s->select) {
    case IOAPIC_REG_ID:
    case IOAPIC_REG_ARB: /* loaded from the id whenever that is written */
        return (uint32_t)s->id << 24;
    case IOAPIC_REG_VERSION:
        return s->version | (IOAPIC_PINS - 1) << 16;
    default:
        return 0;
    }
}

static void ioapic_write_entry(IoapicState *s, unsigned pin, unsigned shift, uint32_t value)
{
    uint32_t bit = 1u << pin;
    uint64_t old = s->rte[pin];
    uint64_t rte = (old & ~(0xffffffffull << shift)) | (uint64_t)value << shift;

    rte = (rte & RTE_WRITABLE) | (old & RTE_READ_ONLY);
    if (!ioapic_is_level(rte)) {
        rte &= ~RTE_REMOTE_IRR; /* how software clears it where there is no EOI register */
        s->irr &= ~bit;         /* no edge is owed */
    } else {
        s->irr = (s->irr & ~bit) | (s->lines & bit);
    }
    s->rte[pin] = rte;
    ioapic_sync_route(s, pin, false);
    ioapic_service(s, pin);
}

static void ioapic_write_reg(IoapicState *s, uint32_t value)
{
    unsigned pin, shift;

    if (ioapic_entry(s->select, &pin, &shift)) {
        ioapic_write_entry(s, pin, shift, value);
    } else if (s->select == IOAPIC_REG_ID) {
        s->id = (value >> 24) & 0xf;
    }
}

static uint64_t ioapic_read(void *opaque, uint64_t offset, unsigned size)
{
    IoapicState *s = opaque;

    switch (offset) {
    case IOAPIC_SELECT:
        return s->select;
    case IOAPIC_DATA:
        return size == 4 ? ioapic_read_reg(s) : 0;
    default:
        return 0;
    }
}

static void ioapic_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    IoapicState *s = opaque;

    switch (offset) {
    case IOAPIC_SELECT:
        s->select = value;
        break;
    case IOAPIC_DATA:
        if (size == 4) {
            ioapic_write_reg(s, value);
        }
        break;
    case IOAPIC_EOI:
        if (size == 4 && s->version >= 0x20) {
            ioapic_eoi(&s->dev, value);
        }
        break;
    }
}

static const IoOps ioapic_ops = { .read = ioapic_read, .write = ioapic_write, 1, 4 };

void ioapic_get_regs(const DeviceState *dev, IoapicRegs *regs)
{
    const IoapicState *s = (const IoapicState *)dev;

    *regs = (IoapicRegs){ .version = s->version, .id = s->id, .select = s->select, .irr = s->irr };
    memcpy(regs->rte, s->rte, sizeof(regs->rte));
}

static void ioapic_reset(DeviceState *dev)
{
    IoapicState *s = (IoapicState *)dev;

    s->id = s->select = 0;
    s->irr = 0;
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
        s->rte[pin] = RTE_MASKED;
        ioapic_sync_route(s, pin, true);
    }
}

static gboolean ioapic_realize(DeviceState *dev, GError **errp)
{
    IoapicState *s = (IoapicState *)dev;

    if (s->version != 0x11 && s->version != 0x20) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "IOAPIC version 0x11 or 0x20 supported, not 0x%x", s->version);
        return FALSE;
    }
    hw_device_init_in(dev, NULL, ioapic_set_line, IOAPIC_PINS);
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
        s->rte[pin] = RTE_MASKED;
        ioapic_sync_route(s, pin, true);
    }
    s->io = (IoRegion){ .name = "ioapic", .base = s->base, .size = 0x1000, .ops = &ioapic_ops,
                        .opaque = s, .owner = dev };
    hw_mmio_add(dev->machine, &s->io);
    return TRUE;
}

static void ioapic_unrealize(DeviceState *dev)
{
    hw_mmio_remove(dev->machine, &((IoapicState *)dev)->io);
}

static const AccelProp ioapic_props[] = {
    { "base", ACCEL_PROP_UINT64, offsetof(IoapicState, base), "0xfec00000",
      "guest-physical address of the registers" },
    { "version", ACCEL_PROP_UINT8, offsetof(IoapicState, version), "0x20",
      "0x11, or 0x20 which has an EOI register" },
    ACCEL_PROP_END,
};

const DeviceClass ioapic_class = {
    .type = {
        .name = "ioapic",
        .parent = &hw_type_device,
        .desc = "I/O APIC with 24 pins",
        .instance_size = sizeof(IoapicState),
        .props = ioapic_props,
    },
    .bus = "System",
    .realize = ioapic_realize,
    .reset = ioapic_reset,
    .unrealize = ioapic_unrealize,
};
