#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""JSON that is written is JSON, whatever bytes the command line and files brought: QMP,
-msg json=on, accelvm-probe. What is no text becomes U+FFFD, as in QEMU.

usage: json-bytes.py ACCELVM PROBE SOURCE-ROOT
"""
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

ACCELVM, PROBE, SOURCE = sys.argv.pop(1), sys.argv.pop(1), sys.argv.pop(1)
os.environ['ACCELVM'] = ACCELVM
import launcher_lib                                         # noqa: E402
from qmp_client import Machine, QmpError            # noqa: E402

BYTES = b'a\xff\xc3(\xed\xa0\x80\xef\xbf\xbe\xf4\x90\x80\x80b'
QMP_QUERIES = re.compile(r'^(x-)?query-')


def run(*args, **kw):
    return subprocess.run(args, stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                          check=False, **kw)


def is_clean(text):
    """ASCII, and no escape in it stands for something that is no character."""
    text = json.loads(text.decode('ascii'))
    return not re.search('[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]', str(text))


class Answers(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)

    async def machine(self, *options):
        m = Machine(ACCELVM, '-accel', 'qtest', '-S', *options)
        m.command = ['/bin/sh', '-c', 'exec "$@" 5</dev/null', 'sh', *m.command]
        await m.__aenter__()
        self.addAsyncCleanup(m.__aexit__)
        await m.clients[0].negotiate()
        return m.clients[0]

    async def test_name(self):
        c = await self.machine('-name', BYTES)
        name = (await c.call('query-name'))['name']
        self.assertEqual((name[0], name[-1]), ('a', 'b'))
        self.assertEqual(set(name[1:-1]), {'\ufffd', '('})
        self.assertIn('a\ufffd', await c.call('human-monitor-command', command_line='info name'))

    async def test_everything(self):
        """With such bytes wherever they get in, every question is answered, by its id."""
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d.encode(), BYTES)
            with open(path, 'wb') as f:
                f.truncate(1 << 20)
            c = await self.machine(
                '-name', BYTES, '-chardev', b'socket,id=c0,server=on,wait=off,path=' + path + b'.s',
                '-object', b'memory-backend-file,id=m0,size=64K,mem-path=' + path,
                '-add-fd', b'fd=5,set=1,opaque=' + BYTES, '-bios', path)
            for command in await c.call('query-commands'):
                if QMP_QUERIES.match(command['name']):
                    await self.any_answer(c, command['name'])
            files = [x['filename'] for x in await c.call('query-chardev')]
            self.assertTrue([x for x in files if '\ufffd' in x], files)
            sets = await c.call('query-fdsets')
            self.assertIn('\ufffd', sets[0]['fds'][0]['opaque'])
            await self.tree(c, '/')
            text = await c.call('qom-get', path='/objects/m0', property_='mem-path')
            self.assertIn('\ufffd', text)

    async def any_answer(self, client, name):
        try:
            await client.call(name)
        except QmpError as error:
            self.assertTrue(error.desc)

    async def tree(self, client, path):
        for p in await client.call('qom-list', path=path):
            if p['type'].startswith('child<'):
                await self.tree(client, f'{path.rstrip("/")}/{p["name"]}')
            else:
                try:
                    await client.call('qom-get', path=path, property_=p['name'])
                except QmpError as error:
                    self.assertTrue(error.desc)

    async def test_human_words(self):
        """Words of a human monitor are bytes, and arrive as they are."""
        with tempfile.TemporaryDirectory() as d:
            sock, out = os.path.join(d, 'hmp'), os.path.join(os.fsencode(d), b'\xfe')
            await self.machine('-monitor', f'unix:{sock},server=on,wait=off')
            reader, writer = await asyncio.open_unix_connection(sock)
            await reader.readuntil(b'\n(qemu)')
            for line, answer in ((b'device_del \xff\n', b"'\xff'"), (b'qom-list \xff\n', b"'\xff'"),
                                 (b'pmemsave 0 1 "' + out + b'"\n', b'')):
                writer.write(line)
                text = await asyncio.wait_for(reader.readuntil(b'\n(qemu)'), 30)
                self.assertIn(answer, text)
                self.assertNotIn(b'missing', text)
            writer.close()
            self.assertTrue(os.path.exists(out), os.listdir(os.fsencode(d)))


class Messages(unittest.TestCase):
    def test_every_line(self):
        for args in ([b'-m', BYTES], [b'-accel', b'kvm,device=/' + BYTES], [b'-name', BYTES, b'-x'],
                     [b'-' + BYTES], [b'-bios', BYTES, b'-accel', b'qtest'], [b'-device', BYTES],
                     [b'-name', BYTES + b',guest=\xff', b'-M', BYTES], [b'-cpu', BYTES]):
            r = run(ACCELVM, b'-msg', b'json=on,guest-name=on', b'-nodefaults', b'-display',
                    b'none', *args)
            self.assertNotEqual(r.returncode, 0, args)
            self.assertTrue(r.stderr.strip(), args)
            for line in r.stderr.splitlines():
                self.assertTrue(is_clean(line), (args, line))

    def test_program(self):
        """The program's own name comes from outside, too."""
        with tempfile.TemporaryDirectory() as d:
            link = os.path.join(os.fsencode(d), BYTES)
            os.symlink(os.path.abspath(ACCELVM), link)
            r = run(link, b'-msg', b'json=on', b'-x')
            self.assertTrue(is_clean(r.stderr), r.stderr)


class Probe(unittest.TestCase):
    def test_device(self):
        r = run(PROBE, b'--json', b'--device=/' + BYTES)
        self.assertEqual(r.returncode, 3)
        self.assertTrue(is_clean(r.stdout), r.stdout)

    def test_node(self):
        with tempfile.TemporaryDirectory() as d:
            link = os.path.join(os.fsencode(d), BYTES)
            os.symlink('/dev/null', link)
            r = run(PROBE, b'--json', b'--device=' + link)
            self.assertTrue(is_clean(r.stdout), r.stdout)
            self.assertIn('\ufffd', json.loads(r.stdout)['host']['node']['path'])

    def test_saved_host(self):
        with tempfile.TemporaryDirectory() as d:
            os.mkdir(f'{d}/proc')
            for name, text in (('failure', b'code=3\nstage=' + BYTES + b'\nmessage=' + BYTES +
                                b'\nerrno=2\n'), ('proc/version', b'Linux version ' + BYTES),
                               ('proc/cpuinfo', b'vendor_id : ' + BYTES + b'\nflags : vmx\n')):
                with open(f'{d}/{name}', 'wb') as f:
                    f.write(text)
            r = run(PROBE, '--json', '--offline', d)
            self.assertTrue(is_clean(r.stdout), r.stdout)


class Sources(unittest.TestCase):
    """Texts get into JSON, and JSON gets out, in one place."""

    def test_one_place(self):
        here = re.compile(r'\b(json_stringn?|json_sprintf|json_dump\w*)\((?!")')
        for top, _, files in os.walk(f'{SOURCE}/system'):
            for name in files:
                if name.endswith('.c') and os.path.basename(top) != 'json':
                    with open(f'{top}/{name}', encoding='utf-8') as f:
                        self.assertIsNone(here.search(f.read()), f'{top}/{name}')


if __name__ == '__main__':
    launcher_lib.main()
