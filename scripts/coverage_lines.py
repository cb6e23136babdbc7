#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads gcovr's JSON: lines with branches that nothing takes, or the total against a minimum.

usage: coverage_lines.py COVERAGE-LINES.json
       coverage_lines.py --total PERCENT COVERAGE-SUMMARY.json
"""
import json
import os
import sys


def load(path):
    with open(path, encoding='utf-8') as file:
        return json.load(file)


def source(top, name):
    try:
        with open(os.path.join(top, name), encoding='utf-8') as file:
            return file.read().splitlines()
    except OSError:
        return []


def show_lines(data):
    top = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
    for file in data['files']:
        text = source(top, file['file'])
        for line in file['lines']:
            if line.get('gcovr/noncode') or line.get('gcovr/excluded'):
                continue
            untaken = sum(b['count'] == 0 for b in line['branches'])
            if untaken or line['count'] == 0:
                number = line['line_number']
                code = text[number - 1].strip() if number <= len(text) else ''
                what = f'{untaken} of {len(line["branches"])}' if line['branches'] else 'never'
                print(f'{file["file"]}:{number}: {what}: {code}')


def show_total(data, minimum):
    percent = data['branch_percent']
    print(f'branch coverage of accel/ {percent:.1f} % ({data["branch_covered"]} of '
          f'{data["branch_total"]}), lines {data["line_percent"]:.1f} %')
    return 0 if percent >= minimum else 1


def main():
    if sys.argv[1] == '--total':
        return show_total(load(sys.argv[3]), float(sys.argv[2]))
    show_lines(load(sys.argv[1]))
    return 0


if __name__ == '__main__':
    sys.exit(main())
