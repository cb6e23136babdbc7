/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The qtest accelerator: no guest code ever runs. A test program outside owns memory, ports,
 * interrupts and the clock; vCPUs exist so that topology and hotplug can be tested, but have no
 * thread and no registers of their own worth mentioning.
 */
#include "accel/accel-class.h"

typedef struct QTestState {
    AccelState parent;
} QTestState;

static gboolean qtest_init(AccelState *as, const AccelSpec *spec, GError **errp)
{
    as->irqchip = ACCEL_IRQCHIP_OFF;
    return TRUE;
}

static void qtest_cleanup(AccelState *as)
{
}

/* RAM needs no mapping: there is no guest that could touch it. */
static gboolean qtest_map_ram(AccelState *as, uint64_t gpa, void *hva, uint64_t size,
                              unsigned flags, GError **errp)
{
    return TRUE;
}

static gboolean qtest_unmap_ram(AccelState *as, uint64_t gpa, uint64_t size, GError **errp)
{
    return TRUE;
}

typedef struct QTestCpu {
    AccelCPU parent;
    AccelX86Regs regs;
} QTestCpu;

static AccelCPU *qtest_create_vcpu(AccelState *as, uint32_t id, GError **errp)
{
    QTestCpu *cpu = g_new0(QTestCpu, 1);

    cpu->parent.accel = as;
    cpu->parent.id = id;
    accel_x86_reset_regs(&cpu->regs, id == 0);
    return &cpu->parent;
}

static void qtest_destroy_vcpu(AccelCPU *cpu)
{
    g_free(cpu);
}

static gboolean qtest_get_regs(AccelCPU *cpu, AccelX86Regs *regs, GError **errp)
{
    *regs = ((QTestCpu *)cpu)->regs;
    return TRUE;
}

static gboolean qtest_set_regs(AccelCPU *cpu, const AccelX86Regs *regs, GError **errp)
{
    ((QTestCpu *)cpu)->regs = *regs;
    return TRUE;
}

static gboolean qtest_reset_vcpu(AccelCPU *cpu, bool bsp, GError **errp)
{
    accel_x86_reset_regs(&((QTestCpu *)cpu)->regs, bsp);
    return TRUE;
}

static gboolean qtest_set_cpuid(AccelCPU *cpu, const AccelX86Cpuid *entries, guint n,
                                GError **errp)
{
    return TRUE;
}

/* No host, no restriction: CPU models see an empty list and skip their checks. */
static GArray *qtest_get_supported_cpuid(AccelState *as, GError **errp)
{
    return g_array_new(FALSE, FALSE, sizeof(AccelX86Cpuid));
}

static const AccelProp qtest_props[] = { ACCEL_PROP_END };

const AccelClass qtest_accel_class = {
    .abi = ACCEL_CLASS_ABI,
    .name = "qtest",
    .display_name = "QTest",
    .desc = "no CPU; a test program drives the machine",
    .instance_size = sizeof(QTestState),
    .props = qtest_props,
    .threading = ACCEL_THREAD_NONE,
    .hidden = true,
    .virtual_clock = true,
    .init = qtest_init,
    .cleanup = qtest_cleanup,
    .map_ram = qtest_map_ram,
    .unmap_ram = qtest_unmap_ram,
    .create_vcpu = qtest_create_vcpu,
    .destroy_vcpu = qtest_destroy_vcpu,
    .get_regs = qtest_get_regs,
    .set_regs = qtest_set_regs,
    .reset_vcpu = qtest_reset_vcpu,
    .get_supported_cpuid = qtest_get_supported_cpuid,
    .set_cpuid = qtest_set_cpuid,
};
