/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Run control: start, stop, kick, halt, work, hotplug, on an accelerator made of paper, and the
 * same start and stop on real KVM where there is one. Waits end by what they wait for, or by the
 * harness' time limit; no result depends on how long something took.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "accel/kvm.h"
#include "../proc-count.h"
#include "hw-fake.h"

typedef struct Fixture {
    HwRegistry *reg;
    MachineState *ms;
    FakeAccel *accel;
    IoRegion port;
    IoOps ops;
    guint64 writes[4];  /* by vCPU */
    GMutex lock;
    GCond cond;
    GQueue requests;    /* char * */
    GQueue deleted;
} Fixture;

static void port_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    Fixture *f = opaque;

    __atomic_add_fetch(&f->writes[hw_current_cpu()->index], 1, __ATOMIC_SEQ_CST);
}

static void on_request(void *opaque, const MachineRequestInfo *info)
{
    Fixture *f = opaque;

    g_mutex_lock(&f->lock);
    g_queue_push_tail(&f->requests,
                      g_strdup_printf("%d:%s:%s", info->kind, info->cause,
                                      info->err != NULL ? info->err->message : ""));
    g_cond_broadcast(&f->cond);
    g_mutex_unlock(&f->lock);
}

static void on_deleted(void *opaque, const char *id, const char *path)
{
    g_queue_push_tail(&((Fixture *)opaque)->deleted, g_strdup_printf("%s %s", id, path));
}

static void wait_request(Fixture *f, const char *want)
{
    g_autofree char *got = NULL;

    g_mutex_lock(&f->lock);
    while (g_queue_is_empty(&f->requests)) {
        g_cond_wait(&f->cond, &f->lock);
    }
    got = g_queue_pop_head(&f->requests);
    g_mutex_unlock(&f->lock);
    g_assert_cmpstr(got, ==, want);
}

static void setup(Fixture *f, gconstpointer data)
{
    f->reg = hw_registry_new();
    f->ms = fake_machine(f->reg, 2, 4);
    f->accel = fake_accel_new(GPOINTER_TO_INT(data));
    f->accel->data = f;
    f->ops = (IoOps){ .write = port_write };
    f->port = (IoRegion){ .name = "count", .base = 0x10, .size = 1, .ops = &f->ops, .opaque = f,
                          .flags = IO_LOCKLESS };
    hw_port_add(f->ms, &f->port);
    f->ms->hooks = (MachineHooks){ .request = on_request, .device_deleted = on_deleted,
                                   .opaque = f };
    g_mutex_init(&f->lock);
    g_cond_init(&f->cond);
    g_queue_init(&f->requests);
    g_queue_init(&f->deleted);
    fake_machine_up(f->ms, f->accel);
}

static void teardown(Fixture *f, gconstpointer data)
{
    hw_machine_free(f->ms);
    hw_registry_free(f->reg);
    g_queue_clear_full(&f->requests, g_free);
    g_queue_clear_full(&f->deleted, g_free);
    g_mutex_clear(&f->lock);
    g_cond_clear(&f->cond);
}

static FakeCpu *fake(Fixture *f, guint i)
{
    return (FakeCpu *)hw_machine_cpu(f->ms, i)->accel_cpu;
}

/* Wait until @cpu has been around its loop once more. */
static void nothing(CPUState *cpu, void *data)
{
}

static void sync_with(CPUState *cpu)
{
    hw_cpu_run_on(cpu, nothing, NULL);
}

static guint64 runs_of(Fixture *f, guint i)
{
    return __atomic_load_n(&fake(f, i)->runs, __ATOMIC_SEQ_CST);
}

static void wait_runs(Fixture *f, guint i, guint64 more)
{
    guint64 want = runs_of(f, i) + more;

    while (runs_of(f, i) < want) {
        sync_with(hw_machine_cpu(f->ms, i));
        g_thread_yield();
    }
}

