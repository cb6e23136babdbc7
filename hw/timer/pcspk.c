/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Port 0x61, as far as the timer and the speaker use it: bit 0 is GATE of the i8254's counter 2,
 * bit 1 lets its OUT through to the speaker, bit 4 toggles with each memory refresh, bit 5 reads
 * OUT. There is no speaker; delay loops and TSC calibration are what it is read for. Source: IBM
 * PC/AT technical reference, "System control port B".
 */
#include "hw/intc.h"

#define PORT61_GATE    0x01
#define PORT61_DATA    0x02
#define PORT61_REFRESH 0x10
#define PORT61_OUT     0x20

#define REFRESH_NS 15085 /* 18 pulses of the i8254's clock */

typedef struct PcspkState {
    DeviceState dev;
    uint8_t value;
    IoRegion io;
} PcspkState;

static uint64_t pcspk_read(void *opaque, uint64_t offset, unsigned size)
{
    PcspkState *s = opaque;
    MachineState *ms = s->dev.machine;
    uint8_t value = s->value;

    if (hw_clock_ns(ms, HW_CLOCK_VIRTUAL) / REFRESH_NS & 1) {
        value |= PORT61_REFRESH;
    }
    if (i8254_out(x86_intc_pit(ms), 2)) {
        value |= PORT61_OUT;
    }
    return value;
}

static void pcspk_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    PcspkState *s = opaque;

    s->value = value & (PORT61_GATE | PORT61_DATA);
    i8254_set_gate(x86_intc_pit(s->dev.machine), 2, value & PORT61_GATE);
}

static const IoOps pcspk_ops = { .read = pcspk_read, .write = pcspk_write, 1, 1 };

static void pcspk_reset(DeviceState *dev)
{
    pcspk_write(dev, 0, 0, 1);
}

static gboolean pcspk_realize(DeviceState *dev, GError **errp)
{
    PcspkState *s = (PcspkState *)dev;

    if (x86_intc_pit(dev->machine) == NULL) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "Device 'isa-pcspk' needs the machine's 'isa-pit'");
        return FALSE;
    }
    s->io = (IoRegion){ .name = "pcspk", .base = 0x61, .size = 1, .ops = &pcspk_ops,
                        .opaque = s, .owner = dev };
    hw_port_add(dev->machine, &s->io);
    return TRUE;
}

static void pcspk_unrealize(DeviceState *dev)
{
    hw_port_remove(dev->machine, &((PcspkState *)dev)->io);
}

const DeviceClass pcspk_class = {
    .type = {
        .name = "isa-pcspk",
        .parent = &hw_type_device,
        .desc = "PC speaker port",
        .instance_size = sizeof(PcspkState),
    },
    .bus = "ISA",
    .realize = pcspk_realize,
    .reset = pcspk_reset,
    .unrealize = pcspk_unrealize,
};
