/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * MC146818 real-time clock (Motorola data sheet), as a PC has it: ports 0x70 and 0x71, interrupt 8.
 *
 * Theory of operation: port 0x70 takes the index of one of 128 bytes (bit 7 masks NMI on a PC and is
 * not part of it) and reads as 0xff; port 0x71 is the byte. 0x00 to 0x0d are the clock, 0x32 is the
 * century, with 0x37 as a second name for it as on the PS/2; the rest is memory that survives a
 * reset. Every access brings the registers up to date first (mc146818-events.c); calendar and
 * alarm are in mc146818-time.c.
 *
 * Where the time starts is `-rtc base=`: the host's UTC or local time, or a date. On the host's
 * clock without a date, seconds turn together with the host's; otherwise the first one lasts a
 * whole second.
 */
#include <time.h>
#include "hw/boot-config.h"
#include "hw/isa-devices.h"
#include "hw/isa.h"
#include "hw/machine.h"
#include "hw/rtc.h"
#include "hw/rtc/mc146818.h"

#define RTC_BASE 0x70
#define RTC_IRQ 8
#define FIRST_UPDATE_NS (HW_NS_PER_SEC / 2) /* after the divider leaves reset */

static uint8_t read_reg(Rtc *s, uint8_t reg)
{
    uint8_t value;

    rtc_sync(s);
    rtc_update(s);
    value = s->cmos[reg];
    if (reg == RTC_REG_A && rtc_in_update_window(s)) {
        value |= REG_A_UIP;
    } else if (reg == RTC_REG_C) {
        rtc_ack(s);
    }
    return value;
}

static void write_reg_a(Rtc *s, uint8_t value)
{
    bool was_on = rtc_divider_on(s);

    s->cmos[RTC_REG_A] = value & (uint8_t)~REG_A_UIP;
    if (!was_on && rtc_divider_on(s)) {
        s->epoch_ns = rtc_now(s) - FIRST_UPDATE_NS;
    }
}

/*
 * A change of number or hour format while the clock runs rewrites the time in the new format. While
 * SET holds the clock the registers are the guest's own, to be read in the new format.
 */
static void write_reg_b(Rtc *s, uint8_t value)
{
    uint8_t changed = value ^ s->cmos[RTC_REG_B];
    bool convert = (changed & (REG_B_DM | REG_B_24H)) && rtc_running(s) && !(value & REG_B_SET);
    int64_t time = convert ? rtc_decode(s) : 0;

    if (value & REG_B_SET) {
        value &= (uint8_t)~REG_B_UIE;
    }
    s->cmos[RTC_REG_B] = value;
    if (convert) {
        rtc_encode(s, time);
    }
    if (!(value & REG_B_PIE)) {
        s->coalesced = 0;
    }
}

static void write_reg(Rtc *s, uint8_t reg, uint8_t value)
{
    rtc_sync(s);
    if (reg == RTC_REG_A) {
        write_reg_a(s, value);
    } else if (reg == RTC_REG_B) {
        write_reg_b(s, value);
    } else if (reg != RTC_REG_C && reg != RTC_REG_D) {
        s->cmos[reg] = value;
    }
    rtc_update(s);
}

static uint64_t rtc_port_read(void *opaque, uint64_t offset, unsigned size)
{
    Rtc *s = opaque;

    return offset == 0 ? 0xff : read_reg(s, s->index);
}

static void rtc_port_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    Rtc *s = opaque;

    if (offset == 0) {
        s->index = value & (RTC_CMOS_SIZE - 1);
        s->index = s->index == RTC_CENTURY_ALIAS ? RTC_CENTURY : s->index;
    } else {
        write_reg(s, s->index, (uint8_t)value);
    }
}

static const IoOps rtc_ops = {
    .read = rtc_port_read, .write = rtc_port_write, .min_size = 1, .max_size = 1,
};

/* ---- for boards ---- */

void rtc_set_cmos(DeviceState *rtc, uint8_t index, uint8_t value)
{
    if (index > RTC_REG_D && index < RTC_CMOS_SIZE && index != RTC_CENTURY) {
        ((Rtc *)rtc)->cmos[index] = value;
    }
}

