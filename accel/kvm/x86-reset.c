/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a reset does with a vCPU and with the interrupt controllers in the kernel.
 *
 * KVM makes everything in its power-on state and has no call to go back there, so a reset writes all
 * that a guest can have changed. What nobody has used yet is clean: the first reset of a start, which
 * every start makes, writes registers only and costs two calls (four for other than the boot CPU).
 */
#include <errno.h>
#include <string.h>
#include "x86-int.h"

/* Offsets in the LAPIC's page, Intel SDM vol. 3, table 11-1; its reset state is in 11.4.7.1. */
#define LAPIC_PAGE 1024
#define LAPIC_ID 0x20
#define LAPIC_VERSION 0x30
#define LAPIC_DFR 0xe0
#define LAPIC_SVR 0xf0
#define LAPIC_LVT_CMCI 0x2f0
#define LAPIC_LVT_FIRST 0x320
#define LAPIC_LVT_LINT0 0x350
#define LAPIC_LVT_LAST 0x370
#define LVT_MASKED 0x10000
#define LVT_EXTINT 0x700

#define IOAPIC_MASKED 0x10000

/*
 * MSRs that a guest sets up and the next one must not inherit. KVM's own come first: with them the
 * kernel goes on writing clock and steal time into memory that now belongs to somebody else.
 */
static const AccelX86Msr reset_msrs[] = {
    { 0x12, 0 },                   /* KVM_SYSTEM_TIME */
    { 0x4b564d01, 0 },             /* KVM_SYSTEM_TIME_NEW */
    { 0x4b564d02, 0 },             /* KVM_ASYNC_PF_EN */
    { 0x4b564d03, 0 },             /* KVM_STEAL_TIME */
    { 0x4b564d04, 0 },             /* KVM_PV_EOI_EN */
    { 0x4b564d05, 1 },             /* KVM_POLL_CONTROL */
    { 0x4b564d06, 0 },             /* KVM_ASYNC_PF_INT */
    { 0x10, 0 },                   /* TSC */
    { 0x3b, 0 },                   /* TSC_ADJUST */
    { 0x6e0, 0 },                  /* TSC_DEADLINE */
    { 0x9e, 0x30000 },             /* SMBASE */
    { 0x48, 0 },                   /* SPEC_CTRL */
    { 0x174, 0 },                  /* SYSENTER_CS */
    { 0x175, 0 },                  /* SYSENTER_ESP */
    { 0x176, 0 },                  /* SYSENTER_EIP */
    { 0x17a, 0 },                  /* MCG_STATUS */
    { 0x1a0, 1 },                  /* MISC_ENABLE: fast strings */
    { 0x1d9, 0 },                  /* DEBUGCTL */
    { 0x277, 0x0007040600070406 }, /* PAT */
    { 0x2ff, 0 },                  /* MTRR default type: off */
    { 0xda0, 0 },                  /* XSS */
    { 0xc0000081, 0 },             /* STAR */
    { 0xc0000082, 0 },             /* LSTAR */
    { 0xc0000083, 0 },             /* CSTAR */
    { 0xc0000084, 0 },             /* SFMASK */
    { 0xc0000102, 0 },             /* KERNEL_GS_BASE */
    { 0xc0000103, 0 },             /* TSC_AUX */
};

static bool has_cap(KVMCpu *cpu, unsigned cap)
{
    return kvm_check_extension(KVM_STATE(cpu->parent.accel), cap) > 0;
}

/* The kernel stops at an MSR that this vCPU does not have. No guest can have set that one either. */
static gboolean reset_all_msrs(KVMCpu *cpu, GError **errp)
{
    guint at = 0;

    while (at < G_N_ELEMENTS(reset_msrs)) {
        const guint n = G_N_ELEMENTS(reset_msrs) - at;
        g_autofree struct kvm_msrs *k = x86_make_msrs(&reset_msrs[at], n);
        int ret = kvm_vcpu_ioctl(&cpu->parent, KVM_SET_MSRS, k);

        if (!x86_call(cpu, "KVM_SET_MSRS", ret, errp)) {
            return FALSE;
        }
        at += MIN((guint)ret, n) + 1;
    }
    return TRUE;
}

