/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: the built-in ISA devices by class, for boards that create them and for the registry.
 * Properties are in each device's file; `-device NAME,help` lists them.
 */
#ifndef HW_ISA_DEVICES_H
#define HW_ISA_DEVICES_H

#include "hw/device.h"

G_BEGIN_DECLS

extern ACCEL_API const DeviceClass isa_serial_class;     /* "isa-serial": index iobase irq chardev */
extern ACCEL_API const DeviceClass isa_debugcon_class;   /* "isa-debugcon": iobase readback chardev */
extern ACCEL_API const DeviceClass isa_debug_exit_class; /* "isa-debug-exit": iobase iosize */
extern ACCEL_API const DeviceClass port92_class;         /* "port92"; output line "a20" */
extern ACCEL_API const DeviceClass pvpanic_class;        /* "pvpanic": ioport events */
extern ACCEL_API const DeviceClass pc_testdev_class;     /* "pc-testdev" */
extern ACCEL_API const DeviceClass ib700_class;          /* "ib700" */
extern ACCEL_API const DeviceClass i8042_class;          /* "i8042"; output line "a20" */
extern ACCEL_API const DeviceClass mc146818_class;       /* "mc146818rtc"; see hw/rtc.h */
extern ACCEL_API const DeviceClass pc_cmos_class;        /* "pc-cmos"; see hw/rtc.h */
extern ACCEL_API const DeviceClass fw_cfg_class;         /* "fw_cfg_io"; see hw/fw_cfg.h */

G_END_DECLS

#endif
