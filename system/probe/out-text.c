/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The report for people: the answer first, then what it rests on. 80 columns.
 */
#include <string.h>
#include "probe.h"

typedef struct Out {
    GString *s;
    bool colour;
} Out;

static void heading(Out *o, const char *text)
{
    g_string_append_printf(o->s, "\n%s%s%s\n", o->colour ? "\033[1m" : "", text,
                           o->colour ? "\033[0m" : "");
}

static G_GNUC_PRINTF(3, 4) void row(Out *o, const char *name, const char *fmt, ...)
{
    g_autofree char *value = NULL;
    va_list ap;

    va_start(ap, fmt);
    value = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    g_string_append_printf(o->s, "  %-24s %s\n", name, value);
}

static void lines(Out *o, const char *label, const char *const *text)
{
    for (; text != NULL && *text != NULL; text++) {
        g_string_append_printf(o->s, "  %s %s\n", label, *text);
    }
}

static void verdict(Out *o, const Probe *p)
{
    const char *good = o->colour ? "\033[32m" : "", *bad = o->colour ? "\033[31m" : "";
    const char *end = o->colour ? "\033[0m" : "";

    if (p->err == NULL) {
        g_string_append_printf(o->s, "%sKVM is usable%s%s\n", good, p->offline ? " there" : " now",
                               end);
        return;
    }
    g_string_append_printf(o->s, "%sKVM is not usable: %s%s\n", bad, p->err->message, end);
    lines(o, "cause: ", accel_error_causes(p->err));
    lines(o, "remedy:", accel_error_remedies(p->err));
    g_string_append_printf(o->s, "  (stage %s, call %s, errno %d)\n",
                           accel_error_stage(p->err) != NULL ? accel_error_stage(p->err) : "-",
                           accel_error_call(p->err) != NULL ? accel_error_call(p->err) : "-",
                           accel_error_errno(p->err));
}

static void host(Out *o, const KVMHost *h)
{
    heading(o, "Host");
    row(o, "kernel", "%s", h->kernel != NULL ? h->kernel : "unknown");
    row(o, "machine", "%s", h->platform != NULL ? h->platform : "unknown");
    row(o, "CPU", "%s%s%s%s", h->cpu_vendor != NULL ? h->cpu_vendor : "unknown",
        h->vmx ? ", VT-x" : "", h->svm ? ", AMD-V" : "",
        h->hypervisor_flag ? ", itself virtual" : "");
    if (h->node_exists) {
        row(o, h->device, "%04o %s:%s, %s %u:%u", h->mode, h->owner, h->group,
            h->node_is_char ? "char" : "no char device", h->major, h->minor);
    } else {
        row(o, h->device, "absent");
    }
    row(o, "modules", "%s%s%s%s%s", h->mod_kvm ? "kvm " : "", h->mod_kvm_intel ? "kvm_intel " : "",
        h->mod_kvm_amd ? "kvm_amd " : "", h->mod_virtualbox ? "vboxdrv " : "",
        h->mod_vmware ? "vmmon " : "");
    row(o, "container", "%s", h->container != NULL ? h->container : "none seen");
    row(o, "security module", "%s", h->lsm != NULL ? h->lsm : "none seen");
    row(o, "open files", "%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT, h->fds_open, h->nofile);
}

static void limits(Out *o, const Probe *p)
{
    heading(o, "Limits");
    row(o, "API version", "%d", p->api_version);
    row(o, "vCPUs", "%d recommended, %d at most, ids below %d", p->soft_vcpus, p->hard_vcpus,
        p->max_vcpu_id);
    row(o, "memory slots", "%d", p->memslots);
    row(o, "irqchip", "%s%soff", p->irqchip_on ? "on " : "", p->irqchip_split ? "split " : "");
    row(o, "VM types", "0x%" G_GINT64_MODIFIER "x (bit per type)", p->vm_types);
    row(o, "nested guests", "%s", p->nested ? "yes" : "no");
    row(o, "MSRs", "%u in a vCPU's state, %u describe features", p->n_msrs, p->n_feature_msrs);
}

static void features(Out *o, const Probe *p)
{
    size_t column = 2;

    heading(o, "CPU features a guest can have");
    g_string_append(o->s, " ");
    for (guint i = 0; i < p->cpu_features->len; i++) {
        const char *name = g_ptr_array_index(p->cpu_features, i);

        if (column + strlen(name) + 1 > 79) {
            g_string_append(o->s, "\n ");
            column = 2;
        }
        g_string_append_printf(o->s, " %s", name);
        column += strlen(name) + 1;
    }
    g_string_append_c(o->s, '\n');
}

static void caps(Out *o, const Probe *p)
{
    heading(o, "Capabilities (value, number, since Linux)");
    for (guint i = 0; i < p->caps->len; i++) {
        const ProbeCap *c = &g_array_index(p->caps, ProbeCap, i);

        if (c->value > 0) {
            g_string_append_printf(o->s, "  %-42s %10d %5d  %s\n", c->name + 8, c->value,
                                   c->number, c->since);
        }
    }
}

static void missing(Out *o, const Probe *p)
{
    heading(o, "Missing optional capabilities: what is lost, what is done instead");
    for (const KVMCapabilityInfo *c = kvm_optional_capabilities(); c->name != NULL; c++) {
        if (probe_cap_value(p, c->value) == 0) {
            g_string_append_printf(o->s, "  %s (Linux %s)\n      lost: %s; instead: %s\n",
                                   c->name + 8, kvm_capability_since(c->value), c->lost,
                                   c->instead);
        }
    }
}

static void times(Out *o, const Probe *p)
{
    guint n;
    const AccelStageTime *t = accel_stage_times(p->as, &n);
    gint64 total = 0;

    heading(o, "Bring-up, microseconds");
    for (guint i = 0; i < n; i++) {
        row(o, t[i].name, "%8.1f", (double)t[i].ns / 1000);
        total += t[i].ns;
    }
    row(o, "together", "%8.1f", (double)total / 1000);
}

char *probe_to_text(const Probe *p, bool colour)
{
    Out o = { g_string_new(NULL), colour };

    verdict(&o, p);
    host(&o, p->host);
    if (p->as != NULL) {
        limits(&o, p);
        features(&o, p);
        caps(&o, p);
        missing(&o, p);
        times(&o, p);
    }
    return g_string_free(o.s, FALSE);
}
