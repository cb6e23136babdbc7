/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: the rest of the table of CPU models: revisions of the models in x86-cpu-types.h, and
 * processors that only a test or an old guest asks for. Rows are read as in that file, and compared
 * with QEMU's by the same test.
 */
#ifndef HW_I386_X86_CPU_TYPES_MORE_H
#define HW_I386_X86_CPU_TYPES_MORE_H

#define X86_CPU_MODELS_MORE(X)                                                                \
    X(broadwell_v2, "Broadwell-v2", "Intel Core Processor (Broadwell, no TSX)",               \
      .base = "Broadwell", ID(6, 61, 2), LEVELS(0xd, 8), .features = "-hle -rtm")             \
    X(broadwell_notsx, "Broadwell-noTSX", "Intel Core Processor (Broadwell, no TSX)",         \
      AKA("Broadwell-v2"))                                                                    \
    X(broadwell_v3, "Broadwell-v3", "Intel Core Processor (Broadwell, IBRS)",                 \
      .base = "Broadwell-v2", ID(6, 61, 2), LEVELS(0xd, 8),                                   \
      .features = "hle rtm spec-ctrl")                                                        \
    X(broadwell_ibrs, "Broadwell-IBRS", "Intel Core Processor (Broadwell, IBRS)",             \
      AKA("Broadwell-v3"))                                                                    \
    X(broadwell_v4, "Broadwell-v4", "Intel Core Processor (Broadwell, no TSX, IBRS)",         \
      .base = "Broadwell-v3", ID(6, 61, 2), LEVELS(0xd, 8), .features = "-hle -rtm")          \
    X(broadwell_notsx_ibrs, "Broadwell-noTSX-IBRS",                                           \
      "Intel Core Processor (Broadwell, no TSX, IBRS)", AKA("Broadwell-v4"))                  \
    X(cascadelake_server_v2, "Cascadelake-Server-v2",                                         \
      "Intel Xeon Processor (Cascadelake)", .base = "Cascadelake-Server", ID(6, 85, 6),       \
      LEVELS(0xd, 8),                                                                         \
      .features = "arch-capabilities ibrs-all mds-no rdctl-no skip-l1dfl-vmentry")            \
    X(cascadelake_server_v3, "Cascadelake-Server-v3",                                         \
      "Intel Xeon Processor (Cascadelake)", .base = "Cascadelake-Server-v2", ID(6, 85, 6),    \
      LEVELS(0xd, 8), .features = "-hle -rtm")                                                \
    X(cascadelake_server_notsx, "Cascadelake-Server-noTSX",                                   \
      "Intel Xeon Processor (Cascadelake)", AKA("Cascadelake-Server-v3"))                     \
    X(cascadelake_server_v4, "Cascadelake-Server-v4",                                         \
      "Intel Xeon Processor (Cascadelake)", .base = "Cascadelake-Server-v3", ID(6, 85, 6),    \
      LEVELS(0xd, 8))                                                                         \
    X(cascadelake_server_v5, "Cascadelake-Server-v5",                                         \
      "Intel Xeon Processor (Cascadelake)", .base = "Cascadelake-Server-v4", ID(6, 85, 6),    \
      LEVELS(0xd, 8), .features = "xsaves")                                                   \
    X(ivybridge_v2, "IvyBridge-v2", "Intel Xeon E3-12xx v2 (Ivy Bridge, IBRS)",               \
      .base = "IvyBridge", ID(6, 58, 9), LEVELS(0xd, 8), .features = "spec-ctrl")             \
    X(ivybridge_ibrs, "IvyBridge-IBRS", "Intel Xeon E3-12xx v2 (Ivy Bridge, IBRS)",           \
      AKA("IvyBridge-v2"))                                                                    \
    X(nehalem_v2, "Nehalem-v2", "Intel Core i7 9xx (Nehalem Core i7, IBRS update)",           \
      .base = "Nehalem", ID(6, 26, 3), LEVELS(0xb, 8), .features = "spec-ctrl")               \
    X(nehalem_ibrs, "Nehalem-IBRS", "Intel Core i7 9xx (Nehalem Core i7, IBRS update)",       \
      AKA("Nehalem-v2"))                                                                      \
    X(sandybridge_v2, "SandyBridge-v2", "Intel Xeon E312xx (Sandy Bridge, IBRS update)",      \
      .base = "SandyBridge", ID(6, 42, 1), LEVELS(0xd, 8), .features = "spec-ctrl")           \
    X(sandybridge_ibrs, "SandyBridge-IBRS",                                                   \
      "Intel Xeon E312xx (Sandy Bridge, IBRS update)", AKA("SandyBridge-v2"))                 \
    X(skylake_client_v2, "Skylake-Client-v2", "Intel Core Processor (Skylake, IBRS)",         \
      .base = "Skylake-Client", ID(6, 94, 3), LEVELS(0xd, 8), .features = "spec-ctrl")        \
    X(skylake_client_ibrs, "Skylake-Client-IBRS", "Intel Core Processor (Skylake, IBRS)",     \
      AKA("Skylake-Client-v2"))                                                               \
    X(skylake_client_v3, "Skylake-Client-v3",                                                 \
      "Intel Core Processor (Skylake, IBRS, no TSX)", .base = "Skylake-Client-v2",            \
      ID(6, 94, 3), LEVELS(0xd, 8), .features = "-hle -rtm")                                  \
    X(skylake_client_notsx_ibrs, "Skylake-Client-noTSX-IBRS",                                 \
      "Intel Core Processor (Skylake, IBRS, no TSX)", AKA("Skylake-Client-v3"))               \
    X(skylake_client_v4, "Skylake-Client-v4",                                                 \
      "Intel Core Processor (Skylake, IBRS, no TSX)", .base = "Skylake-Client-v3",            \
      ID(6, 94, 3), LEVELS(0xd, 8), .features = "xsaves")                                     \
    X(westmere_v2, "Westmere-v2", "Westmere E56xx/L56xx/X56xx (IBRS update)",                 \
      .base = "Westmere", ID(6, 44, 1), LEVELS(0xb, 8), .features = "spec-ctrl")              \
    X(westmere_ibrs, "Westmere-IBRS", "Westmere E56xx/L56xx/X56xx (IBRS update)",             \
      AKA("Westmere-v2"))                                                                     \
    X(athlon, "athlon", "QEMU Virtual CPU version 2.5+", .base = "pentium3", ID(6, 2, 3),     \
      LEVELS(2, 8), AMD, .features = "3dnow 3dnowext mmxext sse2")                            \
    X(athlon_v1, "athlon-v1", "QEMU Virtual CPU version 2.5+", AKA("athlon"))                 \
    X(phenom, "phenom", "AMD Phenom(tm) 9550 Quad-Core Processor", .base = "qemu64",          \
      ID(16, 2, 3), LEVELS(5, 0x1a),                                                          \
      .features = "3dnow 3dnowext abm fxsr-opt mmxext monitor npt pdpe1gb popcnt "            \
                  "rdtscp sse4a vme")                                                         \
    X(phenom_v1, "phenom-v1", "AMD Phenom(tm) 9550 Quad-Core Processor", AKA("phenom"))       \
    X(core2duo, "core2duo", "Intel(R) Core(TM)2 Duo CPU     T7700  @ 2.40GHz",                \
      .base = "kvm64", ID(6, 15, 11), LEVELS(0xa, 8),                                         \
      .features = "acpi lahf-lm monitor ss ssse3")                                            \
    X(core2duo_v1, "core2duo-v1", "Intel(R) Core(TM)2 Duo CPU     T7700  @ 2.40GHz",          \
      AKA("core2duo"))                                                                        \
    X(coreduo, "coreduo", "Genuine Intel(R) CPU           T2600  @ 2.16GHz",                  \
      .base = "kvm32", ID(6, 14, 8), LEVELS(0xa, 8),                                          \
      .features = "-pse36 acpi monitor nx ss")                                                \
    X(coreduo_v1, "coreduo-v1", "Genuine Intel(R) CPU           T2600  @ 2.16GHz",            \
      AKA("coreduo"))                                                                         \
    X(n270, "n270", "Intel(R) Atom(TM) CPU N270   @ 1.60GHz", .base = "coreduo",              \
      ID(6, 28, 2), LEVELS(0xa, 8), .features = "lahf-lm movbe ssse3")                        \
    X(n270_v1, "n270-v1", "Intel(R) Atom(TM) CPU N270   @ 1.60GHz", AKA("n270"))              \
    X(conroe, "Conroe", "Intel Celeron_4x0 (Conroe/Merom Class Core 2)", .base = "kvm64",     \
      ID(6, 15, 3), LEVELS(0xa, 8), .features = "-cx16 lahf-lm ssse3")                        \
    X(conroe_v1, "Conroe-v1", "Intel Celeron_4x0 (Conroe/Merom Class Core 2)",                \
      AKA("Conroe"))                                                                          \
    X(penryn, "Penryn", "Intel Core 2 Duo P9xxx (Penryn Class Core 2)", .base = "Conroe",     \
      ID(6, 23, 3), LEVELS(0xa, 8), .features = "cx16 sse4.1")                                \
    X(penryn_v1, "Penryn-v1", "Intel Core 2 Duo P9xxx (Penryn Class Core 2)",                 \
      AKA("Penryn"))                                                                          \
    X(opteron_g1, "Opteron_G1", "AMD Opteron 240 (Gen 1 Class Opteron)", .base = "kvm64",     \
      ID(15, 6, 1), LEVELS(5, 8), AMD, .features = "-cx16")                                   \
    X(opteron_g1_v1, "Opteron_G1-v1", "AMD Opteron 240 (Gen 1 Class Opteron)",                \
      AKA("Opteron_G1"))                                                                      \
    X(opteron_g2, "Opteron_G2", "AMD Opteron 22xx (Gen 2 Class Opteron)",                     \
      .base = "qemu64", ID(15, 6, 1), LEVELS(5, 0xa), .features = "vme")                      \
    X(opteron_g2_v1, "Opteron_G2-v1", "AMD Opteron 22xx (Gen 2 Class Opteron)",               \
      AKA("Opteron_G2"))                                                                      \
    X(opteron_g3, "Opteron_G3", "AMD Opteron 23xx (Gen 3 Class Opteron)",                     \
      .base = "Opteron_G2", ID(16, 2, 3), LEVELS(5, 0xa),                                     \
      .features = "abm misalignsse monitor popcnt rdtscp sse4a")                              \
    X(opteron_g3_v1, "Opteron_G3-v1", "AMD Opteron 23xx (Gen 3 Class Opteron)",               \
      AKA("Opteron_G3"))                                                                      \
    X(opteron_g4, "Opteron_G4", "AMD Opteron 62xx class CPU", .base = "Westmere",             \
      ID(21, 1, 2), LEVELS(0xd, 0x1a), AMD,                                                   \
      .features = "-arat 3dnowprefetch abm avx fma4 misalignsse npt nrip-save "               \
                  "pdpe1gb rdtscp sse4a svm xop xsave")                                       \
    X(opteron_g4_v1, "Opteron_G4-v1", "AMD Opteron 62xx class CPU", AKA("Opteron_G4"))        \
    X(opteron_g5, "Opteron_G5", "AMD Opteron 63xx class CPU", .base = "Opteron_G4",           \
      ID(21, 2, 0), LEVELS(0xd, 0x1a), .features = "f16c fma tbm")                            \
    X(opteron_g5_v1, "Opteron_G5-v1", "AMD Opteron 63xx class CPU", AKA("Opteron_G5"))        \
    X(knightsmill, "KnightsMill", "Intel Xeon Phi Processor (Knights Mill)",                  \
      .base = "Broadwell", ID(6, 133, 0), LEVELS(0xd, 8),                                     \
      .features = "-hle -invpcid -pcid -rtm -smap avx512-4fmaps avx512-4vnniw "               \
                  "avx512-vpopcntdq avx512cd avx512er avx512f avx512pf pdpe1gb ss")           \
    X(knightsmill_v1, "KnightsMill-v1", "Intel Xeon Phi Processor (Knights Mill)",            \
      AKA("KnightsMill"))                                                                     \
    X(denverton, "Denverton", "Intel Atom Processor (Denverton)", .base = "IvyBridge",        \
      ID(6, 95, 1), LEVELS(0x15, 8),                                                          \
      .features = "-avx -f16c 3dnowprefetch arch-capabilities clflushopt monitor "            \
                  "movbe mpx pdpe1gb rdctl-no rdseed sha-ni skip-l1dfl-vmentry "              \
                  "smap spec-ctrl ssbd xgetbv1 xsavec")                                       \
    X(denverton_v1, "Denverton-v1", "Intel Atom Processor (Denverton)", AKA("Denverton"))     \
    X(denverton_v2, "Denverton-v2", "Intel Atom Processor (Denverton)",                       \
      .base = "Denverton", ID(6, 95, 1), LEVELS(0x15, 8), .features = "-monitor -mpx")        \
    X(denverton_v3, "Denverton-v3", "Intel Atom Processor (Denverton)",                       \
      .base = "Denverton-v2", ID(6, 95, 1), LEVELS(0x15, 8), .features = "xsaves")            \
    X(snowridge, "Snowridge", "Intel Atom Processor (SnowRidge)", .base = "Denverton",        \
      ID(6, 134, 1), LEVELS(0x1b, 8),                                                         \
      .features = "-rdctl-no -skip-l1dfl-vmentry cldemote clwb core-capability "              \
                  "gfni movdir64b movdiri split-lock-detect umip")                            \
    X(snowridge_v1, "Snowridge-v1", "Intel Atom Processor (SnowRidge)", AKA("Snowridge"))     \
    X(snowridge_v2, "Snowridge-v2", "Intel Atom Processor (Snowridge, no MPX)",               \
      .base = "Snowridge", ID(6, 134, 1), LEVELS(0x1b, 8), .features = "-mpx")                \
    X(snowridge_v3, "Snowridge-v3", "Intel Atom Processor (Snowridge, no MPX)",               \
      .base = "Snowridge-v2", ID(6, 134, 1), LEVELS(0x1b, 8), .features = "xsaves")           \
    X(snowridge_v4, "Snowridge-v4", "Intel Atom Processor (Snowridge, no MPX)",               \
      .base = "Snowridge-v3", ID(6, 134, 1), LEVELS(0x1b, 8),                                 \
      .features = "-core-capability -split-lock-detect")                                      \
    X(cooperlake, "Cooperlake", "Intel Xeon Processor (Cooperlake)",                          \
      .base = "Cascadelake-Server", ID(6, 85, 10), LEVELS(0xd, 8),                            \
      .features = "arch-capabilities avx512-bf16 ibrs-all mds-no pschange-mc-no "             \
                  "rdctl-no skip-l1dfl-vmentry stibp taa-no")                                 \
    X(cooperlake_v1, "Cooperlake-v1", "Intel Xeon Processor (Cooperlake)",                    \
      AKA("Cooperlake"))                                                                      \
    X(cooperlake_v2, "Cooperlake-v2", "Intel Xeon Processor (Cooperlake)",                    \
      .base = "Cooperlake", ID(6, 85, 10), LEVELS(0xd, 8), .features = "xsaves")              \
    X(dhyana, "Dhyana", "Hygon Dhyana Processor", .base = "EPYC-IBPB", ID(24, 0, 1),          \
      LEVELS(0xd, 0x1e), .vendor = "HygonGenuine", .caches = &x86_caches_epyc,                \
      .features = "-aes -pclmulqdq -sha-ni")                                                  \
    X(dhyana_v1, "Dhyana-v1", "Hygon Dhyana Processor", AKA("Dhyana"))                        \
    X(dhyana_v2, "Dhyana-v2", "Hygon Dhyana Processor", .base = "Dhyana", ID(24, 0, 1),       \
      LEVELS(0xd, 0x1e), .features = "xsaves")                                                \
    X(486_v1, "486-v1", "", AKA("486"))                                                       \
    X(broadwell_v1, "Broadwell-v1", "Intel Core Processor (Broadwell)", AKA("Broadwell"))     \
    X(cascadelake_server_v1, "Cascadelake-Server-v1",                                         \
      "Intel Xeon Processor (Cascadelake)", AKA("Cascadelake-Server"))                        \
    X(ivybridge_v1, "IvyBridge-v1", "Intel Xeon E3-12xx v2 (Ivy Bridge)",                     \
      AKA("IvyBridge"))                                                                       \
    X(nehalem_v1, "Nehalem-v1", "Intel Core i7 9xx (Nehalem Class Core i7)",                  \
      AKA("Nehalem"))                                                                         \
    X(sandybridge_v1, "SandyBridge-v1", "Intel Xeon E312xx (Sandy Bridge)",                   \
      AKA("SandyBridge"))                                                                     \
    X(skylake_client_v1, "Skylake-Client-v1", "Intel Core Processor (Skylake)",               \
      AKA("Skylake-Client"))                                                                  \
    X(westmere_v1, "Westmere-v1", "Westmere E56xx/L56xx/X56xx (Nehalem-C)",                   \
      AKA("Westmere"))                                                                        \
    X(kvm32_v1, "kvm32-v1", "Common 32-bit KVM processor", AKA("kvm32"))                      \
    X(kvm64_v1, "kvm64-v1", "Common KVM processor", AKA("kvm64"))                             \
    X(pentium_v1, "pentium-v1", "", AKA("pentium"))                                           \
    X(pentium2_v1, "pentium2-v1", "", AKA("pentium2"))                                        \
    X(pentium3_v1, "pentium3-v1", "", AKA("pentium3"))                                        \
    X(qemu32_v1, "qemu32-v1", "QEMU Virtual CPU version 2.5+", AKA("qemu32"))                 \
    X(qemu64_v1, "qemu64-v1", "QEMU Virtual CPU version 2.5+", AKA("qemu64"))

#endif
