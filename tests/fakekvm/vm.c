/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A virtual machine: its life and the ioctls that fit nowhere else.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "scenario.h"
#include "vcpu.h"
#include "vm.h"

static _Atomic long vms_alive;

static void release(FakeObj *obj)
{
    FakeVm *vm = obj->vm;

    fake_vcpus_free(vm);
    fake_slots_free(vm);
    fake_io_free(vm);
    pthread_mutex_destroy(&vm->lock);
    free(vm);
    atomic_fetch_sub(&vms_alive, 1);
}

/* Type 0 always exists; others are the bits of KVM_CAP_VM_TYPES (235). */
static bool type_exists(unsigned long type)
{
    return type == 0 || (type < 31 && fake_config.cap_system[235] >> type & 1);
}

long fake_vm_create(unsigned long type)
{
    FakeVm *vm;
    long fd;

    if (!type_exists(type)) {
        return -EINVAL;
    }
    if (fake_config.max_vms && atomic_load(&vms_alive) >= fake_config.max_vms) {
        return -ENOMEM;
    }
    vm = fake_alloc(sizeof *vm);
    pthread_mutex_init(&vm->lock, NULL);
    vm->obj = (FakeObj){ .kind = FAKE_VM, .refs = 1, .vm = vm, .release = release };
    strcpy(vm->obj.link, "anon_inode:kvm-vm");
    vm->generation = atomic_load(&fake_generation);
    vm->tsc_khz = fake_config.tsc_khz;
    atomic_fetch_add(&vms_alive, 1);
    fd = fake_obj_publish(&vm->obj, 0, O_CLOEXEC);
    if (fd < 0) {
        release(&vm->obj);
    }
    return fd;
}

int fake_vm_cap(const FakeVm *vm, unsigned long cap)
{
    return cap < FAKE_CAPS ? fake_config.cap_vm[cap] : 0;
}

bool fake_vm_enabled(const FakeVm *vm, unsigned long cap)
{
    return cap < FAKE_CAPS && vm->enabled[cap / 64] >> cap % 64 & 1;
}

static long check_extension(FakeObj *obj, unsigned long cap)
{
    return fake_vm_cap(obj->vm, cap);
}

/* The TSS needs three pages below 4 GiB. */
static long set_tss(FakeObj *obj, unsigned long addr)
{
    if (addr > (unsigned)(-3 * (int)FAKE_PAGE)) {
        return -EINVAL;
    }
    obj->vm->tss = addr;
    return 0;
}

static long set_identity(FakeObj *obj, unsigned long arg)
{
    uint64_t addr;

    if (fake_from_user(&addr, arg, sizeof addr)) {
        return -EFAULT;
    }
    if (obj->vm->vcpu_count) {
        return -EINVAL;
    }
    obj->vm->identity = addr ? addr : 0xfffbc000;
    return 0;
}

static long set_boot_id(FakeObj *obj, unsigned long id)
{
    if (obj->vm->vcpu_count) {
        return -EBUSY;
    }
    obj->vm->boot_id = (uint32_t)id;
    return 0;
}

static long set_mmu_pages(FakeObj *obj, unsigned long pages)
{
    if (pages < 64) {
        return -EINVAL;
    }
    obj->vm->nr_mmu_pages = pages;
    return 0;
}

static long get_mmu_pages(FakeObj *obj, unsigned long arg)
{
    return (long)obj->vm->nr_mmu_pages;
}

