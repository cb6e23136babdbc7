#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Several QMP clients at once: one stops and resumes, one plugs and unplugs, one asks, or one
resets; on every irqchip mode and on the software CPU. What a ThreadSanitizer build is for.

usage: lifecycle-storm.py BUILD-FOLDER [CASE...]
"""
import asyncio
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lifecycle_lib import (Guest, Skip, case, counted, free_slots, main, need_kvm)  # noqa: E402

ROUNDS = int(os.environ.get("LIFECYCLE_STORM", "40"))
QUESTIONS = ("query-cpus-fast", "query-status", "query-hotpluggable-cpus", "x-query-accel-info")
TEXTS = ("info registers -a", "info cpus", "info mtree", "xp /4xw 0xfffffff0", "info stats vcpu")


async def stop_and_cont(qmp):
    for _ in range(ROUNDS):
        await qmp.call("stop")
        await qmp.call("cont")


async def ask(qmp):
    for n in range(ROUNDS):
        await qmp.call(QUESTIONS[n % len(QUESTIONS)])
        await qmp.call("human-monitor-command", command_line=TEXTS[n % len(TEXTS)])


async def plug_and_unplug(qmp):
    slot = (await free_slots(qmp))[-1]
    for n in range(ROUNDS // 4):
        await qmp.call("device_add", id=f"storm{n}", **slot)
        await qmp.call("device_del", id=f"storm{n}")
        assert (await qmp.event("DEVICE_DELETED"))["device"] == f"storm{n}"


async def reset(qmp):
    for _ in range(ROUNDS // 8):
        await qmp.call("system_reset")
        await qmp.event("RESET")
        await asyncio.sleep(0)


async def storm(build, accel, last=plug_and_unplug, env=None):
    """Two spinning vCPUs of the counting guest, and everybody at once."""
    smp = ("-smp", "2,maxcpus=4")
    async with Guest(build, "hotplug-spin.rom", *smp, accel=accel, monitors=3, env=env) as vm:
        await vm.report("P0001")
        work = (stop_and_cont, ask, last)
        done = await asyncio.gather(*(one(qmp) for one, qmp in zip(work, vm.clients)),
                                    return_exceptions=True)
        for problem in filter(None, done):
            raise problem
        await vm.qmp.call("cont")
        await vm.goes_on()
        counted(vm.text())
        await vm.qmp.call("quit")
        assert await vm.ended() == 0, vm.messages()


@case
async def kernel_irqchip_on(build):
    need_kvm()
    await storm(build, "kvm")


@case
async def kernel_irqchip_split(build):
    need_kvm()
    await storm(build, "kvm,kernel-irqchip=split")


@case
async def kernel_irqchip_off(build):
    need_kvm()
    await storm(build, "kvm,kernel-irqchip=off")


@case
async def with_resets(build):
    need_kvm()
    await storm(build, "kvm", last=reset)


@case
async def the_software_cpu(build):
    module = os.path.join(build, "accel/tcg")
    if not os.path.exists(os.path.join(module, "accel-tcg.so")):
        raise Skip("built without the software CPU")
    await storm(build, "tcg", env={"ACCELVM_MODULE_PATH": module})


if __name__ == "__main__":
    sys.exit(main())