static guint64 f_writes(Fixture *f, guint i)
{
    return __atomic_load_n(&f->writes[i], __ATOMIC_SEQ_CST);
}

static void test_start_stop(Fixture *f, gconstpointer data)
{
    guint64 before[2] = { 0, 0 };
    guint i;

    for (i = 0; i < 10000; i++) {
        hw_machine_start(f->ms);
        while (i % 100 == 0 && (f_writes(f, 0) == before[0] || f_writes(f, 1) == before[1])) {
            g_thread_yield(); /* let both run at least once */
        }
        hw_machine_stop(f->ms);
        g_assert_true(hw_machine_cpu(f->ms, 0)->stopped && hw_machine_cpu(f->ms, 1)->stopped);
        memcpy(before, f->writes, sizeof(before));
        if (i % 100 == 0) {
            g_thread_yield();
            g_assert_cmpmem(before, sizeof(before), f->writes, sizeof(before));
        }
    }
    g_assert_cmpuint(f->writes[0], >, 0);
    g_assert_cmpuint(f->writes[1], >, 0);
}

static void test_twice(Fixture *f, gconstpointer data)
{
    hw_machine_stop(f->ms);
    hw_machine_start(f->ms);
    hw_machine_start(f->ms);
    wait_runs(f, 0, 1);
    hw_machine_stop(f->ms);
    hw_machine_stop(f->ms);
    g_assert_false(f->ms->running);
}

/* ---- reasons to come back ---- */

static AccelExitReason run_triple(FakeCpu *cpu, AccelExit *exit, GError **errp)
{
    return cpu->parent.id == 0 && cpu->resets < 2 ? ACCEL_EXIT_TRIPLE_FAULT
                                                  : fake_run_spin(cpu, exit, errp);
}

static void test_triple_fault(Fixture *f, gconstpointer data)
{
    guint64 runs;

    f->accel->run = run_triple;
    hw_machine_start(f->ms);
    wait_request(f, "1:triple-fault:");
    sync_with(hw_machine_cpu(f->ms, 0));
    g_assert_true(hw_machine_cpu(f->ms, 0)->stop);
    runs = fake(f, 0)->runs;
    wait_runs(f, 1, 1);
    g_assert_cmpuint(fake(f, 0)->runs, ==, runs); /* it does not run on */
    g_assert_true(hw_machine_reset(f->ms, "triple-fault", NULL));
    wait_runs(f, 0, 1);
    g_assert_true(f->ms->running);
    g_assert_true(g_queue_is_empty(&f->requests));
}

static AccelExitReason run_error(FakeCpu *cpu, AccelExit *exit, GError **errp)
{
    if (cpu->parent.id == 1 && cpu->resets < 2) {
        accel_error_set(errp, ACCEL_ERROR_GUEST, NULL, "entry failed");
        return ACCEL_EXIT_ERROR;
    }
    return fake_run_spin(cpu, exit, errp);
}

static void test_error(Fixture *f, gconstpointer data)
{
    CPUState *bad;

    f->accel->run = run_error;
    hw_machine_start(f->ms);
    wait_request(f, "6:internal-error:entry failed");
    bad = hw_machine_cpu(f->ms, 1);
    sync_with(bad);
    g_assert_true(bad->crashed);
    hw_machine_stop(f->ms);
    hw_machine_start(f->ms); /* does not revive it */
    wait_runs(f, 0, 1);
    g_assert_cmpuint(fake(f, 1)->runs, ==, 1);
    g_assert_true(hw_machine_reset(f->ms, NULL, NULL));
    wait_runs(f, 1, 1);
    g_assert_false(bad->crashed);
}

static AccelExitReason one_reason(FakeCpu *cpu, AccelExit *exit, GError **errp)
{
    static const AccelExitReason reasons[] = {
        ACCEL_EXIT_KICK, ACCEL_EXIT_IRQ_WINDOW, ACCEL_EXIT_CRASH, ACCEL_EXIT_SHUTDOWN,
    };

    return cpu->parent.id == 0 && cpu->runs <= G_N_ELEMENTS(reasons)
               ? reasons[cpu->runs - 1] : fake_run_spin(cpu, exit, errp);
}

