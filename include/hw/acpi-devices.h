/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: power management devices of a board. Registers are in hw/acpi-regs.h.
 *
 * Fixed hardware (pc-lite):
 *     pm = hw_device_create(ms, &acpi_pm_class, "acpi-pm", NULL, errp);
 *     hw_device_connect(pm, NULL, 0, hw_machine_isa_irq(ms, ACPI_SCI_IRQ));
 *     hp = hw_device_create(ms, &acpi_cpuhp_class, "acpi-cpu-hotplug", NULL, errp);
 *     hw_device_connect(hp, NULL, 0, hw_device_in(pm, "gpe", ACPI_GPE_CPU_HOTPLUG));
 *     hw_device_create(ms, &reset_port_class, "reset-port", NULL, errp);
 * Reduced hardware (microvm):
 *     ged = hw_device_create(ms, &acpi_ged_class, "acpi-ged", NULL, errp);
 *     hw_device_connect(ged, NULL, 0, x86_intc_gsi(ms, ACPI_GED_IRQ));
 *     hw_device_connect(hp, NULL, 0, hw_device_in(ged, "event", 3));
 *
 * From the machine type's call-backs: powerdown → acpi_power_button(); cpu_plug →
 * acpi_cpuhp_plug(); cpu_unplug_request → acpi_cpuhp_unplug_request(). Under the machine lock.
 */
#ifndef HW_ACPI_DEVICES_H
#define HW_ACPI_DEVICES_H

#include "hw/acpi-regs.h"
#include "hw/machine.h"

G_BEGIN_DECLS

extern ACCEL_API const DeviceClass acpi_pm_class;    /* "acpi-pm"; inputs "gpe" 0..15 */
extern ACCEL_API const DeviceClass acpi_ged_class;   /* "acpi-ged"; inputs "event" 0..31 */
extern ACCEL_API const DeviceClass acpi_cpuhp_class; /* "acpi-cpu-hotplug"; output 0: look */
extern ACCEL_API const DeviceClass reset_port_class; /* "reset-port" */

/** acpi_power_button: press the button of an acpi-pm or an acpi-ged. */
ACCEL_API void acpi_power_button(DeviceState *dev);

/** acpi_cpuhp_plug: tell the guest of @cpu; a CPU that was there from the start is only noted. */
ACCEL_API void acpi_cpuhp_plug(DeviceState *dev, CPUState *cpu);
/**
 * acpi_cpuhp_unplug_request: ask the guest to let go of @cpu. When it ejects it, the CPU is
 * removed and MachineHooks.device_deleted is told. FALSE with an error: the boot CPU, or one that
 * is not here.
 */
ACCEL_API gboolean acpi_cpuhp_unplug_request(DeviceState *dev, CPUState *cpu, GError **errp);

/* What the guest's _OST method reported for one CPU slot. */
typedef struct AcpiOst {
    guint slot;
    uint32_t event, status;
    const char *id; /* of the device; NULL when it has none or is gone */
} AcpiOst;

/** acpi_cpuhp_set_ost: @fn is told each _OST status (QMP's ACPI_DEVICE_OST); under the lock. */
ACCEL_API void acpi_cpuhp_set_ost(DeviceState *dev, void (*fn)(void *opaque, const AcpiOst *ost),
                                  void *opaque);
/** acpi_cpuhp_get_ost: the last report of @slot (query-acpi-ospm-status). FALSE: no such slot. */
ACCEL_API bool acpi_cpuhp_get_ost(DeviceState *dev, guint slot, AcpiOst *ost);

G_END_DECLS

#endif
