# SPDX-License-Identifier: LGPL-2.1-or-later
"""Configuration without devices: readconfig, NUMA by option and in preconfig, CPU plug."""
from .client import check_error, demand
from .registry import Skip, case, equal

RAM = "-object memory-backend-ram,id=ram,size=128M"
MIB = 1 << 20


@case("readconfig/memdev")
def readconfig_memdev(run):
    path = run.file(b'[memory]\nsize = "200"\n')
    vm = run.start(f"-nodefaults -machine none -readconfig {path}")
    memdevs = vm.ok("query-memdev")
    equal(len(memdevs), 1, "number of memory devices")
    dev = memdevs[0]
    equal((dev.get("id"), dev["size"]), ("ram", 200 * MIB), "memory device")
    demand({"size", "merge", "dump", "prealloc", "host-nodes", "policy"} <= set(dev),
           f"Memdev lacks a member: {dev}")


@case("readconfig/object")
def readconfig_object(run):
    path = run.file(b'[object]\nqom-type = "rng-builtin"\nid = "rng0"\n')
    vm = run.start(f"-nodefaults -machine none -readconfig {path}")
    types = {o["name"]: o["type"] for o in vm.ok("qom-list", path="/objects")}
    equal(types.get("rng0"), "child<rng-builtin>", "type of rng0")


def numa_lines(run, extra, *lines):
    vm = run.start(extra)
    text = vm.hmp("info numa")
    for line in lines:
        demand(line in [t.rstrip("\r") for t in text.split("\n")], f"no '{line}' in:\n{text}")
    return vm


@case("numa/mon/default")
def numa_default(run):
    numa_lines(run, f"{RAM} -machine smp.cpus=8,smp.sockets=8 -numa node,memdev=ram -numa node",
               "node 0 cpus: 0 2 4 6", "node 1 cpus: 1 3 5 7")


@case("numa/mon/cpus/explicit")
def numa_explicit(run):
    numa_lines(run, f"{RAM} -machine smp.cpus=8 -numa node,nodeid=0,memdev=ram,cpus=0-3 "
               "-numa node,nodeid=1,cpus=4-7",
               "node 0 cpus: 0 1 2 3", "node 1 cpus: 4 5 6 7")


@case("numa/mon/cpus/partial")
def numa_partial(run):
    numa_lines(run, f"{RAM} -machine smp.cpus=8,smp.sockets=8 "
               "-numa node,nodeid=0,memdev=ram,cpus=0-1 -numa node,nodeid=1,cpus=4-5",
               "node 0 cpus: 0 1 2 3 6 7", "node 1 cpus: 4 5")


@case("numa/query-cpus")
def numa_query_cpus(run):
    vm = run.start(f"{RAM} -machine smp.cpus=8 -numa node,memdev=ram,cpus=0-3 -numa node,cpus=4-7")
    cpus = vm.ok("query-cpus-fast")
    equal(len(cpus), 8, "number of CPUs")
    for cpu in cpus:
        equal(cpu["props"]["node-id"], 0 if cpu["cpu-index"] < 4 else 1, f"node of {cpu}")


@case("numa/pc/cpu")
def numa_cpu(run):
    vm = run.start(
        f"-cpu pentium -machine smp.cpus=8,smp.sockets=2,smp.cores=2,smp.threads=2 {RAM} "
        "-numa node,nodeid=0,memdev=ram -numa node,nodeid=1 "
        "-numa cpu,node-id=1,socket-id=0 -numa cpu,node-id=0,socket-id=1,core-id=0 "
        "-numa cpu,node-id=0,socket-id=1,core-id=1,thread-id=0 "
        "-numa cpu,node-id=1,socket-id=1,core-id=1,thread-id=1")
    cpus = vm.ok("query-cpus-fast")
    equal(len(cpus), 8, "number of CPUs")
    for cpu in cpus:
        p = cpu["props"]
        where = (p["socket-id"], p["core-id"], p["thread-id"])
        equal(p["node-id"], 1 if where[0] == 0 or where == (1, 1, 1) else 0, f"node of {where}")
    for cpu in vm.ok("query-hotpluggable-cpus"):
        demand("node-id" in cpu["props"], f"no node-id: {cpu}")


@case("numa/pc/dynamic")
def numa_dynamic(run):
    vm = run.start(f"-nodefaults --preconfig -machine smp.cpus=2,smp.sockets=2 {RAM}")
    vm.ok("set-numa-node", type_="node", nodeid=0, memdev="ram")
    vm.ok("set-numa-node", type_="node", nodeid=1)
    for entry in vm.ok("query-hotpluggable-cpus"):
        socket = entry["props"]["socket-id"]
        vm.ok("set-numa-node", type_="cpu", node_id=1 - socket, socket_id=socket)
    vm.ok("x-exit-preconfig")
    vm.event("RESUME")
    cpus = vm.ok("query-cpus-fast")
    equal(len(cpus), 2, "number of CPUs")
    for cpu in cpus:
        equal(cpu["props"]["node-id"], 1 - cpu["props"]["socket-id"], f"node of {cpu}")


