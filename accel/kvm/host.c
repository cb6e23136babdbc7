/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Facts of a host, and the explanation of a failure from them.
 *
 * An explanation is a table of rules for the kind of failure: opening the node, making VM or vCPUs,
 * running the guest. The first rule that recognises its cause says so; errno values that mean the
 * same everywhere are tried last; what none recognises is told as it is, with what was looked at.
 */
#include <stdarg.h>
#include <string.h>
#include "host-int.h"
#include "kvm-int.h"

KVMHost *kvm_host_read(const char *root, const char *device)
{
    KVMHost *h = g_new0(KVMHost, 1);

    h->root = g_strdup(root);
    h->device = g_strdup(device != NULL ? device : "/dev/kvm");
    host_read_process(h);
    host_read_node(h);
    host_read_machine(h);
    host_read_modules(h);
    host_read_container(h);
    return h;
}

void kvm_host_free(KVMHost *h)
{
    if (h == NULL) {
        return;
    }
    char *const texts[] = { h->root, h->device, h->owner, h->group, h->user, h->cpu_vendor,
                            h->platform, h->kernel, h->enable_virt_at_load, h->nested,
                            h->unrestricted_guest, h->ept, h->container, h->lsm, h->node_type,
                            h->vendor_module };

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_free(texts[i]);
    }
    g_array_unref(h->gids);
    g_free(h);
}

void host_cause(GError *err, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    accel_error_add_cause(err, text);
}

void host_remedy(GError *err, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    accel_error_add_remedy(err, text);
}

static void unknown_cause(const KVMHost *h, GError *err)
{
    if (err->code == ACCEL_ERROR_GUEST) {
        host_guest_unknown(err);
        return;
    }
    host_cause(err, "the cause is not known; looked at: node mode and groups, modules, CPU flags, "
               "firmware, container, security module, limits");
    host_remedy(err, "run accelvm-probe for the whole report of this host");
}

static const HostRule *rules_for(const GError *err)
{
    const char *stage = accel_error_stage(err);

    if (err->code == ACCEL_ERROR_GUEST) {
        return host_guest_rules;
    }
    if (g_strcmp0(stage, "open") == 0 || g_strcmp0(stage, "api-version") == 0) {
        return host_open_rules;
    }
    return host_vm_rules;
}

static bool apply(const HostRule *rules, const KVMHost *h, GError *err)
{
    for (; *rules != NULL; rules++) {
        if ((*rules)(h, err)) {
            return true;
        }
    }
    return false;
}

void kvm_host_explain_error(const KVMHost *h, GError *err)
{
    if (err == NULL || err->domain != ACCEL_ERROR || err->code == ACCEL_ERROR_LIMIT) {
        return; /* a limit has been told with both numbers and its remedy already */
    }
    if (!apply(rules_for(err), h, err) &&
        !(accel_error_errno(err) != 0 && apply(host_vm_rules, h, err))) {
        unknown_cause(h, err);
    }
}

/* Where facts are read. Tests, and whoever looks into a report from elsewhere, name another place. */
static const char *host_root(void)
{
    const char *root = g_getenv("ACCELVM_HOST_ROOT");

    return root != NULL ? root : "/";
}

void kvm_host_explain(GError *err, const char *device)
{
    g_autoptr(KVMHost) h = NULL;

    if (err == NULL || err->domain != ACCEL_ERROR) {
        return;
    }
    h = kvm_host_read(host_root(), device);
    kvm_host_explain_error(h, err);
}
