/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What fixed and reduced ACPI hardware have in common.
 */
#include "acpi-internal.h"

void acpi_power_button(DeviceState *dev)
{
    if (hw_object_is_a(&dev->obj, &acpi_pm_class.type)) {
        acpi_pm_power_button(dev);
    } else if (hw_object_is_a(&dev->obj, &acpi_ged_class.type)) {
        acpi_ged_power_button(dev);
    }
}

void acpi_soft_off(MachineState *ms)
{
    hw_machine_request(ms, MACHINE_REQUEST_SHUTDOWN, "guest-shutdown", 0);
}
