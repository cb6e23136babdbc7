/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Making vCPUs. KVM cannot delete one, so a vCPU that leaves the machine is parked with everything
 * it has and is taken out again when its id comes back.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>
#include "kvm-int.h"

static KVMCpu *unpark(KVMState *s, uint32_t id)
{
    for (guint i = 0; s->parked != NULL && i < s->parked->len; i++) {
        KVMCpu *cpu = g_ptr_array_index(s->parked, i);

        if (cpu->parent.id == id) {
            g_ptr_array_remove_index_fast(s->parked, i);
            accel_trace(kvm_trace(s), kvm_unpark_vcpu, "vcpu_id: %u unparked", id);
            return cpu;
        }
    }
    return NULL;
}

static gboolean mmap_size(KVMState *s, GError **errp)
{
    int ret;

    if (s->vcpu_mmap_size > 0) {
        return TRUE;
    }
    ret = kvm_ioctl(s, KVM_GET_VCPU_MMAP_SIZE, 0);
    if (ret >= 0 && (size_t)ret < sizeof(struct kvm_run)) {
        ret = -EINVAL; /* too small to hold what the kernel says it shares */
    }
    if (ret < 0) {
        accel_trace(kvm_trace(s), kvm_failed_get_vcpu_mmap_size, "ret %d", ret);
        kvm_call_error(errp, "KVM_GET_VCPU_MMAP_SIZE", ret,
                       "kvm_init_vcpu: KVM_GET_VCPU_MMAP_SIZE failed: %s", g_strerror(-ret));
        return FALSE;
    }
    s->vcpu_mmap_size = ret;
    return TRUE;
}

static gboolean create_fd(KVMState *s, KVMCpu *cpu, uint32_t id, GError **errp)
{
    cpu->fd = kvm_vm_ioctl(s, KVM_CREATE_VCPU, (unsigned long)id);
    accel_trace(kvm_trace(s), kvm_create_vcpu, "id %u, kvm fd %d", id, cpu->fd);
    if (cpu->fd < 0) {
        kvm_call_error(errp, "KVM_CREATE_VCPU", cpu->fd,
                       "kvm_init_vcpu: kvm_get_vcpu failed (%u): %s", id, g_strerror(-cpu->fd));
        return FALSE;
    }
    return TRUE;
}

static gboolean map_run(KVMState *s, KVMCpu *cpu, uint32_t id, GError **errp)
{
    void *p;

    if (!mmap_size(s, errp)) {
        return FALSE;
    }
    p = mmap(NULL, (size_t)s->vcpu_mmap_size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu->fd, 0);
    if (p == MAP_FAILED) {
        int ret = -errno;

        kvm_call_error(errp, "mmap", ret, "kvm_init_vcpu: mmap'ing vcpu state failed (%u): %s", id,
                       g_strerror(-ret));
        return FALSE;
    }
    cpu->run = p;
    return TRUE;
}

static gboolean arch_init(KVMCpu *cpu, GError **errp)
{
    GError *err = NULL;

    if (kvm_arch_init_vcpu(cpu, &err)) {
        return TRUE;
    }
    g_prefix_error(&err, "kvm_init_vcpu: kvm_arch_init_vcpu failed (%u): ", cpu->parent.id);
    g_propagate_error(errp, err);
    return FALSE;
}

static void free_vcpu(KVMState *s, KVMCpu *cpu)
{
    kvm_unmap_dirty_ring(s, cpu);
    if (cpu->run != NULL) {
        munmap(cpu->run, (size_t)s->vcpu_mmap_size);
    }
    if (cpu->fd >= 0) {
        close(cpu->fd);
    }
    g_mutex_clear(&cpu->lock);
    g_free(cpu->cpuid);
    g_free(cpu);
}

static void park(KVMState *s, KVMCpu *cpu)
{
    if (s->parked == NULL) {
        s->parked = g_ptr_array_new();
    }
    g_ptr_array_add(s->parked, cpu);
    accel_trace(kvm_trace(s), kvm_park_vcpu, "vcpu_id: %u parked", cpu->parent.id);
}

/* Each step is skipped when an earlier try has done it: see give_up(). */
static gboolean make(KVMState *s, KVMCpu *cpu, uint32_t id, GError **errp)
{
    return (cpu->fd >= 0 || create_fd(s, cpu, id, errp)) &&
           (cpu->run != NULL || map_run(s, cpu, id, errp)) &&
           (cpu->ring != NULL || kvm_map_dirty_ring(cpu, errp)) &&
           (cpu->ready || arch_init(cpu, errp));
}

/*
 * Once the kernel has made a vCPU its id is taken for the life of the VM: a half-made one is parked
 * with what it has, and the next try goes on from there.
 */
static void give_up(KVMState *s, KVMCpu *cpu)
{
    if (cpu->fd >= 0) {
        park(s, cpu);
    } else {
        free_vcpu(s, cpu);
    }
}

static KVMCpu *new_vcpu(AccelState *as, uint32_t id)
{
    KVMCpu *cpu = g_new0(KVMCpu, 1);

    accel_trace(as->trace, kvm_init_vcpu, "id: %u", id);
    cpu->parent.accel = as;
    cpu->parent.id = id;
    cpu->fd = -1;
    g_mutex_init(&cpu->lock);
    return cpu;
}

static gboolean check_id(KVMState *s, uint32_t id, GError **errp)
{
    const AccelErrorInfo info = { .accel = "kvm", .stage = "create-vcpu", .call = "KVM_CREATE_VCPU",
                                  .errnum = EINVAL, .capability = "KVM_CAP_MAX_VCPU_ID",
                                  .have = kvm_max_vcpu_id(s), .need = (gint64)id + 1 };

    if ((gint64)id >= info.have) {
        accel_error_set(errp, ACCEL_ERROR_LIMIT, &info,
                        "vCPU id %u exceeds the highest id supported by KVM (%d)", id,
                        (int)info.have - 1);
        return FALSE;
    }
    return TRUE;
}

AccelCPU *kvm_create_vcpu(AccelState *as, uint32_t id, GError **errp)
{
    KVMState *s = KVM_STATE(as);
    KVMCpu *cpu = unpark(s, id);
    GError *err = NULL;

    if (cpu == NULL) {
        if (id >= (uint32_t)kvm_recommended_vcpus(s) && !check_id(s, id, errp)) {
            return NULL;
        }
        cpu = new_vcpu(as, id);
    }
    cpu->parent.user = NULL;
    cpu->parent.exit_request = cpu->parent.extint = 0;
    if (!make(s, cpu, id, &err)) {
        accel_error_set_context(err, "kvm", "create-vcpu");
        kvm_host_explain(err, NULL);
        g_propagate_error(errp, err);
        give_up(s, cpu);
        return NULL;
    }
    cpu->ready = true;
    return &cpu->parent;
}

void kvm_destroy_vcpu(AccelCPU *acpu)
{
    KVMState *s = KVM_STATE(acpu->accel);

    kvm_cpu_detach(acpu);
    accel_trace(kvm_trace(s), kvm_destroy_vcpu, "id: %u", acpu->id);
    park(s, KVM_CPU(acpu));
}

void kvm_free_parked(KVMState *s)
{
    for (guint i = 0; s->parked != NULL && i < s->parked->len; i++) {
        free_vcpu(s, g_ptr_array_index(s->parked, i));
    }
    g_clear_pointer(&s->parked, g_ptr_array_unref);
}
