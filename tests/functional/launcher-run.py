#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""accelvm as a process: signals, exit statuses, daemon, terminal, character devices. Most runs use
the accelerator qtest, which needs no KVM; guests that talk need it."""
import fcntl
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import termios
import time
import unittest

from launcher_lib import ACCELVM, BARE, LIMIT, Running, guest, main, needs_kvm, run

IDLE = [*BARE, '-M', 'none', '-accel', 'qtest']

# Real mode: sends back each byte of the UART at 0x3f8; 'q' leaves through port 0xf4.
ECHO = bytes.fromhex('bafd03 ec a801 74fb baf803 ec ee 3c71 75ef baf400 b010 ee f4 ebfd')


def write_rom(path):
    with open(path, 'wb') as f:
        f.write(ECHO.ljust(0xfff0, b'\xf4') + bytes.fromhex('ea000000f0').ljust(16, b'\0'))


def read_until(fd, want, limit=LIMIT):
    """Bytes of @fd up to and with @want; what came until then when it ends or time is up."""
    got, end = b'', time.monotonic() + limit
    while want not in got and time.monotonic() < end:
        if select.select([fd], [], [], 1)[0]:
            try:
                data = os.read(fd, 4096)
            except OSError:
                break
            if not data:
                break
            got += data
    return got


def wait_for(what, limit=LIMIT):
    end = time.monotonic() + limit
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def gone(pid):
    """Ended, whether somebody has waited for it or not."""
    try:
        with open(f'/proc/{pid}/stat', encoding='ascii') as f:
            return f.read().rsplit(')', 1)[1].split()[0] == 'Z'
    except (FileNotFoundError, ProcessLookupError):
        return True


def ready(proc):
    """The emulator sleeps in its main loop: it has blocked SIGTERM and waits in ppoll()."""
    def asleep():
        if proc.poll() is not None:
            return True
        with open(f'/proc/{proc.pid}/status', encoding='ascii') as f:
            text = f.read()
        caught = int(text.split('SigCgt:')[1].split()[0], 16)
        with open(f'/proc/{proc.pid}/wchan', encoding='ascii') as f:
            return caught >> 14 & 1 and 'poll' in f.read()
    return wait_for(asleep)


class InFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='accelvm-launcher-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.rom = self.path('echo.rom')
        write_rom(self.rom)

    def path(self, name):
        return os.path.join(self.folder, name)

    def echo(self, *chardev):
        return [*BARE, '-M', 'microvm', '-accel', 'kvm', '-bios', self.rom, *chardev,
                '-device', 'isa-serial,chardev=c', '-device', 'isa-debug-exit,iobase=0xf4']


class Signals(InFolder):
    def end(self, sig, *args):
        with Running(*IDLE, *args) as proc:
            self.assertTrue(ready(proc))
            proc.send_signal(sig)
            self.assertEqual(proc.wait(LIMIT), 0)
            return proc.stderr.read().decode()

    def test_deadly_ones_are_clean(self):
        for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(sig):
                self.assertRegex(self.end(sig), rf'accelvm: terminating on signal {sig:d} '
                                                rf'from pid {os.getpid()} \(.+\)\n')

    def test_from_any_state(self):
        for args in (['-S'], ['--preconfig'], ['-no-shutdown'], ['-no-reboot', '-S']):
            with self.subTest(args):
                self.end(signal.SIGTERM, *args)

    def test_ones_that_mean_nothing(self):
        for sig in (signal.SIGUSR1, signal.SIGIO, signal.SIGALRM, signal.SIGPIPE):
            with self.subTest(sig), Running(*IDLE) as proc:
                self.assertTrue(ready(proc))
                proc.send_signal(sig)
                proc.terminate()
                self.assertEqual(proc.wait(LIMIT), 0)

    def test_one_that_kills(self):
        with Running(*IDLE) as proc:
            self.assertTrue(ready(proc))
            proc.send_signal(signal.SIGUSR2)
            self.assertEqual(proc.wait(LIMIT), -signal.SIGUSR2)

    def test_while_waiting_for_a_peer(self):
        with Running(*IDLE, '-chardev', f'socket,id=c,path={self.path("s")},server=on') as proc:
            self.assertTrue(wait_for(lambda: os.path.exists(self.path('s'))))
            self.assertTrue(ready(proc))
            proc.terminate()
            self.assertEqual(proc.wait(LIMIT), 0)
        self.assertFalse(os.path.exists(self.path('s')))

    def test_parent_gone(self):
        script = f'{ACCELVM} {" ".join(IDLE)} -run-with exit-with-parent=on & echo $!; read x'
        with subprocess.Popen(['sh', '-c', script], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as shell:
            pid = int(shell.stdout.readline())

            def caught():
                with open(f'/proc/{pid}/status', encoding='ascii') as f:
                    return int(f.read().split('SigCgt:')[1].split()[0], 16) >> 14 & 1
            self.assertTrue(wait_for(caught))
            shell.kill()
        self.assertTrue(wait_for(lambda: gone(pid)))


class Exit(InFolder):
    @needs_kvm
    def test_debug_exit(self):
        for device, status in (('isa-debug-exit,iobase=0xf4,iosize=4', 33),):
            done = run(*BARE, '-M', 'microvm', '-accel', 'kvm', '-bios', guest('exit.rom'),
                       '-device', device)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (status, '', ''))

    @needs_kvm
    def test_reset_with_no_reboot(self):
        for args in (['-no-reboot'], ['-action', 'reboot=shutdown']):
            done = run(*BARE, '-M', 'microvm', '-accel', 'kvm', '-bios', guest('triple.rom'), *args)
            self.assertEqual((done.returncode, done.stderr), (0, ''))

    @needs_kvm
    def test_no_shutdown_stays(self):
        with Running(*BARE, '-M', 'microvm', '-accel', 'kvm', '-bios', guest('triple.rom'),
                     '-no-reboot', '-no-shutdown', '-trace', 'runstate_set') as proc:
            got = read_until(proc.stderr.fileno(), b'(shutdown)')
            self.assertIn(b'9 (running) new_state 11 (shutdown)', got)
            self.assertIsNone(proc.poll())
            proc.terminate()
            self.assertEqual(proc.wait(LIMIT), 0)

    @needs_kvm
    def test_sandbox(self):
        done = run(*BARE, '-M', 'microvm', '-accel', 'kvm', '-bios', guest('exit.rom'), '-device',
                   'isa-debug-exit,iobase=0xf4,iosize=4', '-sandbox',
                   'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny')
        self.assertEqual((done.returncode, done.stderr), (33, ''))

    @needs_kvm
    def test_few_system_calls(self):
        if not shutil.which('strace'):
            self.skipTest('strace is not installed')
        log = self.path('strace')
        done = subprocess.run(['strace', '-f', '-qq', '-o', log, ACCELVM, *BARE, '-M', 'microvm',
                               '-accel', 'kvm', '-bios', guest('exit.rom'), '-device',
                               'isa-debug-exit,iobase=0xf4,iosize=4'], check=False, timeout=LIMIT)
        if done.returncode != 33:
            self.skipTest('strace cannot trace here')
        with open(log, encoding='utf-8', errors='replace') as f:
            calls = [line for line in f if 'resumed>' not in line]
        before = next(i for i, line in enumerate(calls) if 'KVM_RUN' in line)
        if any('libasan' in line or 'libtsan' in line for line in calls):
            self.skipTest('a sanitizer makes calls of its own')
        print(f'# {before} system calls before the first KVM_RUN')
        self.assertLessEqual(before, 150)


class Daemon(InFolder):
    def start(self, *args):
        return run(*IDLE, '-daemonize', '-pidfile', self.path('pid'), *args)

    def pid(self):
        with open(self.path('pid'), encoding='ascii') as f:
            return int(f.read())

    def end(self):
        pid = self.pid()
        os.kill(pid, signal.SIGTERM)
        return wait_for(lambda: not os.path.exists(self.path('pid')))

    def test_all_is_there_when_the_parent_returns(self):
        sock = self.path('s')
        done = self.start('-chardev', f'socket,id=c,path={sock},server=on,wait=off')
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, '', ''))
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(sock)
            self.assertEqual(os.readlink(f'/proc/{self.pid()}/cwd'), '/')
            for fd in (0, 1, 2):
                self.assertEqual(os.readlink(f'/proc/{self.pid()}/fd/{fd}'), '/dev/null')
        finally:
            self.assertTrue(self.end())
        self.assertTrue(wait_for(lambda: not os.path.exists(sock)))

    def test_pidfile_is_locked(self):
        self.assertEqual(self.start().returncode, 0)
        try:
            done = self.start()
            self.assertEqual(done.returncode, 1)
            self.assertIn('accelvm: cannot create PID file: Cannot lock pid file: '
                          'Resource temporarily unavailable', done.stderr)
            self.assertTrue(os.path.exists(self.path('pid')))
        finally:
            self.assertTrue(self.end())

    def test_failure_reaches_the_shell(self):
        done = self.start('-accel', 'nope', '-device', 'nope')
        self.assertEqual(done.returncode, 1)
        self.assertIn("'nope' is not a valid device model name", done.stderr)
        self.assertFalse(os.path.exists(self.path('pid')))

    def test_pidfile_without_a_folder(self):
        done = run(*IDLE, '-pidfile', '/nope/pid')
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot create PID file: Could not create '/nope/pid': "
                      'No such file or directory', done.stderr)

    def test_no_stdio(self):
        done = self.start('-serial', 'stdio')
        self.assertIn('cannot use stdio with -daemonize', done.stderr)
        self.assertEqual(done.returncode, 1)


class Root(InFolder):
    """-run-with chroot= and -chroot. A sanitizer's look for leaks waits for /proc without end."""
    env = dict(os.environ, ASAN_OPTIONS='detect_leaks=0')

    def root_of(self, *args):
        """Where the running program's root is."""
        with Running(*IDLE, *args, env=self.env) as proc:
            self.assertTrue(ready(proc))
            root = os.stat(f'/proc/{proc.pid}/root').st_ino
            where = os.readlink(f'/proc/{proc.pid}/cwd')
            proc.terminate()
            self.assertEqual(proc.wait(LIMIT), 0)
        return root, where

    @unittest.skipIf(os.geteuid() != 0, 'only root may change the root')
    def test_new_root(self):
        want = os.stat(self.folder).st_ino
        for args in (('-run-with', f'chroot={self.folder}'), ('-chroot', self.folder),
                     ('-run-with', f'chroot={self.folder},exit-with-parent=on', '-chroot', '/')):
            with self.subTest(args):
                root, where = self.root_of(*args)
                self.assertEqual(root, want)
                self.assertEqual(where, self.folder)

    @unittest.skipIf(os.geteuid() != 0, 'only root may change the root')
    def test_daemon(self):
        pidfile = self.path('pid')
        done = run(*IDLE, '-daemonize', '-pidfile', pidfile, '-run-with', f'chroot={self.folder}',
                   env=self.env)
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        with open(pidfile, encoding='ascii') as f:
            pid = int(f.read())
        try:
            self.assertEqual(os.stat(f'/proc/{pid}/root').st_ino, os.stat(self.folder).st_ino)
            self.assertEqual(os.readlink(f'/proc/{pid}/fd/0'), '/dev/null')
        finally:
            os.kill(pid, signal.SIGTERM)
        self.assertTrue(wait_for(lambda: gone(pid)))

    @unittest.skipIf(os.geteuid() != 0, 'only root may change the root')
    def test_files_of_same_name(self):
        """At the end our pid file stays; a file in the new root that has its path is not ours."""
        pidfile = self.path('pid')
        other = self.path('root') + pidfile
        os.makedirs(os.path.dirname(other))
        with open(other, 'w', encoding='ascii'):
            pass
        self.root_of('-pidfile', pidfile, '-chroot', self.path('root'))
        self.assertTrue(os.path.exists(other))
        self.assertTrue(os.path.exists(pidfile))

    def test_no_such_folder(self):
        done = run(*IDLE, '-run-with', f'chroot={self.path("none")}')
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r'accelvm: chroot failed: .*/none: ')


