/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SYSCALL and SYSENTER, which libunicorn leaves to its user (their returns it does itself).
 *
 * Theory of operation: the library adds the length of the instruction to RIP after the call-back,
 * so the target goes in less by that. Source: Intel SDM vol. 2 (SYSCALL, SYSENTER), AMD APM vol. 3.
 */
#include "tcg-int.h"

#define MSR_SYSENTER_CS  0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176
#define MSR_STAR         0xc0000081
#define MSR_LSTAR        0xc0000082
#define MSR_CSTAR        0xc0000083
#define MSR_FMASK        0xc0000084
#define INSN_LEN         2

static AccelX86Segment flat(uint16_t selector, bool code, bool wide)
{
    return (AccelX86Segment){ .limit = 0xffffffff, .selector = selector, .type = code ? 11 : 3,
                              .s = 1, .present = 1, .g = 1, .db = !(code && wide),
                              .l = code && wide };
}

static void enter(TcgCpu *cpu, uint16_t selector, bool wide, uint64_t rip)
{
    const AccelX86Segment cs = flat(selector & 0xfffc, true, wide);
    const AccelX86Segment ss = flat((uint16_t)((selector & 0xfffc) + 8), false, wide);

    tcg_write_segment(cpu, ENV_CS, &cs);
    tcg_write_segment(cpu, ENV_SS, &ss);
    tcg_put64(cpu, ENV_RIP, rip - INSN_LEN);
    tcg_update_hflags(cpu);
    uc_context_restore(tcg_state_of(cpu)->uc, cpu->ctx);
}

static void on_syscall(uc_engine *uc, void *opaque)
{
    TcgState *st = opaque;
    TcgCpu *cpu = st->running;
    uint16_t selector;
    uint32_t flags;
    bool code64;

    uc_context_save(uc, cpu->ctx);
    selector = (uint16_t)(tcg_engine_msr(cpu, MSR_STAR) >> 32);
    flags = tcg_eflags(cpu);
    if (!(tcg_get32(cpu, ENV_HFLAGS) & HF_LMA)) {
        tcg_guest_error(cpu, "SYSCALL outside long mode is not implemented");
        tcg_engine_attend(st, ATTENTION_STOP);
        return;
    }
    code64 = (tcg_get32(cpu, ENV_HFLAGS) & HF_CS64) != 0;
    tcg_set_gpr(cpu, X86_RCX, tcg_get64(cpu, ENV_RIP) + INSN_LEN);
    tcg_set_gpr(cpu, X86_R11, flags);
    tcg_set_eflags(cpu, flags & ~(tcg_engine_msr(cpu, MSR_FMASK) | FLAG_RF));
    enter(cpu, selector, true, tcg_engine_msr(cpu, code64 ? MSR_LSTAR : MSR_CSTAR));
}

static void on_sysenter(uc_engine *uc, void *opaque)
{
    TcgState *st = opaque;
    TcgCpu *cpu = st->running;
    uint16_t selector;
    bool lma;

    uc_context_save(uc, cpu->ctx);
    selector = (uint16_t)tcg_engine_msr(cpu, MSR_SYSENTER_CS);
    lma = (tcg_get32(cpu, ENV_HFLAGS) & HF_LMA) != 0;
    if ((selector & 0xfffc) == 0) {
        tcg_guest_error(cpu, "SYSENTER without a handler: its #GP is not implemented");
        tcg_engine_attend(st, ATTENTION_STOP);
        return;
    }
    tcg_set_eflags(cpu, tcg_eflags(cpu) & ~(FLAG_VM | FLAG_IF | FLAG_RF));
    tcg_set_gpr(cpu, X86_RSP, tcg_engine_msr(cpu, MSR_SYSENTER_ESP));
    enter(cpu, selector, lma, tcg_engine_msr(cpu, MSR_SYSENTER_EIP));
}

void tcg_syscall_hooks(TcgState *st)
{
    uc_hook h;

    uc_hook_add(st->uc, &h, UC_HOOK_INSN, TCG_HOOK(on_syscall), st, 1, 0, UC_X86_INS_SYSCALL);
    uc_hook_add(st->uc, &h, UC_HOOK_INSN, TCG_HOOK(on_sysenter), st, 1, 0, UC_X86_INS_SYSENTER);
}
