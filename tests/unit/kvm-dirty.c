/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which pages a guest wrote, by bitmap and by ring: none is forgotten, whatever happens to the vCPU
 * that wrote it, and none is told twice. Needs the real /dev/kvm.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "accel/accel.h"
#include "accel/x86.h"
#include "../proc-count.h"

#define RAM_SIZE 0x100000
#define PAGES (RAM_SIZE / 4096)
#define FIRST 2
#define END 240

/* Writes one byte into each page from FIRST to before END, then leaves by a port nobody has. */
static const uint8_t toucher[] = {
    0xb8, 0x00, 0x02,             /* mov $0x200, %ax */
    0x8e, 0xd8,                   /* 1: mov %ax, %ds */
    0xa2, 0x00, 0x00,             /* mov %al, 0 */
    0x05, 0x00, 0x01,             /* add $0x100, %ax */
    0x3d, 0x00, 0xf0,             /* cmp $0xf000, %ax */
    0x75, 0xf3,                   /* jne 1b */
    0xe6, 0xe9,                   /* out %al, $0xe9 */
};

typedef struct Vm {
    AccelState *as;
    uint8_t *ram;
    gint reaped; /* atomic: rounds of the reaper */
    gint pages, rings, flushes; /* atomic: what the trace tells of the rings */
    AccelTrace *trace;
} Vm;

static void on_trace(void *opaque, const char *event, const char *line)
{
    Vm *vm = opaque;

    if (strstr(line, "round") != NULL) {
        g_atomic_int_inc(&vm->reaped);
    } else if (strcmp(event, "kvm_dirty_ring_page") == 0) {
        g_atomic_int_inc(&vm->pages);
    } else if (strcmp(event, "kvm_dirty_ring_reap_vcpu") == 0) {
        g_atomic_int_inc(&vm->rings);
    } else if (strcmp(event, "kvm_dirty_ring_flush") == 0) {
        g_atomic_int_inc(&vm->flushes);
    }
}

/* @ring: entries as text; NULL: bitmap. Returns false when this host cannot do it. */
static bool vm_open(Vm *vm, const char *ring)
{
    AccelSpec spec = { .size = sizeof(spec), .cpus = 2 };
    g_autoptr(GError) err = NULL;
    int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

    if (fd < 0) {
        g_test_skip("no usable /dev/kvm");
        return false;
    }
    close(fd);
    *vm = (Vm){ .as = accel_new("kvm", NULL) };
    vm->trace = spec.trace = accel_trace_new(on_trace, vm);
    accel_trace_enable(vm->trace, "kvm_dirty_ring_*");
    if (ring != NULL) {
        g_assert_true(accel_set_property(vm->as, "dirty-ring-size", ring, &err));
    }
    if (!accel_init(vm->as, &spec, &err) || accel_warnings(vm->as)[0] != NULL) {
        g_test_skip(err != NULL ? err->message : accel_warnings(vm->as)[0]);
        accel_close(vm->as);
        accel_trace_free(vm->trace);
        return false;
    }
    vm->ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(vm->ram + 0x1000, toucher, sizeof(toucher));
    g_assert_true(accel_map_ram(vm->as, 0, vm->ram, RAM_SIZE, ACCEL_RAM_LOG_DIRTY, &err));
    return true;
}

static void vm_close(Vm *vm)
{
    accel_close(vm->as);
    accel_trace_free(vm->trace);
    munmap(vm->ram, RAM_SIZE);
}

static AccelCPU *touch_all(Vm *vm, uint32_t id)
{
    g_autoptr(GError) err = NULL;
    AccelCPU *cpu = accel_create_vcpu(vm->as, id, &err);
    AccelX86Regs r;

    g_assert_no_error(err);
    g_assert_true(accel_reset_vcpu(cpu, true, &err));
    accel_get_regs(cpu, &r, NULL);
    r.cs.base = r.cs.selector = 0;
    r.rip = 0x1000;
    g_assert_true(accel_set_regs(cpu, &r, &err));
    g_assert_cmpint(accel_run(cpu, NULL, &err), ==, ACCEL_EXIT_UNHANDLED_IO);
    g_assert_no_error(err);
    return cpu;
}

/* How many of the pages that the guest touches are dirty. */
static guint fetch(Vm *vm)
{
    uint64_t bits[PAGES / 64] = { 0 };
    g_autoptr(GError) err = NULL;
    guint n = 0;

    accel_get_dirty(vm->as, 0, RAM_SIZE, bits, &err);
    g_assert_no_error(err);
    for (guint i = FIRST; i < END; i++) {
        n += bits[i / 64] >> (i % 64) & 1;
    }
    return n;
}

static void test_all_seen(gconstpointer ring)
{
    Vm vm;

    if (!vm_open(&vm, ring)) {
        return;
    }
    fetch(&vm); /* with a bitmap everything starts dirty */
    touch_all(&vm, 0);
    g_assert_cmpuint(fetch(&vm), ==, END - FIRST);
    g_assert_cmpuint(fetch(&vm), ==, 0);
    g_assert_cmpint(vm.pages, ==, ring != NULL ? END - FIRST : 0);
    g_assert_cmpint(vm.rings, >=, ring != NULL ? 1 : 0);
    g_assert_cmpint(vm.flushes, ==, ring != NULL ? 3 : 0);
    vm_close(&vm);
}

/* The vCPU that wrote is gone when somebody asks. */
static void test_vcpu_gone(gconstpointer ring)
{
    Vm vm;

    if (!vm_open(&vm, ring)) {
        return;
    }
    fetch(&vm);
    accel_destroy_vcpu(touch_all(&vm, 0));
    g_assert_cmpuint(fetch(&vm), ==, END - FIRST);
    g_assert_cmpuint(fetch(&vm), ==, 0);
    touch_all(&vm, 0); /* the same ring again, from where it was */
    g_assert_cmpuint(fetch(&vm), ==, END - FIRST);
    vm_close(&vm);
}

/* D09: a thread empties the rings every second, so that a guest seldom finds its own full. */
static void test_reaper(void)
{
    guint before = count_threads();
    Vm vm;

    if (!vm_open(&vm, "1024")) {
        return;
    }
    g_assert_cmpuint(count_threads(), ==, before + 1);
    touch_all(&vm, 0);
    for (int i = 0; i < 3000 && g_atomic_int_get(&vm.reaped) == 0; i++) {
        g_usleep(10000);
    }
    g_assert_cmpint(g_atomic_int_get(&vm.reaped), >, 0);
    g_assert_cmpuint(fetch(&vm), ==, END - FIRST); /* what it took out is kept */
    vm_close(&vm);
    g_assert_cmpuint(count_threads(), ==, before);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/kvm-dirty/bitmap/all-seen", NULL, test_all_seen);
    g_test_add_data_func("/kvm-dirty/bitmap/vcpu-gone", NULL, test_vcpu_gone);
    g_test_add_data_func("/kvm-dirty/ring/all-seen", "1024", test_all_seen);
    g_test_add_data_func("/kvm-dirty/ring/full", "256", test_all_seen);
    g_test_add_data_func("/kvm-dirty/ring/vcpu-gone", "1024", test_vcpu_gone);
    g_test_add_func("/kvm-dirty/ring/reaper", test_reaper);
    return g_test_run();
}
