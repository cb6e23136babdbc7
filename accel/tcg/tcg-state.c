/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rest of a vCPU: debug registers, MP state, pending events, FPU and vector registers.
 */
#include "tcg-int.h"

gboolean tcg_get_debug(AccelCPU *acpu, AccelX86Debug *dr, GError **errp)
{
    TcgCpu *cpu = TCG_CPU(acpu);

    tcg_engine_save(cpu);
    for (unsigned i = 0; i < 4; i++) {
        dr->db[i] = tcg_get64(cpu, ENV_DR + i * 8);
    }
    dr->dr6 = tcg_get64(cpu, ENV_DR + 48);
    dr->dr7 = tcg_get64(cpu, ENV_DR + 56);
    return TRUE;
}

gboolean tcg_set_debug(AccelCPU *acpu, const AccelX86Debug *dr, GError **errp)
{
    TcgCpu *cpu = TCG_CPU(acpu);

    tcg_engine_save(cpu);
    for (unsigned i = 0; i < 4; i++) {
        tcg_put64(cpu, ENV_DR + i * 8, dr->db[i]);
    }
    tcg_put64(cpu, ENV_DR + 48, dr->dr6);
    tcg_put64(cpu, ENV_DR + 56, dr->dr7);
    cpu->changed = true;
    return TRUE;
}

gboolean tcg_get_mp_state(AccelCPU *cpu, AccelX86MpState *state, GError **errp)
{
    *state = TCG_CPU(cpu)->mp_state;
    return TRUE;
}

gboolean tcg_set_mp_state(AccelCPU *cpu, AccelX86MpState state, GError **errp)
{
    TCG_CPU(cpu)->mp_state = state;
    return TRUE;
}

/* Everything is delivered at once here, so nothing is ever half injected. */
gboolean tcg_get_events(AccelCPU *acpu, AccelX86Events *ev, GError **errp)
{
    TcgCpu *cpu = TCG_CPU(acpu);

    tcg_engine_save(cpu);
    *ev = (AccelX86Events){
        .interrupt_shadow = (tcg_get32(cpu, ENV_HFLAGS) & HF_INHIBIT_IRQ) != 0,
        .nmi_pending = g_atomic_int_get(&cpu->nmi_pending) != 0,
        .nmi_masked = (tcg_get32(cpu, ENV_HFLAGS2) & HF2_NMI) != 0,
        .triple_fault_pending = cpu->triple_fault,
    };
    return TRUE;
}

static void set_bit(TcgCpu *cpu, unsigned off, uint32_t bit, bool on)
{
    uint32_t v = tcg_get32(cpu, off) & ~bit;

    tcg_put32(cpu, off, on ? v | bit : v);
}

gboolean tcg_set_events(AccelCPU *acpu, const AccelX86Events *ev, GError **errp)
{
    TcgCpu *cpu = TCG_CPU(acpu);

    tcg_engine_save(cpu);
    set_bit(cpu, ENV_HFLAGS, HF_INHIBIT_IRQ, ev->interrupt_shadow != 0);
    set_bit(cpu, ENV_HFLAGS2, HF2_NMI, ev->nmi_masked);
    g_atomic_int_set(&cpu->nmi_pending, ev->nmi_pending);
    cpu->triple_fault = ev->triple_fault_pending;
    if (ev->exception_injected || ev->exception_pending) {
        const TcgEvent e = { .vector = ev->exception_nr, .error = ev->exception_error,
                             .has_error = ev->exception_has_error };

        tcg_deliver(cpu, &e);
    } else if (ev->interrupt_injected) {
        const TcgEvent e = { .vector = ev->interrupt_nr, .external = !ev->interrupt_soft,
                             .soft = ev->interrupt_soft, .next_rip = tcg_get64(cpu, ENV_RIP) };

        tcg_deliver(cpu, &e);
    }
    cpu->changed = true;
    return TRUE;
}

/* ---- FPU and vectors, in the layout of FXSAVE with an XSAVE header behind ---- */

#define XSAVE_FCW    0
#define XSAVE_FSW    2
#define XSAVE_FTW    4
#define XSAVE_MXCSR  24
#define XSAVE_ST     32
#define XSAVE_XMM    160
#define XSAVE_BV     512
#define XSAVE_SIZE   4096
#define BV_X87_SSE   3

