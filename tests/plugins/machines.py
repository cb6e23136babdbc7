#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The machines "teaching" and "unikernel" through the launcher, with guests of the tests' own."""
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import unittest

from launcher_lib import BARE, main, needs_kvm, run

GUESTS = os.environ['PLUGIN_TEST_GUESTS']
ENV = {**os.environ, 'ACCELVM_PLUGIN_PATH': os.environ['PLUGIN_TEST_PLUGINS']}
ACCEL = os.environ.get('PLUGIN_TEST_ACCEL', 'kvm')
needs_accel = needs_kvm if ACCEL == 'kvm' else lambda test: test
F_OFD_SETLK = 37
HELLO = b'\xb0h\xe6\xe9\xb0i\xe6\xe9\xb0\x07\xe6\xf4\xf4' # out "hi" to 0xe9, 7 to 0xf4; all modes


def start(machine, *args, **kw):
    return run(*BARE, '-accel', ACCEL, '-serial', 'stdio', '-M', machine, *args, env=ENV, **kw)


def guest(name):
    return os.path.join(GUESTS, f'uk-{name}.elf')


class WithFolder(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='accelvm-machines.')
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def file(self, name, data):
        path = os.path.join(self.dir, name)
        with open(path, 'wb') as out:
            out.write(data)
        return path

    def fifo(self):
        path = os.path.join(self.dir, 'fifo')
        os.mkfifo(path)
        return path


class Teaching(WithFolder):
    def test_help(self):
        done = start('teaching,help')
        self.assertEqual(done.returncode, 0)
        self.assertIn('teaching-machine options:', done.stdout)
        self.assertIn('mode=<16|32|64>', done.stdout)
        self.assertIn('exit-port=<uint32>', done.stdout)

    @needs_accel
    def test_modes(self):
        image = self.file('hello', HELLO)
        for mode in ('16', '32', '64'):
            done = start(f'teaching,mode={mode}', '-kernel', image)
            self.assertEqual((done.returncode, done.stdout), (7, 'hi'), f'{mode}: {done.stderr}')

    @needs_accel
    def test_properties(self):
        image = self.file('hello', HELLO.replace(b'\xe9', b'\x42').replace(b'\xf4\xf4', b'\x43\xf4'))
        done = start('teaching,console-port=0x42,exit-port=0x43,load-address=0x23450', '-kernel',
                     image)
        self.assertEqual((done.returncode, done.stdout), (7, 'hi'), done.stderr)

    def test_mistakes(self):
        for machine, args, words in (
                ('teaching,mode=8', [], "Invalid parameter|does not accept value '8'"),
                ('teaching,load-address=0x100', [], 'load-address has to be from 0x10000 to 0xfffff'),
                ('teaching,exit-port=0x10000', [], 'exit-port has to be below 0x10000'),
                ('teaching,colour=red', [], "Property 'teaching-machine.colour' not found"),
                ('teaching', ['-smp', '2'], "max CPUs supported by machine 'teaching' is 1"),
                ('teaching', ['-m', '2G'], "machine 'teaching' has at most 1024 MiB of RAM, not 2048"),
                ('teaching', ['-kernel', '/gone'], "teaching: '/gone': No such file"),
                ('teaching', ['-kernel', self.fifo()], "teaching: '.*' is not a regular file"),
                ('teaching', ['-m', '1M', '-kernel', self.file('large', bytes(1 << 20))],
                 'does not fit into RAM at load-address=0x10000'),
                ('teaching', ['-m', '1M', '-kernel', self.file('larger', bytes(2 << 20))],
                 'is too large: 2097152 bytes, the limit is 1048576'),
        ):
            done = run(*BARE, '-accel', 'qtest', '-M', machine, *args, env=ENV)
            self.assertEqual(done.returncode, 1, machine)
            self.assertRegex(done.stderr, words)


