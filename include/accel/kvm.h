/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: what is KVM's alone: its descriptors, limits and capabilities.
 */
#ifndef ACCEL_KVM_H
#define ACCEL_KVM_H

#include "accel/accel.h"

G_BEGIN_DECLS

typedef struct KVMState KVMState;

/** kvm_state: the KVM behind @as, or NULL when it is another accelerator. */
ACCEL_API KVMState *kvm_state(AccelState *as);

/*
 * ioctls on the four kinds of descriptor. Variadic: zero or one argument, an integer or a pointer.
 * Return the kernel's result, or -errno; traced.
 */
ACCEL_API int kvm_ioctl(KVMState *s, unsigned long type, ...);
ACCEL_API int kvm_vm_ioctl(KVMState *s, unsigned long type, ...);
ACCEL_API int kvm_vcpu_ioctl(AccelCPU *cpu, unsigned long type, ...);
ACCEL_API int kvm_device_ioctl(KVMState *s, int fd, unsigned long type, ...);

/** kvm_check_extension: KVM_CHECK_EXTENSION on /dev/kvm; an error counts as 0. */
ACCEL_API int kvm_check_extension(KVMState *s, unsigned cap);
/** kvm_vm_check_extension: the same on the VM; where that fails, on /dev/kvm. */
ACCEL_API int kvm_vm_check_extension(KVMState *s, unsigned cap);

/** kvm_recommended_vcpus: the soft limit: KVM_CAP_NR_VCPUS, 4 when the kernel does not say. */
ACCEL_API int kvm_recommended_vcpus(KVMState *s);
/** kvm_max_vcpus: the hard limit: KVM_CAP_MAX_VCPUS, the soft one when the kernel does not say. */
ACCEL_API int kvm_max_vcpus(KVMState *s);
/** kvm_max_vcpu_id: KVM_CAP_MAX_VCPU_ID, the hard limit when the kernel does not say. */
ACCEL_API int kvm_max_vcpu_id(KVMState *s);
/** kvm_api_version: what KVM_GET_API_VERSION said. */
ACCEL_API int kvm_api_version(KVMState *s);
/** kvm_max_memslots: how many memory slots a VM has. */
ACCEL_API int kvm_max_memslots(KVMState *s);

/** kvm_fd, kvm_vm_fd: borrowed descriptors, for ioctls this library has no function for. */
ACCEL_API int kvm_fd(KVMState *s);
ACCEL_API int kvm_vm_fd(KVMState *s);
/** kvm_vcpu_fd: borrowed, like kvm_fd(). */
ACCEL_API int kvm_vcpu_fd(AccelCPU *cpu);

/* A capability that bring-up asks for. */
typedef struct KVMCapabilityInfo {
    const char *name;    /* "KVM_CAP_USER_MEMORY" */
    int value;           /* its number */
    const char *lost;    /* optional ones: what is lost without it */
    const char *instead; /* optional ones: what is done instead */
} KVMCapabilityInfo;

/* Tables ending with a NULL name. */
ACCEL_API const KVMCapabilityInfo *kvm_required_capabilities(void);
ACCEL_API const KVMCapabilityInfo *kvm_arch_required_capabilities(void);
ACCEL_API const KVMCapabilityInfo *kvm_optional_capabilities(void);

/** kvm_capability_name: "KVM_CAP_…" for a number, NULL when this build does not know it. */
ACCEL_API const char *kvm_capability_name(int cap);
/** kvm_capability_by_name: number for a name (with or without KVM_CAP_), -1 when unknown. */
ACCEL_API int kvm_capability_by_name(const char *name);
/** kvm_capability_since: Linux release that brought it ("4.11"); NULL when unknown. */
ACCEL_API const char *kvm_capability_since(int cap);
/** kvm_capability_at: number of the @index-th known capability, ascending; -1 past the last. */
ACCEL_API int kvm_capability_at(guint index);
/** kvm_ioctl_name: "KVM_CREATE_VM" for a request number, NULL when unknown. */
ACCEL_API const char *kvm_ioctl_name(unsigned long request);

/** kvm_stage_names: the stages of kvm_init in order; NULL-terminated, static. */
ACCEL_API const char *const *kvm_stage_names(void);

G_END_DECLS

#endif
