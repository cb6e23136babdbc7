/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting inside KVM_RUN until a signal comes, with the kernel's own meaning of "comes":
 *
 * - The mask that counts is the one of KVM_SET_SIGNAL_MASK, or the thread's if none was set. A
 *   signal that this mask lets through ends KVM_RUN with EINTR.
 * - It is not consumed. If the thread's mask lets it through its handler runs, otherwise it stays
 *   pending, and the program fetches it with sigtimedwait.
 * - No signal is lost between the look at immediate_exit and the wait.
 *
 * So all signals are blocked first; sigtimedwait fetches the one that ends the wait; it is queued
 * again as it was, and the thread's mask is put back, which runs the handler if there is one.
 * Other threads of the fake wake a halted vCPU by a real-time signal that is only sent while the
 * vCPU waits and is recognised by its value, so that it never reaches the program.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "vcpu.h"

#define WAKE_SIGNAL 64
#define SET_SIZE    8

typedef uint64_t KernelSet;

static void set_mask(const KernelSet *set, KernelSet *old)
{
    fake_sys(SYS_rt_sigprocmask, SIG_SETMASK, set, old, SET_SIZE);
}

/* A signal whose default is to be ignored, and one that the program ignores, interrupt nothing. */
static bool ignored(int signo)
{
    struct {
        void (*handler)(int);
        unsigned long flags;
        void (*restorer)(void);
        KernelSet mask;
    } action;

    if (fake_sys(SYS_rt_sigaction, signo, NULL, &action, SET_SIZE)) {
        return false;
    }
    return action.handler == SIG_IGN ||
           (action.handler == SIG_DFL && (signo == SIGCHLD || signo == SIGCONT || signo == SIGURG ||
                                          signo == SIGWINCH));
}

static bool is_wake(const siginfo_t *info, const FakeVcpu *vcpu)
{
    return info->si_signo == WAKE_SIGNAL && info->si_code == SI_QUEUE &&
           info->si_value.sival_ptr == vcpu;
}

static void queue_again(siginfo_t *info)
{
    fake_sys(SYS_rt_tgsigqueueinfo, getpid(), (int)fake_sys(SYS_gettid), info->si_signo, info);
}

/* Signals that the effective mask lets through. */
static KernelSet wanted(const FakeVcpu *vcpu, KernelSet thread_mask)
{
    return ~(vcpu->has_sigmask ? vcpu->sigmask : thread_mask) | 1ULL << (WAKE_SIGNAL - 1);
}

static long remaining(const struct timespec *end, struct timespec *left)
{
    int64_t ns;
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    ns = (end->tv_sec - now.tv_sec) * 1000000000LL + end->tv_nsec - now.tv_nsec;
    ns = ns < 0 ? 0 : ns;
    *left = (struct timespec){ ns / 1000000000, ns % 1000000000 };
    return ns;
}

/* All signals are blocked here. */
static long fetch(FakeVcpu *vcpu, KernelSet set, const struct timespec *end)
{
    siginfo_t info;
    struct timespec left;

    for (;;) {
        if (end && !remaining(end, &left)) {
            return 0;
        }
        memset(&info, 0, sizeof info);
        if (fake_sys(SYS_rt_sigtimedwait, &set, &info, end ? &left : NULL, SET_SIZE) < 0) {
            if (errno == EAGAIN) {
                return 0;
            }
            continue;   /* EINTR without a signal of ours: a debugger or a stop */
        }
        if (is_wake(&info, vcpu)) {
            return FAKE_WOKEN;
        }
        if (!ignored(info.si_signo)) {
            queue_again(&info);
            return -EINTR;
        }
    }
}

/* After the wait: a wake that was sent but not fetched must not reach the program. */
static void stop_waiting(FakeVcpu *vcpu)
{
    KernelSet set = 1ULL << (WAKE_SIGNAL - 1);
    struct timespec none = { 0, 0 };
    siginfo_t info;

    pthread_mutex_lock(&vcpu->wake_lock);
    atomic_store(&vcpu->waiter, 0);
    if (vcpu->woken) {
        memset(&info, 0, sizeof info);
        if (fake_sys(SYS_rt_sigtimedwait, &set, &info, &none, SET_SIZE) > 0 &&
            !is_wake(&info, vcpu)) {
            queue_again(&info);
        }
    }
    vcpu->woken = false;
    pthread_mutex_unlock(&vcpu->wake_lock);
}

static void start_waiting(FakeVcpu *vcpu)
{
    pthread_mutex_lock(&vcpu->wake_lock);
    atomic_store(&vcpu->waiter, (int)fake_sys(SYS_gettid));
    vcpu->woken = false;
    pthread_mutex_unlock(&vcpu->wake_lock);
}

/*
 * Waits for a kick, for @nanoseconds at most (negative: for ever).
 * Returns -EINTR after a kick, FAKE_WOKEN after an interrupt, 0 when the time is up.
 */
long fake_wait(FakeVcpu *vcpu, int64_t nanoseconds)
{
    KernelSet all = ~0ULL, old = 0;
    struct timespec end;
    int saved = errno;
    long result;

    clock_gettime(CLOCK_MONOTONIC, &end);
    if (nanoseconds >= 0) {
        end.tv_sec += nanoseconds / 1000000000;
        end.tv_nsec += nanoseconds % 1000000000;
    }
    set_mask(&all, &old);
    if (__atomic_load_n(&vcpu->run->immediate_exit, __ATOMIC_SEQ_CST)) {
        set_mask(&old, NULL);
        return -EINTR;
    }
    start_waiting(vcpu);
    result = fetch(vcpu, wanted(vcpu, old), nanoseconds >= 0 ? &end : NULL);
    stop_waiting(vcpu);
    set_mask(&old, NULL);
    errno = saved;
    return result;
}

/* Is there a signal that the vCPU's own mask lets through, held back by the thread's? */
bool fake_signal_pending(const FakeVcpu *vcpu)
{
    KernelSet pending = 0;

    if (!vcpu->has_sigmask || fake_sys(SYS_rt_sigpending, &pending, SET_SIZE)) {
        return false;
    }
    pending &= ~vcpu->sigmask;
    for (int signo = 1; pending && signo <= 64; signo++) {
        if (pending >> (signo - 1) & 1 && !ignored(signo)) {
            return true;
        }
    }
    return false;
}

/* An interrupt for a vCPU that may be halted. Harmless if it is not. */
void fake_wake(FakeVcpu *vcpu)
{
    siginfo_t info;
    int tid;

    if (!atomic_load(&vcpu->waiter)) {
        return;
    }
    pthread_mutex_lock(&vcpu->wake_lock);
    tid = atomic_load(&vcpu->waiter);
    if (tid && !vcpu->woken) {
        memset(&info, 0, sizeof info);
        info.si_signo = WAKE_SIGNAL;
        info.si_code = SI_QUEUE;
        info.si_value.sival_ptr = vcpu;
        vcpu->woken = !fake_sys(SYS_rt_tgsigqueueinfo, getpid(), tid, WAKE_SIGNAL, &info);
    }
    pthread_mutex_unlock(&vcpu->wake_lock);
}
