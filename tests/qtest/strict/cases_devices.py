# SPDX-License-Identifier: LGPL-2.1-or-later
"""fw_cfg, pvpanic, boot order, ib700 watchdog, byte order of ports."""
import struct
import uuid

from .client import demand
from .registry import case, equal

S = 10 ** 9


def fw_read(vm, selector, size):
    vm.outw(0x510, selector)
    return bytes(vm.inb(0x511) for _ in range(size))


def fw_number(name, selector, fmt, *wanted):
    @case(f"fw_cfg/{name}")
    def check(run):
        vm = run.start("", frozen=True)
        value, = struct.unpack(fmt, fw_read(vm, selector, struct.calcsize(fmt)))
        demand(value in wanted, f"got {value:#x}, want {wanted}")


fw_number("id", 1, "<I", 1, 3)
fw_number("ram_size", 3, "<Q", 128 << 20)
fw_number("nographic", 4, "<H", 0)
fw_number("nb_cpus", 5, "<H", 1)
fw_number("max_cpus", 0xf, "<H", 1)
fw_number("numa", 0xd, "<Q", 0)
fw_number("boot_menu", 0xe, "<H", 0)


@case("fw_cfg/signature")
def fw_signature(run):
    equal(fw_read(run.start("", frozen=True), 0, 4), b"QEMU", "signature")


@case("fw_cfg/uuid")
def fw_uuid(run):
    want = uuid.UUID("4600cb32-38ec-4b2f-8acb-81c6ea54f2d8")
    vm = run.start(f"-uuid {want}", frozen=True)
    equal(fw_read(vm, 2, 16), want.bytes, "UUID")


def fw_file(vm, name):
    """Contents of a file, found through the directory; its entries are big-endian."""
    count, = struct.unpack(">I", fw_read(vm, 0x19, 4))
    data = fw_read(vm, 0x19, 4 + 64 * count)
    for i in range(count):
        size, select, _, raw = struct.unpack(">IHH56s", data[4 + 64 * i:68 + 64 * i])
        if raw.split(b"\0")[0] == name.encode():
            return fw_read(vm, select, size)
    demand(False, f"no file {name} among {count}")


def fw_option(name, option, file, want):
    @case(f"fw_cfg/{name}")
    def check(run):
        equal(fw_file(run.start(option, frozen=True), file), want, file)


fw_option("reboot_timeout", '-boot reboot-timeout=15', "etc/boot-fail-wait", struct.pack("<I", 15))
fw_option("no_reboot_timeout", "-boot reboot-timeout=-1", "etc/boot-fail-wait", b"\xff" * 4)
fw_option("splash_time", "-boot splash-time=12", "etc/boot-menu-wait", struct.pack("<H", 12))


def pvpanic(run, action, reported):
    vm = run.start(f"-device pvpanic -action panic={action}", frozen=True)
    features = vm.inb(0x505)
    equal(features if run.era == "7.2" else features & 3, 3, "features")
    vm.outb(0x505, 1)
    equal(vm.event("GUEST_PANICKED")["data"]["action"], reported, "action")


@case("pvpanic/panic")
def pvpanic_panic(run):
    pvpanic(run, "pause", "pause")


@case("pvpanic/panic-nopause")
def pvpanic_nopause(run):
    pvpanic(run, "none", "run")


# Options, what CMOS 0x3d and 0x38 hold after power-on, and after a reset.
BOOT_ORDERS = (
    ("", 0x1230, 0x1230),
    ("-no-fd-bootchk", 0x1231, 0x1231),
    ("-boot c", 0x0200, 0x0200),
    ("-boot nda", 0x3410, 0x3410),
    ("-boot order=", 0, 0),
    ("-boot order= -boot order=c", 0x0200, 0x0200),
    ("-boot once=a", 0x0100, 0x1230),
    ("-boot once=a -no-fd-bootchk", 0x0101, 0x1231),
    ("-boot once=a,order=c", 0x0100, 0x0200),
    ("-boot once=d -boot order=nda", 0x0300, 0x3410),
    ("-boot once=a -boot once=b -boot once=c", 0x0200, 0x1230),
)


