/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Causes and remedies from made-up hosts: each case lays out a few small files below a directory of
 * its own and asks for the explanation of one failure.
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include "accel/kvm-host.h"

typedef struct File {
    const char *path, *text;
} File;

typedef struct Case {
    const char *name;
    File files[8];
    AccelErrorCode code;
    const char *stage, *message;
    int errnum;
    const char *cause, *remedy; /* a piece that must be there */
} Case;

#define USER   { "/proc/self/status", "Uid:\t1000\t1000\t1000\t1000\nGid:\t1000 1000 1000 1000\n" \
                                      "Groups:\t1000 27\n" }
#define MEMBER { "/proc/self/status", "Uid:\t1000\t1000\t1000\t1000\nGid:\t1000 1000 1000 1000\n" \
                                      "Groups:\t1000 106\n" }
#define PASSWD { "/etc/passwd", "root:x:0:0::/:\nann:x:1000:1000::/home/ann:/bin/sh\n" }
#define GROUP  { "/etc/group", "root:x:0:\nkvm:x:106:bob\n" }
#define NODE   { "/stat/dev/kvm", "mode=0660 uid=0 gid=106 type=char rdev=10:232" }
#define INTEL  { "/proc/cpuinfo", "vendor_id : GenuineIntel\nflags : fpu vmx sse\n" }
#define AMD    { "/proc/cpuinfo", "vendor_id : AuthenticAMD\nflags : fpu svm sse\n" }
#define BARE   { "/proc/cpuinfo", "vendor_id : GenuineIntel\nflags : fpu sse\n" }
#define GUEST  { "/proc/cpuinfo", "vendor_id : GenuineIntel\nflags : fpu hypervisor sse\n" }

