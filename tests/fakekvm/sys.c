/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The system descriptor: opening the node and the ioctls that ask what the host can do.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "scenario.h"
#include "vcpu.h"
#include "vm.h"

static void release(FakeObj *obj)
{
    free(obj);
}

static FakeObj *system_object(void)
{
    FakeObj *obj = fake_alloc(sizeof *obj);

    obj->kind = FAKE_SYSTEM;
    obj->refs = 1;
    obj->release = release;
    strcpy(obj->link, fake_config.paths[0]);
    return obj;
}

long fake_system_open(int flags)
{
    FakeObj *obj = system_object();
    long fd = fake_obj_publish(obj, 0, flags);

    if (fd < 0) {
        free(obj);
    }
    return fd;
}

/*
 * A system descriptor that came from elsewhere (inherited over exec, or received over a socket) is
 * known by its memfd's name. Returns whether @fd is one; it is in the table then.
 */
long fake_adopt(int fd)
{
    char path[40], link[64] = "";
    struct stat st;
    FakeObj *obj;

    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (fake_sys(SYS_readlinkat, AT_FDCWD, path, link, sizeof link - 1) < 0 ||
        strncmp(link, "/memfd:fakekvm:system", 21) || fake_sys(SYS_fstat, fd, &st)) {
        return 0;
    }
    obj = system_object();
    obj->dev = st.st_dev;
    obj->ino = st.st_ino;
    fake_obj_insert(obj, fd);
    return 1;
}

static long get_api_version(FakeObj *obj, unsigned long arg)
{
    return arg ? -EINVAL : fake_config.api_version;
}

static long create_vm(FakeObj *obj, unsigned long type)
{
    return fake_vm_create(type);
}

static long check_extension(FakeObj *obj, unsigned long cap)
{
    return cap < FAKE_CAPS ? fake_config.cap_system[cap] : 0;
}

/* A negative size is no errno: it reaches the program as the number that it is. */
static long get_mmap_size(FakeObj *obj, unsigned long arg)
{
    long size = fake_config.mmap_size;

    return arg ? -EINVAL : size < 0 ? (long)(uint32_t)size : size;
}

/*
 * Copies @count rows of @row bytes behind a head of @head bytes that begins with the count. Faults
 * may say too many, too few, or an absurd number.
 */
long fake_list_to_user(unsigned long arg, const void *rows, uint32_t count, size_t head, size_t row)
{
    FakeMalformed how = fake_malformed();
    uint32_t shown = how == MALFORMED_SHORT ? count / 2 : count;

    if (how == MALFORMED_NOFILL) {
        return 0;
    }
    if (fake_memory_write(arg + head, rows, shown * row)) {
        return -EFAULT;
    }
    shown = how == MALFORMED_NENT ? count + 1000 : how == MALFORMED_HUGE ? UINT32_MAX : shown;
    return fake_memory_write(arg, &shown, sizeof shown);
}

static long cpuid_list(unsigned long arg, uint32_t count)
{
    uint32_t room;

    if (fake_from_user(&room, arg, sizeof room)) {
        return -EFAULT;
    }
    if (room < count || !room) {
        return -E2BIG;
    }
    return fake_list_to_user(arg, fake_config.cpuid, count, sizeof(struct kvm_cpuid2),
                             sizeof(struct kvm_cpuid_entry2));
}

static long get_supported_cpuid(FakeObj *obj, unsigned long arg)
{
    return cpuid_list(arg, fake_config.cpuid_count);
}

static long get_emulated_cpuid(FakeObj *obj, unsigned long arg)
{
    return cpuid_list(arg, 0);
}

/* Unlike the CPUID list the needed number is told when the room is too small. */
static long msr_list(unsigned long arg, const uint32_t *list, uint32_t count)
{
    uint32_t room;

    if (fake_from_user(&room, arg, sizeof room)) {
        return -EFAULT;
    }
    if (room < count) {
        return fake_memory_write(arg, &count, sizeof count) ? -EFAULT : -E2BIG;
    }
    return fake_list_to_user(arg, list, count, sizeof(struct kvm_msr_list), sizeof *list);
}

static long get_msr_list(FakeObj *obj, unsigned long arg)
{
    return msr_list(arg, fake_config.msrs, fake_config.msr_count);
}

static long get_feature_msr_list(FakeObj *obj, unsigned long arg)
{
    uint32_t list[FAKE_MSRS];

    for (uint32_t i = 0; i < fake_config.feature_msr_count; i++) {
        list[i] = fake_config.feature_msrs[i].index;
    }
    return msr_list(arg, list, fake_config.feature_msr_count);
}

/* Feature MSRs are read on the system descriptor; the result is how many could be. */
static long get_feature_msrs(FakeObj *obj, unsigned long arg)
{
    struct kvm_msrs head;
    uint32_t i = 0;

    if (fake_from_user(&head, arg, sizeof head)) {
        return -EFAULT;
    }
    for (; i < head.nmsrs; i++) {
        unsigned long at = arg + sizeof head + i * sizeof(struct kvm_msr_entry);
        struct kvm_msr_entry e;
        uint32_t k = 0;
        if (fake_from_user(&e, at, sizeof e)) {
            return -EFAULT;
        }
        while (k < fake_config.feature_msr_count && fake_config.feature_msrs[k].index != e.index) {
            k++;
        }
        if (k == fake_config.feature_msr_count) {
            break;
        }
        e.data = fake_config.feature_msrs[k].value;
        if (fake_to_user(at, &e, sizeof e)) {
            return -EFAULT;
        }
    }
    return i;
}

static long get_mce_cap(FakeObj *obj, unsigned long arg)
{
    return fake_to_user(arg, &fake_config.mce_cap, sizeof fake_config.mce_cap);
}

/* The only attribute of the system: which XSAVE features a guest may get. */
static long get_attr(FakeObj *obj, unsigned long arg)
{
    struct kvm_device_attr attr;

    if (fake_from_user(&attr, arg, sizeof attr)) {
        return -EFAULT;
    }
    if (attr.group || attr.attr != KVM_X86_XCOMP_GUEST_SUPP) {
        return -ENXIO;
    }
    return fake_to_user(attr.addr, &fake_config.xcr0, sizeof fake_config.xcr0);
}

static long has_attr(FakeObj *obj, unsigned long arg)
{
    struct kvm_device_attr attr;

    if (fake_from_user(&attr, arg, sizeof attr)) {
        return -EFAULT;
    }
    return attr.group || attr.attr != KVM_X86_XCOMP_GUEST_SUPP ? -ENXIO : 0;
}

const FakeIoctlRow fake_sys_ioctls[] = {
    { KVM_GET_API_VERSION, get_api_version },
    { KVM_CREATE_VM, create_vm },
    { KVM_CHECK_EXTENSION, check_extension },
    { KVM_GET_VCPU_MMAP_SIZE, get_mmap_size },
    { KVM_GET_SUPPORTED_CPUID, get_supported_cpuid },
    { KVM_GET_EMULATED_CPUID, get_emulated_cpuid },
    { KVM_GET_MSR_INDEX_LIST, get_msr_list },
    { KVM_GET_MSR_FEATURE_INDEX_LIST, get_feature_msr_list },
    { KVM_GET_MSRS, get_feature_msrs },
    { KVM_X86_GET_MCE_CAP_SUPPORTED, get_mce_cap },
    { KVM_GET_DEVICE_ATTR, get_attr },
    { KVM_HAS_DEVICE_ATTR, has_attr },
};
const size_t fake_sys_ioctls_count = FAKE_ARRAY(fake_sys_ioctls);
