/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gates and descriptors: reading them, and the checks that 32-bit and 64-bit mode share.
 * Source: Intel SDM vol. 3, 6.11 to 6.14 and the INT n flow in vol. 2.
 */
#include "tcg-gate.h"

#define TYPE_CODE       8
#define TYPE_CONFORMING 4

static uint32_t ext_bit(const TcgEvent *ev)
{
    return ev->soft ? 0 : 1;
}

bool tcg_gate_fetch(TcgCpu *cpu, const TcgEvent *ev, unsigned size, TcgGate *gate, TcgFault *fault)
{
    uint32_t at = ev->vector * size, w[4] = { 0 };
    unsigned cpl = tcg_get32(cpu, ENV_HFLAGS) & HF_CPL;

    gate->error = ev->vector * 8u + 2u + ext_bit(ev);
    if (at + size - 1 > tcg_get32(cpu, ENV_IDT + SEG_LIMIT)) {
        return tcg_raise(fault, 13, gate->error);
    }
    if (!tcg_load(cpu, tcg_get64(cpu, ENV_IDT + SEG_BASE) + at, w, size, fault)) {
        return false;
    }
    gate->offset = (w[0] & 0xffff) | (w[1] & 0xffff0000) | (uint64_t)w[2] << 32;
    gate->selector = (uint16_t)(w[0] >> 16);
    gate->type = (w[1] >> 8) & 31;
    gate->dpl = (w[1] >> 13) & 3;
    gate->ist = w[1] & 7;
    if (ev->soft && gate->dpl < cpl) {
        return tcg_raise(fault, 13, gate->error);
    }
    if (!(w[1] & DESC_P)) {
        return tcg_raise(fault, 11, gate->error);
    }
    return true;
}

static void unpack(const uint32_t w[2], uint16_t selector, AccelX86Segment *seg)
{
    uint32_t limit = (w[0] & 0xffff) | (w[1] & 0xf0000);

    *seg = (AccelX86Segment){
        .base = (w[0] >> 16) | (w[1] & 0xff) << 16 | (w[1] & 0xff000000),
        .limit = w[1] & DESC_G ? limit << 12 | 0xfff : limit,
        .selector = selector,
        .type = (w[1] >> 8) & 15,
        .s = (w[1] & DESC_S) != 0,
        .dpl = (w[1] >> 13) & 3,
        .present = (w[1] & DESC_P) != 0,
        .avl = (w[1] & DESC_AVL) != 0,
        .l = (w[1] & DESC_L) != 0,
        .db = (w[1] & DESC_B) != 0,
        .g = (w[1] & DESC_G) != 0,
        .unusable = (w[1] & DESC_P) == 0,
    };
}

bool tcg_descriptor(TcgCpu *cpu, uint16_t selector, AccelX86Segment *seg, uint8_t vector,
                    uint32_t ext, TcgFault *fault)
{
    unsigned table = selector & 4 ? ENV_LDT : ENV_GDT;
    uint32_t w[2];

    if ((selector & 0xfffc) == 0) {
        return tcg_raise(fault, vector, ext);
    }
    if ((selector & 0xfff8u) + 7 > tcg_get32(cpu, table + SEG_LIMIT)) {
        return tcg_raise(fault, vector, (selector & 0xfffcu) | ext);
    }
    if (!tcg_load(cpu, tcg_get64(cpu, table + SEG_BASE) + (selector & 0xfff8u), w, 8, fault)) {
        return false;
    }
    unpack(w, selector, seg);
    return true;
}

bool tcg_gate_code(TcgCpu *cpu, const TcgEvent *ev, const TcgGate *gate, TcgTarget *t,
                   TcgFault *fault)
{
    uint32_t blame = (gate->selector & 0xfffcu) | ext_bit(ev);
    bool vm86 = (tcg_get64(cpu, ENV_FLAGS) & FLAG_VM) != 0;

    t->cpl = tcg_get32(cpu, ENV_HFLAGS) & HF_CPL;
    if (!tcg_descriptor(cpu, gate->selector, &t->cs, 13, ext_bit(ev), fault)) {
        return false;
    }
    if (!t->cs.s || !(t->cs.type & TYPE_CODE) || t->cs.dpl > t->cpl) {
        return tcg_raise(fault, 13, blame);
    }
    if (!t->cs.present) {
        return tcg_raise(fault, 11, blame);
    }
    t->inner = !(t->cs.type & TYPE_CONFORMING) && t->cs.dpl < t->cpl;
    t->dpl = t->inner ? t->cs.dpl : t->cpl;
    if (vm86 && (!t->inner || t->dpl != 0)) {
        return tcg_raise(fault, 13, blame);
    }
    t->cs.selector = (uint16_t)((gate->selector & 0xfffc) | t->dpl);
    return true;
}

void tcg_gate_enter(TcgCpu *cpu, const TcgGate *gate, const TcgTarget *t)
{
    uint32_t flags = tcg_eflags(cpu) & ~(FLAG_TF | FLAG_VM | FLAG_RF | FLAG_NT);

    if (!tcg_gate_is_trap(gate)) {
        flags &= ~FLAG_IF;
    }
    tcg_write_segment(cpu, ENV_CS, &t->cs);
    tcg_put64(cpu, ENV_RIP, gate->offset);
    tcg_set_gpr(cpu, X86_RSP, t->sp);
    tcg_set_eflags(cpu, flags);
}
