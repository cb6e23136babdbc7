#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""-smp, row by row: what accelvm says, and what QEMU says to the same command line.

usage: smp.py ACCELVM EXIT-ROM [QEMU]

A row is accepted when the guest of one instruction runs and leaves (status 33). Where the two
differ the row names the reason; docs/smp.rst lists those. TAP on standard output.
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from monitor import accelerators  # noqa: E402  pylint: disable=C0413

ACCELVM, ROM = sys.argv[1:3]
QEMU = sys.argv[3] if len(sys.argv) > 3 else None
ZERO = "zero is an error since QEMU 9.0"
RANGE = "QEMU cuts 64-bit numbers or calls a negative one too many"
NAMES = "QEMU 7.2 names the level without its value"
MODULES = "QEMU 7.2 does not know modules"
TCG = "QEMU's software CPU has no x2APIC; with KVM it is accepted"
TOPOLOGY = "Invalid CPU topology: "
POSITIVE = TOPOLOGY + "CPU topology parameters must be greater than zero"
INTEGER = "Parameter 'smp.%s' expects integer"

# -smp text, machine, expected message (None: accepted), why QEMU 7.2 differs (None: it does not)
ROWS = [
    ("1", "microvm", None, None), ("2", "microvm", None, None), ("cpus=2", "microvm", None, None),
    ("", "microvm", None, None),
    ("4,maxcpus=8", "microvm", None, None), ("maxcpus=4", "microvm", None, None),
    ("sockets=2", "microvm", None, None), ("cores=2", "microvm", None, None),
    ("threads=2", "microvm", None, None), ("sockets=2,cores=2", "microvm", None, None),
    ("sockets=1,cores=2,threads=2", "microvm", None, None),
    ("2,sockets=2", "microvm", None, None), ("2,cores=2", "microvm", None, None),
    ("2,threads=2", "microvm", None, None), ("4,sockets=2,cores=2", "microvm", None, None),
    ("4,cores=2,threads=2", "microvm", None, None),
    ("2,maxcpus=4,sockets=4", "microvm", None, None),
    ("2,maxcpus=8,cores=2,threads=2", "microvm", None, None),
    ("1,maxcpus=288", "microvm", None, TCG), ("1,maxcpus=2,threads=2", "microvm", None, None),
    ("cpus=1,sockets=1,cores=1,threads=1,maxcpus=1", "microvm", None, None),
    ("0x2", "microvm", None, None), ("1,dies=1", "microvm", None, None),
    ("1,clusters=1", "microvm", None, None), ("1", "isapc", None, None),
    ("1,maxcpus=1", "isapc", None, None),
    ("0", "microvm", POSITIVE, ZERO), ("cpus=0", "microvm", POSITIVE, ZERO),
    ("2,sockets=0", "microvm", POSITIVE, ZERO), ("2,cores=0", "microvm", POSITIVE, ZERO),
    ("2,threads=0", "microvm", POSITIVE, ZERO), ("1,maxcpus=0", "microvm", POSITIVE, ZERO),
    ("1,dies=0", "microvm", POSITIVE, ZERO), ("1,clusters=0", "microvm", POSITIVE, ZERO),
    ("x", "microvm", INTEGER % "cpus", None), ("2k", "microvm", INTEGER % "cpus", None),
    ("1.5", "microvm", INTEGER % "cpus", None), ("cpus=", "microvm", INTEGER % "cpus", None),
    ("2,cores=two", "microvm", INTEGER % "cores", None),
    ("2,threads=1e1", "microvm", INTEGER % "threads", None),
    ("2,maxcpus=many", "microvm", INTEGER % "maxcpus", None),
    ("2,foo=1", "microvm", "Parameter 'smp.foo' is unexpected", None),
    ("2,cpu=1", "microvm", "Parameter 'smp.cpu' is unexpected", None),
    ("2,dies=2", "microvm", "dies > 1 not supported by this machine's CPU topology", NAMES),
    ("2,clusters=2", "microvm", "clusters > 1 not supported by this machine's CPU topology",
     NAMES),
    ("2,modules=2", "microvm", "modules > 1 not supported by this machine's CPU topology",
     MODULES),
    ("7,sockets=2,cores=3", "microvm",
     TOPOLOGY + "product of the hierarchy must match maxcpus: sockets (2) * cores (3) * "
     "threads (1) != maxcpus (7)", None),
    ("4,sockets=4,cores=2,threads=1", "microvm",
     TOPOLOGY + "product of the hierarchy must match maxcpus: sockets (4) * cores (2) * "
     "threads (1) != maxcpus (4)", None),
    ("2,maxcpus=6,sockets=4", "microvm",
     TOPOLOGY + "product of the hierarchy must match maxcpus: sockets (4) * cores (1) * "
     "threads (1) != maxcpus (6)", None),
    ("3,cores=2", "microvm",
     TOPOLOGY + "product of the hierarchy must match maxcpus: sockets (1) * cores (2) * "
     "threads (1) != maxcpus (3)", None),
    ("2,maxcpus=1", "microvm",
     TOPOLOGY + "maxcpus must be equal to or greater than smp: sockets (1) * cores (1) * "
     "threads (1) == maxcpus (1) < smp_cpus (2)", None),
    ("8,maxcpus=4", "microvm",
     TOPOLOGY + "maxcpus must be equal to or greater than smp: sockets (1) * cores (4) * "
     "threads (1) == maxcpus (4) < smp_cpus (8)", None),
    ("289", "microvm", "Invalid SMP CPUs 289. The max CPUs supported by machine 'microvm' is 288",
     None),
    ("1,maxcpus=289", "microvm",
     "Invalid SMP CPUs 289. The max CPUs supported by machine 'microvm' is 288", None),
    ("2000", "microvm",
     "Invalid SMP CPUs 2000. The max CPUs supported by machine 'microvm' is 288", None),
    ("2", "isapc", "Invalid SMP CPUs 2. The max CPUs supported by machine 'isapc' is 1", None),
    ("1,maxcpus=2", "isapc", "Invalid SMP CPUs 2. The max CPUs supported by machine 'isapc' is 1",
     None),
    ("sockets=2", "isapc", "Invalid SMP CPUs 2. The max CPUs supported by machine 'isapc' is 1",
     None),
    ("2", "none", "Invalid SMP CPUs 2. The max CPUs supported by machine 'none' is 1", None),
    ("-1", "microvm", "*", RANGE), ("2,cores=-2", "microvm", "*", RANGE),
    ("4294967297", "microvm", "*", RANGE), ("99999999999", "microvm", "*", RANGE),
    ("9223372036854775807", "microvm", "*", RANGE),
    ("99999999999999999999", "microvm", INTEGER % "cpus", None),
    ("1,maxcpus=4294967297", "microvm", "*", RANGE),
    ("sockets=65536,cores=65537", "microvm", "*", RANGE),
]


