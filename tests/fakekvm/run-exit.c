/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fills kvm_run for each exit, and takes over what the program answered when it runs the vCPU
 * again.
 */
#include <errno.h>
#include <string.h>
#include "vcpu.h"
#include "vm.h"

enum { STEP_ON = 0, STEP_EXIT = 1 };

typedef long Exit(FakeVcpu *vcpu, const FakeItem *item);

/* Data of port exits lies in the second page, as in Linux. */
static uint8_t *io_data(FakeVcpu *vcpu)
{
    return (uint8_t *)vcpu->run + FAKE_PAGE;
}

static void set_io(FakeVcpu *vcpu, const FakeItem *item, uint8_t direction)
{
    struct kvm_run *run = vcpu->run;

    run->io.direction = direction;
    run->io.port = (uint16_t)item->arg[0];
    run->io.size = (uint8_t)item->arg[1];
    run->io.count = (uint32_t)item->arg[2];
    run->io.data_offset = FAKE_PAGE;
    run->exit_reason = KVM_EXIT_IO;
    fake_count(vcpu, COUNT_IO);
}

static bool absorbed(FakeVcpu *vcpu, bool pio, uint64_t addr, const FakeItem *item, uint32_t len)
{
    return fake_ioevent_signal(vcpu->vm, pio, addr, item->data, len) ||
           fake_coalesce(vcpu, pio, addr, item->data, len);
}

static long exit_out(FakeVcpu *vcpu, const FakeItem *item)
{
    if (item->arg[2] == 1 && absorbed(vcpu, true, item->arg[0], item, item->data_len)) {
        return STEP_ON;
    }
    set_io(vcpu, item, KVM_EXIT_IO_OUT);
    memcpy(io_data(vcpu), item->data, item->data_len);
    return STEP_EXIT;
}

static long exit_in(FakeVcpu *vcpu, const FakeItem *item)
{
    set_io(vcpu, item, KVM_EXIT_IO_IN);
    memset(io_data(vcpu), 0, item->arg[1] * item->arg[2]);
    vcpu->pending = item;
    return STEP_EXIT;
}

static void set_mmio(FakeVcpu *vcpu, uint64_t addr, uint32_t len, bool write)
{
    struct kvm_run *run = vcpu->run;

    run->mmio.phys_addr = addr;
    run->mmio.len = len;
    run->mmio.is_write = write;
    memset(run->mmio.data, 0, sizeof run->mmio.data);
    run->exit_reason = KVM_EXIT_MMIO;
    fake_count(vcpu, COUNT_MMIO);
}

static long exit_mmio_write(FakeVcpu *vcpu, const FakeItem *item)
{
    if (absorbed(vcpu, false, item->arg[0], item, item->data_len)) {
        return STEP_ON;
    }
    set_mmio(vcpu, item->arg[0], item->data_len, true);
    memcpy(vcpu->run->mmio.data, item->data, item->data_len);
    return STEP_EXIT;
}

static long exit_mmio_read(FakeVcpu *vcpu, const FakeItem *item)
{
    set_mmio(vcpu, item->arg[0], (uint32_t)item->arg[1], false);
    vcpu->pending = item;
    return STEP_EXIT;
}

static long exit_hlt(FakeVcpu *vcpu, const FakeItem *item)
{
    vcpu->run->exit_reason = KVM_EXIT_HLT;
    fake_count(vcpu, COUNT_HALT);
    return STEP_EXIT;
}

static long exit_fail_entry(FakeVcpu *vcpu, const FakeItem *item)
{
    vcpu->run->exit_reason = KVM_EXIT_FAIL_ENTRY;
    vcpu->run->fail_entry.hardware_entry_failure_reason = item->arg[0];
    vcpu->run->fail_entry.cpu = (uint32_t)item->arg[1];
    return STEP_EXIT;
}

static long exit_internal_error(FakeVcpu *vcpu, const FakeItem *item)
{
    vcpu->run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
    vcpu->run->internal.suberror = (uint32_t)item->arg[0];
    vcpu->run->internal.ndata = item->data_len / 8;
    memcpy(vcpu->run->internal.data, item->data, item->data_len);
    return STEP_EXIT;
}

static long exit_unknown(FakeVcpu *vcpu, const FakeItem *item)
{
    vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;
    vcpu->run->hw.hardware_exit_reason = item->arg[0];
    return STEP_EXIT;
}

static long exit_system_event(FakeVcpu *vcpu, const FakeItem *item)
{
    vcpu->run->exit_reason = KVM_EXIT_SYSTEM_EVENT;
    vcpu->run->system_event.type = (uint32_t)item->arg[0];
    vcpu->run->system_event.ndata = item->data_len / 8;
    memcpy(vcpu->run->system_event.data, item->data, item->data_len);
    return STEP_EXIT;
}

static long exit_notify(FakeVcpu *vcpu, const FakeItem *item)
{
    vcpu->run->exit_reason = KVM_EXIT_NOTIFY;
    vcpu->run->notify.flags = (uint32_t)item->arg[0];
    return STEP_EXIT;
}

static long exit_debug(FakeVcpu *vcpu, const FakeItem *item)
{
    vcpu->run->exit_reason = KVM_EXIT_DEBUG;
    vcpu->run->debug.arch = (struct kvm_debug_exit_arch){
        .exception = (uint32_t)item->arg[0], .pc = item->arg[1],
        .dr6 = item->arg[2], .dr7 = item->arg[3],
    };
    return STEP_EXIT;
}

