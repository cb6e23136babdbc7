/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * System control port A of the PS/2 (0x92): the fast way to A20 and to reset.
 *
 * Theory of operation: bit 1 drives the line "a20" (output 0); what a board does with it is its own
 * matter, and no accelerator of ours masks address bit 20. A rising edge of bit 0 resets the
 * machine; the bit stays set until the reset clears it, so one write asks once.
 */
#include "hw/isa-devices.h"
#include "hw/isa.h"
#include "hw/machine.h"

#define PORT92_FAST_RESET 0x01
#define PORT92_A20 0x02

typedef struct Port92 {
    DeviceState dev;
    IoRegion io;
    IrqLine *a20;
    uint8_t value;
} Port92;

static uint64_t port92_read(void *opaque, uint64_t offset, unsigned size)
{
    return ((Port92 *)opaque)->value;
}

static void port92_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    Port92 *s = opaque;
    uint8_t old = s->value;

    s->value = (uint8_t)value;
    hw_irq_set(s->a20, (s->value & PORT92_A20) != 0);
    if ((s->value & ~old) & PORT92_FAST_RESET) {
        hw_machine_request(s->dev.machine, MACHINE_REQUEST_RESET, "guest-reset", 0);
    }
}

static const IoOps port92_ops = {
    .read = port92_read, .write = port92_write, .min_size = 1, .max_size = 1,
};

static void port92_reset(DeviceState *dev)
{
    ((Port92 *)dev)->value &= (uint8_t)~PORT92_FAST_RESET;
}

static gboolean port92_realize(DeviceState *dev, GError **errp)
{
    Port92 *s = (Port92 *)dev;

    s->io = (IoRegion){ .name = "port92", .ops = &port92_ops, .opaque = s };
    return isa_add_ports(dev, &s->io, 0x92, 1, NULL, errp);
}

static void port92_unrealize(DeviceState *dev)
{
    isa_remove_ports(dev, &((Port92 *)dev)->io);
}

static void port92_init(HwObject *obj)
{
    hw_device_init_out(DEVICE(obj), "a20", &((Port92 *)obj)->a20, 1);
}

const DeviceClass port92_class = {
    .type = { .name = "port92", .parent = &hw_type_device, .desc = "System control port A",
              .instance_size = sizeof(Port92), .init = port92_init },
    .bus = "ISA",
    .realize = port92_realize,
    .reset = port92_reset,
    .unrealize = port92_unrealize,
};
