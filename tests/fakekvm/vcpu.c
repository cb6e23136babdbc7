/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A virtual CPU: its life, its pages, and the ioctls on it that need more than copying a structure.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "vcpu.h"
#include "vm.h"

/* The descriptor is gone; the vCPU stays with its VM. */
static void release(FakeObj *obj)
{
    fake_obj_unref(&fake_vcpu_of(obj)->vm->obj);
}

static void free_vcpu(FakeVcpu *vcpu)
{
    if (vcpu->run) {
        fake_sys(SYS_munmap, vcpu->run, vcpu->run_size);
    }
    pthread_mutex_destroy(&vcpu->lock);
    pthread_mutex_destroy(&vcpu->wake_lock);
    free(vcpu->counters);
    free(vcpu->cpuid);
    free(vcpu);
}

void fake_vcpus_free(FakeVm *vm)
{
    while (vm->vcpus) {
        FakeVcpu *next = vm->vcpus->next;
        free_vcpu(vm->vcpus);
        vm->vcpus = next;
    }
}

static const FakeScript *script_of(int id)
{
    const FakeScript *other = NULL;

    for (uint32_t i = 0; i < fake_config.script_count; i++) {
        if (fake_config.scripts[i].vcpu == id) {
            return &fake_config.scripts[i];
        }
        other = fake_config.scripts[i].vcpu < 0 ? &fake_config.scripts[i] : other;
    }
    return other;
}

static long check_id(const FakeVm *vm, unsigned long id)
{
    int hard = fake_vm_cap(vm, KVM_CAP_MAX_VCPUS), ids = fake_vm_cap(vm, KVM_CAP_MAX_VCPU_ID);
    long max = fake_config.max_vcpus ? fake_config.max_vcpus : hard > 0 ? hard : 1024;
    uint64_t id_limit = ids > 0 ? (uint64_t)ids : 4096;

    if (id >= id_limit || (vm->max_vcpu_id && id >= vm->max_vcpu_id)) {
        return -EINVAL;
    }
    for (const FakeVcpu *v = vm->vcpus; v; v = v->next) {
        if (v->id == (int)id) {
            return -EEXIST;
        }
    }
    return vm->vcpu_count >= max ? -EINVAL : 0;
}

static FakeVcpu *new_vcpu(FakeVm *vm, int id)
{
    FakeVcpu *vcpu = fake_alloc(sizeof *vcpu);

    vcpu->obj = (FakeObj){ .kind = FAKE_VCPU, .refs = 1, .vm = vm, .release = release };
    snprintf(vcpu->obj.link, sizeof vcpu->obj.link, "anon_inode:kvm-vcpu:%d", id);
    vcpu->vm = vm;
    vcpu->id = id;
    vcpu->tsc_khz = vm->tsc_khz;
    pthread_mutex_init(&vcpu->lock, NULL);
    pthread_mutex_init(&vcpu->wake_lock, NULL);
    vcpu->script = script_of(id);
    if (vcpu->script) {
        vcpu->counters = fake_alloc((vcpu->script->count + 1) * sizeof *vcpu->counters);
    }
    vcpu->ring_entries = vm->ring_bytes / (uint32_t)sizeof(struct kvm_dirty_gfn);
    vcpu->run_size = KVM_DIRTY_LOG_PAGE_OFFSET * FAKE_PAGE + vm->ring_bytes;
    fake_state_reset(vcpu);
    return vcpu;
}

/* The file holds the pages where mmap looks for them: kvm_run at 0, the dirty ring at page 64. */
static long map_pages(FakeVcpu *vcpu, int fd)
{
    long at = fake_sys(SYS_mmap, NULL, vcpu->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0L);

    if (at == -1) {
        return -errno;
    }
    vcpu->run = (struct kvm_run *)at;
    vcpu->ring = (void *)((char *)vcpu->run + KVM_DIRTY_LOG_PAGE_OFFSET * FAKE_PAGE);
    vcpu->run->if_flag = 1;
    vcpu->run->ready_for_interrupt_injection = 1;
    return 0;
}

static void add(FakeVm *vm, FakeVcpu *vcpu)
{
    FakeVcpu **p = &vm->vcpus;

    while (*p) {
        p = &(*p)->next;
    }
    *p = vcpu;
    vm->vcpu_count++;
}

static long publish(FakeVm *vm, FakeVcpu *vcpu)
{
    long fd = fake_obj_publish(&vcpu->obj, vcpu->run_size, O_CLOEXEC);
    long error = fd < 0 ? fd : map_pages(vcpu, (int)fd);

    if (fd < 0) {
        free_vcpu(vcpu);
        return fd;
    }
    fake_obj_ref(&vm->obj);
    if (error) {            /* rare: no address space; the number goes away with the object */
        fake_sys(SYS_close, (int)fd);
        fake_fd_forget((int)fd);
        free_vcpu(vcpu);
        return error;
    }
    add(vm, vcpu);
    return fd;
}

long fake_vcpu_create(FakeObj *obj, unsigned long id)
{
    FakeVm *vm = obj->vm;
    long result;

    pthread_mutex_lock(&vm->lock);
    result = check_id(vm, id);
    if (!result) {
        result = publish(vm, new_vcpu(vm, (int)id));
    }
    pthread_mutex_unlock(&vm->lock);
    return result;
}

