/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why KVM could be opened but VM or vCPUs could not be made.
 */
#include <errno.h>
#include <string.h>
#include "host-int.h"

static gboolean old_kernel(const KVMHost *h, GError *err)
{
    if (err->code != ACCEL_ERROR_CAPABILITY) {
        return FALSE;
    }
    host_cause(err, "this kernel (%s) offers no %s", h->kernel != NULL ? h->kernel : "unknown",
               accel_error_missing(err) != NULL ? accel_error_missing(err)
                                                : accel_error_capability(err));
    host_remedy(err, "boot a newer kernel, or choose options that do not need it");
    return TRUE;
}

static gboolean other_hypervisor(const KVMHost *h, GError *err)
{
    if (accel_error_errno(err) != EBUSY ||
        (!h->mod_virtualbox && !h->mod_vmware &&
         g_strcmp0(accel_error_stage(err), "create-vm") != 0)) {
        return FALSE; /* elsewhere EBUSY has other reasons */
    }
    if (h->mod_virtualbox || h->mod_vmware) {
        const char *name = h->mod_virtualbox ? "VirtualBox" : "VMware";
        const char *module = h->mod_virtualbox ? "vboxdrv" : "vmmon";

        host_cause(err, "%s owns VT-x/AMD-V (module %s is loaded)", name, module);
        host_remedy(err, "stop its virtual machines, then: sudo modprobe -r %s",
                    h->mod_virtualbox ? "vboxnetadp vboxnetflt vboxdrv" : "vmmon");
    } else {
        host_cause(err, "another hypervisor holds VT-x/AMD-V; none of VirtualBox and VMware is "
                   "loaded");
        host_remedy(err, "stop other virtual machine software on this host");
    }
    if (h->mod_virtualbox && g_strcmp0(h->enable_virt_at_load, "Y") == 0) {
        host_remedy(err, "to share with VirtualBox boot with kvm.enable_virt_at_load=0");
    }
    return TRUE;
}

static gboolean no_slots(const KVMHost *h, GError *err)
{
    if (accel_error_errno(err) != ENOSPC || g_strcmp0(accel_error_stage(err), "memory") != 0) {
        return FALSE;
    }
    host_cause(err, "this kernel has %" G_GINT64_FORMAT " memory slots", accel_error_have(err));
    host_remedy(err, "use fewer pieces of guest memory");
    return TRUE;
}

static gboolean mixed_cores(const KVMHost *h, GError *err)
{
    if (accel_error_errno(err) != EINVAL || !h->mixed_cores) {
        return FALSE;
    }
    host_cause(err, "this host has cores of different kinds; a vCPU can only run on the kind that "
               "it was made on");
    host_remedy(err, "pin to one kind: taskset -c LIST accelvm …");
    return TRUE;
}

static gboolean refused_msr(const KVMHost *h, GError *err)
{
    if (g_strcmp0(accel_error_stage(err), "msr") != 0) {
        return FALSE;
    }
    host_cause(err, "the host refuses this MSR%s%s", h->hypervisor_flag ? "; it is itself virtual: "
                                                                        : "",
               h->hypervisor_flag && h->platform != NULL ? h->platform : "");
    host_remedy(err, "leave the feature out that brings it (-cpu host,-vmx for 0x48x, -pmu for "
                "0x18x and 0x38x), or use a newer host kernel");
    return TRUE;
}

static gboolean shadow_memory(const KVMHost *h, GError *err)
{
    if (g_strcmp0(accel_error_stage(err), "shadow-mem") != 0) {
        return FALSE;
    }
    host_cause(err, "the kernel takes no fewer than 64 shadow pages (256 KiB)");
    host_remedy(err, "leave kvm-shadow-mem out, or give at least 256K");
    return TRUE;
}

/*
 * A ring is at least a page, and holds what the kernel keeps for itself; how much that is depends
 * on the CPU and nobody tells. 1024 has always been enough.
 */
static gboolean small_ring(const KVMHost *h, GError *err)
{
    if (g_strcmp0(accel_error_stage(err), "dirty-log") != 0 || accel_error_errno(err) != EINVAL ||
        accel_error_need(err) <= 0 || accel_error_need(err) >= 1024) {
        return FALSE;
    }
    host_cause(err, "the kernel takes no ring this small (%" G_GINT64_FORMAT " entries)",
               accel_error_need(err));
    host_remedy(err, "give dirty-ring-size=1024 or more");
    return TRUE;
}

static gboolean denied(const KVMHost *h, GError *err)
{
    if ((accel_error_errno(err) != EPERM && accel_error_errno(err) != EACCES) ||
        g_strcmp0(accel_error_stage(err), "open") == 0) {
        return FALSE;
    }
    host_cause(err, "the node may be opened but %s is denied: %s", accel_error_call(err),
               h->lsm != NULL ? h->lsm : "by a seccomp filter or a security module");
    host_remedy(err, "check the sandbox of this service (SystemCallFilter=, container seccomp "
                "profile) and the security module's log");
    return TRUE;
}

static gboolean interrupted(const KVMHost *h, GError *err)
{
    if (accel_error_errno(err) != EINTR) {
        return FALSE;
    }
    if (g_strcmp0(accel_error_stage(err), "create-vm") == 0) {
        host_cause(err, "signals kept interrupting the call: a fast timer of this process");
    } else {
        host_cause(err, "a signal interrupted the call");
    }
    host_remedy(err, "block timer signals (SIGALRM, SIGPROF) around the bring-up");
    return TRUE;
}

static gboolean foreign_kvm(const KVMHost *h, GError *err)
{
    const int e = accel_error_errno(err);

    if (e != ENOTTY && e != EFAULT && e != ENOSYS && e != EOPNOTSUPP) {
        return FALSE;
    }
    host_cause(err, "%s does not work on this KVM (kernel %s)", accel_error_call(err),
               h->kernel != NULL ? h->kernel : "unknown");
    host_remedy(err, "a vendor kernel without full KVM, or an emulated /dev/kvm: use the "
                "distribution's kernel, or -accel tcg");
    return TRUE;
}

const HostRule host_vm_rules[] = {
    old_kernel, other_hypervisor, host_out_of_memory, host_out_of_files, no_slots, mixed_cores,
    refused_msr, shadow_memory, small_ring, denied, interrupted, foreign_kvm, NULL,
};