static int64_t now(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static long get_clock(FakeObj *obj, unsigned long arg)
{
    struct kvm_clock_data data = {
        .clock = (uint64_t)(now(CLOCK_BOOTTIME) + obj->vm->clock_offset),
        .flags = KVM_CLOCK_TSC_STABLE | KVM_CLOCK_REALTIME,
        .realtime = (uint64_t)now(CLOCK_REALTIME),
    };

    return fake_to_user(arg, &data, sizeof data);
}

static long set_clock(FakeObj *obj, unsigned long arg)
{
    struct kvm_clock_data data;

    if (fake_from_user(&data, arg, sizeof data)) {
        return -EFAULT;
    }
    if (data.flags & ~(uint32_t)KVM_CLOCK_REALTIME) {
        return -EINVAL;
    }
    obj->vm->clock_offset = (int64_t)data.clock - now(CLOCK_BOOTTIME);
    return 0;
}

static long get_tsc_khz(FakeObj *obj, unsigned long arg)
{
    return obj->vm->tsc_khz;
}

static long set_tsc_khz(FakeObj *obj, unsigned long khz)
{
    if (obj->vm->vcpu_count || khz > INT32_MAX) {
        return -EINVAL;
    }
    obj->vm->tsc_khz = khz ? (uint32_t)khz : fake_config.tsc_khz;
    return 0;
}

static bool filter_range_ok(const struct kvm_msr_filter_range *range)
{
    uint32_t valid = KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE;

    return !range->nmsrs || (!(range->flags & ~valid) && range->flags && range->bitmap &&
                             range->nmsrs <= 0x600 * 8);
}

/* Checked as Linux does; the script's rdmsr and wrmsr exits come whether or not a filter is set. */
static long set_msr_filter(FakeObj *obj, unsigned long arg)
{
    struct kvm_msr_filter filter;
    bool empty = true;

    if (fake_from_user(&filter, arg, sizeof filter)) {
        return -EFAULT;
    }
    if (filter.flags & ~(uint32_t)KVM_MSR_FILTER_DEFAULT_DENY) {
        return -EINVAL;
    }
    for (size_t i = 0; i < KVM_MSR_FILTER_MAX_RANGES; i++) {
        empty &= !filter.ranges[i].nmsrs;
        if (!filter_range_ok(&filter.ranges[i])) {
            return -EINVAL;
        }
    }
    return empty && filter.flags ? -EINVAL : 0;
}

/* A part of the API with nothing behind it here: only the pointer is checked. */
static long accept(FakeObj *obj, unsigned long arg)
{
    uint8_t first;

    return fake_from_user(&first, arg, sizeof first);
}

static const FakeIoctlRow rows[] = {
    { KVM_CHECK_EXTENSION, check_extension },
    { KVM_CREATE_VCPU, fake_vcpu_create },
    { KVM_ENABLE_CAP, fake_vm_enable_cap },
    { KVM_SET_USER_MEMORY_REGION, fake_set_memory },
    { KVM_GET_DIRTY_LOG, fake_get_dirty_log },
    { KVM_CLEAR_DIRTY_LOG, fake_clear_dirty_log },
    { KVM_RESET_DIRTY_RINGS, fake_reset_dirty_rings },
    { KVM_SET_TSS_ADDR, set_tss },
    { KVM_SET_IDENTITY_MAP_ADDR, set_identity },
    { KVM_SET_BOOT_CPU_ID, set_boot_id },
    { KVM_SET_NR_MMU_PAGES, set_mmu_pages },
    { KVM_GET_NR_MMU_PAGES, get_mmu_pages },
    { KVM_GET_CLOCK, get_clock },
    { KVM_SET_CLOCK, set_clock },
    { KVM_GET_TSC_KHZ, get_tsc_khz },
    { KVM_SET_TSC_KHZ, set_tsc_khz },
    { KVM_X86_SET_MSR_FILTER, set_msr_filter },
    { KVM_SET_PMU_EVENT_FILTER, accept },
    { KVM_CREATE_DEVICE, fake_device_create },
    { KVM_GET_STATS_FD, fake_vm_stats },
};

/* Making objects takes the lock itself, as it ends in the table of descriptors. */
static bool locks_itself(unsigned long cmd)
{
    return cmd == KVM_CREATE_VCPU || cmd == KVM_CREATE_DEVICE || cmd == KVM_GET_STATS_FD;
}

long fake_vm_ioctl(FakeObj *obj, unsigned long cmd, unsigned long arg)
{
    bool lock = !locks_itself(cmd);
    long result;

    if (lock) {
        pthread_mutex_lock(&obj->vm->lock);
    }
    result = fake_answer(rows, FAKE_ARRAY(rows), obj, cmd, arg, -ENOTTY);
    if (result == -ENOTTY) {
        result = fake_answer(fake_vm_irq_ioctls, fake_vm_irq_ioctls_count, obj, cmd, arg, -ENOTTY);
    }
    if (result == -ENOTTY) {
        result = fake_answer(fake_vm_io_ioctls, fake_vm_io_ioctls_count, obj, cmd, arg, -ENOTTY);
    }
    if (lock) {
        pthread_mutex_unlock(&obj->vm->lock);
    }
    return result;
}
