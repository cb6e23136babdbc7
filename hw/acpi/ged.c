/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The generic event device of hardware-reduced ACPI as QEMU's microvm has it: one register that
 * says which events are waiting (reading clears it), one edge-triggered interrupt, and the sleep
 * control, sleep status and reset registers. Source: ACPI specification 6.3, 4.8.3.7 and 5.6.9.
 *
 * The interrupt line stays up until the guest reads the events; another event meanwhile makes a new
 * edge, so that none can get lost between the two.
 */
#include "acpi-internal.h"

typedef struct AcpiGedState {
    DeviceState dev;
    uint32_t events;
    bool line;
    IrqLine *irq;
    IoRegion io, sleep_io;
} AcpiGedState;

static void ged_set_irq(AcpiGedState *s, bool level)
{
    if (s->line != level) {
        s->line = level;
        hw_irq_set(s->irq, level);
    }
}

static void ged_raise(AcpiGedState *s, uint32_t event)
{
    s->events |= event;
    ged_set_irq(s, false);
    ged_set_irq(s, true);
}

static uint64_t ged_read(void *opaque, uint64_t offset, unsigned size)
{
    AcpiGedState *s = opaque;
    uint32_t events = s->events;

    if (offset != 0) {
        return 0;
    }
    s->events = 0;
    ged_set_irq(s, false);
    return events;
}

static void ged_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
}

static uint64_t ged_sleep_read(void *opaque, uint64_t offset, unsigned size)
{
    return 0; /* WAK_STS is never set: there is no state to wake from */
}

static void ged_sleep_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    AcpiGedState *s = opaque;
    unsigned type = value >> ACPI_SLEEP_CTL_SLP_TYP_SHIFT & 7;

    if (offset == ACPI_GED_SLEEP_CTL && (value & ACPI_SLEEP_CTL_SLP_EN) &&
        type == ACPI_GED_S5_TYPE) {
        acpi_soft_off(s->dev.machine);
    } else if (offset == ACPI_GED_RESET && (uint8_t)value == ACPI_GED_RESET_VALUE) {
        hw_machine_request(s->dev.machine, MACHINE_REQUEST_RESET, "guest-reset", 0);
    }
}

static const IoOps ged_ops = { .read = ged_read, .write = ged_write, 4, 4 };
static const IoOps ged_sleep_ops = { .read = ged_sleep_read, .write = ged_sleep_write, 1, 1 };

static void ged_event(void *opaque, int n, int level)
{
    if (level) {
        ged_raise(opaque, 1u << n);
    }
}

void acpi_ged_power_button(DeviceState *dev)
{
    ged_raise((AcpiGedState *)dev, ACPI_GED_POWER_BUTTON);
}

static void ged_reset(DeviceState *dev)
{
    AcpiGedState *s = (AcpiGedState *)dev;

    s->events = 0;
    ged_set_irq(s, false);
}

static gboolean ged_realize(DeviceState *dev, GError **errp)
{
    AcpiGedState *s = (AcpiGedState *)dev;

    hw_device_init_in(dev, "event", ged_event, 32);
    hw_device_init_out(dev, NULL, &s->irq, 1);
    s->io = (IoRegion){ .name = "acpi-ged", .base = ACPI_GED_EVENT_GPA,
                        .size = ACPI_GED_EVENT_LEN, .ops = &ged_ops, .opaque = s, .owner = dev };
    s->sleep_io = (IoRegion){ .name = "acpi-ged-regs", .base = ACPI_GED_SLEEP_GPA,
                              .size = ACPI_GED_SLEEP_LEN, .ops = &ged_sleep_ops, .opaque = s,
                              .owner = dev };
    hw_mmio_add(dev->machine, &s->io);
    hw_mmio_add(dev->machine, &s->sleep_io);
    return TRUE;
}

static void ged_unrealize(DeviceState *dev)
{
    AcpiGedState *s = (AcpiGedState *)dev;

    hw_mmio_remove(dev->machine, &s->io);
    hw_mmio_remove(dev->machine, &s->sleep_io);
}

const DeviceClass acpi_ged_class = {
    .type = {
        .name = "acpi-ged",
        .parent = &hw_type_device,
        .desc = "ACPI generic event device",
        .instance_size = sizeof(AcpiGedState),
    },
    .bus = "System",
    .realize = ged_realize,
    .reset = ged_reset,
    .unrealize = ged_unrealize,
};
