/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: the MC146818 between its ports (mc146818.c), its calendar (mc146818-time.c) and its
 * events (mc146818-events.c).
 */
#ifndef HW_RTC_MC146818_H
#define HW_RTC_MC146818_H

#include "hw/device.h"
#include "hw/timer.h"

enum { /* registers */
    RTC_SECONDS = 0x00, RTC_SECONDS_ALARM = 0x01, RTC_MINUTES = 0x02, RTC_MINUTES_ALARM = 0x03,
    RTC_HOURS = 0x04, RTC_HOURS_ALARM = 0x05, RTC_DAY_OF_WEEK = 0x06, RTC_DAY_OF_MONTH = 0x07,
    RTC_MONTH = 0x08, RTC_YEAR = 0x09, RTC_REG_A = 0x0a, RTC_REG_B = 0x0b, RTC_REG_C = 0x0c,
    RTC_REG_D = 0x0d, RTC_CENTURY = 0x32, RTC_CENTURY_ALIAS = 0x37, RTC_CMOS_SIZE = 0x80,
};
enum { REG_A_UIP = 0x80, REG_A_DIVIDER = 0x70, REG_A_RATE = 0x0f, DIVIDER_32K = 0x20 };
enum {
    REG_B_SET = 0x80, REG_B_PIE = 0x40, REG_B_AIE = 0x20, REG_B_UIE = 0x10, REG_B_SQWE = 0x08,
    REG_B_DM = 0x04, REG_B_24H = 0x02, REG_B_DSE = 0x01,
};
enum { REG_C_IRQF = 0x80, REG_C_PF = 0x40, REG_C_AF = 0x20, REG_C_UF = 0x10, REG_C_EVENTS = 0x70 };
enum { REG_D_VRT = 0x80 };

#define RTC_TICK_HZ 32768
#define RTC_UIP_NS (8 * HW_NS_PER_SEC / RTC_TICK_HZ) /* 244 us before each update */

typedef struct Rtc {
    DeviceState dev;
    IoRegion io;
    IrqLine *irq;
    HwClock clock;
    HwTimer *timer;       /* the next enabled event */
    bool slew;            /* give lost periodic interrupts again */
    uint8_t index;
    uint8_t cmos[RTC_CMOS_SIZE];
    /*
     * The divider chain: while it runs, updates happen at epoch_ns + k * 1 s of the clock and
     * periodic events at epoch_ns + k * period.
     */
    int64_t epoch_ns;
    int64_t synced_ns;    /* registers and flags are right up to here */
    uint64_t coalesced;   /* periodic interrupts that came while one was pending (slew) */
    unsigned reinjected;  /* given again since the last real one */
} Rtc;

/* ---- mc146818-time.c: registers as a calendar ---- */

/** rtc_decode: seconds since 1970 that the time registers say; values out of range carry over. */
int64_t rtc_decode(const Rtc *s);
/** rtc_encode: write @seconds into the time registers but the day of the week. */
void rtc_encode(Rtc *s, int64_t seconds);
/** rtc_encode_weekday: the same for the day of the week. */
void rtc_encode_weekday(Rtc *s, int64_t seconds);
/** rtc_advance: the time registers move by @seconds, which may be negative. */
void rtc_advance(Rtc *s, int64_t seconds);
/** rtc_alarm_distance: seconds (1 to 86400) until the alarm registers match; -1: never. */
int64_t rtc_alarm_distance(const Rtc *s);

/* ---- mc146818-events.c: the divider chain, flags and the interrupt ---- */

int64_t rtc_now(const Rtc *s);
/** rtc_divider_on: the chain runs. rtc_running: and the time registers are being updated. */
bool rtc_divider_on(const Rtc *s);
bool rtc_running(const Rtc *s);
/** rtc_sync: account for everything that has happened since the last call. */
void rtc_sync(Rtc *s);
/** rtc_update: flags or enables changed: set the line, arm the timer. */
void rtc_update(Rtc *s);
/** rtc_ack: REG_C has been read. */
void rtc_ack(Rtc *s);
/** rtc_in_update_window: UIP. */
bool rtc_in_update_window(const Rtc *s);
/** rtc_timer_fired: the timer's call-back. */
void rtc_timer_fired(void *opaque);

#endif
