#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""QEMU on the fake KVM: it must start, be controllable, play a script and quit.

QEMU is the judge here, not the thing under test: it was written for the real kernel and checks most
answers with asserts. Output is TAP. Nothing waits for a time; every wait has an end.
"""

import json
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile

QEMU = os.environ.get("QEMU", "qemu-system-x86_64")
LIBRARY = os.environ["FAKEKVM_LIBRARY"]
SCENARIOS = os.environ["FAKEKVM_SCENARIOS"]
DEADLINE = 20
BASE = ["-nodefaults", "-no-user-config", "-display", "none"]

# The order of calls for `-M none -accel kvm`, without the capability queries in between.
NONE_ORDER = ["open", "KVM_GET_API_VERSION", "KVM_CREATE_VM", "KVM_ENABLE_CAP", "KVM_ENABLE_CAP",
              "KVM_ENABLE_CAP", "KVM_GET_MSR_INDEX_LIST", "KVM_GET_MSR_INDEX_LIST",
              "KVM_GET_MSR_FEATURE_INDEX_LIST", "KVM_GET_MSR_FEATURE_INDEX_LIST",
              "KVM_SET_IDENTITY_MAP_ADDR", "KVM_SET_TSS_ADDR", "KVM_ENABLE_CAP",
              "KVM_ENABLE_CAP", "KVM_X86_SET_MSR_FILTER", "KVM_CREATE_IRQCHIP"]


class Qemu:
    """One run of QEMU with QMP on its standard input and output."""

    def __init__(self, folder, arguments, scenario="", text=""):
        self.record_path = os.path.join(folder, "record")
        self.error_path = os.path.join(folder, "stderr")
        env = dict(os.environ, LD_PRELOAD=LIBRARY, FAKEKVM_RECORD=self.record_path,
                   FAKEKVM_SCENARIO=scenario and os.path.join(SCENARIOS, scenario),
                   FAKEKVM_SCENARIO_TEXT=text)
        command = [QEMU, *BASE, "-accel", "kvm", *arguments, "-qmp", "stdio"]
        with open(self.error_path, "w", encoding="utf-8") as error:
            self.process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=error)
        self.pending = b""
        self.events = []

    def line(self):
        """The next line of QMP, or None when QEMU has closed it."""
        while b"\n" not in self.pending:
            ready, _, _ = select.select([self.process.stdout], [], [], DEADLINE)
            if not ready:
                raise AssertionError("QEMU is silent")
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                return None
            self.pending += data
        text, self.pending = self.pending.split(b"\n", 1)
        return json.loads(text)

    def command(self, name, **arguments):
        message = {"execute": name, "arguments": arguments}
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()
        while True:
            answer = self.line()
            assert answer is not None, "QEMU ended: " + self.errors()
            if "event" in answer:
                self.events.append(answer["event"])
            elif "return" in answer:
                return answer["return"]
            else:
                raise AssertionError(answer)

    def greet(self):
        assert "QMP" in (self.line() or {}), "no greeting: " + self.errors()
        self.command("qmp_capabilities")

    def wait_event(self, name):
        while name not in self.events:
            answer = self.line()
            assert answer is not None, f"QEMU ended before {name}: " + self.errors()
            if "event" in answer:
                self.events.append(answer["event"])

    def end(self):
        """Waits for the end by itself; returns the exit status."""
        try:
            self.process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        return self.process.returncode

    def errors(self):
        with open(self.error_path, encoding="utf-8") as file:
            return file.read()

    def record(self):
        with open(self.record_path, encoding="utf-8") as file:
            return file.read().splitlines()


def run_and_quit(folder, arguments, **more):
    qemu = Qemu(folder, arguments, **more)
    qemu.greet()
    assert qemu.command("query-kvm") == {"enabled": True, "present": True}
    assert qemu.command("query-status")["status"] == "running"
    return qemu


def finish(qemu):
    qemu.command("quit")
    assert qemu.end() == 0, qemu.errors()


def test_none(folder):
    qemu = run_and_quit(folder, ["-M", "none"])
    finish(qemu)
    calls = [line.split()[3] for line in qemu.record() if line[0] != "-"]
    order = [name for name in calls if name != "KVM_CHECK_EXTENSION"]
    assert order[:len(NONE_ORDER)] == NONE_ORDER, order
    assert order[len(NONE_ORDER):] == ["KVM_IOEVENTFD"] * 14, order
    assert qemu.errors() == "", qemu.errors()


def start_machine(folder, *arguments):
    qemu = run_and_quit(folder, [*arguments, "-smp", "2"])
    qemu.command("stop")
    assert qemu.command("query-status")["status"] == "paused"
    qemu.command("cont")
    stats = qemu.command("query-stats", target="vcpu")
    assert len(stats) == 2 and any(s["name"] == "exits" for s in stats[0]["stats"]), stats
    qemu.command("system_reset")
    qemu.wait_event("RESET")
    finish(qemu)
    record = "\n".join(qemu.record())
    assert record.count(" KVM_CREATE_VCPU ") == 2
    assert "ioctl:" not in record, record
    assert qemu.errors() == "", qemu.errors()


def test_microvm(folder):
    start_machine(folder, "-M", "microvm")


def test_pc(folder):
    start_machine(folder, "-M", "pc")


def test_split(folder):
    start_machine(folder, "-M", "q35,kernel-irqchip=split")


def test_failures(folder):
    """First lines of the most usual failures, as the kernel's answers lead to them."""
    rows = [
        ("no-node", "", "Could not access KVM kernel module: No such file or directory"),
        ("no-permission", "", "Could not access KVM kernel module: Permission denied"),
        ("old-api", "", "kvm version too old"),
        ("another-hypervisor", "", r"ioctl\(KVM_CREATE_VM\) failed: 16 Device or resource busy"),
        ("", "cap USER_MEMORY 0", "kvm does not support KVM_CAP_USER_MEMORY"),
        ("", "fault call=KVM_SET_TSS_ADDR errno=EINVAL", ".*failed to initialize kvm: Invalid"),
        ("", "fault call=KVM_CREATE_IRQCHIP errno=ENOMEM", "Create kernel irqchip failed: Cannot"),
        ("", "api 13", "kvm version not supported"),
    ]
    for scenario, text, message in rows:
        qemu = Qemu(folder, ["-M", "none"], scenario, text)
        assert qemu.end() == 1, (scenario, text)
        assert re.match(message, qemu.errors()), qemu.errors()


