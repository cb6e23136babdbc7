#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
Black-box conformance: drive a binary the way QEMU's own test programs do, and report in TAP.

  strict-client.py --binary build/system/accelvm [--era 7.2] [CASE...]

CASE is the name of a case or the beginning of one ("rtc/"); without any, all run. The exit status
is 0 when none failed. To try the cases themselves on a QEMU without the qtest accelerator, say
--accel tcg: those that need the virtual clock are skipped then.
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import strict.cases_config   # noqa: E402,F401
import strict.cases_cpu      # noqa: E402,F401
import strict.cases_devices  # noqa: E402,F401
import strict.cases_hmp      # noqa: E402,F401
import strict.cases_machine  # noqa: E402,F401
import strict.cases_qmp      # noqa: E402,F401
import strict.cases_rtc      # noqa: E402,F401
from strict.client import ERAS  # noqa: E402
from strict.registry import CASES, Skip, run_case  # noqa: E402


def parse():
    parser = argparse.ArgumentParser(description="strict qtest and QMP conformance client")
    parser.add_argument("--binary", default=os.environ.get("QTEST_QEMU_BINARY") or
                        os.environ.get("ACCELVM_BINARY"), help="program under test")
    parser.add_argument("--era", choices=ERAS, default="7.2", help="whose client to be")
    parser.add_argument("--accel", default="qtest", help="value of the final -accel option")
    parser.add_argument("--pending", action="append", default=[], metavar="CASE",
                        help="may fail for now; shown as TODO then")
    parser.add_argument("--list", action="store_true", help="list the cases")
    parser.add_argument("cases", nargs="*", metavar="CASE")
    return parser.parse_args()


def choose(patterns):
    names = [n for n in CASES if not patterns or any(n == p or n.startswith(p) for p in patterns)]
    unused = [p for p in patterns if not any(n.startswith(p) for n in CASES)]
    if unused:
        sys.exit(f"strict-client: no such case: {' '.join(unused)}")
    return names


def run_all(names, options):
    failed = 0
    print(f"1..{len(names)}", flush=True)
    for number, name in enumerate(names, 1):
        pending = any(name.startswith(p) for p in options.pending)
        try:
            why = run_case(name, options)
            note = " # TODO" if pending and why else ""
        except Skip as reason:
            why, note = None, f" # SKIP {reason}"
        print(f"{'not ok' if why else 'ok'} {number} {name}{note}", flush=True)
        for line in (why or "").splitlines():
            print(f"# {line[:2000]}", flush=True)
        failed += bool(why) and not pending
    return failed


def main():
    options = parse()
    names = choose(options.cases)
    if options.list:
        print("\n".join(names))
        return 0
    if not options.binary:
        print("1..0 # SKIP no binary: use --binary or set QTEST_QEMU_BINARY")
        return 0
    return 1 if run_all(names, options) else 0


if __name__ == "__main__":
    sys.exit(main())
