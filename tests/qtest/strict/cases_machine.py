# SPDX-License-Identifier: LGPL-2.1-or-later
"""Firmware in ROM and flash; machine listing and type listing as the probing code wants them."""
import os
import time

from .client import demand
from .registry import Skip, case, equal

ROM_SIZE = 65536


def firmware(run, option):
    image = bytes((i * 13 + (i >> 8)) & 0xff for i in range(ROM_SIZE))
    path = run.file(image)
    vm = run.start("-S " + option.format(path))
    for base in ((1 << 32) - ROM_SIZE, (1 << 20) - ROM_SIZE):
        demand(vm.memread(base, ROM_SIZE) == image, f"image is not at {base:#x}")
        equal(vm.bufread(base, 16), image[:16], "the same by base64")
    vm.quit()


@case("firmware/bios")
def firmware_bios(run):
    firmware(run, "-bios {}")


@case("firmware/pflash")
def firmware_pflash(run):
    firmware(run, "-drive if=pflash,format=raw,file={}")


MACHINE_REQUIRED = {"name", "cpu-max", "hotpluggable-cpus", "numa-mem-supported", "deprecated"}
MACHINE_OPTIONAL = {"alias", "is-default", "default-cpu-type", "default-ram-id"}
MACHINE_NEWER = {"acpi"}   # added after 7.2


@case("probe/machines")
def probe_machines(run):
    vm = run.start("-machine none")
    machines = vm.ok("query-machines")
    demand("none" in [m["name"] for m in machines], "machine 'none' is not listed")
    for machine in machines:
        have = set(machine)
        allowed = MACHINE_REQUIRED | MACHINE_OPTIONAL
        if run.era != "7.2":
            allowed = allowed | MACHINE_NEWER
        demand(MACHINE_REQUIRED <= have, f"missing {MACHINE_REQUIRED - have}: {machine}")
        demand(have <= allowed, f"unknown {have - allowed}: {machine}")


@case("probe/types")
def probe_types(run):
    vm = run.start("-machine none")
    for abstract in (True, False):
        entries = vm.ok("qom-list-types", abstract=abstract, implements="device")
        for entry in entries:
            demand("name" in entry and set(entry) <= {"name", "abstract", "parent"}, str(entry))
    accels = {e["name"] for e in vm.ok("qom-list-types", abstract=False, implements="accel")}
    demand(f"{run.options.accel}-accel" in accels, f"accelerators: {accels}")


@case("probe/cpu-definitions")
def probe_cpus(run):
    vm = run.start("-machine none")
    models = vm.ok("query-cpu-definitions")
    demand(isinstance(models, list), "CPU models: not an array")
    demand("qemu64" in [m["name"] for m in models], "CPU model qemu64 is not listed")
    for cpu in models:
        demand(isinstance(cpu.get("name"), str) and isinstance(cpu.get("deprecated"), bool),
               f"CPU model: {cpu}")


BIOS = "/usr/share/seabios/bios-256k.bin"
BOOT_S = 50


def contents(path):
    with open(path, "rb") as file:
        return file.read()


def boot_serial(run, machine, cpu):
    """Firmware that runs: the first accelerator that works is taken, and ports still work by qtest."""
    if not (os.access(BIOS, os.R_OK) and os.access("/dev/kvm", os.R_OK | os.W_OK)):
        raise Skip("needs SeaBIOS and a usable /dev/kvm")
    path = run.file()
    vm = run.start(f"-M {machine} -no-shutdown -chardev file,id=serial0,path={path} "
                   f"-serial chardev:serial0 {cpu} -M graphics=off -accel kvm -accel tcg")
    deadline = time.monotonic() + BOOT_S
    while b"SeaBIOS" not in contents(path):
        demand(time.monotonic() < deadline, "SeaBIOS does not say so on the serial line")
        time.sleep(0.05)
    vm.inb(0x70)
    vm.quit()


@case("boot-serial/isapc")
def boot_serial_isapc(run):
    boot_serial(run, "isapc", "-cpu qemu32")


@case("boot-serial/pc")
def boot_serial_pc(run):
    boot_serial(run, "pc", "")
