#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Options, values, error texts and help lists of accelvm. Nothing here needs KVM to work: what is
checked comes before the accelerator, or an accelerator's failure is what is looked at."""
import json
import os
import re
import subprocess
import tempfile
import unittest

from launcher_lib import ACCELVM, BARE, QEMU, main, needs_kvm, run
from monitor import why_not_this_qemu

# Command line after BARE, first line of stderr without the program's name.
ERRORS = [
    ('-foo', '-foo: invalid option'),
    ('--foo', '--foo: invalid option'),
    ('-machine', '-machine: requires an argument'),
    ('-M nope', 'unsupported machine type'),
    ('-M pc -accel qtest -cpu 486,level=abc',
     "can't apply global 486-x86_64-cpu.level=abc: Parameter 'level' expects uint64"),
    ('-M none -seed abc', '-seed abc: Invalid seed number: abc'),
    ('-M none -seed -1', '-seed -1: Invalid seed number: -1'),
    ('-M none -seed 99999999999999999999',
     '-seed 99999999999999999999: Invalid seed number: 99999999999999999999'),
    ('-M none,foo', "-M none,foo: Expected '=' after parameter 'foo'"),
    ('-M none,foo=1', "Property 'none-machine.foo' not found"),
    ('-M none,usb=foo', "Parameter 'usb' expects 'on' or 'off'"),
    ('-M none,accel=', 'no accelerator found'),
    ('-M none,accel=foo', 'invalid accelerator foo'),
    ('-M none -accel foo', '-accel foo: invalid accelerator foo'),
    ('-M none -accel kvm:tcg', '-accel kvm:tcg: invalid accelerator kvm:tcg'),
    ('-M none -accel KVM', '-accel KVM: invalid accelerator KVM'),
    ('-M none -accel kvm,foo=1', "-accel kvm,foo=1: Property 'kvm-accel.foo' not found"),
    ('-M none -accel kvm,kernel-irqchip=x',
     "-accel kvm,kernel-irqchip=x: Parameter 'kernel-irqchip' does not accept value 'x'"),
    ('-M none -accel kvm,dirty-ring-size=3',
     '-accel kvm,dirty-ring-size=3: dirty-ring-size must be a power of two.'),
    ('-M none -accel kvm,timing=foo',
     "-accel kvm,timing=foo: Parameter 'timing' expects 'on' or 'off'"),
    ('-M none,kernel-irqchip=foo -accel kvm',
     "-accel kvm: can't apply global kvm-accel.kernel-irqchip=foo: "
     "Parameter 'kernel-irqchip' does not accept value 'foo'"),
    ('-M none -accel kvm -machine accel=kvm',
     'The -accel and "-machine accel=" options are incompatible'),
    ('-M none -enable-kvm -accel tcg', 'The -accel and "-machine accel=" options are incompatible'),
    ('-M none -smp 2',
     "Invalid SMP CPUs 2. The max CPUs supported by machine 'none' is 1"),
    ('-M none -smp foo=1', "Parameter 'smp.foo' is unexpected"),
    ('-M none -smp 1,foo', "-smp 1,foo: Expected '=' after parameter 'foo'"),
    ('-M none -smp foo=1,nocores', "-smp foo=1,nocores: Expected '=' after parameter 'nocores'"),
    ('-M none -boot a,menu', "-boot a,menu: Expected '=' after parameter 'menu'"),
    ('-M none -M smp.cpus=a', "Parameter 'smp.cpus' expects integer"),
    ('-M none -smp 2k', "Parameter 'smp.cpus' expects integer"),
    ('-M none -m foo', "-m foo: Parameter 'size' expects a non-negative number below 2^64"),
    ('-M none -m size=-1', "-m size=-1: Parameter 'size' expects a non-negative number below 2^64"),
    ('-M none -m 1,foo=2', "-m 1,foo=2: Invalid parameter 'foo'"),
    ('-M none -m 1,slots=2', 'slots specified but no max-size'),
    ('-M none -m 1,maxmem=2', 'invalid value of maxmem: maximum memory size (0x2) must be at least '
                              'the initial memory size (0x100000)'),
    ('-M isapc -boot foo=1', "Parameter 'boot.foo' is unexpected"),
    ('-M isapc -boot order=z', "Invalid boot device 'z'"),
    ('-M isapc -boot order=aa', "Boot device 'a' was given twice"),
    ('-M isapc -boot order=c,once=x', "Invalid boot device 'x'"),
    ('-M isapc -boot menu=foo', "Parameter 'boot.menu' expects 'on' or 'off'"),
    ('-M isapc -boot reboot-timeout=70000',
     'reboot timeout is invalid,it should be a value between -1 and 65535'),
    ('-M isapc -boot splash-time=-2',
     'splash-time is invalid,it should be a value between 0 and 65535'),
    ('-M none -rtc foo=1', "-rtc foo=1: Invalid parameter 'foo'"),
    ('-M none -rtc base=foo', 'invalid datetime format'),
    ('-M none -rtc clock=foo', "invalid option value 'foo'"),
    ('-M none -uuid foo', '-uuid foo: failed to parse UUID string: wrong format'),
    ('-M none -action foo=bar', "-action foo=bar: Invalid parameter 'foo'"),
    ('-M none -action reboot=bar',
     "-action reboot=bar: Parameter 'reboot' does not accept value 'bar'"),
    ('-M none -watchdog-action foo',
     "-watchdog-action foo: Parameter 'watchdog' does not accept value 'foo'"),
    ('-M none -object foo', "-object foo: Parameter 'qom-type' does not accept value 'foo'"),
    ('-M none -device foo', "-device foo: 'foo' is not a valid device model name"),
    ('-M none -device {"drver":"a"}', '-device {"drver":"a"}: Parameter \'driver\' is missing'),
    ('-M none -device {"driver":"a"', '-device {"driver":"a": JSON parse error, premature EOI'),
    ('-M none -mon foo', '-mon foo: chardev "foo" not found'),
    ('-M none -mon mode=control', "-mon mode=control: Parameter 'chardev' is missing"),
    ('-M none -name a,b=c', "-name a,b=c: Invalid parameter 'b'"),
    ('-M none -name a,debug-threads=foo',
     "-name a,debug-threads=foo: Parameter 'debug-threads' expects 'on' or 'off'"),
    ('-M none -readconfig /nope',
     "-readconfig /nope: Could not open '/nope': No such file or directory"),
    ('-M none -display foo', "-display foo: Parameter 'type' does not accept value 'foo'"),
    ('-M none -vga foo', 'unknown vga type: foo'),
    ('-M none -vnc :1', "-vnc :1: accelvm has no display: only 'none' is accepted"),
    ('-M none -gdb foo', "-gdb foo: accelvm has no gdb server: only 'none' is accepted"),
    ('-M none -sandbox foo', "-sandbox foo: Parameter 'enable' expects 'on' or 'off'"),
    ('-M none -sandbox on,obsolete=foo', '-sandbox on,obsolete=foo: invalid argument for obsolete'),
    ('-M none -overcommit mem-lock=foo',
     "-overcommit mem-lock=foo: Parameter 'mem-lock' expects 'on' or 'off'"),
    ('-M none -msg timestamp=foo', "-msg timestamp=foo: Parameter 'timestamp' expects 'on' or 'off'"),
    ('-M none -drive if=pflash,format=raw,file=/nope',
     "-drive if=pflash,format=raw,file=/nope: Could not open '/nope': No such file or directory"),
    *((f'-M {machine},max-fw-size={size} -accel qtest',
       f'User specified max allowed firmware size {number} is greater than 16MiB. If combined '
       'firwmare size exceeds 16MiB the system may not boot, or experience intermittent'
       'stability issues.')
      for machine, size, number in (('pc', '1G', 1 << 30), ('pc', '0x1000001', 0x1000001),
                                    ('isapc', '32M', 32 << 20))),
    ('-M isapc -append a', '-append only allowed with -kernel option'),
    ('-M isapc -initrd a', '-initrd only allowed with -kernel option'),
    ('-M none -no-kvm', '-no-kvm: invalid option'),
    ('-M none -D /x/y', 'Error opening logfile /x/y: No such file or directory'),
    ('-M none -icount foo', '-icount foo: icount: Invalid shift value'),
    ('-M none -serial foo', "-serial foo: 'foo' is not a valid char driver"),
    ('-M none -chardev foo,id=a', "-chardev foo,id=a: 'foo' is not a valid char driver name"),
    ('-M none -chardev null', '-chardev null: chardev: no id specified'),
    ('-M none -chardev null,id=1a', "-chardev null,id=1a: Parameter 'id' expects an identifier"),
    ('-M none -chardev null,id=a,foo=1', "-chardev null,id=a,foo=1: Invalid parameter 'foo'"),
    ('-M none -chardev null,id=a -chardev null,id=a',
     "-chardev null,id=a: Duplicate ID 'a' for chardev"),
    ('-M none -chardev file,id=a', '-chardev file,id=a: chardev: file: no filename given'),
    ('-M none -chardev file,id=a,path=/x/y',
     "-chardev file,id=a,path=/x/y: Could not open '/x/y': No such file or directory"),
    ('-M none -chardev socket,id=a', '-chardev socket,id=a: Unable to parse FD number '),
    ('-M none -chardev socket,id=a,fd=77',
     "-chardev socket,id=a,fd=77: File descriptor '77' is not a socket"),
    ('-M none -chardev socket,id=a,host=a', '-chardev socket,id=a,host=a: chardev: socket: no port '
                                            'given'),
    ('-M none -chardev socket,id=a,path=/x/y',
     "-chardev socket,id=a,path=/x/y: Failed to connect to '/x/y': No such file or directory"),
    ('-M none -chardev socket,id=a,path=/tmp/x,server=on,wait=off,reconnect=1',
     "-chardev socket,id=a,path=/tmp/x,server=on,wait=off,reconnect=1: 'reconnect' option is "
     "incompatible with socket in server listen mode"),
    ('-M none -chardev ringbuf,id=a,size=3',
     '-chardev ringbuf,id=a,size=3: size of ringbuf chardev must be power of two'),
]