static void test_reasons(Fixture *f, gconstpointer data)
{
    f->accel->run = one_reason;
    hw_machine_start(f->ms);
    wait_request(f, "2:guest-panic:");
    wait_request(f, "0:guest-shutdown:");
    hw_machine_stop(f->ms);
}

static AccelExitReason run_unhandled(FakeCpu *cpu, AccelExit *exit, GError **errp)
{
    exit->hw_reason = 99;
    return cpu->parent.id != 0 ? fake_run_spin(cpu, exit, errp)
                               : cpu->runs == 1 ? ACCEL_EXIT_DEBUG : ACCEL_EXIT_HYPERCALL;
}

static void test_unhandled(Fixture *f, gconstpointer data)
{
    f->accel->run = run_unhandled;
    hw_machine_start(f->ms);
    wait_request(f, "8:debug:");
    hw_machine_start(f->ms); /* on from the breakpoint */
    wait_request(f, "6:internal-error:CPU 0: exit 99 at 0x0 that nobody handles");
}

/* ---- halted, with the interrupt controllers in user space ---- */

static AccelExitReason run_hlt(FakeCpu *cpu, AccelExit *exit, GError **errp)
{
    return cpu->parent.id == 0 ? ACCEL_EXIT_HLT : fake_run_spin(cpu, exit, errp);
}

static void test_halt(Fixture *f, gconstpointer data)
{
    CPUState *cpu = hw_machine_cpu(f->ms, 0);
    GError *err = NULL;
    guint64 runs;

    f->accel->run = run_hlt;
    f->accel->rflags = 0x200;
    hw_machine_start(f->ms);
    while (runs_of(f, 0) == 0) {
        g_thread_yield();
    }
    sync_with(cpu);
    g_assert_true(cpu->halted);
    runs = fake(f, 0)->runs;
    hw_cpu_kick(cpu); /* a kick is no interrupt */
    sync_with(cpu);
    g_assert_cmpuint(fake(f, 0)->runs, ==, runs);
    hw_cpu_set_extint(cpu, 1);
    while (runs_of(f, 0) == runs) {
        g_thread_yield();
    }
    hw_cpu_set_extint(cpu, 0);
    sync_with(cpu);
    f->accel->rflags = 0; /* halted with interrupts off: only an NMI helps */
    hw_machine_stop(f->ms);
    cpu->halted = false;
    runs = fake(f, 0)->runs;
    hw_machine_start(f->ms);
    while (runs_of(f, 0) == runs) {
        g_thread_yield();
    }
    hw_cpu_set_extint(cpu, 1);
    sync_with(cpu);
    sync_with(cpu);
    g_assert_cmpuint(fake(f, 0)->runs, ==, runs + 1);
    g_assert_true(hw_cpu_inject_nmi(cpu, NULL));
    while (runs_of(f, 0) == runs + 1) {
        g_thread_yield();
    }
    g_assert_cmpint(fake(f, 0)->nmis, ==, 1);
    g_assert_true(fake(f, 0)->nmi_thread == cpu->thread); /* elsewhere KVM_NMI waits for the guest */
    g_assert_true(hw_cpu_inject_nmi(cpu, &err));
    g_assert_no_error(err);
    g_atomic_int_set(&fake(f, 0)->nmi_fails, 1);
    g_assert_false(hw_cpu_inject_nmi(cpu, &err));
    g_assert_cmpstr(err->message, ==, "no NMI today");
    g_clear_error(&err);
    g_assert_true(hw_cpu_inject_nmi(cpu, NULL)); /* a warning, when its thread comes to it */
    hw_machine_stop(f->ms);
    g_assert_true(cpu->stopped);
}

