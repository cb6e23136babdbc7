/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state of one vCPU. As in Linux vcpu->lock is held during each ioctl on it, KVM_RUN included.
 * The VM owns it: closing its descriptor does not remove it.
 */
#ifndef FAKEKVM_VCPU_H
#define FAKEKVM_VCPU_H

#include <pthread.h>
#include "fakekvm.h"
#include "scenario.h"

#define FAKE_VCPU_MSRS 512

typedef struct FakeStats FakeStats;

/* Registers and the like that a GET and a SET ioctl copy as they are. */
typedef struct FakeState {
    struct kvm_regs regs;
    struct kvm_sregs2 sregs;    /* its head is struct kvm_sregs without the interrupt bitmap */
    uint64_t interrupt_bitmap[4];
    struct kvm_fpu fpu;
    struct kvm_xsave xsave;
    struct kvm_xcrs xcrs;
    struct kvm_debugregs debugregs;
    struct kvm_lapic_state lapic;
    struct kvm_vcpu_events events;
    struct kvm_mp_state mp_state;
    struct kvm_guest_debug debug;
    struct kvm_tpr_access_ctl tpr;
    struct kvm_vapic_addr vapic;
} FakeState;

typedef struct FakeVcpu {
    FakeObj obj;
    struct FakeVcpu *next;
    struct FakeVm *vm;
    int id;
    pthread_mutex_t lock;
    struct kvm_run *run;        /* the library's own mapping of the pages that the program maps */
    size_t run_size;
    FakeState state;
    struct kvm_cpuid_entry2 *cpuid;
    uint32_t cpuid_count;
    FakeMsr msrs[FAKE_VCPU_MSRS];
    uint32_t msr_count;
    uint64_t mcg_cap;
    uint32_t tsc_khz;
    bool has_run;

    bool has_sigmask;
    uint64_t sigmask;
    _Atomic int waiter;         /* thread that waits in KVM_RUN, 0 = none; under wake_lock */
    pthread_mutex_t wake_lock;
    bool woken;

    const FakeScript *script;
    uint32_t next_item;
    uint64_t *counters;         /* one for each item: rounds of a loop, errors so far */
    const FakeItem *pending;    /* exit whose answer is taken when the program runs on */

    struct kvm_dirty_gfn *ring;
    uint32_t ring_entries;
    uint32_t ring_head, ring_tail;

    uint64_t counts[8];         /* statistics, FakeCounter */
    FakeStats *stats;
} FakeVcpu;

typedef enum FakeCounter {
    COUNT_EXITS, COUNT_IO, COUNT_MMIO, COUNT_HALT, COUNT_SIGNAL,
} FakeCounter;

static inline FakeVcpu *fake_vcpu_of(FakeObj *obj)
{
    return (FakeVcpu *)((char *)obj - offsetof(FakeVcpu, obj));
}

/* vcpu.c */
long fake_vcpu_create(FakeObj *obj, unsigned long id);
long fake_vcpu_ioctl(FakeObj *obj, unsigned long cmd, unsigned long arg);
void fake_vcpus_free(struct FakeVm *vm);

/* vcpu-small.c */
extern const FakeIoctlRow fake_vcpu_small_ioctls[];
extern const size_t fake_vcpu_small_ioctls_count;

/* vcpu-state.c: GET and SET pairs. */
long fake_state_ioctl(FakeVcpu *vcpu, unsigned long cmd, unsigned long arg, bool *known);
void fake_state_reset(FakeVcpu *vcpu);

/* vcpu-msr.c */
long fake_get_msrs(FakeObj *obj, unsigned long arg);
long fake_set_msrs(FakeObj *obj, unsigned long arg);
long fake_set_cpuid2(FakeObj *obj, unsigned long arg);
long fake_get_cpuid2(FakeObj *obj, unsigned long arg);

/* run.c, kick.c, run-exit.c, run-answer.c */
long fake_run(FakeObj *obj, unsigned long arg);
void fake_describe_exit(const FakeVcpu *vcpu, char *text, size_t size);
enum { FAKE_WOKEN = 1 };
long fake_wait(FakeVcpu *vcpu, int64_t nanoseconds);
bool fake_signal_pending(const FakeVcpu *vcpu);
void fake_wake(FakeVcpu *vcpu);
long fake_exit(FakeVcpu *vcpu, const FakeItem *item);
void fake_take_answer(FakeVcpu *vcpu);
void fake_check_failed(const FakeVcpu *vcpu, const FakeItem *item, const char *what,
                       const uint8_t *have, uint32_t len);

/* stats.c */
void fake_count(FakeVcpu *vcpu, FakeCounter counter);

#endif
