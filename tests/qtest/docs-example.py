#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
The examples of docs/testing-with-qtest.rst, as they stand there.

  docs-example.py extract PAGE OUT      write the C program to OUT
  docs-example.py transcript PAGE BIN   start BIN with the page's command line and have the session
"""
import select
import shlex
import subprocess
import sys

LIMIT = 30


def block(lines, mark):
    """The first indented block behind the comment that starts with @mark, moved to the left."""
    at = next(i for i, line in enumerate(lines) if line.startswith(f".. {mark}:"))
    at = next(i for i in range(at, len(lines)) if lines[i].startswith("   "))
    end = next(i for i in range(at, len(lines)) if lines[i] and not lines[i].startswith("   "))
    return [line[3:] for line in lines[at:end]]


def command(lines):
    at = next(i for i, line in enumerate(lines) if line.startswith("   accelvm -accel qtest"))
    text = lines[at].rstrip("\\") + lines[at + 1]
    return shlex.split(text)[1:]


def reply(vm):
    assert select.select([vm.stdout], [], [], LIMIT)[0], "no answer"
    return vm.stdout.readline().decode().rstrip("\n")


def transcript(lines, binary):
    with subprocess.Popen([binary] + command(lines), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, bufsize=0) as vm:
        try:
            for line in filter(None, block(lines, "transcript")):
                if line.startswith("> "):
                    vm.stdin.write(line[2:].encode() + b"\n")
                else:
                    got = reply(vm)
                    assert got == line, f"got '{got}', the page says '{line}'"
        finally:
            vm.terminate()


def main():
    what, page, arg = sys.argv[1:]
    with open(page, encoding="utf-8") as f:
        lines = f.read().splitlines()
    if what == "extract":
        with open(arg, "w", encoding="utf-8") as out:
            out.write("\n".join(block(lines, "example")) + "\n")
    else:
        transcript(lines, arg)
    return 0


if __name__ == "__main__":
    sys.exit(main())
