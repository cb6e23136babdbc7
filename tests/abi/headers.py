#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every installed header compiles alone, twice in a row, as C and as C++, with warnings as errors.

usage: headers.py BUILD-FOLDER [-I FOLDER...] TAP, a line for each header and language."""
import json
import os
import shutil
import subprocess
import sys

# trace-events.h is a list that its includer gives a meaning, and not for including alone.
LISTS = {'trace-events.h'}
LANGUAGES = {
    'C': ['cc', '-x', 'c', '-std=gnu11', '-Wpedantic', '-Wstrict-prototypes'],
    'C++': ['c++', '-x', 'c++', '-std=c++17', '-Wno-missing-field-initializers'],
}


def glib_flags():
    done = subprocess.run(['pkg-config', '--cflags', 'glib-2.0'], capture_output=True, text=True,
                          check=True)
    return done.stdout.split()


def compile_one(command, header, folders):
    text = f'#include "{header}"\n#include "{header}"\nint used_by_nobody;\n'
    # as a user's compiler sees them: through -I, not as system headers
    line = [*command, '-fsyntax-only', '-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter',
            *[f'-I{folder}' for folder in folders], *glib_flags(), '-']
    return subprocess.run(line, input=text, capture_output=True, text=True, check=False)


def main():
    build, folders = sys.argv[1], [arg for arg in sys.argv[2:] if arg != '-I']
    with open(os.path.join(build, 'meson-info', 'intro-installed.json'), encoding='utf-8') as table:
        headers = sorted(path for path in json.load(table)
                         if path.endswith('.h') and os.path.basename(path) not in LISTS)
    number = 0
    for header in headers:
        name = os.path.relpath(header, folders[0]) if header.startswith(folders[0]) else header
        for language, command in LANGUAGES.items():
            number += 1
            if not shutil.which(command[0]):
                print(f'ok {number} - {name} as {language} # SKIP no {command[0]}')
                continue
            done = compile_one(command, header, folders)
            print(f'{"ok" if done.returncode == 0 else "not ok"} {number} - {name} as {language}')
            for line in done.stderr.splitlines() if done.returncode else []:
                print('# ' + line)
    print(f'1..{number}')


main()
