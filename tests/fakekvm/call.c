/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The way of one call: it gets its number, the faults are asked, the work is done, and the record
 * written. All entry points come through here, so that "the n-th call" means the same everywhere.
 */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "record.h"
#include "scenario.h"
#include "vcpu.h"
#include "vm.h"

static _Atomic uint64_t total;

uint64_t fake_call_total(void)
{
    return atomic_load(&total);
}

/* A forked child begins its own count. */
void fake_call_reset(void)
{
    atomic_store(&total, 0);
}

static void record_exit(const FakeCall *call, char *text, size_t size)
{
    if (call->cmd == KVM_RUN && call->kind == FAKE_VCPU && call->result == 0) {
        fake_describe_exit(fake_vcpu_of(call->obj), text, size);
    }
}

long fake_call(FakeCall *call, FakeWork *work)
{
    char text[256] = "";

    call->seq = atomic_fetch_add(&total, 1) + 1;
    if (fake_recording()) {
        fake_describe(call, text, sizeof text);
    }
    call->fault = fake_fault_match(call);
    call->result = call->fault ? fake_fault_apply(call, work) : work(call);
    if (fake_recording()) {
        record_exit(call, text, sizeof text);
        fake_record_call(call, text);
    }
    return call->result;
}

long fake_answer(const FakeIoctlRow *rows, size_t n, FakeObj *obj, unsigned long cmd,
                 unsigned long arg, long unknown)
{
    for (size_t i = 0; i < n; i++) {
        if (rows[i].cmd == cmd) {
            return rows[i].answer(obj, arg);
        }
    }
    return unknown;
}

static long do_ioctl(FakeCall *call)
{
    FakeObj *obj = call->obj;

    /* A VM belongs to the process (strictly: the address space) that made it. */
    if (obj->vm && obj->kind != FAKE_STATS &&
        obj->vm->generation != atomic_load(&fake_generation)) {
        return -EIO;
    }
    switch (obj->kind) {
    case FAKE_SYSTEM:
        return fake_answer(fake_sys_ioctls, fake_sys_ioctls_count, obj, call->cmd, call->arg,
                           -EINVAL);
    case FAKE_VM:
        return fake_vm_ioctl(obj, call->cmd, call->arg);
    case FAKE_VCPU:
        return fake_vcpu_ioctl(obj, call->cmd, call->arg);
    case FAKE_DEVICE:
        return fake_device_ioctl(obj, call->cmd, call->arg);
    default:
        return -ENOTTY;
    }
}

/* What `arg=` of a fault is compared with: the number in it, or the first thing it points to. */
static uint64_t key_of(unsigned long cmd, unsigned long arg)
{
    uint32_t first = 0;

    switch (cmd) {
    case KVM_ENABLE_CAP:
    case KVM_SET_USER_MEMORY_REGION:
    case KVM_CREATE_DEVICE:
        return fake_from_user(&first, arg, sizeof first) ? UINT64_MAX : first;
    default:
        return arg;
    }
}

/* Every ioctl on a KVM descriptor is counted, also one that does not exist. */
long fake_ioctl(int fd, FakeObj *obj, unsigned long cmd, unsigned long arg)
{
    FakeCall call = {
        .kind = obj->kind, .obj = obj, .fd = fd, .cmd = cmd, .arg = arg, .key = key_of(cmd, arg),
    };

    return fake_call(&call, do_ioctl);
}
