#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the test guests under an emulator and compares with expected.table, row by row, as TAP.

Theory of operation: the program is accelvm or QEMU; both get the same command line. A row passes
when the serial line (the program's stdout) holds exactly the expected bytes and the process ends
as the table says. A guest that has to sleep is ended by SIGTERM after all its output came and a
moment passed in which it did not end; that moment can only hide a fault, never make one up.
"""
import argparse
import ast
import os
import shutil
import signal
import subprocess
import sys
import threading

TIMEOUT = 30            # of one guest; nothing here takes a second
SLEEP_WATCH = 0.2       # how long a sleeping guest is watched for waking up
COLUMNS = 'guest machine options ending output'


def read_table(path):
    with open(path, encoding='utf-8') as table:
        lines = [line for line in table if line.strip() and not line.startswith('#')]
    rows = [dict(zip(COLUMNS.split(), line.split(None, 4))) for line in lines]
    for row in rows:
        row['output'] = ast.literal_eval(row['output']).encode()
        given = [] if row['options'] == '-' else row['options'].split(',')
        row['options'] = dict(item.partition('=')[::2] for item in given)
    return rows


def command(args, row):
    options, machine = row['options'], row['machine']
    path = os.path.join(args.guests, row['guest'])
    line = [args.program, '-M', machine, '-accel', args.accel, '-m', '64',
            '-bios' if row['guest'].endswith('.rom') else '-kernel', path,
            '-nodefaults', '-no-user-config', '-display', 'none', '-serial', 'stdio',
            '-device', 'isa-debug-exit,iobase=0xf4,iosize=0x4']
    if 'smp' in options:
        line += ['-smp', options['smp']]
    if 'cpu' in options or machine == 'isapc':
        line += ['-cpu', options.get('cpu', 'qemu64')]
    if 'no-reboot' in options:
        line += ['-no-reboot']
    return line


class Guest:
    """One run: reads both streams in threads, so that neither can block the program."""

    def __init__(self, line, length):
        self.out, self.err = b'', b''
        self.length, self.complete = length, threading.Event()
        self.proc = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE)
        self.readers = [threading.Thread(target=self.read_out),
                        threading.Thread(target=self.read_err)]
        for reader in self.readers:
            reader.start()

    def read_out(self):
        while data := os.read(self.proc.stdout.fileno(), 4096):
            self.out += data
            if len(self.out) >= self.length:
                self.complete.set()
        self.complete.set()

    def read_err(self):
        while data := os.read(self.proc.stderr.fileno(), 4096):
            self.err += data

    def wait(self, seconds):
        """Exit status, or None if it still runs."""
        try:
            return self.proc.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def finish(self):
        """End it whatever it does, and collect the rest."""
        if self.proc.poll() is None:
            self.proc.kill()
            self.proc.wait()
        for reader in self.readers:
            reader.join()
        self.proc.stdout.close()
        self.proc.stderr.close()


def how_it_ended(guest, row):
    if row['ending'] != 'sleeps':
        status = guest.wait(TIMEOUT)
        return 'did not end' if status is None else str(status)
    guest.complete.wait(TIMEOUT)
    status = guest.wait(SLEEP_WATCH)
    if status is not None:
        return f'{status} without SIGTERM'
    guest.proc.send_signal(signal.SIGTERM)
    status = guest.wait(TIMEOUT)
    return 'sleeps' if status == 0 else f'{status} after SIGTERM'


def run_row(args, row):
    """A list of what is wrong; empty when nothing is."""
    line = command(args, row)
    guest = Guest(line, len(row['output']))
    try:
        ended = how_it_ended(guest, row)
    finally:
        guest.finish()
    wrong = []
    if guest.out != row['output']:
        wrong += [f'output   {guest.out!r}', f'expected {row["output"]!r}']
    if ended != row['ending']:
        wrong += [f'ended    {ended}', f'expected {row["ending"]}']
    if wrong:
        wrong += ['command  ' + ' '.join(line)]
        wrong += ['stderr   ' + text for text in guest.err.decode(errors='replace').splitlines()]
    return wrong


def cannot_run(args):
    """Why no row can run here, or None."""
    if not shutil.which(args.program):
        return f'{os.path.basename(args.program)} is not installed or not built'
    if args.accel == 'kvm' and not os.access('/dev/kvm', os.R_OK | os.W_OK):
        return '/dev/kvm is not there or not for this user'
    listed = subprocess.run([args.program, '-accel', 'help'], stdin=subprocess.DEVNULL,
                            capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if args.accel not in listed.stdout.split():
        return f'{os.path.basename(args.program)} has no accelerator {args.accel}'
    modules = os.environ.get('ACCELVM_MODULE_PATH', '')
    if args.program.endswith('/accelvm') and args.accel == 'tcg' and \
            not os.path.exists(f'{modules}/accel-tcg.so'):
        return 'built without the software CPU'
    return None


def main():
    parser = argparse.ArgumentParser(description='run the test guests')
    parser.add_argument('--program', required=True)
    parser.add_argument('--accel', required=True)
    parser.add_argument('--table', required=True)
    parser.add_argument('--guests', required=True, help='folder of the built guests')
    args = parser.parse_args()
    reason = cannot_run(args)
    if reason:
        print(f'1..0 # SKIP {reason}')
        return 0
    rows, failed = read_table(args.table), 0
    print(f'1..{len(rows)}')
    for number, row in enumerate(rows, 1):
        wrong = run_row(args, row)
        failed += bool(wrong)
        options = ' '.join(f'{key} {value}'.strip() for key, value in row['options'].items())
        print(f'{"not " if wrong else ""}ok {number} - {row["guest"]} on {row["machine"]} {options}')
        for text in wrong:
            print(f'# {text}')
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
