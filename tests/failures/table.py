#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs failures.table: every way a bring-up can fail, against accelvm and, where it is, QEMU 7.2.

Theory of operation: each section of the table is a scenario of the fake KVM and what must come of it;
a section with `each =` stands for one scenario per word. accelvm runs with -msg json=on, so that every
field of the error is compared, not only its text. QEMU runs the same scenario, and the first line's
text must be the same; where it is not, the section says what QEMU prints (`qemu =`) and why ours
differs (`why =`), or why QEMU cannot be asked (`alone =`). A difference that has gone is an error too.

usage: table.py [--list] [TABLE]   --list: what ran and what came of it, for people
"""
import concurrent.futures
import configparser
import errno as errnos
import os
import re
import select
import shutil
import subprocess
import sys

import rig

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'failures.table')
GUEST = 'vcpu 0; shutdown; end'
CODES = {'absent': 'ENOENT ENODEV ENXIO ENOTTY', 'denied': 'EACCES EPERM', 'busy': 'EBUSY',
         'resource': 'ENOMEM EMFILE ENFILE ENOSPC', 'unsupported': 'EOPNOTSUPP ENOSYS'}
FIELDS = ['stage', 'call', 'capability', 'missing', 'code']
NUMBERS = ['errno', 'have', 'need']
KNOWN = {'row', 'each', 'host', 'guest', 'args', 'accel', 'machine', 'message', 'warning', 'status',
         'notes', 'qemu', 'why', 'alone', 'qemu-args', 'numbers', 'stays', 'cause', 'remedy',
         *FIELDS, *NUMBERS}


def code_of(name):
    for code, names in CODES.items():
        if name in names.split():
            return code
    return 'failed'


class Row:
    """One scenario: `get` returns a key's text with the placeholders filled in."""

    def __init__(self, name, keys, word):
        self.keys, self.word = keys, word
        self.name = f'{name}-{word}' if word else name
        number = getattr(errnos, word, 0) if word else 0
        self.values = {'e': word, 'E': str(number), 'code': code_of(word),
                       'strerror': os.strerror(number) if number else ''}

    def get(self, key, default=None):
        text = self.keys.get(key, default)
        if text is None:
            return None
        return re.sub(r'\{(\w+)\}', lambda m: self.values.get(m.group(1), m.group(0)), text)

    def scenario(self):
        return '; '.join(part for part in (self.get('guest', GUEST), self.get('host', '')) if part)

    def arguments(self, for_qemu):
        args = ['-M', self.get('machine', 'microvm'), '-smp', '2', '-no-reboot']
        args += self.get('args', '').split()
        if for_qemu and self.get('qemu-args') is not None:
            args += self.get('qemu-args').split()
        return [*rig.COMMON, *args, *self.get('accel', '-accel kvm').split()]

    def status(self):
        return int(self.get('status', '0' if self.get('message') is None else '1'))


def read(path):
    parser = configparser.ConfigParser(interpolation=None, strict=True, delimiters=('=',),
                                       comment_prefixes=('#',))
    with open(path, encoding='utf-8') as table:
        parser.read_file(table)
    rows = []
    for name in parser.sections():
        keys = dict(parser[name])
        unknown = set(keys) - KNOWN
        if unknown:
            sys.exit(f'{path}: [{name}] has unknown keys: {" ".join(sorted(unknown))}')
        rows += [Row(name, keys, word) for word in keys.get('each', '').split() or ['']]
    return rows


def blur(text, row):
    """TEXT for comparing: where addresses depend on the board, without numbers."""
    text = text.rstrip()
    return re.sub(r'0x[0-9a-f]+|\d+', 'N', text) if row.get('numbers') == 'free' else text


# ---- accelvm ----

def expect_error(row, message):
    """What differs between the error MESSAGE (JSON) and the row."""
    wrong = []
    if blur(message['message'], row) != blur(row.get('message'), row):
        wrong.append(f'says "{message["message"]}"')
    for field in FIELDS:
        want = row.get(field)
        if want is not None and message.get(field, '') != want:
            wrong.append(f'{field} is "{message.get(field, "")}", not "{want}"')
    for field in NUMBERS:
        want = row.get(field)
        number = getattr(errnos, want, None) if want and want[0] == 'E' else want and int(want)
        if want is not None and message.get(field, 0) != number:
            wrong.append(f'{field} is {message.get(field, 0)}, not {want}')
    for field in ('notes', 'cause', 'remedy'):
        want = row.get(field)
        have = message.get(field, message.get({'cause': 'causes', 'remedy': 'remedies'}.get(field),
                                              ''))
        have = have if isinstance(have, str) else '\n'.join(have)
        if want is not None and want not in have:
            wrong.append(f'{field} "{have}" lacks "{want}"')
    return wrong


