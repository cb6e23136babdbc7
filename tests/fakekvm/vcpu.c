/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A virtual CPU: its life, its pages, and the way to its ioctls.
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

static const FakeIoctlRow rows[] = {
    { KVM_RUN, fake_run },
    { KVM_GET_MSRS, fake_get_msrs },
    { KVM_SET_MSRS, fake_set_msrs },
    { KVM_SET_CPUID2, fake_set_cpuid2 },
    { KVM_GET_CPUID2, fake_get_cpuid2 },
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
        result = fake_answer(rows, FAKE_ARRAY(rows), obj, cmd, arg, -ENOTTY);
    }
    if (result == -ENOTTY) {
        result = fake_answer(fake_vcpu_small_ioctls, fake_vcpu_small_ioctls_count, obj, cmd, arg,
                             -EINVAL);
    }
    pthread_mutex_unlock(&vcpu->lock);
    return result;
}