# JSON that is none, or not what is wanted: one reader for options and QMP.
RAM = '{"qom-type":"memory-backend-ram","id":"m","size":'
ERRORS += [('-M none -object ' + text, '-object ' + text + ': ' + want) for text, want in [
    ('{', 'JSON parse error, premature EOI'),
    ('{"a"', 'JSON parse error, premature EOI'),
    ('{"a":', 'JSON parse error, premature EOI'),
    ('{"a":[1', 'JSON parse error, premature EOI'),
    ('{"a":1,', 'JSON parse error, premature EOI'),
    ('{1', 'JSON parse error, key is not a string in object'),
    ('{"a":}', 'JSON parse error, expecting value'),
    ('{"a":1,}', 'JSON parse error, expecting value'),
    ('{"a"1}', 'JSON parse error, missing : in object pair'),
    ('{"a":1"b":2}', 'JSON parse error, expected separator in dict'),
    ('{"a":1]', 'JSON parse error, expected separator in dict'),
    ('{"a":[1"b"]}', 'JSON parse error, expected separator in list'),
    ('{"a":1,"a":2}', 'JSON parse error, duplicate key'),
    ('{a:1}', "JSON parse error, invalid keyword 'a'"),
    ('{"a":tru', "JSON parse error, invalid keyword 'tru'"),
    ('{"a":+}', "JSON parse error, stray '+'"),
    ('{"a":-', "JSON parse error, stray '-'"),
    ('{"a":1.', "JSON parse error, stray '1.'"),
    ('{"a":"x', "JSON parse error, stray '\"x'"),
    ('{"a":"x\\', "JSON parse error, stray '\"x\\'"),
    ('{"a":"\\x"}', 'JSON parse error, invalid escape sequence in string'),
    ('{"a":1}}', 'Expecting at most one JSON value'),
    ('{"a":1}{"b":2}', 'Expecting at most one JSON value'),
    ('{"a":1}x', 'Expecting at most one JSON value'),
    ('{"a":1}"x', 'Expecting at most one JSON value'),
    ('{"a":' + '[' * 1024, 'JSON nesting depth limit exceeded'),
    ("{'qom-type':'a'}", "Parameter 'qom-type' does not accept value 'a'"),
    (RAM + '"1048576"}', "Parameter 'size' expects uint64"),
    (RAM + r'"\uffff1048576"}', r'JSON parse error, \uffff is not a valid Unicode character'),
    (RAM + '"\uffff1048576"}', 'JSON parse error, invalid UTF-8 sequence in string'),
    (RAM + '18446744073709551616}', "Parameter 'size' expects uint64"),
    (RAM + '1e9}', "Parameter 'size' expects uint64"),
]]

