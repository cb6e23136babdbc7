/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Internal: what entering a handler through a gate has in common in 32-bit and 64-bit mode.
 */
#ifndef TCG_GATE_H
#define TCG_GATE_H

#include "tcg-int.h"

/* A gate of the IDT. */
typedef struct TcgGate {
    uint64_t offset;
    uint16_t selector;
    uint8_t type, dpl, ist;
    uint32_t error; /* error code of faults that blame this gate */
} TcgGate;

/* Where the handler runs. */
typedef struct TcgTarget {
    AccelX86Segment cs, ss;
    unsigned cpl, dpl;
    bool inner; /* more privileged than what was interrupted */
    uint64_t sp;
} TcgTarget;

#define GATE_TASK  5
#define GATE_INT16 6
#define GATE_INT32 14

static inline bool tcg_gate_is_trap(const TcgGate *g)
{
    return g->type & 1;
}

/** tcg_gate_fetch: gate @ev->vector, checked as far as both modes check it. */
bool tcg_gate_fetch(TcgCpu *cpu, const TcgEvent *ev, unsigned size, TcgGate *gate, TcgFault *fault);
/** tcg_gate_code: the code segment of @gate, and whether privilege changes. */
bool tcg_gate_code(TcgCpu *cpu, const TcgEvent *ev, const TcgGate *gate, TcgTarget *t,
                   TcgFault *fault);
/** tcg_descriptor: descriptor of @selector as a segment; faults with @vector. */
bool tcg_descriptor(TcgCpu *cpu, uint16_t selector, AccelX86Segment *seg, uint8_t vector,
                    uint32_t ext, TcgFault *fault);
/** tcg_gate_enter: go to the handler with the flags of one. */
void tcg_gate_enter(TcgCpu *cpu, const TcgGate *gate, const TcgTarget *t);

#endif
