# SPDX-License-Identifier: LGPL-2.1-or-later
"""What -cpu asks for, as tests of CPU models read it back; no guest runs, so no host is in the way."""
from .client import Abort, demand
from .registry import case, equal

EXTRA = "+arat,+fsgsbase,+avx512vbmi,+xsaveopt"
SVM = "+3dnow,+sse4a,+invtsc,+npt,+svm"

LEVELS = (   # -cpu, property, value
    ("phenom", "level", 5),
    ("Conroe", "level", 10),
    ("SandyBridge", "level", 0xd),
    ("486", "xlevel", 0),
    ("core2duo", "xlevel", 0x80000008),
    ("phenom", "xlevel", 0x8000001a),
    ("486,+arat", "level", 6),
    ("phenom,+fsgsbase", "level", 7),
    ("phenom,+xsaveopt", "level", 0xd),
    ("486,+3dnow", "xlevel", 0x80000001),
    ("486,+invtsc", "xlevel", 0x80000007),
    ("athlon,+svm", "xlevel", 0x8000000a),
    ("phenom,+xstore", "xlevel2", 0xc0000001),
    (f"SandyBridge,{EXTRA}", "level", 0xd),
    (f"486,level=0xF,{EXTRA}", "level", 0xf),
    (f"486,level=0,{EXTRA}", "level", 0),
    (f"486,xlevel=0x80000002,{SVM}", "xlevel", 0x80000002),
    ("486,xlevel2=0xC0000002,+xstore", "xlevel2", 0xc0000002),
    ("486,min-level=9,+arat", "level", 9),
    ("486,min-level=9,level=3", "level", 3),
    ("486,min-xlevel=0x80000005,+3dnow", "xlevel", 0x80000005),
)


def cpu0(vm):
    return vm.ok("query-cpus-fast")[0]["qom-path"]


def get(vm, name):
    return vm.ok("qom-get", path=cpu0(vm), property=name)


@case("cpu/levels")
def levels(run):
    for model, name, value in LEVELS:
        vm = run.start(f"-S -cpu {model}")
        equal(get(vm, name), value, f"{name} of {model}")
        vm.quit()


def word(words, leaf, register, index=None):
    found = [w["features"] for w in words
             if w["cpuid-input-eax"] == leaf and w["cpuid-register"] == register and
             w.get("cpuid-input-ecx") == index]
    equal(len(found), 1, f"feature words of leaf {leaf:#x}, {register}")
    return found[0]


FEATURES = (   # -cpu, leaf, register, bit, whether it is on
    ("486,+arat", 6, "EAX", 2, True), ("486,arat", 6, "EAX", 2, True),
    ("486,arat=on", 6, "EAX", 2, True), ("486,arat=yes", 6, "EAX", 2, True),
    ("pentium,-mmx", 1, "EDX", 23, False), ("pentium,mmx=off", 1, "EDX", 23, False),
    ("486,-arat,+arat", 6, "EAX", 2, False), ("486,+arat,arat=off", 6, "EAX", 2, True),
)


@case("cpu/features")
def features(run):
    for model, leaf, register, bit, on in FEATURES:
        vm = run.start(f"-S -cpu {model}")
        words = get(vm, "feature-words")
        equal(bool(word(words, leaf, register) >> bit & 1), on, f"the bit of {model}")
        demand(isinstance(word(get(vm, "filtered-features"), 7, "EBX", 0), int), "filtered-features")
        vm.quit()


@case("cpu/list")
def listed(run):
    """Who looks for all switches of a CPU finds them in its list, each of them readable."""
    vm = run.start("-S -cpu Haswell,-avx2,+vmx")
    rows = {p["name"]: p["type"] for p in vm.ok("qom-list", path=cpu0(vm))}
    for name, value in (("aes", True), ("avx2", False)):
        equal(rows.get(name), "bool", f"type of {name}")
        equal(get(vm, name), value, name)
    for name, kind in rows.items():
        if kind == "bool":
            demand(isinstance(get(vm, name), bool), f"{name} is not readable")
    equal(get(vm, "apic-id"), 0, "apic-id")


WRONG = ("qemu64,foo=on", "qemu64,+foo", "qemu64,level=x", "qemu64,svm=maybe", "qemu64,socket-id=1",
         "qemu64,apic-id=-1", "no-such-model")


@case("cpu/wrong")
def wrong(run):
    """What is wrong in -cpu is so with every accelerator."""
    for model in WRONG:
        try:
            vm = run.start(f"-S -cpu {model}")
            vm.qmp("query-status")
        except (Abort, OSError):
            continue
        raise Abort(f"-cpu {model} was accepted")
    run.start("-S -cpu qemu64,apic-id=0,socket-id=0").ok("query-status")


@case("cpu/path")
def path(run):
    """The first CPU is where old tools look for it; a device of the user that has no id is apart."""
    vm = run.start("-S -M isapc -device isa-debug-exit")
    equal(cpu0(vm), "/machine/unattached/device[0]", "path of the first CPU")
    demand("-x86_64-cpu" in vm.ok("qom-get", path=cpu0(vm), property="type"), "no CPU there")
    rows = {r["name"]: r["type"] for r in vm.ok("qom-list", path="/machine/peripheral-anon")}
    equal(rows.get("device[0]"), "child<isa-debug-exit>", "the device without an id")