# Words that are wrong, and what to say instead.
HINTS = [
    ('-machin none', '-machin: invalid option', "did you mean 'machine'?"),
    ('-M microwm', 'unsupported machine type', "did you mean 'microvm'?"),
    ('-M none -accel kmv', 'invalid accelerator kmv', "did you mean 'kvm'?"),
    ('-M none -chardev sokcet,id=a', 'not a valid char driver name', "did you mean 'socket'?"),
    ('-M none -m 1,maxmen=2', "Invalid parameter 'maxmen'", "did you mean 'maxmem'?"),
    ('-M none -action panic=shutdwn', 'does not accept value', "did you mean 'shutdown'?"),
    ('-hda disk', '-hda: invalid option', 'no block devices'),
]

# Not to be compared with QEMU: texts or checks that this project has of its own.
OURS = {'-M none -icount foo', '-M none -accel kvm:tcg', '-M none -vnc :1', '-M none -gdb foo',
        '-M none -accel kvm,timing=foo', '-M pc -accel qtest -cpu 486,level=abc'}

# What is looked at when there is an accelerator, whichever it is.
LATE = {'-M none -device foo', '-M none -device {"drver":"a"}', '-M none -sandbox on,obsolete=foo'}


# To a monitor on stdio: end.
LEAVE = '{"execute":"qmp_capabilities"}{"execute":"quit"}'


