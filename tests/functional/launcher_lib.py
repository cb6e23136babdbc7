# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the launcher's tests share: running the program, skipping with a reason, TAP output."""
import os
import shutil
import subprocess
import sys
import threading
import unittest

ACCELVM = os.environ.get('ACCELVM', 'build/system/accelvm')
GUESTS = os.environ.get('ACCELVM_GUESTS', 'build/tests/guests')
QEMU = shutil.which('qemu-system-x86_64')
LIMIT = 60  # seconds; a bound, not a measure
BARE = ['-nodefaults', '-no-user-config', '-display', 'none']


def have_kvm():
    try:
        os.close(os.open('/dev/kvm', os.O_RDWR | os.O_CLOEXEC))
        return True
    except OSError:
        return False


needs_kvm = unittest.skipUnless(have_kvm(), 'no usable /dev/kvm')
needs_qemu = unittest.skipUnless(QEMU, 'qemu-system-x86_64 is not installed')


def guest(name):
    return os.path.join(GUESTS, name)


def run(*args, stdin=subprocess.DEVNULL, program=ACCELVM, **kw):
    """Run to the end. Text comes back; the status is in .returncode."""
    if 'input' in kw:
        stdin = None
    return subprocess.run([program, *args], stdin=stdin, capture_output=True, text=True,
                          timeout=LIMIT, check=False, **kw)


def talk(line, prompts, answer, env=None):
    """Run @line until each of the prompts has come, sending @answer after the others than the last.
    Returns: what came, and the status after SIGTERM."""
    with subprocess.Popen(line, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as proc:
        timer = threading.Timer(LIMIT, proc.kill)
        timer.start()
        text, left = b'', list(prompts)
        while left and (data := os.read(proc.stdout.fileno(), 4096)):
            text += data
            if left[0] in text:
                left.pop(0)
                if left:
                    proc.stdin.write(answer)
                    proc.stdin.flush()
        timer.cancel()
        proc.terminate()
        return text, proc.wait(LIMIT)


class Running:
    """A started emulator that is ended with the block."""

    def __init__(self, *args, **kw):
        kw.setdefault('stdin', subprocess.DEVNULL)
        kw.setdefault('stdout', subprocess.PIPE)
        kw.setdefault('stderr', subprocess.PIPE)
        self.proc = subprocess.Popen([ACCELVM, *args], **kw)

    def __enter__(self):
        return self.proc

    def __exit__(self, *exc):
        if self.proc.poll() is None:
            self.proc.kill()
        self.proc.wait(LIMIT)
        for pipe in (self.proc.stdin, self.proc.stdout, self.proc.stderr):
            if pipe:
                pipe.close()


class TapResult(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.number = 0

    def line(self, good, test, note=''):
        self.number += 1
        print(f'{"" if good else "not "}ok {self.number} - {test.id()}{note}', flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.line(True, test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line(True, test, f' # SKIP {reason}')

    def tell(self, test, err):
        self.line(False, test)
        for text in self._exc_info_to_string(err, test).splitlines():
            print(f'# {text}', flush=True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.tell(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self.tell(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.tell(subtest, err)


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules['__main__'])
    result = TapResult()
    suite.run(result)
    print(f'1..{result.number}', flush=True)
    sys.exit(0 if result.wasSuccessful() else 1)
