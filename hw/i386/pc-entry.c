/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The boot CPU at its first instruction.
 *
 * Theory of operation: start from the power-on state, then make the segments, control registers and
 * tables of the mode that the image wants (Intel SDM vol. 3, 9.8 and 9.9; segment type numbers are
 * those of its table 3-1). A boot loader would get there by code; we just write the result.
 */
#include "hw/i386/boot.h"
#include "hw/i386/x86-board.h"

#define CR0_PE (1ull << 0)
#define CR0_ET (1ull << 4)
#define CR0_PG (1ull << 31)
#define CR4_PAE (1ull << 5)
#define EFER_LME (1ull << 8)
#define EFER_LMA (1ull << 10)
#define APIC_BASE_X2APIC (1ull << 10)
#define TYPE_CODE 0xb     /* execute, read, accessed */
#define TYPE_DATA 0x3     /* read, write, accessed */
#define TYPE_TSS_BUSY 0xb

static AccelX86Segment real_segment(uint16_t paragraph, uint8_t type)
{
    return (AccelX86Segment){
        .base = (uint32_t)paragraph << 4, .limit = 0xffff, .selector = paragraph, .type = type,
        .s = 1, .present = 1,
    };
}

static AccelX86Segment flat_segment(uint16_t selector, uint8_t type, bool wide)
{
    return (AccelX86Segment){
        .limit = 0xffffffff, .selector = selector, .type = type, .s = 1, .present = 1, .g = 1,
        .l = wide, .db = !wide,
    };
}

static void set_data(AccelX86Regs *r, AccelX86Segment data)
{
    r->ds = r->es = r->fs = r->gs = r->ss = data;
}

static void enter_real(AccelX86Regs *r, const BootEntry *e)
{
    r->cs = real_segment(e->cs, TYPE_CODE);
    set_data(r, real_segment(e->ds, TYPE_DATA));
}

static void enter_protected(AccelX86Regs *r, const BootEntry *e)
{
    r->cs = flat_segment(e->cs, TYPE_CODE, e->mode == BOOT_MODE_64);
    set_data(r, flat_segment(e->ds, TYPE_DATA, false));
    r->tr = (AccelX86Segment){
        .limit = 0x67, .selector = BOOT_SEL_TSS, .type = TYPE_TSS_BUSY, .present = 1,
    };
    r->gdt = (AccelX86Table){ .base = e->gdt_base, .limit = e->gdt_limit };
    r->idt = (AccelX86Table){ 0 };
    r->cr0 = CR0_PE | CR0_ET;
    if (e->mode == BOOT_MODE_64) {
        r->cr0 |= CR0_PG;
        r->cr3 = e->cr3;
        r->cr4 = CR4_PAE;
        r->efer = EFER_LME | EFER_LMA;
    }
}

void x86_boot_regs(AccelX86Regs *regs, const BootEntry *e)
{
    accel_x86_reset_regs(regs, true);
    if (e->mode == BOOT_MODE_16) {
        enter_real(regs, e);
    } else {
        enter_protected(regs, e);
    }
    regs->gpr[X86_RAX] = e->rax;
    regs->gpr[X86_RBX] = e->rbx;
    regs->gpr[X86_RSI] = e->rsi;
    regs->gpr[X86_RSP] = e->rsp;
    regs->gpr[X86_RDX] = 0; /* no processor signature: a boot loader has been here */
    regs->rip = e->rip;
}

gboolean x86_boot_enter(AccelCPU *cpu, const BootEntry *e, bool x2apic, GError **errp)
{
    AccelX86Regs regs;

    x86_boot_regs(&regs, e);
    regs.apic_base |= x2apic ? APIC_BASE_X2APIC : 0;
    return accel_set_regs(cpu, &regs, errp);
}
