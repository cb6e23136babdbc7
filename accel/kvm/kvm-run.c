/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The run loop. Port and memory accesses, by far the most exits, go straight to the call-backs and
 * back into the guest. Everything else ends in one of the small functions below. Nothing here ends
 * the process: a guest that cannot go on is an error of this vCPU.
 */
#include <errno.h>
#include <string.h>
#include "kvm-int.h"

static KVMHandled unhandled_io(AccelExit *exit, uint64_t addr, const void *data, uint32_t len,
                               bool is_write, bool is_port)
{
    *exit = (AccelExit){ .reason = ACCEL_EXIT_UNHANDLED_IO, .hw_reason = exit->hw_reason,
                         .addr = addr, .len = len, .is_write = is_write, .is_port = is_port };
    if (is_write) {
        memcpy(exit->data, data, MIN(len, sizeof(exit->data[0])));
        exit->ndata = 1;
    }
    return KVM_RETURN;
}

static inline KVMHandled handle_io(KVMCpu *cpu, AccelExit *exit)
{
    struct kvm_run *run = cpu->run;
    const AccelIo *io = &cpu->parent.accel->io;
    void *data = (uint8_t *)run + run->io.data_offset;

    if (run->io.direction == KVM_EXIT_IO_OUT) {
        if (io->pio_write == NULL) {
            return unhandled_io(exit, run->io.port, data, run->io.size, true, true);
        }
        io->pio_write(io->opaque, &cpu->parent, run->io.port, data, run->io.size, run->io.count);
    } else {
        if (io->pio_read == NULL) {
            return unhandled_io(exit, run->io.port, data, run->io.size, false, true);
        }
        io->pio_read(io->opaque, &cpu->parent, run->io.port, data, run->io.size, run->io.count);
    }
    return KVM_HANDLED;
}

static inline KVMHandled handle_mmio(KVMCpu *cpu, AccelExit *exit)
{
    struct kvm_run *run = cpu->run;
    const AccelIo *io = &cpu->parent.accel->io;

    if (run->mmio.is_write ? io->mmio_write == NULL : io->mmio_read == NULL) {
        return unhandled_io(exit, run->mmio.phys_addr, run->mmio.data, run->mmio.len,
                            run->mmio.is_write, false);
    }
    if (run->mmio.is_write) {
        io->mmio_write(io->opaque, &cpu->parent, run->mmio.phys_addr, run->mmio.data,
                       run->mmio.len);
    } else {
        io->mmio_read(io->opaque, &cpu->parent, run->mmio.phys_addr, run->mmio.data,
                      run->mmio.len);
    }
    return KVM_HANDLED;
}

/* The guest cannot go on. @notes: more lines, may be NULL. */
static KVMHandled guest_error(KVMCpu *cpu, AccelExit *exit, GError **errp, int errnum,
                              const char *notes, const char *fmt, ...) G_GNUC_PRINTF(6, 7);

static KVMHandled guest_error(KVMCpu *cpu, AccelExit *exit, GError **errp, int errnum,
                              const char *notes, const char *fmt, ...)
{
    g_autofree char *where = kvm_arch_describe(cpu), *text = NULL, *all = NULL;
    AccelErrorInfo info = { .accel = "kvm", .stage = "run", .call = "KVM_RUN", .errnum = errnum };
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    info.notes = all = g_strdup_printf("%s%svCPU %u: %s", notes != NULL ? notes : "",
                                       notes != NULL ? "\n" : "", cpu->parent.id, where);
    accel_error_set(errp, ACCEL_ERROR_GUEST, &info, "%s", text);
    if (errp != NULL) {
        kvm_host_explain(*errp, NULL);
    }
    exit->reason = ACCEL_EXIT_ERROR;
    return KVM_RETURN;
}

