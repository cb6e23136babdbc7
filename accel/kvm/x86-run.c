/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * x86 part of the run loop: interrupts of user-space controllers before KVM_RUN, exits that only
 * x86 has, and where the guest is when something goes wrong.
 */
#include <errno.h>
#include <string.h>
#include "x86-int.h"

/*
 * External interrupts: a user-space PIC or LAPIC raised accel_cpu_set_extint(). The vector is taken
 * from it at the last moment, when the guest can really take an interrupt. Source: KVM API 4.16, and
 * ready_for_interrupt_injection, request_interrupt_window of struct kvm_run.
 */
static void inject(KVMCpu *cpu)
{
    struct kvm_run *run = cpu->run;
    const AccelIo *io = &cpu->parent.accel->io;
    struct kvm_interrupt intr;
    int vector, ret;

    if (run->ready_for_interrupt_injection) {
        vector = io->ack_extint != NULL ? io->ack_extint(io->opaque, &cpu->parent) : -1;
        if (vector >= 0) {
            intr.irq = (uint32_t)vector;
            ret = kvm_vcpu_ioctl(&cpu->parent, KVM_INTERRUPT, &intr);
            if (ret < 0) {
                accel_warn(cpu->parent.accel, "vCPU %u lost interrupt 0x%x: KVM_INTERRUPT: %s",
                           cpu->parent.id, (unsigned)vector, g_strerror(-ret));
            }
        }
    }
    run->request_interrupt_window = g_atomic_int_get(&cpu->parent.extint) != 0;
}

void kvm_arch_pre_run(KVMCpu *cpu)
{
    if (G_UNLIKELY(g_atomic_int_get(&cpu->parent.extint))) {
        inject(cpu);
    } else if (G_UNLIKELY(cpu->run->request_interrupt_window)) {
        cpu->run->request_interrupt_window = 0;
    }
}

static KVMHandled handle_hypercall(KVMCpu *cpu, AccelExit *exit)
{
    struct kvm_run *run = cpu->run;
    const AccelIo *io = &cpu->parent.accel->io;
    uint64_t args[6];

    memcpy(args, run->hypercall.args, sizeof(args));
    if (io->hypercall != NULL) {
        run->hypercall.ret = io->hypercall(io->opaque, &cpu->parent, run->hypercall.nr, args);
        return KVM_HANDLED;
    }
    exit->reason = ACCEL_EXIT_HYPERCALL;
    exit->data[0] = run->hypercall.nr;
    memcpy(&exit->data[1], args, sizeof(args));
    exit->ndata = 7;
    return KVM_RETURN;
}

/* QEMU's words. What they mean: the guest kept the CPU from taking interrupts for too long. */
#define NOTIFY_TEXT(who)                                                                     \
    who ": Encounter a notify exit with %svalid context in guest. There can be possible " \
        "misbehaves in guest. Please have a look."

static KVMHandled handle_notify(KVMCpu *cpu, AccelExit *exit, GError **errp)
{
    KVMState *s = KVM_STATE(cpu->parent.accel);
    const bool invalid = (cpu->run->notify.flags & KVM_NOTIFY_CONTEXT_INVALID) != 0;
    const AccelErrorInfo info = { .accel = "kvm", .stage = "run", .call = "KVM_RUN" };

    if (!invalid && s->notify_vmexit == KVM_NOTIFY_RUN) {
        if (!cpu->warned_notify) {
            cpu->warned_notify = true;
            accel_warn(&s->parent, NOTIFY_TEXT("KVM"), "");
        }
        return KVM_HANDLED;
    }
    accel_error_set(errp, ACCEL_ERROR_GUEST, &info,
                    NOTIFY_TEXT("KVM internal error"), invalid ? "in" : "");
    kvm_failed_at(errp, "run");
    exit->reason = ACCEL_EXIT_ERROR;
    return KVM_RETURN;
}

KVMHandled kvm_arch_handle_exit(KVMCpu *cpu, AccelExit *exit, GError **errp)
{
    struct kvm_run *run = cpu->run;
    const AccelIo *io = &cpu->parent.accel->io;

    switch (run->exit_reason) {
    case KVM_EXIT_SET_TPR:
        if (io->set_tpr != NULL) {
            io->set_tpr(io->opaque, &cpu->parent, (uint8_t)run->cr8);
        }
        return KVM_HANDLED;
    case KVM_EXIT_TPR_ACCESS:
        return KVM_HANDLED;
    case KVM_EXIT_IOAPIC_EOI:
        if (io->ioapic_eoi != NULL) {
            io->ioapic_eoi(io->opaque, run->eoi.vector);
        }
        return KVM_HANDLED;
    case KVM_EXIT_X86_RDMSR:
        x86_handle_rdmsr(cpu);
        return KVM_HANDLED;
    case KVM_EXIT_X86_WRMSR:
        x86_handle_wrmsr(cpu);
        return KVM_HANDLED;
    case KVM_EXIT_X86_BUS_LOCK:
        return KVM_HANDLED;
    case KVM_EXIT_HYPERCALL:
        return handle_hypercall(cpu, exit);
    case KVM_EXIT_NOTIFY:
        return handle_notify(cpu, exit, errp);
    default:
        return KVM_UNKNOWN;
    }
}

char *kvm_arch_describe(KVMCpu *cpu)
{
    AccelX86Regs r;

    if (!kvm_get_regs(&cpu->parent, &r, NULL)) {
        return g_strdup("its registers cannot be read");
    }
    return g_strdup_printf("RIP 0x%" PRIx64 ", CS 0x%04x base 0x%" PRIx64 ", RSP 0x%" PRIx64
                           ", CR0 0x%" PRIx64 ", CR3 0x%" PRIx64 ", EFER 0x%" PRIx64,
                           r.rip, r.cs.selector, r.cs.base, r.gpr[X86_RSP], r.cr0, r.cr3, r.efer);
}

bool kvm_arch_stop_on_emulation_error(KVMCpu *cpu)
{
    AccelX86Regs r;

    return !kvm_get_regs(&cpu->parent, &r, NULL) || (r.cr0 & 1) == 0 || (r.cs.selector & 3) != 3;
}
