/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Faults: which of them concerns a call, and what the call returns instead of (or after) its work.
 * Each fault counts the calls it could concern; the counters are shared by all threads. When
 * several faults meet in one call the first line of the scenario wins, but all of them have
 * counted it.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <time.h>
#include "fakekvm.h"
#include "scenario.h"
#include "vcpu.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __thread FakeMalformed malformed __attribute__((tls_model("initial-exec")));

FakeMalformed fake_malformed(void)
{
    return malformed;
}

static bool concerns(const FakeFault *f, const FakeCall *call)
{
    if (f->latched_cmd) {
        return f->latched_cmd == call->cmd;
    }
    return (f->any || f->cmd == call->cmd) && (!f->kinds || f->kinds & call->kind) &&
           (!f->has_key || f->key == call->key) &&
           (f->vcpu < 0 || (call->kind == FAKE_VCPU && fake_vcpu_of(call->obj)->id == f->vcpu));
}

/* Counts the call; true if it is one of those that fail. */
static bool fires(FakeFault *f, const FakeCall *call)
{
    uint64_t nth = call->seq;

    if (!concerns(f, call)) {
        return false;
    }
    if (f->eintr_done && f->eintr_done < f->eintr) {
        f->eintr_done++;
        return true;
    }
    if (!f->any || f->kinds || f->has_key || f->vcpu >= 0) {
        nth = ++f->seen;
    }
    if (nth < f->first || nth > f->last || (f->eintr && f->eintr_done >= f->eintr)) {
        return false;
    }
    if (f->eintr) {
        f->eintr_done = 1;
        f->latched_cmd = call->cmd;
    }
    return true;
}

FakeFault *fake_fault_match(FakeCall *call)
{
    FakeFault *found = NULL;

    if (!fake_config.fault_count) {
        return NULL;
    }
    pthread_mutex_lock(&lock);
    for (uint32_t i = 0; i < fake_config.fault_count; i++) {
        FakeFault *f = &fake_config.faults[i];
        if (fires(f, call) && !found) {
            found = f;
        }
    }
    pthread_mutex_unlock(&lock);
    return found;
}

/* Sleeps; -EINTR if the fault is interruptible and a signal was handled meanwhile. */
static long block(const FakeFault *f)
{
    struct timespec left = { (time_t)(f->block_ms / 1000), (long)(f->block_ms % 1000) * 1000000 };
    int saved = errno;
    long result = 0;

    while (nanosleep(&left, &left) && errno == EINTR) {
        if (f->interruptible) {
            result = -EINTR;
            break;
        }
    }
    errno = saved;
    return result;
}

/* Is the result a new descriptor or an address? Then it cannot be a little too small or too big. */
static bool gives_handle(unsigned long cmd)
{
    return cmd == KVM_CREATE_VM || cmd == KVM_CREATE_VCPU || cmd == KVM_GET_STATS_FD ||
           (cmd >= CALL_OPEN && cmd <= CALL_EVENTFD);
}

static long work_malformed(const FakeFault *f, FakeCall *call, FakeWork *work)
{
    long result;

    malformed = f->malformed;
    result = work(call);
    malformed = MALFORMED_NONE;
    if (result <= 0 || gives_handle(call->cmd)) {
        return result;
    }
    switch (f->malformed) {
    case MALFORMED_SHORT:
        return call->cmd == KVM_GET_VCPU_MMAP_SIZE ? 64 : result - 1;
    case MALFORMED_HUGE:
        return INT_MAX;
    default:
        return result;
    }
}

static long spoil(const FakeFault *f, FakeCall *call, FakeWork *work)
{
    bool address = call->cmd == CALL_MMAP || call->cmd == CALL_MMAP_ANON;

    switch (f->malformed) {
    case MALFORMED_NONE:
        return work(call);
    case MALFORMED_ZERO:
        return address ? work(call) : 0;
    case MALFORMED_JUNK:
        return address ? work(call) : 0x5a5a;
    case MALFORMED_NEGATIVE:
        return address ? work(call) : (long)(uint32_t)-4096;
    default:
        return work_malformed(f, call, work);
    }
}

/*
 * No kernel answers mmap with a made-up address: there a bent result means an undisturbed call. A
 * negative result that is meant as such (not as an errno) travels as the 32 bits that the C
 * library's int return value will show.
 */
long fake_fault_apply(FakeCall *call, FakeWork *work)
{
    const FakeFault *f = call->fault;
    bool address = call->cmd == CALL_MMAP || call->cmd == CALL_MMAP_ANON;

    if (f->block_ms && block(f) < 0) {
        return -EINTR;
    }
    if (f->eintr) {
        return -EINTR;
    }
    if (f->has_errno) {
        return -f->error;
    }
    if (f->has_result && !address) {
        return f->result < 0 ? (long)(uint32_t)f->result : f->result;
    }
    return spoil(f, call, work);
}
