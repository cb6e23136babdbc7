/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See hw-fake.h. */
#include "hw-fake.h"

static gboolean fake_init(AccelState *as, const AccelSpec *spec, GError **errp)
{
    return TRUE;
}

static void fake_cleanup(AccelState *as)
{
}

/* Where vCPUs share a thread, nothing may happen to one while another one is in. */
static void nobody_runs(AccelState *as)
{
    FakeAccel *f = (FakeAccel *)as;

    if (as->klass->threading == ACCEL_THREAD_SHARED && g_atomic_int_get(&f->running) > 0) {
        f->overlaps++;
    }
}

static AccelCPU *fake_create(AccelState *as, uint32_t id, GError **errp)
{
    FakeAccel *f = (FakeAccel *)as;
    const AccelErrorInfo info = { .accel = "fake", .stage = "create-vcpu", .errnum = 12 };
    AccelCPU *cpu;

    nobody_runs(as);
    if (++f->creates == f->fail_create_at) {
        accel_error_set(errp, ACCEL_ERROR_RESOURCE, &info, "no vCPU %u", id);
        return NULL;
    }
    cpu = (AccelCPU *)g_new0(FakeCpu, 1);
    cpu->accel = as;
    cpu->id = id;
    return cpu;
}

static void fake_destroy(AccelCPU *cpu)
{
    nobody_runs(cpu->accel);
    ((FakeAccel *)cpu->accel)->destroys++;
    g_free(cpu);
}

static gboolean fake_attach(AccelCPU *cpu, GError **errp)
{
    if (((FakeAccel *)cpu->accel)->fail_attach) {
        accel_error_set(errp, ACCEL_ERROR_FAILED, NULL, "no attach");
        return FALSE;
    }
    return TRUE;
}

AccelExitReason fake_run_spin(FakeCpu *cpu, AccelExit *exit, GError **errp)
{
    AccelIo *io = &cpu->parent.accel->io;
    bool sliced = cpu->parent.accel->klass->threading == ACCEL_THREAD_SHARED;
    guint slice = sliced ? 1000 : G_MAXUINT;
    uint8_t byte = 1;

    while (slice-- > 0 &&
           !g_atomic_int_compare_and_exchange(&cpu->parent.exit_request, 1, 0)) {
        io->pio_write(io->opaque, &cpu->parent, 0x10, &byte, 1, 1);
    }
    return exit->reason = ACCEL_EXIT_KICK;
}

static AccelExitReason fake_run(AccelCPU *cpu, AccelExit *exit, GError **errp)
{
    FakeAccel *f = (FakeAccel *)cpu->accel;
    FakeCpu *fc = (FakeCpu *)cpu;

    __atomic_add_fetch(&fc->runs, 1, __ATOMIC_SEQ_CST);
    g_atomic_int_inc(&f->running);
    exit->reason = f->run(fc, exit, errp);
    g_atomic_int_add(&f->running, -1);
    return exit->reason;
}

static gboolean fake_reset(AccelCPU *cpu, bool bsp, GError **errp)
{
    if (((FakeAccel *)cpu->accel)->fail_reset) {
        accel_error_set(errp, ACCEL_ERROR_FAILED, NULL, "no reset");
        return FALSE;
    }
    nobody_runs(cpu->accel);
    ((FakeCpu *)cpu)->resets++;
    return TRUE;
}

static gboolean fake_get_regs(AccelCPU *cpu, AccelX86Regs *regs, GError **errp)
{
    *regs = (AccelX86Regs){ .rflags = ((FakeAccel *)cpu->accel)->rflags };
    return TRUE;
}

static gboolean fake_nmi(AccelCPU *cpu, GError **errp)
{
    g_atomic_pointer_set(&((FakeCpu *)cpu)->nmi_thread, g_thread_self());
    g_atomic_int_inc(&((FakeCpu *)cpu)->nmis);
    if (g_atomic_int_get(&((FakeCpu *)cpu)->nmi_fails)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "no NMI today");
        return FALSE;
    }
    return TRUE;
}