def check_accelvm(row):
    """Returns (what is wrong, first line)."""
    run = rig.Run(rig.ACCELVM, [*row.arguments(False), '-msg', 'json=on', '-action',
                                'internal-error=exit-failure'], row.scenario())
    if run.hung or run.status is None or run.status < 0:
        return [f'hangs or dies: {run.status}'], ''
    messages, rest = run.messages()
    wrong = [f'prints "{line}"' for line in rest]
    errors = [m for m in messages if m['level'] == 'error']
    warnings = [m['message'].rstrip() for m in messages if m['level'] == 'warning']
    if run.status != row.status():
        wrong.append(f'status {run.status}, not {row.status()}')
    if row.get('warning') is not None and row.get('warning') not in warnings:
        wrong.append(f'warnings are {warnings}')
    if row.get('message') is None:
        wrong += [f'fails: {m["message"]}' for m in errors]
        if row.get('warning') is None:
            wrong += [f'warns: {w}' for w in warnings]
    elif not errors:
        wrong.append('prints no error')
    else:
        wrong += expect_error(row, errors[0])
    if run.end and run.end[1:] != [0, 0, 1]:
        wrong.append(f'leaves descriptors, mappings, threads: {run.end[1:]}')
    first = errors[0]['message'] if errors else (warnings or [''])[0]
    return wrong, first


# ---- QEMU ----

def run_until_line(row):
    """QEMU stays in internal-error: its first line is taken, then it is ended."""
    env = dict(os.environ, LD_PRELOAD=rig.LIBRARY, FAKEKVM_SCENARIO='', LC_ALL='C',
               FAKEKVM_SCENARIO_TEXT=row.scenario(), FAKEKVM_RECORD='')
    with subprocess.Popen([rig.QEMU, *row.arguments(True)], env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        text = b''
        while b'\n' not in text and select.select([process.stderr], [], [], rig.DEADLINE)[0]:
            part = os.read(process.stderr.fileno(), 4096)
            if not part:
                break
            text += part
        process.kill()
        process.wait()
    return text.decode(errors='replace')


def qemu_line(row):
    """The first line that matters of QEMU's output, and the warning lines."""
    if row.get('stays'):
        text = run_until_line(row)
    else:
        run = rig.Run(rig.QEMU, row.arguments(True), row.scenario(), free=False)
        text = '(hangs)' if run.hung else run.err
    lines = [rig.PREFIX.sub('', line).rstrip() for line in text.splitlines()]
    warnings = [line[9:] for line in lines if line.startswith('warning: ')]
    others = [line for line in lines if not line.startswith('warning: ')]
    return (others or [''])[0], warnings


def check_qemu(row):
    """Returns (what is wrong, equal?, first line)."""
    first, warnings = qemu_line(row)
    if row.get('message') is None:
        ours, theirs = row.get('warning', ''), (warnings or [first])[0]
    else:
        ours, theirs = row.get('message'), first
        if ours in warnings:        # what ends a run is a warning in some places
            theirs = ours
    ours, theirs = blur(ours, row), blur(theirs, row)
    want = row.get('qemu')
    if want is None:
        return ([] if ours == theirs else [f'QEMU says "{theirs}"']), ours == theirs, theirs
    if blur(want, row) != theirs:
        return [f'QEMU says "{theirs}", not "{want}"'], False, theirs
    if ours == theirs:
        return ['the difference that the table lists is none'], True, theirs
    return [], False, theirs


def check(row, with_qemu):
    """Returns (row, problems, compared?, equal?, our line, QEMU's)."""
    wrong, ours = check_accelvm(row)
    if row.get('qemu') is not None and not row.get('why'):
        wrong.append('the table gives no reason (why =) for the difference')
    if not with_qemu or row.get('alone') is not None:
        return row, wrong, False, False, ours, ''
    more, equal, theirs = check_qemu(row)
    return row, wrong + more, True, equal, ours, theirs


def main():
    words = [a for a in sys.argv[1:] if not a.startswith('--')]
    rows = read(words[0] if words else TABLE)
    with_qemu = shutil.which(rig.QEMU) is not None
    tap, compared, equal = rig.Tap(), 0, 0
    with concurrent.futures.ThreadPoolExecutor(max(2, os.cpu_count() or 1)) as pool:
        for row, wrong, was_compared, was_equal, ours, theirs in pool.map(
                lambda r: check(r, with_qemu), rows):
            compared, equal = compared + was_compared, equal + was_equal
            tap.result(not wrong, f'{row.name} ({row.get("row", "-")})', '\n'.join(wrong))
            if '--list' in sys.argv:
                print(f'#   ours: {ours}\n#   QEMU: {theirs or row.get("alone", "not asked")}')
    if not with_qemu:
        tap.result(True, 'comparison with QEMU', skip=f'{rig.QEMU} is not installed')
    print(f'# summary: failure scenarios={len(rows)} compared with QEMU={compared} equal={equal}')
    return tap.end()


if __name__ == '__main__':
    sys.exit(main())
