/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Making a vCPU leave the guest.
 *
 * Two ways. With a handler for the kick signal installed (accel_install_kick_handler()) and
 * KVM_CAP_IMMEDIATE_EXIT: the kicker sets kvm_run.immediate_exit and sends the signal; one of the
 * two ends KVM_RUN, whenever it is. The thread has to let the signal in for that: it may have been
 * blocked by whoever started us. Otherwise the signal stays blocked in the thread and
 * KVM_SET_SIGNAL_MASK unblocks it inside KVM_RUN only: it is never delivered, needs no handler, and
 * is eaten here afterwards.
 *
 * No kick is lost: the kicker sets exit_request, then immediate_exit, then sends; the vCPU clears
 * immediate_exit first and looks at exit_request last.
 */
#include <errno.h>
#include <string.h>
#include "accel/kick.h"
#include "kvm-int.h"

/* Source: KVM API 4.17; the mask is the kernel's sigset_t, 8 bytes on every architecture here. */
static int set_signal_mask(KVMCpu *cpu, const sigset_t *mask)
{
    struct {
        struct kvm_signal_mask head;
        uint8_t bits[8];
    } arg = { .head.len = 8 };

    memcpy(arg.head.sigset, mask, 8);
    return kvm_vcpu_ioctl(&cpu->parent, KVM_SET_SIGNAL_MASK, &arg);
}

static gboolean attach_masked(KVMCpu *cpu, GError **errp)
{
    sigset_t block, in_guest;
    int ret;

    sigemptyset(&block);
    sigaddset(&block, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &block, &cpu->old_mask);
    in_guest = cpu->old_mask;
    sigdelset(&in_guest, SIGUSR1);
    ret = set_signal_mask(cpu, &in_guest);
    if (ret < 0) {
        pthread_sigmask(SIG_SETMASK, &cpu->old_mask, NULL);
        kvm_call_error(errp, "KVM_SET_SIGNAL_MASK", ret, "kvm_set_signal_mask: %s",
                       g_strerror(-ret));
        return kvm_failed_at(errp, "attach");
    }
    cpu->masked = true;
    cpu->signum = SIGUSR1;
    return TRUE;
}

/* The kick signal in this thread's mask, as it was before accel_cpu_attach(). */
static void put_back_signal(KVMCpu *cpu, int signum, bool blocked_now)
{
    const bool blocked = sigismember(&cpu->old_mask, signum) > 0;
    sigset_t set;

    if (blocked != blocked_now) {
        sigemptyset(&set);
        sigaddset(&set, signum);
        pthread_sigmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
    }
}

static void attach_with_handler(KVMCpu *cpu)
{
    sigset_t set;

    cpu->signum = accel_kick_signal();
    sigemptyset(&set);
    sigaddset(&set, cpu->signum);
    pthread_sigmask(SIG_UNBLOCK, &set, &cpu->old_mask);
}

gboolean kvm_cpu_attach(AccelCPU *acpu, GError **errp)
{
    KVMState *s = KVM_STATE(acpu->accel);
    KVMCpu *cpu = KVM_CPU(acpu);

    if (cpu->attached) {
        if (pthread_equal(cpu->thread, pthread_self())) {
            return TRUE;
        }
        kvm_call_error(errp, "accel_cpu_attach", -EBUSY,
                       "vCPU %u is bound to another thread; detach it there first", acpu->id);
        if (errp != NULL) {
            accel_error_set_context(*errp, "kvm", "attach");
        }
        return FALSE;
    }
    if (s->immediate_exit && accel_kick_signal() != 0) {
        attach_with_handler(cpu);
    } else if (!attach_masked(cpu, errp)) {
        return FALSE;
    }
    g_mutex_lock(&cpu->lock);
    cpu->thread = pthread_self();
    cpu->attached = true;
    g_mutex_unlock(&cpu->lock);
    return TRUE;
}

/* Take out what is pending of a signal that is blocked here. */
static void drain(KVMCpu *cpu)
{
    const struct timespec now = { 0 };
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, cpu->signum);
    while (sigtimedwait(&set, NULL, &now) > 0) {
    }
}

/* A kick that nobody has answered yet stays: exit_request is looked at by the next KVM_RUN. */
void kvm_cpu_detach(AccelCPU *acpu)
{
    KVMCpu *cpu = KVM_CPU(acpu);
    const bool masked = cpu->masked;
    bool here = cpu->attached && pthread_equal(cpu->thread, pthread_self());

    g_mutex_lock(&cpu->lock);
    cpu->attached = cpu->masked = false;
    g_mutex_unlock(&cpu->lock);
    if (masked) {
        kvm_vcpu_ioctl(acpu, KVM_SET_SIGNAL_MASK, NULL);
    }
    if (masked && here) {
        drain(cpu);
    }
    if (here) {
        put_back_signal(cpu, cpu->signum, masked);
    }
}

void kvm_cpu_kick(AccelCPU *acpu)
{
    KVMCpu *cpu = KVM_CPU(acpu);

    if (cpu->run != NULL) {
        __atomic_store_n(&cpu->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
    }
    g_mutex_lock(&cpu->lock);
    if (cpu->attached && !pthread_equal(cpu->thread, pthread_self())) {
        pthread_kill(cpu->thread, cpu->signum);
    }
    g_mutex_unlock(&cpu->lock);
    accel_trace(acpu->accel->trace, vcpu_kick, "id %u", acpu->id);
}

/* Make the next KVM_RUN finish what is pending (the second half of an I/O exit) and return. */
void kvm_kick_self(KVMCpu *cpu)
{
    if (KVM_STATE(cpu->parent.accel)->immediate_exit) {
        __atomic_store_n(&cpu->run->immediate_exit, 1, __ATOMIC_RELAXED);
    } else {
        pthread_kill(pthread_self(), cpu->signum);
    }
}

void kvm_eat_kick(KVMCpu *cpu)
{
    __atomic_store_n(&cpu->run->immediate_exit, 0, __ATOMIC_SEQ_CST);
    if (cpu->masked) {
        drain(cpu);
    }
    g_atomic_int_set(&cpu->parent.exit_request, 0);
}