static long set_signal_mask(FakeObj *obj, unsigned long arg)
{
    FakeVcpu *vcpu = fake_vcpu_of(obj);
    struct kvm_signal_mask head;

    vcpu->has_sigmask = false;
    if (!arg) {
        return 0;
    }
    if (fake_from_user(&head, arg, sizeof head)) {
        vcpu->has_sigmask = true;
        return -EFAULT;
    }
    if (head.len != sizeof vcpu->sigmask) {
        return -EINVAL;
    }
    if (fake_from_user(&vcpu->sigmask, arg + sizeof head, sizeof vcpu->sigmask)) {
        return -EFAULT;
    }
    vcpu->has_sigmask = true;
    return 0;
}

static long get_tsc_khz(FakeObj *obj, unsigned long arg)
{
    return fake_vcpu_of(obj)->tsc_khz;
}

/* Without TSC scaling only the host's own frequency can be had (Linux tolerates 250 ppm). */
static long set_tsc_khz(FakeObj *obj, unsigned long khz)
{
    uint32_t host = fake_config.tsc_khz, slack = host / 4000;
    bool scaling = fake_vm_cap(obj->vm, KVM_CAP_TSC_CONTROL) > 0;

    if (khz > INT32_MAX || (!scaling && khz && (khz + slack < host || khz > host + slack))) {
        return -EINVAL;
    }
    fake_vcpu_of(obj)->tsc_khz = khz ? (uint32_t)khz : host;
    return 0;
}

static long setup_mce(FakeObj *obj, unsigned long arg)
{
    uint64_t cap;

    if (fake_from_user(&cap, arg, sizeof cap)) {
        return -EFAULT;
    }
    if ((cap & 0xff) > 32 || !(cap & 0xff) || cap & ~(fake_config.mce_cap | 0xff | 0xff0000)) {
        return -EINVAL;
    }
    fake_vcpu_of(obj)->mcg_cap = cap;
    return 0;
}

static long set_mce(FakeObj *obj, unsigned long arg)
{
    struct kvm_x86_mce mce;

    if (fake_from_user(&mce, arg, sizeof mce)) {
        return -EFAULT;
    }
    return mce.bank >= (fake_vcpu_of(obj)->mcg_cap & 0xff) || !(mce.status & 1ULL << 63) ? -EINVAL
                                                                                       : 0;
}

/* A pending guest clock is needed for this; no guest here ever turned one on. */
static long clock_ctrl(FakeObj *obj, unsigned long arg)
{
    return -EINVAL;
}

static long interrupt(FakeObj *obj, unsigned long arg)
{
    FakeVcpu *vcpu = fake_vcpu_of(obj);
    uint32_t irq;

    if (fake_from_user(&irq, arg, sizeof irq)) {
        return -EFAULT;
    }
    if (irq > 255) {
        return -EINVAL;
    }
    if (obj->vm->chip == CHIP_KERNEL) {
        return -ENXIO;
    }
    vcpu->state.interrupt_bitmap[irq / 64] |= 1ULL << irq % 64;
    fake_wake(vcpu);
    return 0;
}

static long nmi(FakeObj *obj, unsigned long arg)
{
    fake_wake(fake_vcpu_of(obj));
    return 0;
}

/* Paging is not modelled: outside it a linear address is the physical one. */
static long translate(FakeObj *obj, unsigned long arg)
{
    struct kvm_translation t;

    if (fake_from_user(&t, arg, sizeof t)) {
        return -EFAULT;
    }
    t.physical_address = t.linear_address;
    t.valid = !(fake_vcpu_of(obj)->state.sregs.cr0 >> 31 & 1);
    t.writeable = 1;
    t.usermode = 0;
    return fake_to_user(arg, &t, sizeof t);
}

static long enable_cap(FakeObj *obj, unsigned long arg)
{
    struct kvm_enable_cap cap;

    if (fake_from_user(&cap, arg, sizeof cap)) {
        return -EFAULT;
    }
    if (cap.flags || cap.cap != KVM_CAP_ENFORCE_PV_FEATURE_CPUID) {
        return -EINVAL;
    }
    return fake_vm_cap(obj->vm, cap.cap) > 0 ? 0 : -EINVAL;
}

static const FakeIoctlRow rows[] = {
    { KVM_RUN, fake_run },
    { KVM_SET_SIGNAL_MASK, set_signal_mask },
    { KVM_GET_MSRS, fake_get_msrs },
    { KVM_SET_MSRS, fake_set_msrs },
    { KVM_SET_CPUID2, fake_set_cpuid2 },
    { KVM_GET_CPUID2, fake_get_cpuid2 },
    { KVM_GET_TSC_KHZ, get_tsc_khz },
    { KVM_SET_TSC_KHZ, set_tsc_khz },
    { KVM_X86_SETUP_MCE, setup_mce },
    { KVM_X86_SET_MCE, set_mce },
    { KVM_KVMCLOCK_CTRL, clock_ctrl },
    { KVM_INTERRUPT, interrupt },
    { KVM_NMI, nmi },
    { KVM_SMI, nmi },
    { KVM_TRANSLATE, translate },
    { KVM_ENABLE_CAP, enable_cap },
    { KVM_GET_STATS_FD, fake_vcpu_stats },
};

long fake_vcpu_ioctl(FakeObj *obj, unsigned long cmd, unsigned long arg)
{
    FakeVcpu *vcpu = fake_vcpu_of(obj);
    bool known = false;
    long result;

    pthread_mutex_lock(&vcpu->lock);
    result = fake_state_ioctl(vcpu, cmd, arg, &known);
    if (!known) {
        result = fake_answer(rows, FAKE_ARRAY(rows), obj, cmd, arg, -EINVAL);
    }
    pthread_mutex_unlock(&vcpu->lock);
    return result;
}