static gboolean reset_xcr0(KVMCpu *cpu, GError **errp)
{
    const struct kvm_xcrs xcrs = { .nr_xcrs = 1, .xcrs[0] = { .xcr = 0, .value = 1 } };

    return !has_cap(cpu, KVM_CAP_XCRS) ||
           x86_call(cpu, "KVM_SET_XCRS", kvm_vcpu_ioctl(&cpu->parent, KVM_SET_XCRS, &xcrs), errp);
}

/* An XSAVE area whose header names no component puts each of them into its initial state. */
static gboolean reset_vectors(KVMCpu *cpu, GError **errp)
{
    const struct kvm_fpu fpu = { .fcw = 0x37f, .mxcsr = 0x1f80 };
    const size_t size = x86_xsave_size(KVM_STATE(cpu->parent.accel));
    g_autofree struct kvm_xsave *area = NULL;

    if (has_cap(cpu, KVM_CAP_XSAVE)) {
        area = g_malloc0(size);
        area->region[0] = fpu.fcw;
        area->region[6] = fpu.mxcsr;
        if (!kvm_set_xsave(&cpu->parent, area, size, errp)) {
            return FALSE;
        }
    }
    return x86_call(cpu, "KVM_SET_FPU", kvm_vcpu_ioctl(&cpu->parent, KVM_SET_FPU, &fpu), errp);
}

static void put32(uint8_t *page, unsigned offset, uint32_t value)
{
    memcpy(page + offset, &value, sizeof(value));
}

/* The version is the kernel's to say; the id of a LAPIC out of x2APIC mode is in the top byte. */
static gboolean reset_lapic(KVMCpu *cpu, bool bsp, GError **errp)
{
    uint8_t page[LAPIC_PAGE], old[LAPIC_PAGE];

    if (cpu->parent.accel->irqchip == ACCEL_IRQCHIP_OFF) {
        return TRUE;
    }
    if (!kvm_get_lapic(&cpu->parent, old, errp)) {
        return FALSE;
    }
    memset(page, 0, sizeof(page));
    memcpy(page + LAPIC_VERSION, old + LAPIC_VERSION, 4);
    put32(page, LAPIC_ID, cpu->parent.id << 24);
    put32(page, LAPIC_DFR, 0xffffffff);
    put32(page, LAPIC_SVR, 0xff);
    put32(page, LAPIC_LVT_CMCI, LVT_MASKED);
    for (unsigned lvt = LAPIC_LVT_FIRST; lvt <= LAPIC_LVT_LAST; lvt += 0x10) {
        put32(page, lvt, LVT_MASKED);
    }
    if (bsp) {
        put32(page, LAPIC_LVT_LINT0, LVT_EXTINT); /* PC firmware counts on the PIC reaching it */
    }
    return kvm_set_lapic(&cpu->parent, page, errp);
}

static gboolean reset_pending(KVMCpu *cpu, GError **errp)
{
    const AccelX86Debug dr = { .dr6 = 0xffff0ff0, .dr7 = 0x400 };
    const AccelX86Events none = { 0 };

    return (!has_cap(cpu, KVM_CAP_DEBUGREGS) || kvm_set_debug(&cpu->parent, &dr, errp)) &&
           (!has_cap(cpu, KVM_CAP_VCPU_EVENTS) || kvm_set_events(&cpu->parent, &none, errp));
}

/* What only a vCPU that has run can have. */
static gboolean reset_used(KVMCpu *cpu, bool bsp, GError **errp)
{
    return reset_xcr0(cpu, errp) && reset_vectors(cpu, errp) && reset_all_msrs(cpu, errp) &&
           reset_lapic(cpu, bsp, errp) && reset_pending(cpu, errp);
}

/* A fresh vCPU 0 is runnable, the others wait for INIT; without a LAPIC there is no such state. */
static bool mp_state_is_right(const KVMCpu *cpu, bool bsp)
{
    return cpu->parent.accel->irqchip == ACCEL_IRQCHIP_OFF ||
           (!cpu->used && bsp == (cpu->parent.id == 0));
}

/*
 * The kernel's map from APIC ids to vCPUs is drawn up while a vCPU is made, before that one counts, and
 * not again until some LAPIC is written: without this a vCPU plugged later would get no INIT.
 */
static gboolean reset_new(KVMCpu *cpu, bool bsp, GError **errp)
{
    return bsp || reset_lapic(cpu, bsp, errp);
}

