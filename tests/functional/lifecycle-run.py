#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run control over QMP: stop and cont, reset, and what becomes of a vCPU that cannot go on.

usage: lifecycle-run.py BUILD-FOLDER [CASE...]
"""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lifecycle_lib import (Guest, Skip, case, counted, main, need_kvm)  # noqa: E402

ROUNDS = int(os.environ.get("LIFECYCLE_STOPS", "300"))
COUNTING = "out port=0x3f8 text=abcdefghijklmnopqrstuvwxyz"
BROKEN = f"vcpu 0; {COUNTING}; internal-error suberror=1 data=0x1f,4; loop forever; {COUNTING}; " \
         "pause ms=1; end; end"
TRIPLE = "vcpu 0; shutdown; loop forever; pause ms=1; end; end"


def fake(build, scenario, *arguments):
    library = os.path.join(build, "tests/fakekvm/libfakekvm.so")
    if not os.path.exists(library):
        raise Skip("the fake KVM is not built")
    return Guest(build, "exit.rom", *arguments,
                 env={"LD_PRELOAD": library, "FAKEKVM_SCENARIO_TEXT": scenario,
                      "ASAN_OPTIONS": "verify_asan_link_order=0"})


async def stop_and_cont(vm):
    await vm.qmp.call("stop")
    await vm.qmp.event("STOP")
    assert not (await vm.qmp.call("query-status"))["running"]
    still = len(vm.text())
    await vm.qmp.call("query-cpus-fast")
    assert len(vm.text()) == still, "a stopped guest printed"
    await vm.qmp.call("cont")
    await vm.qmp.event("RESUME")
    assert (await vm.qmp.call("query-status"))["running"]


@case
async def stop_and_cont_lose_nothing(build):
    need_kvm()
    async with Guest(build, "hotplug-spin.rom", "-smp", "4") as vm:
        for n in (1, 2, 3):
            await vm.report(f"P{n:04x}")
        for n in range(ROUNDS):
            await stop_and_cont(vm)
            if n % 10 == 0:
                await vm.goes_on(1)
        await vm.goes_on()
        print(f"# {ROUNDS} rounds, {counted(vm.text())} letters")


async def six_nmis(build, accel, env=None):
    exit_device = ("-device", "isa-debug-exit,iobase=0xf4,iosize=0x4")
    async with Guest(build, "nmi64.rom", *exit_device, accel=accel, env=env) as vm:
        for n in range(6):
            before = "ready " + "N" * n if n < 3 else "ready NNN halted " + "H" * (n - 3)
            await vm.until(lambda text=before: vm.text() == text, before)
            try:
                await vm.qmp.call("inject-nmi")
            except (EOFError, ConnectionError):
                assert n == 5 # the guest's answer to the last one ends the program, perhaps before ours
        assert await vm.ended() == 33, vm.messages()
        assert vm.text() == "ready NNN halted HHH\n", vm.text()


@case
async def an_nmi_reaches_who_runs_and_who_sleeps(build):
    need_kvm()
    for mode in ("on", "split", "off"):
        await six_nmis(build, f"kvm,kernel-irqchip={mode}")


@case
async def an_nmi_reaches_the_software_cpu(build):
    module = os.path.join(build, "accel/tcg")
    if not os.path.exists(os.path.join(module, "accel-tcg.so")):
        raise Skip("built without the software CPU")
    await six_nmis(build, "tcg", env={"ACCELVM_MODULE_PATH": module})


@case
async def reset_begins_again(build):
    need_kvm()
    async with Guest(build, "hotplug.rom", "-smp", "2") as vm:
        for n in range(1, 6):
            await vm.report("start", n)
            await vm.report("P0001", n)
            await vm.goes_on()
            await vm.qmp.call("system_reset")
            reset = await vm.qmp.event("RESET")
            assert reset == {"guest": False, "reason": "host-qmp-system-reset"}, reset
        await vm.report("P0001", 6)
        assert counted(vm.text()) > 0


@case
async def reset_while_stopped_stays_stopped(build):
    need_kvm()
    async with Guest(build, "hotplug.rom") as vm:
        await vm.report("start")
        await vm.qmp.call("stop")
        await vm.qmp.call("system_reset")
        await vm.qmp.event("RESET")
        assert (await vm.qmp.call("query-status"))["status"] == "prelaunch"
        assert vm.text().count("[start]") == 1
        await vm.qmp.call("cont")
        await vm.report("start", 2)


@case
async def no_reboot_ends(build):
    async with fake(build, TRIPLE, "-no-reboot", "-S") as vm:
        await vm.qmp.call("cont")
        shutdown = await vm.qmp.event("SHUTDOWN")
        assert shutdown == {"guest": True, "reason": "guest-reset"}, shutdown
        assert await vm.ended() == 0


@case
async def a_triple_fault_is_a_reset(build):
    async with fake(build, TRIPLE, "-S") as vm:
        await vm.qmp.call("cont")
        assert await vm.qmp.event("RESET") == {"guest": True, "reason": "guest-reset"}


@case
async def no_shutdown_waits(build):
    async with fake(build, TRIPLE, "-no-reboot", "-no-shutdown", "-S") as vm:
        await vm.qmp.call("cont")
        await vm.qmp.event("SHUTDOWN")
        await vm.qmp.event("STOP")
        assert (await vm.qmp.call("query-status"))["status"] == "shutdown"
        text = await vm.qmp.refused("cont")
        assert text == "Resetting the Virtual Machine is required", text
        await vm.qmp.call("quit")
        assert await vm.ended() == 0


@case
async def action_says_the_same(build):
    for action in ("reboot=shutdown,shutdown=pause", "reboot=shutdown,shutdown=poweroff"):
        async with fake(build, TRIPLE, "-action", action, "-S") as vm:
            await vm.qmp.call("cont")
            await vm.qmp.event("SHUTDOWN")
            if "pause" in action:
                await vm.qmp.event("STOP")
                await vm.qmp.call("quit")
            assert await vm.ended() == 0, action


async def broken(vm):
    await vm.qmp.call("cont")
    await vm.qmp.event("STOP")
    reason = await vm.qmp.event("X_INTERNAL_ERROR")
    assert "internal error" in reason["message"].lower(), reason
    assert (await vm.qmp.call("query-status"))["status"] == "internal-error"
    text = await vm.qmp.refused("cont")
    assert text == "Resetting the Virtual Machine is required", text


@case
async def an_internal_error_has_a_reason(build):
    async with fake(build, BROKEN, "-S") as vm:
        await broken(vm)
        await vm.qmp.call("system_reset")
        await vm.qmp.event("RESET")
        await vm.qmp.call("cont")
        await vm.qmp.event("RESUME")
        await vm.goes_on(30)
        await vm.qmp.call("quit")
        assert await vm.ended() == 0


@case
async def quit_after_an_internal_error_is_a_failure(build):
    async with fake(build, BROKEN, "-S") as vm:
        await broken(vm)
        await vm.qmp.call("quit")
        assert await vm.ended() == 1


@case
async def a_page_is_looked_up_once(build):
    """However small the parts are in which the human monitor shows it."""
    need_kvm()
    async with Guest(build, "hotplug.rom", "-S", "-trace", "kvm_vcpu_ioctl") as vm:
        async def hmp(line):
            return await vm.qmp.call("human-monitor-command", command_line=line)

        def looked_up():
            return len(re.findall("type 0xc018ae85", vm.messages()))   # KVM_TRANSLATE
        assert (await hmp("x /8192xb 0xffffe000")).count("0x") == 8192
        assert looked_up() == 2, looked_up()
        assert await hmp("x /5xg 0xffffeffd") == await hmp("xp /5xg 0xffffeffd")
        assert looked_up() == 4, looked_up()
        await vm.qmp.call("memsave", val=0xffffeff0, size=32, filename=vm.file("saved"))
        assert looked_up() == 6, looked_up()
        with open(vm.file("saved"), "rb") as saved:
            shown = await hmp("xp /32xb 0xffffeff0")
            assert saved.read().hex() == "".join(re.findall(" 0x(..)", shown)), shown


if __name__ == "__main__":
    sys.exit(main())
