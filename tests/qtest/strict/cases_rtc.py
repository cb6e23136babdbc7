# SPDX-License-Identifier: LGPL-2.1-or-later
"""
The MC146818 under a clock that only the test moves. Its time starts at the host's, in UTC; register
0x32 is the century. Interrupts arrive at the IOAPIC's input 8.
"""
import calendar
import time

from .client import demand
from .registry import case, equal

S, MS, US = 10 ** 9, 10 ** 6, 10 ** 3
SEC, SEC_ALARM, MIN, MIN_ALARM, HOUR, HOUR_ALARM = range(6)
DAY, MONTH, YEAR, A, B, C, D, CENTURY = 7, 8, 9, 10, 11, 12, 13, 0x32
B_24H, B_BINARY, B_UIE, B_AIE, B_PIE, B_SET = 2, 4, 0x10, 0x20, 0x40, 0x80
C_UF, C_AF, C_PF, C_IRQF = 0x10, 0x20, 0x40, 0x80
UIP = 0x80


class Rtc:
    def __init__(self, run):
        self.vm = run.start("-rtc clock=vm", frozen=True)
        self.vm.intercept_in("ioapic")

    def get(self, register):
        self.vm.outb(0x70, register)
        return self.vm.inb(0x71)

    def set(self, register, value):
        self.vm.outb(0x70, register)
        self.vm.outb(0x71, value)

    def step(self, ns=None):
        return self.vm.clock_step(ns)

    def set_all(self, pairs):
        """With updates held, as the data sheet asks for."""
        mode = self.get(B)
        self.set(B, mode | B_SET)
        for register, value in pairs:
            self.set(register, value)
        self.set(B, mode & ~B_SET)

    def stamp(self, binary):
        """Seconds since the epoch, from 24-hour registers."""
        def decode(v):
            return v if binary else (v >> 4) * 10 + (v & 15)
        century, year, month, day, hour, minute, second = (
            decode(self.get(r)) for r in (CENTURY, YEAR, MONTH, DAY, HOUR, MIN, SEC))
        return calendar.timegm((century * 100 + year, month, day, hour, minute, second))


def check_time(run, binary):
    rtc = Rtc(run)
    before = int(time.time())
    rtc.set(B, B_24H | (B_BINARY if binary else 0))
    stamp = rtc.stamp(binary)
    demand(before - 2 <= stamp <= time.time() + 2, f"RTC {stamp}, host {before}")


@case("rtc/check-time/bcd")
def check_time_bcd(run):
    check_time(run, False)


@case("rtc/check-time/dec")
def check_time_dec(run):
    check_time(run, True)


def advance(run, mode, start, after):
    """Set hour, minute and second, let one second pass, compare."""
    rtc = Rtc(run)
    rtc.set(A, 0x26)
    rtc.set(B, mode)
    rtc.set_all(zip((HOUR, MIN, SEC), start))
    rtc.step(S)
    equal(tuple(rtc.get(r) for r in (HOUR, MIN, SEC)), after, "time after a second")


@case("rtc/basic/dec/24h", clock=True)
def basic_dec_24(run):
    advance(run, B_24H | B_BINARY, (9, 59, 59), (10, 0, 0))


@case("rtc/basic/bcd/24h", clock=True)
def basic_bcd_24(run):
    advance(run, B_24H, (0x09, 0x59, 0x59), (0x10, 0, 0))


@case("rtc/basic/dec/12h", clock=True)
def basic_dec_12(run):
    advance(run, B_BINARY, (11, 59, 59), (12 | 0x80, 0, 0))
    advance(run, B_BINARY, (11 | 0x80, 59, 59), (12, 0, 0))
    advance(run, B_BINARY, (12, 59, 59), (1, 0, 0))


@case("rtc/basic/bcd/12h", clock=True)
def basic_bcd_12(run):
    advance(run, 0, (0x11, 0x59, 0x59), (0x92, 0, 0))
    advance(run, 0, (0x91, 0x59, 0x59), (0x12, 0, 0))
    advance(run, 0, (0x92, 0x59, 0x59), (0x81, 0, 0))


def set_year(run, century, year, binary_next):
    rtc = Rtc(run)
    rtc.set(A, 0x26)
    rtc.set(B, B_24H | B_BINARY)
    rtc.set_all(((SEC, 2), (MIN, 1), (HOUR, 0), (DAY, 4), (MONTH, 2), (YEAR, year),
                 (CENTURY, century)))
    rtc.step(S)
    equal([rtc.get(r) for r in (HOUR, MIN, SEC, DAY, MONTH, YEAR, CENTURY)],
          [0, 1, 3, 4, 2, year, century], "date")
    rtc.set_all(((SEC, 59), (MIN, 59), (HOUR, 23), (DAY, 31), (MONTH, 12)))
    rtc.step(S)
    equal([rtc.get(r) for r in (HOUR, DAY, MONTH, YEAR, CENTURY)], [0, 1, 1, *binary_next],
          "new year")


@case("rtc/set-year/20xx", clock=True)
def set_year_20xx(run):
    set_year(run, 20, 11, (12, 20))
    set_year(run, 20, 99, (0, 21))