static long exit_set_tpr(FakeVcpu *vcpu, const FakeItem *item)
{
    vcpu->run->exit_reason = KVM_EXIT_SET_TPR;
    vcpu->run->cr8 = item->arg[0];
    vcpu->state.sregs.cr8 = item->arg[0];
    return STEP_EXIT;
}

static long exit_msr(FakeVcpu *vcpu, const FakeItem *item)
{
    bool write = item->op == OP_WRMSR;

    vcpu->run->exit_reason = write ? KVM_EXIT_X86_WRMSR : KVM_EXIT_X86_RDMSR;
    vcpu->run->msr.index = (uint32_t)item->arg[0];
    vcpu->run->msr.reason = (uint32_t)item->arg[1];
    vcpu->run->msr.data = write ? item->arg[2] : 0;
    vcpu->run->msr.error = 0;
    vcpu->pending = item;
    return STEP_EXIT;
}

static long exit_bus_lock(FakeVcpu *vcpu, const FakeItem *item)
{
    vcpu->run->exit_reason = KVM_EXIT_X86_BUS_LOCK;
    vcpu->run->flags |= KVM_RUN_X86_BUS_LOCK;
    return STEP_EXIT;
}

/* KVM_EXIT_MEMORY_FAULT (39) is younger than some headers: flags, gpa and size, 8 bytes each. */
static long exit_memory_fault(FakeVcpu *vcpu, const FakeItem *item)
{
    uint64_t body[3] = { item->arg[2], item->arg[0], item->arg[1] };

    vcpu->run->exit_reason = 39;
    memcpy(&vcpu->run->hw, body, sizeof body);
    return -EFAULT;     /* the kernel fills the exit and fails the call all the same */
}

static long exit_hypercall(FakeVcpu *vcpu, const FakeItem *item)
{
    vcpu->run->exit_reason = KVM_EXIT_HYPERCALL;
    vcpu->run->hypercall.nr = item->arg[0];
    vcpu->run->hypercall.longmode = (uint32_t)item->arg[1];
    memcpy(vcpu->run->hypercall.args, &item->arg[2], sizeof vcpu->run->hypercall.args);
    vcpu->run->hypercall.ret = 0;
    vcpu->pending = item;
    return STEP_EXIT;
}

static long exit_raw(FakeVcpu *vcpu, const FakeItem *item)
{
    vcpu->run->exit_reason = (uint32_t)item->arg[0];
    if (item->data_len) {
        memcpy(&vcpu->run->hw, item->data, item->data_len);
    }
    return STEP_EXIT;
}

/* Exits that carry nothing. */
static long exit_plain(FakeVcpu *vcpu, const FakeItem *item)
{
    vcpu->run->exit_reason = item->op == OP_SHUTDOWN ? KVM_EXIT_SHUTDOWN
                             : item->op == OP_IRQ_WINDOW ? KVM_EXIT_IRQ_WINDOW_OPEN
                                                         : KVM_EXIT_DIRTY_RING_FULL;
    return STEP_EXIT;
}

static Exit *const exits[] = {
    [OP_IO_OUT] = exit_out,
    [OP_IO_IN] = exit_in,
    [OP_MMIO_WRITE] = exit_mmio_write,
    [OP_MMIO_READ] = exit_mmio_read,
    [OP_HLT] = exit_hlt,
    [OP_SHUTDOWN] = exit_plain,
    [OP_FAIL_ENTRY] = exit_fail_entry,
    [OP_INTERNAL_ERROR] = exit_internal_error,
    [OP_UNKNOWN] = exit_unknown,
    [OP_SYSTEM_EVENT] = exit_system_event,
    [OP_NOTIFY] = exit_notify,
    [OP_DEBUG] = exit_debug,
    [OP_IRQ_WINDOW] = exit_plain,
    [OP_SET_TPR] = exit_set_tpr,
    [OP_RDMSR] = exit_msr,
    [OP_WRMSR] = exit_msr,
    [OP_BUS_LOCK] = exit_bus_lock,
    [OP_DIRTY_RING_FULL] = exit_plain,
    [OP_MEMORY_FAULT] = exit_memory_fault,
    [OP_HYPERCALL] = exit_hypercall,
    [OP_RAW] = exit_raw,
};

long fake_exit(FakeVcpu *vcpu, const FakeItem *item)
{
    vcpu->run->flags &= (uint16_t)~KVM_RUN_X86_BUS_LOCK;
    return exits[item->op](vcpu, item);
}

/* What the guest gets to see of an answer, in RAX; and the comparison with the scenario. */
static void take(FakeVcpu *vcpu, const FakeItem *item, const void *answer, uint32_t len)
{
    memcpy(&vcpu->state.regs.rax, answer, len < 8 ? len : 8);
    if (item->expect && memcmp(answer, item->expect, item->expect_len)) {
        fake_check_failed(vcpu, item, "the program's answer", answer, item->expect_len);
    }
}

void fake_take_answer(FakeVcpu *vcpu)
{
    const FakeItem *item = vcpu->pending;
    uint64_t value;

    if (!item) {
        return;
    }
    vcpu->pending = NULL;
    switch (item->op) {
    case OP_IO_IN:
        take(vcpu, item, io_data(vcpu), (uint32_t)(item->arg[1] * item->arg[2]));
        break;
    case OP_MMIO_READ:
        take(vcpu, item, vcpu->run->mmio.data, (uint32_t)item->arg[1]);
        break;
    case OP_RDMSR:
        value = vcpu->run->msr.data;
        take(vcpu, item, &value, sizeof value);
        break;
    case OP_HYPERCALL:
        value = vcpu->run->hypercall.ret;
        take(vcpu, item, &value, sizeof value);
        break;
    default:
        break;
    }
}