uint8_t rtc_get_cmos(DeviceState *rtc, uint8_t index)
{
    rtc_sync((Rtc *)rtc);
    return ((Rtc *)rtc)->cmos[index & (RTC_CMOS_SIZE - 1)];
}

void rtc_set_time(DeviceState *rtc, int64_t seconds)
{
    Rtc *s = (Rtc *)rtc;

    rtc_sync(s);
    rtc_encode(s, seconds);
    rtc_encode_weekday(s, seconds);
    rtc_update(s);
}

int64_t rtc_get_time(DeviceState *rtc)
{
    rtc_sync((Rtc *)rtc);
    return rtc_decode((Rtc *)rtc);
}

/* ---- life ---- */

static int64_t base_seconds(const BootConfig *boot, int64_t host_ns)
{
    time_t now = (time_t)(host_ns / HW_NS_PER_SEC);
    struct tm tm;

    if (boot != NULL && boot->rtc_base_set) {
        return boot->rtc_base_s;
    }
    if (boot != NULL && boot->rtc_localtime && localtime_r(&now, &tm) != NULL) {
        return now + tm.tm_gmtoff;
    }
    return now;
}

static void start_clock(Rtc *s, const BootConfig *boot)
{
    int64_t host_ns = hw_clock_ns(s->dev.machine, HW_CLOCK_HOST);
    int64_t seconds = base_seconds(boot, host_ns);

    s->clock = boot ? boot->rtc_clock : HW_CLOCK_HOST;
    s->slew = boot && boot->rtc_slew;
    s->cmos[RTC_REG_A] = 0x26; /* 32768 Hz, 1024 periodic events a second */
    s->cmos[RTC_REG_B] = REG_B_24H;
    s->cmos[RTC_REG_D] = REG_D_VRT;
    s->synced_ns = s->epoch_ns = rtc_now(s);
    if (s->clock == HW_CLOCK_HOST && !(boot && boot->rtc_base_set)) {
        s->epoch_ns = s->synced_ns = host_ns - host_ns % HW_NS_PER_SEC;
    }
    rtc_encode(s, seconds);
    rtc_encode_weekday(s, seconds);
}

static void mc146818_reset(DeviceState *dev)
{
    Rtc *s = (Rtc *)dev;

    rtc_sync(s);
    s->cmos[RTC_REG_B] &= (uint8_t)~(REG_B_PIE | REG_B_AIE | REG_B_UIE | REG_B_SQWE);
    s->cmos[RTC_REG_C] = 0;
    s->coalesced = 0;
    s->reinjected = 0;
    hw_irq_lower(s->irq);
    rtc_update(s);
}

static void mc146818_unrealize(DeviceState *dev)
{
    Rtc *s = (Rtc *)dev;

    isa_remove_ports(dev, &s->io);
    g_clear_pointer(&s->timer, hw_timer_free);
}

static gboolean mc146818_realize(DeviceState *dev, GError **errp)
{
    Rtc *s = (Rtc *)dev;

    s->io = (IoRegion){ .name = "rtc", .ops = &rtc_ops, .opaque = s };
    if (!isa_get_irq(dev, RTC_IRQ, &s->irq, errp) ||
        !isa_add_ports(dev, &s->io, RTC_BASE, 2, NULL, errp)) {
        return FALSE;
    }
    start_clock(s, dev->machine->boot);
    s->timer = hw_timer_new(dev->machine, s->clock, rtc_timer_fired, s);
    return TRUE;
}

const DeviceClass mc146818_class = {
    .type = { .name = "mc146818rtc", .parent = &hw_type_device,
              .desc = "MC146818 real-time clock", .instance_size = sizeof(Rtc) },
    .bus = "ISA",
    .realize = mc146818_realize,
    .reset = mc146818_reset,
    .unrealize = mc146818_unrealize,
};

DeviceState *rtc_create(MachineState *ms, GError **errp)
{
    return hw_device_create(ms, &mc146818_class, "rtc", NULL, errp);
}
