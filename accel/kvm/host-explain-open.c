/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why the node could not be opened, or is no KVM. Advice is safe: it never loosens a node's mode.
 */
#include <errno.h>
#include "host-int.h"

/* Who can open the node and is then denied a call has another problem. */
static bool denied(const GError *err)
{
    return (accel_error_errno(err) == EACCES || accel_error_errno(err) == EPERM) &&
           g_strcmp0(accel_error_stage(err), "open") == 0;
}

static bool may_open(const KVMHost *h)
{
    const guint bits = h->euid == h->uid   ? h->mode >> 6
                       : h->group_in_session ? h->mode >> 3
                                             : h->mode;

    return h->euid == 0 || (bits & 6) == 6;
}

static gboolean other_version(const KVMHost *h, GError *err)
{
    if (err->code != ACCEL_ERROR_VERSION) {
        return FALSE;
    }
    host_cause(err, "KVM speaks API version %" G_GINT64_FORMAT ", this program needs exactly %"
               G_GINT64_FORMAT " (the only one since Linux 2.6.22)", accel_error_have(err),
               accel_error_need(err));
    if (accel_error_have(err) > accel_error_need(err)) {
        host_remedy(err, "use a newer version of this program, made for that API");
        return TRUE;
    }
    host_remedy(err, "boot a current kernel; if this one is current, something stands in for "
                "/dev/kvm: see ls -l %s", h->device);
    return TRUE;
}

/* Being in the group helps only where the group may open the node. */
static gboolean new_group(const KVMHost *h, GError *err)
{
    if (!denied(err) || !h->node_exists || may_open(h) || h->group_in_session ||
        !h->group_on_disk || (h->mode & 0060) != 0060) {
        return FALSE;
    }
    host_cause(err, "you are in group %s on disk but not in this session", h->group);
    host_remedy(err, "newgrp %s starts a shell that has it; to have it everywhere log out and in "
                "again", h->group);
    return TRUE;
}

static gboolean foreign_owner(const KVMHost *h, GError *err)
{
    if (!denied(err) || !h->node_exists || !h->user_namespace || h->uid != 65534) {
        return FALSE;
    }
    host_cause(err, "%s belongs to nobody here: this process is in a user namespace that does not "
               "map its owner", h->device);
    host_remedy(err, "map the group into the container (podman: --group-add keep-groups; "
                "systemd-nspawn: --bind with --private-users=no)");
    return TRUE;
}

/* usermod only knows users of the passwd file. */
static void join(const KVMHost *h, const char *group, GError *err)
{
    if (!g_ascii_isdigit(*h->user)) {
        host_remedy(err, "sudo usermod -aG %s %s, then log in again", group, h->user);
    } else {
        host_remedy(err, "uid %u is not in /etc/passwd: sudo gpasswd -a NAME %s for a user of the "
                    "network, else give the group where the program is started "
                    "(SupplementaryGroups= of a service, --group-add of a container)", h->euid,
                    group);
    }
}

static gboolean no_group(const KVMHost *h, GError *err)
{
    if (!denied(err) || !h->node_exists || may_open(h)) {
        return FALSE;
    }
    if ((h->mode & 0060) != 0060 || h->gid == 0) {
        host_cause(err, "%s is %04o %s:%s: no group but root's may open it", h->device, h->mode,
                   h->owner, h->group);
        if (!h->group_kvm) {
            host_remedy(err, "make the group, which is not there yet: sudo groupadd --system kvm");
        }
        host_remedy(err, "give it its group back: sudo chgrp kvm %s && sudo chmod 0660 %s "
                    "(udev's rule 50-udev-default does so at boot)", h->device, h->device);
        join(h, "kvm", err);
        return TRUE;
    }
    host_cause(err, "%s is %04o %s:%s; uid %u (%s) is not in group %s", h->device, h->mode,
               h->owner, h->group, h->euid, h->user, h->group);
    if (h->container != NULL) {
        host_remedy(err, "start the %s container with --group-add %u", h->container, h->gid);
    }
    join(h, h->group, err);
    return TRUE;
}

static gboolean contained(const KVMHost *h, GError *err)
{
    if (!denied(err) || !h->node_exists || !may_open(h)) {
        return FALSE;
    }
    host_cause(err, "mode %04o %s:%s allows access, but %s denies it", h->mode, h->owner, h->group,
               h->lsm != NULL         ? h->lsm
               : h->container != NULL ? "the container's device cgroup"
                                      : "the device cgroup or a security module");
    if (h->container != NULL) {
        host_remedy(err, "start the %s container with --device %s", h->container, h->device);
    }
    host_remedy(err, "check DeviceAllow= of the service, --device of the container, and the "
                "security module's log (dmesg, /var/log/audit)");
    return TRUE;
}

