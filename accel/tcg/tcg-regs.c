/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers: between AccelX86Regs and libunicorn's context.
 *
 * Theory of operation: the context keeps arithmetic flags in the form of the last operation and
 * derives "hflags" (CPL, code size, paging mode, …) that select translated code. Reading flags is
 * left to the library; writing stores them plainly. After each write of segments, control registers
 * or flags the derived ones are computed again, for nothing in the library does it for a context.
 */
#include "tcg-int.h"

uint32_t tcg_eflags(TcgCpu *cpu)
{
    uint64_t flags = 0;

    uc_context_reg_read(cpu->ctx, UC_X86_REG_EFLAGS, &flags);
    return (uint32_t)flags | 2;
}

/*
 * While the engine runs, arithmetic flags and DF are kept apart and must not be in the flags word;
 * when it starts it takes them from there.
 */
void tcg_set_eflags(TcgCpu *cpu, uint64_t flags)
{
    bool inside = g_atomic_pointer_get(&tcg_state_of(cpu)->running) == cpu;
    uint64_t apart = inside ? CC_MASK | FLAG_DF : 0;

    tcg_put32(cpu, ENV_CC_OP, CC_EFLAGS);
    tcg_put64(cpu, ENV_CC_SRC, flags & CC_MASK);
    tcg_put32(cpu, ENV_DF, flags & FLAG_DF ? UINT32_MAX : 1);
    tcg_put64(cpu, ENV_FLAGS, (flags & ~apart) | 2);
}

void tcg_read_segment(const TcgCpu *cpu, unsigned off, AccelX86Segment *seg)
{
    uint32_t flags = tcg_get32(cpu, off + SEG_FLAGS);

    *seg = (AccelX86Segment){
        .base = tcg_get64(cpu, off + SEG_BASE),
        .limit = tcg_get32(cpu, off + SEG_LIMIT),
        .selector = (uint16_t)tcg_get32(cpu, off + SEG_SELECTOR),
        .type = (flags >> DESC_TYPE_SHIFT) & 15,
        .s = (flags & DESC_S) != 0,
        .dpl = (flags >> DESC_DPL_SHIFT) & 3,
        .present = (flags & DESC_P) != 0,
        .avl = (flags & DESC_AVL) != 0,
        .l = (flags & DESC_L) != 0,
        .db = (flags & DESC_B) != 0,
        .g = (flags & DESC_G) != 0,
        .unusable = (flags & DESC_P) == 0,
    };
}

void tcg_write_segment(TcgCpu *cpu, unsigned off, const AccelX86Segment *seg)
{
    uint32_t flags = 0;

    if (!seg->unusable) {
        flags = (uint32_t)seg->type << DESC_TYPE_SHIFT | (seg->s ? DESC_S : 0) |
                (uint32_t)seg->dpl << DESC_DPL_SHIFT | (seg->present ? DESC_P : 0) |
                (seg->avl ? DESC_AVL : 0) | (seg->l ? DESC_L : 0) | (seg->db ? DESC_B : 0) |
                (seg->g ? DESC_G : 0);
    }
    tcg_put32(cpu, off + SEG_SELECTOR, seg->selector);
    tcg_put64(cpu, off + SEG_BASE, seg->base);
    tcg_put32(cpu, off + SEG_LIMIT, seg->limit);
    tcg_put32(cpu, off + SEG_FLAGS, flags);
}

/* Does an address need a segment base? Not where all of them are known to be 0. */
static bool needs_bases(const TcgCpu *cpu, uint32_t hflags)
{
    if (hflags & HF_CS64) {
        return false;
    }
    if (!(hflags & HF_PE) || (hflags & FLAG_VM) || !(hflags & HF_CS32)) {
        return true;
    }
    return (tcg_get64(cpu, ENV_DS + SEG_BASE) | tcg_get64(cpu, ENV_ES + SEG_BASE) |
            tcg_get64(cpu, ENV_SS + SEG_BASE)) != 0;
}

