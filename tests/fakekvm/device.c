/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * KVM_CREATE_DEVICE: the VFIO pseudo device, and further types if the scenario names them.
 * Attributes of the named types are kept as 64-bit numbers by group and attribute; VFIO's are
 * checked for existence.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include "scenario.h"
#include "vm.h"

#define MAX_ATTRS 64

typedef struct FakeDevice {
    FakeObj obj;
    uint32_t type;
    int count;
    struct {
        uint32_t group;
        uint64_t attr, value;
    } attrs[MAX_ATTRS];
} FakeDevice;

static void release(FakeObj *obj)
{
    FakeVm *vm = obj->vm;

    free(obj);
    fake_obj_unref(&vm->obj);
}

static bool type_exists(uint32_t type)
{
    for (uint32_t i = 0; i < fake_config.device_type_count; i++) {
        if (fake_config.device_types[i] == type) {
            return true;
        }
    }
    return type == KVM_DEV_TYPE_VFIO;
}

static long make(FakeVm *vm, uint32_t type)
{
    FakeDevice *device = fake_alloc(sizeof *device);
    long fd;

    device->obj = (FakeObj){ .kind = FAKE_DEVICE, .refs = 1, .vm = vm, .release = release };
    strcpy(device->obj.link,
           type == KVM_DEV_TYPE_VFIO ? "anon_inode:kvm-vfio" : "anon_inode:kvm-dev");
    device->type = type;
    fake_obj_ref(&vm->obj);
    fd = fake_obj_publish(&device->obj, 0, O_CLOEXEC);
    if (fd < 0) {
        release(&device->obj);
    }
    return fd;
}

long fake_device_create(FakeObj *obj, unsigned long arg)
{
    struct kvm_create_device create;
    long fd;

    if (fake_from_user(&create, arg, sizeof create)) {
        return -EFAULT;
    }
    if (!type_exists(create.type)) {
        return -ENODEV;
    }
    if (create.flags & KVM_CREATE_DEVICE_TEST) {
        return 0;
    }
    fd = make(obj->vm, create.type);
    if (fd < 0) {
        return fd;
    }
    create.fd = (uint32_t)fd;
    return fake_to_user(arg, &create, sizeof create);
}

static int find(const FakeDevice *device, const struct kvm_device_attr *attr)
{
    for (int i = 0; i < device->count; i++) {
        if (device->attrs[i].group == attr->group && device->attrs[i].attr == attr->attr) {
            return i;
        }
    }
    return -1;
}

static long set_attr(FakeDevice *device, const struct kvm_device_attr *attr)
{
    uint64_t value = 0;
    int i = find(device, attr);

    if (attr->addr && fake_from_user(&value, attr->addr, sizeof value)) {
        return -EFAULT;
    }
    if (i < 0 && device->count == MAX_ATTRS) {
        return -ENOSPC;
    }
    i = i < 0 ? device->count++ : i;
    device->attrs[i].group = attr->group;
    device->attrs[i].attr = attr->attr;
    device->attrs[i].value = value;
    return 0;
}

static long get_attr(FakeDevice *device, const struct kvm_device_attr *attr)
{
    int i = find(device, attr);

    return i < 0 ? -ENXIO : fake_to_user(attr->addr, &device->attrs[i].value, sizeof(uint64_t));
}

/* Group 1 (KVM_DEV_VFIO_GROUP) with ADD and DEL. There is no VFIO group that could be attached. */
static long vfio_ioctl(const struct kvm_device_attr *attr, unsigned long cmd)
{
    bool there = attr->group == KVM_DEV_VFIO_GROUP && (attr->attr == KVM_DEV_VFIO_GROUP_ADD ||
                                                       attr->attr == KVM_DEV_VFIO_GROUP_DEL);

    if (cmd == KVM_GET_DEVICE_ATTR) {
        return -EPERM;
    }
    return !there ? -ENXIO : cmd == KVM_SET_DEVICE_ATTR ? -EBADF : 0;
}

long fake_device_ioctl(FakeObj *obj, unsigned long cmd, unsigned long arg)
{
    FakeDevice *device = (FakeDevice *)obj;
    struct kvm_device_attr attr;

    if (cmd != KVM_SET_DEVICE_ATTR && cmd != KVM_GET_DEVICE_ATTR && cmd != KVM_HAS_DEVICE_ATTR) {
        return -ENOTTY;
    }
    if (fake_from_user(&attr, arg, sizeof attr)) {
        return -EFAULT;
    }
    if (attr.flags) {
        return -EINVAL;
    }
    if (device->type == KVM_DEV_TYPE_VFIO) {
        return vfio_ioctl(&attr, cmd);
    }
    if (cmd == KVM_HAS_DEVICE_ATTR) {
        return 0;
    }
    return cmd == KVM_SET_DEVICE_ATTR ? set_attr(device, &attr) : get_attr(device, &attr);
}
