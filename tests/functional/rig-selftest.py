#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rig's test of itself, as TAP: QEMU in accelvm's place runs guests on the rig's KVM.

usage: rig-selftest.py GUESTS     (the folder of the built test guests)
"""
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
RIG = os.path.join(HERE, 'rig')
DEMO = ''.join(f'hello from vCPU {cpu} in {mode}\n' for cpu in (0, 1)
               for mode in ('16-bit real mode', '32-bit protected mode', '64-bit long mode'))


def rig(*args, **env):
    return subprocess.run([sys.executable, RIG, 'run', *args], capture_output=True, text=True,
                          env={**os.environ, **env}, timeout=400, check=False)


class Tap:
    def __init__(self):
        self.number, self.failed = 0, 0

    def result(self, good, name, done):
        self.number += 1
        self.failed += not good
        print(f'{"" if good else "not "}ok {self.number} - {name}')
        if not good:
            for line in (f'status {done.returncode}\n' + done.stdout + done.stderr).splitlines():
                print(f'# {line}')

    def skip(self, name, reason):
        self.number += 1
        print(f'ok {self.number} - {name} # SKIP {reason}')


def test_guests(tap, guests):
    done = rig('--job', f'{HERE}/rig-selftest-job', '--qemu', '--file', f'{guests}/demo.rom')
    tests = {
        'status of the job comes out': done.returncode == 7,
        'a stock KVM is inside': 'SELFTEST kvm present\n' in done.stdout,
        'demo guest runs on it': DEMO in done.stdout and 'SELFTEST demo 33\n' in done.stdout,
        'stock kernel reaches user space on it':
            re.search(r'^USERSPACE-REACHED \S+ cpus=1 ', done.stdout, re.MULTILINE)
            and 'SELFTEST linux 0\n' in done.stdout,
    }
    for name, good in tests.items():
        if done.returncode == 77:
            tap.skip(name, done.stderr.strip())
        else:
            tap.result(good, name, done)


def test_timeout(tap, folder):
    job = os.path.join(folder, 'job')
    with open(job, 'w', encoding='ascii') as out:
        out.write('echo begun\nsleep 600\n')
    done = rig('--job', job, '--timeout', '10')
    if done.returncode == 77:
        tap.skip('a job that does not end is ended', done.stderr.strip())
    else:
        tap.result(done.returncode == 124, 'a job that does not end is ended', done)


def test_reason(tap, folder):
    done = rig('--job', '/dev/null', PATH=folder, XDG_CACHE_HOME=folder, ACCELVM_RIG_SKIP='')
    tap.result(done.returncode == 77 and ' is not installed' in done.stderr,
               'a machine without the tools gives the reason', done)


def main():
    tap = Tap()
    print('1..6')
    with tempfile.TemporaryDirectory() as folder:
        test_reason(tap, folder)
        test_timeout(tap, folder)
    test_guests(tap, sys.argv[1])
    return 1 if tap.failed else 0


if __name__ == '__main__':
    sys.exit(main())
