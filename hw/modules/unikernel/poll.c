/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sleeping on behalf of the guest.
 *
 * Theory of operation: the vCPU's thread waits in ppoll(). Whoever wants this vCPU to stop (monitor,
 * reset, end) sets its stop flag and kicks it; where the kick is a handled signal it ends the wait at
 * once, elsewhere, or when it came just before the wait, the flag is looked at again after a slice. A
 * poll may come back early with nothing, so the guest simply asks again when it runs on.
 */
#include <poll.h>
#include <string.h>
#include <time.h>
#include "unikernel.h"

#define SLICE_NS 50000000ULL

static bool wanted_elsewhere(Unikernel *uk)
{
    CPUState *cpu = hw_current_cpu();
    bool stop;

    if (cpu == NULL) {
        return true; /* no vCPU, nothing to sleep for: a test */
    }
    g_mutex_lock(&uk->ms.cpu_lock);
    stop = cpu->stop || cpu->unplug || !g_queue_is_empty(&cpu->work);
    g_mutex_unlock(&uk->ms.cpu_lock);
    return stop;
}

/* A frame, or an error or the other side's end: a read will say which. */
static bool look(Unikernel *uk, uint64_t ns)
{
    struct pollfd fd = { .fd = uk->net_fd, .events = POLLIN };
    const struct timespec t = { .tv_sec = (time_t)(ns / 1000000000),
                                .tv_nsec = (long)(ns % 1000000000) };

    return ppoll(&fd, 1, &t, NULL) > 0;
}

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static bool wait_ready(Unikernel *uk, uint64_t timeout)
{
    uint64_t start = now(), gone = 0;
    bool ready = look(uk, 0);

    while (!ready && gone < timeout && !wanted_elsewhere(uk)) {
        ready = look(uk, MIN(timeout - gone, SLICE_NS));
        gone = now() - start;
    }
    return ready;
}

void uk_call_poll(Unikernel *uk, uint8_t *arg)
{
    struct uk_poll a;

    memcpy(&a, arg, sizeof(a));
    a.ready = wait_ready(uk, a.timeout_ns) ? UK_READY_NET : 0;
    a.ret = UK_OK;
    memcpy(arg, &a, sizeof(a));
}