/* Without a LAPIC in the kernel the other vCPUs wait to be woken by INIT and SIPI. */
static void test_wait_for_sipi(Fixture *f, gconstpointer data)
{
    CPUState *ap = hw_machine_cpu(f->ms, 1);

    f->accel->parent.irqchip = ACCEL_IRQCHIP_OFF;
    g_assert_true(hw_machine_reset(f->ms, NULL, NULL));
    hw_machine_start(f->ms);
    wait_runs(f, 0, 1);
    sync_with(ap);
    g_assert_true(ap->halted);
    g_assert_cmpuint(fake(f, 1)->runs, ==, 0);
    hw_cpu_wake(ap);
    while (runs_of(f, 1) == 0) {
        g_thread_yield();
    }
}

/* ---- work ---- */

static void note_cpu(CPUState *cpu, void *data)
{
    *(CPUState **)data = hw_current_cpu();
}

static void note_self(CPUState *cpu, void *data)
{
    hw_cpu_run_on(cpu, note_cpu, data); /* from its own thread: at once */
}

static void async_note(CPUState *cpu, void *data)
{
    Fixture *f = data;

    g_mutex_lock(&f->lock);
    g_queue_push_tail(&f->requests, g_strdup("async"));
    g_cond_broadcast(&f->cond);
    g_mutex_unlock(&f->lock);
}

static void test_work(Fixture *f, gconstpointer data)
{
    CPUState *cpu = hw_machine_cpu(f->ms, 1), *seen = cpu;
    guint i;

    hw_cpu_run_on(cpu, note_cpu, &seen); /* never run: here */
    g_assert_null(seen);
    g_assert_cmpint(hw_cpu_thread_id(cpu), !=, 0);
    g_assert_cmpint(hw_cpu_thread_id(cpu), !=, getpid());
    hw_cpu_run_on(cpu, note_cpu, &seen); /* stopped: on its thread */
    g_assert_true(seen == cpu);
    hw_machine_start(f->ms);
    for (i = 0; i < 1000; i++) {
        seen = NULL;
        hw_cpu_run_on(cpu, i & 1 ? note_self : note_cpu, &seen);
        g_assert_true(seen == cpu);
    }
    hw_cpu_async(cpu, async_note, f);
    wait_request(f, "async");
    hw_machine_stop(f->ms);
    hw_cpu_async(cpu, async_note, f);
    wait_request(f, "async");
    g_assert_null(hw_current_cpu());
}

static void locked_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    g_atomic_int_inc((gint *)opaque);
}

/* A vCPU at the door of a device while we hold the machine lock and wait for the vCPU. */
static void test_lock_order(Fixture *f, gconstpointer data)
{
    static const IoOps ops = { .write = locked_write };
    gint hits = 0, at;
    IoRegion locked = { .name = "locked", .base = 0x10, .size = 1, .ops = &ops, .opaque = &hits,
                        .priority = 1 };
    guint i;

    hw_port_add(f->ms, &locked);
    hw_machine_start(f->ms);
    for (i = 0; i < 200; i++) {
        hw_machine_lock(f->ms);
        hw_machine_lock(f->ms);
        sync_with(hw_machine_cpu(f->ms, 0));
        g_assert_cmpuint(f->ms->lock_depth, ==, 2);
        at = g_atomic_int_get(&hits);
        g_thread_yield();
        g_assert_cmpint(g_atomic_int_get(&hits), ==, at); /* held means held */
        hw_machine_unlock(f->ms);
        hw_machine_unlock(f->ms);
    }
    hw_machine_lock(f->ms);
    hw_machine_stop(f->ms);
    hw_machine_unlock(f->ms);
    hw_port_remove(f->ms, &locked);
}

/* ---- the map changes under running vCPUs ---- */

