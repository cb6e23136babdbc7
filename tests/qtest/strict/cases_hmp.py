# SPDX-License-Identifier: LGPL-2.1-or-later
"""The human monitor and the object tree, walked from end to end on every machine."""
from .client import check_error, demand
from .registry import case, equal


def machines(run):
    vm = run.start("-machine none")
    names = [m["name"] for m in vm.ok("query-machines")]
    vm.quit()
    return [n for n in ("pc-lite", "isapc", "microvm", "none") if n in names] or ["none"]


@case("hmp/info")
def info(run):
    """Each line of "help info" is a command; "help" knows it by that name, too."""
    for machine in machines(run):
        vm = run.start(f"-S -M {machine}")
        lines = [line for line in vm.hmp("help info").splitlines() if line.startswith("info ")]
        demand(len(lines) > 10, f"help info: {lines}")
        for line in lines:
            name = line.split(" ")[1]
            vm.hmp(f"info {name}")
            demand(vm.hmp(f"help info {name}").startswith(f"info {name} "), f"help info {name}")
        vm.quit()


@case("hmp/memory")
def memory(run):
    """A CPU that has not begun has no page tables."""
    vm = run.start("-S -M isapc")
    vm.memwrite(0x100, b"\x78\x56\x34\x12")
    equal(vm.hmp("x /1xw 0x100").strip(), "0000000000000100: 0x12345678", "x")
    equal(vm.hmp("xp /1xw 0x100").strip(), "0000000000000100: 0x12345678", "xp")
    for name in ("memsave", "pmemsave"):
        path = run.file()
        vm.ok(name, val=0x100, size=4, filename=path)
        with open(path, "rb") as file:
            equal(file.read(), b"\x78\x56\x34\x12", name)
    check_error(vm.qmp("memsave", val=0, size=4, filename="/dev/null", cpu_index=7), "GenericError")


def walk(vm, path, count):
    for row in vm.ok("qom-list", path=path):
        child = f"{path}/{row['name']}"
        answer = vm.qmp("qom-get", path=path, property=row["name"])
        if row["type"].startswith("child<"):
            demand(isinstance(answer.get("return"), str), f"{child}: {answer}")
            walk(vm, child, count)
        elif row["type"].startswith("link<"):
            vm.qmp("qom-list", path=child)
        demand("return" in answer or "error" in answer, f"{child}: {answer}")
        count.append(child)


@case("qom/walk")
def tree(run):
    for machine in machines(run):
        vm = run.start(f"-S -M {machine}")
        count = []
        walk(vm, "/machine", count)
        demand(len(count) > 3, f"{machine}: only {count}")
        equal(vm.qmp("quit").get("return"), {}, "quit")
        vm.event("SHUTDOWN")
        demand(vm.wait_end(60), "quit did not end it")


@case("qom/machine")
def machine_facts(run):
    """What a machine was made from can be read back."""
    vm = run.start("-S -M isapc,dump-guest-core=off -m 64 -boot order=nc")
    rows = {r["name"]: r["type"] for r in vm.ok("qom-list", path="/machine")}
    for name, kind, value in (
            ("kernel", "string", ""), ("append", "string", ""), ("usb", "bool", False),
            ("dump-guest-core", "bool", False), ("mem-merge", "bool", True),
            ("graphics", "bool", True), ("boot", "BootConfiguration", {"order": "nc"}),
            ("memory", "MemorySizeConfiguration", {"size": 64 << 20}),
            ("memory-backend", "link<memory-backend>", "/objects/pc.ram")):
        equal(rows.get(name), kind, f"type of {name}")
        equal(vm.ok("qom-get", path="/machine", property=name), value, name)
    equal(vm.ok("qom-get", path="/machine", property="smp")["maxcpus"], 1, "smp.maxcpus")
    vm.error("GenericError", "qom-set", path="/machine", property="type", value="x")
    listed = vm.ok("qom-list-properties", typename="isapc-machine")
    demand("memory-backend" in [r["name"] for r in listed], "qom-list-properties of a machine")


def ancestors(by_name, name):
    while name is not None:
        yield name
        name = by_name[name].get("parent")


@case("qom/types")
def types(run):
    """What a type is derived from is told without a gap; what is abstract has no instances."""
    vm = run.start("-machine none -nodefaults")
    by_name = {t["name"]: t for t in vm.ok("qom-list-types", abstract=True)}
    before = vm.hmp("info qtree"), vm.hmp("info qom-tree")
    devices = vm.ok("qom-list-types", implements="device", abstract=True)
    demand(len(devices) > 20, f"devices: {devices}")
    for device in [d["name"] for d in devices]:
        demand("device" in ancestors(by_name, device), f"{device} is no device")
        if by_name[device].get("abstract"):
            vm.error("GenericError", "device-list-properties", typename=device)
    vm.error("DeviceNotFound", "device-list-properties", typename="nonexistent")
    for device in [d["name"] for d in devices if not d.get("abstract")][:40]:
        for row in vm.ok("device-list-properties", typename=device):
            demand(isinstance(row["name"], str) and isinstance(row["type"], str), f"{device}: {row}")
        demand("not a valid" not in vm.hmp(f'device_add "{device},help"'), f"help of {device}")
    equal((vm.hmp("info qtree"), vm.hmp("info qom-tree")), before, "trees")
