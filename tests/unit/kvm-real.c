/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The KVM accelerator on the real /dev/kvm, through the public interface only. Without one every
 * case skips. Guests are a few bytes of real-mode code.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "accel/accel.h"
#include "accel/kvm.h"
#include "accel/x86.h"
#include "../proc-count.h"

#define RAM_SIZE 0x10000

typedef struct Vm {
    AccelState *as;
    uint8_t *ram;
    GString *out;
} Vm;

static bool no_kvm(void)
{
    int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

    if (fd < 0) {
        g_test_skip("no usable /dev/kvm");
        return true;
    }
    close(fd);
    return false;
}

static void on_out(void *opaque, AccelCPU *cpu, uint16_t port, const void *data, unsigned size,
                   unsigned count)
{
    g_string_append_len(((Vm *)opaque)->out, data, size * count);
}

static void vm_open_spec(Vm *vm, const void *code, size_t len, const AccelSpec *spec)
{
    g_autoptr(GError) err = NULL;
    const AccelIo io = { .pio_write = on_out, .opaque = vm };

    vm->out = g_string_new(NULL);
    vm->ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(vm->ram + 0x1000, code, len);
    vm->as = accel_open("kvm", spec, &err);
    g_assert_no_error(err);
    accel_set_io(vm->as, &io);
    accel_map_ram(vm->as, 0, vm->ram, RAM_SIZE, 0, &err);
    g_assert_no_error(err);
}

static void vm_open(Vm *vm, const void *code, size_t len, uint32_t cpus)
{
    const AccelSpec spec = { .size = sizeof(spec), .cpus = cpus };

    vm_open_spec(vm, code, len, &spec);
}

static void vm_close(Vm *vm)
{
    accel_close(vm->as);
    munmap(vm->ram, RAM_SIZE);
    g_string_free(vm->out, TRUE);
}

static AccelCPU *vm_cpu(Vm *vm, uint32_t id)
{
    g_autoptr(GError) err = NULL;
    AccelCPU *cpu = accel_create_vcpu(vm->as, id, &err);
    AccelX86Regs r;

    g_assert_no_error(err);
    accel_reset_vcpu(cpu, true, &err);
    g_assert_no_error(err);
    accel_get_regs(cpu, &r, &err);
    g_assert_no_error(err);
    r.cs.base = 0;
    r.cs.selector = 0;
    r.rip = 0x1000;
    accel_set_regs(cpu, &r, &err);
    g_assert_no_error(err);
    return cpu;
}

static void test_run_and_kick(void)
{
    /* mov al,'h'; out e9,al; mov al,'i'; out e9,al; hlt */
    static const uint8_t code[] = { 0xb0, 'h', 0xe6, 0xe9, 0xb0, 'i', 0xe6, 0xe9, 0xf4 };
    g_autoptr(GError) err = NULL;
    AccelCPU *cpu;
    Vm vm;

    if (no_kvm()) {
        return;
    }
    vm_open(&vm, code, sizeof(code), 1);
    cpu = vm_cpu(&vm, 0);
    accel_kick(cpu);
    g_assert_cmpint(accel_run(cpu, NULL, &err), ==, ACCEL_EXIT_KICK);
    g_assert_cmpstr(vm.out->str, ==, ""); /* a kick before the first run is not lost */
    accel_cpu_detach(cpu);
    vm_close(&vm);
}

static gpointer kicker(gpointer cpu)
{
    for (int i = 0; i < 100; i++) {
        g_usleep(1000);
        accel_kick(cpu);
    }
    return NULL;
}

static void run_until_kicked(AccelCPU *cpu, int n)
{
    g_autoptr(GError) err = NULL;

    for (int i = 0; i < n; i++) {
        g_assert_cmpint(accel_run(cpu, NULL, &err), ==, ACCEL_EXIT_KICK);
        g_assert_no_error(err);
    }
}

static void test_kick_halted(void)
{
    static const uint8_t code[] = { 0xf4, 0xeb, 0xfd }; /* hlt; jmp */
    GThread *t;
    AccelCPU *cpu;
    Vm vm;

    if (no_kvm()) {
        return;
    }
    vm_open(&vm, code, sizeof(code), 1);
    cpu = vm_cpu(&vm, 0);
    t = g_thread_new("kicker", kicker, cpu);
    run_until_kicked(cpu, 2); /* at least the first and one more of a hundred come through */
    g_thread_join(t);
    accel_cpu_detach(cpu);
    vm_close(&vm);
}

static void test_unhandled_io(void)
{
    static const uint8_t code[] = { 0xb0, 0x2a, 0xe6, 0xf4, 0xa2, 0x00, 0x00, 0xf4 };
    const AccelIo none = { 0 };
    AccelExit ex;
    AccelCPU *cpu;
    Vm vm;

    if (no_kvm()) {
        return;
    }
    vm_open(&vm, code, sizeof(code), 1);
    accel_set_io(vm.as, &none);
    cpu = vm_cpu(&vm, 0);
    g_assert_cmpint(accel_run(cpu, &ex, NULL), ==, ACCEL_EXIT_UNHANDLED_IO);
    g_assert_true(ex.is_port && ex.is_write);
    g_assert_cmpuint(ex.addr, ==, 0xf4);
    g_assert_cmpuint(ex.data[0], ==, 0x2a);
    g_assert_cmpuint(ex.len, ==, 1);
    vm_close(&vm);
}