static void test_map_changes(Fixture *f, gconstpointer data)
{
    IoRegion other = f->port;
    guint i;

    other.base = 0x400;
    hw_machine_start(f->ms);
    for (i = 0; i < 2000; i++) {
        hw_machine_lock(f->ms);
        hw_port_add(f->ms, &other);
        hw_port_remove(f->ms, &other);
        hw_machine_unlock(f->ms);
    }
    while (f_writes(f, 0) == 0) {
        g_thread_yield();
    }
    hw_machine_stop(f->ms);
}

/* ---- hotplug ---- */

static void test_hotplug(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) err = NULL;
    g_autofree char *note = NULL;
    CPUState *cpu;
    guint threads, i;

    hw_machine_start(f->ms);
    sync_with(hw_machine_cpu(f->ms, 1));
    threads = count_threads();
    for (i = 0; i < 1000; i++) {
        cpu = hw_machine_create_cpu(f->ms, 2 + i % 2, "new", &err);
        g_assert_no_error(err);
        g_assert_true(cpu->hotplugged);
        hw_machine_lock(f->ms); /* as a monitor has it; the others may be at the door of the device */
        g_assert_cmpint(hw_cpu_thread_id(cpu), >, 0);
        hw_machine_unlock(f->ms);
        if (i % 10 == 0) {
            wait_runs(f, 2 + i % 2, 1);
        }
        g_assert_true(hw_object_resolve(f->ms->root, "/machine/peripheral/new", NULL) ==
                      &cpu->dev.obj);
        g_assert_true(hw_machine_remove_cpu(f->ms, cpu, &err));
        note = g_queue_pop_head(&f->deleted);
        g_assert_cmpstr(note, ==, "new /machine/peripheral/new");
        g_clear_pointer(&note, g_free);
    }
    g_assert_cmpuint(count_threads(), ==, threads);
    g_assert_cmpuint(f->accel->destroys, ==, 1000);
    g_assert_cmpuint(f->accel->overlaps, ==, 0);
    wait_runs(f, 0, 1);
}

static void test_hotplug_fails(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) err = NULL;

    hw_machine_start(f->ms);
    g_assert_null(hw_machine_create_cpu(f->ms, 1, NULL, &err));
    g_assert_cmpstr(err->message, ==, "CPU[1] with APIC ID 1 exists");
    g_clear_error(&err);
    g_assert_null(hw_machine_create_cpu(f->ms, 4, NULL, &err));
    g_assert_cmpstr(err->message, ==, "Invalid CPU index: 4 must be in range 0:3");
    g_clear_error(&err);
    f->accel->fail_create_at = f->accel->creates + 1;
    g_assert_null(hw_machine_create_cpu(f->ms, 2, "x", &err));
    g_assert_cmpstr(accel_error_stage(err), ==, "create-vcpu");
    g_clear_error(&err);
    f->accel->fail_reset = true;
    g_assert_null(hw_machine_create_cpu(f->ms, 2, "x", &err));
    g_assert_cmpstr(err->message, ==, "no reset");
    g_clear_error(&err);
    f->accel->fail_reset = false;
    g_assert_null(hw_machine_cpu(f->ms, 2));
    wait_runs(f, 0, 1); /* the others go on */
    g_assert_nonnull(hw_machine_create_cpu(f->ms, 2, "x", &err));
    g_assert_true(g_queue_is_empty(&f->requests));
}

static void test_attach_fails(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) err = NULL;
    guint i;

    f->accel->fail_attach = true;
    hw_machine_start(f->ms);
    for (i = 0; i < 2; i++) {
        wait_request(f, "6:vcpu-attach:no attach");
    }
    hw_machine_stop(f->ms);
    g_assert_cmpuint(fake(f, 0)->runs + fake(f, 1)->runs, ==, 0);
}

static void remove_self(CPUState *cpu, void *data)
{
    g_assert_false(hw_machine_remove_cpu(cpu->dev.machine, cpu, data));
}

static void test_remove_self(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) err = NULL;

    hw_machine_start(f->ms);
    hw_cpu_run_on(hw_machine_cpu(f->ms, 0), remove_self, &err);
    g_assert_nonnull(err);
}