static const Case cases[] = {
    { "not-in-group", { USER, PASSWD, GROUP, NODE }, ACCEL_ERROR_DENIED, "open", "x", EACCES,
      "/dev/kvm is 0660 root:kvm; uid 1000 (ann) is not in group kvm",
      "sudo usermod -aG kvm ann, then log in again" },
    { "node-0600", { USER, PASSWD, GROUP,
                     { "/stat/dev/kvm", "mode=0600 uid=0 gid=0 type=char rdev=10:232" } },
      ACCEL_ERROR_DENIED, "open", "x", EACCES, "no group but root's", "chgrp kvm /dev/kvm" },
    { "node-0600-no-group", { USER, PASSWD, { "/etc/group", "root:x:0:\nnokvm:x:7:\n" },
                              { "/stat/dev/kvm", "mode=0600 uid=0 gid=0 type=char rdev=10:232" } },
      ACCEL_ERROR_DENIED, "open", "x", EACCES, "no group but root's", "groupadd --system kvm" },
    { "new-group", { USER, PASSWD, { "/etc/group", "kvm:x:106:ann\n" }, NODE },
      ACCEL_ERROR_DENIED, "open", "x", EACCES, "on disk but not in this session",
      "newgrp kvm" },
    { "new-group-0600", { USER, PASSWD, { "/etc/group", "kvm:x:106:ann\n" },
                          { "/stat/dev/kvm", "mode=0600 uid=0 gid=106 type=char rdev=10:232" } },
      ACCEL_ERROR_DENIED, "open", "x", EACCES, "no group but root's", "chmod 0660 /dev/kvm" },
    { "device-cgroup", { MEMBER, PASSWD, GROUP, NODE, { "/.dockerenv", "" } },
      ACCEL_ERROR_DENIED, "open", "x", EPERM, "mode 0660 root:kvm allows access, but the "
      "container's device cgroup denies it", "--device /dev/kvm" },
    { "selinux", { MEMBER, PASSWD, GROUP, NODE, { "/sys/fs/selinux/enforce", "1\n" },
                   { "/proc/self/attr/current", "u:r:t:s0" } },
      ACCEL_ERROR_DENIED, "open", "x", EACCES, "SELinux enforcing, context u:r:t:s0 denies it",
      "audit" },
    { "apparmor", { MEMBER, PASSWD, GROUP, NODE, { "/sys/kernel/security/apparmor", "" },
                    { "/proc/self/attr/current", "libvirt-1 (enforce)" } },
      ACCEL_ERROR_DENIED, "open", "x", EACCES, "AppArmor profile libvirt-1", "DeviceAllow=" },
    { "user-namespace", { USER, PASSWD, { "/proc/self/uid_map", "0 100000 65536\n" },
                          { "/stat/dev/kvm", "mode=0660 uid=65534 gid=65534 type=char "
                                             "rdev=10:232" } },
      ACCEL_ERROR_DENIED, "open", "x", EACCES, "user namespace", "keep-groups" },
    { "module-intel", { USER, INTEL }, ACCEL_ERROR_ABSENT, "open", "x", ENOENT,
      "the CPU has VT-x but kvm_intel is not loaded", "sudo modprobe kvm_intel" },
    { "module-amd", { USER, AMD }, ACCEL_ERROR_ABSENT, "open", "x", ENOENT,
      "the CPU has AMD-V but kvm_amd is not loaded", "sudo modprobe kvm_amd" },
    { "node-removed", { USER, AMD, { "/sys/module/kvm_amd/initstate", "live" } },
      ACCEL_ERROR_ABSENT, "open", "x", ENOENT, "the node was removed", "udevadm trigger" },
    { "bios-log", { USER, INTEL, { "/dmesg", "kvm: disabled by bios\n" } }, ACCEL_ERROR_ABSENT,
      "open", "x", ENOENT, "switched off in firmware", "Intel VT-x" },
    { "bios-module", { USER, BARE, { "/sys/module/kvm/initstate", "live" } }, ACCEL_ERROR_ABSENT,
      "open", "x", ENOENT, "switched off in firmware", "power-cycle" },
    { "bios-hygon", { USER, { "/proc/cpuinfo", "vendor_id : HygonGenuine\nflags : fpu sse\n" },
                      { "/sys/module/kvm/initstate", "live" } },
      ACCEL_ERROR_ABSENT, "open", "x", ENOENT, "switched off in firmware", "SVM Mode" },
    { "nested-cloud", { USER, GUEST, { "/sys/class/dmi/id/sys_vendor", "Microsoft Corporation\n" },
                        { "/sys/class/dmi/id/product_name", "Virtual Machine\n" } },
      ACCEL_ERROR_ABSENT, "open", "x", ENOENT, "Microsoft Corporation Virtual Machine",
      "enable nested virtualisation on the outer host" },
    { "wsl", { USER, GUEST, { "/proc/version", "Linux version 5.15-microsoft-standard-WSL2" } },
      ACCEL_ERROR_ABSENT, "open", "x", ENOENT, "WSL", "nestedVirtualization=true" },
    { "docker", { USER, INTEL, { "/.dockerenv", "" } }, ACCEL_ERROR_ABSENT, "open", "x", ENOENT,
      "this docker container has no /dev/kvm", "--device /dev/kvm" },
    { "podman", { USER, INTEL, { "/run/.containerenv", "" } }, ACCEL_ERROR_ABSENT, "open", "x",
      ENOENT, "this podman container", "--group-add" },
    { "kubernetes", { USER, INTEL, { "/proc/self/cgroup", "0::/kubepods.slice/x\n" } },
      ACCEL_ERROR_ABSENT, "open", "x", ENOENT, "this kubernetes container", "device plugin" },
    { "lxc", { USER, INTEL, { "/proc/self/cgroup", "0::/lxc.payload.x\n" } }, ACCEL_ERROR_ABSENT,
      "open", "x", ENOENT, "this lxc container", "unix-char" },
    { "static-node", { MEMBER, GROUP, NODE, INTEL }, ACCEL_ERROR_ABSENT, "open", "x", ENODEV,
      "no driver answers", "sudo modprobe kvm_intel" },
    { "static-node-loaded", { MEMBER, GROUP, NODE, GUEST,
                              { "/sys/module/kvm/initstate", "live" },
                              { "/sys/module/kvm_pvm/initstate", "live" } },
      ACCEL_ERROR_ABSENT, "open", "x", ENODEV, "kvm_pvm is loaded, yet no driver answers",
      "modprobe -r kvm_pvm" },
    { "static-node-any-cpu", { MEMBER, GROUP, NODE }, ACCEL_ERROR_ABSENT, "open", "x", ENXIO,
      "no driver answers", "sudo modprobe kvm_intel or kvm_amd" },
    { "static-node-vendor", { MEMBER, GROUP, NODE,
                              { "/proc/cpuinfo", "vendor_id : AuthenticAMD\nflags : fpu sse\n" } },
      ACCEL_ERROR_ABSENT, "open", "x", ENODEV, "no driver answers", "sudo modprobe kvm_amd;" },
    { "wrong-number", { MEMBER, { "/stat/dev/kvm",
                                  "mode=0660 uid=0 gid=106 type=char rdev=10:231" } },
      ACCEL_ERROR_ABSENT, "open", "x", ENODEV, "/dev/kvm is character device 10:231, KVM is 10:232",
      "mknod -m 0660 /dev/kvm c 10 232" },
    { "socket", { USER, { "/stat/dev/kvm", "mode=0755 uid=0 gid=0 type=socket rdev=0:0" } },
      ACCEL_ERROR_ABSENT, "open", "x", ENXIO, "/dev/kvm is a socket, no KVM device", "mknod" },
    { "directory", { USER, { "/stat/dev/kvm", "mode=0755 uid=0 gid=0 type=directory rdev=0:0" } },
      ACCEL_ERROR_FAILED, "open", "x", EISDIR, "/dev/kvm is a directory, no KVM device",
      "mknod" },
    { "link-loop", { USER }, ACCEL_ERROR_FAILED, "open", "x", ELOOP, "leads to itself", "ls -l" },
    { "not-a-directory", { USER }, ACCEL_ERROR_FAILED, "open", "x", ENOTDIR,
      "not a directory", "mknod" },
    { "node-removed-pvm", { USER, GUEST, { "/sys/module/kvm/initstate", "live" },
                            { "/sys/module/kvm_pvm/initstate", "live" } },
      ACCEL_ERROR_ABSENT, "open", "x", ENOENT, "kvm_pvm is loaded, yet there is no /dev/kvm",
      "udevadm trigger" },
    { "container-group", { USER, PASSWD, GROUP, NODE, { "/.dockerenv", "" } },
      ACCEL_ERROR_DENIED, "open", "x", EACCES, "is not in group kvm", "--group-add 106" },
    { "nothing", { USER, BARE }, ACCEL_ERROR_ABSENT, "open", "x", ENOENT,
      "neither VT-x nor AMD-V", "-accel tcg" },
    { "wrong-node", { USER, { "/stat/dev/kvm", "mode=0666 uid=0 gid=0 type=char rdev=1:3" } },
      ACCEL_ERROR_ABSENT, "api-version", "kvm version too old", ENOTTY,
      "is no KVM device: it is character device 1:3", "mknod -m 0660 /dev/kvm c 10 232" },
    { "newer-version", { USER, NODE }, ACCEL_ERROR_VERSION, "api-version",
      "kvm version not supported", EINVAL, "API version 13", "newer version of this program" },
    { "not-answering", { USER, NODE }, ACCEL_ERROR_ABSENT, "api-version", "kvm version too old",
      ENOTTY, "has KVM's number but does not answer", "dmesg" },
    { "ioctl-denied", { MEMBER, PASSWD, GROUP, NODE, { "/.dockerenv", "" } }, ACCEL_ERROR_DENIED,
      "api-version", "kvm version too old", EPERM, "the node may be opened but", "seccomp" },
    { "user-without-name", { USER, GROUP, NODE }, ACCEL_ERROR_DENIED, "open", "x", EACCES,
      "uid 1000 (1000) is not in group kvm", "sudo gpasswd -a NAME kvm" },
    { "plain-file", { USER, { "/stat/dev/kvm", "mode=0644 uid=0 gid=0 type=file rdev=0:0" } },
      ACCEL_ERROR_ABSENT, "api-version", "kvm version too old", ENOTTY, "/dev/kvm is no KVM device",
      "mknod" },
    { "version", { USER, NODE }, ACCEL_ERROR_VERSION, "api-version", "kvm version too old", EINVAL,
      "API version", "current kernel" },
    { "virtualbox", { USER, { "/proc/modules", "vboxdrv 1 0 - Live 0x0\n" } }, ACCEL_ERROR_BUSY,
      "create-vm", "x", EBUSY, "VirtualBox owns VT-x/AMD-V (module vboxdrv is loaded)",
      "sudo modprobe -r" },
    { "vmware", { USER, { "/sys/module/vmmon/initstate", "live" } }, ACCEL_ERROR_BUSY, "create-vm",
      "x", EBUSY, "VMware owns", "vmmon" },
    { "busy-unknown", { USER }, ACCEL_ERROR_BUSY, "create-vm", "x", EBUSY,
      "none of VirtualBox and VMware", "stop other" },
    { "virt-at-load", { USER, { "/sys/module/vboxdrv/initstate", "live" },
                        { "/sys/module/kvm/parameters/enable_virt_at_load", "Y\n" } },
      ACCEL_ERROR_BUSY, "create-vm", "x", EBUSY, "VirtualBox",
      "kvm.enable_virt_at_load=0" },
    { "memory-cgroup", { USER, { "/proc/self/cgroup", "0::/a/b\n" },
                         { "/sys/fs/cgroup/a/memory.max", "536870912\n" },
                         { "/sys/fs/cgroup/a/memory.current", "524288000\n" } },
      ACCEL_ERROR_RESOURCE, "create-vm", "x", ENOMEM, "memory limit is 512 MiB, 500 MiB are in use",
      "memory.max" },
    { "memory-host", { USER, { "/proc/meminfo", "MemAvailable:  10240 kB\n" } },
      ACCEL_ERROR_RESOURCE, "create-vm", "x", ENOMEM, "the host has 10 MiB available", "-m" },
    { "files", { USER, { "/proc/self/limits", "Limit  Soft\nMax open files            8    16 "
                                              "files\n" } },
      ACCEL_ERROR_RESOURCE, "create-vm", "x", EMFILE, "open-file limit is 8", "ulimit -n" },
    { "files-open", { USER, { "/proc/self/limits", "Max open files            8    16 files\n" } },
      ACCEL_ERROR_RESOURCE, "open", "x", EMFILE, "open-file limit is 8", "ulimit -n" },
    { "files-more", { USER, { "/proc/self/limits",
                              "Max open files            20000    1048576 files\n" } },
      ACCEL_ERROR_RESOURCE, "open", "x", EMFILE, "open-file limit is 20000", "ulimit -n 40000" },
    { "files-hard", { USER, { "/proc/self/limits",
                              "Max open files            1024    1024 files\n" } },
      ACCEL_ERROR_RESOURCE, "create-vm", "x", EMFILE, "open-file limit is 1024",
      "the hard limit is 1024" },
    { "files-system", { USER, { "/proc/sys/fs/file-max", "9000\n" } }, ACCEL_ERROR_RESOURCE,
      "open", "x", ENFILE, "the whole system's table of open files is full (fs.file-max=9000)",
      "sysctl" },
    { "memory-plenty", { USER, { "/proc/meminfo", "MemAvailable:  8388608 kB\n" } },
      ACCEL_ERROR_RESOURCE, "create-vm", "x", ENOMEM, "8192 MiB available, so memory is not short",
      "ulimit -v" },
    { "small-ring", { USER }, ACCEL_ERROR_FAILED, "dirty-log", "Enabling of KVM dirty ring failed",
      EINVAL, "the kernel takes no ring this small", "dirty-ring-size=1024" },
    { "busy-elsewhere", { USER }, ACCEL_ERROR_BUSY, "irqchip", "x", EBUSY, "not known",
      "accelvm-probe" },
    { "interrupted-once", { USER }, ACCEL_ERROR_FAILED, "open", "x", EINTR,
      "a signal interrupted the call", "SIGALRM" },
    { "big-little", { { "/sys/devices/system/cpu/cpu0/regs/identification/midr_el1", "0x1" },
                      { "/sys/devices/system/cpu/cpu1/regs/identification/midr_el1", "0x2" } },
      ACCEL_ERROR_FAILED, "init-vcpu", "x", EINVAL, "cores of different kinds", "taskset -c" },
    { "msr", { GUEST, { "/sys/class/dmi/id/sys_vendor", "VMware, Inc." } }, ACCEL_ERROR_FAILED,
      "msr", "error: failed to set MSR 0x48e", EIO, "it is itself virtual: VMware, Inc.", "-vmx" },
    { "shadow-mem", { USER }, ACCEL_ERROR_FAILED, "shadow-mem", "x", EINVAL, "64 shadow pages",
      "256K" },
    { "seccomp", { USER }, ACCEL_ERROR_DENIED, "create-vm", "x", EPERM, "is denied", "seccomp" },
    { "timer", { USER }, ACCEL_ERROR_FAILED, "create-vm", "x", EINTR, "signals kept interrupting",
      "SIGALRM" },
    { "vendor-kernel", { { "/proc/sys/kernel/osrelease", "5.4-vendor\n" } }, ACCEL_ERROR_FAILED,
      "create-vm", "x", EFAULT, "kernel 5.4-vendor", "vendor kernel" },
    { "missing-cap", { { "/proc/sys/kernel/osrelease", "2.6.24\n" } }, ACCEL_ERROR_CAPABILITY,
      "required-caps", "x", EINVAL, "this kernel (2.6.24)", "newer kernel" },
    { "slots", { USER }, ACCEL_ERROR_RESOURCE, "memory", "x", ENOSPC, "memory slots", "fewer" },
    { "unknown", { USER }, ACCEL_ERROR_FAILED, "create-vm", "x", ERANGE, "not known; looked at",
      "accelvm-probe" },
    { "entry-real-mode", { { "/sys/module/kvm_intel/parameters/unrestricted_guest", "N" } },
      ACCEL_ERROR_GUEST, "run", "KVM: entry failed, hardware error 0x80000021", 0,
      "big real mode", "-kernel" },
    { "entry-virtualbox", { { "/sys/module/vboxdrv/initstate", "" } }, ACCEL_ERROR_GUEST, "run",
      "KVM: entry failed, hardware error 0x0", 0, "took the hardware away", "system_reset" },
    { "entry-nested", { GUEST }, ACCEL_ERROR_GUEST, "run",
      "KVM: entry failed, hardware error 0x7", 0, "outer hypervisor", "system_reset" },
    { "emulation", { USER }, ACCEL_ERROR_GUEST, "run", "KVM internal error. Suberror: 1", 0,
      "emulate an instruction", "-accel tcg" },
    { "bad-address", { USER }, ACCEL_ERROR_GUEST, "run", "error: kvm run failed Bad address",
      EFAULT, "no usable host memory", "memory backend" },
    { "any-guest", { USER }, ACCEL_ERROR_GUEST, "run", "KVM: unknown exit reason 99", 0,
      "cannot go on", "system_reset" },
};

