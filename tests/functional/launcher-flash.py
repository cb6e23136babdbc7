#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A guest programs a flash chip: what it sees, what stays in the file, and the same under QEMU."""
import os
import shutil
import tempfile
import unittest

from launcher_lib import ACCELVM, BARE, QEMU, guest, main, needs_kvm, needs_qemu, run

GOOD, BAD = 33, 35
TCG = os.path.join(os.path.dirname(os.path.dirname(ACCELVM)), 'accel', 'tcg')
SIZE = 65536
FIRST, SECOND = 'flash: begin\nflash: end\n', 'flash: there from the last run\n'


class Flash(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='accelvm-flash-')
        self.addCleanup(folder.cleanup)
        self.code = os.path.join(folder.name, 'code')
        self.data = os.path.join(folder.name, 'data')
        shutil.copy(guest('flash.rom'), self.code)
        with open(self.data, 'wb') as f:
            f.truncate(SIZE)

    def boot(self, *args, machine='pc', more='', program=ACCELVM):
        drive = 'if=pflash,format=raw,file='
        done = run(*BARE, '-M', machine, '-m', '64', '-serial', 'stdio', *args,
                   '-drive', f'{drive}{self.code},readonly=on',
                   '-drive', f'{drive}{self.data}{more}',
                   '-device', 'isa-debug-exit,iobase=0xf4,iosize=4', program=program)
        return done.returncode, done.stdout

    def in_file(self):
        with open(self.data, 'rb') as f:
            return f.read()

    def both_runs(self, *args, **kw):
        self.assertEqual(self.boot(*args, **kw), (GOOD, FIRST))
        data = self.in_file()
        self.assertEqual(len(data), SIZE)
        self.assertEqual(data[:0x1000], bytes(0x1000))
        self.assertEqual(data[0x1000:0x1005], b'flsh\xff')
        self.assertEqual(data[0x10ff:0x1103], b'\xff\x12\x34\xff')
        self.assertEqual(data[0x1fff:0x2001], b'\xff\0')
        self.assertEqual(self.boot(*args, **kw), (GOOD, SECOND))

    @needs_kvm
    def test_programs_it(self):
        for machine in ('pc', 'isapc', 'microvm'):
            with self.subTest(machine):
                os.truncate(self.data, 0)
                os.truncate(self.data, SIZE)
                self.both_runs('-accel', 'kvm', machine=machine)

    @unittest.skipUnless(os.path.exists(os.path.join(TCG, 'accel-tcg.so')), 'built without tcg')
    def test_programs_it_in_software(self):
        os.environ['ACCELVM_MODULE_PATH'] = TCG
        self.both_runs('-accel', 'tcg')

    @needs_kvm
    @needs_qemu
    def test_so_does_qemu(self):
        self.both_runs('-accel', 'kvm', program=QEMU)

    @needs_kvm
    def test_read_only(self):
        self.assertEqual(self.boot('-accel', 'kvm', more=',readonly=on'),
                         (BAD, 'flash: begin\nflash: wrong at e\n'))
        self.assertEqual(self.in_file(), bytes(SIZE))

    @needs_kvm
    def test_snapshot(self):
        self.assertEqual(self.boot('-accel', 'kvm', more=',snapshot=on'), (GOOD, FIRST))
        self.assertEqual(self.in_file(), bytes(SIZE))


if __name__ == '__main__':
    main()
