/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * General, segment and control registers.
 */
#include <errno.h>
#include <string.h>
#include "x86-int.h"

gboolean x86_call(KVMCpu *cpu, const char *call, int ret, GError **errp)
{
    if (ret >= 0) {
        return TRUE;
    }
    kvm_call_error(errp, call, ret, "%s failed for vCPU %u: %s", call, cpu->parent.id,
                   g_strerror(-ret));
    return kvm_failed_at(errp, "vcpu-state");
}

static void gprs_from_kvm(const struct kvm_regs *k, AccelX86Regs *r)
{
    const uint64_t gpr[X86_NGPR] = { k->rax, k->rcx, k->rdx, k->rbx, k->rsp, k->rbp, k->rsi,
                                     k->rdi, k->r8, k->r9, k->r10, k->r11, k->r12, k->r13,
                                     k->r14, k->r15 };

    memcpy(r->gpr, gpr, sizeof(gpr));
    r->rip = k->rip;
    r->rflags = k->rflags;
}

static struct kvm_regs gprs_to_kvm(const AccelX86Regs *r)
{
    const uint64_t *g = r->gpr;

    return (struct kvm_regs){
        .rax = g[X86_RAX], .rcx = g[X86_RCX], .rdx = g[X86_RDX], .rbx = g[X86_RBX],
        .rsp = g[X86_RSP], .rbp = g[X86_RBP], .rsi = g[X86_RSI], .rdi = g[X86_RDI],
        .r8 = g[X86_R8], .r9 = g[X86_R9], .r10 = g[X86_R10], .r11 = g[X86_R11],
        .r12 = g[X86_R12], .r13 = g[X86_R13], .r14 = g[X86_R14], .r15 = g[X86_R15],
        .rip = r->rip, .rflags = r->rflags,
    };
}

static AccelX86Segment segment_from_kvm(const struct kvm_segment *k)
{
    return (AccelX86Segment){ .base = k->base, .limit = k->limit, .selector = k->selector,
                              .type = k->type, .s = k->s, .dpl = k->dpl, .present = k->present,
                              .avl = k->avl, .l = k->l, .db = k->db, .g = k->g,
                              .unusable = k->unusable };
}

static struct kvm_segment segment_to_kvm(const AccelX86Segment *s)
{
    return (struct kvm_segment){ .base = s->base, .limit = s->limit, .selector = s->selector,
                                 .type = s->type, .s = s->s, .dpl = s->dpl,
                                 .present = s->present, .avl = s->avl, .l = s->l, .db = s->db,
                                 .g = s->g, .unusable = s->unusable };
}

static void sregs_from_kvm(const struct kvm_sregs *k, AccelX86Regs *r)
{
    r->cs = segment_from_kvm(&k->cs);
    r->ds = segment_from_kvm(&k->ds);
    r->es = segment_from_kvm(&k->es);
    r->fs = segment_from_kvm(&k->fs);
    r->gs = segment_from_kvm(&k->gs);
    r->ss = segment_from_kvm(&k->ss);
    r->tr = segment_from_kvm(&k->tr);
    r->ldt = segment_from_kvm(&k->ldt);
    r->gdt = (AccelX86Table){ .base = k->gdt.base, .limit = k->gdt.limit };
    r->idt = (AccelX86Table){ .base = k->idt.base, .limit = k->idt.limit };
    r->cr0 = k->cr0;
    r->cr2 = k->cr2;
    r->cr3 = k->cr3;
    r->cr4 = k->cr4;
    r->cr8 = k->cr8;
    r->efer = k->efer;
    r->apic_base = k->apic_base;
}

static struct kvm_sregs sregs_to_kvm(const AccelX86Regs *r)
{
    return (struct kvm_sregs){
        .cs = segment_to_kvm(&r->cs), .ds = segment_to_kvm(&r->ds),
        .es = segment_to_kvm(&r->es), .fs = segment_to_kvm(&r->fs),
        .gs = segment_to_kvm(&r->gs), .ss = segment_to_kvm(&r->ss),
        .tr = segment_to_kvm(&r->tr), .ldt = segment_to_kvm(&r->ldt),
        .gdt = { .base = r->gdt.base, .limit = r->gdt.limit },
        .idt = { .base = r->idt.base, .limit = r->idt.limit },
        .cr0 = r->cr0, .cr2 = r->cr2, .cr3 = r->cr3, .cr4 = r->cr4, .cr8 = r->cr8,
        .efer = r->efer, .apic_base = r->apic_base,
    };
}

gboolean kvm_get_regs(AccelCPU *cpu, AccelX86Regs *r, GError **errp)
{
    struct kvm_regs regs;
    struct kvm_sregs sregs;

    memset(r, 0, sizeof(*r));
    if (!x86_call(KVM_CPU(cpu), "KVM_GET_REGS", kvm_vcpu_ioctl(cpu, KVM_GET_REGS, &regs), errp) ||
        !x86_call(KVM_CPU(cpu), "KVM_GET_SREGS", kvm_vcpu_ioctl(cpu, KVM_GET_SREGS, &sregs),
                  errp)) {
        accel_trace(cpu->accel->trace, kvm_failed_reg_get, "cpu_index %u", cpu->id);
        return FALSE;
    }
    gprs_from_kvm(&regs, r);
    sregs_from_kvm(&sregs, r);
    return TRUE;
}

gboolean kvm_set_regs(AccelCPU *cpu, const AccelX86Regs *r, GError **errp)
{
    struct kvm_regs regs = gprs_to_kvm(r);
    struct kvm_sregs sregs = sregs_to_kvm(r);

    if (!x86_call(KVM_CPU(cpu), "KVM_SET_SREGS", kvm_vcpu_ioctl(cpu, KVM_SET_SREGS, &sregs),
                  errp) ||
        !x86_call(KVM_CPU(cpu), "KVM_SET_REGS", kvm_vcpu_ioctl(cpu, KVM_SET_REGS, &regs), errp)) {
        accel_trace(cpu->accel->trace, kvm_failed_reg_set, "cpu_index %u", cpu->id);
        return FALSE;
    }
    return TRUE;
}

/* A fresh vCPU has nothing pending and its FPU as after power-on. */
gboolean kvm_arch_init_vcpu(KVMCpu *cpu, GError **errp)
{
    return TRUE;
}
