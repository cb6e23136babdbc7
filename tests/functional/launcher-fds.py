#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Descriptors from outside: -add-fd and the QMP commands, and /dev/fdset/N where a file is named."""
import fcntl
import json
import os
import resource
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from launcher_lib import ACCELVM, BARE, LIMIT, Running, guest, main, needs_kvm, run

NONE = [*BARE, '-M', 'none', '-accel', 'qtest']
PC = [*BARE, '-M', 'pc', '-accel', 'qtest']


class InFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='accelvm-fds-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def open(self, name, flags, size=0):
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            with open(path, 'wb') as f:
                f.truncate(size)
        fd = os.open(path, flags)
        self.addCleanup(os.close, fd)
        return fd

    def contents(self, name):
        with open(os.path.join(self.folder, name), 'rb') as f:
            return f.read()


def add(fd, number, opaque=''):
    return ['-add-fd', f'fd={fd},set={number}' + (f',opaque={opaque}' if opaque else '')]


class Qmp:
    """Talks to a program started with -qmp stdio."""

    def __init__(self, proc):
        self.proc = proc
        self.next()
        self.ok('qmp_capabilities')

    def next(self):
        line = self.proc.stdout.readline()
        assert line, self.proc.stderr.read()
        return json.loads(line)

    def call(self, name, **arguments):
        arguments = {key.replace('_', '-'): value for key, value in arguments.items()}
        self.proc.stdin.write(json.dumps({'execute': name, 'arguments': arguments}).encode())
        self.proc.stdin.flush()
        while 'event' in (answer := self.next()):
            pass
        return answer

    def ok(self, name, **arguments):
        answer = self.call(name, **arguments)
        assert 'return' in answer, (name, answer)
        return answer['return']


class AddFd(InFolder):
    def test_refused(self):
        fd = self.open('a', os.O_RDWR)
        closed = os.open('/dev/null', os.O_RDONLY)
        os.close(closed)
        for text, why in ((f'fd={fd}', 'set option is required and must be non-negative'),
                          ('set=1', 'fd option is required and must be non-negative'),
                          ('fd=2,set=1', 'fd cannot be a standard I/O stream'),
                          (f'fd={closed},set=1', 'fd is not valid or already in use'),
                          ('fd=99999999999,set=1', 'fd is not valid or already in use'),
                          (f'fd={fd},set=x', "Parameter 'set' expects a number"),
                          (f'fd={fd},sett=1', "Invalid parameter 'sett'")):
            with self.subTest(text):
                done = run(*NONE, '-add-fd', text, pass_fds=[fd])
                self.assertEqual(done.returncode, 1)
                self.assertIn(why, done.stderr)

    def test_listed(self):
        a, b = self.open('a', os.O_RDWR), self.open('b', os.O_RDONLY)
        args = [*add(a, 3, 'rdwr'), *add(b, 3), *add(a, 5)]
        with Running(*NONE, '-qmp', 'stdio', *args, stdin=subprocess.PIPE,
                     pass_fds=[a, b]) as proc:
            qmp = Qmp(proc)
            sets = qmp.ok('query-fdsets')
            self.assertEqual([s['fdset-id'] for s in sets], [3, 5])
            self.assertEqual([f.get('opaque') for f in sets[0]['fds']], ['rdwr', None])
            held = [os.readlink(f'/proc/{proc.pid}/fd/{n}')
                    for n in os.listdir(f'/proc/{proc.pid}/fd')]
            self.assertEqual([sum(path.endswith(name) for path in held) for name in ('/a', '/b')],
                             [2, 1])   # the sets have duplicates, and nothing else is left
            self.assertEqual(qmp.ok('remove-fd', fdset_id=3, fd=sets[0]['fds'][0]['fd']), {})
            self.assertEqual(len(qmp.ok('query-fdsets')[0]['fds']), 1)
            answer = qmp.call('remove-fd', fdset_id=3, fd=-1)
            self.assertEqual(answer['error']['desc'],
                             "File descriptor named 'fdset-id:3, fd:-1' not found")
            self.assertEqual(len(qmp.ok('query-fdsets')[0]['fds']), 1)
            qmp.ok('remove-fd', fdset_id=3)
            qmp.ok('remove-fd', fdset_id=5)
            self.assertEqual(qmp.ok('query-fdsets'), [])
            self.assertIn('error', qmp.call('remove-fd', fdset_id=5))

    def test_access_mode(self):
        fd = self.open('a', os.O_RDONLY, 65536)
        for option, good in (('', False), (',readonly=on', True)):
            args = [*PC, '-S', *add(fd, 0), '-qmp', 'stdio', '-drive',
                    f'if=pflash,format=raw,file=/dev/fdset/0{option}']
            with Running(*args, stdin=subprocess.PIPE, pass_fds=[fd]) as proc:
                if good:
                    Qmp(proc).ok('quit')
                else:
                    self.assertIn(b'Permission denied', proc.stderr.read())
                self.assertEqual(proc.wait(LIMIT), 0 if good else 1)

    def test_no_such_set(self):
        for args in (['-chardev', 'file,id=c,path=/dev/fdset/1'], ['-serial', 'file:/dev/fdset/1'],
                     ['-qtest', 'null', '-qtest-log', '/dev/fdset/1'],
                     ['-object', 'memory-backend-file,id=m,size=1M,mem-path=/dev/fdset/1'],
                     ['-drive', 'if=pflash,format=raw,file=/dev/fdset/1'],
                     ['-drive', 'if=pflash,format=raw,file=/dev/fdset/x']):
            with self.subTest(args):
                done = run(*PC, '-S', *args)
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr, 'No such file or directory|Invalid argument')
        self.assertFalse(os.path.exists('/dev/fdset'))


