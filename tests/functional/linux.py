#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Stock Linux under accelvm, on the rig's stock KVM, as TAP.

usage: linux.py ACCELVM short|matrix|ends

short   a boot on each board, QEMU's microvm beside them, a CPU plugged and unplugged over QMP
matrix  both boards, bzImage and ELF, 1, 2, 4 and 8 CPUs, kernel-irqchip on and split
ends    every way out of a guest: power off, all of Linux' ways to reboot, panic; memtest86+

One rig run does all boots of a kind, because the rig itself takes some seconds; what a guest printed
is cut into its boots and looked at afterwards. What takes how long is told but decides nothing.
"""
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from rig_cpio import Cpio           # noqa: E402  pylint: disable=wrong-import-position
from rig_image import cached, fetch_extras, CannotRun  # noqa: E402  pylint: disable=wrong-import-position

BOARDS = ('microvm', 'pc-lite')
QUIET = 'console=ttyS0 panic=-1 quiet'
LIMIT = 150
# What boards without PCI cannot help: the kernel looks for it and tells that there is none.
NO_PCI = {'PCI: Fatal: No config space access function found'}


class Boot:
    """What one guest printed, and how its emulator ended."""
    def __init__(self, lines):
        self.lines = lines
        self.facts = dict(re.findall(r'^FACT (\S+) (.*?)\r?$', '\n'.join(lines), re.MULTILINE))
        status = [line.split()[1] for line in lines if line.startswith('STATUS ')]
        self.status = int(status[-1]) if status else None

    def tagged(self, tag):
        return [line[len(tag) + 1:].strip() for line in self.lines if line.startswith(tag + ' ')]

    def seconds(self):
        times = self.tagged('USER')
        if not times:
            return None
        begin, user = map(float, times[0].split())
        return user - begin

    def complaints(self):
        """Log lines of level 4 and worse, without what differs from boot to boot."""
        lines = self.tagged('LOG') + self.tagged('BAD')
        plain = {re.sub(r'^(<\d>)?\[ *[\d.]+\] ', '', line) for line in lines}
        return {re.sub(r'(0x)?[0-9a-f]*\d[0-9a-f]*', 'N', line) for line in plain}


def cut(text):
    boots, name, lines = {}, None, []
    for line in text.replace('\r', '').splitlines():
        if line.startswith('BOOT '):
            name, lines = line[5:], []
        elif name is not None and line == 'END ' + name:
            boots[name], name = Boot(lines), None
        else:
            lines.append(line)
    return boots


class Tap:
    def __init__(self):
        self.number = self.failed = 0

    def check(self, good, name, boot):
        self.number += 1
        self.failed += not good
        print(f'{"" if good else "not "}ok {self.number} - {name}')
        for line in (boot.lines[-60:] if boot and not good else ()):
            print(f'#   {line}')

    def plan(self):
        print(f'1..{self.number}')
        return 1 if self.failed else 0


def initramfs(path):
    busybox = next(p for p in ('/bin/busybox', '/usr/bin/busybox') if os.path.exists(p))
    with open(path, 'wb') as out:
        cpio = Cpio(out)
        cpio.file(busybox, '/bin/busybox')
        cpio.file(f'{HERE}/linux-init.sh', '/init')
        cpio.folder('/dev')
        cpio.close()


def run_rig(accelvm, job, timeout, qemu=False, files=()):
    """Boots by name; leaves the program with a TAP skip where the rig cannot run."""
    with tempfile.TemporaryDirectory(prefix='accelvm-linux-') as folder:
        try:
            initramfs(f'{folder}/linux.cpio')
        except StopIteration:
            skip('busybox is not installed (package busybox-static)')
        with open(f'{folder}/job', 'w', encoding='ascii') as out:
            out.write('. /linux-job.sh\n' + '\n'.join(job) + '\n')
        args = [sys.executable, f'{HERE}/rig', 'run', '--job', f'{folder}/job',
                '--program', accelvm, '--file', f'{folder}/linux.cpio',
                '--file', f'{HERE}/linux-job.sh', '--timeout', str(timeout)]
        for item in files:
            args += ['--file', item]
        done = subprocess.run(args + (['--qemu'] if qemu else []), capture_output=True,
                              timeout=timeout + 60, check=False)
    if done.returncode == 77:
        skip(done.stderr.decode(errors='replace').strip())
    sys.stderr.write(done.stderr.decode(errors='replace'))
    return cut(done.stdout.decode(errors='replace'))


def skip(reason):
    print(f'1..0 # SKIP {reason}')
    sys.exit(0)


def boot_line(name, emulator, machine, cpus, kernel, words='', options=''):
    return (f'boot {name} {LIMIT} ${emulator} -M {machine} -smp {cpus} $MEMORY -kernel /{kernel} '
            f'{options} -append "{QUIET} {words}"')


def check_facts(tap, name, boot, cpus):
    facts = boot.facts if boot else {}
    memory = int(facts.get('memory', 0))
    interrupts = '\n'.join(boot.tagged('IRQ')) if boot else ''
    tap.check(boot is not None and boot.status == 0, f'{name}: reaches user space, powers off', boot)
    tap.check(facts.get('cpus') == str(cpus), f'{name}: {cpus} CPUs', boot)
    tap.check(440000 < memory < 512 * 1024, f'{name}: memory as asked', boot)
    tap.check(facts.get('clock') == 'kvm-clock', f'{name}: clock source is kvm-clock', boot)
    tap.check(re.search(r'ttyS0', interrupts) is not None and 'LOC:' in interrupts,
              f'{name}: interrupts of serial line and timer', boot)


def short(accelvm, tap):
    boots = run_rig(accelvm, [
        boot_line('pc-lite', 'ACCELVM', 'pc-lite', 2, 'bzImage'),
        boot_line('microvm', 'ACCELVM', 'microvm', 4, 'vmlinux'),
        boot_line('qemu', 'QEMU', 'microvm', 1, 'bzImage'),
        'hotplug hotplug pc-lite 0 1',
    ], 500, qemu=True)
    check_facts(tap, 'pc-lite', boots.get('pc-lite'), 2)
    check_facts(tap, 'microvm', boots.get('microvm'), 4)
    known = boots['qemu'].complaints() if 'qemu' in boots else set()
    for name in BOARDS:
        boot = boots.get(name)
        told = boot is not None and 'FACTS-END' in boot.lines
        new = boot.complaints() - known - NO_PCI if told else {'no boot'}
        for line in sorted(new):
            print(f'#   {line}')
        tap.check(not new, f'{name}: no complaint that QEMU microvm has not', None)
    boot = boots.get('hotplug')
    for step in ('booted', 'online', 'deleted', 'offline'):
        tap.check(boot is not None and step in boot.tagged('STEP'), f'hot-added CPU: {step}', boot)
    for name, boot in boots.items():
        if boot.seconds() is not None:
            print(f'# {name}: {boot.seconds():.2f} s from start to user space')


def matrix(accelvm, tap):
    cases = [(board, kernel, cpus, irqchip) for board in BOARDS for kernel in ('bzImage', 'vmlinux')
             for cpus in (1, 2, 4, 8) for irqchip in ('on', 'split')]
    name = '{0[0]}-{0[1]}-{0[2]}-{0[3]}'.format
    boots = run_rig(accelvm, [
        boot_line(name(case), 'ACCELVM', f'{case[0]},kernel-irqchip={case[3]}', case[2], case[1])
        for case in cases], 3600)
    for case in cases:
        check_facts(tap, name(case), boots.get(name(case)), case[2])


def ends(accelvm, tap):
    try:
        fetch_extras()
        images = cached('memtest86+x64.bin', lambda *args: None)
    except CannotRun as reason:
        skip(str(reason))
    ways = [('microvm', 'reboot', ''), ('microvm', 'reboot', 'reboot=a'),
            ('microvm', 'reboot', 'reboot=t'), ('pc-lite', 'reboot', ''),
            ('pc-lite', 'reboot', 'reboot=a'), ('pc-lite', 'reboot', 'reboot=k'),
            ('pc-lite', 'reboot', 'reboot=t'), ('pc-lite', 'reboot', 'reboot=b'),
            ('pc-lite', 'reboot', 'reboot=p')]
    job = [boot_line(f'{board}-{word}-{how or "default"}', 'ACCELVM', board, 2, 'bzImage',
                     f'{word} {how}') for board, word, how in ways]
    job += [boot_line(f'{board}-panic', 'ACCELVM', board, 1, 'bzImage', 'panic',
                      '-device pvpanic -action panic=exit-failure') for board in BOARDS]
    files = []
    for image in ('memtest86+x64.bin', 'memtest86+ia32.bin'):
        if os.path.exists(f'{images}/{image}'):
            files.append(f'{images}/{image}')
            job.append(f'boot {image} 10 $ACCELVM -M pc-lite -m 128 -kernel /{image} '
                       '-append console=ttyS0,115200')
    boots = run_rig(accelvm, job, 1200, files=files)
    for board, word, how in ways:
        name = f'{board}-{word}-{how or "default"}'
        boot = boots.get(name)
        tap.check(boot is not None and boot.status == 0 and boot.seconds() is not None,
                  f'{board}: {word} {how}', boot)
    for board in BOARDS:
        boot = boots.get(f'{board}-panic')
        tap.check(boot is not None and boot.status == 1 and boot.seconds() is not None,
                  f'{board}: panic through pvpanic is status 1', boot)
    for item in files:
        boot = boots.get(os.path.basename(item))
        tap.check(boot is not None and 'Memtest86+' in '\n'.join(boot.lines),
                  f'{os.path.basename(item)} prints on the serial line', boot)


def main():
    tap = Tap()
    {'short': short, 'matrix': matrix, 'ends': ends}[sys.argv[2]](sys.argv[1], tap)
    return tap.plan()


if __name__ == '__main__':
    sys.exit(main())