static KVMHandled handle_internal_error(KVMCpu *cpu, AccelExit *exit, GError **errp)
{
    const struct kvm_run *run = cpu->run;
    g_autoptr(GString) notes = g_string_new(NULL);
    uint32_t n = MIN(run->internal.ndata, G_N_ELEMENTS(run->internal.data));

    for (uint32_t i = 0; i < n; i++) {
        g_string_append_printf(notes, "%sextra data[%u]: 0x%016" PRIx64, i > 0 ? "\n" : "", i,
                               (uint64_t)run->internal.data[i]);
    }
    if (run->internal.suberror == KVM_INTERNAL_ERROR_EMULATION) {
        g_string_append_printf(notes, "%semulation failure", n > 0 ? "\n" : "");
        if (!kvm_arch_stop_on_emulation_error(cpu)) {
            accel_trace(cpu->parent.accel->trace, kvm_run_exit,
                        "cpu_index %u, emulation failure in user mode, guest was told",
                        cpu->parent.id);
            return KVM_HANDLED;
        }
    }
    return guest_error(cpu, exit, errp, 0, notes->len > 0 ? notes->str : NULL,
                       "KVM internal error. Suberror: %u", run->internal.suberror);
}

static KVMHandled handle_system_event(KVMCpu *cpu, AccelExit *exit, GError **errp)
{
    const struct kvm_run *run = cpu->run;

    accel_trace(cpu->parent.accel->trace, kvm_run_exit_system_event, "cpu_index %u, type %u",
                cpu->parent.id, run->system_event.type);
    exit->data[0] = run->system_event.type;
    exit->ndata = 1;
    switch (run->system_event.type) {
    case KVM_SYSTEM_EVENT_SHUTDOWN:
        exit->reason = ACCEL_EXIT_SHUTDOWN;
        return KVM_RETURN;
    case KVM_SYSTEM_EVENT_RESET:
        exit->reason = ACCEL_EXIT_RESET;
        return KVM_RETURN;
    case KVM_SYSTEM_EVENT_CRASH:
    case 4: /* KVM_SYSTEM_EVENT_SEV_TERM, newer than some headers */
        exit->reason = ACCEL_EXIT_CRASH;
        return KVM_RETURN;
    default:
        return guest_error(cpu, exit, errp, 0, NULL, "KVM: unknown system event %u",
                           run->system_event.type);
    }
}

/* KVM_EXIT_MEMORY_FAULT: newer than some headers; flags and address follow each other. */
#define EXIT_MEMORY_FAULT 39

static KVMHandled handle_memory_fault(KVMCpu *cpu, AccelExit *exit, GError **errp)
{
    const uint64_t *fault = (const uint64_t *)&cpu->run->hw;

    exit->addr = fault[1];
    accel_trace(cpu->parent.accel->trace, kvm_memory_fault,
                "flags 0x%" PRIx64 ", gpa 0x%" PRIx64 ", size 0x%" PRIx64, fault[0], fault[1],
                fault[2]);
    return guest_error(cpu, exit, errp, EFAULT, NULL,
                       "KVM: guest touched 0x%" PRIx64 ", which has no usable memory behind it",
                       fault[1]);
}

static KVMHandled leave(AccelExit *exit, AccelExitReason reason)
{
    exit->reason = reason;
    return KVM_RETURN;
}

static KVMHandled handle_ring_full(KVMCpu *cpu, AccelExit *exit, GError **errp)
{
    int ret;

    accel_trace(cpu->parent.accel->trace, kvm_dirty_ring_full, "vcpu %u", cpu->parent.id);
    ret = kvm_reap_dirty_rings(KVM_STATE(cpu->parent.accel));
    if (ret >= 0) {
        return KVM_HANDLED;
    }
    kvm_call_error(errp, "KVM_RESET_DIRTY_RINGS", ret, "KVM_RESET_DIRTY_RINGS failed: %s",
                   g_strerror(-ret));
    kvm_failed_at(errp, "run");
    return leave(exit, ACCEL_EXIT_ERROR);
}