class Consumers(InFolder):
    def test_chardev_and_log(self):
        """The file is truncated, as open() would have done; two duplicates share one position."""
        out, log = self.open('out', os.O_WRONLY, 10), self.open('log', os.O_WRONLY, 10)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            args = [*add(out, 1), *add(log, 2), '-chardev', 'file,id=c,path=/dev/fdset/1',
                    '-device', 'isa-debugcon,iobase=0x402,chardev=c',
                    '-qtest-log', '/dev/fdset/2', '-qtest', f'fd:{theirs.fileno()}']
            with Running(*PC, *args, pass_fds=[out, log, theirs.fileno()]) as proc:
                theirs.close()
                ours.settimeout(LIMIT)
                ours.sendall(b'outb 0x402 0x41\n')
                self.assertEqual(ours.recv(100), b'OK\n')
                proc.send_signal(signal.SIGTERM)
                self.assertEqual(proc.wait(LIMIT), 0)
        self.assertEqual(self.contents('out'), b'A')
        self.assertTrue(self.contents('log').startswith(b'[I '))

    def test_append(self):
        fd = self.open('out', os.O_WRONLY, 2)
        done = run(*NONE, *add(fd, 1), '-chardev', 'file,id=c,path=/dev/fdset/1,append=on',
                   '-monitor', 'chardev:c', '-device', 'help', pass_fds=[fd])
        self.assertEqual(done.returncode, 0)
        self.assertEqual(self.contents('out')[:2], b'\0\0')

    def test_pipe(self):
        """Not to be truncated, and open() would not have minded."""
        reader, writer = os.pipe()
        with os.fdopen(reader, 'rb') as end:
            args = [*add(writer, 1), '-chardev', 'file,id=c,path=/dev/fdset/1', '-mon',
                    'chardev=c,mode=control']
            with Running(*NONE, *args, pass_fds=[writer]) as proc:
                os.close(writer)
                self.assertIn(b'"QMP"', end.readline())
                proc.terminate()
                self.assertEqual(proc.wait(LIMIT), 0)

    def test_memory(self):
        fd = self.open('ram', os.O_RDWR, 16 << 20)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            args = [*add(fd, 4), '-m', '16', '-machine', 'memory-backend=m', '-object',
                    'memory-backend-file,id=m,size=16M,share=on,mem-path=/dev/fdset/4',
                    '-qtest-log', 'none', '-qtest', f'fd:{theirs.fileno()}']
            with Running(*PC, *args, pass_fds=[fd, theirs.fileno()]) as proc:
                ours.settimeout(LIMIT)
                ours.sendall(b'writel 0x100000 0x44434241\n')
                self.assertEqual(ours.recv(100), b'OK\n')
                proc.terminate()
                self.assertEqual(proc.wait(LIMIT), 0)
        self.assertEqual(self.contents('ram')[0x100000:0x100005], b'ABCD\0')

    def test_object_add(self):
        """The same at run time, the descriptor sent along."""
        fd = self.open('ram', os.O_RDWR, 1 << 20)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(os.path.join(self.folder, 'qmp'))
            server.listen(1)
            server.settimeout(LIMIT)
            args = ['-qmp', f'unix:{self.folder}/qmp']
            with Running(*NONE, *args) as proc, server.accept()[0] as peer:
                peer.settimeout(LIMIT)
                lines = peer.makefile('rb')
                lines.readline()
                request = b'{"execute": "qmp_capabilities"}{"execute": "add-fd"}'
                socket.send_fds(peer, [request], [fd])
                lines.readline()
                number = json.loads(lines.readline())['return']['fdset-id']
                peer.sendall(json.dumps({'execute': 'object-add', 'arguments': {
                    'qom-type': 'memory-backend-file', 'id': 'm', 'size': 1 << 20,
                    'mem-path': f'/dev/fdset/{number}'}}).encode())
                self.assertEqual(json.loads(lines.readline()), {'return': {}})
                lines.close()
                proc.terminate()
                self.assertEqual(proc.wait(LIMIT), 0)

    def test_flash(self):
        fd = self.open('flash', os.O_RDWR, 65536)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            args = [*add(fd, 4), '-drive', 'if=pflash,format=raw,file=/dev/fdset/4',
                    '-qtest-log', 'none', '-qtest', f'fd:{theirs.fileno()}']
            with Running(*PC, *args, pass_fds=[fd, theirs.fileno()]) as proc:
                ours.settimeout(LIMIT)
                ours.sendall(b'writeb 0xffff0000 0x40\nwriteb 0xffff0000 0x5a\nreadb 0xffff0000\n')
                self.assertTrue(ours.recv(100).startswith(b'OK\n'))
                proc.terminate()
                self.assertEqual(proc.wait(LIMIT), 0)
        self.assertEqual(self.contents('flash')[:2], b'\x5a\0')

    def program(self, fd, lines, option='', **kw):
        """The answers to qtest @lines, the chip's image being @fd."""
        ours, theirs = socket.socketpair()
        with ours, theirs, ours.makefile('rb') as answers:
            args = [*add(fd, 4), '-drive', f'if=pflash,format=raw,file=/dev/fdset/4{option}',
                    '-qtest-log', 'none', '-qtest', f'fd:{theirs.fileno()}']
            with Running(*PC, *args, pass_fds=[fd, theirs.fileno()], **kw) as proc:
                ours.settimeout(LIMIT)
                ours.sendall(''.join(line + '\n' for line in lines).encode())
                got = [answers.readline().decode().split()[-1] for _ in lines]
                proc.terminate()
                self.assertEqual(proc.wait(LIMIT), 0)
        return got

    def test_flash_appending(self):
        """pwrite() would append, whatever the offset, so the flag is taken off."""
        fd = self.open('flash', os.O_RDWR | os.O_APPEND, 65536)
        self.program(fd, ['writeb 0xffff0000 0x40', 'writeb 0xffff0000 0x5a'])
        self.assertEqual(self.contents('flash'), b'\x5a' + bytes(65535))

    def test_append_is_taken_off(self):
        """Without append=on a log is written from its beginning, as after open()."""
        fd = self.open('out', os.O_WRONLY | os.O_APPEND, 2)
        with Running(*NONE, *add(fd, 1), '-chardev', 'file,id=c,path=/dev/fdset/1', '-qmp', 'stdio',
                     stdin=subprocess.PIPE, pass_fds=[fd]) as proc:
            Qmp(proc).ok('quit')
            self.assertEqual(proc.wait(LIMIT), 0)
        self.assertFalse(fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_APPEND)

    def test_flash_half_written(self):
        """Two bytes find room, two do not: the file has the old ones again."""
        fd = self.open('flash', os.O_RDWR, 65536)
        at = 0xffff0ffe
        got = self.program(fd, [f'writeb {at} 0x40', f'writel {at} 0x44434241', f'readb {at}',
                                f'writeb {at} 0xff', f'readl {at}'], restore_signals=False,
                           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE,
                                                                 (0x1000, 0x1000)))
        self.assertEqual([int(got[2], 16), int(got[4], 16)], [0x90, 0])
        self.assertEqual(self.contents('flash'), bytes(65536))

    def test_flash_that_cannot_be_written(self):
        """The guest gets an error, the memory stays as it is, and one line says why."""
        fd = os.memfd_create('flash', os.MFD_ALLOW_SEALING)
        self.addCleanup(os.close, fd)
        os.ftruncate(fd, 65536)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE)
        ours, theirs = socket.socketpair()
        with ours, theirs, ours.makefile('rb') as lines:
            args = [*add(fd, 4), '-drive', 'if=pflash,format=raw,file=/dev/fdset/4',
                    '-qtest-log', 'none', '-qtest', f'fd:{theirs.fileno()}']
            with Running(*PC, *args, pass_fds=[fd, theirs.fileno()]) as proc:
                ours.settimeout(LIMIT)
                program = b'writeb 0xffff0000 0x40\nwriteb 0xffff0000 0x5a\n'
                ours.sendall(program * 2 + b'readb 0xffff0000\nwriteb 0xffff0000 0xff\n'
                             b'readb 0xffff0000\n')
                answers = [lines.readline().split()[-1] for _ in range(7)]
                self.assertEqual([int(answers[4], 16), int(answers[6], 16)], [0x90, 0])
                proc.terminate()
                self.assertEqual(proc.wait(LIMIT), 0)
                self.assertEqual(proc.stderr.read().count(b"writing to '/dev/fdset/4' failed: "), 1)

    @needs_kvm
    def test_kvm(self):
        node, other = os.open('/dev/kvm', os.O_RDWR), self.open('file', os.O_RDWR)
        try:
            rest = ['-M', 'microvm', '-bios', guest('exit.rom'), '-device',
                    'isa-debug-exit,iobase=0xf4,iosize=4', '-accel']
            done = run(*BARE, *add(node, 9), *rest, 'kvm,device=/dev/fdset/9', pass_fds=[node])
            self.assertEqual((done.returncode, done.stderr), (33, ''))
            done = run(*BARE, *add(node, 9), *rest, f'kvm,device=/dev/fdset/{node + 40}',
                       pass_fds=[node])
            self.assertEqual(done.returncode, 1)
            self.assertIn('Could not access KVM kernel module: No such file', done.stderr)
            done = run(*BARE, *add(other, 9), *rest, 'kvm,device=/dev/fdset/9', pass_fds=[other])
            self.assertEqual(done.returncode, 1)
            self.assertIn('kvm version too old', done.stderr)
        finally:
            os.close(node)


