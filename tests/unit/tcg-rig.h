/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A machine for the tests of the software CPU: RAM from 0, one ROM page, ports that log, through
 * the public interface of the accelerator only.
 */
#ifndef TCG_RIG_H
#define TCG_RIG_H

#include <string.h>
#include "accel/accel.h"
#include "accel/x86.h"

#define RIG_RAM  0x400000ull
#define RIG_ROM  0xfffff000ull
#define RIG_CODE 0x1000u

typedef struct Rig {
    AccelState *as;
    AccelCPU *cpu;
    uint8_t *ram, *rom;
    GString *out;       /* bytes written to port 0xe9 */
    GString *log;       /* everything else: "w f0000010 2 abcd;" */
    int vector;         /* what ack_extint answers; -1: none */
    guint acks;
    uint64_t mmio_value;
    AccelCPU *kick;     /* kicked by a write to port 0x99 */
} Rig;

/** rig_open: FALSE, and the test skipped, where the module cannot be had. */
gboolean rig_open(Rig *rig);
void rig_close(Rig *rig);
void rig_code(Rig *rig, uint32_t at, const void *code, size_t len);
/** rig_real: registers for real-mode code at RIG_CODE, stack below it. */
void rig_real(Rig *rig);
/** rig_protected, rig_long: flat segments, GDT at 0x3000, IDT at 0x4000, TSS at 0x5000. */
void rig_protected(Rig *rig);
void rig_long(Rig *rig);
/** rig_gate: IDT entry @vector of the mode set up last. @ist: long mode only. */
void rig_gate(Rig *rig, uint8_t vector, uint32_t handler, uint8_t dpl, uint8_t ist);
/** rig_run: run; kicks (ends of time slices) are not returned. Checks that there is no error. */
AccelExitReason rig_run(Rig *rig, AccelExit *exit);
void rig_regs(Rig *rig, AccelX86Regs *regs);
void rig_set(Rig *rig, const AccelX86Regs *regs);

#define RIG_CODE_AT(rig, at, ...)                             \
    do {                                                      \
        static const uint8_t code_[] = { __VA_ARGS__ };       \
        rig_code(rig, at, code_, sizeof(code_));              \
    } while (0)

#define SEL_CODE32 0x08
#define SEL_DATA   0x10
#define SEL_CODE64 0x18
#define SEL_UDATA  0x23
#define SEL_UCODE  0x2b /* 32-bit or 64-bit by the mode */
#define SEL_TSS    0x30

#endif
