#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The sweep: every KVM and memory call of a start with two vCPUs fails in turn, in every way.

Theory of operation: a healthy run counts the calls: `-M microvm -smp 2` on the fake KVM, with a guest
that writes to a port, reads one, touches a device's memory and ends in a triple fault. Then call n
answers with errno E, for all n and all E, and with 0, and with a short answer. A run is good if it

- ends by itself within a second (a slow one is repeated: a busy machine decides nothing),
- with status 1 and an error that names stage, call and, where a call failed, errno, or with status 0
  and, where a call failed, a warning that says what is done instead (a call that may be interrupted
  and is simply repeated needs none),
- leaves no descriptor, mapping or thread, and prints nothing but messages of the launcher.

usage: sweep.py [--all]   without --all: every n, some E
"""
import concurrent.futures
import os
import re
import sys
import time

import rig

ERRNOS = ['EINTR', 'EAGAIN', 'EACCES', 'EPERM', 'ENOENT', 'ENODEV', 'ENXIO', 'EBUSY', 'ENOMEM',
          'ENOSPC', 'EMFILE', 'EINVAL', 'ENOTTY', 'EFAULT', 'EOPNOTSUPP']
QUICK = ['EINTR', 'ENOMEM', 'EINVAL', 'EFAULT']
LIES = ['errno=0', 'malformed=short']
GUEST = ('vcpu 0; out port=0x3f8 text=hi; in port=0x3fd; mmio-write addr=0xd0000000 data=01; '
         'shutdown; end; count memory')
ARGUMENTS = rig.COMMON + ['-M', 'microvm', '-smp', '2', '-no-reboot', '-msg', 'json=on',
                          '-action', 'internal-error=exit-failure', '-accel']
# How the machine is started: each has its own calls.
STARTS = {
    'split': 'kvm',
    'on': 'kvm,kernel-irqchip=on',
    'off': 'kvm,kernel-irqchip=off',
    'ring': 'kvm,dirty-ring-size=1024',
}
# Being interrupted is no failure of these: they are tried again, or the vCPU goes on.
REPEATED = {'KVM_CREATE_VM': {'EINTR'}, 'KVM_RUN': {'EINTR', 'EAGAIN'},
            'KVM_GET_SUPPORTED_CPUID': {'EAGAIN'},
            'KVM_SET_MSRS': set(ERRNOS)}    # one by one, and a warning for each that stays refused
SLACK = 3   # threads: some runs have a few calls (of the second vCPU) more than others


def start(how, fault=''):
    return rig.Run(rig.ACCELVM, [*ARGUMENTS, STARTS[how]], GUEST + (fault and '; ' + fault))


def faulty_call(run, line):
    """Name of the call that the fault of scenario line LINE met."""
    for entry in run.record.splitlines():
        if entry.endswith(f' fault={line}'):
            return entry.split()[3]
    return ''


def second_vcpu(run, line):
    """Whether the fault met the second vCPU."""
    fd = re.search(r' vm:\d+ KVM_CREATE_VCPU arg=0x1 = (\d+)', run.record)
    return fd and re.search(rf' vcpu:{fd.group(1)} .* fault={line}$', run.record, re.M)


def check_error(run, messages, action):
    """Why the error message is not good enough; empty if it is."""
    errors = [m for m in messages if m['level'] == 'error']
    if run.status != 1:
        return f'status {run.status}'
    if not errors:
        return 'no error message'
    first = errors[0]
    for field in ('stage', 'call'):
        if field not in first:
            return f'the error names no {field}: {first["message"]}'
    if action.startswith('errno=E') and 'errno' not in first:
        return f'the error has no errno: {first["message"]}'
    return ''


def check_running(run, messages, n, action):
    """Why going on was wrong; empty if it was not."""
    call = faulty_call(run, GUEST.count(';') + 2)
    if not call:
        return '' if n > run.end[0] else 'the fault met no call'
    if not action.startswith('errno=E') or action[6:] in REPEATED.get(call, ()):
        return ''
    if call.startswith(('madvise', 'eventfd')):
        return ''       # advice, and the C libraries' own ways around
    if call == 'KVM_RUN' and second_vcpu(run, GUEST.count(';') + 2):
        return ''       # the guest on the first vCPU may have ended before anybody looked
    if not any(m['level'] == 'warning' for m in messages):
        return f'{call} failed, the machine ran on, and nothing says so'
    return ''


def check(run, n, action):
    if run.hung:
        return f'does not end within {rig.DEADLINE} s'
    if run.status is None or run.status < 0:
        return f'ended by signal {-(run.status or 0)}'
    messages, rest = run.messages()
    if rest or run.out:
        return 'prints what is no message: ' + (rest[0] if rest else run.out[:80])
    if run.end is None:
        return 'no end in the record'
    if run.end[1:] != [0, 0, 1]:
        return 'left behind: descriptors=%d mappings=%d threads=%d' % tuple(run.end[1:])
    if run.status == 0:
        return check_running(run, messages, n, action)
    return check_error(run, messages, action)


def one(how, n, action):
    """Returns (what is wrong, ended with an error?, seconds)."""
    fault = f'fault any nth={n} {action}'
    for _ in range(5):
        began = time.monotonic()
        run = start(how, fault)
        seconds = time.monotonic() - began
        if seconds < 1 or run.hung:
            break
    problem = check(run, n, action)
    if not problem and seconds >= 1:
        problem = f'takes {seconds:.1f} s'
    if problem:
        problem = f'{how}, {fault}: {problem}'
    return problem, run.status != 0, seconds


def sweep(how, answers):
    """All runs of one way to start. Returns (problems, runs, errors, slowest)."""
    calm = start(how)
    if calm.status != 0 or not calm.end or calm.err:
        return [f'{how}: the healthy run failed: status {calm.status}, {calm.err}'], 1, 0, 0.0
    jobs = [(how, n, answer) for n in range(1, calm.end[0] + SLACK) for answer in answers]
    with concurrent.futures.ThreadPoolExecutor(max(2, os.cpu_count() or 1)) as pool:
        results = list(pool.map(lambda job: one(*job), jobs))
    return ([r[0] for r in results if r[0]], len(results), sum(r[1] for r in results),
            max(r[2] for r in results))


def main():
    everything = '--all' in sys.argv[1:]
    answers = [f'errno={e}' for e in (ERRNOS if everything else QUICK)] + LIES
    tap, total = rig.Tap(), 0
    for how in STARTS:
        problems, runs, errors, slowest = sweep(how, answers)
        total += runs
        tap.result(not problems, f'sweep of {STARTS[how]}: {runs} runs, {errors} ended with an error, '
                   f'the others ran on', '\n'.join(problems))
        print(f'# slowest run: {slowest:.3f} s', flush=True)
    print(f'# summary: sweep runs={total}')
    return tap.end()


if __name__ == '__main__':
    sys.exit(main())
