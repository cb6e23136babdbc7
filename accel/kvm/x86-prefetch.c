/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The supported CPUID, fetched beside the bring-up.
 *
 * KVM_GET_SUPPORTED_CPUID executes CPUID some seventy times; on a host that is itself virtual each
 * one traps, and the call is the longest of a start (0.33 ms where making the VM takes 0.15). It
 * needs the system descriptor only, so a caller that is going to ask for it can have it running on a
 * thread of its own while VM and memory are made. The thread does one ioctl and no allocation.
 */
#include <errno.h>
#include <string.h>
#include "x86-int.h"

struct KVMPrefetch {
    pthread_t thread;
    KVMState *s;
    int ret;
    struct kvm_cpuid2 head; /* entries follow */
};

static void *fetch(void *opaque)
{
    KVMPrefetch *p = opaque;

    p->ret = kvm_ioctl(p->s, KVM_GET_SUPPORTED_CPUID, &p->head);
    return NULL;
}

/* A thread that cannot be made is no error: the call is then made when the answer is wanted. */
gboolean x86_stage_cpuid(KVMState *s, const AccelSpec *spec, GError **errp)
{
    KVMPrefetch *p;

    if (!spec->prefetch_cpuid) {
        return TRUE;
    }
    p = g_malloc0(sizeof(*p) + X86_CPUID_GUESS * sizeof(struct kvm_cpuid_entry2));
    p->s = s;
    p->head.nent = X86_CPUID_GUESS;
    if (kvm_start_thread(&p->thread, fetch, p) == 0) {
        s->prefetch = p;
    } else {
        g_free(p);
    }
    return TRUE;
}

int x86_prefetched_cpuid(KVMState *s, struct kvm_cpuid2 *out)
{
    KVMPrefetch *p = g_steal_pointer(&s->prefetch);
    int ret = -EAGAIN;

    if (p != NULL) {
        pthread_join(p->thread, NULL);
        ret = p->ret;
        if (ret >= 0 && p->head.nent <= X86_CPUID_GUESS && out != NULL) {
            memcpy(out, &p->head, sizeof(*out) + p->head.nent * sizeof(out->entries[0]));
        } else if (ret >= 0) {
            ret = -EAGAIN;
        }
        g_free(p);
    }
    return ret;
}
