/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Model-specific registers: which there are, reading and writing them, and the one that user space
 * answers: 0x35, the number of cores and threads, which the kernel does not know.
 */
#include <errno.h>
#include <string.h>
#include "x86-int.h"

#define LIST_GUESS 512

/* One call does where the guess was large enough; E2BIG comes with the true number. */
GArray *x86_fetch_msr_list(KVMState *s, unsigned long request, const char *name, GError **errp)
{
    g_autofree struct kvm_msr_list *list = NULL;
    uint32_t n = LIST_GUESS;
    int ret = -E2BIG;
    GArray *out;

    for (int i = 0; i < 2 && ret == -E2BIG; i++) {
        g_free(list);
        list = g_malloc0(sizeof(*list) + n * sizeof(uint32_t));
        list->nmsrs = n;
        ret = kvm_ioctl(s, request, list);
        if (ret == -E2BIG && list->nmsrs > n && list->nmsrs <= 65536) {
            n = list->nmsrs;
        }
    }
    if (ret >= 0 && list->nmsrs > n) {
        ret = -EPROTO; /* more than there was room for: not an answer */
    }
    if (ret < 0) {
        kvm_call_error(errp, name, ret, "ioctl(%s) failed: %d %s", name, -ret, g_strerror(-ret));
        return NULL;
    }
    out = g_array_sized_new(FALSE, FALSE, sizeof(uint32_t), list->nmsrs);
    g_array_append_vals(out, list->indices, list->nmsrs);
    return out;
}

GArray *kvm_get_msr_list(AccelState *as, GError **errp)
{
    return g_array_ref(KVM_STATE(as)->msr_list);
}

struct kvm_msrs *x86_make_msrs(const AccelX86Msr *msrs, guint n)
{
    struct kvm_msrs *k = g_malloc0(sizeof(*k) + n * sizeof(struct kvm_msr_entry));

    k->nmsrs = n;
    for (guint i = 0; i < n; i++) {
        k->entries[i].index = msrs[i].index;
        k->entries[i].data = msrs[i].value;
    }
    return k;
}

/* The kernel stops at the first MSR that it refuses and says how many went well. */
static gboolean check_count(int ret, guint n, const char *call, const char *verb,
                            const AccelX86Msr *msrs, GError **errp)
{
    if (ret < 0) {
        kvm_call_error(errp, call, ret, "%s failed: %s", call, g_strerror(-ret));
    } else if ((guint)ret < n && strcmp(verb, "get") == 0) {
        kvm_call_error(errp, call, -EIO, "error: failed to get MSR 0x%" PRIx32, msrs[ret].index);
    } else if ((guint)ret < n) {
        kvm_call_error(errp, call, -EIO, "error: failed to %s MSR 0x%" PRIx32 " to 0x%" PRIx64,
                       verb, msrs[ret].index, msrs[ret].value);
    } else {
        return TRUE;
    }
    return kvm_failed_at(errp, "msr");
}

gboolean kvm_set_msrs(AccelCPU *cpu, const AccelX86Msr *msrs, guint n, GError **errp)
{
    g_autofree struct kvm_msrs *k = x86_make_msrs(msrs, n);

    return check_count(kvm_vcpu_ioctl(cpu, KVM_SET_MSRS, k), n, "KVM_SET_MSRS", "set", msrs, errp);
}

gboolean kvm_get_msrs(AccelCPU *cpu, AccelX86Msr *msrs, guint n, GError **errp)
{
    g_autofree struct kvm_msrs *k = x86_make_msrs(msrs, n);

    if (!check_count(kvm_vcpu_ioctl(cpu, KVM_GET_MSRS, k), n, "KVM_GET_MSRS", "get", msrs, errp)) {
        return FALSE;
    }
    for (guint i = 0; i < n; i++) {
        msrs[i].value = k->entries[i].data;
    }
    return TRUE;
}

gboolean kvm_get_feature_msr(AccelState *as, uint32_t index, uint64_t *value, GError **errp)
{
    AccelX86Msr msr = { .index = index };
    g_autofree struct kvm_msrs *k = x86_make_msrs(&msr, 1);
    int ret = kvm_ioctl(KVM_STATE(as), KVM_GET_MSRS, k);

    /* Who wants no error goes on without the value: said, unless the kernel just has no such MSR. */
    if (ret < 0 && errp == NULL) {
        accel_warn(as, "KVM_GET_MSRS failed: %s; guests see no feature MSR 0x%x",
                   g_strerror(-ret), index);
    }
    if (!check_count(ret, 1, "KVM_GET_MSRS", "get", &msr, errp)) {
        return FALSE;
    }
    *value = k->entries[0].data;
    return TRUE;
}

/*
 * MSRs that the kernel does not know come to user space: one of them is answered, the others get
 * the fault that they would have had anyway. A filter for the one MSR would do as well, but
 * installing it waits for the kernel's readers: 17 us on a quiet host, 400 on a busy one.
 */
gboolean x86_stage_user_msr(KVMState *s, const AccelSpec *spec, GError **errp)
{
    const uint32_t threads = spec->package_threads != 0 ? spec->package_threads : spec->max_cpus;
    const uint32_t cores = spec->package_cores != 0 ? spec->package_cores : threads;
    int ret;

    s->core_thread_count = 0;
    if (spec->max_cpus == 0 || kvm_vm_check_extension(s, KVM_CAP_X86_USER_SPACE_MSR) == 0) {
        return TRUE;
    }
    ret = kvm_enable_cap(s, KVM_CAP_X86_USER_SPACE_MSR, KVM_MSR_EXIT_REASON_UNKNOWN, 0);
    if (ret < 0) {
        kvm_call_error(errp, "KVM_ENABLE_CAP", ret, "Could not enable user space MSRs: %s",
                       g_strerror(-ret));
        return FALSE;
    }
    s->core_thread_count = (cores & 0xffff) << 16 | (threads & 0xffff);
    return TRUE;
}

void x86_handle_rdmsr(KVMCpu *cpu)
{
    struct kvm_run *run = cpu->run;

    run->msr.error = run->msr.index != MSR_CORE_THREAD_COUNT;
    run->msr.data = KVM_STATE(cpu->parent.accel)->core_thread_count;
}

void x86_handle_wrmsr(KVMCpu *cpu)
{
    cpu->run->msr.error = 1;
}
