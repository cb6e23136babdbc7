/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Model-specific registers, as the machine sees them.
 *
 * Theory of operation: libunicorn keeps some and runs RDMSR and WRMSR itself without telling
 * anybody. Those are read and written through the engine while it holds the vCPU's context; nothing
 * else touches the engine, for a vCPU that is being plugged is set up while others are in it. The
 * others the guest cannot reach (it reads 0 and its writes are lost, see docs/tcg.rst); what the
 * machine writes to them is kept here so that it reads back.
 */
#include "tcg-int.h"

#define MSR_TSC       0x10
#define MSR_APIC_BASE 0x1b
#define MSR_EFER      0xc0000080

/* In the engine's context. */
static const uint32_t engine_msrs[] = {
    0x174, 0x175, 0x176,       /* SYSENTER_CS, ESP, EIP */
    0x1a0, 0x277,              /* MISC_ENABLE, PAT */
    0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, /* STAR, LSTAR, CSTAR, FMASK */
    0xc0000100, 0xc0000101, 0xc0000102, 0xc0000103, /* FS, GS and kernel GS base, TSC_AUX */
};

/* Kept, and without effect on the guest. */
static const uint32_t kept_msrs[] = {
    MSR_TSC, 0x3b, 0x8b, 0xfe, 0x17a, 0x17b, 0x1d9, 0x200, 0x201, 0x202, 0x203, 0x204, 0x205, 0x206,
    0x207, 0x208, 0x209, 0x20a, 0x20b, 0x20c, 0x20d, 0x20e, 0x20f, 0x250, 0x258, 0x259, 0x268,
    0x269, 0x26a, 0x26b, 0x26c, 0x26d, 0x26e, 0x26f, 0x2ff,
};

static bool contains(const uint32_t *list, guint n, uint32_t index)
{
    for (guint i = 0; i < n; i++) {
        if (list[i] == index) {
            return true;
        }
    }
    return false;
}

uint64_t tcg_engine_msr(TcgCpu *cpu, uint32_t index)
{
    uc_x86_msr msr = { .rid = index };

    uc_reg_read(tcg_state_of(cpu)->uc, UC_X86_REG_MSR, &msr);
    return msr.value;
}

static gboolean refuse(const char *verb, const AccelX86Msr *msr, GError **errp)
{
    const AccelErrorInfo info = { .accel = "tcg", .stage = "msr" };

    accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, &info,
                    "error: failed to %s MSR 0x%" PRIx32 " to 0x%" PRIx64, verb, msr->index,
                    msr->value);
    return FALSE;
}

static bool load(TcgCpu *cpu)
{
    if (!tcg_engine_need(tcg_state_of(cpu), NULL)) {
        return false;
    }
    tcg_engine_load(cpu);
    return true;
}

static bool get_one(TcgCpu *cpu, AccelX86Msr *msr)
{
    const uint64_t *kept;

    if (msr->index == MSR_APIC_BASE) {
        msr->value = cpu->apic_base;
    } else if (msr->index == MSR_EFER) {
        tcg_engine_save(cpu);
        msr->value = tcg_efer(cpu);
    } else if (contains(engine_msrs, G_N_ELEMENTS(engine_msrs), msr->index)) {
        if (!load(cpu)) {
            return false;
        }
        msr->value = tcg_engine_msr(cpu, msr->index);
    } else if (contains(kept_msrs, G_N_ELEMENTS(kept_msrs), msr->index)) {
        kept = g_hash_table_lookup(cpu->msrs, GUINT_TO_POINTER(msr->index));
        msr->value = kept != NULL ? *kept : 0;
    } else {
        return false;
    }
    return true;
}

static bool set_one(TcgCpu *cpu, const AccelX86Msr *msr)
{
    uc_x86_msr m = { .rid = msr->index, .value = msr->value };

    if (msr->index == MSR_APIC_BASE) {
        cpu->apic_base = msr->value;
    } else if (msr->index == MSR_EFER) {
        tcg_engine_save(cpu);
        tcg_set_efer(cpu, msr->value);
        tcg_update_hflags(cpu);
        cpu->changed = cpu->flush = true;
    } else if (contains(engine_msrs, G_N_ELEMENTS(engine_msrs), msr->index)) {
        if (!load(cpu)) {
            return false;
        }
        uc_reg_write(tcg_state_of(cpu)->uc, UC_X86_REG_MSR, &m);
        tcg_engine_save(cpu);
    } else if (contains(kept_msrs, G_N_ELEMENTS(kept_msrs), msr->index)) {
        g_hash_table_insert(cpu->msrs, GUINT_TO_POINTER(msr->index),
                            g_memdup2(&msr->value, sizeof(msr->value)));
    } else {
        return false;
    }
    return true;
}

gboolean tcg_get_msrs(AccelCPU *acpu, AccelX86Msr *msrs, guint n, GError **errp)
{
    for (guint i = 0; i < n; i++) {
        if (!get_one(TCG_CPU(acpu), &msrs[i])) {
            return refuse("get", &msrs[i], errp);
        }
    }
    return TRUE;
}

gboolean tcg_set_msrs(AccelCPU *acpu, const AccelX86Msr *msrs, guint n, GError **errp)
{
    for (guint i = 0; i < n; i++) {
        if (!set_one(TCG_CPU(acpu), &msrs[i])) {
            return refuse("set", &msrs[i], errp);
        }
    }
    return TRUE;
}

GArray *tcg_get_msr_list(AccelState *as, GError **errp)
{
    static const uint32_t more[] = { MSR_APIC_BASE, MSR_EFER };
    GArray *out = g_array_new(FALSE, FALSE, sizeof(uint32_t));

    g_array_append_vals(out, engine_msrs, G_N_ELEMENTS(engine_msrs));
    g_array_append_vals(out, kept_msrs, G_N_ELEMENTS(kept_msrs));
    g_array_append_vals(out, more, G_N_ELEMENTS(more));
    return out;
}