/*
 * INIT and SIPI that were sent to a vCPU and not taken yet outlive every write to its state: it would be
 * woken by them in the next life. Asking for the MP state makes the kernel take them (KVM API 4.38).
 */
static gboolean take_sipi(KVMCpu *cpu, GError **errp)
{
    AccelX86MpState taken;

    return !cpu->used || cpu->parent.accel->irqchip == ACCEL_IRQCHIP_OFF ||
           kvm_get_mp_state(&cpu->parent, &taken, errp);
}

gboolean kvm_reset_vcpu(AccelCPU *acpu, bool bsp, GError **errp)
{
    KVMCpu *cpu = KVM_CPU(acpu);
    const bool mp_state_right = mp_state_is_right(cpu, bsp);
    AccelX86Regs regs;

    accel_x86_reset_regs(&regs, bsp);
    if (!take_sipi(cpu, errp) || !kvm_set_regs(acpu, &regs, errp)) {
        return FALSE;
    }
    if (!(cpu->used ? reset_used(cpu, bsp, errp) : reset_new(cpu, bsp, errp))) {
        return FALSE;
    }
    cpu->used = true;
    return mp_state_right ||
           kvm_set_mp_state(acpu, bsp ? ACCEL_X86_RUNNABLE : ACCEL_X86_UNINITIALIZED, errp);
}

/* ---- the controllers that belong to the VM ---- */

static gboolean vm_call(KVMState *s, const char *call, unsigned long request, void *arg,
                        GError **errp)
{
    int ret = kvm_vm_ioctl(s, request, arg);

    if (ret < 0) {
        kvm_call_error(errp, call, ret, "%s failed: %s", call, g_strerror(-ret));
        return kvm_failed_at(errp, "irqchip-reset");
    }
    return TRUE;
}

/* Which pins may be level-triggered is the board's wiring and stays. */
static void clear_pic(struct kvm_pic_state *pic)
{
    *pic = (struct kvm_pic_state){ .elcr_mask = pic->elcr_mask };
}

static void clear_ioapic(struct kvm_ioapic_state *ioapic)
{
    *ioapic = (struct kvm_ioapic_state){ .base_address = ioapic->base_address };
    for (guint i = 0; i < G_N_ELEMENTS(ioapic->redirtbl); i++) {
        ioapic->redirtbl[i].bits = IOAPIC_MASKED;
    }
}

static gboolean reset_chip(KVMState *s, uint32_t id, GError **errp)
{
    struct kvm_irqchip chip = { .chip_id = id };

    if (!vm_call(s, "KVM_GET_IRQCHIP", KVM_GET_IRQCHIP, &chip, errp)) {
        return FALSE;
    }
    if (id == KVM_IRQCHIP_IOAPIC) {
        clear_ioapic(&chip.chip.ioapic);
    } else {
        clear_pic(&chip.chip.pic);
    }
    return vm_call(s, "KVM_SET_IRQCHIP", KVM_SET_IRQCHIP, &chip, errp);
}

/* As the kernel makes it: no mode yet, full counts, and the speaker's gate shut. */
static gboolean reset_pit(KVMState *s, GError **errp)
{
    struct kvm_pit_state2 pit = { 0 };

    for (guint i = 0; i < G_N_ELEMENTS(pit.channels); i++) {
        pit.channels[i].count = 0x10000;
        pit.channels[i].mode = 0xff;
        pit.channels[i].gate = i != 2;
    }
    return vm_call(s, "KVM_SET_PIT2", KVM_SET_PIT2, &pit, errp);
}

/* Source: KVM API 4.26, 4.27 and 4.72. */
gboolean kvm_reset_irqchip(AccelState *as, GError **errp)
{
    KVMState *s = KVM_STATE(as);

    if (as->irqchip != ACCEL_IRQCHIP_ON) {
        return TRUE;
    }
    if (!s->irqchip_used) {
        s->irqchip_used = true;
        return TRUE;
    }
    for (uint32_t id = KVM_IRQCHIP_PIC_MASTER; id <= KVM_IRQCHIP_IOAPIC; id++) {
        if (!reset_chip(s, id, errp)) {
            return FALSE;
        }
    }
    return !s->has_pit || reset_pit(s, errp);
}
