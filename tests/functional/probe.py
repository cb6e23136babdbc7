#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""accelvm-probe as a user meets it: forms of the report, requirements, exit statuses, saved hosts.

usage: probe.py PROBE SOURCE-ROOT
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

PROBE, SOURCE = sys.argv.pop(1), sys.argv.pop(1)
KVM = os.access("/dev/kvm", os.R_OK | os.W_OK)


def run(*args, **kwargs):
    return subprocess.run([PROBE, *args], capture_output=True, text=True, timeout=30, **kwargs)


def host(directory, failure, **files):
    """Lay out a saved host."""
    for path, text in dict(files, failure=failure).items():
        full = os.path.join(directory, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="ascii") as f:
            f.write(text)


class Anywhere(unittest.TestCase):
    def test_wrong_node(self):
        r = run("--device=/dev/null")
        self.assertEqual(r.returncode, 3)
        first, second, third = r.stdout.splitlines()[:3]
        self.assertEqual(first, "KVM is not usable: kvm version too old")
        self.assertIn("/dev/null is no KVM device", second)
        self.assertIn("remedy:", third)

    def test_absent(self):
        r = run("--device=/nonexistent/kvm", "--json")
        self.assertEqual(r.returncode, 3)
        d = json.loads(r.stdout)
        self.assertEqual(d["schema_version"], 1)
        self.assertIs(d["usable"], False)
        self.assertEqual(d["state"], "absent")
        self.assertEqual(d["error"]["stage"], "open")
        self.assertEqual(d["error"]["errno"], 2)
        self.assertTrue(d["error"]["causes"] and d["error"]["remedies"])
        self.assertIsNone(d["kvm"])

    def test_lines_fit(self):
        r = run("--device=/nonexistent/kvm")
        for line in r.stdout.splitlines()[5:]:
            self.assertLessEqual(len(line), 80, line)

    def test_usage(self):
        for args in (["--nosuch"], ["--format=x"], ["word"], ["--require=nosuch"], ["--list=x"],
                     ["--offline=/nonexistent"], ["--require=vcpus=many"]):
            r = run(*args)
            self.assertEqual(r.returncode, 2, args)
            self.assertTrue(r.stderr, args)

    def test_help_names_every_option(self):
        r = run("--help")
        self.assertEqual(r.returncode, 0)
        with open(f"{SOURCE}/docs/man/accelvm-probe.1.rst", encoding="ascii") as f:
            man = f.read()
        for option in ("--json", "--format", "--require", "--device", "--save", "--offline",
                       "--list"):
            self.assertIn(option, r.stdout)
            self.assertIn(option, man)

    def test_offline(self):
        with tempfile.TemporaryDirectory() as d:
            host(d, "code=3\nstage=create-vm\ncall=KVM_CREATE_VM\nerrno=16\n"
                    "message=ioctl(KVM_CREATE_VM) failed: 16 Device or resource busy\n",
                 **{"proc/modules": "vboxdrv 1 0 - Live 0x0\n"})
            r = run("--offline", d)
            self.assertEqual(r.returncode, 5)
            self.assertIn("VirtualBox owns", r.stdout.splitlines()[1])

    def test_save_and_explain(self):
        with tempfile.TemporaryDirectory() as d:
            first = run("--device=/dev/null", "--save", d)
            again = run("--offline", d)
            self.assertEqual(first.returncode, again.returncode)
            self.assertEqual(first.stdout.splitlines()[0], again.stdout.splitlines()[0])
            for root, _, names in os.walk(d):
                for name in names:
                    self.assertNotIn("environ", os.path.join(root, name))

    def test_flat_forms(self):
        self.assertIn("accelvm_kvm_usable 0",
                      run("--device=/nonexistent/kvm", "--format=prometheus").stdout)
        self.assertIn("kvm.usable=false", run("--device=/nonexistent/kvm", "--format=nfd").stdout)
        self.assertEqual(run("--device=/nonexistent/kvm", "--format=slurm").stdout.strip(), "")

    def test_require_unmet(self):
        r = run("--device=/nonexistent/kvm", "--require=usable,KVM_CAP_IRQCHIP,vcpus=1")
        self.assertEqual(r.returncode, 1)
        self.assertEqual(r.stderr.count("missing:"), 3)

    def test_every_stage_is_documented(self):
        with open(f"{SOURCE}/docs/bring-up.rst", encoding="utf-8") as f:
            page = f.read()
        stages = run("--list=stages").stdout.split()
        self.assertIn("irqchip", stages)
        for name in stages:
            self.assertRegex(page, rf"(?m)^(.*, )?{name}(,.*)?$")

    def test_completion_asks(self):
        names = run("--list=capabilities").stdout.split()
        self.assertIn("KVM_CAP_IMMEDIATE_EXIT", names)
        script = (f"PATH={os.path.dirname(os.path.abspath(PROBE))}:$PATH; "
                  f". {SOURCE}/scripts/completion/accelvm-probe; "
                  "COMP_WORDS=(accelvm-probe --require = KVM_CAP_IMMED); COMP_CWORD=3; "
                  "_accelvm_probe; echo ${COMPREPLY[@]}")
        r = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=30)
        self.assertEqual(r.stdout.strip(), "KVM_CAP_IMMEDIATE_EXIT")


@unittest.skipUnless(KVM, "no usable /dev/kvm")
class WithKvm(unittest.TestCase):
    def test_usable(self):
        d = json.loads(run("--json").stdout)
        self.assertIs(d["usable"], True)
        self.assertEqual(d["kvm"]["api_version"], 12)
        self.assertGreaterEqual(d["kvm"]["max_vcpus"], d["kvm"]["recommended_vcpus"])
        self.assertGreater(len(d["kvm"]["capabilities"]), 200)
        self.assertEqual(d["kvm"]["stages"][0]["name"], "open")

    def test_require_met(self):
        self.assertEqual(run("--require=usable,USER_MEMORY,vcpus=1,memslots=32").returncode, 0)
        r = run("--require=usable,vcpus=1000000")
        self.assertEqual(r.returncode, 1)
        self.assertEqual(r.stderr, "accelvm-probe: missing: vcpus=1000000\n")

    def test_width(self):
        for line in run().stdout.splitlines():
            self.assertLessEqual(len(line), 80, line)


if __name__ == "__main__":
    unittest.main(verbosity=2)
