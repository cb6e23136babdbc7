/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * MC146818: the time registers as a calendar, and the alarm.
 *
 * Theory of operation: the registers are the truth; a calendar date is made of them only to move
 * them on. Between two updates they therefore keep exactly what the guest wrote, even a date that
 * does not exist. Moving on goes through seconds since 1970 by the proleptic Gregorian rules (days
 * counted from 0000-03-01, so that the leap day is the last of its year); the day of the week turns
 * with the days that pass and does not depend on the date. Values are BCD or binary and hours 12 or 24
 * as REG_B says at that moment.
 */
#include "hw/rtc/mc146818.h"

#define DAY_S 86400
#define ALARM_DONT_CARE 0xc0 /* from here up */
#define HOUR_PM 0x80

static int from_reg(const Rtc *s, uint8_t v)
{
    return (s->cmos[RTC_REG_B] & REG_B_DM) ? v : (v >> 4) * 10 + (v & 0x0f);
}

static uint8_t to_reg(const Rtc *s, int v)
{
    return (uint8_t)((s->cmos[RTC_REG_B] & REG_B_DM) ? v : (v / 10) << 4 | v % 10);
}

/* 12-hour mode counts 12, 1, 2 … 11 with bit 7 for the afternoon. */
static int hour_from_reg(const Rtc *s, uint8_t v)
{
    if (s->cmos[RTC_REG_B] & REG_B_24H) {
        return from_reg(s, v);
    }
    return from_reg(s, v & (uint8_t)~HOUR_PM) % 12 + ((v & HOUR_PM) ? 12 : 0);
}

static uint8_t hour_to_reg(const Rtc *s, int hour)
{
    if (s->cmos[RTC_REG_B] & REG_B_24H) {
        return to_reg(s, hour);
    }
    return to_reg(s, hour % 12 ? hour % 12 : 12) | (hour >= 12 ? HOUR_PM : 0);
}

/* Days from 1970-01-01 to the given date; @month may be any number, @day too. */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
    int64_t era, yoe, doy;

    month -= 3; /* March is month 0 of its year */
    year += month < 0 ? -((11 - month) / 12) : month / 12;
    month = ((month % 12) + 12) % 12;
    era = (year >= 0 ? year : year - 399) / 400;
    yoe = year - era * 400;
    doy = (153 * month + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

typedef struct Date {
    int year, month, day;
} Date;

static Date date_from_days(int64_t days)
{
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);

    return (Date){ .year = (int)(yoe + era * 400) + (month <= 2), .month = month,
                   .day = (int)(doy - (153 * mp + 2) / 5) + 1 };
}

int64_t rtc_decode(const Rtc *s)
{
    int year = from_reg(s, s->cmos[RTC_YEAR]) + from_reg(s, s->cmos[RTC_CENTURY]) * 100;
    int64_t days = days_from_date(year, from_reg(s, s->cmos[RTC_MONTH]),
                                  from_reg(s, s->cmos[RTC_DAY_OF_MONTH]));

    return days * DAY_S + hour_from_reg(s, s->cmos[RTC_HOURS]) * 3600 +
           from_reg(s, s->cmos[RTC_MINUTES]) * 60 + from_reg(s, s->cmos[RTC_SECONDS]);
}

static int64_t floor_days(int64_t seconds)
{
    return (seconds >= 0 ? seconds : seconds - (DAY_S - 1)) / DAY_S;
}

void rtc_encode(Rtc *s, int64_t seconds)
{
    int64_t days = floor_days(seconds);
    int sod = (int)(seconds - days * DAY_S);
    Date d = date_from_days(days);

    s->cmos[RTC_SECONDS] = to_reg(s, sod % 60);
    s->cmos[RTC_MINUTES] = to_reg(s, sod / 60 % 60);
    s->cmos[RTC_HOURS] = hour_to_reg(s, sod / 3600);
    s->cmos[RTC_DAY_OF_MONTH] = to_reg(s, d.day);
    s->cmos[RTC_MONTH] = to_reg(s, d.month);
    s->cmos[RTC_YEAR] = to_reg(s, d.year % 100);
    s->cmos[RTC_CENTURY] = to_reg(s, d.year / 100 % 100);
}

/* 1970-01-01 was a Thursday; the register counts from Sunday = 1. */
void rtc_encode_weekday(Rtc *s, int64_t seconds)
{
    s->cmos[RTC_DAY_OF_WEEK] = to_reg(s, (int)(((floor_days(seconds) + 4) % 7 + 7) % 7) + 1);
}

void rtc_advance(Rtc *s, int64_t seconds)
{
    int64_t from = rtc_decode(s), to = from + seconds;
    int64_t days = floor_days(to) - floor_days(from);
    int64_t weekday = from_reg(s, s->cmos[RTC_DAY_OF_WEEK]) - 1;

    rtc_encode(s, to);
    if (days != 0) {
        s->cmos[RTC_DAY_OF_WEEK] = to_reg(s, (int)(((weekday + days) % 7 + 7) % 7) + 1);
    }
}

/* -1: don't care. A value that no clock shows (hour 25) simply never matches. */
static int alarm_field(const Rtc *s, uint8_t reg)
{
    uint8_t v = s->cmos[reg];

    if ((v & ALARM_DONT_CARE) == ALARM_DONT_CARE) {
        return -1;
    }
    return reg == RTC_HOURS_ALARM ? hour_from_reg(s, v) : from_reg(s, v);
}

static bool matches(int alarm, int64_t now)
{
    return alarm < 0 || alarm == now;
}

/*
 * Walk forward, skipping whole hours and minutes that cannot match: at most 25 hours, 60 minutes
 * and 60 seconds are looked at.
 */
int64_t rtc_alarm_distance(const Rtc *s)
{
    int hour = alarm_field(s, RTC_HOURS_ALARM), minute = alarm_field(s, RTC_MINUTES_ALARM);
    int second = alarm_field(s, RTC_SECONDS_ALARM);
    int64_t now = rtc_decode(s), start = now - floor_days(now) * DAY_S, t = start + 1;

    while (t <= start + DAY_S) {
        if (!matches(hour, t / 3600 % 24)) {
            t = (t / 3600 + 1) * 3600;
        } else if (!matches(minute, t / 60 % 60)) {
            t = (t / 60 + 1) * 60;
        } else if (!matches(second, t % 60)) {
            t++;
        } else {
            return t - start;
        }
    }
    return -1;
}
