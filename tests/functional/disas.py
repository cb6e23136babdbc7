#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""x /i and xp /i of the human monitor: real, protected and long mode, next to QEMU; no library.

usage: disas.py ACCELVM TCG-MODULE-FOLDER HAVE-CAPSTONE [QEMU]
"""
import asyncio
import os
import random
import struct
import subprocess
import sys
import tempfile
import unittest

ACCELVM, MODULES, BUILT_WITH = sys.argv.pop(1), sys.argv.pop(1), sys.argv.pop(1) == 'true'
QEMU = sys.argv.pop(1) if len(sys.argv) > 1 else None
os.environ['ACCELVM'] = ACCELVM
os.environ['ACCELVM_MODULE_PATH'] = MODULES
import launcher_lib                                         # noqa: E402
from monitor import why_not_this_qemu                       # noqa: E402
from qmp_client import Machine                              # noqa: E402

ACCEL = ('kvm' if launcher_lib.have_kvm() else
         'tcg' if os.path.exists(f'{MODULES}/accel-tcg.so') else None)
ROM, RANDOM = 0xf0000, 0x1000


def disassembler():
    """Why there is none, None when there is."""
    said = subprocess.run([ACCELVM, *launcher_lib.BARE, '-accel', 'qtest', '-S', '-monitor',
                           'stdio'], input='xp /i 0\nquit\n', capture_output=True, text=True,
                          timeout=60, check=False).stdout
    return 'libcapstone is not there' if 'install the package' in said else None


NO_LIBRARY = disassembler()
needs_library = unittest.skipIf(NO_LIBRARY, NO_LIBRARY)
needs_cpu = unittest.skipUnless(ACCEL, 'no /dev/kvm, and built without the software CPU')


def le32(value):
    return struct.pack('<I', value)


def entry(mode):
    """Code at the beginning of the ROM: into that mode, and to sleep."""
    gdt_at, sleep = 0xe00, bytes.fromhex('f4 eb fd')
    code = bytes.fromhex('fa')
    if mode > 16:
        code += bytes.fromhex('2e 66 0f 01 16') + struct.pack('<H', gdt_at)
        code += bytes.fromhex('0f 20 c0 0c 01 0f 22 c0 66 ea')
        code += le32(ROM + len(code) + 6) + bytes.fromhex('08 00')
    if mode == 64:
        for at, value in (0x1000, 0x2003), (0x2000, 0x3003), (0x3000, 0x83):
            code += bytes.fromhex('c7 05') + le32(at) + le32(value)
        code += bytes.fromhex('b8 00 10 00 00 0f 22 d8 0f 20 e0 0c 20 0f 22 e0 b9 80 00 00 c0 0f 32'
                              '0f ba e8 08 0f 30 0f 20 c0 0d 00 00 00 80 0f 22 c0 ea')
        code += le32(ROM + len(code) + 6) + bytes.fromhex('10 00')
    table = struct.pack('<HIH3Q', 23, ROM + gdt_at + 8, 0, 0, 0xcf9b000000ffff, 0xaf9b000000ffff)
    return (code + sleep).ljust(gdt_at, b'\x90') + table, ROM + len(code) + 1


def rom(path, mode):
    """The ROM's file. Returns: where its CPU sleeps."""
    begin, asleep = entry(mode)
    noise = bytes(random.Random(mode).randrange(256) for _ in range(0xf000 - 16))
    with open(path, 'wb') as f:
        f.write(begin.ljust(RANDOM, b'\x90') + noise)
        f.write(bytes.fromhex('ea 00 00 00 f0').ljust(16, b'\0'))
    return asleep