static uint32_t sizes(const TcgCpu *cpu, bool lma)
{
    uint32_t cs = tcg_get32(cpu, ENV_CS + SEG_FLAGS), ss = tcg_get32(cpu, ENV_SS + SEG_FLAGS);

    if (lma && (cs & DESC_L)) {
        return HF_CS32 | HF_SS32 | HF_CS64;
    }
    return (cs & DESC_B ? HF_CS32 : 0) | (ss & DESC_B ? HF_SS32 : 0);
}

void tcg_update_hflags(TcgCpu *cpu)
{
    uint32_t keep = HF_CPL | HF_CS32 | HF_SS32 | HF_ADDSEG | HF_PE | HF_TS_BITS | HF_LMA | HF_CS64 |
                    HF_OSFXSR | HF_FROM_FLAGS;
    uint64_t cr0 = tcg_get64(cpu, ENV_CR0), cr4 = tcg_get64(cpu, ENV_CR4);
    bool lma = (tcg_get64(cpu, ENV_EFER) & EFER_LMA) != 0;
    uint32_t flags = (uint32_t)tcg_get64(cpu, ENV_FLAGS);
    uint32_t h = tcg_get32(cpu, ENV_HFLAGS) & ~keep;

    if (flags & FLAG_VM) {
        h |= 3;
    } else if (cr0 & CR0_PE) {
        h |= (tcg_get32(cpu, ENV_SS + SEG_FLAGS) >> DESC_DPL_SHIFT) & HF_CPL;
    }
    h |= (cr0 & CR0_PE ? HF_PE : 0) | ((uint32_t)(cr0 << 8) & HF_TS_BITS);
    h |= (lma ? HF_LMA : 0) | (cr4 & CR4_OSFXSR ? HF_OSFXSR : 0) | (flags & HF_FROM_FLAGS);
    h |= sizes(cpu, lma);
    h |= needs_bases(cpu, h) ? HF_ADDSEG : 0;
    tcg_put32(cpu, ENV_HFLAGS, h);
}

static const struct {
    unsigned env;
    size_t regs;
} segments[] = {
    { ENV_ES, offsetof(AccelX86Regs, es) }, { ENV_CS, offsetof(AccelX86Regs, cs) },
    { ENV_SS, offsetof(AccelX86Regs, ss) }, { ENV_DS, offsetof(AccelX86Regs, ds) },
    { ENV_FS, offsetof(AccelX86Regs, fs) }, { ENV_GS, offsetof(AccelX86Regs, gs) },
    { ENV_TR, offsetof(AccelX86Regs, tr) }, { ENV_LDT, offsetof(AccelX86Regs, ldt) },
};

static const struct {
    unsigned env;
    size_t regs;
} words[] = {
    { ENV_RIP, offsetof(AccelX86Regs, rip) }, { ENV_CR0, offsetof(AccelX86Regs, cr0) },
    { ENV_CR2, offsetof(AccelX86Regs, cr2) }, { ENV_CR3, offsetof(AccelX86Regs, cr3) },
    { ENV_CR4, offsetof(AccelX86Regs, cr4) },
};

/*
 * The library ignores the guest's writes to SCE and NXE (and to all of EFER but LME), so both are
 * on from the start: SYSRET and no-execute pages then work once the guest "enables" them.
 */
#define EFER_ALWAYS (EFER_SCE | EFER_NXE)

uint64_t tcg_efer(const TcgCpu *cpu)
{
    return (tcg_get64(cpu, ENV_EFER) & ~EFER_ALWAYS) | cpu->efer_fixed;
}

void tcg_set_efer(TcgCpu *cpu, uint64_t efer)
{
    cpu->efer_fixed = efer & EFER_ALWAYS;
    tcg_put64(cpu, ENV_EFER, efer | EFER_ALWAYS);
}

