#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real firmware under KVM with each kind of interrupt controllers: SeaBIOS comes to its boot menu,
which needs the timer, the keyboard controller and the serial line to work."""
import os
import tempfile
import unittest

from launcher_lib import ACCELVM, BARE, main, needs_kvm, talk

BIOS = '/usr/share/seabios/bios-256k.bin'
PROMPTS = [b'Press ESC for boot menu', b'Select boot device:']


@needs_kvm
@unittest.skipUnless(os.path.exists(BIOS), f'no {BIOS} (Debian package seabios)')
class SeaBios(unittest.TestCase):
    def boots(self, machine, irqchip, *firmware):
        with tempfile.NamedTemporaryFile() as debug:
            line = [ACCELVM, *BARE, '-accel', f'kvm,kernel-irqchip={irqchip}', '-m', '64',
                    '-M', f'{machine},graphics=off', '-cpu', 'qemu64', '-serial', 'stdio',
                    '-boot', 'menu=on,splash-time=30000', *firmware,
                    '-chardev', f'file,id=d,path={debug.name}',
                    '-device', 'isa-debugcon,iobase=0x402,chardev=d']
            text, status = talk(line, PROMPTS, b'\x1b')
            log = debug.read()
        self.assertIn(PROMPTS[-1], text)
        self.assertIn(b'SeaBIOS (version', log)
        self.assertEqual(status, 0)

    def test_irqchips(self):
        for machine in ('isapc', 'pc-lite'):
            for irqchip in ('on', 'split', 'off'):
                with self.subTest(machine=machine, irqchip=irqchip):
                    self.boots(machine, irqchip, '-bios', BIOS)

    def test_in_flash(self):
        self.boots('pc-lite', 'on', '-drive', f'if=pflash,format=raw,readonly=on,file={BIOS}')


if __name__ == '__main__':
    main()
