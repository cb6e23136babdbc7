#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How long accelvm and QEMU take to start a stock Linux, both in one rig run, as TAP.

usage: linux-times.py ACCELVM

From the start of the process to user space (the emulator's output, as it comes), and from exec to the
guest's first instruction (the rig's kernel traces it). Boots take turns, the least of each emulator's
times counts. The test fails if something does not start; the times decide nothing.

The first instruction is measured twice: with the rig's address space randomisation, and without. The
software CPU that the rig runs on keeps its translations by virtual address: code at a new address is
translated anew in each process, what costs more than to run it once, and what no real CPU does.
"""
import sys

from linux_lib import NO_BOOT, Tap, run_rig

ROUNDS = 3
EMULATORS = {'accelvm-pc-lite': ('ACCELVM', 'pc-lite'), 'accelvm-microvm': ('ACCELVM', 'microvm'),
             'qemu-pc': ('QEMU', 'pc'), 'qemu-microvm': ('QEMU', 'microvm')}
KINDS = {'first': 'the first instruction, addresses fixed',
         'random': 'the first instruction, addresses random', 'user': 'user space'}
GUEST = '$MEMORY -kernel /bzImage -append "console=ttyS0 panic=-1 quiet"'


def job():
    lines = ['mount -t tracefs none /sys/kernel/tracing']
    for number in range(ROUNDS):
        for name, (emulator, machine) in EMULATORS.items():
            command = f'${emulator} -M {machine} -smp 1 {GUEST}'
            for kind, randomize in (('first', 0), ('random', 2)):
                lines.append(f'echo {randomize} > /proc/sys/kernel/randomize_va_space')
                lines.append(f'first {name}-{kind}-{number} {command} -serial null')
            lines.append(f'boot {name}-user-{number} 150 {command}')
    return lines


def least(boots, name, kind):
    """The least of the rounds, in seconds; None if one did not get there."""
    times = []
    for number in range(ROUNDS):
        boot = boots.get(f'{name}-{kind}-{number}', NO_BOOT)
        first = boot.tagged('FIRST')
        times.append(boot.seconds() if kind == 'user' else float(first[0]) if first else None)
    return None if None in times else min(times)


def main():
    tap = Tap()
    boots = run_rig(job(), 900, [sys.argv[1]], True)
    for kind, what in KINDS.items():
        times = {name: least(boots, name, kind) for name in EMULATORS}
        for name, time in times.items():
            boot = boots.get(f'{name}-{kind}-{ROUNDS - 1}', NO_BOOT)
            if tap.check(time is not None, f'{name}: comes to {what}', boot):
                print(f'# {name}: {time * 1000:.1f} ms to {what}')
        if None not in times.values():
            accelvm, qemu = (min(time for name, time in times.items() if name.startswith(start))
                             for start in ('accelvm', 'qemu'))
            print(f'# accelvm / QEMU, to {what}: {accelvm / qemu:.3f}')
    return tap.plan()


if __name__ == '__main__':
    sys.exit(main())