def cmos(vm, register):
    vm.outb(0x70, register)
    return vm.inb(0x71)


@case("boot-order/pc")
def boot_order(run):
    for options, first, later in BOOT_ORDERS:
        vm = run.start("-nodefaults " + options, frozen=True)
        equal(cmos(vm, 0x38) | cmos(vm, 0x3d) << 8, first, f"'{options}' at first")
        vm.ok("system_reset")
        vm.event("RESET")
        equal(cmos(vm, 0x38) | cmos(vm, 0x3d) << 8, later, f"'{options}' after a reset")
        vm.quit()


def watchdog(run, options, action):
    """14 gives 30 - 2*14 = 2 s; nothing may happen before."""
    vm = run.start(f"-device ib700 {options}")
    vm.intercept_in("ioapic")
    vm.outb(0x443, 14)
    vm.clock_step(2 * S - 1)
    equal(vm.ok("query-status")["status"], "running", "status before")
    demand(not vm.events, f"early: {vm.events}")
    vm.clock_step(1)
    equal(vm.event("WATCHDOG")["data"]["action"], action, "action")
    return vm


@case("wdt_ib700/pause", clock=True)
def wdt_pause(run):
    vm = watchdog(run, "-watchdog-action pause", "pause")
    vm.event("STOP")
    equal(vm.ok("query-status")["status"], "watchdog", "status")


@case("wdt_ib700/reset", clock=True)
def wdt_reset(run):
    vm = watchdog(run, "-watchdog-action reset", "reset")
    vm.event("RESET")
    vm.clock_step(40 * S)
    equal(vm.ok("query-status")["status"], "running", "status")
    demand(not [e for e in vm.events if e["event"] == "WATCHDOG"], "still armed after a reset")


@case("wdt_ib700/shutdown", clock=True)
def wdt_shutdown(run):
    vm = watchdog(run, "-watchdog-action reset -no-reboot", "reset")
    vm.event("SHUTDOWN")
    demand(vm.wait_end(60), "-no-reboot did not end it")


@case("wdt_ib700/none", clock=True)
def wdt_none(run):
    vm = watchdog(run, "-watchdog-action none", "none")
    equal(vm.ok("query-status")["status"], "running", "status")
    vm.outb(0x443, 14)
    vm.outb(0x441, 0)
    vm.clock_step(40 * S)
    vm.ok("query-status")
    demand(not vm.events, f"after disabling: {vm.events}")


def testdev(run):
    return run.start("-M pc -device pc-testdev", frozen=True)


def views(vm, base):
    """All ways to read four bytes at base, as little-endian bytes."""
    yield bytes(vm.inb(base + i) for i in range(4))
    yield struct.pack("<HH", vm.inw(base), vm.inw(base + 2))
    yield struct.pack("<I", vm.inl(base))


def ways(vm, base, data):
    """Write four bytes at base in every way, one after another."""
    for i, byte in enumerate(data):
        vm.outb(base + i, byte)
    yield "bytes"
    vm.outw(base, data[0] | data[1] << 8)
    vm.outw(base + 2, data[2] | data[3] << 8)
    yield "words"
    vm.outl(base, int.from_bytes(data, "little"))
    yield "long"


def endianness(write_base, read_base):
    def check(run):
        vm = testdev(run)
        for value in (b"\x21\x43\x65\x87", b"\x00\xff\x01\xfe"):
            for way in ways(vm, write_base, value):
                for view in views(vm, read_base):
                    equal(view, value, f"written as {way}")
                for i in range(4):   # so that the next way has something to change
                    vm.outb(write_base + i, 0xaa)
    return check


case("endianness/pc")(endianness(0xe0, 0xe0))
case("endianness/split/pc")(endianness(0xe0, 0xe8))
case("endianness/combine/pc")(endianness(0xe8, 0xe0))
