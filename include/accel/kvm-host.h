/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: what a host says about its KVM, without opening it, loading a module or changing anything.
 *
 * Every fact is read below one root directory: "/" for this host, a directory of saved files for
 * another one (see docs/host-report.rst for which files those are). Facts explain a failure that has
 * happened; they never predict one: a host whose KVM works is a working host, whatever its CPU
 * flags say.
 */
#ifndef ACCEL_KVM_HOST_H
#define ACCEL_KVM_HOST_H

#include <glib.h>
#include <stdbool.h>
#include "accel/error.h"

G_BEGIN_DECLS

typedef struct KVMHost {
    char *root;

    /* the device node */
    char *device;            /* "/dev/kvm" */
    bool node_exists, node_is_char, is_kvm_number; /* number: major 10, minor 232 */
    guint mode, uid, gid;    /* permission bits, owner, group */
    guint major, minor;
    char *owner, *group;     /* names; numbers as text when there is no name */

    /* the process */
    guint euid;
    GArray *gids;            /* guint: effective and supplementary groups of this session */
    char *user;
    bool group_in_session, group_on_disk;
    bool user_namespace;     /* ids are mapped */
    gint64 nofile, fds_open; /* -1: unknown */

    /* the machine */
    bool vmx, svm, hypervisor_flag;
    char *cpu_vendor;        /* "GenuineIntel"; NULL: unknown */
    char *platform;          /* what firmware says this is: "Microsoft Corporation Virtual Machine" */
    bool wsl, chromeos;
    bool mixed_cores;        /* arm64: MIDR differs between CPUs */
    char *kernel;            /* "6.1.0-18-amd64" */

    /* modules and their parameters; NULL parameters: not there */
    bool mod_kvm, mod_kvm_intel, mod_kvm_amd, mod_virtualbox, mod_vmware;
    char *enable_virt_at_load, *nested, *unrestricted_guest, *ept;
    bool bios_disabled;      /* the kernel's log says so */

    /* containment */
    char *container;         /* "docker", "podman", "lxc", "kubernetes", …; NULL: none seen */
    char *lsm;               /* "AppArmor profile X", "SELinux enforcing"; NULL: none seen */
    gint64 memory_max, memory_current; /* of the cgroup, bytes; -1: no limit or unknown */
    gint64 memory_available; /* of the host, bytes; -1: unknown */

    /* more of the node, the process and the modules */
    char *node_type;         /* "char", "block", "file", "directory", "socket", "fifo"; NULL: none */
    gint64 nofile_hard;      /* -1: unknown */
    gint64 file_max;         /* open files of the whole system; -1: unknown */
    char *vendor_module;     /* "kvm_intel", "kvm_pvm", …: what does kvm's work; NULL: none loaded */
    bool group_kvm;          /* the group file has a group kvm */
} KVMHost;

/** kvm_host_read: read every fact below @root. @device NULL: "/dev/kvm". (transfer full) */
ACCEL_API KVMHost *kvm_host_read(const char *root, const char *device);
/** kvm_host_free: NULL is fine. */
ACCEL_API void kvm_host_free(KVMHost *host);

/**
 * kvm_host_explain_error: add causes and remedies to @err, best first. What cannot be explained says
 * so and lists what was looked at. @err of another domain is left alone.
 */
ACCEL_API void kvm_host_explain_error(const KVMHost *host, GError *err);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(KVMHost, kvm_host_free)

G_END_DECLS

#endif
