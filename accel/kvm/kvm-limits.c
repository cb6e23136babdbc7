/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How many vCPUs: the soft limit is a recommendation and gets a warning, the hard limit is an error.
 * The hard limit is checked whatever the soft one says; a kernel may well report them in any order.
 */
#include "kvm-int.h"

int kvm_recommended_vcpus(KVMState *s)
{
    if (s->soft_vcpus == 0) {
        int ret = kvm_vm_check_extension(s, KVM_CAP_NR_VCPUS);

        s->soft_vcpus = ret > 0 ? ret : 4;
    }
    return s->soft_vcpus;
}

int kvm_max_vcpus(KVMState *s)
{
    if (s->hard_vcpus == 0) {
        int ret = kvm_vm_check_extension(s, KVM_CAP_MAX_VCPUS);

        s->hard_vcpus = ret > 0 ? ret : kvm_recommended_vcpus(s);
    }
    return s->hard_vcpus;
}

int kvm_max_vcpu_id(KVMState *s)
{
    if (s->max_vcpu_id == 0) {
        int ret = kvm_vm_check_extension(s, KVM_CAP_MAX_VCPU_ID);

        s->max_vcpu_id = ret > 0 ? ret : kvm_max_vcpus(s);
    }
    return s->max_vcpu_id;
}

static gboolean check(KVMState *s, const char *what, uint32_t n, GError **errp)
{
    const AccelErrorInfo info = { .accel = "kvm", .call = "KVM_CHECK_EXTENSION",
                                  .capability = "KVM_CAP_MAX_VCPUS",
                                  .have = kvm_max_vcpus(s), .need = n };

    if ((gint64)n > info.have) {
        g_autofree char *remedy = g_strdup_printf(
            "reduce -smp (cpus and maxcpus) to at most %" G_GINT64_FORMAT, info.have);

        accel_error_set(errp, ACCEL_ERROR_LIMIT, &info,
                        "Number of %s cpus requested (%u) exceeds the maximum cpus supported by "
                        "KVM (%d)", what, n, (int)info.have);
        if (errp != NULL) {
            accel_error_add_remedy(*errp, remedy);
        }
        return FALSE;
    }
    return TRUE;
}

gboolean kvm_stage_vcpu_limits(KVMState *s, const AccelSpec *spec, GError **errp)
{
    const uint32_t n[] = { spec->cpus, spec->max_cpus };
    const char *const what[] = { "SMP", "hotpluggable" };

    for (int i = 0; i < 2; i++) {
        if (i == 1 && n[1] == n[0]) {
            break; /* one number, one line */
        }
        if ((gint64)n[i] > kvm_recommended_vcpus(s)) {
            accel_warn(&s->parent, "Number of %s cpus requested (%u) exceeds the recommended cpus "
                       "supported by KVM (%d)", what[i], n[i], kvm_recommended_vcpus(s));
        }
        if (!check(s, what[i], n[i], errp)) {
            return FALSE;
        }
    }
    return TRUE;
}
