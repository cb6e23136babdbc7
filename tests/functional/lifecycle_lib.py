# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the vCPU life-cycle tests share: a machine with a guest that counts, its serial line, cases.

The counting guest (tests/guests/hotplug.S) prints the letters a to z, over and over, and reports in
brackets what happens to vCPUs. Nothing here is decided by time: waits end when what is waited for has
come, and have a bound that no healthy run comes near.
"""
import asyncio
import os
import re
import sys
import time
import traceback

from qmp_client import Client, Machine

BOUND = 20     # seconds, for any wait
SPARE = ("-smp", "1,maxcpus=4")


class Skip(Exception):
    pass


def need_kvm():
    try:
        os.close(os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        raise Skip(f"/dev/kvm: {error.strerror}") from None


class Guest(Machine):
    """A machine on pc-lite whose serial line and messages go to files."""

    def __init__(self, build, rom, *arguments, accel="kvm", wrap=(), env=None, monitors=1):
        super().__init__(os.path.join(build, "system/accelvm"), monitors=monitors)
        bios = ["-bios", os.path.join(build, "tests/guests", rom)] if rom else []
        self.command = [*wrap, *self.command, "-no-user-config", "-M", "pc-lite", "-accel", accel,
                        "-m", "16", *bios, "-serial", f"file:{self.file('serial')}", *arguments]
        self.env = dict(os.environ, **(env or {}))

    async def __aenter__(self):
        with open(self.file("stderr"), "wb") as messages:
            self.process = await asyncio.create_subprocess_exec(
                *self.command, stdin=asyncio.subprocess.DEVNULL, stdout=messages,
                stderr=messages, env=self.env)
        try:
            self.clients = [await Client.connect(path) for path in self.paths]
            self.qmp = self.clients[0]
            for client in self.clients:
                await client.negotiate()
            return self
        except BaseException as error:
            said = self.messages()
            print(f"# {said}".replace("\n", "\n# "), flush=True)
            await self.end()
            if "accelerator tcg is not available" in said:
                raise Skip(said.splitlines()[0]) from None
            raise error

    def text(self, name="serial"):
        try:
            with open(self.file(name), encoding="latin-1") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def messages(self):
        return self.text("stderr")

    async def until(self, condition, what):
        """Wait for condition(); its value."""
        end = time.monotonic() + BOUND
        while not (value := condition()):
            if self.process.returncode is not None or time.monotonic() > end:
                raise AssertionError(f"{what} never came; serial line ends {self.text()[-200:]!r}, "
                                     f"messages {self.messages()[-500:]!r}")
            await asyncio.sleep(0.002)
        return value

    async def report(self, word, times=1):
        await self.until(lambda: self.text().count(f"[{word}]") >= times, f"[{word}] x {times}")

    async def goes_on(self, letters=3):
        """The guest counts on from here."""
        before = len(self.text())
        await self.until(lambda: len(self.text()) >= before + letters, "more counting")

    async def ended(self):
        return await asyncio.wait_for(self.process.wait(), BOUND)


def counted(text):
    """The letters, checked: no gap, none twice. A [start] begins again."""
    letters = 0
    for life in text.split("[start]"):
        count = re.sub(r"\[[^]]*\]|\[[^]]*$", "", life)
        expected = "abcdefghijklmnopqrstuvwxyz" * (len(count) // 26 + 1)
        if count != expected[:len(count)]:
            at = next(i for i, (a, b) in enumerate(zip(count, expected)) if a != b)
            raise AssertionError(f"counting broke at letter {at}: {count[max(0, at - 30):at + 5]!r}")
        letters += len(count)
    return letters


async def free_slots(qmp):
    """Slots to plug into, lowest first, as arguments of device_add."""
    slots = await qmp.call("query-hotpluggable-cpus")
    free = [s for s in reversed(slots) if "qom-path" not in s]
    return [{"driver": s["type"], **{k.replace("-", "_"): v for k, v in s["props"].items()}}
            for s in free]


def process_usage(pid):
    """Descriptors, threads, resident KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        facts = dict(line.split(":", 1) for line in status)
    return (len(os.listdir(f"/proc/{pid}/fd")), int(facts["Threads"]),
            int(facts["VmRSS"].split()[0]))


CASES = []


def case(function):
    CASES.append(function)
    return function


def main():
    """usage: TEST BUILD-FOLDER [CASE...]; TAP on standard output."""
    build, only = sys.argv[1], sys.argv[2:]
    chosen = [c for c in CASES if not only or c.__name__ in only]
    failed = 0
    print(f"1..{len(chosen)}", flush=True)
    for number, function in enumerate(chosen, 1):
        name = function.__name__.replace("_", "-")
        try:
            asyncio.run(function(build))
            print(f"ok {number} {name}", flush=True)
        except Skip as reason:
            print(f"ok {number} {name} # SKIP {reason}", flush=True)
        except Exception:   # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} {name}", flush=True)
            print("# " + traceback.format_exc().replace("\n", "\n# "), flush=True)
    return 1 if failed else 0
