#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A guest programs a flash chip: what it sees, what stays in the file, and the same under QEMU."""
import os
import shutil
import subprocess
import tempfile
import unittest

from launcher_lib import ACCELVM, BARE, LIMIT, QEMU, guest, main, needs_kvm, needs_qemu, run

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


class Opening(unittest.TestCase):
    """Who may write to the file, and who else has it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='accelvm-flash-')
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)
        self.path = os.path.join(folder.name, 'image')
        with open(self.path, 'wb') as f:
            f.truncate(SIZE)

    def drive(self, more=''):
        return ['-drive', f'if=pflash,format=raw,file={self.path}{more}']

    def nodes(self, below='', above=''):
        return ['-M', 'pflash0=n',
                '-blockdev', f'driver=file,filename={self.path},node-name=f{below}',
                '-blockdev', f'driver=raw,file=f,node-name=n{above}']

    def args(self, image, program):
        return [program, *BARE, '-S', '-M', 'pc', '-accel',
                'qtest' if program == ACCELVM else 'tcg', '-qmp', 'stdio', *image]

    def answer(self, image, program=ACCELVM, **kw):
        """Start and quit: the status and what it says."""
        done = subprocess.run(self.args(image, program), capture_output=True, text=True,
                              timeout=LIMIT, check=False, **kw,
                              input='{"execute":"qmp_capabilities"}{"execute":"quit"}')
        return done.returncode, done.stderr

    def beside(self, first, image, program=ACCELVM):
        """The same while a machine with @first (image, program) runs."""
        with subprocess.Popen(self.args(*first), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as proc:
            try:
                proc.stdin.write(b'{"execute":"qmp_capabilities"}')
                proc.stdin.flush()
                for _ in range(2):   # it is up when it answers
                    self.assertTrue(proc.stdout.readline())
                return self.answer(image, program)
            finally:
                proc.kill()

    def test_not_to_be_written(self):
        """As in QEMU an error, unless somebody asked for a chip that cannot be programmed: that
        "auto-read-only" is not, it only puts off when the file is opened for writing."""
        os.chmod(self.path, 0o444)
        who = {'user': 65534, 'group': 65534, 'extra_groups': []} if os.geteuid() == 0 else {}
        try:
            self.answer(['-version'], **who)
        except PermissionError:
            self.skipTest('the program cannot be run as another user')
        why = f"Could not open '{self.path}': Permission denied\n"
        for image in (self.drive(), self.drive(',auto-read-only=off'), ['-pflash', self.path],
                      self.nodes(), self.nodes(above=',auto-read-only=off'),
                      self.drive(',auto-read-only=on'),
                      self.drive(',auto-read-only=on,readonly=off'),
                      self.nodes(',auto-read-only=on'),
                      self.nodes(',auto-read-only=on', ',auto-read-only=on')):
            for program in (ACCELVM, QEMU) if QEMU else (ACCELVM,):
                with self.subTest(image=image, program=program):
                    status, said = self.answer(image, program, **who)
                    self.assertEqual((status, said[-len(why):]), (1, why))
        for image in (self.drive(',readonly=on'), self.drive(',readonly=on,auto-read-only=on'),
                      self.drive(',snapshot=on'), self.nodes(',read-only=on', ',read-only=on'),
                      self.nodes(',auto-read-only=on', ',read-only=on')):
            with self.subTest(image=image):
                self.assertEqual(self.answer(image, **who), (0, ''))

    def test_node_not_to_be_written(self):
        """A node that is written to, on top of one that is not to be."""
        inline = ['-M', 'pflash0=n', '-blockdev', 'driver=raw,node-name=n,file.driver=file,'
                  f'file.filename={self.path},file.read-only=on']
        why = 'Block node is read-only\n'
        for image in (self.nodes(',read-only=on'), self.nodes(',read-only=on', ',read-only=off'),
                      inline):
            for program in (ACCELVM, QEMU) if QEMU else (ACCELVM,):
                with self.subTest(image=image, program=program):
                    status, said = self.answer(image, program)
                    self.assertEqual((status, said[-len(why):]), (1, why))
        inline[-1] += ',read-only=on'
        self.assertEqual(self.answer(inline), (0, ''))

    def test_not_on_or_off(self):
        for key in 'read-only', 'auto-read-only':
            for image, name in ((self.nodes(f',{key}=x'), key),
                                (self.nodes(above=f',{key}=x'), key),
                                (['-blockdev', 'driver=raw,node-name=n,file.driver=file,'
                                  f'file.filename={self.path},file.{key}=x'], f'file.{key}')):
                why = f"Parameter '{name}' expects 'on' or 'off'\n"
                for program in (ACCELVM, QEMU) if QEMU else (ACCELVM,):
                    with self.subTest(image=image, program=program):
                        status, said = self.answer(image, program)
                        self.assertEqual((status, said[-len(why):]), (1, why))

    def test_readers(self):
        readers = self.drive(',readonly=on'), self.nodes(',read-only=on', ',read-only=on')
        for first in (ACCELVM, QEMU) if QEMU else (ACCELVM,):
            for program in (ACCELVM, QEMU) if QEMU else (ACCELVM,):
                for image in readers:
                    with self.subTest(first=first, program=program, image=image):
                        status, said = self.beside((readers[0], first), image, program)
                        self.assertEqual((status, 'in use' in said), (0, False), said)

    @needs_qemu
    def test_writers(self):
        """We say so; QEMU, which would let another QEMU in, is kept out."""
        for first in (ACCELVM, QEMU):
            for more in ('', ',readonly=on'):
                with self.subTest(first=first, more=more):
                    status, said = self.beside((self.drive(), first), self.drive(more))
                    self.assertEqual(status, 0, said)
                    self.assertIn('is in use elsewhere, too', said)
        status, said = self.beside((self.drive(), ACCELVM), self.drive(), QEMU)
        self.assertEqual(status, 1)
        self.assertIn('Failed to get "write" lock', said)
        status, said = self.beside((self.drive(), ACCELVM), self.drive(',readonly=on'), QEMU)
        self.assertEqual(status, 0, said)

    def test_reader_before_writer(self):
        self.assertEqual(self.beside((self.drive(',readonly=on'), ACCELVM), self.drive()), (0, ''))


if __name__ == '__main__':
    main()
