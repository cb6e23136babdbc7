/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entering a handler in protected mode: 16-bit and 32-bit gates, from the same privilege, from a
 * lower one and from virtual-8086 mode. Task gates are not done.
 * Source: Intel SDM vol. 3, 6.12.1, 7.2.1 (TSS) and 20.3 (virtual-8086).
 */
#include "tcg-gate.h"

#define TSS_TYPE_32 8

typedef struct Frame {
    TcgCpu *cpu;
    uint64_t base;
    uint64_t sp, mask;
    unsigned size; /* bytes an item */
    bool user;
    TcgFault *fault;
    bool ok;
} Frame;

static void push(Frame *f, uint32_t value)
{
    if (f->ok) {
        f->sp = (f->sp & ~f->mask) | ((f->sp - f->size) & f->mask);
        f->ok = tcg_store(f->cpu, (uint32_t)(f->base + (f->sp & f->mask)), &value, f->size, f->user,
                          f->fault);
    }
}

/* SS:ESP of the inner privilege, from the TSS. */
static bool inner_stack(TcgCpu *cpu, TcgTarget *t, uint32_t ext, TcgFault *fault)
{
    bool wide = ((tcg_get32(cpu, ENV_TR + SEG_FLAGS) >> 8) & TSS_TYPE_32) != 0;
    uint32_t at = wide ? 4 + t->dpl * 8 : 2 + t->dpl * 4, size = wide ? 8 : 4, sp;
    uint8_t entry[8];
    uint16_t ss;
    uint32_t blame;

    if (at + size - 1 > tcg_get32(cpu, ENV_TR + SEG_LIMIT)) {
        return tcg_raise(fault, 10, (tcg_get32(cpu, ENV_TR) & 0xfffc) | ext);
    }
    if (!tcg_load(cpu, tcg_get64(cpu, ENV_TR + SEG_BASE) + at, entry, size, fault)) {
        return false;
    }
    sp = (uint32_t)(entry[0] | entry[1] << 8);
    if (wide) {
        sp |= (uint32_t)entry[2] << 16 | (uint32_t)entry[3] << 24;
    }
    ss = (uint16_t)(entry[size / 2] | entry[size / 2 + 1] << 8);
    blame = (ss & 0xfffcu) | ext;
    if (!tcg_descriptor(cpu, ss, &t->ss, 10, ext, fault)) {
        return false;
    }
    if ((ss & 3) != t->dpl || t->ss.dpl != t->dpl || !t->ss.s || (t->ss.type & 10) != 2) {
        return tcg_raise(fault, 10, blame);
    }
    if (!t->ss.present) {
        return tcg_raise(fault, 12, blame);
    }
    t->sp = sp;
    return true;
}

static void push_outer(Frame *f, TcgCpu *cpu, bool vm86)
{
    static const unsigned data[] = { ENV_GS, ENV_FS, ENV_DS, ENV_ES };

    for (guint i = 0; vm86 && i < G_N_ELEMENTS(data); i++) {
        push(f, tcg_get32(cpu, data[i]) & 0xffff);
    }
    push(f, tcg_get32(cpu, ENV_SS) & 0xffff);
    push(f, (uint32_t)tcg_gpr(cpu, X86_RSP));
}

/* A handler of virtual-8086 code finds its data segments empty. */
static void clear_data(TcgCpu *cpu)
{
    static const unsigned data[] = { ENV_GS, ENV_FS, ENV_DS, ENV_ES };
    const AccelX86Segment none = { .unusable = 1 };

    for (guint i = 0; i < G_N_ELEMENTS(data); i++) {
        tcg_write_segment(cpu, data[i], &none);
    }
}

static bool frame(TcgCpu *cpu, const TcgEvent *ev, const TcgGate *gate, TcgTarget *t,
                  TcgFault *fault)
{
    bool vm86 = (tcg_get64(cpu, ENV_FLAGS) & FLAG_VM) != 0;
    Frame f = { .cpu = cpu, .base = t->ss.base, .sp = t->sp, .fault = fault, .ok = true,
                .mask = t->ss.db ? 0xffffffff : 0xffff, .user = t->dpl == 3,
                .size = (gate->type & 8) ? 4 : 2 };
    uint64_t rip = ev->soft ? ev->next_rip : tcg_get64(cpu, ENV_RIP);

    if (t->inner) {
        push_outer(&f, cpu, vm86);
    }
    push(&f, tcg_eflags(cpu));
    push(&f, tcg_get32(cpu, ENV_CS) & 0xffff);
    push(&f, (uint32_t)rip);
    if (ev->has_error) {
        push(&f, ev->error);
    }
    t->sp = f.sp;
    if (f.ok && t->inner) {
        if (vm86) {
            clear_data(cpu);
        }
        tcg_write_segment(cpu, ENV_SS, &t->ss);
    }
    return f.ok;
}

bool tcg_gate_protected(TcgCpu *cpu, const TcgEvent *ev, TcgFault *fault)
{
    TcgGate gate;
    TcgTarget t;

    if (!tcg_gate_fetch(cpu, ev, 8, &gate, fault)) {
        return false;
    }
    if (gate.type == GATE_TASK) {
        tcg_guest_error(cpu, "vector 0x%02x is a task gate, which is not implemented", ev->vector);
        fault->raised = true;
        return false;
    }
    if ((gate.type & ~9u) != GATE_INT16) {
        return tcg_raise(fault, 13, gate.error);
    }
    if (!(gate.type & 8)) {
        gate.offset &= 0xffff;
    }
    if (!tcg_gate_code(cpu, ev, &gate, &t, fault)) {
        return false;
    }
    if (t.inner) {
        if (!inner_stack(cpu, &t, ev->soft ? 0 : 1, fault)) {
            return false;
        }
    } else {
        tcg_read_segment(cpu, ENV_SS, &t.ss);
        t.sp = tcg_gpr(cpu, X86_RSP);
    }
    if (!frame(cpu, ev, &gate, &t, fault)) {
        return false;
    }
    tcg_gate_enter(cpu, &gate, &t);
    return true;
}