def first_line(done, program):
    lines = done.stderr.splitlines()
    return re.sub(r'^\S*' + program + ': ', '', lines[0]) if lines else ''


class Errors(unittest.TestCase):
    def test_texts(self):
        for args, want in ERRORS:
            with self.subTest(args):
                any_host = ('-accel', 'qtest') if args in LATE else ()
                done = run(*BARE, *args.split(' '), *any_host)
                self.assertEqual(first_line(done, 'accelvm'), want)
                self.assertEqual(done.returncode, 1)
                self.assertEqual(done.stdout, '')

    def test_number_above_63_bits(self):
        """No memory is that large; but the number is one."""
        done = run(*BARE, '-M', 'none', '-object', RAM + '18446744073709543424}')
        self.assertIn('Cannot allocate memory', done.stderr)
        self.assertEqual(done.returncode, 1)

    def test_zero_byte(self):
        text = r'{"qom-type":"memory-backend-ram","id":"m\u0000n","size":1048576}'
        done = run(*BARE, '-M', 'none', '-object', text)
        self.assertEqual(first_line(done, 'accelvm'),
                         '-object ' + text + ": Parameter 'id' must not contain a zero byte")
        self.assertEqual(done.returncode, 1)

    def test_texts_are_qemus(self):
        reason = why_not_this_qemu([QEMU] if QEMU else [])
        if reason:
            self.skipTest(reason)
        for args, want in ERRORS:
            if args in OURS:
                continue
            with self.subTest(args):
                done = run(*BARE, *args.split(' '), program=QEMU)
                self.assertEqual(first_line(done, 'qemu-system-x86_64'), want)
                self.assertEqual(done.returncode, 1)

    def test_hints(self):
        for args, text, hint in HINTS:
            with self.subTest(args):
                done = run(*BARE, *args.split(' '))
                self.assertIn(text, done.stderr)
                self.assertIn(hint, done.stderr)
                self.assertEqual(done.returncode, 1)

    def test_fallback_story(self):
        done = run(*BARE, '-M', 'none', '-accel', 'foo', '-accel', 'bar')
        self.assertEqual([line for line in done.stderr.splitlines() if line[0] != ' '],
                         ['accelvm: -accel foo: invalid accelerator foo',
                          'accelvm: -accel bar: invalid accelerator bar'])
        self.assertEqual(done.returncode, 1)

    @needs_kvm
    def test_warning_names_its_option(self):
        """A warning during the start says which -accel it is about, later ones do not."""
        for args, prefix in (('-M pc -accel foo -accel kvm,timing=off', '-accel kvm,timing=off: '),
                             ('-M pc,accel=foo:kvm', '')):
            done = run(*BARE, *args.split(' '), '-S', '-smp', '1,maxcpus=288', '-qmp', 'stdio',
                       input=LEAVE)
            self.assertIn(f'accelvm: {prefix}warning: Number of hotpluggable cpus', done.stderr)
            self.assertIn('\naccelvm: falling back to KVM\n', done.stderr)
            self.assertEqual(done.returncode, 0)

    def test_falling_back_names(self):
        """QEMU's own names: KVM, but tcg; and a mistake in an option is no reason to fall back."""
        done = run(*BARE, '-M', 'none', '-accel', 'foo', '-accel', 'tcg', '-qmp', 'stdio',
                   input=LEAVE)
        if 'accelerator tcg is not available' in done.stderr:
            self.skipTest('the software CPU is not there')
        self.assertIn('accelvm: falling back to tcg\n', done.stderr)
        for args in ('-accel tcg,foo=1 -accel qtest', '-accel bar -accel tcg,foo=1 -accel qtest'):
            done = run(*BARE, '-M', 'none', *args.split(' '), '-qmp', 'stdio', input=LEAVE)
            self.assertEqual(done.stderr.splitlines()[-1],
                             "accelvm: -accel tcg,foo=1: Property 'tcg-accel.foo' not found")
            self.assertEqual(done.returncode, 1)

    def test_host_model_after_fallback(self):
        """The user asked for the host's CPU and KVM did not work: what can be done now."""
        done = run(*BARE, '-M', 'pc', '-cpu', 'host', '-accel', 'kvm,device=/nope/kvm', '-accel',
                   'tcg')
        if 'accelerator tcg is not available' in done.stderr:
            self.skipTest('the software CPU is not there')
        self.assertIn("accelvm: CPU model 'host' requires KVM or HVF\n  cause: the accelerator is "
                      "tcg, which has no host CPU to show\n  remedy: make KVM usable (accelvm-probe "
                      "says what is missing), or give -cpu max\n", done.stderr)
        self.assertEqual(done.returncode, 1)

    def test_absent_node(self):
        done = run(*BARE, '-M', 'none', '-accel', 'kvm,device=/nope/kvm')
        lines = done.stderr.splitlines()
        self.assertEqual(lines[0], 'accelvm: -accel kvm,device=/nope/kvm: Could not access KVM '
                                   'kernel module: No such file or directory')
        self.assertIn('accelvm: -accel kvm,device=/nope/kvm: failed to initialize kvm: '
                      'No such file or directory', lines)
        self.assertIn('stage: open', done.stderr)
        self.assertEqual(done.returncode, 1)

    def test_wrong_node(self):
        done = run(*BARE, '-M', 'none', '-accel', 'kvm,device=/dev/null')
        self.assertIn('api-version', done.stderr)
        self.assertEqual(done.returncode, 1)

    def test_duplicate_device(self):
        text, whole = 'pc-testdev,id=a', '{"driver":"pc-testdev","id":"a"}'
        for second, error in ((text, "Duplicate ID 'a' for device"),
                              (whole, "Duplicate device ID 'a'")):
            done = run(*BARE, '-M', 'isapc', '-accel', 'qtest', '-device', text, '-device', second)
            self.assertEqual(done.stderr, f'accelvm: -device {second}: {error}\n')

    def test_json(self):
        done = run(*BARE, '-msg', 'json=on', '-M', 'none', '-accel', 'kvm,device=/nope/kvm')
        rows = [json.loads(line) for line in done.stderr.splitlines()]
        self.assertEqual(rows[0]['message'],
                         'Could not access KVM kernel module: No such file or directory')
        self.assertEqual((rows[0]['level'], rows[0]['accel'], rows[0]['stage'], rows[0]['errno']),
                         ('error', 'kvm', 'open', 2))
        self.assertEqual((rows[0]['option'], rows[0]['argument']),
                         ('-accel', 'kvm,device=/nope/kvm'))

    def test_timestamp_and_name(self):
        done = run(*BARE, '-msg', 'timestamp=on,guest-name=on', '-name', 'bla', '-M', 'none',
                   '-accel', 'foo')
        self.assertRegex(done.stderr, r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z bla accelvm: '
                                      r'-accel foo: invalid accelerator foo\n')


