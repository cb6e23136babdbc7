/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * isa-debugcon: one port; each byte written goes to a character device.
 *
 * Theory of operation: firmware finds the console by reading the port: it answers with a magic value
 * (0xe9, where the port of the Bochs emulator was). There is no state and the back end serialises
 * writers itself, so the port is served without the machine lock: this is the hot path of a guest
 * that prints.
 */
#include "hw/isa-devices.h"
#include "hw/isa.h"
#include "hw/machine.h"

typedef struct DebugCon {
    DeviceState dev;
    uint32_t iobase, readback;
    char *chardev;
    Chardev *chr;
    IoRegion io;
} DebugCon;

static uint64_t debugcon_read(void *opaque, uint64_t offset, unsigned size)
{
    return ((DebugCon *)opaque)->readback & 0xff;
}

static void debugcon_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    uint8_t byte = (uint8_t)value;

    chardev_write(((DebugCon *)opaque)->chr, &byte, 1);
}

static const IoOps debugcon_ops = {
    .read = debugcon_read, .write = debugcon_write, .min_size = 1, .max_size = 1,
};

static gboolean debugcon_connect(DebugCon *s, GError **errp)
{
    const ChardevHandlers none = { 0 };

    if (s->chardev == NULL) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "Can't create debugcon device, empty char device");
        return FALSE;
    }
    if (!hw_device_chardev(&s->dev, s->chardev, &s->chr, errp)) {
        return FALSE;
    }
    if (!chardev_connect(s->chr, &none, errp)) {
        s->chr = NULL;
        return FALSE;
    }
    return TRUE;
}

static void debugcon_unrealize(DeviceState *dev)
{
    DebugCon *s = (DebugCon *)dev;

    isa_remove_ports(dev, &s->io);
    if (s->chr != NULL) {
        chardev_disconnect(s->chr);
        s->chr = NULL;
    }
}

static gboolean debugcon_realize(DeviceState *dev, GError **errp)
{
    DebugCon *s = (DebugCon *)dev;

    s->io = (IoRegion){ .name = "isa-debugcon", .ops = &debugcon_ops, .opaque = s,
                        .flags = IO_LOCKLESS };
    if (!isa_check_bus(dev, errp) || !debugcon_connect(s, errp)) {
        return FALSE;
    }
    if (!isa_add_ports(dev, &s->io, s->iobase, 1, "iobase", errp)) {
        debugcon_unrealize(dev);
        return FALSE;
    }
    return TRUE;
}

static const AccelProp debugcon_props[] = {
    { "iobase", ACCEL_PROP_UINT32, offsetof(DebugCon, iobase), "0xe9", "Port" },
    { "readback", ACCEL_PROP_UINT32, offsetof(DebugCon, readback), "0xe9",
      "What reading the port gives" },
    { "chardev", ACCEL_PROP_LINK, offsetof(DebugCon, chardev), NULL,
      "ID of a chardev to use as a backend" },
    ACCEL_PROP_END
};

const DeviceClass isa_debugcon_class = {
    .type = { .name = "isa-debugcon", .parent = &hw_type_device, .desc = "Debug console port",
              .instance_size = sizeof(DebugCon), .props = debugcon_props },
    .bus = "ISA",
    .user_creatable = true,
    .realize = debugcon_realize,
    .unrealize = debugcon_unrealize,
};
