#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Levels and feature words of a CPU object, next to QEMU's. What a host lacks is no matter of this
test: QEMU says it in "filtered-features", and our qtest accelerator has no host.

usage: cpu-words.py ACCELVM [QEMU]
"""
import asyncio
import os
import sys
import unittest

ACCELVM = sys.argv.pop(1)
QEMU = sys.argv.pop(1) if len(sys.argv) > 1 else None
os.environ['ACCELVM'] = ACCELVM
import launcher_lib                                         # noqa: E402
from monitor import why_not_this_qemu                       # noqa: E402
from qmp_client import Machine                              # noqa: E402

LEVELS = ('level', 'xlevel', 'xlevel2', 'min-level', 'min-xlevel', 'min-xlevel2')
VME = {(1, 'EDX', None): 2, (0x80000001, 'EDX', None): 2}   # QEMU's software CPU is asked for none
MODELS = ('qemu64', 'qemu32', '486', 'pentium', 'athlon', 'phenom', 'Conroe', 'core2duo', 'n270',
          'kvm64', 'SandyBridge', 'Haswell,+avx512f', 'Skylake-Server', 'EPYC', 'Opteron_G5',
          '486,+arat', 'phenom,fsgsbase=on', 'phenom,+xsaveopt', '486,3dnow=on', '486,invtsc=on',
          'phenom,xstore=on', '486,xlevel2=0xC0000002', '486,min-level=0x10', '486,level=3,+arat',
          '486,min-xlevel=0x8000001f', '486,min-xlevel2=0xc0000004', '486,level=0xffff,min-level=5',
          '486,vendor=AuthenticAMD,+syscall', 'phenom,vendor=GenuineIntel', 'qemu64,+xsave,+avx',
          'Haswell,-avx', 'Skylake-Server,-pku', '486,npt=on', 'qemu64,-svm,+nrip-save', 'Haswell,-xsave',
          '486,+pdcm', 'Skylake-Server,-xsave', 'Skylake-Server,-xsave,+xsaves')


def words(rows):
    """{where: features}; each once."""
    out = {(r['cpuid-input-eax'], r['cpuid-register'], r.get('cpuid-input-ecx')): r['features']
           for r in rows}
    assert len(out) == len(rows), rows
    return out


class Words(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)

    async def facts(self, program, accel, model):
        async with Machine(program, '-no-user-config', '-M', 'pc', '-S', '-accel', accel, '-cpu',
                           model) as vm:
            client = vm.clients[0]
            await client.negotiate()
            path = (await client.call('query-cpus-fast'))[0]['qom-path']
            levels = {n: await client.call('qom-get', path=path, property_=n) for n in LEVELS}
            has, lacks = [words(await client.call('qom-get', path=path, property_=n))
                          for n in ('feature-words', 'filtered-features')]
            self.assertEqual(has.keys(), lacks.keys())
            return levels, {w: (has[w] | lacks[w]) & ~VME.get(w, 0) for w in has}

    async def test_like_qemu(self):
        reason = why_not_this_qemu([QEMU] if QEMU else [])
        if reason:
            self.skipTest(reason)
        for model in MODELS:
            with self.subTest(model=model):
                levels, theirs = await self.facts(QEMU, 'tcg', model)
                our_levels, ours = await self.facts(ACCELVM, 'qtest', model)
                self.assertEqual(our_levels, levels)
                self.assertEqual({w: ours.get(w) for w in theirs}, theirs)

    async def test_state_of_features(self):
        """What XSAVE saves follows from the features; AMD's second copy from the vendor."""
        for model, where, value in (
                ('SandyBridge', (0xd, 'EAX', 0), 7), ('SandyBridge,-avx', (0xd, 'EAX', 0), 3),
                ('SandyBridge,-xsave', (0xd, 'EAX', 0), 0),
                ('Haswell,+avx512f', (0xd, 'EAX', 0), 0xe7), ('486', (0x12, 'EBX', 0), 0),
                ('qemu64', (0x80000001, 'EDX', None), 0x2193fbfd),
                ('qemu64,vendor=GenuineIntel', (0x80000001, 'EDX', None), 0x20100800)):
            with self.subTest(model=model):
                self.assertEqual((await self.facts(ACCELVM, 'qtest', model))[1].get(where), value)


if __name__ == '__main__':
    launcher_lib.main()
