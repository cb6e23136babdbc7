/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exceptions and interrupts.
 *
 * Theory of operation: libunicorn finds exceptions (and undoes the faulting instruction) but enters
 * no handler; it has no external interrupts at all. Both are delivered here, on the vCPU's context:
 * exceptions inside the engine's call-back, interrupts between two stays. What goes wrong while a
 * handler is entered becomes another exception, a double fault, or the end: a triple fault. Source:
 * Intel SDM vol. 3, chapter 6, table 6-5 for double faults.
 */
#include "tcg-int.h"

#define VEC_NMI 2
#define VEC_UD  6
#define VEC_DF  8
#define VEC_PF  14
#define HLT     0xf4

static bool contributory(unsigned vector)
{
    return vector == 0 || (vector >= 10 && vector <= 13);
}

static bool has_error_code(unsigned vector)
{
    return vector == VEC_DF || (vector >= 10 && vector <= 14) || vector == 17;
}

/* Source: Intel SDM vol. 3, 20.1.4: no error codes, no stack switch, 16-bit frame. */
static bool gate_real(TcgCpu *cpu, const TcgEvent *ev, TcgFault *fault)
{
    uint64_t ss = tcg_get64(cpu, ENV_SS + SEG_BASE);
    uint32_t flags = tcg_eflags(cpu), sp = (uint32_t)tcg_gpr(cpu, X86_RSP);
    uint16_t entry[2], frame[3];
    AccelX86Segment cs;

    if ((uint32_t)ev->vector * 4 + 3 > tcg_get32(cpu, ENV_IDT + SEG_LIMIT)) {
        return tcg_raise(fault, 13, 0);
    }
    if (!tcg_load(cpu, (uint32_t)(tcg_get64(cpu, ENV_IDT + SEG_BASE) + ev->vector * 4u), entry, 4,
                  fault)) {
        return false;
    }
    frame[0] = (uint16_t)(ev->soft ? ev->next_rip : tcg_get64(cpu, ENV_RIP));
    frame[1] = (uint16_t)tcg_get32(cpu, ENV_CS);
    frame[2] = (uint16_t)flags;
    for (int i = 2; i >= 0; i--) {
        sp = (sp & 0xffff0000) | ((sp - 2) & 0xffff);
        if (!tcg_store(cpu, (uint32_t)(ss + (sp & 0xffff)), &frame[i], 2, false, fault)) {
            return false;
        }
    }
    tcg_set_gpr(cpu, X86_RSP, sp);
    tcg_read_segment(cpu, ENV_CS, &cs);
    cs.selector = entry[1];
    cs.base = (uint32_t)entry[1] << 4;
    tcg_write_segment(cpu, ENV_CS, &cs);
    tcg_put64(cpu, ENV_RIP, entry[0]);
    tcg_set_eflags(cpu, flags & ~(FLAG_IF | FLAG_TF | FLAG_RF | FLAG_AC));
    return true;
}

static bool enter(TcgCpu *cpu, const TcgEvent *ev, TcgFault *fault)
{
    if (!(tcg_get64(cpu, ENV_CR0) & CR0_PE)) {
        return gate_real(cpu, ev, fault);
    }
    if (tcg_get64(cpu, ENV_EFER) & EFER_LMA) {
        return tcg_gate_long(cpu, ev, fault);
    }
    return tcg_gate_protected(cpu, ev, fault);
}

/* The event that follows from @fault while @old was being delivered. false: triple fault. */
static bool combine(const TcgEvent *old, const TcgFault *fault, TcgEvent *next)
{
    bool benign = old->external || old->soft ||
                  !(contributory(old->vector) || old->vector == VEC_PF || old->vector == VEC_DF);
    bool twice = contributory(fault->vector) || (old->vector == VEC_PF && fault->vector == VEC_PF);

    *next = (TcgEvent){ .vector = fault->vector, .error = fault->error };
    if (!benign && old->vector == VEC_DF) {
        return false;
    }
    if (!benign && twice) {
        *next = (TcgEvent){ .vector = VEC_DF };
    }
    next->has_error = has_error_code(next->vector);
    return true;
}

void tcg_deliver(TcgCpu *cpu, const TcgEvent *first)
{
    TcgEvent ev = *first, next;

    tcg_put32(cpu, ENV_OLD_EXC, UINT32_MAX); /* the library counts double faults by this */
    for (;;) {
        TcgFault fault = { 0 };

        accel_trace(cpu->parent.accel->trace, tcg_interrupt,
                    "vCPU %u, vector 0x%02x, %s, RIP 0x%" PRIx64, cpu->parent.id, ev.vector,
                    ev.external ? "external" : ev.soft ? "software" : "exception",
                    tcg_get64(cpu, ENV_RIP));
        if (enter(cpu, &ev, &fault)) {
            break;
        }
        if (cpu->error != NULL) {
            return;
        }
        if (!combine(&ev, &fault, &next)) {
            cpu->triple_fault = true;
            return;
        }
        ev = next;
    }
    tcg_put32(cpu, ENV_HFLAGS, tcg_get32(cpu, ENV_HFLAGS) & ~HF_INHIBIT_IRQ);
    tcg_update_hflags(cpu);
}

