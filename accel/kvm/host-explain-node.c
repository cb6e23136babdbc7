/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What stands where the node should be: nothing, something else, or a node without a driver.
 */
#include <errno.h>
#include "host-int.h"

bool host_absent(const GError *err)
{
    const int e = accel_error_errno(err);

    return e == ENOENT || e == ENODEV || e == ENXIO;
}

/* Another path was given: leave it. The usual one was: what is there is wrong. */
static void use_the_right_node(const KVMHost *h, GError *err)
{
    if (!g_str_equal(h->device, "/dev/kvm")) {
        host_remedy(err, "give the right node: -accel kvm,device=/dev/kvm");
    } else if (h->container != NULL) {
        host_remedy(err, "take away what is there and start the %s container with --device "
                    "/dev/kvm", h->container);
    } else {
        host_remedy(err, "take away what is there and put the node back: sudo mknod -m 0660 "
                    "/dev/kvm c 10 232");
    }
}

gboolean host_not_kvm(const KVMHost *h, GError *err)
{
    if (g_strcmp0(accel_error_stage(err), "api-version") != 0 ||
        err->code != ACCEL_ERROR_ABSENT) {
        return FALSE;
    }
    if (h->node_exists && h->is_kvm_number) {
        host_cause(err, "%s has KVM's number but does not answer like KVM", h->device);
        host_remedy(err, "something stands in for KVM; the kernel's log may say what: sudo dmesg | "
                    "grep -i kvm");
        return TRUE;
    }
    if (h->node_is_char) {
        host_cause(err, "%s is no KVM device: it is character device %u:%u, KVM is 10:232",
                   h->device, h->major, h->minor);
    } else {
        host_cause(err, "%s is no KVM device", h->device);
    }
    use_the_right_node(h, err);
    return TRUE;
}

/* A path that leads nowhere, whatever host this is. */
gboolean host_no_path(const KVMHost *h, GError *err)
{
    const int e = accel_error_errno(err);

    if (*h->device == '\0') {
        host_cause(err, "the path of the node is empty");
    } else if (e == ELOOP) {
        host_cause(err, "%s is a symbolic link that leads to itself", h->device);
        host_remedy(err, "see where it goes: ls -l %s", h->device);
    } else if (e == ENOTDIR) {
        host_cause(err, "a part of the path %s is not a directory", h->device);
    } else {
        return FALSE;
    }
    use_the_right_node(h, err);
    return TRUE;
}

/* What open() says to something that is no device: EISDIR, and ENXIO for a socket. */
gboolean host_wrong_kind(const KVMHost *h, GError *err)
{
    if ((accel_error_errno(err) != EISDIR && accel_error_errno(err) != ENXIO) || !h->node_exists ||
        h->node_is_char) {
        return FALSE;
    }
    host_cause(err, "%s is a %s, no KVM device", h->device,
               g_strcmp0(h->node_type, "block") == 0 ? "block device" : h->node_type);
    use_the_right_node(h, err);
    return TRUE;
}

/* Another node than the usual one was asked for: a matter of the path, not of the host. */
gboolean host_wrong_path(const KVMHost *h, GError *err)
{
    if (accel_error_errno(err) != ENOENT || h->node_exists || g_str_equal(h->device, "/dev/kvm")) {
        return FALSE;
    }
    host_cause(err, "there is no %s", h->device);
    host_remedy(err, "give the right node, or leave device= out: KVM's is /dev/kvm");
    return TRUE;
}

static void wrong_number(const KVMHost *h, GError *err)
{
    host_cause(err, "%s is character device %u:%u, KVM is 10:232", h->device, h->major, h->minor);
    use_the_right_node(h, err);
}

bool host_is_amd(const KVMHost *h)
{
    return h->svm || g_strcmp0(h->cpu_vendor, "AuthenticAMD") == 0 ||
           g_strcmp0(h->cpu_vendor, "HygonGenuine") == 0;
}

/* The module that fits the CPU; its vendor says which, its flags only confirm. */
static const char *fitting_module(const KVMHost *h)
{
    if (host_is_amd(h)) {
        return "kvm_amd";
    }
    return h->vmx || g_strcmp0(h->cpu_vendor, "GenuineIntel") == 0 ? "kvm_intel"
                                                                   : "kvm_intel or kvm_amd";
}

/* The node is there, the driver behind it is not. */
gboolean host_no_driver(const KVMHost *h, GError *err)
{
    if (!host_absent(err) || !h->node_exists || accel_error_errno(err) == ENOENT) {
        return FALSE;
    }
    if (h->node_is_char && !h->is_kvm_number) {
        wrong_number(h, err);
    } else if (h->vendor_module != NULL) {
        host_cause(err, "%s is there and %s is loaded, yet no driver answers", h->device,
                   h->vendor_module);
        host_remedy(err, "see what the kernel says: sudo dmesg | grep -i kvm; then load it anew: "
                    "sudo modprobe -r %s && sudo modprobe %s", h->vendor_module, h->vendor_module);
    } else {
        host_cause(err, "%s is there, but no driver answers (static node, module kvm %s)",
                   h->device, h->mod_kvm ? "loaded without a vendor module" : "not loaded");
        host_remedy(err, "load it: sudo modprobe %s; if that fails, sudo dmesg says why",
                    fitting_module(h));
    }
    return TRUE;
}
