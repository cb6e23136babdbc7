/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The rest of a vCPU's state: debug registers, MP state, pending events, vector registers, LAPIC,
 * TSC frequency.
 */
#include <errno.h>
#include <string.h>
#include "x86-int.h"

gboolean kvm_get_debug(AccelCPU *cpu, AccelX86Debug *dr, GError **errp)
{
    struct kvm_debugregs k;

    if (!x86_call(KVM_CPU(cpu), "KVM_GET_DEBUGREGS", kvm_vcpu_ioctl(cpu, KVM_GET_DEBUGREGS, &k),
                  errp)) {
        return FALSE;
    }
    for (int i = 0; i < 4; i++) {
        dr->db[i] = k.db[i];
    }
    dr->dr6 = k.dr6;
    dr->dr7 = k.dr7;
    return TRUE;
}

gboolean kvm_set_debug(AccelCPU *cpu, const AccelX86Debug *dr, GError **errp)
{
    struct kvm_debugregs k = { .db = { dr->db[0], dr->db[1], dr->db[2], dr->db[3] },
                               .dr6 = dr->dr6, .dr7 = dr->dr7 };

    return x86_call(KVM_CPU(cpu), "KVM_SET_DEBUGREGS", kvm_vcpu_ioctl(cpu, KVM_SET_DEBUGREGS, &k),
                    errp);
}

static const uint32_t mp_states[] = {
    [ACCEL_X86_RUNNABLE] = KVM_MP_STATE_RUNNABLE,
    [ACCEL_X86_UNINITIALIZED] = KVM_MP_STATE_UNINITIALIZED,
    [ACCEL_X86_INIT_RECEIVED] = KVM_MP_STATE_INIT_RECEIVED,
    [ACCEL_X86_HALTED] = KVM_MP_STATE_HALTED,
    [ACCEL_X86_SIPI_RECEIVED] = KVM_MP_STATE_SIPI_RECEIVED,
};

gboolean kvm_get_mp_state(AccelCPU *cpu, AccelX86MpState *state, GError **errp)
{
    struct kvm_mp_state k;

    if (!x86_call(KVM_CPU(cpu), "KVM_GET_MP_STATE", kvm_vcpu_ioctl(cpu, KVM_GET_MP_STATE, &k),
                  errp)) {
        return FALSE;
    }
    for (guint i = 0; i < G_N_ELEMENTS(mp_states); i++) {
        if (mp_states[i] == k.mp_state) {
            *state = (AccelX86MpState)i;
            return TRUE;
        }
    }
    kvm_call_error(errp, "KVM_GET_MP_STATE", -EPROTO, "vCPU %u is in MP state %u, which is unknown",
                   cpu->id, k.mp_state);
    return kvm_failed_at(errp, "vcpu-state");
}

gboolean kvm_set_mp_state(AccelCPU *cpu, AccelX86MpState state, GError **errp)
{
    struct kvm_mp_state k = { .mp_state = mp_states[state] };

    return x86_call(KVM_CPU(cpu), "KVM_SET_MP_STATE", kvm_vcpu_ioctl(cpu, KVM_SET_MP_STATE, &k),
                    errp);
}

#define VCPUEVENT_TRIPLE_FAULT 0x20

gboolean kvm_get_events(AccelCPU *cpu, AccelX86Events *ev, GError **errp)
{
    struct kvm_vcpu_events k;

    memset(&k, 0, sizeof(k));
    if (!x86_call(KVM_CPU(cpu), "KVM_GET_VCPU_EVENTS", kvm_vcpu_ioctl(cpu, KVM_GET_VCPU_EVENTS, &k),
                  errp)) {
        return FALSE;
    }
    *ev = (AccelX86Events){
        .exception_injected = k.exception.injected,
        .exception_pending = k.exception.pending,
        .exception_has_error = k.exception.has_error_code,
        .exception_nr = k.exception.nr,
        .exception_error = k.exception.error_code,
        .interrupt_injected = k.interrupt.injected,
        .interrupt_nr = k.interrupt.nr,
        .interrupt_soft = k.interrupt.soft,
        .interrupt_shadow = k.interrupt.shadow,
        .nmi_injected = k.nmi.injected,
        .nmi_pending = k.nmi.pending,
        .nmi_masked = k.nmi.masked,
        .sipi_vector = k.sipi_vector,
        .smm = k.smi.smm,
        .smi_pending = k.smi.pending,
        .smm_inside_nmi = k.smi.smm_inside_nmi,
        .smi_latched_init = k.smi.latched_init,
        .triple_fault_pending = (k.flags & VCPUEVENT_TRIPLE_FAULT) != 0 && k.triple_fault.pending,
    };
    return TRUE;
}