static gboolean container_without_node(const KVMHost *h, GError *err)
{
    if (!host_absent(err) || h->node_exists || h->container == NULL) {
        return FALSE;
    }
    host_cause(err, "this %s container has no %s", h->container, h->device);
    if (g_str_equal(h->container, "kubernetes")) {
        host_remedy(err, "ask for the device in the pod: a KVM device plugin, resources.limits "
                    "devices.kubevirt.io/kvm: 1");
    } else if (g_str_equal(h->container, "lxc")) {
        host_remedy(err, "lxc config device add NAME kvm unix-char path=%s", h->device);
    } else {
        host_remedy(err, "start it with --device %s (and --group-add with the node's group)",
                    h->device);
    }
    return TRUE;
}

/* Whoever loaded the driver had a node too. The driver knows better than the CPU's flags. */
static gboolean node_removed(const KVMHost *h, GError *err)
{
    if (!host_absent(err) || h->node_exists || h->vendor_module == NULL) {
        return FALSE;
    }
    host_cause(err, "%s is loaded, yet there is no %s: the node was removed, or this process sees "
               "another /dev", h->vendor_module, h->device);
    host_remedy(err, "sudo udevadm trigger --name-match=kvm");
    return TRUE;
}

static gboolean bios_off(const KVMHost *h, GError *err)
{
    const bool half = h->mod_kvm && h->vendor_module == NULL;

    if (!host_absent(err) || h->node_exists || h->wsl || h->hypervisor_flag ||
        !(h->bios_disabled || (half && !h->vmx && !h->svm))) {
        return FALSE;
    }
    host_cause(err, "virtualisation is switched off in firmware%s",
               h->bios_disabled ? " (the kernel's log says: disabled by bios)" : "");
    host_remedy(err, "enable %s in the BIOS/UEFI set-up and power-cycle the machine",
                host_is_amd(h)          ? "SVM Mode"
                : h->cpu_vendor != NULL ? "Intel VT-x"
                                        : "VT-x or SVM Mode");
    return TRUE;
}

static gboolean module_missing(const KVMHost *h, GError *err)
{
    const char *module = h->vmx ? "kvm_intel" : "kvm_amd";

    if (!host_absent(err) || h->node_exists || !(h->vmx || h->svm)) {
        return FALSE;
    }
    host_cause(err, "the CPU has %s but %s is not loaded", h->vmx ? "VT-x" : "AMD-V", module);
    host_remedy(err, "sudo modprobe %s; to keep it: echo %s | sudo tee "
                "/etc/modules-load.d/kvm.conf", module, module);
    return TRUE;
}

static gboolean not_nested(const KVMHost *h, GError *err)
{
    if (!host_absent(err) || h->node_exists || !(h->hypervisor_flag || h->wsl || h->chromeos)) {
        return FALSE;
    }
    host_cause(err, "this machine is itself virtual (%s) and nested virtualisation is not exposed",
               h->wsl              ? "WSL"
               : h->platform != NULL ? h->platform
                                     : "hypervisor flag");
    if (h->wsl) {
        host_remedy(err, "WSL 2: set nestedVirtualization=true under [wsl2] in .wslconfig and run "
                    "wsl --shutdown; WSL 1 has no KVM");
    } else {
        host_remedy(err, "enable nested virtualisation on the outer host or choose an instance "
                    "type that has it");
    }
    host_remedy(err, "or run without KVM: -accel tcg");
    return TRUE;
}

static gboolean no_such_node(const KVMHost *h, GError *err)
{
    if (!host_absent(err) || h->node_exists) {
        return FALSE;
    }
    host_cause(err, "there is no %s, the CPU shows neither VT-x nor AMD-V, and no kvm module is "
               "%s", h->device, h->mod_kvm ? "complete" : "loaded");
    host_remedy(err, "if the CPU can virtualise, enable it in the BIOS/UEFI set-up; otherwise use "
                "-accel tcg");
    return TRUE;
}

const HostRule host_open_rules[] = {
    host_out_of_files, host_not_kvm, other_version, host_no_path, host_wrong_kind, foreign_owner,
    new_group, no_group, contained, host_wrong_path, container_without_node, host_no_driver,
    node_removed, bios_off, module_missing, not_nested, no_such_node, NULL,
};