static void write_file(const char *root, const File *f)
{
    g_autofree char *path = g_strconcat(root, f->path, NULL);
    g_autofree char *dir = g_path_get_dirname(path);

    g_assert_cmpint(g_mkdir_with_parents(dir, 0700), ==, 0);
    g_assert_true(g_file_set_contents(path, f->text, -1, NULL));
}

static void remove_tree(const char *path)
{
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *child = g_build_filename(path, name, NULL);

        remove_tree(child);
    }
    g_clear_pointer(&dir, g_dir_close);
    g_remove(path);
}

static bool any_has(const char *const *lines, const char *piece)
{
    for (; lines != NULL && *lines != NULL; lines++) {
        if (strstr(*lines, piece) != NULL) {
            return true;
        }
    }
    return false;
}

static void assert_safe(const char *const *lines)
{
    g_assert_false(any_has(lines, "666"));
    g_assert_false(any_has(lines, "777"));
}

static void test_case(gconstpointer data)
{
    const Case *c = data;
    const AccelErrorInfo info = { .accel = "kvm", .stage = c->stage, .call = "KVM_CREATE_VM",
                                  .errnum = c->errnum, .capability = "KVM_CAP_X",
                                  .need = c->code == ACCEL_ERROR_VERSION ? 12 : 256,
                                  .have = strcmp(c->name, "newer-version") == 0 ? 13 : 0 };
    g_autofree char *root = g_dir_make_tmp("kvm-host-XXXXXX", NULL);
    g_autoptr(GError) err = NULL;
    g_autoptr(KVMHost) host = NULL;

    for (const File *f = c->files; f < c->files + 8 && f->path != NULL; f++) {
        write_file(root, f);
    }
    accel_error_set(&err, c->code, &info, "%s", c->message);
    host = kvm_host_read(root, NULL);
    kvm_host_explain_error(host, err);
    if (!any_has(accel_error_causes(err), c->cause)) {
        g_test_message("cause: %s", accel_error_causes(err) != NULL ? accel_error_causes(err)[0]
                                                                    : "none");
    }
    g_assert_true(any_has(accel_error_causes(err), c->cause));
    g_assert_true(any_has(accel_error_remedies(err), c->remedy));
    assert_safe(accel_error_remedies(err));
    remove_tree(root);
}