static void test_one_thread(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) err = NULL;

    g_assert_cmpint(hw_cpu_thread_id(hw_machine_cpu(f->ms, 0)), ==,
                    hw_cpu_thread_id(hw_machine_cpu(f->ms, 1)));
    hw_machine_start(f->ms);
    g_assert_true(hw_machine_remove_cpu(f->ms, hw_machine_cpu(f->ms, 1), &err));
    wait_runs(f, 0, 2);
    g_assert_true(hw_machine_remove_cpu(f->ms, hw_machine_cpu(f->ms, 0), &err));
    g_assert_nonnull(hw_machine_create_cpu(f->ms, 0, NULL, &err)); /* a new thread for it */
    wait_runs(f, 0, 2);
}

/* ---- real KVM ---- */

/*
 * Real mode at 0:0x1000, no stack: each vCPU adds 1 to AX and writes it to port 0xe0 for ever. A lost
 * or repeated exit breaks the count.
 */
static const uint8_t loop_code[] = { 0x31, 0xc0, 0x40, 0xe7, 0xe0, 0xeb, 0xfb };

typedef struct Counter {
    IoRegion region;
    guint64 n[288];
    gint wrong;
} Counter;

static void counter_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    Counter *c = opaque;

    guint64 n = __atomic_add_fetch(&c->n[hw_current_cpu()->index], 1, __ATOMIC_SEQ_CST);

    if ((n & 0xffff) != value) {
        g_atomic_int_inc(&c->wrong);
    }
}

static gboolean kvm_init_board(MachineState *ms, GError **errp)
{
    uint8_t *ram = hw_ram_alloc(ms, 1 << 20, errp);

    memcpy(ram + 0x1000, loop_code, sizeof(loop_code));
    return hw_ram_add(ms, "ram", 0, ram, 1 << 20, 0, errp) && hw_machine_create_cpus(ms, errp);
}

static void enter_loop(MachineState *ms)
{
    AccelX86Regs regs;
    guint i;

    for (i = 0; i < ms->smp.cpus; i++) {
        AccelCPU *cpu = hw_machine_cpu(ms, i)->accel_cpu;

        g_assert_true(accel_get_regs(cpu, &regs, NULL));
        regs.cs.selector = 0x100;
        regs.cs.base = 0x1000;
        regs.rip = 0;
        g_assert_true(accel_set_regs(cpu, &regs, NULL));
        accel_set_mp_state(cpu, ACCEL_X86_RUNNABLE, NULL);
    }
}

static MachineState *kvm_machine(HwRegistry *reg, MachineClass *mc, guint cpus)
{
    const SmpRequest req = { .has_cpus = true, .cpus = cpus };
    g_autoptr(GError) err = NULL;
    AccelState *as;
    AccelSpec spec;
    MachineState *ms;

    *mc = fake_machine_class;
    mc->init = kvm_init_board;
    mc->reset = enter_loop;
    ms = hw_machine_new(reg, mc);
    g_assert_true(hw_machine_set_smp(ms, &req, NULL));
    g_assert_true(hw_machine_spec(ms, &spec, NULL));
    as = accel_open("kvm", &spec, &err);
    g_assert_no_error(err);
    hw_machine_attach_accel(ms, as);
    return ms;
}

