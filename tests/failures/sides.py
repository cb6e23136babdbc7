#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ten failures side by side: what QEMU prints and what accelvm prints, for docs/failures.rst.

Theory of operation: each scenario is a made-up host (a folder of small files that ACCELVM_HOST_ROOT
names), what the fake KVM does on it, and a command line. Both programs run for real. The page has
places `.. BEGIN name` ... `.. END name` that are filled by --write; the test compares them with what
the programs print now. QEMU's part is compared where QEMU 7.2 is installed.

usage: sides.py [--write] PAGE
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

import rig
import table

USER = {'/proc/self/status': 'Uid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\n'
                             'Groups:\t27 1000\n',
        '/etc/passwd': 'root:x:0:0::/root:\nann:x:1000:1000::/home/ann:\n'}
GROUP = {'/etc/group': 'root:x:0:\nkvm:x:104:bob\n'}
NODE = {'/stat/dev/kvm': 'mode=0660 uid=0 gid=104 type=char rdev=10:232'}
INTEL = {'/proc/cpuinfo': 'vendor_id : GenuineIntel\nflags : fpu vmx\n'}
CLOUD = {'/proc/cpuinfo': 'vendor_id : GenuineIntel\nflags : fpu hypervisor\n',
         '/sys/class/dmi/id/sys_vendor': 'Microsoft Corporation',
         '/sys/class/dmi/id/product_name': 'Virtual Machine'}
ABSENT, DENIED = 'node errno=ENOENT', 'node errno=EACCES'

# name, title, host, fake KVM, arguments
SCENARIOS = [
    ('module', 'No /dev/kvm: the module is not loaded', {**USER, **INTEL}, ABSENT, []),
    ('permission', 'No permission', {**USER, **GROUP, **NODE}, DENIED, []),
    ('new-group', 'No permission, although the group was just joined',
     {**USER, **NODE, '/etc/group': 'kvm:x:104:ann\n'}, DENIED, []),
    ('container', 'No /dev/kvm in a container', {**USER, **INTEL, '/.dockerenv': ''}, ABSENT, []),
    ('cloud', 'No /dev/kvm in a cloud machine', {**USER, **CLOUD}, ABSENT, []),
    ('wrong-node', 'Something else stands at /dev/kvm',
     {**USER, '/stat/dev/kvm': 'mode=0666 uid=0 gid=0 type=char rdev=1:3'},
     'fault call=KVM_GET_API_VERSION errno=ENOTTY', []),
    ('old-api', 'A KVM with an old API', {**USER, **NODE}, 'api 11', []),
    ('hypervisor', 'Another hypervisor is at work',
     {**USER, **NODE, '/proc/modules': 'vboxdrv 638976 2 - Live 0x0\n'},
     'fault call=KVM_CREATE_VM errno=EBUSY', []),
    ('files', 'Too many vCPUs for the limit of open files',
     {**USER, **NODE, '/proc/self/limits': 'Max open files            12                   1048576   '
                                           '           files\n',
      **{f'/proc/self/fd/{n}': '' for n in range(11)}},
     'fault call=KVM_CREATE_VCPU nth=2 errno=EMFILE', []),
    ('hard-limit', 'More vCPUs than KVM can do', {**USER, **NODE}, 'cap NR_VCPUS 2; cap MAX_VCPUS 2',
     ['-smp', '4']),
]


def run(program, host, scenario, arguments, qemu):
    """What PROGRAM prints on the made-up host, as a user of it sees it."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in host.items():
            os.makedirs(root + os.path.dirname(path), exist_ok=True)
            with open(root + path, 'w', encoding='utf-8') as file:
                file.write(text)
        env = dict(os.environ, LD_PRELOAD=rig.LIBRARY, LC_ALL='C', FAKEKVM_SCENARIO='',
                   FAKEKVM_RECORD='', FAKEKVM_SCENARIO_TEXT=table.GUEST + '; ' + scenario,
                   ACCELVM_HOST_ROOT=root, NO_COLOR='1')
        if not any(a == '-smp' for a in arguments):
            arguments = ['-smp', '2']
        extra = rig.COMMON + ['-M', 'microvm', '-no-reboot', '-accel', 'kvm', *arguments]
        done = subprocess.run([program, *extra], env=env, stdin=subprocess.DEVNULL, timeout=rig.DEADLINE,
                              capture_output=True, text=True, check=False)
    name = 'qemu-system-x86_64' if qemu else 'accelvm'
    return done.stderr.replace(f'{program}: ', f'{name}: ')


def block(text):
    return '::\n\n' + '\n'.join('    ' + line if line else '' for line in text.rstrip().split('\n')) + '\n'


def sides():
    """{name: text} for both sides of every scenario; QEMU's only where it is installed."""
    places = {}
    for name, _, host, scenario, arguments in SCENARIOS:
        places[name + ' accelvm'] = block(run(rig.ACCELVM, host, scenario, arguments, False))
        if shutil.which(rig.QEMU):
            places[name + ' qemu'] = block(run(rig.QEMU, host, scenario, arguments, True))
    places['differences'] = differences()
    return places


def reason(text):
    """Without ids that only the table's author knows."""
    return re.sub(r' \([A-Z]+\d+\)', '', text)


def differences():
    """The table's differences: who says what, and why."""
    seen, lines = set(), []
    for row in table.read(table.TABLE):
        key = (row.keys.get('message'), row.keys.get('warning'), row.keys.get('why'),
               row.keys.get('alone'))
        if (not row.get('why') and not row.get('alone')) or key in seen:
            continue
        seen.add(key)
        ours = row.keys.get('message') or row.keys.get('warning') or 'runs'
        theirs = row.keys.get('qemu') or 'nothing'
        ours, theirs = ours.replace('{e}', 'E'), theirs.replace('{e}', 'E')
        lines.append(f'``{row.get("stage", row.name)}`` {ours.replace("{strerror}", "TEXT").replace("{E}", "N")}')
        if row.get('why'):
            theirs = theirs.replace('{strerror}', 'TEXT').replace('{E}', 'N')
            lines.append(f'    QEMU: {theirs.rstrip(".")}. Why: {reason(row.get("why"))}.')
        else:
            lines.append(f'    {row.get("alone")[0].upper()}{row.get("alone")[1:]}: not compared.')
    return '\n'.join(lines).replace('*', '\\*') + '\n'


def place(name):
    return re.compile(rf'(?<=\.\. BEGIN {re.escape(name)}\n\n)(.*?)(?=\n\.\. END\n)', re.S)


def main():
    page_name = [a for a in sys.argv[1:] if not a.startswith('--')][0]
    with open(page_name, encoding='utf-8') as file:
        page = file.read()
    if '--write' in sys.argv:
        for name, text in sides().items():
            page, n = place(name).subn(lambda _, text=text: text, page)
            if n != 1:
                sys.exit(f'{page_name}: {n} places for {name}')
        with open(page_name, 'w', encoding='utf-8') as file:
            file.write(page)
        return 0
    tap = rig.Tap()
    for name, text in sides().items():
        found = place(name).search(page)
        tap.result(found and found.group(1) == text, f'{name} is as the page says',
                   f'the page has:\n{found and found.group(1)}\nnow it is:\n{text}')
        if name.endswith(' accelvm') and name != 'hard-limit accelvm':
            lines = text.split('\n')
            tap.result('  cause: ' in lines[3] and '  remedy: ' in lines[4],
                       f'{name}: cause, then remedy', text)
    return tap.end()


if __name__ == '__main__':
    sys.exit(main())