/* Protected mode, flat 32-bit segments, an IDT without entries: any exception is a triple fault. */
static void no_idt(AccelCPU *cpu)
{
    g_autoptr(GError) err = NULL;
    AccelX86Regs r;

    accel_get_regs(cpu, &r, NULL);
    r.cr0 |= 1;
    r.cs = (AccelX86Segment){ .limit = ~0u, .selector = 8, .type = 0xb, .s = 1, .present = 1,
                              .db = 1, .g = 1 };
    r.ds = r.es = r.ss = (AccelX86Segment){ .limit = ~0u, .selector = 16, .type = 3, .s = 1,
                                            .present = 1, .db = 1, .g = 1 };
    r.idt.limit = 0;
    accel_set_regs(cpu, &r, &err);
    g_assert_no_error(err);
}

static void test_triple_fault(void)
{
    static const uint8_t code[] = { 0x0f, 0x0b }; /* ud2, and no IDT: see no_idt() */
    AccelCPU *cpu;
    Vm vm;

    if (no_kvm()) {
        return;
    }
    vm_open(&vm, code, sizeof(code), 1);
    cpu = vm_cpu(&vm, 0);
    no_idt(cpu);
    g_assert_cmpint(accel_run(cpu, NULL, NULL), ==, ACCEL_EXIT_TRIPLE_FAULT);
    vm_close(&vm);
}

/* MSR 0x35: cores and threads of the package, which only user space knows. */
static void test_core_thread_count(void)
{
    /* mov ecx,0x35; rdmsr; out e9,eax; hlt */
    static const uint8_t code[] = { 0x66, 0xb9, 0x35, 0, 0, 0, 0x0f, 0x32, 0x66, 0xe7, 0xe9, 0xf4 };
    const AccelSpec spec = { .size = sizeof(spec), .cpus = 1, .package_cores = 2,
                             .package_threads = 4 };
    g_autoptr(GError) err = NULL;
    uint32_t value = 0;
    AccelCPU *cpu;
    GThread *thread;
    Vm vm;

    if (no_kvm()) {
        return;
    }
    vm_open_spec(&vm, code, sizeof(code), &spec);
    cpu = vm_cpu(&vm, 0);
    thread = g_thread_new("kicker", kicker, cpu);
    g_assert_cmpint(accel_run(cpu, NULL, &err), ==, ACCEL_EXIT_KICK);
    while (vm.out->len < 4) {
        g_assert_cmpint(accel_run(cpu, NULL, &err), ==, ACCEL_EXIT_KICK);
    }
    memcpy(&value, vm.out->str, 4);
    g_assert_cmphex(value, ==, 0x00020004);
    g_thread_join(thread);
    accel_cpu_detach(cpu);
    vm_close(&vm);
}

static void test_memory_errors(void)
{
    static const uint8_t code[] = { 0xf4 };
    g_autoptr(GError) a = NULL, b = NULL, c = NULL;
    Vm vm;

    if (no_kvm()) {
        return;
    }
    vm_open(&vm, code, sizeof(code), 1);
    g_assert_false(accel_map_ram(vm.as, 0x8000, vm.ram, RAM_SIZE, 0, &a));
    g_assert_error(a, ACCEL_ERROR, ACCEL_ERROR_INVALID);
    g_assert_cmpint(accel_error_errno(a), ==, EEXIST);
    g_assert_false(accel_map_ram(vm.as, 0x100001, vm.ram, 4096, 0, &b));
    g_assert_error(b, ACCEL_ERROR, ACCEL_ERROR_INVALID);
    g_assert_false(accel_unmap_ram(vm.as, 0x100000, 4096, &c));
    g_assert_cmpint(accel_error_errno(c), ==, ENOENT);
    g_assert_true(accel_unmap_ram(vm.as, 0, RAM_SIZE, NULL));
    g_assert_true(accel_map_ram(vm.as, 0, vm.ram, RAM_SIZE, 0, NULL));
    vm_close(&vm);
}

static void test_park(void)
{
    static const uint8_t code[] = { 0xf4 };
    g_autoptr(GError) err = NULL;
    guint before;
    Vm vm;

    if (no_kvm()) {
        return;
    }
    vm_open(&vm, code, sizeof(code), 2);
    g_assert_nonnull(accel_create_vcpu(vm.as, 0, NULL));
    accel_destroy_vcpu(accel_create_vcpu(vm.as, 1, NULL));
    before = count_descriptors();
    for (int i = 0; i < 1000; i++) {
        accel_destroy_vcpu(accel_create_vcpu(vm.as, 1, NULL));
    }
    g_assert_cmpuint(count_descriptors(), ==, before);
    g_assert_null(accel_create_vcpu(vm.as, 0, &err));
    g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_INVALID);
    vm_close(&vm);
}

