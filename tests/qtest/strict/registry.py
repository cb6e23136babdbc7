# SPDX-License-Identifier: LGPL-2.1-or-later
"""Cases by name, and the context that each of them runs in."""
import os
import shutil
import struct
import tempfile
import time
import traceback

from .client import VM, Abort, demand

CASES = {}


class Skip(Exception):
    """The case cannot run here."""


def case(name, clock=False):
    """Register a case. clock: it needs the virtual clock, hence -accel qtest."""
    def register(function):
        CASES[name] = (function, clock)
        return function
    return register


def equal(got, want, what):
    demand(got == want, f"{what}: got {got!r}, want {want!r}")


class Run:
    """What a case may use; whatever it started or made is gone afterwards."""

    def __init__(self, options):
        self.options, self.vms, self.dirs = options, [], []
        self.era = options.era

    def start(self, extra, frozen=False, **how):
        """frozen: no vCPU may run, which -accel qtest sees to by itself."""
        if frozen and self.options.accel != "qtest":
            extra += " -S"
        vm = VM(self.options, extra, **how)
        self.vms.append(vm)
        return vm

    def file(self, data=b"", fifo=False):
        self.dirs.append(tempfile.mkdtemp(prefix="strict-"))
        path = os.path.join(self.dirs[-1], "f")
        if fifo:
            os.mkfifo(path)
        else:
            with open(path, "wb") as out:
                out.write(data)
        return path

    def deaths(self):
        """How those ended that were not asked to."""
        time.sleep(0.2)   # only for the message: a peer closes its sockets a moment before it ends
        return [f"the binary ended: {vm.describe()}" for vm in self.vms
                if vm.qtest.sock.fileno() >= 0 and vm.reap(os.WNOHANG)]

    def close(self):
        for vm in self.vms:
            vm.kill()
        for path in self.dirs:
            shutil.rmtree(path)


def run_case(name, options):
    """Returns None, or why it failed; raises Skip."""
    function, clock = CASES[name]
    if clock and options.accel != "qtest":
        raise Skip("needs the virtual clock of -accel qtest")
    run = Run(options)
    try:
        function(run)
        for vm in run.vms:
            if vm.qtest.sock.fileno() >= 0:
                vm.quit()
        return None
    except Abort as why:
        return "\n".join([str(why)] + (run.deaths() if "Broken pipe" in str(why) else []))
    except (OSError, LookupError, TypeError, ValueError, AttributeError, struct.error) as why:
        where = traceback.extract_tb(why.__traceback__)[-1]   # an answer without what it must have
        return f"{type(why).__name__}: {why} at {os.path.basename(where.filename)}:{where.lineno}"
    finally:
        run.close()