class Help(unittest.TestCase):
    def check(self, args, *wants):
        done = run(*args.split(' '))
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        for want in wants:
            self.assertRegex(done.stdout, re.compile(want, re.MULTILINE))

    def test_version(self):
        self.check('-version', r'^accelvm version \d+\.\d+\.\d+$')

    def test_help(self):
        self.check('-h', r'^usage: accelvm \[options\]$', r'^-accel ', r'^-chardev ', r'Ctrl-a x')

    def test_help_wins_over_what_follows(self):
        self.check('-h -nonsense', '^usage: ')

    def test_machine(self):
        self.check('-machine help', r'^Supported machines are:$', r'^microvm +\S',
                   r'^pc +.*\(alias of pc-lite\)$', r'^pc-lite +.*\(default\)$', r'^none +')

    def test_machine_type(self):
        self.check('-M none,help', r'^none-machine options:$', r'^  accel=<string> ')

    def test_accel(self):
        self.check('-accel help', r'\AAccelerators supported in QEMU binary:\nkvm\n')
        self.check('-accel kvm,accel=help', r'\AAccelerators supported in QEMU binary:\nkvm\n')
        self.check('-accel kvm,help', r'kernel-irqchip=', r'device=<str>', r'timing=<bool>')

    def test_qtest_is_hidden(self):
        self.assertNotIn('qtest', run('-accel', 'help').stdout)

    def test_cpu(self):
        self.check('-cpu help', r'^Available CPUs:$', r'^x86 host ', r'^x86 max ')

    def test_device(self):
        self.check('-device help', r'^name "isa-debugcon", bus ISA', r'^CPU devices:$')
        self.check('-device isa-debugcon,help', r'^isa-debugcon options:$', r'^  iobase=')

    def test_rest(self):
        self.check('-chardev help', r'^Available chardev backend types: $', r'^  socket$')
        self.check('-object help', r'^List of user creatable objects:$')
        self.check('-trace help', r'^kvm_ioctl$', r'^kvm_vm_ioctl$')
        self.check('-d help', r'^Log items')
        self.check('-boot help', r'^boot options:$', r'reboot-timeout=<num>')


