/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The iBASE IB700 watchdog.
 *
 * Theory of operation: writing v to port 0x443 starts the count-down, or starts it again, from
 * 30 - 2 * (v & 15) seconds of guest time; any write to 0x441 stops it. When it runs out the machine
 * is asked for the watchdog action, once, and the watchdog is off. The action itself belongs to
 * whoever owns the machine (BootConfig.watchdog_action). Reads find no register.
 */
#include "hw/boot-config.h"
#include "hw/isa-devices.h"
#include "hw/isa.h"
#include "hw/machine.h"

#define IB700_BASE 0x441
#define IB700_PORTS 4
#define IB700_DISABLE 0 /* 0x441 */
#define IB700_ENABLE 2  /* 0x443 */

typedef struct Ib700 {
    DeviceState dev;
    IoRegion io;
    HwTimer *timer;
} Ib700;

static void ib700_expired(void *opaque)
{
    Ib700 *s = opaque;
    const BootConfig *boot = s->dev.machine->boot;

    hw_machine_request(s->dev.machine, MACHINE_REQUEST_WATCHDOG, "ib700",
                       boot ? boot->watchdog_action : WATCHDOG_ACTION_RESET);
}

static uint64_t ib700_read(void *opaque, uint64_t offset, unsigned size)
{
    return 0xff;
}

static void ib700_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    Ib700 *s = opaque;
    int64_t now, seconds = 30 - 2 * (int64_t)(value & 0xf);

    if (offset == IB700_ENABLE) {
        now = hw_clock_ns(s->dev.machine, HW_CLOCK_VIRTUAL);
        hw_timer_mod(s->timer, now + seconds * HW_NS_PER_SEC);
    } else if (offset == IB700_DISABLE) {
        hw_timer_del(s->timer);
    }
}

static const IoOps ib700_ops = {
    .read = ib700_read, .write = ib700_write, .min_size = 1, .max_size = 1,
};

static void ib700_reset(DeviceState *dev)
{
    hw_timer_del(((Ib700 *)dev)->timer);
}

static void ib700_unrealize(DeviceState *dev)
{
    Ib700 *s = (Ib700 *)dev;

    isa_remove_ports(dev, &s->io);
    hw_timer_free(s->timer);
    s->timer = NULL;
}

static gboolean ib700_realize(DeviceState *dev, GError **errp)
{
    Ib700 *s = (Ib700 *)dev;

    s->io = (IoRegion){ .name = "ib700", .ops = &ib700_ops, .opaque = s };
    if (!isa_check_bus(dev, errp) ||
        !isa_add_ports(dev, &s->io, IB700_BASE, IB700_PORTS, NULL, errp)) {
        return FALSE;
    }
    s->timer = hw_timer_new(dev->machine, HW_CLOCK_VIRTUAL, ib700_expired, s);
    return TRUE;
}

const DeviceClass ib700_class = {
    .type = { .name = "ib700", .parent = &hw_type_device, .desc = "iBASE 700 watchdog",
              .instance_size = sizeof(Ib700) },
    .bus = "ISA",
    .user_creatable = true,
    .realize = ib700_realize,
    .reset = ib700_reset,
    .unrealize = ib700_unrealize,
};
