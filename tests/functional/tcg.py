#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The software CPU under the launcher: real firmware, a missing module, help. TAP.

Arguments: the launcher, the folder of the module, the folder of the guests.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

from launcher_lib import LIMIT, talk

ACCELVM, MODULES, GUESTS = sys.argv[1:4]
BIOS = '/usr/share/seabios/bios.bin'
HAVE = os.path.exists(os.path.join(MODULES, 'accel-tcg.so'))
BASE = ['-accel', 'tcg', '-m', '64', '-nodefaults', '-no-user-config', '-display', 'none']
EXIT = ['-device', 'isa-debug-exit,iobase=0xf4,iosize=0x4']


def run(args, modules=MODULES):
    env = dict(os.environ, ACCELVM_MODULE_PATH=modules)
    return subprocess.run([ACCELVM] + args, env=env, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=LIMIT, check=False)


def firmware(machine):
    """SeaBIOS prints its banner on both lines; ESC brings the boot menu."""
    if not HAVE:
        return 'skip: libunicorn was not there when this was built'
    if not os.path.exists(BIOS):
        return f'skip: no {BIOS} (Debian package seabios)'
    with tempfile.NamedTemporaryFile() as debug:
        line = [ACCELVM, '-M', machine + ',graphics=off', '-boot', 'menu=on,splash-time=30000',
                '-bios', BIOS, '-cpu', 'qemu64', '-serial', 'stdio', *BASE,
                '-chardev', 'file,id=d,path=' + debug.name,
                '-device', 'isa-debugcon,iobase=0x402,chardev=d']
        text, _ = talk(line, [b'Press ESC for boot menu', b'Select boot device:'], b'\x1b',
                       dict(os.environ, ACCELVM_MODULE_PATH=MODULES))
        log = debug.read()
    for want, where, name in ((b'SeaBIOS (version', text, 'serial line'),
                              (b'Select boot device:', text, 'serial line'),
                              (b'SeaBIOS (version', log, 'debug port')):
        if want not in where:
            return f'no {want!r} on the {name}: {where[-300:]!r}'
    return None


def missing_module():
    """No module: a message that names the package, and kvm's help still works."""
    done = run(['-M', 'none'] + BASE, '/nonexistent')
    if done.returncode != 1 or 'Debian package libunicorn2' not in done.stderr:
        return f'status {done.returncode}: {done.stderr}'
    done = run(['-accel', 'kvm,help'], '/nonexistent')
    return None if done.returncode == 0 else f'-accel kvm,help: {done.stderr}'


def broken_module():
    """A module that cannot be loaded, as where the library behind it was removed."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, 'accel-tcg.so'), 'wb') as fake:
            fake.write(b'no shared object')
        done = run(['-M', 'none'] + BASE, folder)
    if done.returncode != 1 or 'Debian package libunicorn2' not in done.stderr:
        return f'status {done.returncode}: {done.stderr}'
    return None


def help_text():
    if not HAVE:
        return 'skip: libunicorn was not there when this was built'
    done = run(['-accel', 'tcg,help'])
    if done.returncode != 0 or 'thread=<single>' not in done.stdout:
        return f'{done.returncode} {done.stdout} {done.stderr}'
    done = run(['-accel', 'tcg,thread=multi', '-M', 'none'])
    if done.returncode != 1 or "does not accept value 'multi'" not in done.stderr:
        return f'thread=multi: {done.returncode} {done.stderr}'
    return None


def not_linked():
    """Neither the launcher nor the library needs libunicorn."""
    ldd = shutil.which('ldd')
    if ldd is None:
        return 'skip: no ldd'
    text = subprocess.run([ldd, ACCELVM], capture_output=True, text=True, check=False).stdout
    return 'the launcher links libunicorn' if 'unicorn' in text else None


def same_as_kvm():
    """The demo on four vCPUs, byte by byte, where there is a KVM."""
    if not HAVE:
        return 'skip: libunicorn was not there when this was built'
    if not os.access('/dev/kvm', os.R_OK | os.W_OK):
        return 'skip: no usable /dev/kvm'
    rest = ['-M', 'microvm', '-smp', '4', '-serial', 'stdio', '-bios',
            os.path.join(GUESTS, 'demo.rom')] + EXIT
    tcg = run(BASE + rest)
    kvm = run(['-accel', 'kvm'] + BASE[2:] + rest)
    if (tcg.stdout, tcg.returncode) != (kvm.stdout, kvm.returncode):
        return f'tcg {tcg.returncode} {tcg.stdout!r}, kvm {kvm.returncode} {kvm.stdout!r}'
    return None


CASES = [('SeaBIOS on isapc', lambda: firmware('isapc')),
         ('SeaBIOS on pc-lite', lambda: firmware('pc-lite')),
         ('missing module', missing_module), ('broken module', broken_module),
         ('help and properties', help_text), ('libunicorn is not linked', not_linked),
         ('the demo prints what it prints under kvm', same_as_kvm)]


def main():
    failed = 0
    print(f'1..{len(CASES)}')
    for number, (name, case) in enumerate(CASES, 1):
        start = time.monotonic()
        problem = case()
        if problem is None:
            print(f'ok {number} - {name}')
        elif problem.startswith('skip: '):
            print(f'ok {number} - {name} # SKIP {problem[6:]}')
        else:
            failed += 1
            print(f'not ok {number} - {name}')
            print('\n'.join('# ' + line for line in problem.splitlines()))
        print(f'# {time.monotonic() - start:.1f} s', flush=True)
    return 1 if failed else 0


sys.exit(main())
