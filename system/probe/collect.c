/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asking a host. KVM is opened as any VM would open it, every stage included, so "usable" means
 * that a VM was really made; it is closed again at the end. Nothing is changed and no module loaded.
 */
#include <linux/kvm.h>
#include <string.h>
#include "probe.h"

static void collect_caps(Probe *p, KVMState *s)
{
    p->caps = g_array_new(FALSE, FALSE, sizeof(ProbeCap));
    for (guint i = 0; kvm_capability_at(i) >= 0; i++) {
        const int number = kvm_capability_at(i);
        const ProbeCap cap = {
            .name = kvm_capability_name(number),
            .since = kvm_capability_since(number),
            .number = number,
            .value = kvm_vm_check_extension(s, (unsigned)number),
        };

        g_array_append_val(p->caps, cap);
    }
}

int probe_cap_value(const Probe *p, int number)
{
    for (guint i = 0; p->caps != NULL && i < p->caps->len; i++) {
        const ProbeCap *c = &g_array_index(p->caps, ProbeCap, i);

        if (c->number == number) {
            return c->value;
        }
    }
    return 0;
}

static guint count_feature_msrs(KVMState *s)
{
    struct kvm_msr_list list = { 0 };

    kvm_ioctl(s, KVM_GET_MSR_FEATURE_INDEX_LIST, &list); /* E2BIG, and the number */
    return list.nmsrs;
}

static void collect_features(Probe *p)
{
    g_autoptr(GArray) cpuid = accel_get_supported_cpuid(p->as, NULL);
    g_autoptr(GArray) msrs = accel_get_msr_list(p->as, NULL);

    p->cpu_features = probe_cpu_features(cpuid);
    p->n_msrs = msrs != NULL ? msrs->len : 0;
    p->n_feature_msrs = count_feature_msrs(kvm_state(p->as));
}

static void collect(Probe *p)
{
    KVMState *s = kvm_state(p->as);
    const int types = kvm_vm_check_extension(s, 235);

    p->api_version = kvm_api_version(s);
    p->soft_vcpus = kvm_recommended_vcpus(s);
    p->hard_vcpus = kvm_max_vcpus(s);
    p->max_vcpu_id = kvm_max_vcpu_id(s);
    p->memslots = kvm_max_memslots(s);
    collect_caps(p, s);
    p->irqchip_on = probe_cap_value(p, KVM_CAP_IRQCHIP) > 0;
    p->irqchip_split = probe_cap_value(p, KVM_CAP_SPLIT_IRQCHIP) > 0;
    p->nested = probe_cap_value(p, KVM_CAP_NESTED_STATE) > 0;
    p->vm_types = types > 0 ? (guint64)types : 1;
    collect_features(p);
}

void probe_run(Probe *p, const char *device)
{
    const AccelSpec spec = { .size = sizeof(spec), .cpus = 1, .no_irqchip = true,
                             .device = device };

    p->host = kvm_host_read("/", device);
    p->as = accel_open("kvm", &spec, &p->err);
    if (p->as != NULL) {
        collect(p);
    }
}

void probe_clear(Probe *p)
{
    g_clear_pointer(&p->host, kvm_host_free);
    g_clear_error(&p->err);
    g_clear_pointer(&p->as, accel_close);
    g_clear_pointer(&p->caps, g_array_unref);
    g_clear_pointer(&p->cpu_features, g_ptr_array_unref);
}

static const struct {
    AccelErrorCode code;
    int status;
    const char *state;
} states[] = {
    { ACCEL_ERROR_ABSENT, PROBE_ABSENT, "absent" },
    { ACCEL_ERROR_DENIED, PROBE_DENIED, "denied" },
    { ACCEL_ERROR_BUSY, PROBE_BUSY, "busy" },
    { ACCEL_ERROR_VERSION, PROBE_TOO_OLD, "too-old" },
    { ACCEL_ERROR_CAPABILITY, PROBE_UNSUPPORTED, "unsupported" },
    { ACCEL_ERROR_UNSUPPORTED, PROBE_UNSUPPORTED, "unsupported" },
};

int probe_status(const Probe *p)
{
    if (p->err == NULL) {
        return PROBE_OK;
    }
    for (guint i = 0; i < G_N_ELEMENTS(states); i++) {
        if ((int)states[i].code == p->err->code) {
            return states[i].status;
        }
    }
    return PROBE_BROKEN;
}

const char *probe_state(const Probe *p)
{
    if (p->err == NULL) {
        return "usable";
    }
    for (guint i = 0; i < G_N_ELEMENTS(states); i++) {
        if ((int)states[i].code == p->err->code) {
            return states[i].state;
        }
    }
    return "broken";
}
