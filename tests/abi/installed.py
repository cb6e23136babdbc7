#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The installed tree, used by strangers: installed.py BUILD-FOLDER SOURCE-FOLDER

Installs into a scratch folder, then builds the embedding example and the plugin template out of tree
with nothing but pkg-config, and runs both: under KVM, and under the software CPU where it is built."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD, TOP = (os.path.abspath(path) for path in sys.argv[1:3])
sys.argv[1:] = []
sys.path.insert(0, os.path.join(TOP, 'tests/functional'))
from launcher_lib import have_kvm, main # noqa: E402
EXAMPLES = os.path.join(TOP, 'docs/examples')
LIMIT = 300


def run(*line, ok=True, **kw):
    done = subprocess.run(line, capture_output=True, text=True, timeout=LIMIT, check=False,
                          stdin=subprocess.DEVNULL, **kw)
    if ok and done.returncode != 0:
        raise AssertionError(f'{" ".join(line)}: status {done.returncode}\n{done.stdout}{done.stderr}')
    return done


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix='accelvm-installed.')
        cls.addClassCleanup(shutil.rmtree, cls.dir, ignore_errors=True)
        cls.root = os.path.join(cls.dir, 'root')
        run('meson', 'install', '-C', BUILD, '--no-rebuild', '--quiet', '--destdir', cls.root)
        pc = cls.move_prefix()
        library = glob.glob(cls.root + '/**/libaccelvm.so.0', recursive=True)[0]
        cls.accelvm = glob.glob(cls.root + '/**/bin/accelvm', recursive=True)[0]
        cls.env = {**os.environ, 'PKG_CONFIG_PATH': os.path.dirname(pc),
                   'LD_LIBRARY_PATH': os.path.dirname(library)}
        cls.env.pop('ACCELVM_PLUGIN_PATH', None)
        cls.tcg = glob.glob(cls.root + '/**/accel-tcg.so', recursive=True)
        if cls.tcg: # it would be looked for in the real prefix
            cls.env['ACCELVM_MODULE_PATH'] = os.path.dirname(cls.tcg[0])

    @classmethod
    def move_prefix(cls):
        """DESTDIR moves files, not what they say: as if the prefix had been the scratch folder."""
        for path in glob.glob(cls.root + '/**/accelvm*.pc', recursive=True):
            with open(path, 'r+', encoding='utf-8') as pc:
                text = re.sub('^prefix=/', f'prefix={cls.root}/', pc.read(), flags=re.M)
                pc.seek(0)
                pc.write(text)
        return path

    def accelerators(self):
        found = (['kvm'] if have_kvm() else []) + (['tcg'] if self.tcg else [])
        if not found:
            self.skipTest('no usable /dev/kvm and no software CPU')
        return found

    def flags(self, *what):
        return run('pkg-config', *what, env=self.env).stdout.split()

    def test_pkg_config_points_here(self):
        for name in ('accelvm', 'accelvm-plugin'):
            self.assertIn(self.root, run('pkg-config', '--cflags', name, env=self.env).stdout)
        self.assertTrue(run('pkg-config', '--variable=plugindir', 'accelvm-plugin',
                            env=self.env).stdout.strip().endswith('/accelvm/plugins'))
        self.assertNotIn('-laccelvm', self.flags('--libs', 'accelvm-plugin'))

    def check_embed(self, program, accelerators):
        for accel in accelerators:
            done = run(program, accel, env=self.env, ok=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("port 0xe9: 'A'\nRAM at 0x2000: 'A'\n", done.stdout)
            self.assertTrue(re.search(r'^\S+ +\d+\.\d us$', done.stdout, re.M), done.stdout)
        done = run(program, 'no-such', env=self.env, ok=False)
        self.assertEqual((done.returncode, done.stderr.splitlines()[0]),
                         (1, 'embed: invalid accelerator no-such'))

    def test_embed(self):
        out = os.path.join(self.dir, 'embed')
        run('cc', '-Wall', '-Werror', os.path.join(EXAMPLES, 'embed.c'),
            *self.flags('--cflags', '--libs', 'accelvm'), '-o', out)
        self.check_embed(out, self.accelerators())

    def test_embed_static(self):
        """libaccelvm.a and its own dependencies; the C library stays shared."""
        out = os.path.join(self.dir, 'embed-static')
        archive = glob.glob(self.root + '/**/libaccelvm.a', recursive=True)[0]
        libs = [flag for flag in self.flags('--static', '--libs', 'accelvm') if flag != '-laccelvm']
        run('cc', os.path.join(EXAMPLES, 'embed.c'), *self.flags('--cflags', 'accelvm'), archive,
            *libs, '-o', out)
        self.assertNotIn('libaccelvm', run('readelf', '-d', out).stdout)
        # a module would need the whole archive, exported: docs/library.rst
        self.check_embed(out, ['kvm'] if have_kvm() else [])

    def test_template(self):
        source = shutil.copytree(os.path.join(EXAMPLES, 'plugin-template'),
                                 os.path.join(self.dir, 'template'))
        out = os.path.join(self.dir, 'template-build')
        run('meson', 'setup', out, source, '--werror', env=self.env)
        run('ninja', '-C', out, env=self.env)
        image = os.path.join(self.dir, 'image')
        with open(image, 'wb') as code:
            code.write(b'\xb0\x05\xe6\xf4\xf4') # mov al,5; out 0xf4,al; hlt
        env = {**self.env, 'ACCELVM_PLUGIN_PATH': out}
        done = run(self.accelvm, '-M', 'mymachine,help', env=env)
        self.assertIn('exit-port=<uint32>', done.stdout)
        for accel in self.accelerators():
            done = run(self.accelvm, '-nodefaults', '-display', 'none', '-accel', accel, '-M',
                       'mymachine', '-kernel', image, env=env, ok=False)
            self.assertEqual(done.returncode, 5, done.stderr)

    def test_plugins_are_where_accelvm_looks(self):
        names = {os.path.basename(path)
                 for path in glob.glob(self.root + '/**/accelvm/plugins/*.so', recursive=True)}
        self.assertLessEqual({'machine-teaching.so', 'machine-unikernel.so'}, names)


main()