static void run_kvm(guint cpus, guint rounds)
{
    static const IoOps ops = { .write = counter_write, .max_size = 2 };
    HwRegistry *reg = hw_registry_new();
    MachineClass mc;
    MachineState *ms = kvm_machine(reg, &mc, cpus);
    Counter c = { .region = { .name = "n", .base = 0xe0, .size = 2, .ops = &ops, .opaque = &c,
                              .flags = IO_LOCKLESS } };
    g_autoptr(GError) err = NULL;
    guint64 sum = 0, before;
    guint i, k;

    hw_port_add(ms, &c.region);
    g_assert_true(hw_machine_init(ms, &err));
    g_assert_true(hw_machine_ready(ms, &err));
    for (i = 0; i < rounds; i++) {
        k = i / 128 % cpus;
        before = __atomic_load_n(&c.n[k], __ATOMIC_SEQ_CST);
        hw_machine_start(ms);
        while (i % 128 == 0 && __atomic_load_n(&c.n[k], __ATOMIC_SEQ_CST) == before) {
            g_thread_yield(); /* now and then see one of them run; the other rounds race */
        }
        hw_machine_stop(ms);
    }
    for (k = 0; k < cpus; k++) {
        sum += c.n[k];
    }
    g_test_message("%u vCPUs, %u rounds: %" G_GUINT64_FORMAT " exits, %d wrong", cpus, rounds, sum,
                   c.wrong);
    g_assert_cmpint(c.wrong, ==, 0);
    g_assert_cmpuint(c.n[0], >, 0);
    hw_machine_free(ms);
    hw_registry_free(reg);
}

static void test_kvm(gconstpointer data)
{
    const guint *p = data;

    if (access("/dev/kvm", R_OK | W_OK) != 0) {
        g_test_skip("/dev/kvm cannot be used here");
        return;
    }
    run_kvm(p[0], p[1]);
}

/* As many as one likes: HW_KVM_CPUS=288 HW_KVM_ROUNDS=100. Takes minutes on few cores. */
static void test_kvm_env(void)
{
    const char *cpus = g_getenv("HW_KVM_CPUS"), *rounds = g_getenv("HW_KVM_ROUNDS");
    guint p[2];

    if (cpus == NULL || rounds == NULL) {
        g_test_skip("HW_KVM_CPUS and HW_KVM_ROUNDS are not set");
        return;
    }
    p[0] = CLAMP(atoi(cpus), 1, 288);
    p[1] = MAX(atoi(rounds), 1);
    test_kvm(p);
}

/* With a handler for the kick signal kicks take another way (immediate_exit). */
static void test_kvm_handler(gconstpointer data)
{
    g_assert_true(accel_install_kick_handler(0, NULL));
    test_kvm(data);
}

int main(int argc, char **argv)
{
    static const guint few[] = { 2, 10000 }, many[] = { 4, 500 };

    g_test_init(&argc, &argv, NULL);
#define ADD(path, mode, fn) \
    g_test_add(path, Fixture, GINT_TO_POINTER(mode), setup, fn, teardown)
#define BOTH(name, fn)                                     \
    ADD("/cpus/own" name, ACCEL_THREAD_PER_VCPU, fn);      \
    ADD("/cpus/shared" name, ACCEL_THREAD_SHARED, fn)
    BOTH("/start-stop", test_start_stop);
    BOTH("/twice", test_twice);
    BOTH("/triple-fault", test_triple_fault);
    BOTH("/error", test_error);
    BOTH("/reasons", test_reasons);
    BOTH("/unhandled", test_unhandled);
    BOTH("/halt", test_halt);
    BOTH("/wait-for-sipi", test_wait_for_sipi);
    BOTH("/work", test_work);
    BOTH("/lock-order", test_lock_order);
    BOTH("/map-changes", test_map_changes);
    BOTH("/hotplug", test_hotplug);
    BOTH("/hotplug-fails", test_hotplug_fails);
    BOTH("/attach-fails", test_attach_fails);
    BOTH("/remove-self", test_remove_self);
    ADD("/cpus/shared/one-thread", ACCEL_THREAD_SHARED, test_one_thread);
    g_test_add_data_func("/cpus/kvm/two", few, test_kvm);
    g_test_add_data_func("/cpus/kvm/four", many, test_kvm);
    g_test_add_func("/cpus/kvm/as-told", test_kvm_env);
    g_test_add_data_func("/cpus/kvm/kick-handler", few, test_kvm_handler);
    return g_test_run();
}
