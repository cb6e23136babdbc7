/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: the table of CPU models, a row each: symbol, name, description (which is also what the
 * CPU calls itself), and the fields of X86CpuModel that make it up. A row without .family takes all
 * numbers from its base.
 *
 * The numbers and features of a model are those that QEMU's model of the same name and version has,
 * so that a guest may move; the plain name is version 1. x2apic, hypervisor and KVM's own features
 * come with the accelerator, not with the model.
 */
#ifndef HW_I386_X86_CPU_TYPES_H
#define HW_I386_X86_CPU_TYPES_H

#include "hw/device.h"
#include "hw/i386/x86-cpu-types-more.h"

#define ID(f, m, s) .family = (f), .model = (m), .stepping = (s)
#define SAME        .family = -1, .model = -1, .stepping = -1
#define STEP(s)     .family = -1, .model = -1, .stepping = (s)
#define INTEL       .vendor = "GenuineIntel"
#define AMD         .vendor = "AuthenticAMD"
#define LEVELS(l, x) .level = (l), .xlevel = (x)
#define AKA(n)      SAME, .alias_of = n, .base = n

#define X86_CPU_MODELS_OLD(X)                                                                 \
    X(base, "base", "base CPU model type with no features enabled", ID(0, 0, 0))              \
    X(i486, "486", "", ID(4, 8, 0), LEVELS(1, 0), INTEL, .features = "fpu vme pse")           \
    X(pentium, "pentium", "", .base = "486", ID(5, 4, 3), LEVELS(1, 0),                       \
      .features = "apic cx8 de mce mmx msr tsc")                                              \
    X(pentium2, "pentium2", "", .base = "pentium", ID(6, 5, 2), LEVELS(2, 0),                 \
      .features = "cmov fxsr mca mtrr pae pat pge pse36 sep")                                 \
    X(pentium3, "pentium3", "", .base = "pentium2", ID(6, 7, 3), LEVELS(3, 0),                \
      .features = "sse")                                                                      \
    X(qemu32, "qemu32", "QEMU Virtual CPU version 2.5+", .base = "pentium3", ID(6, 6, 3),     \
      LEVELS(4, 4), .features = "-mca -mtrr -pse36 -vme pni sse2")                            \
    X(qemu64, "qemu64", "QEMU Virtual CPU version 2.5+", .base = "pentium3", ID(15, 107, 1),  \
      LEVELS(0xd, 0xa), AMD,                                                                  \
      .features = "-vme clflush cx16 lahf-lm lm nx pni sse2 svm syscall")                     \
    X(kvm32, "kvm32", "Common 32-bit KVM processor", .base = "pentium3", ID(15, 6, 1),        \
      LEVELS(5, 8), .features = "clflush pni sse2")                                           \
    X(kvm64, "kvm64", "Common KVM processor", .base = "qemu64", ID(15, 6, 1), LEVELS(0xd, 8), \
      INTEL, .features = "-lahf-lm -svm vme")                                                 \
    X(nehalem, "Nehalem", "Intel Core i7 9xx (Nehalem Class Core i7)", .base = "qemu64",      \
      ID(6, 26, 3), LEVELS(11, 8), INTEL,                                                     \
      .features = "-svm popcnt sse4.1 sse4.2 ssse3 vme")                                      \
    X(westmere, "Westmere", "Westmere E56xx/L56xx/X56xx (Nehalem-C)", .base = "Nehalem",      \
      ID(6, 44, 1), LEVELS(11, 8), .features = "aes arat pclmulqdq")                          \
    X(sandybridge, "SandyBridge", "Intel Xeon E312xx (Sandy Bridge)", .base = "Westmere",     \
      ID(6, 42, 1), LEVELS(0xd, 8),                                                           \
      .features = "avx rdtscp tsc-deadline x2apic xsave xsaveopt")                            \
    X(ivybridge, "IvyBridge", "Intel Xeon E3-12xx v2 (Ivy Bridge)", .base = "SandyBridge",    \
      ID(6, 58, 9), LEVELS(0xd, 8), .features = "erms f16c fsgsbase rdrand smep")

