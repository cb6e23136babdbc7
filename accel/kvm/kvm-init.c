/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * kvm_init: bring-up as a table of named stages.
 *
 * The driver runs the stages in order, times each and stops at the first error; the error then
 * carries the stage's name and what this host says about the cause. There is one undo for all of
 * them, kvm_cleanup(), which takes down whatever is up: descriptors know whether they are open.
 */
#include <unistd.h>
#include "kvm-int.h"

static const KVMStage stages_before_arch[] = {
    { "open", kvm_stage_open },
    { "api-version", kvm_stage_api_version },
    { "create-vm", kvm_stage_create_vm },
    { "vcpu-limits", kvm_stage_vcpu_limits },
    { "required-caps", kvm_stage_required_caps },
    { "machine-caps", kvm_stage_machine_caps },
    { "optional-caps", kvm_stage_optional_caps },
    { "dirty-log", kvm_stage_dirty_log },
    { 0 },
};

static const KVMStage stages_after_arch[] = {
    { "irqchip", kvm_stage_irqchip },
    { 0 },
};

static const KVMStage *const tables[] = { stages_before_arch, kvm_arch_stages,
                                          stages_after_arch };

const char *const *kvm_stage_names(void)
{
    static const char *names[32];
    static gsize once;

    if (g_once_init_enter(&once)) {
        guint n = 0;

        for (guint t = 0; t < G_N_ELEMENTS(tables); t++) {
            for (const KVMStage *st = tables[t]; st->name != NULL; st++) {
                names[n++] = st->name;
            }
        }
        g_once_init_leave(&once, 1);
    }
    return names;
}

static gint64 now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * G_GINT64_CONSTANT(1000000000) + ts.tv_nsec;
}

static gboolean run_stage(KVMState *s, const KVMStage *st, const AccelSpec *spec, GError **errp)
{
    gint64 start = now_ns(), ns;
    gboolean ok = st->run(s, spec, errp);

    ns = now_ns() - start;
    accel_add_stage_time(&s->parent, st->name, ns);
    accel_trace(kvm_trace(s), accel_stage, "%s %s, %" G_GINT64_FORMAT " us", st->name,
                ok ? "ok" : "failed", ns / 1000);
    ACCEL_PROBE3(stage, st->name, ok, ns);
    if (!ok && errp != NULL) {
        accel_error_set_context(*errp, "kvm", st->name);
    }
    return ok;
}

static gboolean run_all(KVMState *s, const AccelSpec *spec, GError **errp)
{
    for (guint t = 0; t < G_N_ELEMENTS(tables); t++) {
        for (const KVMStage *st = tables[t]; st->name != NULL; st++) {
            if (!run_stage(s, st, spec, errp)) {
                return FALSE;
            }
        }
    }
    return TRUE;
}

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

/* Undo kvm_init(), whole or half done. The properties stay. */
static void kvm_cleanup(AccelState *as)
{
    KVMState *s = KVM_STATE(as);

    kvm_stop_reaper(s);
    kvm_free_parked(s);
    kvm_arch_cleanup(s);
    kvm_free_slots(s);
    g_clear_pointer(&s->rings, g_ptr_array_unref);
    g_clear_pointer(&s->routes, g_free);
    g_mutex_clear(&s->slots_lock);
    g_mutex_clear(&s->route_lock);
    close_fd(&s->vmfd);
    close_fd(&s->fd);
    as->irqchip = ACCEL_IRQCHIP_OFF;
}

static void start_afresh(KVMState *s)
{
    s->fd = s->vmfd = -1;
    s->api_version = s->soft_vcpus = s->hard_vcpus = s->max_vcpu_id = s->vcpu_mmap_size = 0;
    s->ring_entries = 0;
    s->core_thread_count = 0;
    s->xsave_size = 0;
    s->has_pit = s->irqchip_used = false;
    s->slots = g_array_new(FALSE, TRUE, sizeof(KVMSlot));
    g_mutex_init(&s->slots_lock);
    g_mutex_init(&s->route_lock);
}

/**
 * kvm_init: every stage, or one error with data. Source: rows K01-K34 of QEMU's behaviour.
 */
static gboolean kvm_init(AccelState *as, const AccelSpec *spec, GError **errp)
{
    KVMState *s = KVM_STATE(as);
    GError *err = NULL;

    start_afresh(s);
    if (run_all(s, spec, &err)) {
        return TRUE;
    }
    kvm_host_explain(err, s->device != NULL   ? s->device
                          : spec->device != NULL ? spec->device
                                                 : "/dev/kvm");
    g_propagate_error(errp, err);
    return FALSE;
}

static gboolean check_ring_size(void *obj, const AccelProp *prop, GError **errp)
{
    guint32 n = ((KVMState *)obj)->dirty_ring_entries;

    if (n != 0 && (n & (n - 1)) != 0) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "dirty-ring-size must be a power of two.");
        return FALSE;
    }
    return TRUE;
}