class Unikernel(WithFolder):
    def refused(self, words, machine='unikernel', *args):
        done = run(*BARE, '-accel', 'qtest', '-M', machine, *args, env=ENV)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, words)

    @needs_accel
    def test_hello(self):
        for machine in ('unikernel', 'unikernel,ring=0'):
            done = start(machine, '-kernel', guest('hello'))
            self.assertEqual((done.returncode, done.stdout), (0, 'hello from a unikernel\n'),
                             done.stderr)

    @needs_accel
    def test_status(self):
        done = start('unikernel', '-kernel', guest('hello'), '-append', 'status=7')
        self.assertEqual(done.returncode, 7)
        self.assertIn('command line: status=7\n', done.stdout)

    @needs_accel
    def test_ends(self):
        for name, line, words in (
                ('hello', 'abort', 'unikernel: the guest has given up: out.of ideas'),
                ('hello', 'status=big', "the guest's exit status 256 is above 255"),
                ('hello', 'crash', r'the guest has crashed \(RIP 0x1'),
                ('hostile', 'struct', 'hypercall clock: its structure, 16 bytes at 0x7fffff8, is not'),
                ('hostile', 'struct-in-text', 'hypercall clock: .* is not in RAM that the guest may write'),
                ('hostile', 'struct-in-tables', '16 bytes at 0x10000, is not in RAM that the guest may'),
                ('hostile', 'odd', 'hypercall clock: 1 bytes written to port 0x611, not 4 to port 0x610'),
                ('hostile', 'size', 'hypercall exit: 1 bytes written to port 0x604, not 4 to port 0x604'),
        ):
            done = start('unikernel', '-kernel', guest(name), '-append', line)
            self.assertEqual(done.returncode, 255, f'{name} {line}: {done.stderr}')
            self.assertRegex(done.stderr, words)
            self.assertNotIn('survived', done.stdout)

    @needs_accel
    def test_rights(self):
        for machine in ('unikernel', 'unikernel,ring=0'):
            for line in ('write-text', 'write-rodata', 'execute-data', 'null', 'page-tables',
                         'write-boot', 'behind-ram'):
                done = start(machine, '-kernel', guest('wx'), '-append', line)
                self.assertEqual((done.returncode, done.stdout), (255, 'begin\n'),
                                 f'{machine} {line}: {done.stderr}')
                self.assertIn('the guest has crashed', done.stderr)
        done = start('unikernel', '-kernel', guest('wx'), '-append', 'nothing')
        self.assertEqual((done.returncode, done.stdout), (0, 'begin\nsurvived\n'))

    def test_images(self):
        for name, words in (
                ('rwx', 'segment 0 at 0x1000.. is writable and executable: link .* -z separate-code'),
                ('execstack', 'asks for an executable stack: link it with -z noexecstack'),
                ('shared-page', 'segment 1 at .* shares a page with one of other rights'),
                ('low', 'segment 0: .* do not fit into RAM from 0x100000 to'),
        ):
            self.refused('unikernel: .*' + words, 'unikernel', '-kernel', guest(name))
        for path, words in ((self.fifo(), 'is not a regular file'), ('/dev/zero', 'is not a regular file'),
                            (self.dir, 'is not a regular file'), ('/gone', 'No such file')):
            self.refused(f"unikernel: -kernel: '{path}'.*{words}", 'unikernel', '-kernel', path)
        self.refused('the image is no ELF file', 'unikernel', '-kernel', self.file('x', b'hello'))
        self.refused('is no static executable|linked dynamically', 'unikernel', '-kernel',
                     shutil.which('true'))
        self.refused('-initrd is not supported: use block=', 'unikernel', '-kernel', guest('hello'),
                     '-initrd', 'x')
        self.refused('-append has 9000 bytes, there is room for', 'unikernel', '-kernel',
                     guest('hello'), '-append', 9000 * 'x')

    def test_devices_refused(self):
        disk = self.file('disk', bytes(1000))
        for words, machine in (
                ('block=/gone: open: No such file', 'unikernel,block=/gone'),
                ('its size, 1000 bytes, is not a multiple of 512', f'unikernel,block={disk}'),
                ('neither a regular file nor a block device', 'unikernel,block=/dev/null'),
                ('mac=abc: not six bytes', 'unikernel,mac=abc'),
                ('mac=01:00:00:00:00:00: a multicast address', 'unikernel,mac=01:00:00:00:00:00'),
                ('has to begin with tap:, unix: or fd:', 'unikernel,net=eth0'),
                ('an interface name has 1 to 15 characters', 'unikernel,net=tap:' + 16 * 'x'),
                ('connect: No such file', 'unikernel,net=unix:/gone'),
                ('fd: needs a descriptor number from 3 on', 'unikernel,net=fd:1'),
                ('fcntl: Bad file descriptor', 'unikernel,net=fd:999'),
                ("there is no chardev 'x'", 'unikernel,console=x'),
                ('has at most 3072 MiB of RAM', 'unikernel,memory.size=4G'),
        ):
            self.refused(words, machine)

    @needs_accel
    def test_block(self):
        disk = self.file('disk', bytes(64 * 512))
        done = start(f'unikernel,block={disk}', '-kernel', guest('block'))
        self.assertEqual((done.returncode, done.stdout), (0, 'block: ok\n'), done.stderr)
        with open(disk, 'rb') as data:
            self.assertNotEqual(data.read(512), bytes(512))
        self.assertEqual(os.path.getsize(disk), 64 * 512)
        done = start(f'unikernel,block={disk},block-read-only=on', '-kernel', guest('block'),
                     '-append', 'read-only')
        self.assertEqual((done.returncode, done.stdout), (0, 'block: ok\n'), done.stderr)

    def test_block_has_one_user(self):
        disk = self.file('disk', bytes(512))
        with open(disk, 'r+b') as other: # another open file's lock, as another machine would have it
            fcntl.fcntl(other, F_OFD_SETLK, struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 0, 0, 0))
            self.refused('another machine uses this file', f'unikernel,block={disk}')

    def echo(self, sock):
        """Sends back what comes, until the test has ended."""
        done = threading.Event()
        sock.settimeout(0.1)

        def loop():
            while not done.is_set():
                try:
                    data, peer = sock.recvfrom(2000)
                    sock.sendto(data, peer) if peer else sock.send(data)
                except OSError: # nothing came, or nobody is there any more
                    continue
            sock.close()
        thread = threading.Thread(target=loop)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(done.set)

    @needs_accel
    def test_net_unix(self):
        path = os.path.join(self.dir, 'switch')
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        sock.bind(path)
        self.echo(sock)
        done = start(f'unikernel,net=unix:{path}', '-kernel', guest('net'))
        self.assertEqual((done.returncode, done.stdout), (0, 'net: ok\n'), done.stderr)

    @needs_accel
    def test_net_fd(self):
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.echo(mine)
        done = start(f'unikernel,net=fd:{theirs.fileno()}', '-kernel', guest('net'),
                     pass_fds=[theirs.fileno()])
        theirs.close()
        self.assertEqual((done.returncode, done.stdout), (0, 'net: ok\n'), done.stderr)

    @needs_accel
    def test_net_hangup(self):
        """UDP to where nobody listens: an error and no data, as with a tap that is deleted."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
            gone.bind(('127.0.0.1', 0))
            address = gone.getsockname()
        theirs = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        theirs.connect(address)
        theirs.send(b'x')
        done = start(f'unikernel,net=fd:{theirs.fileno()}', '-kernel', guest('net'), '-append',
                     'hangup', pass_fds=[theirs.fileno()])
        theirs.close()
        self.assertEqual((done.returncode, done.stdout), (0, ''), done.stderr)

    @needs_accel
    def test_no_net(self):
        done = start('unikernel', '-kernel', guest('net'), '-append', 'no-net')
        self.assertEqual((done.returncode, done.stdout), (0, 'net: ok\n'), done.stderr)

    @needs_accel
    def test_tap(self):
        name = f'uk{os.getpid()}'[:15]
        made = subprocess.run(['ip', 'tuntap', 'add', 'dev', name, 'mode', 'tap'], check=False,
                              capture_output=True) if shutil.which('ip') else None
        if made is None or made.returncode != 0:
            self.skipTest('cannot make a tap interface here')
        self.addCleanup(subprocess.run, ['ip', 'link', 'del', name], check=False)
        subprocess.run(['ip', 'link', 'set', name, 'up'], check=True)
        done = start(f'unikernel,net=tap:{name}', '-kernel', guest('hello'))
        self.assertEqual(done.returncode, 0, done.stderr)


main()
