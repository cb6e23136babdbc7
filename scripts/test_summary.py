#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tests of summary.py: each kind of meson log entry, what it counts as, and the exit status."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

SUMMARY = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'summary.py')


def run(entries, stdin='', meson_status=0, also=()):
    """Exit status and output of summary.py over a log of (name, result, stdout, returncode)."""
    keys = ('name', 'result', 'stdout', 'returncode')
    with tempfile.NamedTemporaryFile('w', suffix='.json') as log:
        for entry in entries:
            log.write(json.dumps(dict(zip(keys, entry))) + '\n')
        log.flush()
        done = subprocess.run([sys.executable, SUMMARY, '--status', str(meson_status),
                               *[f'--also={other}' for other in also], log.name],
                              input=stdin, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


class Summary(unittest.TestCase):
    def expect(self, last_line, status, *args, **kwargs):
        code, out = run(*args, **kwargs)
        self.assertEqual(out.splitlines()[-1], last_line)
        self.assertEqual(code, status)
        return out

    def test_subtests_are_counted(self):
        tap = 'ok 1 - a\n# ok 9 - a comment\nok 2 - b # SKIP no kvm\nok 3 c\n1..3\n'
        out = self.expect('2 passed, 0 failed, 1 skipped', 0, [('t', 'OK', tap, 0)])
        self.assertIn('t: b: no kvm', out)

    def test_failed_subtest(self):
        out = self.expect('1 passed, 1 failed, 0 skipped', 1,
                          [('t', 'FAIL', 'not ok 1 - a\nok 2 - b\n', 1)], meson_status=1)
        self.assertIn('t: a', out)

    def test_todo_is_no_failure(self):
        self.expect('1 passed, 0 failed, 0 skipped', 0, [('t', 'OK', 'not ok 1 a # TODO later', 0)])

    def test_whole_test_skipped(self):
        out = self.expect('0 passed, 0 failed, 1 skipped', 0,
                          [('t', 'SKIP', '1..0 # SKIP no /dev/kvm\n', 0)])
        self.assertIn('t: no /dev/kvm', out)

    def test_plain_tests(self):
        self.expect('1 passed, 1 failed, 1 skipped', 1,
                    [('a', 'OK', 'ok, done', 0), ('b', 'FAIL', '', 1), ('c', 'SKIP', 'why', 77)])

    def test_crash_after_good_subtests(self):
        self.expect('1 passed, 1 failed, 0 skipped', 1, [('t', 'ERROR', 'ok 1 - a\n', -11)])

    def test_timeout_without_output(self):
        self.expect('0 passed, 1 failed, 0 skipped', 1, [('t', 'TIMEOUT', '', -9)])

    def test_no_tests_at_all(self):
        self.expect('0 passed, 1 failed, 0 skipped', 1, [])

    def test_meson_failed_by_itself(self):
        self.expect('1 passed, 1 failed, 0 skipped', 1, [('t', 'OK', '', 0)], meson_status=124)

    def test_figures(self):
        out = self.expect('1 passed, 0 failed, 0 skipped', 0,
                          [('t', 'OK', 'ok 1 - a\n# summary: sweep runs=5\n', 0)])
        self.assertIn('Figures:\n  t: sweep runs=5\n', out)

    def test_other_steps(self):
        self.expect('2 passed, 0 failed, 1 skipped', 0, [('t', 'OK', '', 0)],
                    also=['coverage=0', 'lint=77'])
        out = self.expect('1 passed, 1 failed, 0 skipped', 1, [('t', 'OK', '', 0)],
                          also=['coverage=1'])
        self.assertIn('coverage: status 1', out)

    def test_packages(self):
        out = self.expect('1 passed, 0 failed, 0 skipped', 0, [('t', 'OK', '', 0)],
                          stdin='strace: cannot be had\n')
        self.assertIn('strace: cannot be had', out)


if __name__ == '__main__':
    unittest.main()
