/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The types of QMP, a row each. Names and members are QEMU's where QEMU has the type. A struct
 * whose members are "any" is open: that is how it is described, too.
 */
#include "system/qmp.h"

#define CPU_IDS                                                                                 \
    "node-id?:int socket-id?:int die-id?:int module-id?:int cluster-id?:int core-id?:int "       \
    "thread-id?:int"
#define CHARDEV_COMMON "logfile?:str logappend?:bool"

const QmpType qmp_types[] = {
    /* protocol */
    { "QMPCapability", QMP_ENUM, "oob" },
    { "VersionTriple", QMP_STRUCT, "major:int minor:int micro:int" },
    { "VersionInfo", QMP_STRUCT, "qemu:VersionTriple package:str" },
    { "CommandInfo", QMP_STRUCT, "name:str" },
    { "EventInfo", QMP_STRUCT, "name:str" },
    { "SchemaMetaType", QMP_ENUM, "builtin enum array object alternate command event" },
    { "JSONType", QMP_ENUM, "string number int boolean null object array value" },
    { "SchemaInfoObjectMember", QMP_STRUCT, "name:str type:str default?:any features?:[str]" },
    { "SchemaInfoObjectVariant", QMP_STRUCT, "case:str type:str" },
    { "SchemaInfoEnumMember", QMP_STRUCT, "name:str features?:[str]" },
    { "SchemaInfoAlternateMember", QMP_STRUCT, "type:str" },
    { "SchemaInfoBuiltin", QMP_STRUCT, "json-type:JSONType" },
    { "SchemaInfoEnum", QMP_STRUCT, "members:[SchemaInfoEnumMember] values:[str]" },
    { "SchemaInfoArray", QMP_STRUCT, "element-type:str" },
    { "SchemaInfoObject", QMP_STRUCT,
      "members:[SchemaInfoObjectMember] tag?:str variants?:[SchemaInfoObjectVariant]" },
    { "SchemaInfoAlternate", QMP_STRUCT, "members:[SchemaInfoAlternateMember]" },
    { "SchemaInfoCommand", QMP_STRUCT, "arg-type:str ret-type:str allow-oob?:bool" },
    { "SchemaInfoEvent", QMP_STRUCT, "arg-type:str" },
    { "SchemaInfo", QMP_UNION, "name:str meta-type:SchemaMetaType features?:[str]", "meta-type",
      "builtin:SchemaInfoBuiltin enum:SchemaInfoEnum array:SchemaInfoArray "
      "object:SchemaInfoObject alternate:SchemaInfoAlternate command:SchemaInfoCommand "
      "event:SchemaInfoEvent" },
    { "CommandLineParameterType", QMP_ENUM, "string boolean number size" },
    { "CommandLineParameterInfo", QMP_STRUCT,
      "name:str type:CommandLineParameterType help?:str default?:str" },
    { "CommandLineOptionInfo", QMP_STRUCT, "option:str parameters:[CommandLineParameterInfo]" },
    { "HumanReadableText", QMP_STRUCT, "human-readable-text:str" },
    /* run control */
    { "RunState", QMP_ENUM,
      "debug inmigrate internal-error io-error paused postmigrate prelaunch finish-migrate "
      "restore-vm running save-vm shutdown suspended watchdog guest-panicked colo" },
    { "StatusInfo", QMP_STRUCT, "running:bool singlestep:bool status:RunState" },
    { "ShutdownCause", QMP_ENUM,
      "none host-error host-qmp-quit host-qmp-system-reset host-signal host-ui guest-shutdown "
      "guest-reset guest-panic subsystem-reset snapshot-load" },
    { "RebootAction", QMP_ENUM, "reset shutdown" },
    { "ShutdownAction", QMP_ENUM, "poweroff pause" },
    { "PanicAction", QMP_ENUM, "pause shutdown exit-failure none" },
    { "WatchdogAction", QMP_ENUM, "reset shutdown poweroff pause debug none inject-nmi" },
    { "GuestPanicAction", QMP_ENUM, "pause poweroff run" },
    /* machine */
    { "NameInfo", QMP_STRUCT, "name?:str" },
    { "UuidInfo", QMP_STRUCT, "UUID:str" },
    { "SysEmuTarget", QMP_ENUM, "x86_64" },
    { "TargetInfo", QMP_STRUCT, "arch:SysEmuTarget" },
    { "MachineInfo", QMP_STRUCT,
      "name:str alias?:str is-default?:bool cpu-max:int hotpluggable-cpus:bool "
      "numa-mem-supported:bool deprecated:bool default-cpu-type?:str default-ram-id?:str" },
    { "CurrentMachineParams", QMP_STRUCT, "wakeup-suspend-support:bool" },
    { "MemoryInfo", QMP_STRUCT, "base-memory:int plugged-memory?:int" },
    { "MemoryDeviceInfo", QMP_STRUCT, "type:str data:any" },
    { "HostMemPolicy", QMP_ENUM, "default preferred bind interleave" },
    { "Memdev", QMP_STRUCT,
      "id?:str size:int merge:bool dump:bool prealloc:bool share:bool reserve?:bool "
      "host-nodes:[int] policy:HostMemPolicy" },
    { "IOThreadInfo", QMP_STRUCT,
      "id:str thread-id:int poll-max-ns:int poll-grow:int poll-shrink:int aio-max-batch:int" },
    /* CPUs */
    { "CpuInstanceProperties", QMP_STRUCT, CPU_IDS },
    { "CpuInfoFast", QMP_STRUCT,
      "cpu-index:int qom-path:str thread-id:int props?:CpuInstanceProperties "
      "target:SysEmuTarget" },
    { "HotpluggableCPU", QMP_STRUCT,
      "type:str vcpus-count:int props:CpuInstanceProperties qom-path?:str" },
    { "CpuDefinitionInfo", QMP_STRUCT,
      "name:str migration-safe?:bool static:bool unavailable-features?:[str] typename:str "
      "alias-of?:str deprecated:bool" },
    { "CpuModelInfo", QMP_STRUCT, "name:str props?:any" },
    { "CpuModelExpansionType", QMP_ENUM, "static full" },
    { "CpuModelExpansionInfo", QMP_STRUCT, "model:CpuModelInfo" },
    { "NumaOptionsType", QMP_ENUM, "node dist cpu hmat-lb hmat-cache" },
    { "NumaNodeOptions", QMP_STRUCT,
      "nodeid?:int cpus?:[int] mem?:int memdev?:str initiator?:int" },
    { "NumaDistOptions", QMP_STRUCT, "src:int dst:int val:int" },
    { "NumaCpuOptions", QMP_STRUCT, CPU_IDS },
    { "HmatLBMemoryHierarchy", QMP_ENUM, "memory first-level second-level third-level" },
    { "HmatLBDataType", QMP_ENUM,
      "access-latency read-latency write-latency access-bandwidth read-bandwidth "
      "write-bandwidth" },
    { "NumaHmatLBOptions", QMP_STRUCT,
      "initiator:int target:int hierarchy:HmatLBMemoryHierarchy data-type:HmatLBDataType "
      "latency?:int bandwidth?:int" },
    { "HmatCacheAssociativity", QMP_ENUM, "none direct complex" },
    { "HmatCacheWritePolicy", QMP_ENUM, "none write-back write-through" },
    { "NumaHmatCacheOptions", QMP_STRUCT,
      "node-id:int size:int level:int associativity:HmatCacheAssociativity "
      "policy:HmatCacheWritePolicy line:int" },
    { "NumaOptions", QMP_UNION, "type:NumaOptionsType", "type",
      "node:NumaNodeOptions dist:NumaDistOptions cpu:NumaCpuOptions hmat-lb:NumaHmatLBOptions "
      "hmat-cache:NumaHmatCacheOptions" },
    /* accelerator */
    { "KvmInfo", QMP_STRUCT, "enabled:bool present:bool" },
    { "Accelerator", QMP_ENUM, "hvf kvm mshv nvmm qtest tcg whpx xen" },
    { "AcceleratorInfo", QMP_STRUCT, "enabled?:Accelerator present:[Accelerator]" },
    { "AccelIrqchipMode", QMP_ENUM, "off on split" },
    { "AccelStage", QMP_STRUCT, "name:str ns:int" },
    { "AccelCapability", QMP_STRUCT, "name:str number:int value:int required:bool" },
    { "AccelLimits", QMP_STRUCT,
      "recommended-vcpus:int max-vcpus:int max-vcpu-id:int memory-slots:int" },
    { "AccelKvmInfo", QMP_STRUCT,
      "api-version:int limits:AccelLimits memory-slots-used:int "
      "capabilities:[AccelCapability]" },
    { "AccelInfo", QMP_STRUCT,
      "name:str display-name:str irqchip:AccelIrqchipMode stages:[AccelStage] warnings:[str] "
      "kvm?:AccelKvmInfo" },
    { "StatsProvider", QMP_ENUM, "kvm" },
    { "StatsTarget", QMP_ENUM, "vm vcpu" },
    { "StatsType", QMP_ENUM, "cumulative instant peak linear-histogram log2-histogram" },
    { "StatsUnit", QMP_ENUM, "bytes seconds cycles boolean" },
    { "StatsRequest", QMP_STRUCT, "provider:StatsProvider names?:[str]" },
    { "StatsVCPUFilter", QMP_STRUCT, "vcpus?:[str]" },
    { "StatsVMFilter", QMP_STRUCT, "" },
    { "StatsFilter", QMP_UNION, "target:StatsTarget providers?:[StatsRequest]", "target",
      "vcpu:StatsVCPUFilter vm:StatsVMFilter" },
    { "StatsValue", QMP_ALTERNATE, "int bool [int]" },
    { "Stats", QMP_STRUCT, "name:str value:StatsValue" },
    { "StatsResult", QMP_STRUCT, "provider:StatsProvider qom-path?:str stats:[Stats]" },
    { "StatsSchemaValue", QMP_STRUCT,
      "name:str type:StatsType unit?:StatsUnit base?:int exponent:int bucket-size?:int" },
    { "StatsSchema", QMP_STRUCT,
      "provider:StatsProvider target:StatsTarget stats:[StatsSchemaValue]" },
    /* objects */
    { "ObjectPropertyInfo", QMP_STRUCT, "name:str type:str description?:str default-value?:any" },
    { "ObjectTypeInfo", QMP_STRUCT, "name:str abstract?:bool parent?:str" },
    /* chardevs and descriptors */
    { "ChardevInfo", QMP_STRUCT, "label:str filename:str frontend-open:bool" },
    { "ChardevBackendInfo", QMP_STRUCT, "name:str" },
    { "ChardevBackendKind", QMP_ENUM, "file pipe socket pty null stdio ringbuf" },
    { "InetSocketAddress", QMP_STRUCT, "host:str port:str to?:int ipv4?:bool ipv6?:bool" },
    { "UnixSocketAddress", QMP_STRUCT, "path:str abstract?:bool tight?:bool" },
    { "FdSocketAddress", QMP_STRUCT, "str:str" },
    { "SocketAddressType", QMP_ENUM, "inet unix fd" },
    { "InetSocketAddressWrapper", QMP_STRUCT, "data:InetSocketAddress" },
    { "UnixSocketAddressWrapper", QMP_STRUCT, "data:UnixSocketAddress" },
    { "FdSocketAddressWrapper", QMP_STRUCT, "data:FdSocketAddress" },
    { "SocketAddressLegacy", QMP_UNION, "type:SocketAddressType", "type",
      "inet:InetSocketAddressWrapper unix:UnixSocketAddressWrapper fd:FdSocketAddressWrapper" },
    { "ChardevCommon", QMP_STRUCT, CHARDEV_COMMON },
    { "ChardevFile", QMP_STRUCT, CHARDEV_COMMON " in?:str out:str append?:bool" },
    { "ChardevHostdev", QMP_STRUCT, CHARDEV_COMMON " device:str" },
    { "ChardevSocket", QMP_STRUCT,
      CHARDEV_COMMON " addr:SocketAddressLegacy server?:bool wait?:bool nodelay?:bool "
                     "reconnect?:int" },
    { "ChardevStdio", QMP_STRUCT, CHARDEV_COMMON " signal?:bool" },
    { "ChardevRingbuf", QMP_STRUCT, CHARDEV_COMMON " size?:int" },
    { "ChardevCommonWrapper", QMP_STRUCT, "data:ChardevCommon" },
    { "ChardevFileWrapper", QMP_STRUCT, "data:ChardevFile" },
    { "ChardevHostdevWrapper", QMP_STRUCT, "data:ChardevHostdev" },
    { "ChardevSocketWrapper", QMP_STRUCT, "data:ChardevSocket" },
    { "ChardevStdioWrapper", QMP_STRUCT, "data:ChardevStdio" },
    { "ChardevRingbufWrapper", QMP_STRUCT, "data:ChardevRingbuf" },
    { "ChardevBackend", QMP_UNION, "type:ChardevBackendKind", "type",
      "file:ChardevFileWrapper pipe:ChardevHostdevWrapper socket:ChardevSocketWrapper "
      "pty:ChardevCommonWrapper null:ChardevCommonWrapper stdio:ChardevStdioWrapper "
      "ringbuf:ChardevRingbufWrapper" },
    { "ChardevReturn", QMP_STRUCT, "pty?:str" },
    { "DataFormat", QMP_ENUM, "utf8 base64" },
    { "AddfdInfo", QMP_STRUCT, "fdset-id:int fd:int" },
    { "FdsetFdInfo", QMP_STRUCT, "fd:int opaque?:str" },
    { "FdsetInfo", QMP_STRUCT, "fdset-id:int fds:[FdsetFdInfo]" },
    { "TraceEventState", QMP_ENUM, "unavailable disabled enabled" },
    { "TraceEventInfo", QMP_STRUCT, "name:str state:TraceEventState vcpu:bool" },
    /* answers of what is not there */
    { "MigrationStatus", QMP_ENUM, "none" },
    { "MigrationInfo", QMP_STRUCT, "status?:MigrationStatus" },
    { "MigrationCapability", QMP_ENUM, "events return-path" },
    { "MigrationCapabilityStatus", QMP_STRUCT, "capability:MigrationCapability state:bool" },
    { "MigrationParameters", QMP_STRUCT, "max-bandwidth?:int downtime-limit?:int" },
    { "BalloonInfo", QMP_STRUCT, "actual:int" },
    { "ACPISlotType", QMP_ENUM, "DIMM CPU" },
    { "ACPIOSTInfo", QMP_STRUCT,
      "device?:str slot:str slot-type:ACPISlotType source:int status:int" },
    { "GuidInfo", QMP_STRUCT, "guid:str" },
    { 0 },
};

const QmpEventDef qmp_events[] = {
    { "SHUTDOWN", "guest:bool reason:ShutdownCause" },
    { "RESET", "guest:bool reason:ShutdownCause" },
    { "POWERDOWN", "" },
    { "STOP", "" },
    { "RESUME", "" },
    { "SUSPEND", "" },
    { "WAKEUP", "" },
    { "WATCHDOG", "action:WatchdogAction" },
    { "GUEST_PANICKED", "action:GuestPanicAction" },
    { "GUEST_CRASHLOADED", "action:GuestPanicAction" },
    { "GUEST_PVSHUTDOWN", "" },
    { "ACPI_DEVICE_OST", "info:ACPIOSTInfo" },
    { "DEVICE_DELETED", "device?:str path:str" },
    { "X_INTERNAL_ERROR",
      "message:str accel?:str stage?:str call?:str errno?:int details?:[str]" },
    { 0 },
};
