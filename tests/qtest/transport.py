#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
The qtest server from outside: each way to connect, the log, states in which it serves, how the
process ends, what it writes where. In TAP; usage: transport.py BINARY [CASE...]
"""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

BINARY = sys.argv[1]
LIMIT = 30
CASES = {}


def case(function):
    CASES[function.__name__.replace("_", "-")] = function
    return function


class Client:
    def __init__(self, sock):
        sock.settimeout(LIMIT)
        self.sock, self.file = sock, sock.makefile("rb")

    def ask(self, line):
        self.sock.sendall(line.encode() + b"\n")
        return self.line()

    def line(self):
        return self.file.readline().decode().rstrip("\n")


class Vm:
    """A process with a qtest socket pair, unless @qtest says otherwise."""

    def __init__(self, *args, qtest=None, log="none", accel="qtest", machine="none", give=()):
        self.mine, fds = None, tuple(sock.fileno() for sock in give)
        if qtest is None:
            ours, theirs = socket.socketpair()
            self.mine, qtest = Client(ours), f"fd:{theirs.fileno()}"
            fds += (theirs.fileno(),)
        line = [BINARY, "-machine", machine, "-nodefaults", "-display", "none", "-qtest", qtest,
                "-accel", accel, *args]
        line += ["-qtest-log", log] if log else []
        self.process = subprocess.Popen(line, pass_fds=fds, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for sock in give:
            sock.close()
        if self.mine:
            theirs.close()

    def end(self, sig=signal.SIGTERM):
        """Returns: status, stdout, stderr."""
        if sig:
            self.process.send_signal(sig)
        out, err = self.process.communicate(timeout=LIMIT)
        return self.process.returncode, out.decode(), err.decode()


def equal(got, want):
    assert got == want, f"got {got!r}, want {want!r}"


def served(vm, client):
    equal(client.ask("endianness"), "OK little")
    status, out, _ = vm.end()
    equal((status, out), (0, ""))


def listening(family, address):
    sock = socket.socket(family)
    sock.bind(address)
    sock.listen(1)
    sock.settimeout(LIMIT)
    return sock


def through_path(text):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "s")
        with listening(socket.AF_UNIX, path) as sock:
            vm = Vm(qtest=text.format(path))
            served(vm, Client(sock.accept()[0]))


@case
def unix():
    through_path("unix:{}")


@case
def unix_path():
    through_path("unix:path={}")


@case
def tcp():
    with listening(socket.AF_INET, ("127.0.0.1", 0)) as sock:
        vm = Vm(qtest=f"tcp:127.0.0.1:{sock.getsockname()[1]}")
        served(vm, Client(sock.accept()[0]))


def connect(path):
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(path)
            return sock
        except OSError:
            sock.close()
            assert time.monotonic() < deadline, "nobody listens"
            time.sleep(0.01)


@case
def unix_server():
    """We connect, go, and come again: levels of interrupts start anew, the machine does not."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "s")
        vm = Vm(qtest=f"unix:{path},server=on,wait=off", machine="pc")
        first = Client(connect(path))
        equal(first.ask("writeb 0x1000 0x5a"), "OK")
        first.file.close()
        first.sock.close()
        second = Client(connect(path))
        equal(second.ask("readb 0x1000"), "OK 0x000000000000005a")
        served(vm, second)
        assert not os.path.exists(path), "the socket file is still there"


@case
def descriptor():
    vm = Vm()
    served(vm, vm.mine)


@case
def chardev():
    ours, theirs = socket.socketpair()
    vm = Vm("-chardev", f"socket,id=c,fd={theirs.fileno()}", qtest="chardev:c", give=[theirs])
    served(vm, Client(ours))


@case
def two_servers():
    """-qtest and -object qtest side by side: one machine."""
    ours, theirs = socket.socketpair()
    vm = Vm("-chardev", f"socket,id=c,fd={theirs.fileno()}", "-object",
            "qtest,id=q,chardev=c,log=none", machine="pc", give=[theirs])
    other = Client(ours)
    equal(vm.mine.ask("writel 0x1000 7"), "OK")
    equal(other.ask("readl 0x1000"), "OK 0x0000000000000007")
    equal(vm.mine.ask("irq_intercept_in ioapic"), "OK")
    equal(other.ask("irq_intercept_in ioapic"), "FAIL IRQ intercept already enabled")
    served(vm, vm.mine)


@case
def stdio():
    vm = Vm(qtest="stdio")
    vm.process.stdin.write(b"endianness\ninb 0\n")
    vm.process.stdin.flush()
    equal(vm.process.stdout.readline(), b"OK little\n")
    equal(vm.process.stdout.readline(), b"OK 0x00ff\n")
    equal(vm.end()[0], 0)


@case
def log_file():
    with tempfile.NamedTemporaryFile() as log:
        vm = Vm(log=log.name)
        vm.mine.ask("inb 0x70  x")
        vm.mine.ask("nothing")
        vm.end()
        lines = log.read().decode().splitlines()
        equal([line.split("] ")[-1] for line in lines],
              ["OPENED", "inb 0x70  x", "OK 0x00ff", "nothing", "FAIL Unknown command 'nothing'"])
        equal([line[1] for line in lines], ["I", "R", "S", "R", "S"])
        for line in lines:
            float(line[line.index("+"):line.index("]")])


@case
def log_default_is_stderr():
    vm = Vm(log=None)
    vm.mine.ask("endianness")
    status, out, err = vm.end()
    equal((status, out), (0, ""))
    assert "] endianness\n" in err and "] OK little\n" in err, err