def run(program, accel, smp, machine):
    """(accepted, first message without the program's name and the option)"""
    r = subprocess.run(
        [program, "-M", machine, "-accel", accel, "-m", "64", "-smp", smp, "-bios", ROM,
         "-nodefaults", "-no-user-config", "-display", "none",
         *([] if machine == "none" else ["-device", "isa-debug-exit,iobase=0xf4,iosize=4"])],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    lines = [line for line in r.stderr.splitlines() if "warning:" not in line]
    message = re.sub(r"^[^:]*: (-smp [^:]*: |-machine [^:]*: )?", "", lines[0]) if lines else ""
    return r.returncode == 33, message


def matches(got, want):
    accepted, message = got
    if want is None:
        return accepted
    return not accepted and message != "" and want in ("*", message)


def main():
    accel = next(accelerators(ACCELVM), None)
    if accel is None:
        print("1..0 # SKIP no /dev/kvm, and built without the software CPU")
        return 0
    bad = same = differ = 0
    print(f"1..{len(ROWS)}")
    for i, (smp, machine, want, why) in enumerate(ROWS, 1):
        if why == TCG and accel == "tcg":
            print(f"ok {i} -smp '{smp}' on {machine} # SKIP no usable /dev/kvm")
            continue
        ours = run(ACCELVM, accel, smp, machine)
        ok = matches(ours, want)
        note = ""
        if QEMU and ok:
            theirs = run(QEMU, "tcg", smp, machine)
            equal = theirs[0] == ours[0] and (ours[0] or theirs[1] == ours[1])
            same += equal
            differ += not equal
            if equal == (why is not None):
                ok = False
                note = f"QEMU {'does the same after all' if equal else 'differs: ' + repr(theirs)}"
        bad += not ok
        print(f"{'ok' if ok else 'not ok'} {i} -smp '{smp}' on {machine}")
        if not ok:
            print(f"# got {ours}, expected {want!r} {note}")
    if QEMU:
        print(f"# compared with QEMU: {same} equal, {differ} different for a reason")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