static const char *const irqchip_values[] = { "auto", "on", "off", "split", NULL };
static const char *const notify_values[] = { "run", "internal-error", "disable", NULL };

static const AccelProp kvm_props[] = {
    { "kernel-irqchip", ACCEL_PROP_ENUM, offsetof(KVMState, irqchip_prop), "auto",
      "interrupt controllers in the kernel; auto: what the machine type prefers", irqchip_values,
      "on|off|split", NULL, FALSE },
    { "kvm-shadow-mem", ACCEL_PROP_INT64, offsetof(KVMState, shadow_mem), "-1",
      "bytes for shadow page tables; -1: the kernel decides", NULL, "int", NULL, FALSE },
    { "dirty-ring-size", ACCEL_PROP_UINT32, offsetof(KVMState, dirty_ring_entries), "0",
      "entries of each vCPU's dirty ring, a power of two; 0: bitmap", NULL, NULL, check_ring_size,
      FALSE },
    { "notify-vmexit", ACCEL_PROP_ENUM, offsetof(KVMState, notify_vmexit), "run",
      "when a guest keeps the CPU from interrupts: go on, stop, or do not watch", notify_values,
      "NotifyVMExitOption", NULL, FALSE },
    { "notify-window", ACCEL_PROP_UINT32, offsetof(KVMState, notify_window), "0",
      "cycles that notify-vmexit waits on top of the hardware's own", NULL, NULL, NULL, FALSE },
    { "device", ACCEL_PROP_STRING, offsetof(KVMState, device), NULL,
      "path of the device node; /dev/kvm when not set", NULL, NULL, NULL, FALSE },
    { "timing", ACCEL_PROP_BOOL, offsetof(KVMState, timing), "off",
      "print how long each stage of bring-up took", NULL, NULL, NULL, FALSE },
    ACCEL_PROP_END,
};

const AccelClass kvm_accel_class = {
    .abi = ACCEL_CLASS_ABI,
    .name = "kvm",
    .display_name = "KVM",
    .desc = "hardware virtualisation through /dev/kvm",
    .instance_size = sizeof(KVMState),
    .props = kvm_props,
    .threading = ACCEL_THREAD_PER_VCPU,
    .hardware = true,
    .init = kvm_init,
    .cleanup = kvm_cleanup,
    .map_ram = kvm_map_ram,
    .unmap_ram = kvm_unmap_ram,
    .get_dirty = kvm_get_dirty,
    .create_vcpu = kvm_create_vcpu,
    .destroy_vcpu = kvm_destroy_vcpu,
    .attach = kvm_cpu_attach,
    .detach = kvm_cpu_detach,
    .run = kvm_cpu_exec,
    .kick = kvm_cpu_kick,
    .set_irq = kvm_set_irq,
    .send_msi = kvm_send_msi,
    .set_msi_route = kvm_set_msi_route,
    .inject_nmi = kvm_inject_nmi,
    .set_ioeventfd = kvm_set_ioeventfd,
    .get_regs = kvm_get_regs,
    .set_regs = kvm_set_regs,
    .reset_vcpu = kvm_reset_vcpu,
    .get_supported_cpuid = kvm_get_supported_cpuid,
    .set_cpuid = kvm_set_cpuid,
    .get_msrs = kvm_get_msrs,
    .set_msrs = kvm_set_msrs,
    .get_feature_msr = kvm_get_feature_msr,
    .get_msr_list = kvm_get_msr_list,
    .get_debug = kvm_get_debug,
    .set_debug = kvm_set_debug,
    .get_mp_state = kvm_get_mp_state,
    .set_mp_state = kvm_set_mp_state,
    .get_events = kvm_get_events,
    .set_events = kvm_set_events,
    .get_xsave = kvm_get_xsave,
    .set_xsave = kvm_set_xsave,
    .get_lapic = kvm_get_lapic,
    .set_lapic = kvm_set_lapic,
    .tsc_khz = kvm_tsc_khz,
    .set_tsc_khz = kvm_set_tsc_khz,
    .create_pit = kvm_create_pit,
    .route_pc = kvm_route_pc,
    .translate = kvm_translate,
    .reset_irqchip = kvm_reset_irqchip,
};

KVMState *kvm_state(AccelState *as)
{
    return as != NULL && as->klass == &kvm_accel_class ? KVM_STATE(as) : NULL;
}

int kvm_fd(KVMState *s)
{
    return s->fd;
}

int kvm_vm_fd(KVMState *s)
{
    return s->vmfd;
}

int kvm_vcpu_fd(AccelCPU *cpu)
{
    return KVM_CPU(cpu)->fd;
}

int kvm_api_version(KVMState *s)
{
    return s->api_version;
}

int kvm_max_memslots(KVMState *s)
{
    return (int)s->nr_slots;
}
