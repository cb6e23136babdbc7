#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""vCPUs that are plugged and unplugged over QMP while a guest counts.

usage: lifecycle-hotplug.py BUILD-FOLDER [CASE...]
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lifecycle_lib import (BOUND, SPARE, Guest, Skip, case, counted, free_slots,  # noqa: E402
                           main, need_kvm, process_usage)

ROUNDS = int(os.environ.get("LIFECYCLE_ROUNDS", "1000"))
WARM_UP = 50            # rounds before the first count: allocators and caches fill
RSS_SLACK = 512         # KiB; a vCPU that leaks has more than its 12 KiB of kvm_run alone


async def plug(vm, slot, name):
    await vm.qmp.call("device_add", id=name, **slot)


async def unplug(vm, name):
    await vm.qmp.call("device_del", id=name)
    assert (await vm.qmp.event("DEVICE_DELETED"))["device"] == name


@case
async def woken_vcpus_report(build):
    need_kvm()
    async with Guest(build, "hotplug.rom", *SPARE) as vm:
        await vm.report("start")
        for n, slot in enumerate(await free_slots(vm.qmp), 1):
            await plug(vm, slot, f"cpu{n}")
            await vm.report(f"P{n:04x}")
        cpus = await vm.qmp.call("query-cpus-fast")
        assert [c["cpu-index"] for c in cpus] == [0, 1, 2, 3], cpus
        assert len({c["thread-id"] for c in cpus}) == 4, cpus
        await vm.goes_on()
        assert counted(vm.text()) > 0


@case
async def unplug_and_replug_reuses_the_descriptor(build):
    need_kvm()
    trace = ("-trace", "kvm_*park*", "-trace", "kvm_create_vcpu")
    async with Guest(build, "hotplug.rom", *SPARE, *trace) as vm:
        await vm.report("start")
        slot = (await free_slots(vm.qmp))[1]
        for n in (1, 2, 3):
            await plug(vm, slot, "again")
            await vm.report("P0002", n)
            await unplug(vm, "again")
            await vm.report("E0002", n)
            assert len(await vm.qmp.call("query-cpus-fast")) == 1
        lines = vm.messages()
        made = re.findall(r"kvm_create_vcpu id (\d+)", lines)
        assert made == ["0", "2"], lines
        assert lines.count("kvm_park_vcpu vcpu_id: 2 parked") == 3, lines
        assert lines.count("kvm_unpark_vcpu vcpu_id: 2 unparked") == 2, lines
        await vm.goes_on()
        counted(vm.text())


@case
async def what_cannot_be_unplugged(build):
    need_kvm()
    async with Guest(build, "hotplug.rom", *SPARE) as vm:
        await vm.report("start")
        boot = (await vm.qmp.call("query-cpus-fast"))[0]["qom-path"]
        assert await vm.qmp.refused("device_del", id_=boot) == "Boot CPU is unpluggable"
        await vm.qmp.refused("device_del", "DeviceNotFound", id_="nobody")
        slot = (await free_slots(vm.qmp))[0]
        await plug(vm, slot, "twice")
        assert "exists" in await vm.qmp.refused("device_add", id_="other", **slot)
        await vm.report("P0001")
        await vm.goes_on()
        counted(vm.text())


@case
async def the_guest_s_reports_are_told(build):
    need_kvm()
    async with Guest(build, "hotplug.rom", *SPARE) as vm:
        await vm.report("start")
        places = await vm.qmp.call("query-acpi-ospm-status")
        assert [p["slot"] for p in places] == ["0", "1", "2", "3"], places
        assert all(p["source"] == p["status"] == 0 for p in places), places
        await plug(vm, (await free_slots(vm.qmp))[0], "cpu1")
        await vm.report("P0001")
        assert (await vm.qmp.call("query-acpi-ospm-status"))[1]["device"] == "cpu1"
        await vm.qmp.call("device_del", id="cpu1")
        report = await vm.qmp.event("ACPI_DEVICE_OST")
        expected = {"slot": "1", "slot-type": "CPU", "source": 3, "status": 0x84, "device": "cpu1"}
        assert report == {"info": expected}, report
        assert (await vm.qmp.event("DEVICE_DELETED"))["device"] == "cpu1"
        del expected["device"]
        assert (await vm.qmp.call("query-acpi-ospm-status"))[1] == expected


