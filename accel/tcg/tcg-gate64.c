/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entering a handler in long mode, from 64-bit and from compatibility code.
 * Source: Intel SDM vol. 3, 6.14 and 7.7 (64-bit TSS).
 */
#include "tcg-gate.h"

#define TSS_RSP0 4
#define TSS_IST1 0x24

/* A stack pointer of the TSS. */
static bool tss_pointer(TcgCpu *cpu, uint32_t at, uint32_t ext, uint64_t *sp, TcgFault *fault)
{
    if (at + 7 > tcg_get32(cpu, ENV_TR + SEG_LIMIT)) {
        return tcg_raise(fault, 10, (tcg_get32(cpu, ENV_TR) & 0xfffc) | ext);
    }
    return tcg_load(cpu, tcg_get64(cpu, ENV_TR + SEG_BASE) + at, sp, 8, fault);
}

static bool find_stack(TcgCpu *cpu, const TcgEvent *ev, const TcgGate *gate, TcgTarget *t,
                       TcgFault *fault)
{
    uint32_t ext = ev->soft ? 0 : 1;

    t->sp = tcg_gpr(cpu, X86_RSP);
    if (gate->ist != 0) {
        if (!tss_pointer(cpu, TSS_IST1 + (gate->ist - 1u) * 8, ext, &t->sp, fault)) {
            return false;
        }
    } else if (t->inner && !tss_pointer(cpu, TSS_RSP0 + t->dpl * 8, ext, &t->sp, fault)) {
        return false;
    }
    t->sp &= ~15ull;
    return true;
}

static bool canonical(uint64_t va)
{
    return (uint64_t)((int64_t)(va << 16) >> 16) == va;
}

static bool frame(TcgCpu *cpu, const TcgEvent *ev, TcgTarget *t, TcgFault *fault)
{
    uint64_t item[6] = {
        ev->error,
        ev->soft ? ev->next_rip : tcg_get64(cpu, ENV_RIP),
        tcg_get32(cpu, ENV_CS) & 0xffff,
        tcg_eflags(cpu),
        tcg_gpr(cpu, X86_RSP),
        tcg_get32(cpu, ENV_SS) & 0xffff,
    };
    unsigned first = ev->has_error ? 0 : 1, size = (6 - first) * 8;

    if (!canonical(t->sp - size)) {
        return tcg_raise(fault, 12, ev->soft ? 0 : 1);
    }
    if (!tcg_store(cpu, t->sp - size, item + first, size, t->dpl == 3, fault)) {
        return false;
    }
    t->sp -= size;
    return true;
}

/* SS of a new privilege is null, and its DPL is what says the privilege. */
static void load_null_ss(TcgCpu *cpu, unsigned dpl)
{
    tcg_put32(cpu, ENV_SS + SEG_SELECTOR, dpl);
    tcg_put64(cpu, ENV_SS + SEG_BASE, 0);
    tcg_put32(cpu, ENV_SS + SEG_LIMIT, 0);
    tcg_put32(cpu, ENV_SS + SEG_FLAGS, dpl << DESC_DPL_SHIFT);
}

bool tcg_gate_long(TcgCpu *cpu, const TcgEvent *ev, TcgFault *fault)
{
    TcgGate gate;
    TcgTarget t;

    if (!tcg_gate_fetch(cpu, ev, 16, &gate, fault)) {
        return false;
    }
    if ((gate.type & ~1u) != GATE_INT32) {
        return tcg_raise(fault, 13, gate.error);
    }
    if (!tcg_gate_code(cpu, ev, &gate, &t, fault)) {
        return false;
    }
    if (!t.cs.l || t.cs.db) {
        return tcg_raise(fault, 13, (gate.selector & 0xfffcu) | (ev->soft ? 0 : 1));
    }
    if (!find_stack(cpu, ev, &gate, &t, fault) || !frame(cpu, ev, &t, fault)) {
        return false;
    }
    if (t.inner) {
        load_null_ss(cpu, t.dpl);
    }
    tcg_gate_enter(cpu, &gate, &t);
    return true;
}
