/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: the table of CPU models, a row each: symbol, name, description.
 */
#ifndef HW_I386_X86_CPU_TYPES_H
#define HW_I386_X86_CPU_TYPES_H

#include "hw/device.h"

#define X86_CPU_MODELS(X)                                                              \
    X(host, "host", "processor with all supported host features")                      \
    X(max, "max", "all features that the accelerator supports")                        \
    X(qemu64, "qemu64", "QEMU Virtual CPU, 64 bit")                                     \
    X(kvm64, "kvm64", "Common KVM processor, 64 bit")                                   \
    X(haswell, "Haswell", "Intel Core Processor (Haswell)")                             \
    X(skylake_server, "Skylake-Server", "Intel Xeon Processor (Skylake)")               \
    X(icelake_server, "Icelake-Server", "Intel Xeon Processor (Icelake)")               \
    X(sapphire_rapids, "SapphireRapids", "Intel Xeon Processor (SapphireRapids)")       \
    X(epyc, "EPYC", "AMD EPYC Processor")                                               \
    X(epyc_rome, "EPYC-Rome", "AMD EPYC-Rome Processor")                                \
    X(epyc_milan, "EPYC-Milan", "AMD EPYC-Milan Processor")

#define X86_CPU_DECLARE(sym, model, text) extern const DeviceClass x86_cpu_##sym##_class;
X86_CPU_MODELS(X86_CPU_DECLARE)
#undef X86_CPU_DECLARE

#endif
