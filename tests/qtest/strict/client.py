# SPDX-License-Identifier: LGPL-2.1-or-later
"""
The client: it starts a binary, talks to it and ends it exactly as QEMU's own test library does,
with the same word order, the same order of questions, and the same intolerance: wherever that
library would abort, Abort is raised here. Two things differ on purpose: every wait is bounded, and
what cannot happen in a test run (a debugger's stop) is left out.

Eras: "7.2"; "10.2" (adds -audio none, insists on "return" from qmp_capabilities, kills after 30 s);
"11.0" (also leaves dying with the parent to -run-with exit-with-parent=on).
"""
import base64
import ctypes
import json
import os
import select
import signal
import socket
import tempfile
import time

ERAS = ("7.2", "10.2", "11.0")
ACCEPT_S = 50       # both eras
REPLY_S = 60        # the library waits for ever; a test run should not
QUIT_S = {"7.2": 120, "10.2": 30, "11.0": 30}
MAX_IRQ = 256
PR_SET_PDEATHSIG = 1


class Abort(Exception):
    """The real client would have aborted the test here."""


def demand(condition, text):
    if not condition:
        raise Abort(text)


class Stream:
    """A connected socket, read with a deadline; EOF is an abort."""

    def __init__(self, sock, name):
        self.sock, self.name, self.buf, self.pos = sock, name, b"", 0

    def fill(self, deadline):
        left = deadline - time.monotonic()
        ready, _, _ = select.select([self.sock], [], [], max(left, 0))
        demand(ready, f"{self.name}: no answer within {REPLY_S} s")
        try:
            data = self.sock.recv(65536)
        except ConnectionResetError:
            data = b""
        demand(data, f"{self.name}: Broken pipe")
        self.buf, self.pos = self.buf[self.pos:] + data, 0

    def line(self):
        deadline = time.monotonic() + REPLY_S
        while b"\n" not in self.buf:
            self.fill(deadline)
        line, self.buf = self.buf.split(b"\n", 1)
        return line.decode("utf-8", "replace")

    def byte(self, deadline):
        if self.pos == len(self.buf):
            self.fill(deadline)
        self.pos += 1
        return self.buf[self.pos - 1:self.pos]

    def send(self, data, fds=()):
        if fds:
            socket.send_fds(self.sock, [data], list(fds))
        else:
            self.sock.sendall(data)


