/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal to hw/acpi/.
 */
#ifndef HW_ACPI_INTERNAL_H
#define HW_ACPI_INTERNAL_H

#include "hw/acpi-devices.h"

void acpi_pm_power_button(DeviceState *dev);
void acpi_ged_power_button(DeviceState *dev);
/* Power off: the request that both kinds of hardware make. */
void acpi_soft_off(MachineState *ms);

#endif
