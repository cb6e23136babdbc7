/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The report as JSON. The schema is in docs/accelvm-probe.rst; members are only ever added, a change
 * of meaning raises schema_version.
 */
#include "accel/version.h"
#include "probe.h"
#include "system/json.h"

static json_t *error_object(const GError *err)
{
    if (err == NULL) {
        return json_null();
    }
    return json_pack("{s:o, s:o, s:o, s:i, s:o, s:o, s:o, s:o}", "message",
                     json_text(err->message),
                     "stage", json_text(accel_error_stage(err)),
                     "call", json_text(accel_error_call(err)),
                     "errno", accel_error_errno(err),
                     "capability", json_text(accel_error_capability(err)),
                     "missing", json_text(accel_error_missing(err)),
                     "causes", json_text_list(accel_error_causes(err)),
                     "remedies", json_text_list(accel_error_remedies(err)));
}

static json_t *node_object(const KVMHost *h)
{
    if (!h->node_exists) {
        return json_null();
    }
    return json_pack("{s:o, s:i, s:o, s:o, s:b, s:i, s:i}", "path", json_text(h->device), "mode",
                     h->mode, "owner", json_text(h->owner), "group", json_text(h->group), "char",
                     h->node_is_char, "major", h->major, "minor", h->minor);
}

static json_t *host_object(const KVMHost *h)
{
    return json_pack("{s:o, s:o, s:o, s:b, s:b, s:b, s:o, s:b, s:b, s:b, s:b, s:b, s:o, s:o, s:I, "
                     "s:I}",
                     "kernel", json_text(h->kernel), "platform", json_text(h->platform),
                     "cpu_vendor", json_text(h->cpu_vendor), "vmx", h->vmx, "svm", h->svm,
                     "hypervisor", h->hypervisor_flag, "node", node_object(h),
                     "module_kvm", h->mod_kvm, "module_kvm_intel", h->mod_kvm_intel,
                     "module_kvm_amd", h->mod_kvm_amd, "module_vboxdrv", h->mod_virtualbox,
                     "module_vmmon", h->mod_vmware, "container", json_text(h->container),
                     "security_module", json_text(h->lsm),
                     "open_file_limit", (json_int_t)h->nofile,
                     "memory_max", (json_int_t)h->memory_max);
}

static json_t *caps_array(const Probe *p)
{
    json_t *a = json_array();

    for (guint i = 0; i < p->caps->len; i++) {
        const ProbeCap *c = &g_array_index(p->caps, ProbeCap, i);

        json_array_append_new(a, json_pack("{s:s, s:i, s:i, s:s}", "name", c->name, "number",
                                           c->number, "value", c->value, "since", c->since));
    }
    return a;
}

static json_t *missing_array(const Probe *p)
{
    json_t *a = json_array();

    for (const KVMCapabilityInfo *c = kvm_optional_capabilities(); c->name != NULL; c++) {
        if (probe_cap_value(p, c->value) == 0) {
            json_array_append_new(a, json_pack("{s:s, s:s, s:s, s:s}", "name", c->name, "since",
                                               kvm_capability_since(c->value), "lost", c->lost,
                                               "instead", c->instead));
        }
    }
    return a;
}

static json_t *features_array(const Probe *p)
{
    json_t *a = json_array();

    for (guint i = 0; i < p->cpu_features->len; i++) {
        json_array_append_new(a, json_text(g_ptr_array_index(p->cpu_features, i)));
    }
    return a;
}

static json_t *stages_array(const Probe *p)
{
    json_t *a = json_array();
    guint n;
    const AccelStageTime *t = accel_stage_times(p->as, &n);

    for (guint i = 0; i < n; i++) {
        json_array_append_new(a, json_pack("{s:s, s:f}", "name", t[i].name, "us",
                                           (double)t[i].ns / 1000));
    }
    return a;
}

static json_t *vm_types(const Probe *p)
{
    json_t *a = json_array();

    for (int i = 0; i < 64; i++) {
        if ((p->vm_types >> i & 1) != 0) {
            json_array_append_new(a, json_integer(i));
        }
    }
    return a;
}

static json_t *kvm_object(const Probe *p)
{
    json_t *modes;

    if (p->as == NULL) {
        return json_null();
    }
    modes = json_array();
    json_array_append_new(modes, json_string("off"));
    if (p->irqchip_on) {
        json_array_append_new(modes, json_string("on"));
    }
    if (p->irqchip_split) {
        json_array_append_new(modes, json_string("split"));
    }
    return json_pack("{s:i, s:i, s:i, s:i, s:i, s:o, s:o, s:b, s:i, s:i, s:o, s:o, s:o, s:o}",
                     "api_version", p->api_version, "recommended_vcpus", p->soft_vcpus,
                     "max_vcpus", p->hard_vcpus, "max_vcpu_id", p->max_vcpu_id,
                     "memory_slots", p->memslots, "irqchip", modes, "vm_types", vm_types(p),
                     "nested", p->nested, "msrs", p->n_msrs, "feature_msrs", p->n_feature_msrs,
                     "cpu_features", features_array(p), "capabilities", caps_array(p),
                     "missing_optional", missing_array(p), "stages", stages_array(p));
}

char *probe_to_json(const Probe *p)
{
    json_t *root = json_pack("{s:i, s:s, s:b, s:s, s:o, s:o, s:o}", "schema_version",
                             PROBE_SCHEMA_VERSION, "version", accel_version(), "usable",
                             p->err == NULL, "state", probe_state(p), "error",
                             error_object(p->err), "host", host_object(p->host), "kvm",
                             kvm_object(p));
    g_autofree char *text = json_write(root, JSON_INDENT(2));

    json_decref(root);
    return g_strconcat(text, "\n", NULL);
}