class Accepted(unittest.TestCase):
    """What QEMU's clients pass and must not be refused; the unknown accelerator at the end stops
    the start after all options have been looked at."""

    LINES = [
        '-S -machine none,usb=off,dump-guest-core=off,mem-merge=on -m 64 -overcommit mem-lock=off',
        '-M none -audio none -vga none -net none -nic none -parallel none',
        '-M none -vnc none -gdb none -k en-us',
        '-M none -name guest=t1,debug-threads=on -uuid 12345678-1234-1234-1234-123456789abc',
        '-M none -rtc base=utc,driftfix=slew,clock=vm -no-hpet -no-acpi -no-fd-bootchk',
        '-M none -boot strict=on,menu=off,reboot-timeout=5,splash-time=1000 -boot nda',
        '-M isapc,hmat=on -M smp.cpus=1,smp.sockets=1 -m size=1.5G,slots=2,maxmem=4G',
        '--machine none --m 64k -no-reboot -no-shutdown -action panic=none,watchdog=pause',
        '-M none -chardev ringbuf,id=a,size=4k -chardev null,id=b,logfile=/dev/null',
        '-M none -sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny',
        '-M none -compat deprecated-input=reject -audiodev {"id":"audio1","driver":"none"}',
        '-M none -run-with exit-with-parent=off -icount shift=auto',
        '-M none -echr 0x14 -seed 0x1234 -only-migratable -run-with chroot=/',
    ]

    def test_lines(self):
        for line in self.LINES:
            with self.subTest(line):
                done = run(*BARE, *line.split(' '), '-accel', 'nope')
                self.assertIn('-accel nope: invalid accelerator nope', done.stderr)
                self.assertEqual(len([x for x in done.stderr.splitlines() if x[0] != ' ']), 1,
                                 done.stderr)

    # Layout of -qmp-pretty: strings that look like brackets, brackets with nothing in them.
    PRETTY_ASK = ('{"execute":"qmp_capabilities"}{"execute":"a","id":["}{ , \\"]",{},[],{"b":[[]]}]}'
                  '{"execute":"quit"}')
    PRETTY = """\
{
    "return": {
    }
}
{
    "id": [
        "}{ , \\"]",
        {
        },
        [
        ],
        {
            "b": [
                [
                ]
            ]
        }
    ],
    "error": {
        "class": "CommandNotFound",
        "desc": "The command a has not been found"
    }
}
"""

    def check_pretty(self, program, *accel):
        done = subprocess.run([program, *BARE, '-M', 'none', *accel, '-S', '-qmp-pretty', 'stdio'],
                              input=self.PRETTY_ASK.encode(), capture_output=True, timeout=60,
                              check=False)
        lines = done.stdout.split(b'\r\n')
        self.assertNotIn(b'\n', b''.join(lines))
        self.assertIn(self.PRETTY.replace('\n', '\r\n').encode(), done.stdout)

    def test_pretty(self):
        self.check_pretty(ACCELVM, '-accel', 'qtest')

    def test_pretty_is_qemus(self):
        reason = why_not_this_qemu([QEMU] if QEMU else [])
        if reason:
            self.skipTest(reason)
        self.check_pretty(QEMU, '-accel', 'tcg')

    def test_bad_escape_key(self):
        """QEMU says the same and goes on with number 0."""
        done = run(*BARE, '-M', 'none', '-echr', 'x')
        self.assertEqual((done.returncode, done.stderr), (1, 'accelvm: Bad argument to echr\n'))

    def test_readconfig(self):
        with tempfile.NamedTemporaryFile('w', suffix='.ini') as ini:
            ini.write('# comment\n[machine]\n  type = "none"\n[accel]\n  accel = "nope"\n')
            ini.flush()
            done = run('-nodefaults', '-readconfig', ini.name)
            self.assertIn('invalid accelerator nope', done.stderr)

    def test_readconfig_errors(self):
        for text, want in [('x = "1"\n', ':1: no group defined'), ('[foo]\n', "option group 'foo'"),
                           ('[memory]\nsize = 5\n', ':2: parse error'),
                           ('[memory]\nsize = "x"\n', "Parameter 'size' expects")]:
            with self.subTest(text), tempfile.NamedTemporaryFile('w') as ini:
                ini.write(text)
                ini.flush()
                done = run('-nodefaults', '-readconfig', ini.name)
                self.assertIn(want, done.stderr)
                self.assertEqual(done.returncode, 1)

    def test_comma_escape(self):
        done = run(*BARE, '-M', 'none', '-chardev', 'file,id=a,path=/no,,where/x')
        self.assertIn("Could not open '/no,where/x'", done.stderr)

    @needs_kvm
    def test_timing(self):
        done = run(*BARE, '-M', 'none', '-accel', 'kvm,timing=on', '-daemonize', '-pidfile',
                   self.pidfile())
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr, r'timeline of the start, in us\n(.*\n)*    create-vm +\d')
        self.end_daemon()

    def pidfile(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        return os.path.join(self.folder.name, 'pid')

    def end_daemon(self):
        with open(os.path.join(self.folder.name, 'pid'), encoding='ascii') as f:
            os.kill(int(f.read()), 15)


main()