static void test_limits(void)
{
    AccelSpec spec = { .size = sizeof(spec), .cpus = 100000 };
    g_autoptr(GError) err = NULL;

    if (no_kvm()) {
        return;
    }
    g_assert_null(accel_open("kvm", &spec, &err));
    g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_LIMIT);
    g_assert_cmpstr(accel_error_stage(err), ==, "vcpu-limits");
    g_assert_cmpint(accel_error_need(err), ==, 100000);
    g_assert_cmpint(accel_error_have(err), >, 0);
}

static void test_soft_limit(void)
{
    g_autoptr(AccelState) probe = accel_open("kvm", NULL, NULL);
    AccelSpec spec = { .size = sizeof(spec) };
    AccelState *as;
    int soft;

    if (probe == NULL) {
        g_test_skip("no usable /dev/kvm");
        return;
    }
    soft = kvm_recommended_vcpus(kvm_state(probe));
    if (soft >= kvm_max_vcpus(kvm_state(probe))) {
        g_test_skip("soft and hard limit are the same here");
        return;
    }
    spec.cpus = (uint32_t)soft + 1;
    as = accel_open("kvm", &spec, NULL);
    g_assert_nonnull(as);
    g_assert_true(g_str_has_prefix(accel_warnings(as)[0], "Number of SMP cpus requested ("));
    g_assert_null(accel_warnings(as)[1]); /* one line, not one per row of the check */
    accel_close(as);
}

static void test_two_vms(void)
{
    static const uint8_t a_code[] = { 0xb0, 'a', 0xe6, 0xe9, 0xb0, 'A', 0xe6, 0xe9, 0xf4 };
    static const uint8_t bad[] = { 0x0f, 0x0b };
    AccelCPU *ca, *cb;
    GThread *thread;
    Vm a, b;

    if (no_kvm()) {
        return;
    }
    vm_open(&a, a_code, sizeof(a_code), 1);
    vm_open(&b, bad, sizeof(bad), 1);
    ca = vm_cpu(&a, 0);
    cb = vm_cpu(&b, 0);
    no_idt(cb);
    g_assert_cmpint(accel_run(cb, NULL, NULL), ==, ACCEL_EXIT_TRIPLE_FAULT);
    accel_cpu_detach(cb);
    vm_close(&b);
    thread = g_thread_new("kicker", kicker, ca);
    g_assert_cmpint(accel_run(ca, NULL, NULL), ==, ACCEL_EXIT_KICK);
    g_assert_cmpstr(a.out->str, ==, "aA");
    g_thread_join(thread);
    accel_cpu_detach(ca);
    vm_close(&a);
}

/* 10,000 bring-ups in one process, every second one failing at another stage. */
static void test_ten_thousand(void)
{
    static const char *const failing[] = { "/dev/null", "/nonexistent", "/dev/fdset/999999" };
    guint fds, threads;
    const char *env = g_getenv("KVM_TEST_ROUNDS");
    int rounds = env != NULL ? atoi(env) : 10000;

    if (no_kvm()) {
        return;
    }
    accel_close(accel_open("kvm", NULL, NULL)); /* lazy things of libc and glib happen here */
    fds = count_descriptors();
    threads = count_threads();
    for (int i = 0; i < rounds; i++) {
        AccelSpec spec = { .size = sizeof(spec), .cpus = i % 4 == 1 ? 1u << 30 : 1,
                           .no_irqchip = i % 100 != 0 }; /* taking one down takes 20 ms */
        const bool bad = i % 2 == 1;
        AccelState *as = accel_new("kvm", NULL);
        gboolean ok;

        if (bad && i % 4 == 3) {
            accel_set_property(as, "device", failing[i % 3], NULL);
        }
        ok = accel_init(as, &spec, NULL);
        g_assert_cmpint(ok, ==, !bad);
        accel_close(as);
    }
    g_assert_cmpuint(count_descriptors(), ==, fds);
    g_assert_cmpuint(count_threads(), ==, threads);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kvm/run-and-kick", test_run_and_kick);
    g_test_add_func("/kvm/kick-halted", test_kick_halted);
    g_test_add_func("/kvm/unhandled-io", test_unhandled_io);
    g_test_add_func("/kvm/triple-fault", test_triple_fault);
    g_test_add_func("/kvm/core-thread-count", test_core_thread_count);
    g_test_add_func("/kvm/memory-errors", test_memory_errors);
    g_test_add_func("/kvm/park", test_park);
    g_test_add_func("/kvm/limits", test_limits);
    g_test_add_func("/kvm/soft-limit", test_soft_limit);
    g_test_add_func("/kvm/two-vms", test_two_vms);
    g_test_add_func("/kvm/ten-thousand", test_ten_thousand);
    return g_test_run();
}