static void deliver_inside(TcgState *st, TcgEvent *ev)
{
    TcgCpu *cpu = st->running;

    tcg_deliver(cpu, ev);
    if (cpu->error == NULL && !cpu->triple_fault) {
        uc_context_restore(st->uc, cpu->ctx);
    } else {
        tcg_engine_attend(st, ATTENTION_STOP);
    }
    tcg_engine_after_event(st);
}

/* The engine found an exception or met an INT. */
static void on_exception(uc_engine *uc, uint32_t vector, void *opaque)
{
    TcgState *st = opaque;
    TcgCpu *cpu = st->running;
    TcgEvent ev = { .vector = (uint8_t)vector };

    uc_context_save(uc, cpu->ctx);
    if (vector > 255) {
        tcg_guest_error(cpu, "libunicorn raised exception 0x%x, which no CPU has", vector);
    }
    if (cpu->error != NULL || !tcg_paging_check(cpu)) {
        tcg_engine_attend(st, ATTENTION_STOP);
        tcg_engine_after_event(st);
        return;
    }
    ev.soft = tcg_get32(cpu, ENV_IS_INT) != 0;
    ev.has_error = !ev.soft && has_error_code(vector);
    ev.error = tcg_get32(cpu, ENV_ERROR_CODE);
    ev.next_rip = tcg_get64(cpu, ENV_NEXT_RIP);
    deliver_inside(st, &ev);
}

static bool on_invalid(uc_engine *uc, void *opaque)
{
    TcgState *st = opaque;
    TcgEvent ev = { .vector = VEC_UD };

    uc_context_save(uc, st->running->ctx);
    deliver_inside(st, &ev);
    return true;
}

void tcg_interrupt_hooks(TcgState *st)
{
    uc_hook h;

    uc_hook_add(st->uc, &h, UC_HOOK_INTR, TCG_HOOK(on_exception), st, 1, 0);
    uc_hook_add(st->uc, &h, UC_HOOK_INSN_INVALID, TCG_HOOK(on_invalid), st, 1, 0);
}

/* ---- from outside ---- */

static void deliver_between(TcgCpu *cpu, uint8_t vector)
{
    TcgEvent ev = { .vector = vector, .external = true };

    tcg_deliver(cpu, &ev);
    cpu->changed = true;
    if (cpu->mp_state == ACCEL_X86_HALTED) {
        cpu->mp_state = ACCEL_X86_RUNNABLE;
    }
}

/*
 * STI and MOV SS hold interrupts off for one instruction. When that one is HLT it is done here,
 * since an interrupt taken before it would leave the guest halted for ever after.
 */
static bool shadow(TcgCpu *cpu)
{
    uint32_t h = tcg_get32(cpu, ENV_HFLAGS);
    uint64_t va = tcg_get64(cpu, ENV_CS + SEG_BASE) * !(h & HF_CS64) + tcg_get64(cpu, ENV_RIP);
    TcgFault fault = { 0 };
    uint8_t next = 0;

    if (!(h & HF_INHIBIT_IRQ)) {
        return false;
    }
    if ((h & HF_CPL) != 0 || !tcg_load(cpu, va, &next, 1, &fault) || next != HLT) {
        tcg_state_of(cpu)->skip_block = true;
        return true;
    }
    tcg_put64(cpu, ENV_RIP, tcg_get64(cpu, ENV_RIP) + 1);
    tcg_put32(cpu, ENV_HFLAGS, h & ~HF_INHIBIT_IRQ);
    cpu->changed = true;
    return false;
}

static void take_interrupt(TcgCpu *cpu)
{
    const AccelIo *io = &cpu->parent.accel->io;
    int vector = -1;

    if (!(tcg_eflags(cpu) & FLAG_IF) || shadow(cpu)) {
        tcg_engine_attend(tcg_state_of(cpu), ATTENTION_WINDOW);
        return;
    }
    vector = io->ack_extint != NULL ? io->ack_extint(io->opaque, &cpu->parent) : -1;
    if (vector >= 0) {
        deliver_between(cpu, (uint8_t)vector);
    }
    if (g_atomic_int_get(&cpu->parent.extint)) {
        tcg_engine_attend(tcg_state_of(cpu), ATTENTION_WINDOW);
    }
}

void tcg_interrupt_pending(TcgCpu *cpu)
{
    TcgState *st = tcg_state_of(cpu);

    if (g_atomic_int_get(&cpu->nmi_pending) && !(tcg_get32(cpu, ENV_HFLAGS2) & HF2_NMI)) {
        if (shadow(cpu)) {
            tcg_engine_attend(st, ATTENTION_WINDOW);
            return;
        }
        g_atomic_int_set(&cpu->nmi_pending, 0);
        deliver_between(cpu, VEC_NMI);
        tcg_put32(cpu, ENV_HFLAGS2, tcg_get32(cpu, ENV_HFLAGS2) | HF2_NMI);
    }
    if (g_atomic_int_get(&cpu->parent.extint)) {
        take_interrupt(cpu);
    }
}

gboolean tcg_inject_nmi(AccelCPU *cpu, GError **errp)
{
    g_atomic_int_set(&TCG_CPU(cpu)->nmi_pending, 1);
    accel_kick(cpu);
    return TRUE;
}