class Terminal(InFolder):
    def setUp(self):
        super().setUp()
        self.master, self.slave = os.openpty()
        self.addCleanup(os.close, self.master)
        self.addCleanup(os.close, self.slave)
        self.before = termios.tcgetattr(self.slave)

    def start(self, *args, sigquit=signal.SIG_DFL):
        """With SIGQUIT as given: jobs that a script put into the background ignore it."""
        return Running('-M', 'none', '-accel', 'qtest', *args, stdin=self.slave,
                       stdout=self.slave, stderr=subprocess.PIPE,
                       preexec_fn=lambda: signal.signal(signal.SIGQUIT, sigquit))

    def wait_raw(self, proc):
        self.assertTrue(wait_for(lambda: not termios.tcgetattr(self.slave)[3] & termios.ICANON))
        self.assertTrue(ready(proc))

    def check_restored(self):
        self.assertEqual(termios.tcgetattr(self.slave), self.before)

    def test_ctrl_a_x(self):
        with self.start('-nographic') as proc:
            self.wait_raw(proc)
            self.assertFalse(termios.tcgetattr(self.slave)[3] & termios.ISIG)
            os.write(self.master, b'\x01x')
            self.assertEqual(proc.wait(LIMIT), 0)
        self.assertIn(b'Terminated', read_until(self.master, b'Terminated'))
        self.check_restored()

    def test_ctrl_a_h(self):
        with self.start('-nographic') as proc:
            self.wait_raw(proc)
            os.write(self.master, b'\x01h')
            self.assertIn(b'C-a x    exit emulator', read_until(self.master, b'C-a C-a'))
            os.write(self.master, b'\x01x')
            self.assertEqual(proc.wait(LIMIT), 0)

    def test_another_key(self):
        """Also where it is a letter that means something; Ctrl-A goes to the guest then."""
        for number, key, name in ((20, b'\x14', b'C-t'), (0x78, b'x', b'Escape-Char')):
            with self.subTest(number), self.start('-nographic', '-echr', str(number)) as proc:
                self.wait_raw(proc)
                os.write(self.master, b'\x01h' + key + b'h')
                shown = read_until(self.master, name + b' ' + name)
                self.assertIn(name + b' x    exit emulator', shown)
                if number == 0x78:
                    self.assertIn(b'Escape-Char set to Ascii: 0x78', shown)
                    proc.terminate()
                else:
                    os.write(self.master, key + b'x')
                self.assertEqual(proc.wait(LIMIT), 0)

    def test_key_behind_what_the_guest_does_not_take(self):
        with self.start('-M', 'pc', '-nographic') as proc:
            self.wait_raw(proc)
            os.write(self.master, b'nobody reads this\x01x')
            self.assertEqual(proc.wait(LIMIT), 0)

    def test_ctrl_a_c(self):
        with self.start('-M', 'microvm', '-nographic') as proc:
            self.wait_raw(proc)
            self.assertEqual(read_until(self.master, b'monitor', 0.5), b'')
            os.write(self.master, b'\x01c')
            got = read_until(self.master, b'(qemu) ')
            self.assertRegex(got, rb'^QEMU [0-9.]+ monitor')
            os.write(self.master, b'info status\r')
            self.assertIn(b'VM status: ', read_until(self.master, b'VM status: '))
            os.write(self.master, b'\x01c\x01x')
            self.assertEqual(proc.wait(LIMIT), 0)
        self.check_restored()

    def test_restored_after_signals(self):
        for sig in (signal.SIGTERM, signal.SIGSEGV, signal.SIGABRT, signal.SIGQUIT):
            with self.subTest(sig), self.start('-serial', 'stdio', '-display', 'none') as proc:
                self.wait_raw(proc)
                self.assertTrue(termios.tcgetattr(self.slave)[3] & termios.ISIG)
                proc.send_signal(sig)
                status = proc.wait(LIMIT)
                if sig == signal.SIGTERM:
                    self.assertEqual(status, 0)
                else:
                    self.assertNotEqual(status, 0)
                self.check_restored()

    def test_ignored_signal_stays_ignored(self):
        with self.start('-serial', 'stdio', '-display', 'none', sigquit=signal.SIG_IGN) as proc:
            self.wait_raw(proc)
            raw = termios.tcgetattr(self.slave)
            proc.send_signal(signal.SIGQUIT)
            proc.send_signal(signal.SIGCONT)    # after it, and harmless
            time.sleep(0.1)
            self.assertIsNone(proc.poll())
            self.assertEqual(termios.tcgetattr(self.slave), raw)
            with open(f'/proc/{proc.pid}/status', encoding='ascii') as f:
                ignored = int(f.read().split('SigIgn:')[1].split()[0], 16)
            self.assertTrue(ignored & 1 << signal.SIGQUIT - 1)

    def test_raw_again_after_stop(self):
        with self.start('-nographic') as proc:
            self.wait_raw(proc)
            proc.send_signal(signal.SIGSTOP)
            termios.tcsetattr(self.slave, termios.TCSANOW, self.before)
            proc.send_signal(signal.SIGCONT)
            self.wait_raw(proc)
            proc.terminate()
            self.assertEqual(proc.wait(LIMIT), 0)
        self.check_restored()

    def test_restored_after_an_error(self):
        with self.start('-nographic', '-device', 'nope') as proc:
            self.assertEqual(proc.wait(LIMIT), 1)
        self.check_restored()

    def test_blocking_mode_is_left_alone(self):
        with self.start('-nographic') as proc:
            self.wait_raw(proc)
            self.assertFalse(fcntl.fcntl(self.slave, fcntl.F_GETFL) & os.O_NONBLOCK)
            proc.terminate()
            self.assertEqual(proc.wait(LIMIT), 0)


