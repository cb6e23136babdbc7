/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pvpanic: a port by which a guest kernel says that it has panicked.
 *
 * Theory of operation: reading the port gives the events that the host understands (the property
 * `events`); writing one of the bits reports it. Where the machine has fw_cfg, the file
 * etc/pvpanic-port tells firmware the port, so that it can describe the device in ACPI. A panic
 * outweighs a crash-kernel start when both bits are written at once.
 */
#include "hw/fw_cfg.h"
#include "hw/isa-devices.h"
#include "hw/isa.h"
#include "hw/machine.h"

#define PVPANIC_PANICKED 0x01
#define PVPANIC_CRASH_LOADED 0x02
#define PVPANIC_SHUTDOWN 0x04 /* newer than the others: only where it was announced */

typedef struct PvPanic {
    DeviceState dev;
    uint16_t ioport;
    uint8_t events;
    IoRegion io;
} PvPanic;

static uint64_t pvpanic_read(void *opaque, uint64_t offset, unsigned size)
{
    return ((PvPanic *)opaque)->events;
}

static void pvpanic_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    PvPanic *s = opaque;

    if (value & PVPANIC_PANICKED) {
        hw_machine_request(s->dev.machine, MACHINE_REQUEST_PANIC, "guest-panic", 0);
    } else if (value & PVPANIC_CRASH_LOADED) {
        hw_machine_request(s->dev.machine, MACHINE_REQUEST_CRASHLOAD, "guest-crashload", 0);
    } else if (value & s->events & PVPANIC_SHUTDOWN) {
        hw_machine_request(s->dev.machine, MACHINE_REQUEST_PVSHUTDOWN, "guest-shutdown", 0);
    }
}

static const IoOps pvpanic_ops = {
    .read = pvpanic_read, .write = pvpanic_write, .min_size = 1, .max_size = 1,
};

static gboolean pvpanic_add_file(PvPanic *s, GError **errp)
{
    uint16_t port = GUINT16_TO_LE(s->ioport);
    FwCfg *fw_cfg = s->dev.machine->fw_cfg;

    return fw_cfg == NULL || fw_cfg_add_file(fw_cfg, "etc/pvpanic-port", &port, sizeof port, errp);
}

static gboolean pvpanic_realize(DeviceState *dev, GError **errp)
{
    PvPanic *s = (PvPanic *)dev;

    s->io = (IoRegion){ .name = "pvpanic", .ops = &pvpanic_ops, .opaque = s };
    if (!isa_check_bus(dev, errp) ||
        !isa_add_ports(dev, &s->io, s->ioport, 1, "ioport", errp)) {
        return FALSE;
    }
    if (!pvpanic_add_file(s, errp)) {
        isa_remove_ports(dev, &s->io);
        return FALSE;
    }
    return TRUE;
}

static void pvpanic_unrealize(DeviceState *dev)
{
    isa_remove_ports(dev, &((PvPanic *)dev)->io);
}

static const AccelProp pvpanic_props[] = {
    { "ioport", ACCEL_PROP_UINT16, offsetof(PvPanic, ioport), "0x505", "Port" },
    { "events", ACCEL_PROP_UINT8, offsetof(PvPanic, events), "3",
      "Events the host announces: 1 panicked, 2 crash kernel loaded, 4 shutdown" },
    ACCEL_PROP_END
};

const DeviceClass pvpanic_class = {
    .type = { .name = "pvpanic", .parent = &hw_type_device, .desc = "Guest panic notifier",
              .instance_size = sizeof(PvPanic), .props = pvpanic_props },
    .bus = "ISA",
    .user_creatable = true,
    .realize = pvpanic_realize,
    .unrealize = pvpanic_unrealize,
};