def seconds(event):
    return event["timestamp"]["seconds"] + event["timestamp"]["microseconds"] / 1e6


@case
async def reports_without_end(build):
    """One event a second, of the last report; commands are answered in between."""
    need_kvm()
    async with Guest(build, "ost.rom", *SPARE) as vm:
        await vm.report("start")
        for _ in range(100):
            await vm.qmp.call("query-status")
        while len(vm.qmp.events) < 3:
            vm.qmp.events.append(await vm.qmp.receive())
        times = [seconds(e) for e in vm.qmp.events]
        values = [e["data"]["info"]["status"] for e in vm.qmp.events]
        assert all(b - a > 0.5 for a, b in zip(times, times[1:])), times
        assert all(b - a > 1 for a, b in zip(values, values[1:])), values


@case
async def a_spinning_vcpu_can_be_ejected(build):
    need_kvm()
    async with Guest(build, "hotplug-spin.rom", *SPARE) as vm:
        await vm.report("start")
        slot = (await free_slots(vm.qmp))[0]
        for n in range(1, 6):
            await plug(vm, slot, "spin")
            await vm.report("P0001", n)
            await unplug(vm, "spin")
        await vm.goes_on()
        counted(vm.text())


@case
async def unplug_while_stopped_waits_for_the_guest(build):
    need_kvm()
    async with Guest(build, "hotplug.rom", *SPARE) as vm:
        await vm.report("start")
        slot = (await free_slots(vm.qmp))[0]
        await vm.qmp.call("stop")
        await plug(vm, slot, "cold")
        await vm.qmp.call("cont")
        await vm.report("P0001")
        await vm.qmp.call("stop")
        await vm.qmp.call("device_del", id_="cold")
        assert len(await vm.qmp.call("query-cpus-fast")) == 2
        await vm.qmp.call("cont")
        assert (await vm.qmp.event("DEVICE_DELETED"))["device"] == "cold"
        counted(vm.text())


@case
async def a_thousand_rounds_leak_nothing(build):
    need_kvm()
    async with Guest(build, "hotplug.rom", *SPARE) as vm:
        await vm.report("start")
        slot, before = (await free_slots(vm.qmp))[0], None
        for n in range(ROUNDS + WARM_UP):
            if n == WARM_UP:
                before = process_usage(vm.process.pid)
            await plug(vm, slot, "round")
            await unplug(vm, "round")
        after = process_usage(vm.process.pid)
        print(f"# {ROUNDS} rounds: descriptors, threads, RSS in KiB {before} -> {after}")
        assert after[:2] == before[:2], (before, after)
        # an instrumented allocator keeps what was freed
        if not os.environ.get("LIFECYCLE_BUILD"):
            assert after[2] <= before[2] + RSS_SLACK, (before, after)
        await vm.report("P0001", ROUNDS)
        counted(vm.text())


async def failure_is_an_error(vm):
    await vm.report("start")
    slot = (await free_slots(vm.qmp))[0]
    text = await vm.qmp.refused("device_add", id_="cpu1", **slot)
    assert text.startswith("kvm_init_vcpu: kvm_get_vcpu failed (1): Cannot allocate memory"), text
    assert "(stage create-vcpu, KVM_CREATE_VCPU, errno 12)" in text, text
    return slot


@case
async def create_vcpu_fails_on_the_real_kvm(build):
    need_kvm()
    strace = shutil.which("strace")
    if strace is None:
        raise Skip("strace is not installed")
    # strace injects into the n-th ioctl of the main thread: a run without a fault says which one that is.
    async with Guest(build, "hotplug.rom", *SPARE, wrap=tracer(strace)) as vm:
        await vm.report("start")
        slot = (await free_slots(vm.qmp))[0]
        await plug(vm, slot, "cpu1")
        calls = main_thread_ioctls(vm)
        nth = max(i for i, line in enumerate(calls, 1) if "KVM_CREATE_VCPU" in line)
    inject = ("-e", f"inject=ioctl:error=ENOMEM:when={nth}")
    async with Guest(build, "hotplug.rom", *SPARE, wrap=tracer(strace, *inject)) as vm:
        slot = await failure_is_an_error(vm)
        await vm.goes_on()
        await plug(vm, slot, "cpu1")
        await vm.report("P0001")
        await vm.goes_on()
        counted(vm.text())