def read_object(stream):
    """One JSON object, byte by byte: nothing after its last brace is touched."""
    deadline = time.monotonic() + REPLY_S
    text, depth, in_string, escaped = bytearray(), 0, False, False
    while True:
        c = stream.byte(deadline)
        if not depth and c in b" \t\r\n":
            continue
        text += c
        if not depth and c != b"{":
            raise Abort(f"QMP: not an object: {c!r}")
        if in_string:
            in_string, escaped = escaped or c != b'"', c == b"\\" and not escaped
        elif c == b'"':
            in_string = True
        else:
            depth += (c in b"{[") - (c in b"}]")
        if not depth:
            try:
                return json.loads(text.decode("utf-8"))
            except ValueError as why:
                raise Abort(f"QMP: {why}: {bytes(text)!r}") from None


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class VM:
    """One machine under test. Numbers in, numbers out; Abort on what the client cannot stand."""

    serial = 0

    def __init__(self, options, extra, handshake=True, oob=False):
        self.options, self.era = options, options.era
        self.events, self.irq = [], [False] * MAX_IRQ
        self.status, self.expected_status = None, 0
        self.dir = tempfile.mkdtemp(prefix="strict-")
        VM.serial += 1
        base = os.path.join(self.dir, f"qtest-{os.getpid()}")
        listeners = [self.listen(base + ".sock"), self.listen(base + ".qmp")]
        self.pid = self.spawn(self.command(base, extra))
        try:
            self.qtest = Stream(self.accept(listeners[0]), "qtest")
            self.qmp_stream = Stream(self.accept(listeners[1]), "QMP")
        finally:
            for sock in listeners:
                sock.close()
            for name in (base + ".sock", base + ".qmp"):
                os.unlink(name)
            os.rmdir(self.dir)
        self.big_endian = self.endianness() == "big"
        if handshake:
            self.handshake(oob)

    @staticmethod
    def listen(path):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.bind(path)
        sock.listen(1)
        return sock

    def command(self, base, extra):
        """The words after 'exec ', in the library's order; two blanks where a part is empty."""
        log = "/dev/fd/2" if os.environ.get("QTEST_LOG") else "/dev/null"
        trace = os.environ.get("QTEST_TRACE")
        trace = f"-trace {trace} " if trace else ""
        audio = "" if self.era == "7.2" else "-audio none "
        parent = "-run-with exit-with-parent=on " if self.era == "11.0" else ""
        return (f"exec {self.options.binary} {trace}-qtest unix:{base}.sock -qtest-log {log} "
                f"-chardev socket,path={base}.qmp,id=char0 -mon chardev=char0,mode=control "
                f"-display none {audio}{parent}{extra} -accel {self.options.accel}")

    def spawn(self, command):
        pid = os.fork()
        if pid:
            return pid
        try:
            if self.era != "11.0":
                die_with_parent()
            if self.era == "7.2":
                os.environ["QEMU_AUDIO_DRV"] = "none"
            os.dup2(2, 1)   # our stdout is the test report
            os.execv("/bin/sh", ["/bin/sh", "-c", command])
        finally:
            os._exit(127)

    def accept(self, sock):
        """Like the library, which only has a timeout; but a dead child is noticed soon."""
        deadline = time.monotonic() + ACCEPT_S
        while time.monotonic() < deadline:
            if select.select([sock], [], [], 0.2)[0]:
                return sock.accept()[0]
            if self.reap(os.WNOHANG):
                raise Abort(f"the binary ended before it connected: {self.describe()}")
        self.kill()
        raise Abort(f"no connection within {ACCEPT_S} s")

    # ---- the process

    def reap(self, flags=0):
        if self.status is None:
            pid, status = os.waitpid(self.pid, flags)
            if pid == self.pid:
                self.status = status
        return self.status is not None

    def describe(self):
        if os.WIFSIGNALED(self.status):
            return f"detected death from signal {os.WTERMSIG(self.status)}"
        return f"exit status {os.WEXITSTATUS(self.status)}"

    def kill(self):
        if not self.reap(os.WNOHANG):
            os.kill(self.pid, signal.SIGKILL)
            self.reap()

    def wait_end(self, seconds):
        deadline = time.monotonic() + seconds
        while not self.reap(os.WNOHANG) and time.monotonic() < deadline:
            time.sleep(0.005)
        return self.status is not None

    def quit(self):
        if not self.reap(os.WNOHANG):
            os.kill(self.pid, signal.SIGTERM)
            if not self.wait_end(QUIT_S[self.era]):
                self.kill()
        self.qtest.sock.close()
        self.qmp_stream.sock.close()
        demand(os.WIFEXITED(self.status) and os.WEXITSTATUS(self.status) == self.expected_status,
               f"after SIGTERM: {self.describe()}")

    # ---- qtest

    def reply(self):
        while True:
            words = self.qtest.line().split(" ")
            if words[0] == "IRQ":
                demand(len(words) >= 3 and words[1] in ("raise", "lower") and words[2].isdigit()
                       and int(words[2]) < MAX_IRQ, f"bad IRQ line {words}")
                self.irq[int(words[2])] = words[1] == "raise"
                continue
            demand(words[0] == "OK", f"qtest: {' '.join(words)}")
            return words[1:]

    def cmd(self, line):
        self.qtest.send(line.encode() + b"\n")
        return self.reply()

    def endianness(self):
        words = self.cmd("endianness")
        demand(words in (["little"], ["big"]), f"endianness: {words}")
        return words[0]

    def number(self, line, bits):
        words = self.cmd(line)
        demand(len(words) >= 1, f"{line}: no value")
        try:
            value = int(words[0], 0)
        except ValueError:
            raise Abort(f"{line}: {words}") from None
        demand(0 <= value < 1 << bits, f"{line}: {words} does not fit")
        return value

    def inb(self, port):
        return self.number(f"inb 0x{port:x}", 8)

    def inw(self, port):
        return self.number(f"inw 0x{port:x}", 16)

    def inl(self, port):
        return self.number(f"inl 0x{port:x}", 32)

    def out(self, letter, port, value):
        self.cmd(f"out{letter} 0x{port:x} 0x{value:x}")

    def outb(self, port, value):
        self.out("b", port, value)

    def outw(self, port, value):
        self.out("w", port, value)

    def outl(self, port, value):
        self.out("l", port, value)

    def memread(self, addr, size):
        words = self.cmd(f"read 0x{addr:x} 0x{size:x}")
        demand(len(words) >= 1 and words[0].startswith("0x") and len(words[0]) - 2 >= 2 * size,
               "read: bad reply")
        return bytes.fromhex(words[0][2:2 + 2 * size])

    def bufread(self, addr, size):
        words = self.cmd(f"b64read 0x{addr:x} 0x{size:x}")
        data = base64.b64decode(words[0], validate=True)
        demand(len(data) == size, "b64read: wrong length")
        return data

    def memwrite(self, addr, data):
        self.cmd(f"write 0x{addr:x} 0x{len(data):x} 0x{data.hex()}")

    def intercept_in(self, path):
        self.cmd(f"irq_intercept_in {path}")

    def get_irq(self, n):
        self.inb(0)   # the library's way to collect IRQ lines that are due
        return self.irq[n]

    def clock_step(self, ns=None):
        words = self.cmd("clock_step" if ns is None else f"clock_step {ns}")
        demand(len(words) >= 1 and words[0].isdigit(), f"clock_step: {words}")
        return int(words[0])

    # ---- QMP

    def receive(self):
        """The next object that is no event."""
        while True:
            obj = read_object(self.qmp_stream)
            if not isinstance(obj.get("event"), str):
                return obj
            self.events.append(obj)

    def handshake(self, oob):
        self.receive()
        args = {"arguments": {"enable": ["oob"]}} if oob else {}
        answer = self.request({"execute": "qmp_capabilities", **args})
        demand(self.era == "7.2" or "return" in answer, f"qmp_capabilities: {answer}")

    def send(self, obj, fds=()):
        self.qmp_stream.send(json.dumps(obj, separators=(",", ":")).encode() + b"\n", fds)

    def send_raw(self, data):
        self.qmp_stream.send(data)

    def request(self, obj):
        self.send(obj)
        return self.receive()

    def qmp(self, command, **arguments):
        obj = {"execute": command}
        if arguments:
            obj["arguments"] = {k.rstrip("_").replace("_", "-"): v for k, v in arguments.items()}
        return self.request(obj)

    def ok(self, command, **arguments):
        answer = self.qmp(command, **arguments)
        demand("return" in answer and "error" not in answer, f"{command}: {answer}")
        return answer["return"]

    def error(self, klass, command, **arguments):
        check_error(self.qmp(command, **arguments), klass)

    def hmp(self, line):
        text = self.ok("human-monitor-command", command_line=line)
        demand(isinstance(text, str), f"HMP {line}: not a string: {text!r}")
        return text

    def event(self, name):
        for i, obj in enumerate(self.events):
            if obj["event"] == name:
                return self.events.pop(i)
        while True:
            obj = read_object(self.qmp_stream)
            demand("event" in obj, f"waiting for {name}: {obj}")
            if obj["event"] == name:
                return obj
            self.events.append(obj)


def check_error(answer, klass=None):
    """Exactly the shape that the library's helper insists on."""
    error = answer.get("error")
    demand("return" not in answer and isinstance(error, dict), f"not an error: {answer}")
    demand(isinstance(error.get("class"), str) and isinstance(error.get("desc"), str)
           and set(error) == {"class", "desc"}, f"misshapen error: {answer}")
    demand(klass is None or error["class"] == klass, f"expected {klass}: {answer}")
