/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: what devices on the ISA bus share: claiming ports and interrupt lines with errors instead
 * of silent overlaps.
 */
#ifndef HW_ISA_H
#define HW_ISA_H

#include "hw/device.h"

G_BEGIN_DECLS

/**
 * isa_check_bus: FALSE with "No 'ISA' bus found for device 'x'" on the machine "none".
 * @dev: being realized.
 */
ACCEL_API gboolean isa_check_bus(DeviceState *dev, GError **errp);

/**
 * isa_add_ports: fill @region (name, ops, opaque, flags are the caller's) and put it on the port map.
 * @base, @size: in ports. @prop: the property that says @base, for the error; NULL: fixed ports.
 * Errors: ACCEL_ERROR_INVALID outside the 64 Ki ports, ACCEL_ERROR_BUSY when a port is taken.
 */
ACCEL_API gboolean isa_add_ports(DeviceState *dev, IoRegion *region, int64_t base, int64_t size,
                                 const char *prop, GError **errp);

/** isa_remove_ports: undo isa_add_ports(); harmless when that has not happened. */
ACCEL_API void isa_remove_ports(DeviceState *dev, IoRegion *region);

/** isa_get_irq: line of ISA interrupt @irq (0..15) into @out, or an error that names the range. */
ACCEL_API gboolean isa_get_irq(DeviceState *dev, int64_t irq, IrqLine **out, GError **errp);

G_END_DECLS

#endif