@case("rtc/set-year/1980", clock=True)
def set_year_1980(run):
    set_year(run, 19, 80, (81, 19))
    set_year(run, 19, 99, (0, 20))


@case("rtc/update/register_b_set_flag", clock=True)
def set_flag(run):
    rtc = Rtc(run)
    rtc.set(A, 0x26)
    rtc.set(B, B_24H | B_BINARY | B_SET)
    rtc.set(SEC, 7)
    rtc.step(3 * S)
    equal(rtc.get(SEC), 7, "second while SET")
    equal(rtc.get(A) & UIP, 0, "UIP while SET")
    rtc.set(B, B_24H | B_BINARY)
    rtc.step(S)
    equal(rtc.get(SEC), 8, "second after SET")


@case("rtc/update/divider-reset", clock=True)
def divider_reset(run):
    rtc = Rtc(run)
    rtc.set(B, B_24H | B_BINARY)
    rtc.set(A, 0x76)
    rtc.set(SEC, 5)
    rtc.step(3 * S)
    equal(rtc.get(SEC), 5, "second while the divider is held")
    rtc.set(A, 0x26)
    rtc.step(490 * MS)
    equal(rtc.get(SEC), 5, "second 490 ms after release")
    rtc.step(20 * MS)
    equal(rtc.get(SEC), 6, "second 510 ms after release")


@case("rtc/update/uip", clock=True)
def uip_window(run):
    rtc = Rtc(run)
    rtc.set(B, B_24H | B_BINARY)
    rtc.set(A, 0x76)
    rtc.set(SEC, 5)
    rtc.set(A, 0x26)
    rtc.step(500 * MS - 300 * US)
    equal(rtc.get(A) & UIP, 0, "UIP 300 us before the update")
    rtc.step(100 * US)
    equal((rtc.get(A) & UIP, rtc.get(SEC)), (UIP, 5), "UIP 200 us before the update")
    rtc.step(300 * US)
    equal((rtc.get(A) & UIP, rtc.get(SEC)), (0, 6), "UIP after the update")


def alarm_rings(rtc, after, want):
    """Seconds until the alarm flag, at most @after."""
    for n in range(1, after + 1):
        rtc.step(S)
        if rtc.get(C) & C_AF:
            equal(n, want, "seconds until the alarm")
            return
    demand(want is None, f"no alarm within {after} s")


@case("rtc/alarm/interrupt", clock=True)
def alarm(run):
    rtc = Rtc(run)
    rtc.set(A, 0x26)
    rtc.set(B, B_24H | B_BINARY)
    rtc.set_all(((HOUR, 2), (MIN, 4), (SEC, 58), (HOUR_ALARM, 2), (MIN_ALARM, 5), (SEC_ALARM, 0)))
    rtc.get(C)
    demand(not rtc.vm.get_irq(8), "IRQ 8 before")
    rtc.set(B, B_24H | B_BINARY | B_AIE)
    rtc.step(S)
    demand(not rtc.vm.get_irq(8), "IRQ 8 a second early")
    rtc.step(S)
    demand(rtc.vm.get_irq(8), "no IRQ 8 at the alarm")
    equal(rtc.get(C) & (C_IRQF | C_AF), C_IRQF | C_AF, "register C")
    demand(not rtc.vm.get_irq(8), "reading C does not lower IRQ 8")
    equal(rtc.get(C) & (C_IRQF | C_AF), 0, "register C read again")


@case("rtc/alarm/dont-care", clock=True)
def alarm_dont_care(run):
    rtc = Rtc(run)
    rtc.set(A, 0x26)
    rtc.set(B, B_24H | B_BINARY)
    rtc.set_all(((HOUR, 23), (MIN, 59), (SEC, 55), (HOUR_ALARM, 0xc0), (MIN_ALARM, 0xc0),
                 (SEC_ALARM, 3)))
    rtc.get(C)
    alarm_rings(rtc, 20, 8)     # 00:00:03
    alarm_rings(rtc, 70, 60)    # and each minute
    rtc.set(SEC_ALARM, 0xff)
    rtc.get(C)
    alarm_rings(rtc, 3, 1)      # each second


def periodic(run, rate, hz):
    rtc = Rtc(run)
    rtc.set(A, 0x20 | rate)
    rtc.set(B, B_24H | B_PIE)
    rtc.get(C)
    beats, limit = 0, rtc.step(1) + 2 * S
    while rtc.step() <= limit:
        demand(beats <= 100 * hz, "far too many interrupts")
        if rtc.get(C) & C_PF:
            beats += 1
    demand(2 * hz - 1 <= beats <= 2 * hz, f"{beats} beats in 2 s at {hz} Hz")


@case("rtc/interrupt/pf-freq", clock=True)
def periodic_rates(run):
    periodic(run, 0xd, 8)
    periodic(run, 0xf, 2)


@case("rtc/misc/fuzz-registers")
def fuzz(run):
    rtc = Rtc(run)
    state = 12345
    for _ in range(1000):
        state = (state * 1103515245 + 12345) & 0x7fffffff
        rtc.set(state >> 8 & 0x7f, state >> 16 & 0xff)
        rtc.get(state >> 20 & 0x7f)