static GArray *fake_cpuid(AccelState *as, GError **errp)
{
    return g_array_new(FALSE, FALSE, sizeof(AccelX86Cpuid));
}

static gboolean fake_set_cpuid(AccelCPU *cpu, const AccelX86Cpuid *e, guint n, GError **errp)
{
    return TRUE;
}

static gboolean fake_map(AccelState *as, uint64_t gpa, void *hva, uint64_t size, unsigned flags,
                         GError **errp)
{
    if (((FakeAccel *)as)->fail_map) {
        accel_error_set(errp, ACCEL_ERROR_RESOURCE, NULL, "no slot");
        return FALSE;
    }
    ((FakeAccel *)as)->maps++;
    return TRUE;
}

static gboolean fake_unmap(AccelState *as, uint64_t gpa, uint64_t size, GError **errp)
{
    ((FakeAccel *)as)->unmaps++;
    return TRUE;
}

#define FAKE_CLASS(mode)                                                                     \
    {                                                                                        \
        .abi = ACCEL_CLASS_ABI, .name = "fake", .display_name = "FAKE",                      \
        .instance_size = sizeof(FakeAccel), .threading = mode, .init = fake_init,            \
        .cleanup = fake_cleanup, .map_ram = fake_map, .unmap_ram = fake_unmap,               \
        .create_vcpu = fake_create, .destroy_vcpu = fake_destroy, .attach = fake_attach,     \
        .run = fake_run, .inject_nmi = fake_nmi, .get_regs = fake_get_regs,                  \
        .reset_vcpu = fake_reset, .get_supported_cpuid = fake_cpuid,                         \
        .set_cpuid = fake_set_cpuid, .props = no_props,                                      \
    }

static const AccelProp no_props[] = { ACCEL_PROP_END };

static const AccelClass classes[] = {
    [ACCEL_THREAD_PER_VCPU] = FAKE_CLASS(ACCEL_THREAD_PER_VCPU),
    [ACCEL_THREAD_SHARED] = FAKE_CLASS(ACCEL_THREAD_SHARED),
    [ACCEL_THREAD_NONE] = FAKE_CLASS(ACCEL_THREAD_NONE),
};

FakeAccel *fake_accel_new(AccelThreading threading)
{
    FakeAccel *f = g_new0(FakeAccel, 1);

    f->parent.klass = &classes[threading];
    f->parent.inited = true;
    f->parent.irqchip = ACCEL_IRQCHIP_ON;
    f->run = fake_run_spin;
    return f;
}

static gboolean machine_init(MachineState *ms, GError **errp)
{
    return hw_machine_create_cpus(ms, errp);
}

const MachineClass fake_machine_class = {
    .type = {
        .name = "fake-machine",
        .parent = &hw_type_machine,
        .instance_size = sizeof(MachineState),
    },
    .name = "fake",
    .max_cpus = 288,
    .has_hotpluggable_cpus = true,
    .default_cpu_type = "qemu64",
    .init = machine_init,
};

MachineState *fake_machine(HwRegistry *reg, guint cpus, guint max)
{
    MachineState *ms = hw_machine_new(reg, &fake_machine_class);
    const SmpRequest req = { .has_cpus = true, .cpus = cpus, .has_maxcpus = true, .maxcpus = max };
    g_autoptr(GError) err = NULL;

    hw_machine_set_smp(ms, &req, &err);
    g_assert_no_error(err);
    return ms;
}

void fake_machine_up(MachineState *ms, FakeAccel *accel)
{
    g_autoptr(GError) err = NULL;

    hw_machine_attach_accel(ms, &accel->parent);
    hw_machine_init(ms, &err);
    g_assert_no_error(err);
    hw_machine_ready(ms, &err);
    g_assert_no_error(err);
}
