#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the shared library exports, and what it keeps: exports.py LIBRARY SOURCE-FOLDER HEADER...

Exported is what a public header declares with ACCEL_API, all of it and no more, under the version node;
the soname has the ABI's number; no writable variable is shared by two VMs except those listed below."""
import os
import re
import subprocess
import sys
import unittest

LIBRARY, TOP, HEADERS = sys.argv[1], sys.argv[2], sys.argv[3:]
sys.argv[1:] = []
sys.path.insert(0, os.path.join(TOP, 'tests/functional'))
from launcher_lib import main # noqa: E402, it is found by the path above

# Writable variables that are right to be one for the whole process, and why.
PROCESS_WIDE = {
    'kick_signal': 'which signal the process gave us: set once by accel_install_kick_handler()',
    'current_cpu': 'thread-local: whose vCPU this thread is',
    'once': 'g_once: an accelerator module is opened once a process',
    'modules': 'accelerator modules that are open: as the dynamic linker has them',
    'initialized': 'g_once_init_enter() of a constant table',
    'names': 'the constant table behind it',
    'q': 'the GQuark of the error domain',
    'completed': "the compiler's",
    '__dso_handle': "the compiler's",
    '__TMC_END__': "the compiler's",
}


def run(*line):
    return subprocess.run(line, capture_output=True, text=True, check=True).stdout


class Library(unittest.TestCase):
    def test_exports(self):
        declared = set()
        for header in HEADERS:
            with open(header, encoding='utf-8') as text:
                for line in re.findall(r'^(?:extern )?ACCEL_API\b[^;]*;', text.read(), re.M):
                    line = re.sub(r'/\*.*?\*/', '', line, flags=re.S)
                    line = re.sub(r'G_GNUC_\w+(\([^)]*\))?', '', line)
                    function = re.search(r'(\w+)\s*\(', line)
                    declared |= {function[1]} if function else set(
                        re.findall(r'(\w+)(?:\[\])?\s*[,;]', line))
        exported = {line.split()[-1].split('@')[0]
                    for line in run('nm', '-D', '--defined-only', LIBRARY).splitlines()}
        exported.discard('ACCELVM_0')
        self.assertEqual(exported - declared, set(), 'exported, not in a public header')
        self.assertEqual(declared - exported, set(), 'in a public header, not exported')

    def test_version_node(self):
        for line in run('nm', '-D', '--defined-only', LIBRARY).splitlines():
            name = line.split()[-1]
            self.assertTrue(name == 'ACCELVM_0' or name.endswith('@@ACCELVM_0'), name)

    def test_soname(self):
        self.assertRegex(run('readelf', '-d', LIBRARY), r'SONAME.*\[libaccelvm\.so\.0\]')

    def test_nothing_shared_by_two_vms(self):
        sections = dict(re.findall(r'\[\s*(\d+)\]\s+(\S+)', run('readelf', '-SW', LIBRARY)))
        for line in run('readelf', '-sW', LIBRARY).splitlines():
            field = line.split()
            if len(field) < 8 or field[3] not in ('OBJECT', 'TLS'):
                continue
            name = re.sub(r'\.\d+$', '', field[7])
            if sections.get(field[6]) in ('.data', '.bss', '.tdata', '.tbss'):
                self.assertIn(name, PROCESS_WIDE, 'a writable variable')

    def test_needs_little(self):
        needed = set(re.findall(r'NEEDED.*\[(.*?)\]', run('readelf', '-d', LIBRARY)))
        self.assertLessEqual(needed, {'libglib-2.0.so.0', 'libgmodule-2.0.so.0', 'libc.so.6',
                                      'ld-linux-x86-64.so.2'})

    def test_no_signal_handler(self):
        """The one function that sets a handler is the one that a program has to ask for."""
        users = run('nm', '-D', '--undefined-only', LIBRARY)
        for name in ('signal@', 'exit@', '_exit@', 'abort@', 'printf@', 'puts@', 'system@'):
            self.assertNotRegex(users, rf'U {name}')


main()
