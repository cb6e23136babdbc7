#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""SIGTERM while a file, a peer or a reader keeps accelvm waiting: it leaves at once with status 0, and
what others do not do never stops the main loop."""
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from launcher_lib import BARE, LIMIT, Running, main, run

IDLE = [*BARE, '-M', 'none', '-accel', 'qtest']


def catches_term(proc):
    with open(f'/proc/{proc.pid}/status', encoding='ascii') as f:
        return int(f.read().split('SigCgt:')[1].split()[0], 16) >> 14 & 1


class Blocked(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='accelvm-blocked-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def fifo(self):
        path = self.path('fifo')
        if not os.path.exists(path):
            os.mkfifo(path)
        return path

    def full_listener(self):
        """A listening socket whose backlog is full, so that connect() blocks."""
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind(self.path('full'))
        server.listen(0)
        for _ in range(64):
            peer = socket.socket(socket.AF_UNIX)
            self.addCleanup(peer.close)
            peer.setblocking(False)
            try:
                peer.connect(self.path('full'))
            except BlockingIOError:
                return self.path('full')
        self.skipTest('a backlog that never fills')

    def ends(self, proc):
        end = time.monotonic() + LIMIT
        while not catches_term(proc):
            self.assertIsNone(proc.poll())
            self.assertLess(time.monotonic(), end)
            time.sleep(0.005)
        proc.send_signal(signal.SIGTERM)
        self.assertEqual(proc.wait(10), 0)
        self.assertIn('terminating on signal 15', proc.stderr.read().decode())

    def test_opening_a_fifo(self):
        fifo = self.fifo()
        for args in (['-chardev', f'file,id=c,path={fifo}'],
                     ['-chardev', f'null,id=c,logfile={fifo}'],
                     ['-qtest', 'null', '-qtest-log', fifo], ['-pidfile', fifo], ['-D', fifo],
                     ['-readconfig', fifo]):
            with self.subTest(args), Running(*IDLE, *args) as proc:
                self.ends(proc)
        with Running(*BARE, '-M', 'pc', '-accel', 'qtest', '-bios', fifo) as proc:
            self.ends(proc)

    def test_reading_a_fifo(self):
        fifo = self.fifo()
        with Running(*IDLE, '-readconfig', fifo) as proc:
            writer = os.open(fifo, os.O_WRONLY)
            self.ends(proc)
            os.close(writer)

    def test_connecting(self):
        with Running(*IDLE, '-qmp', f'unix:{self.full_listener()}') as proc:
            self.ends(proc)

    def qmp(self, proc, *commands):
        for command in ({'execute': 'qmp_capabilities'}, *commands):
            proc.stdin.write(json.dumps(command).encode())
        proc.stdin.flush()

    def answers(self, proc, n):
        """@n lines that are neither greeting nor event."""
        got = []
        while len(got) < n:
            line = json.loads(proc.stdout.readline())
            if 'return' in line or 'error' in line:
                got.append(line)
        return got

    def test_command_that_opens_a_fifo(self):
        for name, arguments in (
                ('pmemsave', {'val': 0, 'size': 1, 'filename': self.fifo()}),
                ('chardev-add', {'id': 'x', 'backend': {'type': 'file',
                                                        'data': {'out': self.fifo()}}})):
            with self.subTest(name), Running(*IDLE, '-qmp', 'stdio',
                                             stdin=subprocess.PIPE) as proc:
                self.qmp(proc, {'execute': name, 'arguments': arguments})
                self.answers(proc, 1)
                self.ends(proc)

    def test_nobody_reads_stdout(self):
        with Running(*IDLE, '-qmp', 'stdio', stdin=subprocess.PIPE) as proc:
            self.qmp(proc, *[{'execute': 'query-qmp-schema'}] * 5)
            self.ends(proc)

    def test_output_waits_for_its_reader(self):
        with Running(*IDLE, '-qmp', 'stdio', stdin=subprocess.PIPE) as proc:
            self.qmp(proc, *[{'execute': 'query-qmp-schema', 'id': i} for i in range(40)])
            self.assertEqual([a.get('id') for a in self.answers(proc, 41)], [None, *range(40)])
            self.ends(proc)

    def test_quit_is_not_overwritten(self):
        with Running(*IDLE, '-qmp', 'stdio', '-no-reboot', '-no-shutdown',
                     stdin=subprocess.PIPE) as proc:
            self.qmp(proc, {'execute': 'quit'}, {'execute': 'system_reset'})
            self.assertEqual(proc.wait(10), 0)

    def test_reconnecting_does_not_wait(self):
        with Running(*IDLE, '-qmp', 'stdio', '-chardev',
                     f'socket,id=c,path={self.full_listener()},reconnect=1',
                     stdin=subprocess.PIPE) as proc:
            self.qmp(proc)
            self.assertEqual(self.answers(proc, 1)[0]['return'], {})
            self.ends(proc)


class GivenSocket(unittest.TestCase):
    def test_server_listens_on_it(self):
        with tempfile.TemporaryDirectory(prefix='accelvm-fd-') as folder, \
             socket.socket(socket.AF_UNIX) as given, socket.socket(socket.AF_UNIX) as peer:
            given.bind(os.path.join(folder, 's'))
            with Running(*IDLE, '-chardev', f'socket,id=c,fd={given.fileno()},server=on',
                         '-mon', 'chardev=c,mode=control', pass_fds=[given.fileno()]) as proc:
                self.assertIn(b'waiting for connection', proc.stderr.readline())
                peer.connect(os.path.join(folder, 's'))
                peer.settimeout(LIMIT)
                self.assertIn(b'"QMP"', peer.recv(4096))
                proc.terminate()
                self.assertEqual(proc.wait(LIMIT), 0)

    def test_cannot_reconnect(self):
        a, b = socket.socketpair()
        with a, b:
            done = run(*IDLE, '-chardev', f'socket,id=c,fd={a.fileno()},reconnect=1',
                       pass_fds=[a.fileno()])
        self.assertEqual(done.returncode, 1)
        self.assertIn("'reconnect' option is incompatible with 'fd'", done.stderr)


if __name__ == '__main__':
    main()