def tracer(strace, *more):
    """Main thread only: others are not followed, so the count is the same in each run."""
    return (strace, "-e", "trace=ioctl", "-e", "signal=none", *more)


def main_thread_ioctls(vm):
    return [line for line in vm.messages().splitlines() if line.startswith("ioctl(")]


@case
async def create_vcpu_fails_on_the_fake(build):
    fault = "fault call=KVM_CREATE_VCPU arg=1 nth=1 errno=ENOMEM"
    script = "vcpu 0; loop forever; out port=0x3f8 text=abcdefghijklmnopqrstuvwxyz; pause ms=1; end; end"
    async with fake(build, f"{fault}; {script}") as vm:
        await vm.goes_on()
        slot = (await free_slots(vm.qmp))[0]
        text = await vm.qmp.refused("device_add", id_="cpu1", **slot)
        assert "(stage create-vcpu, KVM_CREATE_VCPU, errno 12)" in text, text
        await vm.goes_on(60)
        await plug(vm, slot, "cpu1")
        assert len(await vm.qmp.call("query-cpus-fast")) == 2
        await vm.goes_on(60)
        counted(vm.text())


def fake(build, scenario, *arguments):
    library = os.path.join(build, "tests/fakekvm/libfakekvm.so")
    if not os.path.exists(library):
        raise Skip("the fake KVM is not built")
    return Guest(build, "exit.rom", *SPARE, *arguments,
                 env={"LD_PRELOAD": library, "FAKEKVM_SCENARIO_TEXT": scenario,
                      "ASAN_OPTIONS": "verify_asan_link_order=0"})


@case
async def each_step_of_a_creation_can_fail(build):
    script = "vcpu 0; loop forever; out port=0x3f8 text=abcdefghijklmnopqrstuvwxyz; pause ms=1; end; end"
    for fault, call in (("call=mmap vcpu=1 nth=1 errno=ENOMEM", "mmap"),
                        ("call=KVM_SET_CPUID2 vcpu=1 nth=1 errno=EINVAL", "KVM_SET_CPUID2")):
        async with fake(build, f"fault {fault}; {script}") as vm:
            slot = (await free_slots(vm.qmp))[0]
            text = await vm.qmp.refused("device_add", id_="cpu1", **slot)
            assert f"{call}, errno" in text, text
            await plug(vm, slot, "cpu1")
            await vm.goes_on(30)
            counted(vm.text())


@case
async def vcpus_288(build):
    need_kvm()
    program = os.path.join(build, "system/accelvm")
    rom = os.path.join(build, "tests/guests/hotplug-many.rom")
    done = subprocess.run(
        [program, "-nodefaults", "-display", "none", "-M", "pc-lite", "-accel", "kvm", "-smp", "288",
         "-m", "16", "-bios", rom, "-serial", "stdio",
         "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=BOUND, check=False)
    if "exceeds the maximum number of vCPUs" in done.stderr or "maxcpus" in done.stderr:
        raise Skip(done.stderr.splitlines()[0])
    assert done.stdout == "0120 vCPUs, highest x2APIC id 011f\n", done
    assert done.returncode == 33, done
    recommended = "exceeds the recommended cpus supported by KVM"
    assert recommended in done.stderr or os.cpu_count() >= 288, done.stderr


@case
async def x2apic_handed_over(build):
    """A directly booted kernel finds x2APIC on where an APIC id needs more than a byte, and only there."""
    need_kvm()
    with tempfile.NamedTemporaryFile() as kernel:
        kernel.write(b"\xf4" * 4096)
        kernel.flush()
        for cpus, base, *more in (("255", "fee00900"), ("256", "fee00d00"),
                                  ("256", "fee00900", "-cpu", "qemu64,-x2apic"),
                                  ("1,maxcpus=288", "fee00d00"),
                                  ("1,maxcpus=288", "fee00900", "-M", "microvm")):
            async with Guest(build, None, "-smp", cpus, "-kernel", kernel.name, "-S", *more) as vm:
                for _ in range(2):
                    said = await vm.qmp.call("human-monitor-command", command_line="info registers")
                    assert f"APIC_BASE={base:0>16}" in said, (cpus, said)
                    await vm.qmp.call("system_reset")


if __name__ == "__main__":
    sys.exit(main())
