#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The documents are well-formed, and the index names every page. TAP.

usage: docs.py SOURCE-ROOT RST2HTML
"""
import pathlib
import subprocess
import sys

ROOT, RST = pathlib.Path(sys.argv[1]), sys.argv[2]


def main():
    pages = sorted(ROOT.glob("docs/**/*.rst")) + [ROOT / "tests/guests/README.rst"]
    index = (ROOT / "docs/index.rst").read_text(encoding="utf-8")
    bad = 0
    print(f"1..{2 * len(pages)}")
    for i, page in enumerate(pages):
        name = page.relative_to(ROOT)
        r = subprocess.run([RST, "--report=2", "--halt=2", str(page), "/dev/null"],
                           capture_output=True, text=True, timeout=60)
        listed = page.name == "index.rst" or page.name in index
        print(f"{'ok' if r.returncode == 0 else 'not ok'} {2 * i + 1} {name} is well-formed")
        if r.returncode:
            print("# " + r.stderr.strip().replace("\n", "\n# "))
        print(f"{'ok' if listed else 'not ok'} {2 * i + 2} {name} is in the index")
        bad += r.returncode != 0 or not listed
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
