/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Threads of the library's own. They take no signals, which are the caller's business, and they do
 * little, so that a small stack does.
 */
#include "kvm-int.h"

#define STACK_SIZE (64 * 1024)

int kvm_start_thread(pthread_t *thread, void *(*fn)(void *), void *opaque)
{
    pthread_attr_t attr;
    sigset_t all;
    int ret;

    sigfillset(&all);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_SIZE);
    pthread_attr_setsigmask_np(&attr, &all);
    ret = pthread_create(thread, &attr, fn, opaque);
    pthread_attr_destroy(&attr);
    return -ret;
}