gboolean kvm_set_events(AccelCPU *cpu, const AccelX86Events *ev, GError **errp)
{
    KVMState *s = KVM_STATE(cpu->accel);
    struct kvm_vcpu_events k = {
        .exception = { .injected = ev->exception_injected, .nr = ev->exception_nr,
                       .has_error_code = ev->exception_has_error,
                       .pending = ev->exception_pending, .error_code = ev->exception_error },
        .interrupt = { .injected = ev->interrupt_injected, .nr = ev->interrupt_nr,
                       .soft = ev->interrupt_soft, .shadow = ev->interrupt_shadow },
        .nmi = { .injected = ev->nmi_injected, .pending = ev->nmi_pending,
                 .masked = ev->nmi_masked },
        .sipi_vector = ev->sipi_vector,
        .flags = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW |
                 (kvm_check_extension(s, KVM_CAP_X86_SMM) > 0 ? KVM_VCPUEVENT_VALID_SMM : 0) |
                 (s->exception_payload ? KVM_VCPUEVENT_VALID_PAYLOAD : 0) |
                 (s->triple_fault_event ? VCPUEVENT_TRIPLE_FAULT : 0),
        .smi = { .smm = ev->smm, .pending = ev->smi_pending,
                 .smm_inside_nmi = ev->smm_inside_nmi, .latched_init = ev->smi_latched_init },
        .triple_fault = { .pending = ev->triple_fault_pending },
    };

    return x86_call(KVM_CPU(cpu), "KVM_SET_VCPU_EVENTS",
                    kvm_vcpu_ioctl(cpu, KVM_SET_VCPU_EVENTS, &k), errp);
}

/* KVM_GET_XSAVE2 where the state is larger than the classic 4 KiB. */
size_t x86_xsave_size(KVMState *s)
{
    if (s->xsave_size == 0) {
        int ret = kvm_vm_check_extension(s, KVM_CAP_XSAVE2);

        s->xsave_size = MAX((size_t)ret, sizeof(struct kvm_xsave));
    }
    return s->xsave_size;
}

static gboolean check_size(KVMCpu *cpu, size_t size, GError **errp)
{
    size_t need = x86_xsave_size(KVM_STATE(cpu->parent.accel));

    if (size < need) {
        kvm_call_error(errp, "KVM_GET_XSAVE", -ENOSPC, "vector state of vCPU %u needs %zu bytes",
                       cpu->parent.id, need);
        return kvm_failed_at(errp, "vcpu-state");
    }
    return TRUE;
}

gboolean kvm_get_xsave(AccelCPU *cpu, void *area, size_t size, GError **errp)
{
    bool big = x86_xsave_size(KVM_STATE(cpu->accel)) > sizeof(struct kvm_xsave);

    return check_size(KVM_CPU(cpu), size, errp) &&
           x86_call(KVM_CPU(cpu), "KVM_GET_XSAVE",
                    kvm_vcpu_ioctl(cpu, big ? KVM_GET_XSAVE2 : KVM_GET_XSAVE, area), errp);
}

gboolean kvm_set_xsave(AccelCPU *cpu, const void *area, size_t size, GError **errp)
{
    return check_size(KVM_CPU(cpu), size, errp) &&
           x86_call(KVM_CPU(cpu), "KVM_SET_XSAVE", kvm_vcpu_ioctl(cpu, KVM_SET_XSAVE, area), errp);
}

gboolean kvm_get_lapic(AccelCPU *cpu, void *regs, GError **errp)
{
    return x86_call(KVM_CPU(cpu), "KVM_GET_LAPIC", kvm_vcpu_ioctl(cpu, KVM_GET_LAPIC, regs), errp);
}

gboolean kvm_set_lapic(AccelCPU *cpu, const void *regs, GError **errp)
{
    return x86_call(KVM_CPU(cpu), "KVM_SET_LAPIC", kvm_vcpu_ioctl(cpu, KVM_SET_LAPIC, regs), errp);
}

uint32_t kvm_tsc_khz(AccelCPU *cpu)
{
    return (uint32_t)MAX(kvm_vcpu_ioctl(cpu, KVM_GET_TSC_KHZ, 0), 0);
}

/* Linux takes what is as near as NTP can bring two clocks, 250 ppm, for the same frequency. */
static bool near_own(AccelCPU *cpu, uint32_t khz)
{
    int64_t own = kvm_tsc_khz(cpu), slack = own / 4000;

    return own != 0 && khz >= own - slack && khz <= own + slack;
}

/*
 * Source: KVM API 4.55. Without scaling the kernel accepts a higher frequency too and moves the TSC ahead
 * at each exit: a guest that measures it gets anything but what was asked for. QEMU refuses as well.
 */
gboolean kvm_set_tsc_khz(AccelCPU *cpu, uint32_t khz, GError **errp)
{
    KVMState *s = KVM_STATE(cpu->accel);

    if (kvm_check_extension(s, KVM_CAP_TSC_CONTROL) <= 0 && !near_own(cpu, khz)) {
        const AccelErrorInfo info = { .accel = "kvm", .stage = "vcpu-state",
                                      .capability = "KVM_CAP_TSC_CONTROL" };

        accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, &info,
                        "this host's processor does not scale the TSC");
        return FALSE;
    }
    return x86_call(KVM_CPU(cpu), "KVM_SET_TSC_KHZ",
                    kvm_vcpu_ioctl(cpu, KVM_SET_TSC_KHZ, (unsigned long)khz), errp);
}

gboolean kvm_inject_nmi(AccelCPU *cpu, GError **errp)
{
    return x86_call(KVM_CPU(cpu), "KVM_NMI", kvm_vcpu_ioctl(cpu, KVM_NMI, 0), errp);
}

gboolean kvm_translate(AccelCPU *cpu, uint64_t va, uint64_t *gpa, GError **errp)
{
    struct kvm_translation t = { .linear_address = va };

    if (!x86_call(KVM_CPU(cpu), "KVM_TRANSLATE", kvm_vcpu_ioctl(cpu, KVM_TRANSLATE, &t), errp)) {
        return FALSE;
    }
    *gpa = t.physical_address;
    return t.valid;
}
