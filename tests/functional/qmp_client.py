# SPDX-License-Identifier: LGPL-2.1-or-later
"""A QMP client on asyncio: what the QMP tests have in common. Standard library only."""
import array
import asyncio
import json
import os
import socket
import tempfile

WAIT = 30   # seconds that nothing here should ever take


class QmpError(Exception):
    def __init__(self, command, error):
        super().__init__(f"{command}: {error['class']}: {error['desc']}")
        self.klass, self.desc = error["class"], error["desc"]


class Client:
    """One connection. Answers are matched by id; events are kept in order."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self.events, self.answers, self.last_id = [], {}, 0

    @classmethod
    async def connect(cls, path):
        for _ in range(WAIT * 50):
            try:
                return cls(*await asyncio.open_unix_connection(path, limit=1 << 24))
            except (FileNotFoundError, ConnectionRefusedError):
                await asyncio.sleep(0.02)
        raise TimeoutError(path)

    @classmethod
    async def accept(cls, path):
        """Listens at once. Returns: what to await for the client when somebody has connected."""
        came = asyncio.get_running_loop().create_future()
        server = await asyncio.start_unix_server(lambda *ends: came.set_result(ends), path,
                                                 limit=1 << 24)

        async def client():
            ends = await asyncio.wait_for(came, WAIT)
            server.close()
            return cls(*ends)
        return client()

    async def receive(self):
        line = await asyncio.wait_for(self.reader.readline(), WAIT)
        if not line:
            raise EOFError("the monitor closed the connection")
        return json.loads(line)

    async def negotiate(self, **arguments):
        greeting = await self.receive()
        await self.call("qmp_capabilities", **arguments)
        return greeting

    def send(self, message):
        self.writer.write(json.dumps(message).encode() + b"\n")

    async def next_answer(self):
        while True:
            message = await self.receive()
            if "event" not in message:
                return message
            self.events.append(message)

    async def request(self, message):
        self.last_id += 1
        message = dict(message, id=f"c-{self.last_id}")
        self.send(message)
        answer = await self.next_answer()
        assert answer.get("id") == message["id"], (message, answer)
        return answer

    async def call(self, name, /, **arguments):
        """Returns what the command returns; raises QmpError. '_' in names stands for '-'."""
        message = {"execute": name}
        if arguments:
            message["arguments"] = {k.rstrip("_").replace("_", "-"): v
                                    for k, v in arguments.items()}
        answer = await self.request(message)
        if "error" in answer:
            raise QmpError(name, answer["error"])
        return answer["return"]

    async def refused(self, name, klass="GenericError", /, **arguments):
        try:
            value = await self.call(name, **arguments)
        except QmpError as error:
            assert error.klass == klass, error
            return error.desc
        raise AssertionError(f"{name} was not refused: {value}")

    async def event(self, name):
        """The next event of that name; others before it are dropped."""
        while True:
            while self.events:
                event = self.events.pop(0)
                if event["event"] == name:
                    assert set(event["timestamp"]) == {"seconds", "microseconds"}, event
                    return event.get("data")
            message = await self.receive()
            assert "event" in message, message
            self.events.append(message)

    async def send_fd(self, message, fd):
        """The descriptor goes along with the first byte."""
        await self.writer.drain()
        raw = self.writer.get_extra_info("socket")
        data = json.dumps(message).encode()
        with socket.socket(fileno=os.dup(raw.fileno())) as sock:
            sock.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])


class Machine:
    """A program under test with a QMP socket (and a human monitor when asked for).

    QEMU connects to us. Whoever connects to QEMU while its monitor is being set up is greeted twice,
    one time in some thousand, and what was sent between the greetings is lost.
    """

    def __init__(self, program, *arguments, monitors=1, hmp=False):
        self.dir = tempfile.TemporaryDirectory(prefix="qmp-")
        self.paths = [self.file(f"qmp{n}") for n in range(monitors)]
        self.command = [program, "-nodefaults", "-display", "none", *arguments]
        self.connects = "qemu" in os.path.basename(program)
        for path in self.paths:
            self.command += ["-qmp", f"unix:{path}" + ("" if self.connects else
                                                       ",server=on,wait=off")]
        if hmp:
            self.command += ["-monitor", f"unix:{self.file('hmp')},server=on,wait=off"]

    def file(self, name):
        return os.path.join(self.dir.name, name)

    async def __aenter__(self):
        coming = [await Client.accept(path) for path in self.paths if self.connects]
        self.process = await asyncio.create_subprocess_exec(
            *self.command, stdin=asyncio.subprocess.DEVNULL)
        try:
            self.clients = [await client for client in coming] or [
                await Client.connect(path) for path in self.paths]
            return self
        except BaseException:
            await self.end()
            raise

    async def __aexit__(self, *_):
        await self.end()

    async def end(self):
        for client in getattr(self, "clients", []):
            client.writer.close()
        if self.process.returncode is None:
            self.process.terminate()
            try:
                await asyncio.wait_for(self.process.wait(), WAIT)
            except asyncio.TimeoutError:
                self.process.kill()
                await self.process.wait()
        self.dir.cleanup()