@case
def log_to_a_pipe_by_descriptor():
    vm = Vm(log="/dev/fd/2")
    vm.mine.ask("endianness")
    assert "] OK little\n" in vm.end()[2]


@case
def log_that_cannot_be():
    status, out, err = Vm(log="/nonexistent/log").end(None)
    equal((status, out), (1, ""))
    assert "could not open qtest log '/nonexistent/log'" in err, err


def refused(qtest, *args, text):
    status, out, err = Vm(*args, qtest=qtest).end(None)
    equal((status, out), (1, ""))
    assert text in err, err


@case
def bad_arguments():
    refused("nonsense", text="'nonsense' is not a valid char driver")
    refused("chardev:none-such", text='chardev "none-such" not found')
    refused("unix:/nonexistent/s", text="/nonexistent/s")
    refused("fd:999", text="999")
    refused("null", "-object", "qtest,id=q", text="No backend specified")


@case
def serves_in_preconfig():
    vm = Vm("--preconfig", machine="pc")
    equal(vm.mine.ask("inb 0x70"), "OK 0x00ff")
    equal(vm.mine.ask("readq 0x1000"), "OK 0x0000000000000000")
    equal(vm.mine.ask("clock_step 5"), "OK 5")
    equal(vm.mine.ask("irq_intercept_in ioapic"), "FAIL Unknown device")
    served(vm, vm.mine)


@case
def serves_stopped():
    vm = Vm("-S", machine="pc")
    equal(vm.mine.ask("outb 0x70 0xf"), "OK")
    served(vm, vm.mine)


@case
def serves_with_silent_monitor():
    ours, theirs = socket.socketpair()
    vm = Vm("-chardev", f"socket,id=m,fd={theirs.fileno()}", "-mon", "chardev=m,mode=control",
            give=[theirs])
    served(vm, vm.mine)
    ours.close()


@case
def kvm_has_no_clock():
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "no /dev/kvm"
    vm = Vm("-S", accel="kvm", machine="pc")
    if vm.process.poll() is not None:
        return "KVM does not work here"
    equal(vm.mine.ask("clock_step"), "FAIL Unknown command 'clock_step'")
    equal(vm.mine.ask("clock_set 5"), "FAIL Unknown command 'clock_set'")
    equal(vm.mine.ask("writel 0x2000 0x12345678"), "OK")
    equal(vm.mine.ask("readl 0x2000"), "OK 0x0000000012345678")
    equal(vm.mine.ask("outb 0x70 0xd"), "OK")
    equal(vm.mine.ask("inb 0x71"), "OK 0x0080")
    served(vm, vm.mine)
    return None


@case
def sigterm_in_a_long_step():
    """SIGTERM is heard while the server is busy."""
    vm = Vm(machine="pc")
    vm.mine.ask("endianness")
    vm.mine.sock.sendall(b"clock_step 1000000000000000000\n" * 50)
    time.sleep(0.05)
    start = time.monotonic()
    equal(vm.end()[0], 0)
    assert time.monotonic() - start < LIMIT / 2, "took too long"


@case
def sigterm_with_unread_replies():
    vm = Vm(machine="pc")
    vm.mine.ask("endianness")
    vm.mine.sock.sendall(b"read 0 0x1000000\n" * 8)
    time.sleep(0.05)
    equal(vm.end()[0], 0)


@case
def client_goes():
    vm = Vm()
    vm.mine.sock.sendall(b"read 0 0x1000000\nendian")
    vm.mine.sock.close()
    vm.mine.file.close()
    time.sleep(0.05)
    equal(vm.process.poll(), None)
    equal(vm.end()[0], 0)


@case
def nothing_is_lost():
    """More questions than fit anywhere, asked before the first answer is read."""
    vm = Vm(machine="pc")
    pid = os.fork()
    if pid == 0:
        try:
            vm.mine.sock.settimeout(None)
            vm.mine.sock.sendall(b"read 0 4096\n" * 5000 + b"endianness\n")
        finally:
            os._exit(0)
    for _ in range(5000):
        equal(len(vm.mine.line()), 5 + 8192)
    equal(vm.mine.line(), "OK little")
    os.waitpid(pid, 0)
    equal(vm.end()[0], 0)


@case
def exit_with_parent():
    """A parent that starts it and goes: the process follows."""
    ours, theirs = socket.socketpair()
    code = ("import subprocess, sys, time\n"
            "p = subprocess.Popen(sys.argv[2:], pass_fds=[int(sys.argv[1])])\n"
            "print(p.pid, flush=True)\nsys.stdin.read()\n")
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(theirs.fileno()), BINARY, "-machine", "none", "-accel",
         "qtest", "-qtest", f"fd:{theirs.fileno()}", "-qtest-log", "none", "-display", "none",
         "-run-with", "exit-with-parent=on"],
        pass_fds=[theirs.fileno()], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL)
    theirs.close()
    client = Client(ours)
    equal(client.ask("endianness"), "OK little")
    parent.kill()
    parent.communicate()
    equal(client.line(), "")   # end of file: it has gone


def run(name):
    try:
        skip = CASES[name]()
        return None, f" # SKIP {skip}" if skip else ""
    except (AssertionError, OSError, ValueError, subprocess.SubprocessError) as why:
        return f"{type(why).__name__}: {why}", ""


def main():
    names = sys.argv[2:] or list(CASES)
    failed = 0
    print(f"1..{len(names)}", flush=True)
    for number, name in enumerate(names, 1):
        why, note = run(name)
        print(f"{'not ok' if why else 'ok'} {number} {name}{note}", flush=True)
        if why:
            failed += 1
            print("# " + why.replace("\n", "\n# ")[:2000], flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
