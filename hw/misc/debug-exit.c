/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * isa-debug-exit: a port by which a guest ends the program that runs it.
 *
 * Theory of operation: a write of v to any of its ports asks the owner of the machine to leave with
 * status (v << 1) | 1. The lowest bit is always set, so a guest cannot pretend the success that
 * status 0 stands for. Reads give 0. There is no state, so the ports need no machine lock.
 */
#include "hw/isa-devices.h"
#include "hw/isa.h"
#include "hw/machine.h"

typedef struct DebugExit {
    DeviceState dev;
    uint32_t iobase, iosize;
    IoRegion io;
} DebugExit;

static uint64_t debug_exit_read(void *opaque, uint64_t offset, unsigned size)
{
    return 0;
}

static void debug_exit_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    DebugExit *s = opaque;
    uint32_t code = ((uint32_t)value << 1) | 1;

    hw_machine_request(s->dev.machine, MACHINE_REQUEST_EXIT, "guest-exit", (int)code);
}

static const IoOps debug_exit_ops = {
    .read = debug_exit_read, .write = debug_exit_write, .min_size = 1, .max_size = 4,
};

static gboolean debug_exit_realize(DeviceState *dev, GError **errp)
{
    DebugExit *s = (DebugExit *)dev;

    s->io = (IoRegion){ .name = "isa-debug-exit", .ops = &debug_exit_ops, .opaque = s,
                        .flags = IO_LOCKLESS };
    return isa_check_bus(dev, errp) &&
           isa_add_ports(dev, &s->io, s->iobase, s->iosize, "iobase", errp);
}

static void debug_exit_unrealize(DeviceState *dev)
{
    isa_remove_ports(dev, &((DebugExit *)dev)->io);
}

static const AccelProp debug_exit_props[] = {
    { "iobase", ACCEL_PROP_UINT32, offsetof(DebugExit, iobase), "0x501", "First port" },
    { "iosize", ACCEL_PROP_UINT32, offsetof(DebugExit, iosize), "2", "Number of ports" },
    ACCEL_PROP_END
};

const DeviceClass isa_debug_exit_class = {
    .type = { .name = "isa-debug-exit", .parent = &hw_type_device,
              .desc = "Port that ends the program with a status",
              .instance_size = sizeof(DebugExit), .props = debug_exit_props },
    .bus = "ISA",
    .user_creatable = true,
    .realize = debug_exit_realize,
    .unrealize = debug_exit_unrealize,
};
