/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * KVM_RUN: plays the vCPU's script up to its next exit. The order of the checks is the kernel's:
 * first the answer to the previous exit is taken over, then immediate_exit and pending signals are
 * looked at, then the guest runs. A script that has ended leaves a vCPU that waits for a kick.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "names.h"
#include "record.h"
#include "vcpu.h"
#include "vm.h"

#define MS 1000000ULL

/* What a step leads to: the next step, a return to the program, or (negative) an error. */
enum { STEP_ON = 0, STEP_EXIT = 1 };

void fake_describe_exit(const FakeVcpu *vcpu, char *text, size_t size)
{
    const char *name = fake_name_of(fake_exit_names, vcpu->run->exit_reason);

    snprintf(text, size, "exit=%s(%u)", name ? name + strlen("KVM_EXIT_") : "?",
             vcpu->run->exit_reason);
}

static void print_bytes(char *text, size_t size, const uint8_t *bytes, uint32_t len)
{
    text[0] = '\0';
    for (uint32_t i = 0; i < len && 2 * i + 3 < size; i++) {
        snprintf(text + 2 * i, size - 2 * i, "%02x", bytes[i]);
    }
}

/* Ends the process, unless the scenario only wants to be told. */
void fake_check_failed(const FakeVcpu *vcpu, const FakeItem *item, const char *what,
                       const uint8_t *have, uint32_t len)
{
    char is[80], should[80];
    const uint8_t *want = item->expect ? item->expect : item->data;

    print_bytes(is, sizeof is, have, len);
    print_bytes(should, sizeof should, want, len);
    dprintf(STDERR_FILENO, "fakekvm: %s:%d: vCPU %d: %s is %s, expected %s\n", fake_config.name,
            item->line, vcpu->id, what, is, should);
    fake_record_note("check-failed line=%d is=%s expected=%s", item->line, is, should);
    if (!fake_config.checks_report) {
        _exit(STATUS_CHECK_FAILED);
    }
}

static long check_memory(FakeVcpu *vcpu, const FakeItem *item)
{
    uint8_t *have = fake_alloc(item->data_len + 1);
    long result = fake_guest_read(vcpu->vm, item->arg[0], have, item->data_len);

    if (!result && memcmp(have, item->data, item->data_len)) {
        fake_check_failed(vcpu, item, "guest memory", have, item->data_len);
    }
    free(have);
    return result;
}

