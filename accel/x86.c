/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * x86 state of a vCPU: the public door to what each accelerator implements, and the one thing that
 * is the same for all of them: what a CPU looks like after power-on.
 */
#include <string.h>
#include "accel/accel-class.h"

static gboolean unsupported(const AccelCPU *cpu, const char *what, GError **errp)
{
    const AccelErrorInfo info = { .accel = cpu->accel->klass->name, .call = what };

    accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, &info, "accelerator %s cannot do %s",
                    cpu->accel->klass->display_name, what);
    return FALSE;
}

#define FORWARD(member, params, ...)                                                        \
    gboolean accel_##member params                                                          \
    {                                                                                       \
        return cpu->accel->klass->member != NULL ? cpu->accel->klass->member(cpu, __VA_ARGS__) \
                                                 : unsupported(cpu, #member, errp);         \
    }

FORWARD(get_regs, (AccelCPU *cpu, AccelX86Regs *r, GError **errp), r, errp)
FORWARD(set_regs, (AccelCPU *cpu, const AccelX86Regs *r, GError **errp), r, errp)
FORWARD(reset_vcpu, (AccelCPU *cpu, bool bsp, GError **errp), bsp, errp)
FORWARD(set_cpuid, (AccelCPU *cpu, const AccelX86Cpuid *e, guint n, GError **errp), e, n, errp)
FORWARD(get_msrs, (AccelCPU *cpu, AccelX86Msr *m, guint n, GError **errp), m, n, errp)
FORWARD(set_msrs, (AccelCPU *cpu, const AccelX86Msr *m, guint n, GError **errp), m, n, errp)
FORWARD(get_debug, (AccelCPU *cpu, AccelX86Debug *dr, GError **errp), dr, errp)
FORWARD(set_debug, (AccelCPU *cpu, const AccelX86Debug *dr, GError **errp), dr, errp)
FORWARD(get_mp_state, (AccelCPU *cpu, AccelX86MpState *st, GError **errp), st, errp)
FORWARD(set_mp_state, (AccelCPU *cpu, AccelX86MpState st, GError **errp), st, errp)
FORWARD(get_events, (AccelCPU *cpu, AccelX86Events *ev, GError **errp), ev, errp)
FORWARD(set_events, (AccelCPU *cpu, const AccelX86Events *ev, GError **errp), ev, errp)
FORWARD(get_xsave, (AccelCPU *cpu, void *area, size_t size, GError **errp), area, size, errp)
FORWARD(set_xsave, (AccelCPU *cpu, const void *area, size_t size, GError **errp), area, size, errp)
FORWARD(get_lapic, (AccelCPU *cpu, void *regs, GError **errp), regs, errp)
FORWARD(set_lapic, (AccelCPU *cpu, const void *regs, GError **errp), regs, errp)
FORWARD(set_tsc_khz, (AccelCPU *cpu, uint32_t khz, GError **errp), khz, errp)
FORWARD(translate, (AccelCPU *cpu, uint64_t va, uint64_t *gpa, GError **errp), va, gpa, errp)

uint32_t accel_tsc_khz(AccelCPU *cpu)
{
    return cpu->accel->klass->tsc_khz != NULL ? cpu->accel->klass->tsc_khz(cpu) : 0;
}

static AccelX86Segment data_segment(void)
{
    return (AccelX86Segment){ .limit = 0xffff, .type = 3, .s = 1, .present = 1 };
}

void accel_x86_reset_regs(AccelX86Regs *r, bool bsp)
{
    memset(r, 0, sizeof(*r));
    r->cs = r->ds = r->es = r->fs = r->gs = r->ss = data_segment();
    r->cs.selector = 0xf000;
    r->cs.base = 0xffff0000;
    r->cs.type = 0xb;
    r->tr = (AccelX86Segment){ .limit = 0xffff, .type = 0xb, .present = 1 };
    r->ldt = (AccelX86Segment){ .limit = 0xffff, .type = 2, .present = 1 };
    r->gdt.limit = r->idt.limit = 0xffff;
    r->rip = 0xfff0;
    r->rflags = 2;
    r->cr0 = 0x60000010;
    r->gpr[X86_RDX] = 0x600; /* family 6, as most CPU models say */
    r->apic_base = 0xfee00800 | (bsp ? 0x100 : 0);
}