@needs_kvm
class Chardevs(InFolder):
    def talk(self, write, fd, proc, text=b'hello'):
        write(text)
        self.assertEqual(read_until(fd, text), text)
        write(b'q')
        self.assertEqual(proc.wait(LIMIT), 33, proc.stderr.read() if proc.stderr else '')

    def test_stdio_pipes(self):
        with Running(*self.echo('-chardev', 'stdio,id=c'), stdin=subprocess.PIPE) as proc:
            def write(data):
                os.write(proc.stdin.fileno(), data)
            self.talk(write, proc.stdout.fileno(), proc)

    def test_much_input(self):
        data = bytes(range(0x20, 0x60)) * 64
        with Running(*self.echo('-chardev', 'stdio,id=c'), stdin=subprocess.PIPE) as proc:
            def write(part):
                os.write(proc.stdin.fileno(), part)
            self.talk(write, proc.stdout.fileno(), proc, data)

    def over_socket(self, s, proc):
        s.settimeout(LIMIT)
        self.talk(s.sendall, s.fileno(), proc)

    def test_unix_server(self):
        path = self.path('s')
        with Running(*self.echo('-chardev', f'socket,id=c,path={path},server=on,wait=off')) as proc:
            with socket.socket(socket.AF_UNIX) as s:
                self.assertTrue(wait_for(lambda: s.connect_ex(path) == 0))
                self.over_socket(s, proc)
        self.assertFalse(os.path.exists(path))

    def test_unix_server_that_waits(self):
        path = self.path('s')
        with Running(*self.echo('-chardev', f'socket,id=c,path={path},server=on')) as proc:
            self.assertIn(b'waiting for connection on: disconnected:unix:',
                          read_until(proc.stderr.fileno(), b'server=on\n'))
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(path)
                self.over_socket(s, proc)

    def test_one_peer_after_another(self):
        path = self.path('s')
        with Running(*self.echo('-chardev', f'socket,id=c,path={path},server=on,wait=off')) as proc:
            for last in (False, True):
                with socket.socket(socket.AF_UNIX) as s:
                    self.assertTrue(wait_for(lambda: s.connect_ex(path) == 0))
                    s.sendall(b'abc')
                    self.assertEqual(read_until(s.fileno(), b'abc'), b'abc')
                    if last:
                        s.sendall(b'q')
                        self.assertEqual(proc.wait(LIMIT), 33)

    def test_unix_client(self):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.path('s'))
            listener.listen(1)
            with Running(*self.echo('-chardev', f'socket,id=c,path={self.path("s")}')) as proc:
                listener.settimeout(LIMIT)
                with listener.accept()[0] as s:
                    self.over_socket(s, proc)

    def test_reconnect(self):
        path = self.path('s')
        with Running(*self.echo('-chardev', f'socket,id=c,path={path},reconnect-ms=10')) as proc:
            for _ in range(2):
                with socket.socket(socket.AF_UNIX) as listener:
                    listener.bind(path)
                    listener.listen(1)
                    listener.settimeout(LIMIT)
                    with listener.accept()[0] as s:
                        s.sendall(b'x')
                        self.assertEqual(read_until(s.fileno(), b'x'), b'x')
                os.unlink(path)
            self.assertIsNone(proc.poll())

    def test_tcp(self):
        with socket.socket() as listener:
            listener.bind(('127.0.0.1', 0))
            listener.listen(1)
            port = listener.getsockname()[1]
            with Running(*self.echo('-chardev',
                                    f'socket,id=c,host=127.0.0.1,port={port}')) as proc:
                listener.settimeout(LIMIT)
                with listener.accept()[0] as s:
                    self.over_socket(s, proc)

    def test_given_descriptor(self):
        ours, theirs = socket.socketpair()
        with ours, theirs, Running(*self.echo('-chardev', f'socket,id=c,fd={theirs.fileno()}'),
                                   pass_fds=[theirs.fileno()]) as proc:
            self.over_socket(ours, proc)

    def test_given_listener(self):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.path('s'))
            listener.listen(1)
            with Running(*self.echo('-chardev', f'socket,id=c,fd={listener.fileno()},server=on,'
                                                'wait=off'), pass_fds=[listener.fileno()]) as proc:
                with socket.socket(socket.AF_UNIX) as s:
                    s.connect(self.path('s'))
                    self.over_socket(s, proc)

    def test_named_pipes(self):
        for end in ('in', 'out'):
            os.mkfifo(self.path(f'p.{end}'))
        inp = os.open(self.path('p.in'), os.O_RDWR)
        out = os.open(self.path('p.out'), os.O_RDWR)
        self.addCleanup(os.close, inp)
        self.addCleanup(os.close, out)
        with Running(*self.echo('-chardev', f'pipe,id=c,path={self.path("p")}')) as proc:
            self.talk(lambda data: os.write(inp, data), out, proc)

    def test_pty(self):
        with Running(*self.echo('-chardev', 'pty,id=c')) as proc:
            line = read_until(proc.stdout.fileno(), b'\n').decode()
            self.assertRegex(line, r'^char device redirected to /dev/pts/\d+ \(label c\)\n$')
            fd = os.open(line.split()[4], os.O_RDWR | os.O_NOCTTY)
            self.addCleanup(os.close, fd)
            self.talk(lambda data: os.write(fd, data), fd, proc)

    def test_log_file(self):
        with Running(*self.echo('-chardev', f'stdio,id=c,logfile={self.path("log")}'),
                     stdin=subprocess.PIPE) as proc:
            self.talk(lambda data: os.write(proc.stdin.fileno(), data), proc.stdout.fileno(), proc)
        with open(self.path('log'), 'rb') as f:
            self.assertEqual(f.read(), b'helloq')

    def test_file(self):
        with Running(*self.echo('-chardev', f'file,id=c,path={self.path("out")},'
                                            f'input-path={self.path("in")}')) as proc:
            self.assertEqual(proc.wait(LIMIT), 1)  # there is no such input yet
        with open(self.path('in'), 'wb') as f:
            f.write(b'from a file q')
        with Running(*self.echo('-chardev', f'file,id=c,path={self.path("out")},'
                                            f'input-path={self.path("in")}')) as proc:
            self.assertEqual(proc.wait(LIMIT), 33)
        with open(self.path('out'), 'rb') as f:
            self.assertEqual(f.read(), b'from a file q')

    def test_mux_all_of_it_arrives(self):
        """More at once than guest and queue take, then the end of the input."""
        text = bytes(97 + n % 16 for n in range(5000))
        with Running(*self.echo('-chardev', 'stdio,id=c,mux=on'), stdin=subprocess.PIPE) as proc:
            os.write(proc.stdin.fileno(), text + b' q')
            proc.stdin.close()
            self.assertEqual(read_until(proc.stdout.fileno(), b'q'), text + b' q')
            self.assertEqual(proc.wait(LIMIT), 33)

    def test_mux_escape_reaches_the_guest_twice_typed(self):
        with Running(*self.echo('-chardev', 'stdio,id=c,mux=on'), stdin=subprocess.PIPE) as proc:
            os.write(proc.stdin.fileno(), b'a\x01\x01b')
            self.assertEqual(read_until(proc.stdout.fileno(), b'b'), b'a\x01b')
            os.write(proc.stdin.fileno(), b'\x01x')
            self.assertEqual(proc.wait(LIMIT), 0)

    def test_reader_gone(self):
        with Running(*self.echo('-chardev', 'stdio,id=c'), stdin=subprocess.PIPE) as proc:
            proc.stdout.close()
            os.write(proc.stdin.fileno(), b'into the void q')
            self.assertEqual(proc.wait(LIMIT), 33)


main()