static long dirty_pages(FakeVcpu *vcpu, const FakeItem *item)
{
    FakeSlot *slot;

    pthread_mutex_lock(&vcpu->vm->lock);
    slot = fake_slot_by_id(vcpu->vm, (uint32_t)item->arg[0]);
    for (uint64_t i = 0; slot && i < item->arg[2]; i++) {
        fake_mark_dirty(vcpu, slot, item->arg[1] + i);
    }
    pthread_mutex_unlock(&vcpu->vm->lock);
    return slot ? 0 : -EFAULT;
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Interrupts do not help here: only a kick ends it. */
static long await_kick(FakeVcpu *vcpu)
{
    long result;

    do {
        result = fake_wait(vcpu, -1);
    } while (result == FAKE_WOKEN);
    return result;
}

/* Returns -errno as often as the step says, then the script goes on. */
static long fail_run(FakeVcpu *vcpu, const FakeItem *item)
{
    uint64_t *done = &vcpu->counters[vcpu->next_item];

    if (++*done >= item->arg[1]) {
        *done = 0;
        vcpu->next_item++;
    }
    return -(long)item->arg[0];
}

/* A guest that computes: a kick interrupts it, and the rest of the time is still to be spent. */
static long pause_guest(FakeVcpu *vcpu, const FakeItem *item)
{
    uint64_t *deadline = &vcpu->counters[vcpu->next_item];
    int64_t left;
    long result;

    *deadline = *deadline ? *deadline : now_ns() + item->arg[0] * MS;
    do {
        left = (int64_t)(*deadline - now_ns());
        result = fake_wait(vcpu, left > 0 ? left : 0);
    } while (result == FAKE_WOKEN);
    if (!result) {
        *deadline = 0;
        vcpu->next_item++;
    }
    return result;
}

/* A guest that spins until it is kicked; that KVM_RUN ends with EINTR and the script goes on. */
static long wait_kick(FakeVcpu *vcpu)
{
    vcpu->next_item++;
    return await_kick(vcpu);
}

static long loop_start(FakeVcpu *vcpu, const FakeItem *item)
{
    vcpu->counters[vcpu->next_item] = 0;
    vcpu->next_item = item->arg[0] ? vcpu->next_item + 1 : item->partner + 1;
    return STEP_ON;
}

static long loop_end(FakeVcpu *vcpu, const FakeItem *item)
{
    uint64_t *rounds = &vcpu->counters[item->partner];
    uint64_t max = vcpu->script->items[item->partner].arg[0];

    vcpu->next_item = ++*rounds < max ? item->partner + 1 : vcpu->next_item + 1;
    return STEP_ON;
}

static long halt(FakeVcpu *vcpu, const FakeItem *item)
{
    long result;

    if (item->arg[0] || vcpu->vm->chip == CHIP_NONE) {
        vcpu->next_item++;
        return fake_exit(vcpu, item);
    }
    vcpu->state.mp_state.mp_state = KVM_MP_STATE_HALTED;
    result = fake_wait(vcpu, -1);
    if (result == FAKE_WOKEN) {
        result = STEP_ON;
        vcpu->state.mp_state.mp_state = KVM_MP_STATE_RUNNABLE;
        fake_count(vcpu, COUNT_HALT);
        vcpu->next_item++;
    }
    return result;
}

static void set_register(FakeVcpu *vcpu, const FakeItem *item)
{
    __u64 *regs = &vcpu->state.regs.rax;

    regs[item->arg[0]] = item->arg[1];
}

static long step(FakeVcpu *vcpu, const FakeItem *item)
{
    switch (item->op) {
    case OP_LOOP:
        return loop_start(vcpu, item);
    case OP_END:
        return loop_end(vcpu, item);
    case OP_ERROR:
        return fail_run(vcpu, item);
    case OP_PAUSE:
        return pause_guest(vcpu, item);
    case OP_WAIT:
        return wait_kick(vcpu);
    case OP_HLT:
        return halt(vcpu, item);
    default:
        break;
    }
    vcpu->next_item++;
    switch (item->op) {
    case OP_WRITE:
        return fake_guest_write(vcpu, item->arg[0], item->data, item->data_len);
    case OP_CHECK:
        return check_memory(vcpu, item);
    case OP_DIRTY:
        return dirty_pages(vcpu, item);
    case OP_REGS:
        set_register(vcpu, item);
        return STEP_ON;
    default:
        return fake_exit(vcpu, item);
    }
}

static bool at_end(const FakeVcpu *vcpu)
{
    return !vcpu->script || vcpu->next_item >= vcpu->script->count;
}

static long ring_full(FakeVcpu *vcpu)
{
    vcpu->run->exit_reason = KVM_EXIT_DIRTY_RING_FULL;
    return STEP_EXIT;
}

static long play(FakeVcpu *vcpu)
{
    long result = STEP_ON;

    while (result == STEP_ON) {
        if (fake_ring_full(vcpu)) {
            result = ring_full(vcpu);
        } else if (at_end(vcpu)) {
            result = await_kick(vcpu);
        } else {
            result = step(vcpu, &vcpu->script->items[vcpu->next_item]);
        }
    }
    return result == STEP_EXIT ? 0 : result;
}

/* A vCPU that waits for its start-up interrupt does not run; a script counts as started. */
static bool started(FakeVcpu *vcpu)
{
    struct kvm_mp_state *m = &vcpu->state.mp_state;

    if (m->mp_state == KVM_MP_STATE_UNINITIALIZED && vcpu->script) {
        m->mp_state = KVM_MP_STATE_RUNNABLE;
    }
    return m->mp_state != KVM_MP_STATE_UNINITIALIZED;
}

long fake_run(FakeObj *obj, unsigned long arg)
{
    FakeVcpu *vcpu = fake_vcpu_of(obj);
    long result;

    if (arg) {
        return -EINVAL;
    }
    fake_take_answer(vcpu);
    if (__atomic_load_n(&vcpu->run->immediate_exit, __ATOMIC_SEQ_CST)) {
        return -EINTR;
    }
    vcpu->has_run = true;
    if (fake_signal_pending(vcpu)) {
        result = -EINTR;
    } else {
        result = started(vcpu) ? play(vcpu) : await_kick(vcpu);
    }
    if (result == -EINTR) {
        vcpu->run->exit_reason = KVM_EXIT_INTR;
        fake_count(vcpu, COUNT_SIGNAL);
    }
    fake_count(vcpu, COUNT_EXITS);
    return result;
}