def test_interrupted(folder):
    qemu = run_and_quit(folder, ["-M", "none"], scenario="interrupted")
    finish(qemu)
    assert sum(" KVM_CREATE_VM " in line for line in qemu.record()) == 6


def test_hello(folder):
    """The script's bytes go through QEMU's own serial port, which must answer the status read."""
    output = os.path.join(folder, "serial")
    text = "vcpu 0; in port=0x3fd expect=60; out port=0x3f8 text=Hello\\sfake\\n; shutdown; end"
    qemu = Qemu(folder, ["-M", "pc", "-serial", "file:" + output, "-no-reboot", "-S"],
                text=text)
    qemu.greet()            # events before this would be lost, so that the guest must wait
    qemu.command("cont")
    qemu.wait_event("SHUTDOWN")
    assert qemu.end() == 0, qemu.errors()
    with open(output, encoding="ascii") as file:
        assert file.read() == "Hello fake\n"


def test_internal_error(folder):
    qemu = Qemu(folder, ["-M", "microvm", "-S"],
                text="vcpu 0; internal-error suberror=1 data=4,5; end")
    qemu.greet()
    qemu.command("cont")
    qemu.wait_event("STOP")
    assert qemu.command("query-status")["status"] == "internal-error"
    finish(qemu)
    assert "KVM internal error. Suberror: 1" in qemu.errors(), qemu.errors()


def main():
    tests = [test_none, test_microvm, test_pc, test_split, test_failures, test_interrupted,
             test_hello, test_internal_error]
    if not shutil.which(QEMU):
        print(f"1..0 # SKIP {QEMU} is not installed")
        return 0
    print(f"1..{len(tests)}")
    failed = 0
    for number, test in enumerate(tests, 1):
        try:
            with tempfile.TemporaryDirectory() as folder:
                test(folder)
            print(f"ok {number} {test.__name__}", flush=True)
        except Exception as error:     # one test's trouble must not hide the others
            failed += 1
            print(f"not ok {number} {test.__name__}\n# {error!r}", flush=True)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
