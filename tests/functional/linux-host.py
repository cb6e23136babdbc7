#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Stock Linux on this host's own KVM gets as far as under QEMU's microvm, as TAP.

usage: linux-host.py ACCELVM

With the same kernel, command line and CPU model. Not every KVM can run a stock kernel to its end: one
that emulates kernel mode stops at the first instruction that it does not know. Both emulators run
until they end, report a stop or time is up; then what they printed is compared: QEMU's last line must
be among accelvm's, and where both report a stop, it must be at the same instruction.
"""
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

from linux_lib import Tap, skip_all
from rig_image import CannotRun, kernel_folder

LIMIT = 400
MODEL = 'qemu64'
STOP = re.compile(r'RIP[ =](?:0x)?([0-9a-f]{16})')


def command(program, kernel, serial):
    return [program, '-M', 'microvm', '-accel', 'kvm', '-cpu', MODEL, '-m', '256', '-nodefaults',
            '-no-user-config', '-display', 'none', '-no-reboot', '-serial', f'file:{serial}',
            '-kernel', kernel, '-append', 'console=ttyS0 earlyprintk=ttyS0 panic=-1 nokaslr']


def run_all(commands):
    """Run side by side; what each wrote to stderr until it ended or reported a stop."""
    procs = [subprocess.Popen(c, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
             for c in commands]
    said, running, end = {p: b'' for p in procs}, set(procs), time.monotonic() + LIMIT
    while running and time.monotonic() < end:
        ready, _, _ = select.select([p.stderr for p in running], [], [], 1)
        for proc in [p for p in running if p.stderr in ready]:
            data = os.read(proc.stderr.fileno(), 65536)
            said[proc] += data
            if not data or STOP.search(said[proc].decode(errors='replace')):
                running.discard(proc)
    for proc in procs:
        proc.kill()
        proc.wait()
        proc.stderr.close()
    return [said[p].decode(errors='replace') for p in procs]


def lines_of(path):
    """Without the time in front; numbers in decimal (sizes, cycles) differ with the board."""
    with open(path, encoding='utf-8', errors='replace') as file:
        lines = [re.sub(r'^\[ *[\d.]+\] ', '', line.strip()) for line in file]
    return [re.sub(r'\b\d+', 'N', line) for line in lines if line]


def main():
    tap, qemu = Tap(), shutil.which('qemu-system-x86_64')
    if qemu is None:
        skip_all('qemu-system-x86_64 is not installed')
    if not os.access('/dev/kvm', os.R_OK | os.W_OK):
        skip_all('no usable /dev/kvm')
    try:
        kernel = kernel_folder() + '/vmlinux'
    except CannotRun as reason:
        skip_all(str(reason))
    with tempfile.TemporaryDirectory(prefix='accelvm-host-') as folder:
        names = [f'{folder}/accelvm', f'{folder}/qemu']
        for name in names:
            open(name, 'w', encoding='ascii').close()
        said = run_all([command(p, kernel, n) for p, n in zip((sys.argv[1], qemu), names)])
        ours, theirs = map(lines_of, names)
    last = theirs[-1] if theirs else ''
    print(f'# {len(ours)} lines, QEMU {len(theirs)}; the last: {last}')
    if not tap.check(last == '' or last in ours, "gets to QEMU's last line"):
        print(''.join(f'#   {line}\n' for line in ours[-10:]) + '# ' + said[0])
    stops = [STOP.search(text) for text in said]
    if stops[1] is None:
        tap.skip('stops at the same instruction', 'QEMU reports no stop')
    else:
        at = [stop.group(1) if stop else 'nowhere' for stop in stops]
        tap.check(at[0] == at[1], f'stops at the same instruction as QEMU: {at[0]}, {at[1]}')
    return tap.plan()


if __name__ == '__main__':
    sys.exit(main())