static KVMHandled handle_rare_exit(KVMCpu *cpu, AccelExit *exit, GError **errp)
{
    const struct kvm_run *run = cpu->run;
    KVMHandled done;

    switch (run->exit_reason) {
    case KVM_EXIT_IRQ_WINDOW_OPEN:
        return KVM_HANDLED; /* the interrupt goes in before the next KVM_RUN */
    case KVM_EXIT_HLT:
        return leave(exit, ACCEL_EXIT_HLT);
    case KVM_EXIT_SHUTDOWN:
        return leave(exit, ACCEL_EXIT_TRIPLE_FAULT);
    case KVM_EXIT_DEBUG:
        return leave(exit, ACCEL_EXIT_DEBUG);
    case KVM_EXIT_INTR:
        return KVM_HANDLED;
    case KVM_EXIT_SYSTEM_EVENT:
        return handle_system_event(cpu, exit, errp);
    case KVM_EXIT_INTERNAL_ERROR:
        return handle_internal_error(cpu, exit, errp);
    case KVM_EXIT_DIRTY_RING_FULL:
        return handle_ring_full(cpu, exit, errp);
    case EXIT_MEMORY_FAULT:
        return handle_memory_fault(cpu, exit, errp);
    case KVM_EXIT_UNKNOWN:
        return guest_error(cpu, exit, errp, 0, NULL,
                           "KVM: unknown exit, hardware reason %" PRIx64,
                           (uint64_t)run->hw.hardware_exit_reason);
    case KVM_EXIT_FAIL_ENTRY:
        exit->data[0] = run->fail_entry.hardware_entry_failure_reason;
        exit->ndata = 1;
        return guest_error(cpu, exit, errp, 0, NULL,
                           "KVM: entry failed, hardware error 0x%" PRIx64,
                           (uint64_t)run->fail_entry.hardware_entry_failure_reason);
    case KVM_EXIT_EXCEPTION:
        return guest_error(cpu, exit, errp, 0, NULL, "KVM: exception %u exit (error code 0x%x)",
                           run->ex.exception, run->ex.error_code);
    default:
        done = kvm_arch_handle_exit(cpu, exit, errp);
        return done != KVM_UNKNOWN ? done
                                   : guest_error(cpu, exit, errp, 0, NULL,
                                                 "KVM: unknown exit reason %u", run->exit_reason);
    }
}

static inline KVMHandled handle_exit(KVMCpu *cpu, AccelExit *exit, GError **errp)
{
    exit->hw_reason = cpu->run->exit_reason;
    accel_trace(cpu->parent.accel->trace, kvm_run_exit, "cpu_index %u, reason %u", cpu->parent.id,
                cpu->run->exit_reason);
    ACCEL_PROBE2(kvm_run_exit, cpu->parent.id, cpu->run->exit_reason);
    if (G_LIKELY(cpu->run->exit_reason == KVM_EXIT_IO)) {
        return handle_io(cpu, exit);
    }
    if (cpu->run->exit_reason == KVM_EXIT_MMIO) {
        return handle_mmio(cpu, exit);
    }
    return handle_rare_exit(cpu, exit, errp);
}

static KVMHandled handle_run_error(KVMCpu *cpu, int ret, AccelExit *exit, GError **errp)
{
    if (ret == -EINTR || ret == -EAGAIN) {
        accel_trace(cpu->parent.accel->trace, kvm_interrupt_exit_request, "cpu_index %u",
                    cpu->parent.id);
        kvm_eat_kick(cpu);
        return leave(exit, ACCEL_EXIT_KICK);
    }
    if (ret == -EFAULT && cpu->run->exit_reason == EXIT_MEMORY_FAULT) {
        return handle_memory_fault(cpu, exit, errp);
    }
    return guest_error(cpu, exit, errp, -ret, NULL, "error: kvm run failed %s", g_strerror(-ret));
}

/* Source: KVM API 4.10 and the exit reasons of chapter 5. */
AccelExitReason kvm_cpu_exec(AccelCPU *acpu, AccelExit *exit, GError **errp)
{
    KVMCpu *cpu = KVM_CPU(acpu);
    KVMHandled done;
    int ret;

    if (!cpu->attached && !kvm_cpu_attach(acpu, errp)) {
        return exit->reason = ACCEL_EXIT_ERROR;
    }
    accel_trace(acpu->accel->trace, kvm_cpu_exec, "cpu_index %u", acpu->id);
    *exit = (AccelExit){ .reason = ACCEL_EXIT_KICK };
    cpu->used = true;
    do {
        if (G_UNLIKELY(g_atomic_int_get(&acpu->exit_request))) {
            kvm_kick_self(cpu);
        }
        kvm_arch_pre_run(cpu);
        ret = kvm_vcpu_ioctl(acpu, KVM_RUN, 0);
        done = G_LIKELY(ret >= 0) ? handle_exit(cpu, exit, errp)
                                  : handle_run_error(cpu, ret, exit, errp);
    } while (done == KVM_HANDLED);
    return exit->reason;
}
