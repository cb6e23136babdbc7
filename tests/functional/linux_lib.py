# SPDX-License-Identifier: LGPL-2.1-or-later
"""Boots of stock guests in the rig: running them, and what they said.

One rig run does all boots of a kind, because the rig itself takes some seconds; what the guests
printed is cut into boots and looked at afterwards.
"""
import os
import re
import subprocess
import sys
import tempfile

from rig_cpio import Cpio
from rig_image import GUEST_MODULES, CannotRun, kernel_folder

HERE = os.path.dirname(os.path.abspath(__file__))


# How late a tick was on a busy host, under any emulator, is not a complaint about the machine.
LATE = ('APIC calibration not consistent with PM-Timer', 'hrtimer: interrupt took')


class Boot:
    """What one guest printed, and how its emulator ended."""
    def __init__(self, lines):
        self.lines = lines
        self.text = '\n'.join(lines)
        self.facts = dict(re.findall(r'^FACT (\S+) (.*)$', self.text, re.MULTILINE))
        status = self.tagged('STATUS')
        self.status = int(status[-1]) if status else None

    def tagged(self, tag):
        return [line[len(tag) + 1:].strip() for line in self.lines if line.startswith(tag + ' ')]

    def seconds(self):
        """From the start of the emulator to user space; None: it did not get there."""
        times = self.tagged('USER')
        if not times:
            return None
        begin, user = map(float, times[0].split())
        return user - begin

    def complaints(self):
        """Log lines of level 4 and worse, without what differs from boot to boot."""
        lines = self.tagged('LOG') + self.tagged('BAD')
        plain = {re.sub(r'^(<\d>)?\[ *[\d.]+\] ', '', line) for line in lines}
        return {re.sub(r'(0x)?[0-9a-f]*\d[0-9a-f]*', 'N', line)
                for line in plain if not line.startswith(LATE)}


NO_BOOT = Boot([])


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

    def check(self, good, name, boot=NO_BOOT):
        self.number += 1
        self.failed += not good
        print(f'{"" if good else "not "}ok {self.number} - {name}')
        for line in (boot.lines[-60:] if not good else ()):
            print(f'#   {line}')
        return good

    def skip(self, name, reason):
        self.number += 1
        print(f'ok {self.number} - {name} # SKIP {reason}')

    def plan(self):
        print(f'1..{self.number}')
        return 1 if self.failed else 0


def skip_all(reason):
    print(f'1..0 # SKIP {reason}')
    sys.exit(0)


def initramfs(path):
    busybox = next(p for p in ('/bin/busybox', '/usr/bin/busybox') if os.path.exists(p))
    with open(path, 'wb') as out:
        cpio = Cpio(out)
        cpio.file(busybox, '/bin/busybox')
        cpio.file(f'{HERE}/linux-init.sh', '/init')
        for module in GUEST_MODULES:
            cpio.file(f'{kernel_folder()}/{module}.ko', f'/{module}.ko')
        cpio.folder('/dev')
        cpio.close()


def run_rig(job, timeout, programs, qemu=False, files=()):
    """Boots by name; leaves the program with a TAP skip where the rig cannot run."""
    with tempfile.TemporaryDirectory(prefix='accelvm-linux-') as folder:
        try:
            initramfs(f'{folder}/linux.cpio')
        except StopIteration:
            skip_all('busybox is not installed (package busybox-static)')
        except CannotRun as reason:
            skip_all(str(reason))
        with open(f'{folder}/job', 'w', encoding='ascii') as out:
            out.write('. /linux-job.sh\n' + '\n'.join(job) + '\n')
        args = [sys.executable, f'{HERE}/rig', 'run', '--job', f'{folder}/job',
                '--file', f'{folder}/linux.cpio', '--file', f'{HERE}/linux-job.sh',
                '--timeout', str(timeout)] + (['--qemu'] if qemu else [])
        for item in programs:
            args += ['--program', item]
        for item in files:
            args += ['--file', item]
        done = subprocess.run(args, capture_output=True, timeout=timeout + 60, check=False)
    if done.returncode == 77:
        skip_all(done.stderr.decode(errors='replace').strip())
    sys.stderr.write(done.stderr.decode(errors='replace'))
    return cut(done.stdout.decode(errors='replace'))
