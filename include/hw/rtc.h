/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: the real-time clock's memory (CMOS RAM), as boards fill it.
 */
#ifndef HW_RTC_H
#define HW_RTC_H

#include "hw/device.h"

G_BEGIN_DECLS

/** rtc_create: an MC146818 on ports 0x70 and 0x71 with interrupt 8. Base and clock come from
 * ms->boot. Returns: borrowed, NULL with an error. */
ACCEL_API DeviceState *rtc_create(MachineState *ms, GError **errp);

/**
 * rtc_set_cmos, rtc_get_cmos: a byte of the CMOS RAM, without side effects.
 * @rtc: from rtc_create(). @index: 0x0e to 0x7f; others belong to the clock: a write to them is
 * dropped, a read gives the current register.
 */
ACCEL_API void rtc_set_cmos(DeviceState *rtc, uint8_t index, uint8_t value);
ACCEL_API uint8_t rtc_get_cmos(DeviceState *rtc, uint8_t index);

/** rtc_set_time, rtc_get_time: the guest's wall clock in seconds since 1970 (its own time zone). */
ACCEL_API void rtc_set_time(DeviceState *rtc, int64_t seconds);
ACCEL_API int64_t rtc_get_time(DeviceState *rtc);

/**
 * pc_cmos_create: what a PC's firmware reads from CMOS: memory sizes, equipment, boot order, number
 * of CPUs. The order given for `once` is replaced by the lasting one at the second reset, that is
 * the first after the one that starts the machine.
 * @ram_below_4g: bytes of RAM below the hole, @ram_above_4g: bytes above 4 GiB.
 * Errors: ACCEL_ERROR_INVALID with QEMU's texts for a bad boot order.
 */
ACCEL_API DeviceState *pc_cmos_create(MachineState *ms, DeviceState *rtc, uint64_t ram_below_4g,
                                      uint64_t ram_above_4g, GError **errp);
/**
 * pc_cmos_set_boot_order: another order, until the guest or the reset that ends `once` changes it.
 * @cmos: from pc_cmos_create(). Errors: as there.
 */
ACCEL_API gboolean pc_cmos_set_boot_order(DeviceState *cmos, const char *order, GError **errp);

G_END_DECLS

#endif
