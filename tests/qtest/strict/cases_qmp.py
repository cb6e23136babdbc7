# SPDX-License-Identifier: LGPL-2.1-or-later
"""The monitor: greeting, errors byte by byte, preconfig, out-of-band, objects, schema."""
import errno
import os
import time

from .client import check_error, demand
from .registry import case, equal

BARE = "-nodefaults -machine none"


@case("machine-none")
def machine_none(run):
    vm = run.start('-machine none -cpu "qemu64,apic-id=0"')
    equal(vm.qmp("quit"), {"return": {}}, "quit")
    vm.event("SHUTDOWN")
    demand(vm.wait_end(60), "quit did not end it")


def check_greeting(greeting):
    qmp = greeting.get("QMP")
    demand(set(greeting) == {"QMP"} and isinstance(qmp, dict), f"greeting: {greeting}")
    equal(set(qmp), {"version", "capabilities"}, "members of the greeting")
    check_version(qmp["version"])
    demand(isinstance(qmp["capabilities"], list), "capabilities is no array")


def check_version(version):
    equal(set(version), {"qemu", "package"}, "members of the version")
    equal(set(version["qemu"]), {"major", "minor", "micro"}, "members of version.qemu")
    demand(all(type(v) is int for v in version["qemu"].values()), f"version: {version}")
    demand(isinstance(version["package"], str), f"package: {version}")


BAD_BYTES = (b"{]\n", b"{\xff", b"{\x01", b"{'bad \xff", b"{'execute': 'nonexistent', 'id':'\n")
BAD_REQUESTS = (b"%p\n", b"null\n", b"{}\n", b'{"execute": true}\n',
                b'{"execute": "query-version", "arguments": []}\n',
                b'{"execute": "query-version", "extra": 1}\n')


def check_bad_input(vm):
    """One error object for each bad input, and the next command works."""
    for data in BAD_BYTES + BAD_REQUESTS:
        vm.send_raw(data)
        check_error(vm.receive(), "GenericError")
        vm.error("CommandNotFound", "no-such-cmd")


@case("qmp/protocol")
def protocol(run):
    vm = run.start(BARE, handshake=False)
    check_greeting(vm.receive())
    vm.error("CommandNotFound", "query-version")
    check_bad_input(vm)
    equal(vm.ok("qmp_capabilities"), {}, "qmp_capabilities")
    vm.error("CommandNotFound", "qmp_capabilities")
    check_version(vm.ok("query-version"))
    check_bad_input(vm)
    for ident in ("cookie#1", 2):
        answer = vm.request({"execute": "query-name", "id": ident})
        demand(isinstance(answer.get("return"), dict), f"query-name: {answer}")
        equal(answer.get("id"), ident, "id")
    answer = vm.request({"execute": "human-monitor-command", "id": 2})
    check_error(answer, "GenericError")
    equal(answer.get("id"), 2, "id of an error")


@case("qmp/missing-any-arg")
def missing_any_arg(run):
    vm = run.start(BARE)
    vm.error("GenericError", "qom-set", path="/machine", property="rtc-time")


@case("qmp/preconfig")
def preconfig(run):
    vm = run.start("--preconfig")
    vm.ok("query-commands")
    check_error(vm.qmp("query-cpus-fast"))
    equal(vm.ok("query-status")["status"], "prelaunch", "status before")
    vm.ok("x-exit-preconfig")
    vm.event("RESUME")
    equal(vm.ok("query-status")["status"], "running", "status after")
    check_error(vm.qmp("x-exit-preconfig"))
    vm.ok("query-cpus-fast")


def block(vm, ident, fifo):
    vm.send({"execute": "blockdev-add", "id": ident, "arguments": {
        "driver": "blkdebug", "node-name": ident, "config": fifo,
        "image": {"driver": "null-co"}}})