static void test_other_path(void)
{
    const AccelErrorInfo info = { .stage = "open", .call = "open", .errnum = ENOENT };
    g_autoptr(KVMHost) host = kvm_host_read("/nonexistent", "/tmp/kvm");
    g_autoptr(GError) err = NULL;

    accel_error_set(&err, ACCEL_ERROR_ABSENT, &info, "x");
    kvm_host_explain_error(host, err);
    g_assert_cmpstr(accel_error_causes(err)[0], ==, "there is no /tmp/kvm");
}

static void test_no_path(void)
{
    const AccelErrorInfo info = { .stage = "open", .call = "open", .errnum = ENOENT };
    g_autoptr(KVMHost) host = kvm_host_read("/nonexistent", "");
    g_autoptr(GError) err = NULL;

    accel_error_set(&err, ACCEL_ERROR_ABSENT, &info, "x");
    kvm_host_explain_error(host, err);
    g_assert_cmpstr(accel_error_causes(err)[0], ==, "the path of the node is empty");
}

static void test_limits_speak_for_themselves(void)
{
    g_autoptr(GError) err = NULL, foreign = g_error_new(G_FILE_ERROR, 0, "x");
    g_autoptr(KVMHost) host = kvm_host_read("/nonexistent", NULL);

    g_test_message("summary: remedies tested=%u", (guint)G_N_ELEMENTS(cases));
    accel_error_set(&err, ACCEL_ERROR_LIMIT, NULL, "x");
    kvm_host_explain_error(host, err);
    kvm_host_explain_error(host, foreign);
    kvm_host_explain_error(host, NULL);
    g_assert_null(accel_error_causes(err));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/host/", cases[i].name, NULL);

        g_test_add_data_func(path, &cases[i], test_case);
    }
    g_test_add_func("/host/other-path", test_other_path);
    g_test_add_func("/host/no-path", test_no_path);
    g_test_add_func("/host/limits", test_limits_speak_for_themselves);
    return g_test_run();
}
