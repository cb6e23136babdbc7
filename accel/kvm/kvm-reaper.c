/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The reaper: a thread that empties the dirty rings every second, so that a guest which writes at an
 * even pace does not have to leave KVM_RUN because its ring is full. Without it everything works, a
 * little slower; so a thread that cannot be made is a warning.
 */
#include <string.h>
#include "kvm-int.h"

#define STACK_SIZE (64 * 1024)

struct KVMReaper {
    pthread_t thread;
    KVMState *s;
    GMutex lock; /* guards stop */
    GCond cond;
    bool stop;
};

/* Returns: false when it is time to go. */
static bool wait_a_second(KVMReaper *r)
{
    const gint64 until = g_get_monotonic_time() + G_TIME_SPAN_SECOND;
    bool go_on;

    g_mutex_lock(&r->lock);
    while (!r->stop && g_cond_wait_until(&r->cond, &r->lock, until)) {
    }
    go_on = !r->stop;
    g_mutex_unlock(&r->lock);
    return go_on;
}

static void *reap_for_ever(void *opaque)
{
    KVMReaper *r = opaque;

    pthread_setname_np(pthread_self(), "kvm-reaper");
    accel_trace(kvm_trace(r->s), kvm_dirty_ring_reaper, "init");
    while (wait_a_second(r)) {
        int ret = kvm_reap_dirty_rings(r->s);

        accel_trace(kvm_trace(r->s), kvm_dirty_ring_reaper, "round, ret %d", ret);
    }
    accel_trace(kvm_trace(r->s), kvm_dirty_ring_reaper, "end");
    return NULL;
}

/* With no signals, which are the caller's business, and a small stack. Returns: 0, or an errno. */
static int start_thread(KVMReaper *r)
{
    pthread_attr_t attr;
    sigset_t all;
    int ret;

    sigfillset(&all);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_SIZE);
    pthread_attr_setsigmask_np(&attr, &all);
    ret = pthread_create(&r->thread, &attr, reap_for_ever, r);
    pthread_attr_destroy(&attr);
    return ret;
}

void kvm_start_reaper(KVMState *s)
{
    KVMReaper *r = g_new0(KVMReaper, 1);
    int ret;

    r->s = s;
    g_mutex_init(&r->lock);
    g_cond_init(&r->cond);
    ret = start_thread(r);
    if (ret == 0) {
        s->reaper = r;
        return;
    }
    g_mutex_clear(&r->lock);
    g_cond_clear(&r->cond);
    g_free(r);
    accel_warn(&s->parent, "KVM dirty ring reaper thread not made: %s; rings are emptied when they "
               "are full", g_strerror(ret));
}

void kvm_stop_reaper(KVMState *s)
{
    KVMReaper *r = g_steal_pointer(&s->reaper);

    if (r == NULL) {
        return;
    }
    g_mutex_lock(&r->lock);
    r->stop = true;
    g_cond_signal(&r->cond);
    g_mutex_unlock(&r->lock);
    pthread_join(r->thread, NULL);
    g_mutex_clear(&r->lock);
    g_cond_clear(&r->cond);
    g_free(r);
}
