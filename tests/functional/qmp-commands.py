#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
Drive every QMP command there is, and see that none was left out.

  qmp-commands.py PROGRAM

Each case gets a machine of its own with the qtest accelerator, so that it runs anywhere; cases about
KVM skip where /dev/kvm cannot be used. The last case compares the commands driven with
query-commands.
"""
import asyncio
import json
import os
import shutil
import socket
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from qmp_client import Client, Machine, QmpError, WAIT  # noqa: E402

DRIVEN = set()
CASES = []


class Skip(Exception):
    pass


class Recorder(Client):
    """Remembers what was asked for."""

    def send(self, message):
        DRIVEN.add(message.get("execute") or message.get("exec-oob"))
        super().send(message)


def case(*arguments, **options):
    def register(function):
        CASES.append((function.__name__, function, arguments, options))
        return function
    return register


QTEST = ("-accel", "qtest")
NONE = ("-machine", "none", *QTEST)
MORE_CPUS = ("-smp", "1,sockets=2,cores=1,threads=1,maxcpus=2", *QTEST)


def kvm():
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        raise Skip("no access to /dev/kvm")


@case(*NONE, negotiated=False)
async def negotiation(vm, q):
    greeting = await q.receive()
    assert set(greeting["QMP"]) == {"version", "capabilities"}, greeting
    assert greeting["QMP"]["capabilities"] == ["oob"], greeting
    assert await q.refused("query-version", "CommandNotFound")
    await q.refused("qmp_capabilities", enable=["nope"])
    await q.call("qmp_capabilities", enable=["oob"])
    await q.refused("qmp_capabilities", "CommandNotFound")
    version = await q.call("query-version")
    assert version == greeting["QMP"]["version"], version
    assert version["qemu"]["major"] == 7, version


@case(*NONE)
async def pipelined_and_partial(vm, q):
    data = b"".join(json.dumps({"execute": "query-name", "id": n}).encode() for n in range(100))
    for at in range(0, len(data), 7):
        q.writer.write(data[at:at + 7])
        await q.writer.drain()
    for n in range(100):
        assert await q.next_answer() == {"id": n, "return": {}}


@case(*NONE)
async def a_limit_is_one_error(vm, q):
    q.writer.write(b'{"execute":"' + b"x" * (2 << 20) + b'"}')
    await q.writer.drain()
    assert "limit" in (await q.next_answer())["error"]["desc"]
    assert await q.call("query-name") == {}


@case(*NONE)
async def too_deep_is_left_at_once(vm, q):
    q.writer.write(b"[" * 1025)
    await q.writer.drain()
    assert (await q.next_answer())["error"]["desc"] == "JSON nesting depth limit exceeded"
    assert await q.call("query-name") == {}


BIG = "9999999999999999999"


@case("-name", "\uffff" + BIG + "\ufdd0\U0010fffe\U0010fffd\\uffff\"", *NONE)
async def a_name_stays_text(vm, q):
    name = (await q.call("query-name"))["name"]
    assert name == "\ufffd" + BIG + "\ufffd\ufffd\U0010fffd\\uffff\"", ascii(name)


@case("-name", "guest=me", "-uuid", "12345678-1234-1234-1234-123456789abc", "-S", *QTEST)
async def facts(vm, q):
    assert await q.call("query-name") == {"name": "me"}
    assert (await q.call("query-uuid"))["UUID"] == "12345678-1234-1234-1234-123456789abc"
    assert await q.call("query-target") == {"arch": "x86_64"}
    assert (await q.call("query-status"))["status"] == "prelaunch"
    machines = {m["name"]: m for m in await q.call("query-machines")}
    assert machines["pc-lite"]["alias"] == "pc" and machines["none"]["cpu-max"] == 1
    # no machine of ours offers S3 to its guest
    assert await q.call("query-current-machine") == {"wakeup-suspend-support": False}
    assert (await q.call("query-memory-size-summary"))["base-memory"] == 128 << 20
    assert (await q.call("query-memdev"))[0]["size"] == 128 << 20
    assert await q.call("query-iothreads") == []
    events = {e["name"] for e in await q.call("query-events")}
    assert {"SHUTDOWN", "STOP", "RESUME", "RESET", "DEVICE_DELETED"} <= events
    options = await q.call("query-command-line-options", option="smp-opts")
    assert "maxcpus" in {p["name"] for p in options[0]["parameters"]}
    await q.refused("query-command-line-options", option="nope")


@case(*NONE)
async def schema_resolves(vm, q):
    entries = {e["name"]: e for e in await q.call("query-qmp-schema")}
    for e in entries.values():
        used = [e[k] for k in ("arg-type", "ret-type", "element-type") if k in e]
        used += [m["type"] for k in ("members", "variants") for m in e.get(k, ()) if "type" in m]
        assert all(name in entries for name in used), e
    commands = {c["name"] for c in await q.call("query-commands")}
    assert commands == {n for n, e in entries.items() if e["meta-type"] == "command"}


@case(*QTEST)
async def run_control(vm, q):
    await q.call("stop")
    await q.event("STOP")
    assert (await q.call("query-status"))["running"] is False
    await q.call("cont")
    await q.event("RESUME")
    await q.call("system_reset")
    assert await q.event("RESET") == {"guest": False, "reason": "host-qmp-system-reset"}
    await q.call("system_powerdown")
    await q.event("POWERDOWN")
    await q.refused("system_wakeup")
    await q.refused("x-exit-preconfig")
    await q.call("inject-nmi")
    await q.call("watchdog-set-action", action="none")
    await q.call("set-action", reboot="shutdown", panic="none")
    await q.refused("set-action", panic="nope")
    await q.call("system_reset")   # reboot=shutdown now
    assert (await q.event("SHUTDOWN"))["reason"] == "host-qmp-system-reset"
    assert await asyncio.wait_for(vm.process.wait(), WAIT) == 0


@case(*QTEST, monitors=2)
async def two_monitors(vm, q):
    other = vm.clients[1]
    await other.negotiate()
    await other.call("stop")
    await q.event("STOP")
    await q.call("quit")
    assert (await other.event("SHUTDOWN")) == {"guest": False, "reason": "host-qmp-quit"}
    assert await asyncio.wait_for(vm.process.wait(), WAIT) == 0


@case("--preconfig", *QTEST)
async def preconfig(vm, q):
    assert "permitted only after" in await q.refused("query-cpus-fast")
    assert "missing" in await q.refused("set-numa-node", type="dist", src=0, dst=1)
    await q.call("x-exit-preconfig")
    await q.event("RESUME")
    assert "before the machine" in await q.refused("set-numa-node", type="node")


# what QEMU 7.2 carries out before the machine is made, and what only we have
EARLY = set("""blockdev-add blockdev-del object-add object-del qmp_capabilities qom-get qom-list
qom-list-properties qom-list-types qom-set query-block query-block-jobs query-blockstats query-chardev
query-command-line-options query-commands query-hotpluggable-cpus query-iothreads query-memdev
query-name query-named-block-nodes query-qmp-schema query-status query-uuid query-version quit
set-action set-numa-node x-exit-preconfig query-accelerators query-events
x-query-accel-info""".split())


@case("--preconfig", *QTEST)
async def preconfig_set(vm, q):
    for name in (row["name"] for row in await q.call("query-commands")):
        if name in ("quit", "x-exit-preconfig", "qmp_capabilities"):
            continue
        answer = await q.request({"execute": name})
        text = answer.get("error", {}).get("desc", "")
        refused = text == (f"The command '{name}' is permitted only after machine initialization "
                           "has completed")
        assert refused == (name not in EARLY), (name, answer)


@case("--preconfig", *QTEST, hmp=True)
async def preconfig_for_people(vm, q):
    reader, writer = await asyncio.open_unix_connection(vm.file("hmp"))

    async def answer(line):
        writer.write(line + b"\n")
        await asyncio.wait_for(reader.readuntil(b"\r\n"), WAIT)   # the echo
        text = await asyncio.wait_for(reader.readuntil(b"(qemu) "), WAIT)
        return text[:-len(b"(qemu) ")].decode()
    await asyncio.wait_for(reader.readuntil(b"(qemu) "), WAIT)
    late = "Command '{}' not available until machine initialization has completed.\r\n"
    for line in ("stop", "xp 0", "device_add x", "info kvm", "chardev-add null,id=x", "sum 0 1"):
        name = line if line.startswith("info") else line.split()[0]
        assert await answer(line.encode()) == late.format(name), line
    assert await answer(b"info status") == "VM status: paused (prelaunch)\r\n"
    assert await answer(b"getfd a") == "Error: No file descriptor supplied via SCM_RIGHTS\r\n"
    names = {row.split()[0] for row in (await answer(b"help")).splitlines()}
    assert {"closefd", "getfd", "help|?", "object_add", "object_del", "qom-get", "qom-list",
            "qom-set", "quit|q", "info"} <= names and "stop|s" not in names, names
    rows = (await answer(b"info")).splitlines()
    assert [row.split()[1] for row in rows] == [
        "chardev", "hotpluggable-cpus", "iothreads", "memdev", "name", "qom-tree", "status",
        "uuid", "version"], rows
    await answer(b"exit_preconfig")
    assert await answer(b"info status") == "VM status: running\r\n"
    # a descriptor along a line
    with open(os.devnull, "rb") as null:
        raw = writer.get_extra_info("socket")
        with socket.socket(fileno=os.dup(raw.fileno())) as sock:
            socket.send_fds(sock, [b"getfd a\n"], [null.fileno()])
        await asyncio.wait_for(reader.readuntil(b"(qemu) "), WAIT)
    assert await answer(b"closefd a") == ""
    writer.close()


@case(*MORE_CPUS)
async def cpus(vm, q):
    slots = await q.call("query-hotpluggable-cpus")
    free = [s for s in slots if "qom-path" not in s]
    assert len(slots) == 2 and len(free) == 1, slots
    ids = {k.replace("-", "_"): v for k, v in free[0]["props"].items()}
    await q.call("device_add", driver=free[0]["type"], id="cpu1", **ids)
    here = await q.call("query-cpus-fast")
    assert here[1]["qom-path"] == "/machine/peripheral/cpu1", here
    assert "exists" in await q.refused("device_add", driver=free[0]["type"], id="cpu2", **ids)
    ids["socket_id"] = 9
    text = await q.refused("device_add", driver=free[0]["type"], id="cpu2", **ids)
    assert text == "Invalid CPU socket-id: 9 must be in range 0:1", text
    assert "not set" in await q.refused("device_add", driver=free[0]["type"])
    await q.refused("device_add", driver="Haswell-x86_64-cpu", socket_id=1)
    await q.refused("device_del", "DeviceNotFound", id="nobody")
    models = {m["name"] for m in await q.call("query-cpu-definitions")}
    assert {"host", "max", "qemu64"} <= models
    expanded = await q.call("query-cpu-model-expansion", type="full", model={"name": "max"})
    assert expanded["model"]["name"] == "max"
    await q.refused("query-cpu-model-expansion", type="full", model={"name": "nope"})
    await q.refused("query-cpu-model-expansion", type="full", model={"name": "host"})
    for kind in ("full", "static"):
        model = (await q.call("query-cpu-model-expansion", type=kind, model={
            "name": "qemu64", "props": {"avx": True, "sse2": False, "level": 4}}))["model"]
        assert model["name"] == ("qemu64" if kind == "full" else "base") and len(model["props"]) > 200
        assert model["props"]["avx"] is True and model["props"]["sse2"] is False
        assert model["props"]["fpu"] is True and model["props"]["level"] == 4
        again = await q.call("query-cpu-model-expansion", type=kind, model=model)
        assert again["model"] == model
    for props in ({"nope": True}, {"vendor": "a,b=c"}, {"avx": None}, {"avx": "maybe"}, []):
        await q.refused("query-cpu-model-expansion", type="full",
                        model={"name": "qemu64", "props": props})


@case(*QTEST)
async def objects(vm, q):
    assert {"machine", "objects", "chardevs"} <= {p["name"] for p in
                                                  await q.call("qom-list", path="/")}
    assert await q.call("qom-get", path="/machine", property="type") == "pc-lite-machine"
    await q.refused("qom-get", "DeviceNotFound", path="/nope", property="type")
    await q.refused("qom-set", path="/machine", property="nope", value=1)
    types = {t["name"] for t in await q.call("qom-list-types", implements="accel")}
    assert {"kvm-accel", "qtest-accel"} <= types
    properties = await q.call("qom-list-properties", typename="kvm-accel")
    assert "kernel-irqchip" in {p["name"] for p in properties}
    await q.refused("device-list-properties", "DeviceNotFound", typename="nope")
    await q.refused("device-list-properties", typename="device")
    await q.refused("object-add", qom_type="nope", id_="x")
    await q.refused("object-del", id_="nope")
    await q.refused("device_add", driver="nope")


@case(*QTEST)
async def every_object_can_be_read(vm, q):
    async def walk(path):
        for entry in await q.call("qom-list", path=path):
            await q.call("qom-get", path=path, property=entry["name"])
            if entry["type"].startswith("child<"):
                await walk(f"{path.rstrip('/')}/{entry['name']}")
    await walk("/")
    for entry in await q.call("qom-list-types", implements="device"):
        await q.call("device-list-properties", typename=entry["name"])


@case(*QTEST)
async def chardevs(vm, q):
    await q.call("chardev-add", id="ring", backend={"type": "ringbuf", "data": {"size": 4096}})
    assert "ring" in {c["label"] for c in await q.call("query-chardev")}
    assert "socket" in {b["name"] for b in await q.call("query-chardev-backends")}
    assert await q.call("ringbuf-read", device="ring", size=10) == ""
    await q.call("ringbuf-write", device="ring", data="abc")
    await q.call("ringbuf-write", device="ring", data="/w==", format="base64")
    assert await q.call("ringbuf-read", device="ring", size=10, format="base64") == "YWJj/w=="
    await q.call("chardev-change", id="ring", backend={"type": "null", "data": {}})
    assert "not a ringbuf" in await q.refused("ringbuf-read", device="ring", size=10)
    assert "hotswap" in await q.refused("chardev-change", id="compat_monitor0",
                                        backend={"type": "null", "data": {}})
    await q.call("chardev-send-break", id="ring")
    await q.call("chardev-remove", id="ring")
    await q.refused("chardev-remove", id="ring")
    data = {"out": vm.file("out")}
    await q.call("chardev-add", id="f", backend={"type": "file", "data": data})
    assert os.path.exists(data["out"])


async def give(q, fd, name, **arguments):
    message = {"execute": name, "arguments": {k.replace("_", "-"): v for k, v in arguments.items()}}
    DRIVEN.add(name)
    await q.send_fd(message, fd)
    answer = await q.next_answer()
    if "error" in answer:
        raise QmpError(name, answer["error"])
    return answer["return"]


@case(*QTEST)
async def descriptors(vm, q):
    null = os.open("/dev/null", os.O_RDWR)
    await q.refused("getfd", fdname="x")
    await give(q, null, "getfd", fdname="x")
    await q.call("closefd", fdname="x")
    await q.refused("closefd", fdname="x")
    info = await give(q, null, "add-fd", opaque="mine")
    sets = await q.call("query-fdsets")
    assert sets == [{"fdset-id": info["fdset-id"],
                     "fds": [{"fd": info["fd"], "opaque": "mine"}]}], sets
    await q.call("remove-fd", fdset_id=info["fdset-id"])
    await q.refused("remove-fd", fdset_id=info["fdset-id"])
    await q.refused("pmemsave", val=0, size=4, filename="/dev/fdset/0")
    await q.refused("pmemsave", val=0, size=4, filename="/dev/fdset/x")
    with open(vm.file("sent"), "wb") as sent:
        info = await give(q, sent.fileno(), "add-fd", fdset_id=7)
        path = "/dev/fdset/7"
        await q.call("pmemsave", val=0, size=4, filename=path)
        assert os.path.getsize(vm.file("sent")) == 4
        await q.call("chardev-add", id="s", backend={"type": "file", "data": {"out": path}})
        await q.refused("chardev-add", id="p", backend={"type": "pipe", "data": {"device": path}})
    assert os.path.getsize(vm.file("sent")) == 0  # truncated, as by open()
    assert not os.path.exists(path)
    await q.call("remove-fd", fdset_id=7)
    ours, theirs = socket.socketpair()
    backend = {"type": "socket", "data": {"addr": {"type": "fd", "data": {"str": "peer"}},
                                          "server": False}}
    await q.refused("chardev-add", id="named", backend=backend)
    await give(q, theirs.fileno(), "getfd", fdname="peer")
    theirs.close()
    await q.call("chardev-add", id="named", backend=backend)
    await q.refused("closefd", fdname="peer")
    await q.call("chardev-remove", id="named")
    ours.settimeout(WAIT)
    assert ours.recv(1) == b""  # nobody holds it any more
    await give(q, null, "getfd", fdname="peer")  # no socket: refused, and not kept
    await q.refused("chardev-add", id="named", backend=backend)
    assert not [f for f in os.listdir(f"/proc/{vm.process.pid}/fd")
                if os.readlink(f"/proc/{vm.process.pid}/fd/{f}") == "/dev/null" and int(f) > 2]
    ours.close()
    assert await q.call("query-fdsets") == []
    os.close(null)


@case(*NONE)
async def descriptors_behind_a_blocked_command(vm, q):
    """Each request keeps the descriptor that came with it, however long it has to wait."""
    fifo = vm.file("fifo")
    os.mkfifo(fifo)
    q.send({"execute": "blockdev-add", "arguments": {"driver": "blkdebug", "config": fifo}})
    files = [open(vm.file(name), "wb") for name in ("a", "b", "c")]
    for file in files:
        await q.send_fd({"execute": "getfd", "arguments": {"fdname": os.path.basename(file.name)}},
                        file.fileno())
        q.send({"execute": "query-name"})
    await q.send_fd({"execute": "getfd", "arguments": {"fdname": 1}}, files[0].fileno())
    await q.writer.drain()
    os.close(await open_other_end(fifo))
    assert "error" in await q.next_answer()
    for _ in files:
        assert (await q.next_answer()) == {"return": {}}
        assert "return" in await q.next_answer()
    assert "error" in await q.next_answer()
    for file in files:
        await q.call("closefd", fdname=os.path.basename(file.name))
    held = [os.readlink(f"/proc/{vm.process.pid}/fd/{f}") for f in os.listdir(
        f"/proc/{vm.process.pid}/fd")]
    assert not [f.name for f in files if f.name in held], held
    for file in files:
        file.close()


@case(*QTEST)
async def numbers_of_64_bits(vm, q):
    big = 2 ** 64 - 1
    for number in (2 ** 63 - 1, 2 ** 63, big, -2 ** 63):
        q.send({"execute": "query-name", "id": {"n": [number]}})
        answer = await q.next_answer()
        assert answer["id"] == {"n": [number]} and isinstance(answer["id"]["n"][0], int), answer
    text = "Invalid parameter type for 'val', expected: integer"
    assert await q.refused("pmemsave", val=big, size=1, filename="/dev/null") == text
    text = "Invalid parameter type for 'command-line', expected: string"
    assert await q.refused("human-monitor-command", command_line=big) == text
    assert "'execute' must be a string" in (await q.request({"execute": big}))["error"]["desc"]
    memory = {"qom_type": "memory-backend-ram", "id": "m"}
    text = await q.refused("object-add", size=big // 2 + 1, **memory)
    assert text.startswith("cannot set up guest memory 'm': Cannot allocate memory"), text
    text = await q.refused("object-add", size=2 ** 64, **memory)
    assert text == "Parameter 'size' expects uint64", text


@case(*QTEST)
async def add_client(vm, q):
    ours, theirs = socket.socketpair()
    path = vm.file("extra")
    await q.call("chardev-add", id="extra", backend={"type": "socket", "data": {
        "addr": {"type": "unix", "data": {"path": path}}, "server": True, "wait": False}})
    await give(q, theirs.fileno(), "getfd", fdname="peer")
    theirs.close()
    await q.call("add_client", protocol="extra", fdname="peer")
    await q.refused("add_client", protocol="extra", fdname="peer")
    ours.close()


@case(*QTEST)
async def memory_files(vm, q):
    path = vm.file("memory")
    await q.call("pmemsave", val=0, size=5000, filename=path)
    assert os.path.getsize(path) == 5000
    await q.refused("pmemsave", val=0, size=1, filename=vm.file("no/such/folder"))
    await q.refused("pmemsave", val=0, size=-1, filename=path)
    await q.refused("memsave", val=0, size=1, filename=path, cpu_index=7)


@case(*QTEST)
async def traces(vm, q):
    states = await q.call("trace-event-get-state", name="kvm_*")
    assert "kvm_ioctl" in {s["name"] for s in states}
    await q.refused("trace-event-get-state", name="nope")
    await q.refused("trace-event-set-state", name="kvm_ioctl", enable=True)


@case(*NONE)
async def what_is_not_there(vm, q):
    for name in ("query-block", "query-blockstats", "query-block-jobs", "query-named-block-nodes",
                 "query-jobs", "query-tpm", "query-tpm-models", "query-tpm-types", "query-pci",
                 "query-rx-filter", "query-mice", "query-yank", "query-memory-devices",
                 "query-stats-schemas"):
        assert await q.call(name) == [], name
    assert await q.call("query-stats", target="vm") == []
    await q.call("yank", instances=[])
    await q.refused("blockdev-add", driver="qcow2", node_name="a")
    await q.refused("blockdev-del", node_name="a")
    await q.refused("balloon", "DeviceNotActive", value=1)
    for name in ("query-acpi-ospm-status", "query-vm-generation-id", "migrate-pause",
                 "x-query-usb", "x-query-jit", "x-query-opcount", "x-query-profile",
                 "query-hotpluggable-cpus"):
        await q.refused(name)
    await q.refused("query-balloon", "DeviceNotActive")
    assert await q.call("query-migrate") == {}
    await q.call("query-migrate-parameters")
    await q.call("migrate-set-capabilities", capabilities=[{"capability": "events", "state": True}])
    states = {c["capability"]: c["state"] for c in await q.call("query-migrate-capabilities")}
    assert states["events"] is True and states["return-path"] is False, states


@case(*QTEST)
async def human_texts(vm, q):
    for name in ("x-query-numa", "x-query-irq", "x-query-ramblock", "x-query-roms"):
        assert isinstance((await q.call(name))["human-readable-text"], str)
    async def hmp(line):
        return await q.call("human-monitor-command", command_line=line)
    assert await hmp("nope") == "unknown command: 'nope'\r\n"
    assert await hmp("info nope") == "unknown command: 'info nope'\r\n"
    assert await hmp("info status") == "VM status: running\r\n"
    assert "kvm [qtest]" not in await hmp("info kvm")
    assert "[qtest]" in await hmp("info accelerators")
    assert await hmp("cpu 7") == "invalid CPU index\r\n"
    assert (await hmp("xp /2xb 0")).startswith("0000000000000000: 0x")
    assert (await hmp("i /b 0x71")).startswith("portb[0x0071] = 0x")
    # what help lists can be run without harm
    for line in (await hmp("help info")).splitlines():
        await hmp(" ".join(line.split(" ")[:2]))
    assert "system_reset" in await hmp("help")
    await empty_words(hmp)
    assert await hmp("print (0-0x7fffffffffffffff-1)/(0-1)") == "0x8000000000000000\r\n"
    assert await hmp("print (0-0x7fffffffffffffff-1)%(0-1)") == "0\r\n"
    assert 'name "pvpanic", bus ISA' in await hmp("device_add help")
    assert "ioport=<uint16>" in await hmp("device_add pvpanic,help")
    assert await hmp("device_add nope,help") == "Device 'nope' not found\r\n"
    assert await hmp("boot_set zz") == "Invalid boot device 'z'\r\n"
    assert await hmp("boot_set nda") == "boot device list now set to nda\r\n"
    await hmp("o /b 0x70 0x3d")
    assert (await hmp("i /b 0x71")).strip() == "portb[0x0071] = 0x34"


async def empty_words(hmp):
    """Every command survives words that are there but empty; the ones that look at a word say so."""
    names = [line.split(" ")[0].split("|")[0] for line in (await hmp("help")).splitlines()]
    infos = [" ".join(line.split(" ")[:2]) for line in (await hmp("help info")).splitlines()]
    for name in names + infos:
        for front in ("", " 0", " 0 0"):
            for words in range(1, 5):
                await hmp(name + front + ' ""' * words)
    assert await hmp('info stats ""') == "invalid stats target \r\n"
    assert await hmp('qom-get "" ""') == "Error: Device '' not found\r\n"
    assert (await hmp('trace-event "" on')) == 'unknown event ""\r\n'
    assert await hmp("info status") == "VM status: running\r\n"


# As QEMU 7.2 has them.
CPU_FACTS = (
    ("486", {"level": 1, "xlevel": 0, "fpu": True, "lm": False, "vendor": "GenuineIntel"}),
    ("486,fsgsbase=on", {"level": 7, "fsgsbase": True}),
    ("486,lm=on", {"xlevel": 0x80000001}),
    ("486,invtsc=on", {"xlevel": 0x80000007}),
    ("486,invtsc=on,xlevel=0x80000001", {"xlevel": 0x80000001}),
    ("486,npt=on,svm=on", {"xlevel": 0x8000000a}),
    ("SandyBridge,svm=on", {"xlevel": 0x8000000a, "level": 13}),
    ("Haswell,level=0xe", {"level": 14, "family": 6, "model": 60, "stepping": 4, "avx2": True}),
    ("pentium,fpu=off", {"fpu": False, "mce": True}),
)


def cpu_case(model, facts):
    @case("-machine", "pc", "-cpu", model, *QTEST)
    async def cpu_facts(vm, q):
        path = (await q.call("query-cpus-fast"))[0]["qom-path"]
        for name, want in facts.items():
            got = await q.call("qom-get", path=path, property=name)
            assert got == want, (model, name, got)
        await q.refused("qom-get", path=path, property="no-such-feature")


for row in CPU_FACTS:
    cpu_case(*row)


@case("-machine", "pc", *QTEST)
async def human_qom_get(vm, q):
    where = {"path": "/machine", "property": "max-ram-below-4g"}
    await q.call("qom-set", value=2 ** 64 - 1, **where)
    text = await q.call("human-monitor-command", command_line="qom-get /machine max-ram-below-4g")
    assert text == f"{2 ** 64 - 1}\r\n", text


@case("-rtc", "base=2021-03-04T05:06:07", "-machine", "pc", *QTEST)
async def wall_clock(vm, q):
    where = {"path": "/machine", "property": "rtc-time"}
    tm = await q.call("qom-get", **where)
    assert list(tm.values())[:3] == [121, 2, 4] and tm["tm_hour"] == 5, tm
    assert set(tm) == {"tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec"}
    rows = await q.call("qom-list", path="/machine")
    assert {"name": "rtc-time", "type": "struct tm"} in rows
    assert "not writable" in await q.refused("qom-set", value=tm, **where)


@case(*NONE)
async def no_wall_clock(vm, q):
    rows = await q.call("qom-list", path="/machine")
    assert "rtc-time" not in {row["name"] for row in rows}, rows


@case(*QTEST)
async def registers_of_no_cpu(vm, q):
    async def ours(line):
        return await q.call("human-monitor-command", command_line=line)
    assert await ours("p $pc") == "0xfffffff0\r\n"
    assert await ours("p $cs") == "0xf000\r\n"
    text = await ours("info registers")
    assert "EIP=0000fff0 EFL=00000002" in text and "DR7=0000000000000400" in text, text


# QEMU's text for controllers that nobody has touched but for the ports that the test writes
PIC_TEXT = """\
ioapic0: ver=0x20 id=0x00 sel=0x00
""" + "".join(f"  pin {n:<2} 0x0000000000010000 dest=0 vec=0   active-hi edge  masked fixed  physical\n"
              for n in range(24)) + """\
  IRR      (none)
  Remote IRR (none)