gboolean tcg_get_regs(AccelCPU *acpu, AccelX86Regs *r, GError **errp)
{
    TcgCpu *cpu = TCG_CPU(acpu);

    tcg_engine_save(cpu);
    memset(r, 0, sizeof(*r));
    for (int i = 0; i < X86_NGPR; i++) {
        r->gpr[i] = tcg_gpr(cpu, i);
    }
    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        memcpy((uint8_t *)r + words[i].regs, cpu->env + words[i].env, 8);
    }
    for (guint i = 0; i < G_N_ELEMENTS(segments); i++) {
        tcg_read_segment(cpu, segments[i].env,
                         (AccelX86Segment *)((uint8_t *)r + segments[i].regs));
    }
    r->gdt = (AccelX86Table){ tcg_get64(cpu, ENV_GDT + SEG_BASE),
                              (uint16_t)tcg_get32(cpu, ENV_GDT + SEG_LIMIT) };
    r->idt = (AccelX86Table){ tcg_get64(cpu, ENV_IDT + SEG_BASE),
                              (uint16_t)tcg_get32(cpu, ENV_IDT + SEG_LIMIT) };
    r->rflags = tcg_eflags(cpu);
    r->efer = tcg_efer(cpu);
    r->cr8 = cpu->env[ENV_TPR] & 15;
    r->apic_base = cpu->apic_base;
    return TRUE;
}

static void put_table(TcgCpu *cpu, unsigned off, const AccelX86Table *t)
{
    tcg_put64(cpu, off + SEG_BASE, t->base);
    tcg_put32(cpu, off + SEG_LIMIT, t->limit);
}

gboolean tcg_set_regs(AccelCPU *acpu, const AccelX86Regs *r, GError **errp)
{
    TcgCpu *cpu = TCG_CPU(acpu);

    tcg_engine_save(cpu); /* what is not in @r stays */
    for (int i = 0; i < X86_NGPR; i++) {
        tcg_set_gpr(cpu, i, r->gpr[i]);
    }
    for (guint i = 0; i < G_N_ELEMENTS(words); i++) {
        memcpy(cpu->env + words[i].env, (const uint8_t *)r + words[i].regs, 8);
    }
    for (guint i = 0; i < G_N_ELEMENTS(segments); i++) {
        tcg_write_segment(cpu, segments[i].env,
                          (const AccelX86Segment *)((const uint8_t *)r + segments[i].regs));
    }
    put_table(cpu, ENV_GDT, &r->gdt);
    put_table(cpu, ENV_IDT, &r->idt);
    tcg_set_eflags(cpu, r->rflags);
    tcg_set_efer(cpu, r->efer);
    cpu->env[ENV_TPR] = cpu->last_cr8 = (uint8_t)(r->cr8 & 15);
    cpu->apic_base = r->apic_base;
    tcg_update_hflags(cpu);
    cpu->changed = cpu->flush = true;
    cpu->checked_paging = false;
    return TRUE;
}

gboolean tcg_reset_vcpu(AccelCPU *acpu, bool bsp, GError **errp)
{
    TcgCpu *cpu = TCG_CPU(acpu);
    TcgState *st = TCG_STATE(acpu->accel);
    AccelX86Regs regs;

    if (bsp && g_atomic_pointer_get(&st->running) == NULL) {
        tcg_engine_drop(st); /* a reset loads firmware again, behind the back of translated code */
    }
    memcpy(cpu->env, (const uint8_t *)st->pristine + st->layout.base, ENV_END);
    cpu->changed = true;
    tcg_put32(cpu, ENV_HFLAGS2, 1);
    tcg_put32(cpu, ENV_OLD_EXC, UINT32_MAX);
    tcg_reset_fpu(cpu);
    g_hash_table_remove_all(cpu->msrs);
    g_atomic_int_set(&cpu->nmi_pending, 0);
    cpu->triple_fault = cpu->have_exit = false;
    g_clear_error(&cpu->error);
    cpu->mp_state = ACCEL_X86_RUNNABLE; /* waiting for SIPI is the local APIC's business */
    accel_x86_reset_regs(&regs, bsp);
    return tcg_set_regs(acpu, &regs, errp);
}