class Disassembly(unittest.IsolatedAsyncioTestCase):
    async def machine(self, program, accel, *options):
        m = Machine(program, '-no-user-config', '-M', 'pc', '-m', '32', '-accel', accel, *options)
        await m.__aenter__()
        self.addAsyncCleanup(m.__aexit__)
        await m.clients[0].negotiate()
        return m

    async def say(self, m, line):
        text = await m.clients[0].call('human-monitor-command', command_line=line)
        return text.replace('\r\n', '\n')

    async def asleep(self, program, accel, mode):
        path = os.path.join(self.folder, f'rom{mode}')
        where = rom(path, mode)
        m = await self.machine(program, accel, '-bios', path)
        for _ in range(1500):
            if int(await self.say(m, 'p $pc'), 0) == where:
                await m.clients[0].call('stop')
                return m
            await asyncio.sleep(0.02)
        self.fail(f'{program} is not at {where:#x}: ' + await self.say(m, 'info registers'))

    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    async def like_qemu(self, mode):
        ours = await self.asleep(ACCELVM, ACCEL, mode)
        lines = [f'x /400i {ROM + RANDOM:#x}', f'xp /400i {ROM + RANDOM + 5000:#x}', 'x /2i $pc',
                 f'xp /i {ROM:#x}', f'xp /0i {ROM:#x}', f'xp /3hi {ROM:#x}']
        if mode == 16:
            lines += ['x /i 0xfffffff0', 'xp /i 0x100000000', 'x /i 0xffffffffffffffff',
                      'x /i 0x100000000']
        texts = [await self.say(ours, line) for line in lines]
        self.assertGreaterEqual(texts[0].count('\n'), 400)
        self.assertRegex(texts[2], r':  eb fd +jmp +\S+\n.*nop')
        if why_not_this_qemu([QEMU] if QEMU else []) or 'Asm output' in await self.qemu_says():
            return
        qemu = await self.asleep(QEMU, 'tcg', mode)
        for line, text in zip(lines, texts):
            self.assertEqual(text, await self.say(qemu, line), line)

    async def qemu_says(self):
        return await self.say(await self.machine(QEMU, 'tcg', '-S'), 'xp /i 0')

    @needs_library
    @needs_cpu
    async def test_real_mode(self):
        await self.like_qemu(16)

    @needs_library
    @needs_cpu
    async def test_protected_mode(self):
        await self.like_qemu(32)

    @needs_library
    @needs_cpu
    async def test_long_mode(self):
        await self.like_qemu(64)

    @needs_library
    async def test_no_cpu_to_ask(self):
        """qtest runs no CPU: memory is what it is, and the mode that of a reset."""
        m = await self.machine(ACCELVM, 'qtest', '-S', '-bios', self.small())
        self.assertEqual(await self.say(m, 'xp /i 0xffff0'),
                         '0x000ffff0:  ea 00 00 00 f0           ljmpw    $0xf000:$0x0\n')

    @needs_library
    async def test_end_of_memory(self):
        """The last instructions before the end are shown; what is cut off is not guessed."""
        path = self.small()
        with open(path, 'r+b') as f:
            f.seek(-12, os.SEEK_END)
            f.write(bytes.fromhex('90 f4 b8 34 12 06 ff 90 90 90 90 ea'))
        m = await self.machine(ACCELVM, 'qtest', '-S', '-bios', path)
        self.assertEqual(
            await self.say(m, 'xp /20i 0xfffffff4'),
            '0xfffffff4:  90                       nop      \n'
            '0xfffffff5:  f4                       hlt      \n'
            '0xfffffff6:  b8 34 12                 movw     $0x1234, %ax\n'
            '0xfffffff9:  06                       pushw    %es\n'
            '0xfffffffa:  ff 90 90 90              callw    *-0x6f70(%bx, %si)\n'
            '0xfffffffe:  90                       nop      \n'
            '0xffffffff: unable to read memory\n')

    def small(self):
        path = os.path.join(self.folder, 'rom')
        rom(path, 16)
        return path

    @needs_library
    async def test_not_loaded_before(self):
        """A start does not pay for it."""
        m = await self.machine(ACCELVM, 'qtest', '-S')
        maps = f'/proc/{m.process.pid}/maps'
        with open(maps, encoding='utf-8') as f:
            self.assertNotIn('capstone', f.read())
        await self.say(m, 'xp /i 0')
        with open(maps, encoding='utf-8') as f:
            self.assertIn('capstone', f.read())

    async def test_no_library(self):
        """The error names the package; the library may come later."""
        for version in range(3, 10):
            with open(os.path.join(self.folder, f'libcapstone.so.{version}'), 'wb') as f:
                f.write(b'no library')
        m = Machine(ACCELVM, '-accel', 'qtest', '-S')
        m.command = ['/usr/bin/env', f'LD_LIBRARY_PATH={self.folder}', *m.command]
        await m.__aenter__()
        self.addAsyncCleanup(m.__aexit__)
        await m.clients[0].negotiate()
        for _ in range(2):
            text = await self.say(m, 'xp /i 0')
            self.assertRegex(text, 'install the package libcapstone' +
                             (r'\d\n' if BUILT_WITH else '-dev'))
        self.assertEqual(BUILT_WITH, 'file too short' in text, text)


if __name__ == '__main__':
    launcher_lib.main()
