# SPDX-License-Identifier: LGPL-2.1-or-later
"""One program, once, on the fake KVM: what the tests of failures share.

Theory of operation: a run is a process with the fake KVM preloaded, a scenario in its environment
and an end: `DEADLINE` seconds are a hang. What it said is split into messages (JSON lines of -msg
json=on, or text), what KVM saw is read from the record.
"""
import json
import os
import re
import subprocess
import tempfile
import threading

ACCELVM = os.environ.get('ACCELVM', 'accelvm')
QEMU = os.environ.get('QEMU', 'qemu-system-x86_64')
LIBRARY = os.environ.get('FAKEKVM_LIBRARY', '')
DEADLINE = 20
COMMON = ['-nodefaults', '-no-user-config', '-display', 'none']
END = re.compile(r'^- \d+ end calls=(\d+) descriptors=(\d+) mappings=(\d+) threads=(\d+)$', re.M)
PREFIX = re.compile(r'^(?:qemu-system-x86_64|accelvm): (?:-accel [^:]+: |-machine [^:]+: )?')
_local = threading.local()


def scratch():
    """A file name of this thread's own for the record."""
    if not hasattr(_local, 'folder'):
        _local.folder = tempfile.TemporaryDirectory()
    return os.path.join(_local.folder.name, 'record')


class Run:
    """What one run did: status (negative: signal), output, seconds, record."""

    def __init__(self, program, arguments, scenario, free=True):
        path = scratch()
        if os.path.exists(path):
            os.unlink(path)
        env = dict(os.environ, LD_PRELOAD=LIBRARY, FAKEKVM_SCENARIO='', LC_ALL='C',
                   FAKEKVM_SCENARIO_TEXT=scenario, FAKEKVM_RECORD=path)
        if free:
            env['ACCELVM_FREE'] = '1'
        self.hung = False
        try:
            done = subprocess.run([program, *arguments], env=env, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=DEADLINE, check=False)
            self.status, out, err = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired as error:
            self.hung, self.status, out, err = True, None, error.stdout or b'', error.stderr or b''
        self.out = out.decode(errors='replace')
        self.err = err.decode(errors='replace')
        try:
            with open(path, encoding='utf-8') as record:
                self.record = record.read()
        except FileNotFoundError:
            self.record = ''
        end = END.findall(self.record)
        self.end = [int(n) for n in end[-1]] if end else None

    def messages(self):
        """The messages of a run with -msg json=on, and the lines that are none."""
        messages, rest = [], []
        for line in self.err.splitlines():
            try:
                messages.append(json.loads(line))
            except ValueError:
                rest.append(line)
        return messages, rest

    def first_line(self):
        """The first line that is no warning, without who says it."""
        for line in self.err.splitlines():
            text = PREFIX.sub('', line)
            if not text.startswith('warning: '):
                return text
        return ''


class Tap:
    """Prints results as they come; the plan last."""

    def __init__(self):
        self.count = self.bad = 0

    def result(self, good, name, why='', skip=''):
        self.count += 1
        self.bad += not good
        tail = f' # SKIP {skip}' if skip else ''
        print(f'{"" if good else "not "}ok {self.count} - {name}{tail}', flush=True)
        for line in why.splitlines() if not good else ():
            print(f'# {line}')

    def end(self):
        print(f'1..{self.count}')
        return self.bad > 0
