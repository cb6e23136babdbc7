/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The reset control register 0xcf9 of PC chipsets: bit 1 chooses hard or soft reset, a rising bit 2
 * carries it out. Source: Intel 82371SB (PIIX3) data sheet, "RC, reset control register".
 *
 * It lies inside what is PCI's configuration address register on machines with PCI. Guests probe
 * for that with 32-bit writes to 0xcf8; here they find nothing, and must not reset the machine by
 * looking, so the device owns all four ports and only a byte access to 0xcf9 counts.
 */
#include "acpi-internal.h"

#define RESET_PORT_BASE 0xcf8
#define RESET_RCPU      0x04
#define RESET_BITS      0x0e

typedef struct ResetPortState {
    DeviceState dev;
    uint8_t value;
    IoRegion io;
} ResetPortState;

static bool reset_port_here(uint64_t offset, unsigned size)
{
    return offset == ACPI_RESET_PORT - RESET_PORT_BASE && size == 1;
}

static uint64_t reset_port_read(void *opaque, uint64_t offset, unsigned size)
{
    ResetPortState *s = opaque;

    return reset_port_here(offset, size) ? s->value : UINT64_MAX;
}

static void reset_port_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    ResetPortState *s = opaque;
    uint8_t old = s->value;

    if (!reset_port_here(offset, size)) {
        return;
    }
    s->value = value & RESET_BITS;
    if ((s->value & ~old) & RESET_RCPU) {
        hw_machine_request(s->dev.machine, MACHINE_REQUEST_RESET, "guest-reset", 0);
    }
}

static const IoOps reset_port_ops = { .read = reset_port_read, .write = reset_port_write, 1, 4 };

static void reset_port_reset(DeviceState *dev)
{
    ((ResetPortState *)dev)->value = 0;
}

static gboolean reset_port_realize(DeviceState *dev, GError **errp)
{
    ResetPortState *s = (ResetPortState *)dev;

    s->io = (IoRegion){ .name = "reset-port", .base = RESET_PORT_BASE, .size = 4,
                        .ops = &reset_port_ops, .opaque = s, .owner = dev };
    hw_port_add(dev->machine, &s->io);
    return TRUE;
}

static void reset_port_unrealize(DeviceState *dev)
{
    hw_port_remove(dev->machine, &((ResetPortState *)dev)->io);
}

const DeviceClass reset_port_class = {
    .type = {
        .name = "reset-port",
        .parent = &hw_type_device,
        .desc = "reset control register 0xcf9",
        .instance_size = sizeof(ResetPortState),
    },
    .bus = "ISA",
    .realize = reset_port_realize,
    .reset = reset_port_reset,
    .unrealize = reset_port_unrealize,
};
