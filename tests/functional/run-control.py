#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run states, events and ends, step by step as QEMU's: see run-control.table.

usage: run-control.py TABLE PROGRAM GUESTS [QEMU]

Each case is a command line and a row of commands. After each one stands what came back, the events
up to the answer of the next question, and the state, or the exit status when it ended the program.
The last command of a case ends the program. The guest (hlt.rom) sleeps for good, so that nothing but the commands decides. With `--write` as first
argument the table is made anew from QEMU's answers.
"""
import asyncio
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from monitor import accelerators, why_not_this_qemu  # noqa: E402
from qmp_client import WAIT, Machine                 # noqa: E402


def read_table(path):
    """[arguments, [[command, expected]]]"""
    cases = []
    with open(path, encoding="utf-8") as table:
        for line in map(str.rstrip, table):
            if line.startswith("case"):
                cases.append([line[5:].split(), []])
            elif line.startswith("> "):
                cases[-1][1].append([line[2:], ""])
            elif line.startswith("< "):
                cases[-1][1][-1][1] = line[2:]
    return cases


def message(text):
    """"stop", "set-action {...}", or "hmp o /b 0x505 1"."""
    name, _, rest = text.partition(" ")
    if name == "hmp":
        return {"execute": "human-monitor-command", "arguments": {"command-line": rest}}
    return {"execute": name, "arguments": json.loads(rest or "{}")}


def event_text(event):
    data = event.get("data")
    return event["event"] + (" " + json.dumps(data, sort_keys=True) if data else "")


async def outcome(vm, client, last):
    """The state, once what was asked for is done: between two commands; or the exit status."""
    if not last:
        for _ in range(2):
            client.send({"execute": "query-status"})
            status = (await client.next_answer())["return"]["status"]
        return status
    try:
        await client.next_answer()   # nothing was asked: only events can come
    except (EOFError, ConnectionError):
        pass
    return f"exit {await asyncio.wait_for(vm.process.wait(), WAIT)}"


async def step(vm, client, text, last):
    """What a command brings, as one line."""
    client.events.clear()
    # no newline: QEMU may end without having read it, and what it said would be lost with it
    client.writer.write(json.dumps(message(text)).encode())
    answer = await client.next_answer()
    said = answer["error"]["desc"] if "error" in answer else json.dumps(answer["return"],
                                                                        sort_keys=True)
    end = await outcome(vm, client, last)
    return "; ".join([said, *map(event_text, client.events), end])


async def play(program, base, arguments, steps):
    out = []
    async with Machine(program, "-no-user-config", *base, *arguments) as vm:
        client = vm.clients[0]
        await client.negotiate()
        for n, (text, _) in enumerate(steps, 1):
            out.append(await step(vm, client, text, n == len(steps)))
    return out


def compare(program, base, cases):
    """Lines that tell the differences."""
    found = []
    for arguments, steps in cases:
        got = asyncio.run(play(program, base, arguments, steps))
        for (text, expected), line in zip(steps, got):
            if line != expected:
                found.append(f"# {' '.join(arguments)}: {text}\n#   expected {expected}\n"
                             f"#   got {line}")
    return found


def write_table(path, program, base, cases):
    with open(path, encoding="utf-8") as table:
        lines = [line for line in table if line.startswith("#")]
    for arguments, steps in cases:
        lines.append("\ncase " + " ".join(arguments) + "\n")
        for (text, _), line in zip(steps, asyncio.run(play(program, base, arguments, steps))):
            lines.append(f"> {text}\n< {line}\n")
    with open(path, "w", encoding="utf-8") as table:
        table.writelines(lines)


def report(number, name, found):
    print(f"{'not ok' if found else 'ok'} {number} {name}")
    print("\n".join(found), end="\n" if found else "", flush=True)
    return bool(found)


def main():
    write = sys.argv[1] == "--write"
    table, program, guests, *qemu = sys.argv[1 + write:]
    bios = ("-m", "16", "-bios", os.path.join(guests, "hlt.rom"))
    peer = ("-M", "q35", "-accel", "tcg", *bios)
    cases, failed = read_table(table), False
    if write:
        write_table(table, qemu[0], peer, cases)
        return 0
    accel, skip = next(accelerators(program), None), why_not_this_qemu(qemu)
    print("1..2", flush=True)
    if accel is None:
        print("ok 1 accelvm # SKIP no /dev/kvm, and built without the software CPU")
    else:
        failed = report(1, "accelvm", compare(program, ("-M", "pc-lite", "-accel", accel, *bios),
                                               cases))
    if skip:
        print(f"ok 2 qemu # SKIP {skip}")
    else:
        failed = report(2, "qemu", compare(qemu[0], peer, cases)) or failed
    return failed


if __name__ == "__main__":
    sys.exit(main())
