/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The report for machines that sort hosts: Prometheus (textfile collector), Node Feature Discovery
 * (a file of local features, "name=value" lines) and Slurm (a node's feature list).
 */
#include <string.h>
#include "probe.h"

static void gauge(GString *s, const char *name, const char *help, double value)
{
    g_string_append_printf(s, "# HELP accelvm_%s %s\n# TYPE accelvm_%s gauge\naccelvm_%s %.15g\n",
                           name, help, name, name, value);
}

static void append_stages(GString *s, const Probe *p)
{
    guint n;
    const AccelStageTime *t = accel_stage_times(p->as, &n);

    g_string_append(s, "# HELP accelvm_kvm_stage_seconds Time of each stage of bring-up.\n"
                       "# TYPE accelvm_kvm_stage_seconds gauge\n");
    for (guint i = 0; i < n; i++) {
        g_string_append_printf(s, "accelvm_kvm_stage_seconds{stage=\"%s\"} %.9f\n", t[i].name,
                               (double)t[i].ns / 1e9);
    }
}

static void append_caps(GString *s, const Probe *p)
{
    g_string_append(s, "# HELP accelvm_kvm_capability Value of each KVM capability.\n"
                       "# TYPE accelvm_kvm_capability gauge\n");
    for (guint i = 0; i < p->caps->len; i++) {
        const ProbeCap *c = &g_array_index(p->caps, ProbeCap, i);

        g_string_append_printf(s, "accelvm_kvm_capability{name=\"%s\"} %d\n", c->name + 8,
                               c->value);
    }
}

char *probe_to_prometheus(const Probe *p)
{
    GString *s = g_string_new(NULL);

    gauge(s, "kvm_usable", "Whether a VM could be made.", p->err == NULL);
    g_string_append_printf(s, "# HELP accelvm_kvm_state Why, as a label.\n"
                              "# TYPE accelvm_kvm_state gauge\n"
                              "accelvm_kvm_state{state=\"%s\"} 1\n", probe_state(p));
    if (p->as != NULL) {
        gauge(s, "kvm_api_version", "KVM API version.", p->api_version);
        gauge(s, "kvm_recommended_vcpus", "Soft limit of vCPUs.", p->soft_vcpus);
        gauge(s, "kvm_max_vcpus", "Hard limit of vCPUs.", p->hard_vcpus);
        gauge(s, "kvm_memory_slots", "Memory slots per VM.", p->memslots);
        gauge(s, "kvm_nested", "Whether guests can be hosts.", p->nested);
        append_stages(s, p);
        append_caps(s, p);
    }
    return g_string_free(s, FALSE);
}

static const char *truth(bool b)
{
    return b ? "true" : "false";
}

char *probe_to_nfd(const Probe *p)
{
    GString *s = g_string_new(NULL);

    g_string_append_printf(s, "kvm.usable=%s\nkvm.state=%s\n", truth(p->err == NULL),
                           probe_state(p));
    if (p->as != NULL) {
        g_string_append_printf(s, "kvm.api-version=%d\nkvm.recommended-vcpus=%d\n"
                               "kvm.max-vcpus=%d\nkvm.memory-slots=%d\nkvm.nested=%s\n"
                               "kvm.irqchip-split=%s\n", p->api_version, p->soft_vcpus,
                               p->hard_vcpus, p->memslots, truth(p->nested),
                               truth(p->irqchip_split));
    }
    return g_string_free(s, FALSE);
}

char *probe_to_slurm(const Probe *p)
{
    if (p->err != NULL) {
        return g_strdup("\n");
    }
    return g_strdup_printf("kvm%s%s,kvm_vcpus_%d\n", p->nested ? ",kvm_nested" : "",
                           p->irqchip_split ? ",kvm_split" : "", p->hard_vcpus);
}