pic1: irr=00 imr=00 isr=00 hprio=0 irq_base=00 rr_sel=0 elcr=0c fnm=0
pic0: irr=00 imr=a5 isr=00 hprio=3 irq_base=08 rr_sel=1 elcr=00 fnm=1
"""


@case("-machine", "pc,pit=off", *QTEST)
async def interrupt_controllers(vm, q):
    async def ours(line):
        return await q.call("human-monitor-command", command_line=line)
    for port, value in ((0x20, 0x11), (0x21, 8), (0x21, 4), (0x21, 0x11), (0x21, 0xa5),
                        (0x20, 0xc2), (0x20, 0x0b), (0x4d1, 0x0c)):
        await ours(f"o /b {port} {value}")
    text = await ours("info pic")
    assert text == PIC_TEXT.replace("\n", "\r\n"), text


@case("-singlestep", "-S", *QTEST)
async def single_step(vm, q):
    assert (await q.call("query-status"))["singlestep"] is True
    text = await q.call("human-monitor-command", command_line="info status")
    assert text == "VM status: paused (single step mode) (prelaunch)\r\n", text


def linux_image():
    """No more of a bzImage than a loader looks at."""
    image = bytearray(0x400 + 0x1000)
    for at, size, value in ((0x1f1, 1, 1), (0x1fe, 2, 0xaa55), (0x200, 2, 0x66eb), (0x206, 2, 0x20f),
                            (0x211, 1, 1), (0x214, 4, 0x100000), (0x22c, 4, 0x7fffffff),
                            (0x230, 4, 0x1000), (0x234, 1, 1), (0x238, 4, 255),
                            (0x258, 8, 0x100000), (0x260, 4, 0x10000)):
        image[at:at + size] = value.to_bytes(size, "little")
    image[0x202:0x206] = b"HdrS"
    return image


@case("-rtc", "base=2020-01-01", *NONE)
async def seeds(vm, q):
    """The same seed, the same memory; none, or another, another one. A reset draws once more."""
    kvm()
    kernel = vm.file("kernel")
    with open(kernel, "wb") as f:
        f.write(linux_image())

    async def image(client):
        await client.call("pmemsave", val=0, size=16 << 20, filename=vm.file("image"))
        with open(vm.file("image"), "rb") as f:
            return f.read()

    async def memory(*arguments):
        async with Machine(sys.argv[1], "-machine", "pc", "-accel", "kvm", "-S", "-m", "16",
                           "-kernel", kernel, "-rtc", "base=2020-01-01", *arguments) as other:
            await other.clients[0].negotiate()
            first = await image(other.clients[0])
            await other.clients[0].call("system_reset")
            await other.clients[0].event("RESET")
            return first, await image(other.clients[0])
    five = await memory("-seed", "5")
    assert five[0] != five[1]
    assert five == await memory("-seed", "5")
    assert five[0] != (await memory("-seed", "0x100000005"))[0]
    assert (await memory())[0] != (await memory())[0]


@case(*NONE)
async def not_migratable(vm, q):
    process = await asyncio.create_subprocess_exec(
        sys.argv[1], "-nodefaults", "-display", "none", "-S", "-accel", "qtest", "-cpu", "486,+invtsc",
        "-only-migratable", stderr=asyncio.subprocess.PIPE)
    said = (await asyncio.wait_for(process.communicate(), WAIT))[1].decode()
    assert "(--only-migratable) for: State blocked" in said and process.returncode == 1, said


RAM = tempfile.NamedTemporaryFile(prefix="qmp-ram-")
RAM.write(bytes(n * n >> 3 & 0xff for n in range(1 << 20)))
RAM.flush()


@case("-m", "1M", "-machine", "pc,memory-backend=m", "-object",
      f"memory-backend-file,id=m,size=1M,share=on,mem-path={RAM.name}", *QTEST)
async def checksum(vm, q):
    """Of RAM that does not begin or end with a page."""
    async def ours(line):
        return await q.call("human-monitor-command", command_line=line)
    sum16 = 0
    for n in range(3, 0x9fffd):
        sum16 = (((sum16 >> 1) | (sum16 << 15)) + (n * n >> 3 & 0xff)) & 0xffff
    assert await ours("sum 3 0x9fffa") == f"{sum16:05}\r\n", sum16
    assert await ours("sum 0xfffffff0 0x10") == "00000\r\n"


@case(*QTEST, hmp=True)
async def human_monitor(vm, q):
    reader, writer = await asyncio.open_unix_connection(vm.file("hmp"))
    async def until(text):
        return (await asyncio.wait_for(reader.readuntil(text), WAIT)).decode()
    await until(b"(qemu) ")
    # "info statsu", corrected with the left arrow and the backspace key
    writer.write(b"info statsu\033[D\x7f\033[Cs\r")
    assert "VM status: running" in await until(b"(qemu) ")
    writer.write(b"stop\rinfo status\r")
    await until(b"(qemu) ")
    assert "VM status: paused" in await until(b"(qemu) ")
    writer.write(b"\033[A\r")   # once more, from the history
    assert "VM status: paused" in await until(b"(qemu) ")
    writer.write(b"info ver\t\r")
    assert "7.2.0" in await until(b"(qemu) ")
    writer.write(b"he\tsystem_\t")
    shown = await until(b"(qemu) ")
    assert "system_powerdown\r\nsystem_reset\r\nsystem_wakeup\r\n" in shown, shown
    writer.write(b"r\t\r")
    assert "reset the system" in await until(b"(qemu) ")
    writer.write(b"quit\n")
    assert await asyncio.wait_for(vm.process.wait(), WAIT) == 0
    assert (await reader.read()).decode() == "quit\r\n"
    writer.close()


async def open_other_end(fifo):
    for _ in range(WAIT * 100):
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            await asyncio.sleep(0.01)
    raise TimeoutError(fifo)


@case(*NONE, negotiated=False)
async def out_of_band(vm, q):
    await q.negotiate(enable=["oob"])
    fifo = vm.file("fifo")
    os.mkfifo(fifo)
    q.send({"execute": "blockdev-add", "id": "blocked", "arguments": {
        "driver": "blkdebug", "node-name": "n", "config": fifo}})
    q.send({"execute": "query-name", "id": "behind"})
    q.send({"id": "bad"})
    q.send({"exec-oob": "migrate-pause", "id": "oob"})
    assert (await q.next_answer())["id"] == "oob"
    os.close(await open_other_end(fifo))
    for who in ("blocked", "behind", "bad"):
        assert (await q.next_answer())["id"] == who
    q.send({"exec-oob": "query-name", "id": 1})
    assert "does not support OOB" in (await q.next_answer())["error"]["desc"]


@case(*NONE, negotiated=False)
async def a_blocked_command_stops_nobody_from_leaving(vm, q):
    await q.negotiate()
    fifo = vm.file("fifo")
    os.mkfifo(fifo)
    q.send({"execute": "blockdev-add", "arguments": {"driver": "blkdebug", "config": fifo}})
    await q.writer.drain()
    vm.process.terminate()
    assert await asyncio.wait_for(vm.process.wait(), WAIT) == 0


@case(*NONE)
async def reconnect(vm, q):
    q.writer.write(b'{"execute": "query-')
    await q.writer.drain()
    q.writer.close()
    again = await Client.connect(vm.paths[0])
    await again.negotiate()
    assert await again.call("query-name") == {}
    again.writer.close()


@case("-accel", "kvm", needs=kvm)
async def accelerator(vm, q):
    assert await q.call("query-kvm") == {"enabled": True, "present": True}
    assert (await q.call("query-accelerators"))["enabled"] == "kvm"
    info = await q.call("x-query-accel-info")
    assert info["kvm"]["api-version"] == 12 and info["irqchip"] == "on"
    assert info["kvm"]["memory-slots-used"] > 0
    capabilities = {c["name"]: c["value"] for c in info["kvm"]["capabilities"]}
    assert capabilities["KVM_CAP_USER_MEMORY"] > 0
    assert "create-vm" in {s["name"] for s in info["stages"]}
    if capabilities["KVM_CAP_BINARY_STATS_FD"] > 0:
        await statistics(q)
    await q.call("memsave", val=0xfffffff0, size=16, filename=vm.file("rom"))
    registers = await q.call("human-monitor-command", command_line="info registers -a")
    assert "CR0=" in registers and "CPU#0" in registers


async def statistics(q):
    schemas = {s["target"]: s["stats"] for s in await q.call("query-stats-schemas")}
    for target, known in schemas.items():
        results = await q.call("query-stats", target=target)
        assert [s["name"] for s in results[0]["stats"]] == [s["name"] for s in known]
        some = known[0]["name"]
        one = await q.call("query-stats", target=target,
                           providers=[{"provider": "kvm", "names": [some]}])
        assert [s["name"] for s in one[0]["stats"]] == [some]
    assert await q.call("query-stats", target="vcpu", vcpus=["/nope"]) == []


# ---- the same questions to QEMU ----

COMPARED = ("query-version", "query-status", "query-name", "query-uuid", "query-target",
            "query-kvm", "query-cpus-fast", "query-hotpluggable-cpus", "query-machines",
            "query-current-machine", "query-memory-size-summary", "query-memdev",
            "query-iothreads", "query-chardev", "query-chardev-backends", "query-commands",
            "query-cpu-definitions", "query-fdsets", "query-migrate",
            "query-migrate-capabilities", "query-block", "query-named-block-nodes", "query-tpm",
            "x-query-numa", "query-command-line-options")


def merge(shapes):
    shapes = [s for s in shapes if s is not None]
    if not shapes:
        return None
    if not isinstance(shapes[0], dict):
        return shapes[0]
    return {k: merge([s[k] for s in shapes if k in s]) for k in {k for s in shapes for k in s}}


def shape(value):
    if isinstance(value, dict):
        return {k: shape(v) for k, v in value.items()}
    if isinstance(value, list):
        return merge([shape(v) for v in value])
    return type(value).__name__


def differences(ours, theirs, where):
    """Members of ours that theirs has not, or has as another type. They may have more."""
    if ours is None or theirs is None:
        return
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in ours:
            if key not in theirs:
                yield f"{where}.{key} is ours alone"
            else:
                yield from differences(ours[key], theirs[key], f"{where}.{key}")
    elif ours != theirs:
        yield f"{where}: {ours}, QEMU has {theirs}"


@case("-S", "-m", "128", *MORE_CPUS)
async def shapes_are_qemu_s(vm, q):
    qemu = shutil.which("qemu-system-x86_64")
    if qemu is None:
        raise Skip("qemu-system-x86_64 is not installed")
    async with Machine(qemu, "-S", "-m", "128", "-machine", "pc", "-accel", "tcg", *MORE_CPUS[:2],
                       "-no-user-config") as reference:
        peer = reference.clients[0]
        await peer.negotiate()
        found = []
        for name in COMPARED:
            ours, theirs = shape(await q.call(name)), shape(await peer.call(name))
            found += differences(ours, theirs, name)
    assert not found, "\n".join(found)


# ---- running ----

async def run(program, function, arguments, monitors=1, hmp=False, negotiated=True, needs=None):
    if needs is not None:
        needs()
    async with Machine(program, *arguments, monitors=monitors, hmp=hmp) as vm:
        client = Recorder(vm.clients[0].reader, vm.clients[0].writer)
        if negotiated:
            await client.negotiate()
        await asyncio.wait_for(function(vm, client), 4 * WAIT)


async def all_commands(program):
    async with Machine(program, *NONE) as vm:
        await vm.clients[0].negotiate()
        return {c["name"] for c in await vm.clients[0].call("query-commands")}


def report(number, name, why, skip=""):
    print(f"{'not ok' if why else 'ok'} {number} {name}{skip}", flush=True)
    for line in str(why or "").splitlines():
        print(f"# {line[:1000]}", flush=True)
    return bool(why)


def main():
    program, only = sys.argv[1], sys.argv[2:]
    chosen = [c for c in CASES if not only or c[0] in only]
    skipped = failed = 0
    print(f"1..{len(chosen) + (not only)}", flush=True)
    for number, (name, function, arguments, options) in enumerate(chosen, 1):
        why, skip = None, ""
        try:
            asyncio.run(run(program, function, arguments, **options))
        except Skip as reason:
            skip, skipped = f" # SKIP {reason}", skipped + 1
        except Exception as error:   # pylint: disable=broad-except
            why = f"{type(error).__name__}: {error}"
        failed += report(number, name, why, skip)
    if not only:
        missed = asyncio.run(all_commands(program)) - DRIVEN
        kvm_only = {"query-kvm", "query-accelerators", "x-query-accel-info"} if skipped else set()
        failed += report(len(chosen) + 1, "every-command-was-driven",
                         "\n".join(sorted(missed - kvm_only)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
