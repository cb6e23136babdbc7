/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

static const char *library;

Machine machine_new(void)
{
    Machine m = { .kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC) };
    struct kvm_userspace_memory_region region = { .memory_size = 65536 };

    g_assert_cmpint(m.kvm, >=, 0);
    m.vm = ioctl(m.kvm, KVM_CREATE_VM, 0);
    g_assert_cmpint(m.vm, >=, 0);
    m.vcpu = ioctl(m.vm, KVM_CREATE_VCPU, 0);
    g_assert_cmpint(m.vcpu, >=, 0);
    m.run = mmap(NULL, (size_t)ioctl(m.kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE,
                 MAP_SHARED, m.vcpu, 0);
    g_assert_true(m.run != MAP_FAILED);
    m.ram = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    region.userspace_addr = (guintptr)m.ram;
    g_assert_cmpint(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &region), ==, 0);
    return m;
}

static void run_in_child(gconstpointer data)
{
    const FakeTest *test = data;

    if (g_test_subprocess()) {
        test->run();
    } else {
        fake_test_run(test);
    }
}

void fake_test_run(const FakeTest *test)
{
    g_setenv("LD_PRELOAD", library, TRUE);
    g_setenv("ASAN_OPTIONS", "verify_asan_link_order=0", TRUE);
    g_setenv("FAKEKVM_SCENARIO_TEXT", test->scenario ? test->scenario : "", TRUE);
    g_unsetenv("FAKEKVM_SCENARIO");
    g_test_trap_subprocess(NULL, 20 * G_USEC_PER_SEC, 0);
    g_unsetenv("LD_PRELOAD");
    if (test->status) {
        g_assert_false(g_test_trap_reached_timeout());
        g_test_trap_assert_failed();
    } else {
        g_test_trap_assert_passed();
    }
    if (test->error) {
        g_test_trap_assert_stderr(test->error);
    }
}

void fake_tests_add(const FakeTest *tests, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        g_test_add_data_func(tests[i].name, &tests[i], run_in_child);
    }
}

int main(int argc, char **argv)
{
    library = g_getenv("FAKEKVM_LIBRARY");
    g_test_init(&argc, &argv, NULL);
    if (!library) {
        g_printerr("FAKEKVM_LIBRARY must name libfakekvm.so\n");
        return 77;
    }
    add_call_tests();
    add_file_tests();
    add_exit_tests();
    add_kick_tests();
    add_fault_tests();
    add_scenario_tests();
    add_record_tests();
    return g_test_run();
}