HMAT = ("-nodefaults --preconfig -S -machine hmat=on -m 128M,slots=2,maxmem=1G "
        "-object memory-backend-ram,size=64M,id=m0 -object memory-backend-ram,size=64M,id=m1 "
        "-smp 2,sockets=2")


def hmat_nodes(vm):
    vm.ok("set-numa-node", type_="node", nodeid=0, memdev="m0")
    check_error(vm.qmp("set-numa-node", type_="node", nodeid=0, memdev="m1"))
    vm.ok("set-numa-node", type_="node", nodeid=1, memdev="m1", initiator=0)
    for i in (0, 1):
        vm.ok("set-numa-node", type_="cpu", node_id=0, socket_id=i)


def lb(vm, good, initiator, target, kind, **value):
    answer = vm.qmp("set-numa-node", type_="hmat-lb", initiator=initiator, target=target,
                    hierarchy="memory", data_type=f"access-{kind}", **value)
    check(answer, good, f"hmat-lb {initiator}->{target} {kind} {value}")


def cache(vm, good, node, level, size=10240, associativity="direct", policy="write-back", line=8):
    answer = vm.qmp("set-numa-node", type_="hmat-cache", node_id=node, size=size, level=level,
                    associativity=associativity, policy=policy, line=line)
    check(answer, good, f"hmat-cache {node} {level} {size}")


def check(answer, good, what):
    demand(("return" in answer) == good, f"{what}: {answer}")
    if not good:
        check_error(answer)


@case("numa/pc/hmat/build")
def hmat_build(run):
    vm = run.start(HMAT)
    hmat_nodes(vm)
    lb(vm, True, 0, 0, "latency", latency=1)
    lb(vm, True, 0, 1, "latency", latency=65534)
    lb(vm, True, 0, 0, "bandwidth", bandwidth=65534 * MIB)
    lb(vm, True, 0, 1, "bandwidth", bandwidth=32767 * MIB)
    cache(vm, True, 0, 1)
    cache(vm, True, 1, 1)
    vm.ok("x-exit-preconfig")


@case("numa/pc/hmat/off")
def hmat_off(run):
    vm = run.start(HMAT.replace("hmat=on", "hmat=off"))
    vm.ok("set-numa-node", type_="node", nodeid=0, memdev="m0")
    check_error(vm.qmp("set-numa-node", type_="node", nodeid=1, memdev="m1", initiator=0))
    vm.ok("set-numa-node", type_="node", nodeid=1, memdev="m1")
    lb(vm, False, 0, 0, "latency", latency=1)
    cache(vm, False, 0, 1)


@case("numa/pc/hmat/erange")
def hmat_erange(run):
    vm = run.start(HMAT)
    hmat_nodes(vm)
    lb(vm, False, 0, 0, "latency", bandwidth=MIB)           # the other kind of value
    lb(vm, False, 0, 2, "latency", latency=1)               # no such node
    lb(vm, False, 1, 0, "latency", latency=1)               # an initiator without CPUs
    lb(vm, True, 0, 0, "latency", latency=5)
    lb(vm, False, 0, 0, "latency", latency=5)               # twice
    lb(vm, False, 0, 1, "latency", latency=65535 * 5)       # too far from the other one
    lb(vm, False, 0, 0, "bandwidth", bandwidth=MIB + 1)     # not in MiB
    cache(vm, False, 0, 1)                                  # the values of node 0 are incomplete
    lb(vm, True, 0, 0, "bandwidth", bandwidth=MIB)
    cache(vm, False, 2, 1)                                  # no such node
    cache(vm, False, 0, 0)                                  # level 0
    cache(vm, False, 0, 4)                                  # level 4
    cache(vm, True, 0, 1, size=10240)
    cache(vm, False, 0, 1, size=10240)                      # twice
    cache(vm, False, 0, 2, size=10240)                      # level 1 is not smaller


@case("cpu-plug")
def cpu_plug(run):
    probe = run.start("-machine none")
    names = sorted(m["name"] for m in probe.ok("query-machines"))
    names = [n for n in names if n.startswith("pc-") and ("." not in n or n.endswith("-7.2"))]
    if not names:
        raise Skip("no machine whose name starts with pc-")
    for name in names:
        plug_all(run, name)


def plug_all(run, machine):
    vm = run.start(f"-machine {machine} -cpu Haswell -smp 1,sockets=1,cores=3,threads=2,maxcpus=6",
                   frozen=True)
    cpus = vm.ok("query-hotpluggable-cpus")
    free = [c for c in cpus if "qom-path" not in c]
    equal((len(cpus), len(free)), (6, 5), f"{machine}: possible and free CPUs")
    for i, cpu in enumerate(free):
        demand(isinstance(cpu["props"], dict), f"{machine}: no props: {cpu}")
        vm.ok("device_add", driver="Haswell-x86_64-cpu", id_=f"id-{i}", **cpu["props"])
    vm.quit()