def unblock(fifo):
    """Open the other end; there is a reader only once the command has come to open it."""
    for _ in range(3000):
        try:
            os.close(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
            return
        except OSError as why:
            demand(why.errno == errno.ENXIO, f"fifo: {why}")
            time.sleep(0.01)
    demand(False, "nobody opened the FIFO for reading")


def expect_id(vm, ident):
    equal(vm.receive().get("id"), ident, "whose answer this is")


@case("qmp/oob")
def oob(run):
    vm = run.start(BARE, handshake=False)
    capabilities = vm.receive()["QMP"]["capabilities"]
    equal(capabilities[:1], ["oob"], "first capability")
    check_error(vm.qmp("qmp_capabilities", enable=["cap-does-not-exist"]))
    vm.ok("qmp_capabilities", enable=["oob"])
    check_error(vm.request({"exec-oob": "query-cpus-fast"}))
    fifo = run.file(fifo=True)
    block(vm, "blocks-1", fifo)
    vm.send({"exec-oob": "migrate-pause", "id": "oob-1"})
    expect_id(vm, "oob-1")
    unblock(fifo)
    expect_id(vm, "blocks-1")
    block(vm, "blocks-2", fifo)
    vm.send({"execute": "query-name", "id": "in-band"})
    vm.send({"id": "no-execute"})
    vm.send({"exec-oob": "migrate-pause", "id": "oob-2"})
    expect_id(vm, "oob-2")
    unblock(fifo)
    expect_id(vm, "blocks-2")
    expect_id(vm, "in-band")
    expect_id(vm, "no-execute")


@case("qmp/object-add-failure-modes")
def object_add(run):
    vm = run.start(BARE)
    ram = "memory-backend-ram"
    vm.error("GenericError", "object-add", qom_type=ram, id_="ram1")            # no size
    vm.error("GenericError", "object-add", id_="ram1", size=1048576)            # no type
    vm.error("GenericError", "object-add", qom_type=ram, size=1048576)          # no id
    vm.ok("object-add", qom_type=ram, id_="ram1", size=1048576)
    vm.error("GenericError", "object-add", qom_type=ram, id_="ram1", size=1048576)
    vm.ok("object-del", id_="ram1")
    vm.error("GenericError", "object-del", id_="ram1")
    for wrong in ("1048576", 1.5, True, None, []):
        vm.error("GenericError", "object-add", qom_type=ram, id_="ram1", size=wrong)
    vm.error("GenericError", "object-add", qom_type=ram, id_="ram1", size=1048576, sizes=1)
    vm.error("GenericError", "object-add", qom_type="no-such-type", id_="ram1")
    vm.ok("object-add", qom_type=ram, id_="ram1", size=1048576)
    vm.ok("object-del", id_="ram1")
    vm.error("GenericError", "object-del")


FAILS = {   # commands without required arguments that nevertheless fail on a bare machine
    "query-balloon": "DeviceNotActive",
    "query-hotpluggable-cpus": "GenericError",
    "query-acpi-ospm-status": "GenericError",
    "query-vm-generation-id": "GenericError",
    "query-sev-launch-measure": "GenericError",
    "query-sgx": "GenericError",
    "x-query-usb": "GenericError",
    "x-query-profile": "GenericError",
}
EITHER_WAY = {   # what these say depends on the host, the build or the accelerator, or on input
    "add-fd", "query-sev-capabilities", "query-sgx-capabilities", "x-query-jit", "x-query-opcount",
}


def resolve(by_name, entry):
    """Every type that an entry names must be there."""
    names = [entry[k] for k in ("arg-type", "ret-type", "element-type") if k in entry]
    names += [m["type"] for k in ("members", "variants") for m in entry.get(k, ()) if "type" in m]
    for name in names:
        demand(name in by_name, f"schema: {entry['name']} refers to {name}, which is not there")


@case("qmp/schema")
def schema(run):
    vm = run.start(BARE)
    entries = vm.ok("query-qmp-schema")
    by_name = {e["name"]: e for e in entries}
    commands = {e["name"]: e for e in entries if e["meta-type"] == "command"}
    advertised = {c["name"] for c in vm.ok("query-commands")}
    equal(set(commands) ^ advertised, set(), "commands in one of schema and query-commands only")
    demand("qmp_capabilities" in commands, "qmp_capabilities is not in the schema")
    for entry in entries:
        demand(isinstance(entry["name"], str) and isinstance(entry["meta-type"], str), str(entry))
        resolve(by_name, entry)
    for name, entry in sorted(commands.items()):
        query_without_arguments(vm, by_name, name, entry)


def query_without_arguments(vm, by_name, name, entry):
    argument, result = by_name[entry["arg-type"]], by_name[entry["ret-type"]]
    equal(argument["meta-type"], "object", f"{name}: meta-type of its argument")
    if any("default" not in m for m in argument["members"]) or argument.get("variants"):
        return
    if result["meta-type"] == "object" and not result["members"]:
        return
    answer = vm.qmp(name)
    if name in FAILS:
        check_error(answer, FAILS[name])
    elif name not in EITHER_WAY:
        demand("return" in answer, f"{name}: {answer}")