class Parent(InFolder):
    def test_daemon_has_none(self):
        option = 'exit-with-parent=on'
        done = run(*NONE, '-daemonize', '-run-with', option)
        self.assertEqual((done.returncode, done.stderr),
                         (1, f'accelvm: -run-with {option}: {option} cannot be used with '
                             '-daemonize: the parent ends at once\n'))

    def test_gone_before_it_was_asked(self):
        """The parent ends while the program still reads the command line, from a FIFO."""
        fifo = os.path.join(self.folder, 'fifo')
        os.mkfifo(fifo)
        script = (f'{ACCELVM} {" ".join(NONE)} -readconfig {fifo} -run-with exit-with-parent=on '
                  '>/dev/null 2>&1 & echo $!; read x')
        with subprocess.Popen(['sh', '-c', script], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as shell:
            pid = int(shell.stdout.readline())
            end = os.open(fifo, os.O_WRONLY)   # waits until it reads
            shell.kill()
        os.close(end)
        self.assertTrue(self.ended(pid), 'it stays without its parent')

    @staticmethod
    def ended(pid):
        limit = time.monotonic() + LIMIT
        while time.monotonic() < limit:
            try:
                with open(f'/proc/{pid}/stat', encoding='ascii') as f:
                    if f.read().rsplit(')', 1)[1].split()[0] == 'Z':
                        return True
            except FileNotFoundError:
                return True
            time.sleep(0.01)
        os.kill(pid, signal.SIGKILL)
        return False


if __name__ == '__main__':
    main()