#define X86_CPU_MODELS_INTEL(X)                                                               \
    X(haswell, "Haswell", "Intel Core Processor (Haswell)", .base = "IvyBridge",              \
      ID(6, 60, 4), LEVELS(0xd, 8),                                                           \
      .features = "abm avx2 bmi1 bmi2 fma hle invpcid movbe pcid rtm")                        \
    X(haswell_v1, "Haswell-v1", "Intel Core Processor (Haswell)", AKA("Haswell"))             \
    X(haswell_v2, "Haswell-v2", "Intel Core Processor (Haswell, no TSX)", .base = "Haswell",  \
      STEP(1), .features = "-hle -rtm")                                                       \
    X(haswell_notsx, "Haswell-noTSX", "Intel Core Processor (Haswell, no TSX)",               \
      AKA("Haswell-v2"))                                                                      \
    X(haswell_v3, "Haswell-v3", "Intel Core Processor (Haswell, IBRS)", .base = "Haswell",    \
      SAME, .features = "spec-ctrl")                                                          \
    X(haswell_ibrs, "Haswell-IBRS", "Intel Core Processor (Haswell, IBRS)",                   \
      AKA("Haswell-v3"))                                                                      \
    X(haswell_v4, "Haswell-v4", "Intel Core Processor (Haswell, no TSX, IBRS)",               \
      .base = "Haswell-v2", SAME, .features = "spec-ctrl")                                    \
    X(haswell_notsx_ibrs, "Haswell-noTSX-IBRS",                                               \
      "Intel Core Processor (Haswell, no TSX, IBRS)", AKA("Haswell-v4"))                      \
    X(broadwell, "Broadwell", "Intel Core Processor (Broadwell)", .base = "Haswell",          \
      ID(6, 61, 2), LEVELS(0xd, 8), .features = "3dnowprefetch adx rdseed smap")              \
    X(skylake_client, "Skylake-Client", "Intel Core Processor (Skylake)",                     \
      .base = "Broadwell", ID(6, 94, 3), LEVELS(0xd, 8), .features = "xgetbv1 xsavec")        \
    X(skylake_server, "Skylake-Server", "Intel Xeon Processor (Skylake)",                     \
      .base = "Skylake-Client", ID(6, 85, 4), LEVELS(0xd, 8),                                 \
      .features = "avx512bw avx512cd avx512dq avx512f avx512vl clflushopt clwb pdpe1gb pku")  \
    X(skylake_server_v1, "Skylake-Server-v1", "Intel Xeon Processor (Skylake)",               \
      AKA("Skylake-Server"))                                                                  \
    X(skylake_server_v2, "Skylake-Server-v2", "Intel Xeon Processor (Skylake, IBRS)",         \
      .base = "Skylake-Server", SAME, .features = "-clflushopt spec-ctrl")                    \
    X(skylake_server_ibrs, "Skylake-Server-IBRS", "Intel Xeon Processor (Skylake, IBRS)",     \
      AKA("Skylake-Server-v2"))                                                               \
    X(skylake_server_v3, "Skylake-Server-v3",                                                 \
      "Intel Xeon Processor (Skylake, IBRS, no TSX)", .base = "Skylake-Server-v2", SAME,      \
      .features = "-hle -rtm")                                                                \
    X(skylake_server_notsx, "Skylake-Server-noTSX-IBRS",                                      \
      "Intel Xeon Processor (Skylake, IBRS, no TSX)", AKA("Skylake-Server-v3"))               \
    X(skylake_server_v4, "Skylake-Server-v4",                                                 \
      "Intel Xeon Processor (Skylake, IBRS, no TSX)", .base = "Skylake-Server-v3", SAME)      \
    X(skylake_server_v5, "Skylake-Server-v5",                                                 \
      "Intel Xeon Processor (Skylake, IBRS, no TSX)", .base = "Skylake-Server-v4", SAME,      \
      .features = "xsaves")                                                                   \
    X(cascadelake_server, "Cascadelake-Server", "Intel Xeon Processor (Cascadelake)",         \
      .base = "Skylake-Server", STEP(6), .features = "avx512vnni spec-ctrl ssbd")             \
    X(icelake_server, "Icelake-Server", "Intel Xeon Processor (Icelake)",                     \
      .base = "Cascadelake-Server", ID(6, 134, 0), LEVELS(0xd, 8),                            \
      .features = "avx512-vpopcntdq avx512bitalg avx512vbmi avx512vbmi2 gfni la57 umip vaes " \
                  "vpclmulqdq wbnoinvd")                                                      \
    X(icelake_server_v1, "Icelake-Server-v1", "Intel Xeon Processor (Icelake)",               \
      AKA("Icelake-Server"))                                                                  \
    X(icelake_server_v2, "Icelake-Server-v2", "Intel Xeon Processor (Icelake)",               \
      .base = "Icelake-Server", SAME, .features = "-hle -rtm")                                \
    X(icelake_server_notsx, "Icelake-Server-noTSX", "Intel Xeon Processor (Icelake)",         \
      AKA("Icelake-Server-v2"))                                                               \
    X(icelake_server_v3, "Icelake-Server-v3", "Intel Xeon Processor (Icelake)",               \
      .base = "Icelake-Server-v2", SAME,                                                      \
      .features = "arch-capabilities ibrs-all mds-no pschange-mc-no rdctl-no "                \
                  "skip-l1dfl-vmentry taa-no")                                                \
    X(icelake_server_v4, "Icelake-Server-v4", "Intel Xeon Processor (Icelake)",               \
      .base = "Icelake-Server-v3", ID(6, 106, 0), LEVELS(0xd, 8),                             \
      .features = "avx512ifma fsrm rdpid sha-ni")                                             \
    X(icelake_server_v5, "Icelake-Server-v5", "Intel Xeon Processor (Icelake)",               \
      .base = "Icelake-Server-v4", SAME, .features = "xsaves")                                \
    X(icelake_server_v6, "Icelake-Server-v6", "Intel Xeon Processor (Icelake)",               \
      .base = "Icelake-Server-v5", SAME)                                                      \
    X(sapphire_rapids, "SapphireRapids", "Intel Xeon Processor (SapphireRapids)",             \
      .base = "Icelake-Server-v5", ID(6, 143, 4), LEVELS(0x20, 8),                            \
      .features = "hle rtm avx-vnni avx512-bf16 fzrm fsrs fsrc bus-lock-detect serialize "    \
                  "tsx-ldtrk amx-bf16 avx512-fp16 amx-tile amx-int8 xfd")                     \
    X(sapphire_rapids_v1, "SapphireRapids-v1", "Intel Xeon Processor (SapphireRapids)",       \
      AKA("SapphireRapids"))