static gboolean check_size(size_t size, GError **errp)
{
    const AccelErrorInfo info = { .accel = "tcg", .stage = "xsave" };

    if (size < XSAVE_SIZE) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, &info, "vector state needs %d bytes",
                        XSAVE_SIZE);
        return FALSE;
    }
    return TRUE;
}

/* Two bits a register, 3 meaning empty; FXSAVE has one bit, set when not empty. */
static uint8_t shorten_tags(uint16_t tags)
{
    uint8_t out = 0;

    for (unsigned i = 0; i < 8; i++) {
        out |= (uint8_t)(((tags >> (2 * i) & 3) != 3) << i);
    }
    return out;
}

static uint16_t lengthen_tags(uint8_t bits)
{
    uint16_t out = 0;

    for (unsigned i = 0; i < 8; i++) {
        out |= (uint16_t)((bits >> i & 1 ? 0u : 3u) << (2 * i));
    }
    return out;
}

gboolean tcg_get_xsave(AccelCPU *acpu, void *area, size_t size, GError **errp)
{
    TcgCpu *cpu = TCG_CPU(acpu);
    const uint64_t bv = BV_X87_SSE;
    uint8_t *out = area;
    uint16_t tags = 0;

    if (!check_size(size, errp)) {
        return FALSE;
    }
    tcg_engine_save(cpu);
    memset(area, 0, size);
    uc_context_reg_read(cpu->ctx, UC_X86_REG_FPCW, out + XSAVE_FCW);
    uc_context_reg_read(cpu->ctx, UC_X86_REG_FPSW, out + XSAVE_FSW);
    uc_context_reg_read(cpu->ctx, UC_X86_REG_FPTAG, &tags);
    uc_context_reg_read(cpu->ctx, UC_X86_REG_MXCSR, out + XSAVE_MXCSR);
    out[XSAVE_FTW] = shorten_tags(tags);
    for (int i = 0; i < 8; i++) {
        uc_context_reg_read(cpu->ctx, UC_X86_REG_ST0 + i, out + XSAVE_ST + i * 16);
    }
    for (int i = 0; i < 16; i++) {
        uc_context_reg_read(cpu->ctx, UC_X86_REG_XMM0 + i, out + XSAVE_XMM + i * 16);
    }
    memcpy(out + XSAVE_BV, &bv, sizeof(bv));
    return TRUE;
}

gboolean tcg_set_xsave(AccelCPU *acpu, const void *area, size_t size, GError **errp)
{
    TcgCpu *cpu = TCG_CPU(acpu);
    const uint8_t *in = area;
    uint16_t tags;

    if (!check_size(size, errp)) {
        return FALSE;
    }
    tcg_engine_save(cpu);
    tags = lengthen_tags(in[XSAVE_FTW]);
    uc_context_reg_write(cpu->ctx, UC_X86_REG_FPCW, in + XSAVE_FCW);
    uc_context_reg_write(cpu->ctx, UC_X86_REG_FPSW, in + XSAVE_FSW);
    uc_context_reg_write(cpu->ctx, UC_X86_REG_FPTAG, &tags);
    uc_context_reg_write(cpu->ctx, UC_X86_REG_MXCSR, in + XSAVE_MXCSR);
    for (int i = 0; i < 8; i++) {
        uc_context_reg_write(cpu->ctx, UC_X86_REG_ST0 + i, in + XSAVE_ST + i * 16);
    }
    for (int i = 0; i < 16; i++) {
        uc_context_reg_write(cpu->ctx, UC_X86_REG_XMM0 + i, in + XSAVE_XMM + i * 16);
    }
    cpu->changed = true;
    return TRUE;
}

/* As FNINIT and power-on leave them; a fresh context has zeroes, which unmasks every exception. */
void tcg_reset_fpu(TcgCpu *cpu)
{
    const uint16_t cw = 0x37f, tags = 0xffff;
    const uint32_t mxcsr = 0x1f80;

    uc_context_reg_write(cpu->ctx, UC_X86_REG_FPCW, &cw);
    uc_context_reg_write(cpu->ctx, UC_X86_REG_FPTAG, &tags);
    uc_context_reg_write(cpu->ctx, UC_X86_REG_MXCSR, &mxcsr);
}
