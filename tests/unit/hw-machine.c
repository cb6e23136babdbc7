/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A machine's steps, and that it can be taken apart after each of them. */
#include <string.h>
#include "hw-fake.h"

static GPtrArray *requests;

static void on_request(void *opaque, const MachineRequestInfo *info)
{
    g_ptr_array_add(requests, g_strdup_printf("%d:%s:%d", info->kind, info->cause, info->code));
}

static void test_stages(void)
{
    HwRegistry *reg = hw_registry_new();
    int until;

    for (until = 0; until < 6; until++) {
        MachineState *ms = fake_machine(reg, 2, 4);
        g_autoptr(GError) err = NULL;

        if (until > 0) {
            hw_machine_attach_accel(ms, &fake_accel_new(ACCEL_THREAD_PER_VCPU)->parent);
        }
        if (until > 1) {
            g_assert_true(hw_machine_init(ms, &err));
        }
        if (until > 2) {
            g_assert_true(hw_machine_ready(ms, &err));
        }
        if (until > 3) {
            hw_machine_start(ms);
        }
        if (until > 4) {
            hw_machine_stop(ms);
        }
        hw_machine_free(ms);
    }
    hw_machine_free(NULL);
    hw_registry_free(reg);
}

/* The n-th vCPU cannot be made: init fails with that error, and everything goes away. */
static void test_init_fails(void)
{
    HwRegistry *reg = hw_registry_new();
    guint n;

    for (n = 1; n <= 3; n++) {
        MachineState *ms = fake_machine(reg, 3, 3);
        FakeAccel *accel = fake_accel_new(ACCEL_THREAD_PER_VCPU);
        g_autoptr(GError) err = NULL;

        accel->fail_create_at = n;
        hw_machine_attach_accel(ms, &accel->parent);
        g_assert_false(hw_machine_init(ms, &err));
        g_assert_cmpstr(accel_error_stage(err), ==, "create-vcpu");
        g_assert_cmpint(accel_error_errno(err), ==, 12);
        g_assert_null(hw_machine_cpu(ms, n - 1));
        hw_machine_free(ms);
    }
    hw_registry_free(reg);
}

static void test_ready_fails(void)
{
    HwRegistry *reg = hw_registry_new();
    MachineState *ms = fake_machine(reg, 1, 1);
    FakeAccel *accel = fake_accel_new(ACCEL_THREAD_PER_VCPU);
    g_autoptr(GError) err = NULL;

    accel->fail_reset = true;
    hw_machine_attach_accel(ms, &accel->parent);
    g_assert_true(hw_machine_init(ms, &err));
    g_assert_false(hw_machine_ready(ms, &err));
    g_assert_cmpstr(err->message, ==, "no reset");
    g_assert_false(ms->ready);
    accel->fail_reset = false;
    g_clear_error(&err);
    g_assert_true(hw_machine_ready(ms, &err));
    hw_machine_free(ms);
    hw_registry_free(reg);
}

static void test_spec(void)
{
    HwRegistry *reg = hw_registry_new();
    MachineState *ms = fake_machine(reg, 2, 6);
    AccelSpec spec;

    g_assert_true(hw_machine_spec(ms, &spec, NULL));
    g_assert_cmpuint(spec.cpus, ==, 2);
    g_assert_cmpuint(spec.max_cpus, ==, 6);
    g_assert_cmpuint(spec.max_apic_id, ==, 6);
    g_assert_cmpstr(spec.machine, ==, "fake");
    g_assert_cmpint(spec.vm_type, ==, 0);
    hw_machine_free(ms);
    hw_registry_free(reg);
}

static int refuse_type(MachineState *ms, GError **errp)
{
    return -1;
}

static int some_type(MachineState *ms, GError **errp)
{
    return 7;
}

static void test_vm_type(void)
{
    HwRegistry *reg = hw_registry_new();
    MachineClass mc = fake_machine_class;
    g_autoptr(GError) err = NULL;
    AccelSpec spec;
    MachineState *ms;

    mc.kvm_type = some_type;
    ms = hw_machine_new(reg, &mc);
    g_assert_true(hw_machine_spec(ms, &spec, &err));
    g_assert_cmpint(spec.vm_type, ==, 7);
    mc.kvm_type = refuse_type;
    g_assert_false(hw_machine_spec(ms, &spec, &err));
    g_assert_nonnull(strstr(err->message, "fake"));
    hw_machine_free(ms);
    hw_registry_free(reg);
}

static void test_requests(void)
{
    HwRegistry *reg = hw_registry_new();
    MachineState *ms = fake_machine(reg, 1, 1);

    hw_machine_request(ms, MACHINE_REQUEST_SHUTDOWN, "guest-shutdown", 0); /* nobody listens */
    requests = g_ptr_array_new_with_free_func(g_free);
    ms->hooks.request = on_request;
    hw_machine_request(ms, MACHINE_REQUEST_EXIT, "debug-exit", 3);
    g_assert_cmpuint(requests->len, ==, 1);
    g_assert_cmpstr(g_ptr_array_index(requests, 0), ==, "4:debug-exit:3");
    g_ptr_array_unref(requests);
    hw_machine_free(ms);
    hw_registry_free(reg);
}

static void test_lock(void)
{
    HwRegistry *reg = hw_registry_new();
    MachineState *ms = fake_machine(reg, 1, 1);
    guint depth;

    g_assert_cmpuint(hw_machine_unlock_all(ms), ==, 0);
    hw_machine_lock(ms);
    hw_machine_lock(ms);
    depth = hw_machine_unlock_all(ms);
    g_assert_cmpuint(depth, ==, 2);
    g_assert_cmpuint(ms->lock_depth, ==, 0);
    hw_machine_relock(ms, depth);
    g_assert_cmpuint(ms->lock_depth, ==, 2);
    hw_machine_unlock(ms);
    hw_machine_unlock(ms);
    hw_machine_free(ms);
    hw_registry_free(reg);
}

static void test_qtest_clock(void)
{
    HwRegistry *reg = hw_registry_new();
    MachineState *ms = fake_machine(reg, 2, 2);

    fake_machine_up(ms, fake_accel_new(ACCEL_THREAD_NONE));
    hw_machine_start(ms);
    g_assert_null(hw_machine_cpu(ms, 0)->accel_cpu);
    g_assert_cmpint(hw_machine_cpu(ms, 1)->thread_id, >, 0);
    g_assert_cmpint(hw_cpu_thread_id(hw_machine_cpu(ms, 1)), >, 0);
    hw_machine_stop(ms);
    hw_machine_free(ms);
    hw_registry_free(reg);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/machine/stages", test_stages);
    g_test_add_func("/machine/init-fails", test_init_fails);
    g_test_add_func("/machine/ready-fails", test_ready_fails);
    g_test_add_func("/machine/spec", test_spec);
    g_test_add_func("/machine/vm-type", test_vm_type);
    g_test_add_func("/machine/requests", test_requests);
    g_test_add_func("/machine/lock", test_lock);
    g_test_add_func("/machine/no-vcpu-threads", test_qtest_clock);
    return g_test_run();
}
