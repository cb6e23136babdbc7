#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The library's ABI against the recorded one: exported names and the layout of every public structure.

  abi.py LIBRARY SOURCE-FOLDER               the test, TAP
  abi.py LIBRARY SOURCE-FOLDER --record      record anew; refused when the version has to change first
  abi.py LIBRARY SOURCE-FOLDER --record --unreleased   nobody has got this version yet

Theory of operation: tests/abi/libaccelvm-MAJOR.MINOR.abi is what abidw (libabigail) saw at the last
record; MAJOR.MINOR are ACCELVM_PLUGIN_ABI_* of include/hw/plugin.h. An addition needs a higher minor
number, any other change a higher major one; abidiff says which of the two it is. The test also turns
the record into ones that the library differs from, to see that each difference is noticed.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

LIBRARY, TOP = sys.argv[1], os.path.abspath(sys.argv[2])
HERE = os.path.join(TOP, 'tests/abi')
INCLUDE = os.path.join(TOP, 'include')
ADDED, CHANGED = 4, 8 # bits of abidiff's status: differs; differs so that users break


def version_of_headers():
    with open(os.path.join(INCLUDE, 'hw/plugin.h'), encoding='utf-8') as header:
        text = header.read()
    return tuple(int(re.search(rf'ABI_{part} (\d+)', text)[1]) for part in ('MAJOR', 'MINOR'))


def recorded():
    """(version, path) of the one record there is."""
    paths = glob.glob(os.path.join(HERE, 'libaccelvm-*.abi'))
    if len(paths) != 1:
        return None, None
    return tuple(int(n) for n in re.findall(r'-(\d+)\.(\d+)\.abi$', paths[0])[0]), paths[0]


def abidw(out):
    subprocess.run(['abidw', '--headers-dir', INCLUDE, '--drop-private-types', '--no-corpus-path',
                    '--no-comp-dir-path', '--no-show-locs', '--drop-undefined-syms',
                    '--type-id-style', 'hash', '--out-file', out, LIBRARY], check=True)


def compare(old, new):
    """(bits, text); changes that leave size, offsets and names as they are do not count."""
    done = subprocess.run(['abidiff', '--no-show-locs', old, new], capture_output=True, text=True,
                          check=False)
    if done.returncode & 3:
        raise SystemExit(f'abidiff: {done.stderr}')
    bits = done.returncode & (ADDED | CHANGED)
    # a changed structure or a removed name breaks users; abidiff calls the former "may be"
    if re.search(r'[1-9]\d* (Removed|Changed)', done.stdout):
        bits |= CHANGED
    return bits, done.stdout


def needed(bits, old):
    """The lowest version that a library with such differences may have."""
    if bits & CHANGED:
        return (old[0] + 1, 0)
    return (old[0], old[1] + 1) if bits else old


def record(folder, unreleased):
    old, path = recorded()
    now = version_of_headers()
    new = os.path.join(folder, 'new.abi')
    abidw(new)
    if path and not unreleased:
        must = needed(compare(path, new)[0], old)
        if now < must:
            raise SystemExit(f'the ABI has changed: set ACCELVM_PLUGIN_ABI_MAJOR and _MINOR to '
                             f'{must[0]}.{must[1]} first')
    if path:
        os.unlink(path)
    shutil.copyfile(new, os.path.join(HERE, f'libaccelvm-{now[0]}.{now[1]}.abi'))


class Tap:
    number = failed = 0

    def line(self, good, text, detail=''):
        Tap.number += 1
        Tap.failed += not good
        print(f'{"ok" if good else "not ok"} {Tap.number} - {text}')
        for row in detail.splitlines() if not good else []:
            print('# ' + row)


def altered(path, folder, pattern, replacement):
    with open(path, encoding='utf-8') as text:
        changed, n = re.subn(pattern, replacement, text.read(), count=1, flags=re.S)
    if n != 1:
        raise SystemExit(f'{path}: no {pattern}')
    out = os.path.join(folder, 'altered.abi')
    with open(out, 'w', encoding='utf-8') as text:
        text.write(changed)
    return out


def test(folder):
    tap = Tap()
    old, path = recorded()
    now = version_of_headers()
    new = os.path.join(folder, 'new.abi')
    tap.line(path is not None, 'there is one record')
    abidw(new)
    bits, text = compare(path, new)
    must = needed(bits, old)
    tap.line(now >= must, 'no change of the ABI without a change of its version',
             f'the headers say {now[0]}.{now[1]}; this needs {must[0]}.{must[1]} at least. '
             f'Then: tests/abi/abi.py LIBRARY . --record\n{text}')
    tap.line(bits == 0 and now == old, 'the record is of this version',
             'run tests/abi/abi.py LIBRARY . --record')

    name = 'accel_version'
    less = altered(path, folder, rf"\s*<elf-symbol name='{name}'[^>]*/>", '')
    tap.line(compare(less, new)[0] != 0, 'a new function is noticed')
    more = altered(path, folder, rf"(<elf-symbol name=')({name})('[^>]*/>)", r'\1\2\3\n\1accel_gone\3')
    tap.line(bool(compare(more, new)[0] & CHANGED), 'a function that is gone is noticed')
    size = altered(path, folder, r"(<class-decl name='AccelSpec' size-in-bits=')\d+", r'\g<1>64')
    tap.line(bool(compare(size, new)[0] & CHANGED), 'a structure of another size is noticed')
    print(f'1..{Tap.number}')
    return 1 if Tap.failed else 0


def main():
    if not shutil.which('abidw') or not shutil.which('abidiff'):
        print('1..0 # SKIP abidw and abidiff (package abigail-tools) are not installed')
        return 0
    with tempfile.TemporaryDirectory(prefix='accelvm-abi.') as folder:
        if '--record' in sys.argv:
            record(folder, '--unreleased' in sys.argv)
            return 0
        return test(folder)


sys.exit(main())
