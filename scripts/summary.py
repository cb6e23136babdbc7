#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sums up a meson test log: what passed, what failed, what was skipped and why.

Theory of operation: meson writes one JSON object per test and line. A test that speaks TAP is
counted by its subtests, any other one as a single test. What meson itself found wrong (a crash
after the last subtest, a timeout, a plan that was not kept) counts as one failure when the TAP
lines show none, so that no failure is lost. Lines on stdin name packages that could not be had.
A comment line `# summary: ...` of a test is a figure that people want to see: all are listed.

usage: summary.py [--status N] [--also NAME=STATUS] TESTLOG.json
--also counts what ran outside meson: passed with 0, skipped with 77, failed otherwise.
Prints figures, the list of skips and, as the last line, `N passed, N failed, N skipped`.
Exit status 1 if anything failed, if meson failed (--status), or if no test ran at all.
"""
import argparse
import json
import re
import sys

RESULT = re.compile(r'(not )?ok\s+\d+\s*(?:- )?(.*)')
DIRECTIVE = re.compile(r'(.*?)\s*(?<!\\)#\s*(skip|todo)\w*[:\s]*(.*)', re.IGNORECASE)
EMPTY_PLAN = re.compile(r'1\.\.0\s*(?:#\s*skip\w*[:\s]*(.*))?', re.IGNORECASE)
FIGURE = re.compile(r'# summary: (.*)')
FAILED = ('FAIL', 'ERROR', 'TIMEOUT', 'INTERRUPT', 'UNEXPECTEDPASS')


class Tally:
    """What the log says, as three lists of (name, reason)."""

    def __init__(self):
        self.passed, self.failed, self.skipped, self.figures = [], [], [], []

    def add_result(self, test, not_ok, text):
        directive = DIRECTIVE.match(text)
        name, kind, reason = directive.groups() if directive else (text, '', '')
        name = f'{test}: {name}' if name else test
        if kind.lower() == 'skip':
            self.skipped.append((name, reason or 'no reason given'))
        elif not_ok and kind.lower() != 'todo':
            self.failed.append((name, ''))
        else:
            self.passed.append((name, ''))

    def add_tap(self, test, out):
        """Counts the TAP lines of OUT; says whether there were any."""
        seen = False
        for line in out.splitlines():
            result, plan = RESULT.match(line), EMPTY_PLAN.fullmatch(line.strip())
            figure = FIGURE.match(line)
            if figure:
                self.figures.append((test, figure.group(1)))
            if result:
                self.add_result(test, result.group(1), result.group(2))
            elif plan:
                self.skipped.append((test, plan.group(1) or 'no reason given'))
            seen = seen or bool(result or plan)
        return seen

    def add_plain(self, test, entry):
        if entry['result'] == 'SKIP':
            said = (entry.get('stdout', '') + entry.get('stderr', '')).strip().splitlines()
            self.skipped.append((test, said[-1] if said else 'no reason given'))
        elif entry['result'] not in FAILED:
            self.passed.append((test, ''))

    def add_other(self, name, status):
        rows = {0: self.passed, 77: self.skipped}.get(status, self.failed)
        rows.append((name, '' if status == 0 else f'status {status}'))

    def add(self, entry):
        test, failures = entry['name'], len(self.failed)
        if not self.add_tap(test, entry.get('stdout', '')):
            self.add_plain(test, entry)
        if entry['result'] in FAILED and len(self.failed) == failures:
            self.failed.append((test, f'{entry["result"]}, status {entry.get("returncode")}'))


def read_log(path):
    tally = Tally()
    try:
        with open(path, encoding='utf-8', errors='replace') as log:
            for line in log:
                tally.add(json.loads(line))
    except OSError as error:
        print(f'no test log: {error}')
    return tally


def show(title, rows):
    if rows:
        print(f'\n{title}:')
    for name, reason in rows:
        print(f'  {name}{": " + reason if reason else ""}')


def main():
    parser = argparse.ArgumentParser(description='sum up a meson test log')
    parser.add_argument('--status', type=int, default=0, help='exit status of meson test')
    parser.add_argument('--also', action='append', default=[], help='NAME=STATUS of another step')
    parser.add_argument('log')
    args = parser.parse_args()
    tally = read_log(args.log)
    for other in args.also:
        name, status = other.rsplit('=', 1)
        tally.add_other(name, int(status))
    packages = [tuple(line.strip().split(': ', 1)) for line in sys.stdin if ': ' in line]
    show('Figures', tally.figures)
    show('Failed', tally.failed)
    show('Packages that could not be had', packages)
    show('Skipped', tally.skipped)
    good = not tally.failed and args.status == 0 and (tally.passed or tally.skipped)
    if not good and not tally.failed:
        print(f'\nmeson test ended with status {args.status} and no failed test in its log')
        tally.failed.append(('meson test', ''))
    print(f'\n{len(tally.passed)} passed, {len(tally.failed)} failed, {len(tally.skipped)} skipped')
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
