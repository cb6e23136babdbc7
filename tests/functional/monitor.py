#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Answers of both monitors, errors above all, word for word as QEMU's: see monitor.table.

usage: monitor.py TABLE PROGRAM [QEMU]
"""
import asyncio
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from qmp_client import Machine  # noqa: E402

OURS = re.compile(r" \(stage [^()]*\)$")   # what we say beyond QEMU's text
SMP = ("-S", "-smp", "2,maxcpus=4", "-m", "64")


def rows(path):
    """(line number, kind, what is asked, expected lines)"""
    out = []
    with open(path, encoding="utf-8") as table:
        for number, line in enumerate(table, 1):
            line = line.rstrip("\n")
            if line.startswith(("qmp ", "hmp ")):
                out.append((number, line[:3], line[4:], []))
            elif line and not line.startswith("#"):
                out[-1][3].append(line)
    return out


def qmp_message(text):
    if not text[0].isalpha() or text in ("null", "true"):
        return json.loads(text)
    name, _, arguments = text.partition(" ")
    return {"execute": name, "arguments": json.loads(arguments or "{}")}


async def ask(client, kind, text):
    """The answer, in the table's form."""
    if kind == "hmp":
        text = await client.call("human-monitor-command", command_line=text)
        return ["| " + line for line in text.replace("\r\n", "\n").split("\n")[:-1]]
    client.send(qmp_message(text))
    answer = await client.next_answer()
    if "error" in answer:
        error = answer["error"]
        return [f"! {error['class']}: {OURS.sub('', error['desc'])}"]
    return ["= " + json.dumps(answer["return"], sort_keys=True)]


async def differences(program, table, *arguments):
    """Of one program with the table: lines to print."""
    found = []
    async with Machine(program, *arguments, *SMP) as vm:
        client = vm.clients[0]
        await client.negotiate()
        for number, kind, text, expected in rows(table):
            got = await ask(client, kind, text)
            if got != expected:
                found.append(f"# line {number}: {kind} {text}\n#   expected {expected}\n#   got {got}")
    return found


def accelerators(program):
    """The ones that can run the machine here, best first."""
    try:
        os.close(os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC))
        yield "kvm"
    except OSError:
        pass
    module = os.path.join(os.path.dirname(os.path.dirname(program)), "accel/tcg/accel-tcg.so")
    if os.path.exists(module):
        os.environ["ACCELVM_MODULE_PATH"] = os.path.dirname(module)
        yield "tcg"


def why_not_this_qemu(qemu):
    if not qemu:
        return "QEMU is not installed"
    said = subprocess.run([*qemu, "--version"], capture_output=True, text=True, check=False).stdout
    return None if " 7.2" in said else "the answers are QEMU 7.2's, this is another version"


def report(number, name, found):
    print(f"{'not ok' if found else 'ok'} {number} {name}")
    print("\n".join(found), end="\n" if found else "", flush=True)
    return bool(found)


def main():
    table, program, qemu = sys.argv[1], sys.argv[2], sys.argv[3:]
    accel, failed = next(accelerators(program), None), False
    print("1..2", flush=True)
    if accel is None:
        print("ok 1 accelvm # SKIP no /dev/kvm, and built without the software CPU")
    else:
        found = asyncio.run(differences(program, table, "-M", "pc-lite", "-accel", accel))
        failed = report(1, f"accelvm ({len(rows(table))} answers)", found)
    skip = why_not_this_qemu(qemu)
    if skip:
        print(f"ok 2 qemu # SKIP {skip}")
    else:
        arguments = ("-no-user-config", "-M", "q35", "-accel", "tcg")
        failed = report(2, "qemu", asyncio.run(differences(qemu[0], table, *arguments))) or failed
    return failed


if __name__ == "__main__":
    sys.exit(main())
