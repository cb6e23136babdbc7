#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The CPU models next to QEMU's of the same name: numbers, name and features, as TAP.

usage: cpu-model-qemu.py TEST-CPU-MODEL     (prints our models when run with "dump")

QEMU is asked over QMP, with software emulation so that no host matters; what its emulation switches
off by itself (vme) and what came after the installed version is left out.
"""
import json
import shutil
import subprocess
import sys

ALIASES = {'sse4-1', 'sse4-2', 'sse3', 'xd', 'i64', 'pclmuldq', 'ffxsr'}
OFF_IN_EMULATION = {'vme'}


class Qemu:
    def __init__(self, program):
        self.proc = subprocess.Popen(
            [program, '-nodefaults', '-no-user-config', '-display', 'none', '-M', 'none',
             '-accel', 'tcg', '-qmp', 'stdio'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)
        self.proc.stdout.readline()
        self.ask('qmp_capabilities')

    def ask(self, command, **arguments):
        json.dump({'execute': command, 'arguments': arguments}, self.proc.stdin)
        self.proc.stdin.flush()
        while True:
            answer = json.loads(self.proc.stdout.readline())
            if 'event' not in answer:
                return answer.get('return')

    def model(self, name):
        answer = self.ask('query-cpu-model-expansion', type='full', model={'name': name})
        return answer['model']['props'] if answer else None

    def close(self):
        self.ask('quit')
        self.proc.communicate(timeout=30)


def difference(ours, props, features_here):
    name, family, model, stepping, level, xlevel, vendor, model_id, features = ours
    wrong = []
    for key, value in (('family', int(family)), ('model', int(model)), ('stepping', int(stepping)),
                       ('level', int(level)), ('xlevel', int(xlevel)), ('vendor', vendor),
                       ('model-id', model_id)):
        if props[key] != value:
            wrong.append(f'{key}: {value}, QEMU has {props[key]}')
    known = {key for key, value in props.items()
             if isinstance(value, bool) and '_' not in key} - ALIASES - OFF_IN_EMULATION
    mine = set(features.split()) & known
    theirs = {key for key in known if props[key]} & features_here
    for feature in sorted(mine ^ theirs):
        wrong.append(f'{feature}: {"only here" if feature in mine else "only in QEMU"}')
    return wrong


def main():
    program = shutil.which('qemu-system-x86_64')
    if not program:
        print('1..0 # SKIP qemu-system-x86_64 is not installed (package qemu-system-x86)')
        return 0
    features_here, *lines = subprocess.run(
        [sys.argv[1], 'dump'], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    rows = [row for row in (line.split('|') for line in lines) if row[0] not in ('max', 'host', 'base')]
    failed = 0
    qemu = Qemu(program)
    print(f'1..{len(rows)}')
    for number, row in enumerate(rows, 1):
        props = qemu.model(row[0])
        wrong = difference(row, props, set(features_here.split())) if props else []
        failed += bool(wrong)
        print(f'{"not " if wrong else ""}ok {number} - {row[0]}'
              f'{"" if props else " # SKIP this QEMU does not know it"}')
        for line in wrong:
            print(f'# {line}')
    qemu.close()
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