#define X86_CPU_MODELS_AMD(X)                                                                 \
    X(epyc, "EPYC", "AMD EPYC Processor", .base = "Skylake-Client", ID(23, 1, 2),             \
      LEVELS(0xd, 0x1e), AMD, .caches = &x86_caches_epyc,                                     \
      .features = "-erms -hle -invpcid -pcid -rtm -tsc-deadline -x2apic clflushopt "          \
                  "cr8legacy fxsr-opt misalignsse mmxext monitor npt nrip-save osvw "         \
                  "pdpe1gb sha-ni sse4a svm topoext")                                         \
    X(epyc_v1, "EPYC-v1", "AMD EPYC Processor", AKA("EPYC"))                                  \
    X(epyc_v2, "EPYC-v2", "AMD EPYC Processor (with IBPB)", .base = "EPYC", SAME,             \
      .features = "ibpb")                                                                     \
    X(epyc_ibpb, "EPYC-IBPB", "AMD EPYC Processor (with IBPB)", AKA("EPYC-v2"))               \
    X(epyc_v3, "EPYC-v3", "AMD EPYC Processor", .base = "EPYC-v2", SAME,                      \
      .features = "clzero perfctr-core xsaveerptr xsaves")                                    \
    X(epyc_rome, "EPYC-Rome", "AMD EPYC-Rome Processor", .base = "EPYC-v3", ID(23, 49, 0),    \
      LEVELS(0xd, 0x1e), .caches = &x86_caches_rome,                                          \
      .features = "amd-stibp clwb rdpid umip wbnoinvd")                                       \
    X(epyc_rome_v1, "EPYC-Rome-v1", "AMD EPYC-Rome Processor", AKA("EPYC-Rome"))              \
    X(epyc_rome_v2, "EPYC-Rome-v2", "AMD EPYC-Rome Processor", .base = "EPYC-Rome", SAME,     \
      .features = "amd-ssbd ibrs")                                                            \
    X(epyc_milan, "EPYC-Milan", "AMD EPYC-Milan Processor", .base = "EPYC-Rome-v2",           \
      ID(25, 1, 1), LEVELS(0xd, 0x1e), .caches = &x86_caches_milan,                           \
      .features = "erms fsrm invpcid pcid pku svme-addr-chk")                                 \
    X(epyc_milan_v1, "EPYC-Milan-v1", "AMD EPYC-Milan Processor", AKA("EPYC-Milan"))

#define X86_CPU_MODELS(X)                                                                     \
    X(max, "max", "Enables all features supported by the accelerator in the current host",    \
      .host = true)                                                                           \
    X(host, "host", "processor with all supported host features", .host = true)               \
    X86_CPU_MODELS_OLD(X)                                                                     \
    X86_CPU_MODELS_INTEL(X)                                                                   \
    X86_CPU_MODELS_AMD(X)                                                                     \
    X86_CPU_MODELS_MORE(X)

#define X86_CPU_DECLARE(sym, model, ...) extern const DeviceClass x86_cpu_##sym##_class;
X86_CPU_MODELS(X86_CPU_DECLARE)
#undef X86_CPU_DECLARE

#endif
