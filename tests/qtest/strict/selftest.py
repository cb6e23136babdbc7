#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
Can the cases fail? Run each against a stand-in that connects, greets, and answers every command with
an empty success: all of them have to notice. Usage: selftest.py STAND-IN
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import strict.cases_config   # noqa: E402,F401
import strict.cases_cpu      # noqa: E402,F401
import strict.cases_devices  # noqa: E402,F401
import strict.cases_hmp      # noqa: E402,F401
import strict.cases_machine  # noqa: E402,F401
import strict.cases_qmp      # noqa: E402,F401
import strict.cases_rtc      # noqa: E402,F401
from strict import client    # noqa: E402
from strict.registry import CASES, Skip, run_case  # noqa: E402


def main():
    client.REPLY_S = 1   # the stand-in never sends an event: do not wait for one for long
    failed = 0
    print(f"1..{len(CASES)}")
    for number, name in enumerate(CASES, 1):
        options = argparse.Namespace(binary=sys.argv[1], accel="qtest", era="10.2")
        try:
            why = run_case(name, options)
        except Skip as reason:   # it found that there is nothing to test: that is noticing, too
            why = str(reason)
        failed += not why
        print(f"{'ok' if why else 'not ok'} {number} {name} # {why and why.splitlines()[0][:80]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
