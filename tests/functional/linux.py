#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Stock guests under accelvm, on the rig's stock KVM, as TAP.

usage: linux.py ACCELVM short|matrix|ends

short   boots that cover boards, kernel formats, CPU counts and irqchip modes, with topology and NUMA;
        QEMU's microvm beside them; CPU hotplug; a shell on a terminal; memtest86+ and iPXE
matrix  both boards, bzImage and ELF, 1, 2, 4 and 8 CPUs, kernel-irqchip on and split
ends    every way out of a guest: power off, all of Linux' ways to reboot, panic

What takes how long is told but decides nothing.
"""
import os
import re
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from linux_lib import NO_BOOT, Tap, run_rig             # noqa: E402  pylint: disable=C0413
from rig_image import CannotRun, fetch_extras, kernel_folder    # noqa: E402  pylint: disable=C0413

BOARDS = ('microvm', 'pc-lite')
QUIET = 'console=ttyS0 panic=-1 quiet'
LIMIT = 150
# What boards without PCI cannot help: the kernel looks for it and tells that there is none.
NO_PCI = {'PCI: Fatal: No config space access function found'}
MODELS = {'qemu64': 'QEMU Virtual CPU version 2.5+', 'Haswell': 'Intel Core Processor (Haswell)',
          'EPYC': 'AMD EPYC Processor'}
NUMA = ('-object memory-backend-ram,id=m0,size=128M -object memory-backend-ram,id=m1,size=384M '
        '-numa node,memdev=m0,cpus=0-3 -numa node,memdev=m1,cpus=4-7 -numa dist,src=0,dst=1,val=30')
BIOS = '/usr/share/seabios/bios.bin'
OPTION_ROM = '/usr/share/qemu/linuxboot_dma.bin'


def boot_line(name, emulator, machine, smp, kernel, words='', options=''):
    return (f'boot {name} {LIMIT} ${emulator} -M {machine} -smp {smp} $MEMORY -kernel /{kernel} '
            f'{options} -append "{QUIET} {words}"')


def check_facts(tap, name, boot, cpus, clock='kvm-clock', model='qemu64'):
    facts, interrupts = boot.facts, '\n'.join(boot.tagged('IRQ'))
    memory = int(facts.get('memory', 0))
    if not tap.check(boot.status == 0 and 'FACTS-END' in boot.lines,
                     f'{name}: reaches user space, ends with status 0', boot):
        return
    tap.check(facts.get('cpus') == str(cpus), f'{name}: {cpus} CPUs', boot)
    tap.check(facts.get('model') == MODELS[model], f'{name}: CPU model {model}', boot)
    tap.check(380000 < memory < 512 * 1024, f'{name}: memory as asked', boot)
    tap.check(facts.get('clock') == clock, f'{name}: clock source is {clock}', boot)
    tap.check(re.search(r'IO-APIC.*ttyS0', interrupts) is not None and
              re.search(rf'LOC:(\s+\d+){{{cpus}}}\s+Local timer', interrupts) is not None,
              f'{name}: interrupts of serial line and timers', boot)


def check_topology(tap, boot):
    """-smp 8,sockets=2,cores=2,threads=2 and NUMA, as the kernel sees them."""
    want = [f'{cpu} {cpu // 4} {cpu // 2 % 2} 4 2' for cpu in range(8)]
    tap.check(boot.tagged('TOPO') == want, 'sockets, cores, threads as asked', boot)
    nodes = [line.split() for line in boot.tagged('NODE')]
    tap.check([node[:2] + node[3:] for node in nodes] ==
              [['0', '0-3', '10', '30'], ['1', '4-7', '30', '10']], 'NUMA nodes as asked', boot)
    tap.check(len(nodes) == 2 and 60 << 10 < int(nodes[0][2]) < 129 << 10 and
              340 << 10 < int(nodes[1][2]) < 385 << 10, 'memory of NUMA nodes as asked', boot)


LAST = '-device qemu64-x86_64-cpu,socket-id=0,core-id=287,thread-id=0'
SHORT = [
    # name, machine, -smp, kernel, words, options, clock, model
    ('pc-lite-8', 'pc-lite', '8,sockets=2,cores=2,threads=2', 'bzImage', '',
     f'-cpu Haswell,vendor=GenuineIntel {NUMA}', 'kvm-clock', 'Haswell'),
    # the second one's APIC id needs x2APIC
    ('pc-lite-2', 'pc-lite,kernel-irqchip=split', '1,maxcpus=288', 'vmlinux',
     'clocksource=acpi_pm', f'-cpu qemu64,-kvmclock {LAST}', 'acpi_pm', 'qemu64'),
    ('pc-lite-1', 'pc-lite', '1', 'bzImage', '', '', 'kvm-clock', 'qemu64'),
    ('microvm-4', 'microvm,kernel-irqchip=split', '4', 'bzImage', '', '-cpu EPYC', 'kvm-clock',
     'EPYC'),
    ('microvm-1', 'microvm', '1', 'vmlinux', 'reboot', '', 'kvm-clock', 'qemu64'),
]
HOTPLUG = ('booted', 'online', 'deleted', 'offline')
CONSOLE = ('booted', 'shell', 'job', 'ctrl-c', 'keys', 'monitor', 'back', 'exit', 'restored')


def other_guests():
    """Job lines and files of memtest86+ and iPXE; reasons for what cannot be had."""
    reasons = fetch_extras()
    job, files = {}, []
    try:
        images = kernel_folder()
    except CannotRun as reason:
        return job, files, [str(reason)]
    for name in ('memtest86+x64.bin', 'memtest86+ia32.bin'):
        if os.path.exists(f'{images}/{name}'):
            files.append(f'{images}/{name}')
            job[name] = (f'boot_until {name} 120 "Memtest86" 1 $ACCELVM -M pc-lite -m 128 '
                         f'-kernel /{name} -append console=ttyS0,115200')
    if not all(map(os.path.exists, (BIOS, OPTION_ROM))):
        reasons.append(f'no {BIOS} or no {OPTION_ROM} (packages seabios, qemu-system-data)')
    elif os.path.exists(f'{images}/ipxe.lkrn'):
        files += [f'{images}/ipxe.lkrn', f'{BIOS}:{BIOS}', f'{OPTION_ROM}:{OPTION_ROM}']
        job['iPXE'] = ('boot_until iPXE 240 "Open Source Network Boot" 1 $ACCELVM -M pc-lite,'
                       'graphics=off -m 128 -bios bios.bin -kernel /ipxe.lkrn')
    return job, files, reasons


def check_others(tap, boots, job, reasons):
    for name in ('memtest86+x64.bin', 'memtest86+ia32.bin', 'iPXE'):
        if name not in job:
            tap.skip(f'{name} prints on the serial line', '; '.join(reasons) or 'not there')
            continue
        boot = boots.get(name, NO_BOOT)
        words = 'Open Source Network Boot' if name == 'iPXE' else 'Memtest86+'
        tap.check(words in boot.text, f'{name} prints on the serial line', boot)


def check_complaints(tap, boots, names):
    known = boots.get('qemu', NO_BOOT).complaints() | NO_PCI
    for name in names:
        boot = boots.get(name, NO_BOOT)
        new = boot.complaints() - known if 'FACTS-END' in boot.lines else {'no boot'}
        for line in sorted(new):
            print(f'#   {line}')
        tap.check(not new, f'{name}: no complaint that QEMU microvm has not')


def short(accelvm, tap):
    script = shutil.which('script')
    job = [boot_line(name, 'ACCELVM', *rest) for name, *rest, _, _ in SHORT]
    job += [boot_line('qemu', 'QEMU', 'microvm', 1, 'bzImage'), 'hotplug hotplug pc-lite 0 1',
            'hotplug hotplug-288 pc-lite,kernel-irqchip=split 0 287']
    others, files, reasons = other_guests()
    job += others.values()
    if script:
        job.append('console console pc-lite')
    boots = run_rig(job, 560, [accelvm] + ([script] if script else []), True, files)
    for name, _, smp, _, _, options, clock, model in SHORT:
        cpus = int(smp.split(',')[0]) + options.count('-device')
        check_facts(tap, name, boots.get(name, NO_BOOT), cpus, clock, model)
    check_topology(tap, boots.get('pc-lite-8', NO_BOOT))
    check_complaints(tap, boots, ['pc-lite-1', 'microvm-1'])
    for name, which in (('hotplug', 'CPU'), ('hotplug-288', '288th CPU')):
        boot = boots.get(name, NO_BOOT)
        for step in HOTPLUG:
            tap.check(step in boot.tagged('STEP'), f'hot-added {which}: {step}', boot)
    for step in CONSOLE:
        boot = boots.get('console', NO_BOOT)
        if script:
            tap.check(step in boot.tagged('STEP'), f'console: {step}', boot)
        else:
            tap.skip(f'console: {step}', 'script is not installed (package bsdutils)')
    check_others(tap, boots, others, reasons)
    for name, boot in boots.items():
        if boot.seconds() is not None:
            print(f'# {name}: {boot.seconds():.2f} s from start to user space')


def matrix(accelvm, tap):
    cases = [(board, kernel, cpus, irqchip) for board in BOARDS for kernel in ('bzImage', 'vmlinux')
             for cpus in (1, 2, 4, 8) for irqchip in ('on', 'split')]
    name = '{0[0]}-{0[1]}-{0[2]}-{0[3]}'.format
    boots = run_rig(
        [boot_line(name(case), 'ACCELVM', f'{case[0]},kernel-irqchip={case[3]}', case[2], case[1])
         for case in cases] + [boot_line('qemu', 'QEMU', 'microvm', 1, 'bzImage')],
        3600, [accelvm], True)
    for case in cases:
        check_facts(tap, name(case), boots.get(name(case), NO_BOOT), case[2])
    check_complaints(tap, boots, map(name, cases))


WAYS = [(board, how) for board, letters in (('microvm', 'akt'), ('pc-lite', 'aktbp'))
        for how in ('', *(f'reboot={letter}' for letter in letters))]


def ends(accelvm, tap):
    def name(board, how):
        return f'{board}-{how or "default"}'
    job = [boot_line(name(board, how), 'ACCELVM', board, 2, 'bzImage', f'reboot {how}')
           for board, how in WAYS]
    job += [boot_line(f'{board}-panic', 'ACCELVM', board, 1, 'bzImage', 'crash',
                      '-device pvpanic -action panic=exit-failure') for board in BOARDS]
    job += [f'boot_until {board}-again 150 USERSPACE-REACHED 2 ${{ACCELVM% *}} -M {board} -smp 2 '
            f'$MEMORY -kernel /{kernel} -append "{QUIET} reboot"'
            for board, kernel in zip(BOARDS, ('bzImage', 'vmlinux'))]
    boots = run_rig(job, 1200, [accelvm])
    for board, how in WAYS:
        boot = boots.get(name(board, how), NO_BOOT)
        tap.check(boot.status == 0 and boot.seconds() is not None,
                  f'{board}: reboot {how} ends a -no-reboot run with status 0', boot)
    for board in BOARDS:
        boot = boots.get(f'{board}-panic', NO_BOOT)
        tap.check(boot.status == 1 and boot.seconds() is not None,
                  f'{board}: panic through pvpanic is status 1', boot)
        boot = boots.get(f'{board}-again', NO_BOOT)
        tap.check(boot.text.count('USERSPACE-REACHED') == 2, f'{board}: comes up again after reboot',
                  boot)


def main():
    tap = Tap()
    {'short': short, 'matrix': matrix, 'ends': ends}[sys.argv[2]](sys.argv[1], tap)
    return tap.plan()


if __name__ == '__main__':
    sys.exit(main())
