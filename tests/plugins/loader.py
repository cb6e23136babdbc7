#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The plugin loader, through the launcher: what it refuses, in which words, and what goes on working.

Each kind of unusable plugin is tried three ways: named by -plugin (its error, status 1), beside a good
one in a folder (a warning, and the good one's machine is reached), and while a built-in machine is
asked for (nobody looks).
"""
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

from launcher_lib import ACCELVM, BARE, main, run

MODULES = os.environ['PLUGIN_TEST_MODULES']
ABI = tuple(int(x) for x in os.environ['PLUGIN_TEST_ABI'].split('.'))
FAKEKVM = os.environ.get('PLUGIN_TEST_FAKEKVM')
QTEST = BARE + ['-accel', 'qtest']
NOBODY = 65534
REACHED = "machine 't-good' was reached"

# variant -> what its error has to say
WORDS = {
    'older': f'ABI version too old: it has {ABI[0] - 1}.{ABI[1]}, this program has {ABI[0]}.{ABI[1]}',
    'newer': f'ABI version not supported: it has {ABI[0] + 1}.{ABI[1]}, '
             f'this program has {ABI[0]}.{ABI[1]}',
    'newer-minor': f'ABI version not supported: it has {ABI[0]}.{ABI[1] + 7}, '
                   f'this program has {ABI[0]}.{ABI[1]}',
    'undefined': 'cannot be opened: .*undefined symbol: accelvm_function_of_the_future',
    'no-descriptor': 'is no accelvm plugin: it exports no symbol accelvm_plugin',
    'twice': r"\(variant 1.2.3\) could not register: type 't-good-machine' is already registered",
    'taken': "could not register: machine 'none' is already registered",
    'init-fails': 'could not register: it gave no reason',
    'sizes': 'was built with other headers than it says',
    'small': 'was built with other headers than it says',
    'nameless': 'leaves out its name, version, licence or entry function',
    'partly': 'could not register: changed its mind',
    'no-init': "type 't-good-machine' is a machine without name or init function",
    'smaller-than-parent': "type 't-good-machine' is smaller than its parent",
}
REMEDY = {'older': 'rebuild the plugin', 'sizes': 'rebuild the plugin', 'small': 'rebuild the plugin',
          'newer': 'install an accelvm that is as new',
          'newer-minor': 'install an accelvm that is as new'}


def module(variant):
    return os.path.join(MODULES, f'variant-{variant}.so')


class Loader(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix='accelvm-plugins.')
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def put(self, variant, name='t.so', folder=None):
        path = os.path.join(folder or self.dir, name)
        shutil.copyfile(module(variant), path)
        os.chmod(path, 0o644)
        return path

    def path_env(self, **more):
        return {**os.environ, 'ACCELVM_PLUGIN_PATH': self.dir, **more}

    def refused(self, path, words, remedy=None):
        """-plugin file=PATH: its error, status 1; and a built-in machine is there without it."""
        done = run(*QTEST, '-plugin', f'file={path}', '-M', 'none')
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, words)
        self.assertEqual(len(re.findall('^accelvm: ', done.stderr, re.M)), 1, done.stderr)
        if remedy:
            self.assertIn(remedy, done.stderr)

    def spoils_nothing(self, words):
        """Something unusable lies in self.dir: a good neighbour works, and so do built-in machines."""
        self.put('good', 'zz-good.so')
        done = run(*QTEST, '-M', 't-good', env=self.path_env())
        self.assertIn(REACHED, done.stderr)
        self.assertRegex(done.stderr, 'warning: .*' + words)
        done = run('-M', 'help', env=self.path_env())
        self.assertEqual(done.returncode, 0)
        self.assertIn('t-good ', done.stdout)
        self.builtin_works()

    def builtin_works(self):
        done = run(*QTEST, '-M', 'none', '-kernel', 'x', env=self.path_env())
        self.assertIn('The -kernel parameter is not supported', done.stderr)
        self.assertNotIn('plugin', done.stderr)

    def test_good(self):
        path = self.put('good')
        done = run(*QTEST, '-plugin', f'file={path}', '-M', 't-good')
        self.assertEqual(done.returncode, 1)
        self.assertIn(REACHED, done.stderr)

    def test_name_finds_file_first(self):
        self.put('good', 'machine-t-good.so')
        self.put('init-fails', 'aa.so') # not even opened
        done = run(*QTEST, '-M', 't-good', env=self.path_env())
        self.assertIn(REACHED, done.stderr)
        self.assertNotIn('gave no reason', done.stderr)

    def test_name_at_the_end_of_a_file_name(self):
        self.put('good', 'my-machine-t-good.so')
        self.assertIn(REACHED, run(*QTEST, '-M', 't-good', env=self.path_env()).stderr)

    def test_failures_without_a_reason(self):
        for variant, step in (('no-reason', 'init'), ('reason-but-fine', 'ready')):
            done = run(*QTEST, '-plugin', f'file={self.put(variant)}', '-M', 't-good')
            self.assertEqual((done.returncode, done.stderr),
                             (1, f'accelvm: t-good-machine: {step} failed and gave no reason\n'))

    def test_help_goes_on(self):
        """For a listing each plugin counts by itself, and a message names the option it is about."""
        bad, good = self.put('nameless', 'bad.so'), self.put('good', 'good.so')
        done = run('-plugin', f'file={bad}', '-plugin', f'file={good}', '-M', 'help')
        self.assertIn('t-good ', done.stdout)
        self.assertRegex(done.stderr, f'^accelvm: -plugin file={bad}: warning: ')
        done = run('-plugin', f'file={good}', '-M', 't-bad,help')
        self.assertEqual((done.returncode, done.stderr),
                         (1, 'accelvm: -M t-bad,help: unsupported machine type\n'))

    def test_given_twice(self):
        path = self.put('good')
        done = run(*QTEST, '-plugin', f'file={path}', '-plugin', f'file={path}', '-M', 't-good')
        self.assertIn(REACHED, done.stderr)

    def test_colon_path(self):
        other = tempfile.mkdtemp(prefix='accelvm-plugins.')
        self.addCleanup(shutil.rmtree, other, ignore_errors=True)
        self.put('good', folder=other)
        env = self.path_env(ACCELVM_PLUGIN_PATH=f'/does/not/exist:{self.dir}::{other}')
        self.assertIn(REACHED, run(*QTEST, '-M', 't-good', env=env).stderr)

    def test_partly_registered_is_taken_back(self):
        self.put('partly')
        done = run(*QTEST, '-M', 't-second', env=self.path_env())
        self.assertEqual(done.returncode, 1)
        self.assertIn('unsupported machine type', done.stderr)

    def test_version_before_constructors(self):
        env = self.path_env(PLUGIN_TEST_CONSTRUCTED='1')
        for variant in ('older', 'newer', 'newer-minor'):
            done = run(*QTEST, '-plugin', f'file={self.put(variant)}', env=env)
            self.assertIn('ABI version', done.stderr)
            self.assertNotIn('constructor', done.stderr)
        done = run(*QTEST, '-plugin', f'file={self.put("good")}', '-M', 't-good', env=env)
        self.assertIn('constructor', done.stderr) # this test can see one

    # ---- files that are no plugins ----

    def write(self, data, name='t.so'):
        path = os.path.join(self.dir, name)
        with open(path, 'wb') as out:
            out.write(data)
        os.chmod(path, 0o644)
        return path

    def not_a_plugin(self, data, words):
        self.refused(self.write(data), words)
        self.spoils_nothing(words)

    def test_text(self):
        self.not_a_plugin(b'#!/bin/sh\necho I am no plugin\n', 'is no shared object: it has no ELF')

    def test_empty(self):
        self.not_a_plugin(b'', 'is no shared object: it has no ELF')

    def test_truncated_everywhere(self):
        with open(module('good'), 'rb') as whole:
            data = whole.read()
        for size in (5, 63, 64, 200, 1000, 4096, len(data) // 2, len(data) - 4096, len(data) - 1):
            self.refused(self.write(data[:size]), 'is truncated')
        self.spoils_nothing('is truncated')

    def test_other_machine(self):
        with open(module('good'), 'rb') as whole:
            data = bytearray(whole.read())
        data[18] = 183 # AArch64
        self.not_a_plugin(bytes(data), 'was built for another kind of machine')

    def test_program(self):
        with open('/bin/true', 'rb') as whole:
            self.not_a_plugin(whole.read(), 'is no accelvm plugin|no shared object')

    def test_absent(self):
        self.refused(os.path.join(self.dir, 'gone.so'), 'No such file or directory')

    def test_folder(self):
        path = os.path.join(self.dir, 'x.so')
        os.mkdir(path)
        self.refused(path, 'is not a regular file')
        self.spoils_nothing('is not a regular file')

    def test_fifo(self):
        path = os.path.join(self.dir, 'x.so')
        os.mkfifo(path)
        self.refused(path, 'is not a regular file')
        self.spoils_nothing('is not a regular file')

    # ---- who may have written it ----

    def test_writable_file(self):
        for mode in (0o666, 0o664, 0o646):
            path = self.put('good')
            os.chmod(path, mode)
            self.refused(path, rf"plugin file '.*' may be written by others \(mode 0{mode:o}\)",
                         f"chmod go-w '{path}'")

    def test_writable_folder(self):
        path = self.put('good')
        for mode in (0o777, 0o775, 0o1777):
            os.chmod(self.dir, mode)
            self.refused(path, f"plugin folder '{self.dir}' may be written by others", 'chmod go-w')
        done = run(*QTEST, '-M', 't-good', env=self.path_env())
        self.assertEqual(done.returncode, 1)
        self.assertIn('unsupported machine type', done.stderr)
        self.builtin_works()

    def test_writable_folder_above(self):
        inner = os.path.join(self.dir, 'a', 'b')
        os.makedirs(inner)
        path = self.put('good', folder=inner)
        os.chmod(self.dir, 0o777)
        self.refused(path, f"plugin folder '{self.dir}' may be written by others")

    @unittest.skipIf(os.geteuid() != 0, 'only root can give files away')
    def test_other_owner(self):
        path = self.put('good')
        os.chown(path, 12345, 12345)
        self.refused(path, 'plugin file .* belongs to uid 12345, neither to root nor to this user')
        os.chown(path, 0, 0)
        os.chown(self.dir, 12345, 12345)
        self.refused(path, 'plugin folder .* belongs to uid 12345')

    def as_nobody(self, program, path, **env):
        """Runs program as a user who owns the plugin."""
        os.chmod(self.dir, 0o755)
        for owned in (self.dir, path):
            os.chown(owned, NOBODY, NOBODY)
        return subprocess.run([program, *QTEST, '-plugin', f'file={path}', '-M', 't-good'],
                              env={**os.environ, **env}, stdin=subprocess.DEVNULL, timeout=60,
                              capture_output=True, text=True, check=False, user=NOBODY, group=NOBODY,
                              extra_groups=[])

    @unittest.skipIf(os.geteuid() != 0, 'only root can become somebody else')
    def test_own_plugin_of_a_user(self):
        done = self.as_nobody(ACCELVM, self.put('good'))
        if 'Permission denied' in done.stderr:
            self.skipTest('the build folder is not for others')
        self.assertIn(REACHED, done.stderr)

    @unittest.skipIf(os.geteuid() != 0, 'only root can give a program a group')
    def test_program_with_more_rights(self):
        """A set-group-id launcher takes no plugin of its user, and no folder from the environment."""
        folder = tempfile.mkdtemp(prefix='accelvm-setgid.')
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        os.chmod(folder, 0o755)
        program = shutil.copy(ACCELVM, folder)
        os.chown(program, 0, 1)
        os.chmod(program, 0o2755)
        if os.statvfs(folder).f_flag & os.ST_NOSUID:
            self.skipTest('set-group-id means nothing here')
        path = self.put('good')
        done = self.as_nobody(program, path)
        if 'shared libraries' in done.stderr:
            self.skipTest('the library is not found without the environment')
        self.assertEqual(done.returncode, 1)
        self.assertIn(f'belongs to uid {NOBODY}, not to root, and this program has rights', done.stderr)
        os.chown(path, 0, 0)
        os.chown(self.dir, 0, 0)
        done = subprocess.run([program, *QTEST, '-M', 't-good'], env=self.path_env(), timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                              user=NOBODY, group=NOBODY, extra_groups=[])
        self.assertIn('unsupported machine type', done.stderr)

    def test_link(self):
        """A link is as good as both folders and the file."""
        behind = tempfile.mkdtemp(prefix='accelvm-plugins.')
        self.addCleanup(shutil.rmtree, behind, ignore_errors=True)
        self.put('good', folder=behind)
        path = os.path.join(self.dir, 'link.so')
        os.symlink(os.path.join(behind, 't.so'), path)
        done = run(*QTEST, '-plugin', f'file={path}', '-M', 't-good')
        self.assertIn(REACHED, done.stderr)
        os.chmod(behind, 0o777)
        self.refused(path, f"plugin folder '{behind}' may be written by others")
        os.chmod(behind, 0o755)
        os.chmod(self.dir, 0o777)
        self.refused(path, f"plugin folder '{self.dir}' may be written by others")

    def test_dangling_link(self):
        path = os.path.join(self.dir, 'link.so')
        os.symlink('/does/not/exist.so', path)
        self.refused(path, 'No such file or directory')
        self.spoils_nothing('No such file or directory')

    # ---- what a machine requires of the host: on a simulated one ----

    def under_fake(self, variant, *scenario):
        path = self.put(variant)
        return run(FAKEKVM, *scenario, '--', ACCELVM, *BARE, '-accel', 'kvm', '-plugin', f'file={path}',
                   '-M', 't-good', program='sh')

    @unittest.skipUnless(FAKEKVM, 'no fake KVM here')
    def test_required_capability(self):
        done = self.under_fake('capability')
        self.assertIn(REACHED, done.stderr)
        done = self.under_fake('capability', '-t', 'cap KVM_CAP_XSAVE 0')
        self.assertEqual(done.returncode, 1)
        self.assertIn("kvm does not support KVM_CAP_XSAVE, which machine 't-good' requires",
                      done.stderr)

    @unittest.skipUnless(FAKEKVM, 'no fake KVM here')
    def test_required_capability_unknown(self):
        done = self.under_fake('odd-capability')
        self.assertEqual(done.returncode, 1)
        self.assertIn("kvm does not support KVM_CAP_OF_THE_FUTURE, which machine 't-good' requires",
                      done.stderr)

    # ---- a plain start ----

    @unittest.skipUnless(shutil.which('strace'), 'strace is not installed')
    def test_plain_start_opens_no_folder(self):
        self.put('good')
        log = os.path.join(self.dir, 'log')

        def calls(machine):
            subprocess.run(['strace', '-f', '-o', log, '-e', 'trace=file,%memory', ACCELVM, *QTEST,
                            '-M', machine, '-kernel', 'x'], env=self.path_env(), timeout=60,
                           stdin=subprocess.DEVNULL, capture_output=True, check=False)
            with open(log, encoding='utf-8') as lines:
                return sum(self.dir in line or 'accelvm/plugins' in line for line in lines)

        self.assertEqual(calls('none'), 0)
        self.assertGreater(calls('t-good'), 1)


def add_variant(name, words):
    def case(self):
        self.refused(self.put(name), words, REMEDY.get(name))
        self.spoils_nothing(words)
    setattr(Loader, 'test_variant_' + name.replace('-', '_'), case)


for variant_name, variant_words in WORDS.items():
    add_variant(variant_name, variant_words)

if __name__ == '__main__':
    main()
