/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bring-up with odd arguments and on odd hosts, and what belongs to an open KVM but to no vCPU:
 * memory slots, dirty pages, limits, parked vCPUs, routes, statistics, names.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "../fakekvm/fakekvm-control.h"
#include "accel/accel-class.h"
#include "accel/kvm-host.h"
#include "accel/kvm-stats.h"
#include "accel/version.h"
#include "small-vm.h"

/* On any thread: the reaper of dirty rings has something to say, too. */
static void count_line(void *opaque, const char *event, const char *line)
{
    g_atomic_int_inc((gint *)opaque);
}

/* An open VM on a host that is otherwise healthy; ends the test when it does not open. */
static void open_on(SmallVm *vm, const char *host, const char *const *props, guint cpus)
{
    g_autoptr(GError) err = NULL;

    fakekvm_restart(host);
    small_vm_init(vm, cpus);
    vm->props = props;
    g_assert_true(small_vm_open(vm, &err));
    g_assert_no_error(err);
}

static void assert_error(GError *err, AccelErrorCode code, const char *stage, const char *message)
{
    g_assert_error(err, ACCEL_ERROR, (int)code);
    g_assert_cmpstr(accel_error_stage(err), ==, stage);
    g_assert_cmpstr(err->message, ==, message);
    g_error_free(err);
}

/* ---- arguments ---- */

static void test_spec(void)
{
    AccelSpec spec = { .size = sizeof(spec) };
    GError *err = NULL;
    AccelState *as;

    fakekvm_restart("");
    as = accel_open("kvm", NULL, &err); /* no spec: a bare VM */
    g_assert_no_error(err);
    g_assert_cmpstr(accel_name(as), ==, "kvm");
    g_assert_cmpstr(accel_warnings(as)[0], ==, NULL);
    g_assert_null(accel_get_trace(as));
    g_assert_false(accel_init(as, &spec, &err));
    assert_error(err, ACCEL_ERROR_INVALID, NULL, "The accelerator has been initialized already");
    err = NULL;
    g_assert_false(accel_set_property(as, "device", "/dev/null", &err));
    assert_error(err, ACCEL_ERROR_INVALID, NULL,
                 "Cannot set properties after the accelerator has been initialized");
    accel_close(as);
    err = NULL;
    spec.size = 4;
    g_assert_null(accel_open("kvm", &spec, &err));
    assert_error(err, ACCEL_ERROR_INVALID, NULL, "AccelSpec.size is not set");
    spec.size = sizeof(spec);
    spec.vm_type = -1;
    err = NULL;
    g_assert_null(accel_open("kvm", &spec, &err));
    assert_error(err, ACCEL_ERROR_FAILED, "create-vm", "VM type -1 is not valid");
    g_assert_null(accel_open("kvm", &spec, NULL));
    accel_close(NULL);
}

static void test_machine_caps(void)
{
    const char *caps[] = { "KVM_CAP_HLT", "SYNC_REGS", NULL };
    AccelSpec spec = { .size = sizeof(spec), .required_caps = caps, .machine = "big" };
    GError *err = NULL;

    fakekvm_restart("cap SYNC_REGS 0; cap HLT 1");
    g_assert_null(accel_open("kvm", &spec, &err));
    assert_error(err, ACCEL_ERROR_CAPABILITY, "machine-caps",
                 "kvm does not support SYNC_REGS, which machine 'big' requires");
    caps[1] = "NO_SUCH_CAP";
    spec.machine = NULL;
    err = NULL;
    g_assert_null(accel_open("kvm", &spec, &err));
    assert_error(err, ACCEL_ERROR_CAPABILITY, "machine-caps",
                 "kvm does not support NO_SUCH_CAP, which machine '?' requires");
    caps[1] = NULL;
    err = NULL;
    accel_close(accel_open("kvm", &spec, &err));
    g_assert_no_error(err);
}

/* The node by property, by spec, by number. */
static void test_devices(void)
{
    static const char *const bad[] = { "/dev/fdset/", "/dev/fdset/x", "/dev/fdset/1x",
                                       "/dev/fdset/-1", "/dev/fdset/99999999999" };
    AccelSpec spec = { .size = sizeof(spec), .device = "/dev/no-such" };
    g_autofree char *path = NULL;
    GError *err = NULL;
    int fd;

    fakekvm_restart("");
    g_assert_null(accel_open("kvm", &spec, &err));
    assert_error(err, ACCEL_ERROR_ABSENT, "open",
                 "Could not access KVM kernel module: No such file or directory");
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        spec.device = bad[i];
        err = NULL;
        g_assert_null(accel_open("kvm", &spec, &err));
        assert_error(err, ACCEL_ERROR_ABSENT, "open",
                     "Could not access KVM kernel module: No such file or directory");
    }
    fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    path = g_strdup_printf("/dev/fdset/%d", fd);
    spec.device = path;
    err = NULL;
    accel_close(accel_open("kvm", &spec, &err));
    g_assert_no_error(err);
    close(fd);
}

static void test_facts(void)
{
    g_autofree char *device = NULL, *none = NULL;
    guint n;
    SmallVm vm;
    KVMState *s;

    open_on(&vm, "cap NR_VCPUS 3; cap MAX_VCPUS 7; cap MAX_VCPU_ID 0", NULL, 1);
    s = kvm_state(vm.as);
    g_assert_nonnull(s);
    g_assert_null(kvm_state(NULL));
    g_assert_cmpint(kvm_api_version(s), ==, 12);
    g_assert_cmpint(kvm_recommended_vcpus(s), ==, 3);
    g_assert_cmpint(kvm_max_vcpus(s), ==, 7);
    g_assert_cmpint(kvm_max_vcpu_id(s), ==, 7);
    g_assert_cmpint(kvm_max_memslots(s), ==, 32764);
    g_assert_cmpint(kvm_fd(s), >=, 0);
    g_assert_cmpint(kvm_vm_fd(s), >=, 0);
    g_assert_cmpint(kvm_ioctl(s, KVM_GET_API_VERSION, 0), ==, 12);
    device = accel_get_property(vm.as, "device");
    none = accel_get_property(vm.as, "nothing");
    g_assert_cmpstr(device, ==, "");
    g_assert_null(none);
    g_assert_nonnull(accel_stage_times(vm.as, &n));
    g_assert_cmpuint(n, >, 10);
    g_assert_cmpint(accel_irqchip(vm.as), ==, ACCEL_IRQCHIP_ON);
    g_assert_cmpstr(accel_display_name(vm.as), ==, "KVM");
    small_vm_free(&vm);
    {
        g_autoptr(AccelState) fresh = accel_new("kvm", NULL), other = accel_new("qtest", NULL);

        g_assert_null(accel_stage_times(fresh, &n));
        g_assert_null(kvm_state(other));
    }
}

static void test_tables(void)
{
    const char *const *names = kvm_stage_names();

    g_assert_true(g_strv_contains(names, "open") && g_strv_contains(names, "irqchip"));
    g_assert_true(names == kvm_stage_names());
    g_assert_cmpstr(kvm_required_capabilities()[0].name, ==, "KVM_CAP_USER_MEMORY");
    g_assert_cmpstr(kvm_arch_required_capabilities()[0].name, ==, "KVM_CAP_SET_TSS_ADDR");
    for (const KVMCapabilityInfo *c = kvm_optional_capabilities(); c->name != NULL; c++) {
        g_assert_cmpint(kvm_capability_by_name(c->name), ==, c->value);
        g_assert_nonnull(c->lost);
        g_assert_nonnull(c->instead);
    }
    g_assert_cmpstr(kvm_capability_name(3), ==, "KVM_CAP_USER_MEMORY");
    g_assert_null(kvm_capability_name(99999));
    g_assert_nonnull(kvm_capability_since(3));
    g_assert_null(kvm_capability_since(99999));
    g_assert_cmpint(kvm_capability_by_name("user_memory"), ==, 3);
    g_assert_cmpint(kvm_capability_by_name("NO"), ==, -1);
    g_assert_cmpint(kvm_capability_at(0), ==, 0);
    g_assert_cmpint(kvm_capability_at(100000), ==, -1);
    g_assert_cmpstr(kvm_ioctl_name(KVM_CREATE_VM), ==, "KVM_CREATE_VM");
    g_assert_cmpstr(kvm_ioctl_name(_IO(KVMIO, 0xfe)), ==, NULL);
    g_assert_null(kvm_ioctl_name(0x1234));
    g_assert_nonnull(kvm_ioctl_name(_IOWR(KVMIO, 0x01, int))); /* the right number, odd direction */
    g_assert_cmpstr(accel_version(), ==, ACCELVM_VERSION);
    g_assert_cmpstr(accel_trace_event_name(ACCEL_TRACE_kvm_ioctl), ==, "kvm_ioctl");
    g_assert_nonnull(accel_trace_event_help(ACCEL_TRACE_kvm_ioctl));
    g_assert_cmpstr(accel_list(false)[0], ==, "kvm");
    g_assert_true(g_strv_contains(accel_list(true), "qtest"));
}

static void test_modules(void)
{
    g_autofree char *help = accel_help("kvm", NULL), *none = NULL;
    const char *dir = g_getenv("BAD_MODULES");
    GError *err = NULL;

    g_assert_nonnull(strstr(help, "kernel-irqchip=<auto|on|off|split>"));
    g_assert_true(accel_is_module("tcg"));
    g_assert_false(accel_is_module("kvm"));
    none = accel_help("nothing", &err);
    assert_error(err, ACCEL_ERROR_UNKNOWN, "select", "invalid accelerator nothing");
    g_setenv("ACCELVM_MODULE_PATH", "/nonexistent", TRUE);
    err = NULL;
    g_assert_null(accel_new("tcg", &err));
    g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_ABSENT);
    g_assert_nonnull(strstr(accel_error_remedies(err)[0], "libunicorn"));
    g_clear_error(&err);
    g_assert_null(accel_new("tcg", NULL));
    g_unsetenv("ACCELVM_MODULE_PATH");
    accel_close(accel_new("tcg", NULL)); /* installed or not */
    if (dir == NULL) {
        g_test_skip("no module of another ABI here");
        return;
    }
    g_setenv("ACCELVM_MODULE_PATH", dir, TRUE);
    g_assert_null(accel_new("tcg", &err));
    g_assert_error(err, ACCEL_ERROR, ACCEL_ERROR_VERSION);
    g_assert_cmpstr(accel_error_stage(err), ==, "module");
    g_clear_error(&err);
    g_unsetenv("ACCELVM_MODULE_PATH");
}

/* ---- memory ---- */

static void refuse_map(SmallVm *vm, uint64_t gpa, void *hva, uint64_t size, AccelErrorCode code)
{
    GError *err = NULL;

    g_assert_false(accel_map_ram(vm->as, gpa, hva, size, 0, &err));
    g_assert_error(err, ACCEL_ERROR, (int)code);
    g_assert_cmpstr(accel_error_stage(err), ==, "memory");
    g_clear_error(&err);
    g_assert_false(accel_map_ram(vm->as, gpa, hva, size, 0, NULL));
}

static void test_slots(void)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    GError *err = NULL;
    guint lines = 0;
    AccelTrace *trace = accel_trace_new(count_line, &lines);
    SmallVm vm;

    accel_trace_enable(trace, "kvm_s*");
    fakekvm_restart("cap NR_MEMSLOTS 3");
    small_vm_init(&vm, 1);
    vm.spec.trace = trace;
    g_assert_true(small_vm_open(&vm, NULL));
    refuse_map(&vm, 0, vm.ram, 0, ACCEL_ERROR_INVALID);
    refuse_map(&vm, 1, vm.ram, page, ACCEL_ERROR_INVALID);
    refuse_map(&vm, 0, vm.ram + 1, page, ACCEL_ERROR_INVALID);
    refuse_map(&vm, 0, vm.ram, page + 1, ACCEL_ERROR_INVALID);
    refuse_map(&vm, -page, vm.ram, 2 * page, ACCEL_ERROR_INVALID);
    for (guint i = 0; i < 3; i++) {
        g_assert_true(accel_map_ram(vm.as, i * 2 * page, vm.ram + i * 2 * page, page, 0, &err));
    }
    refuse_map(&vm, 0, vm.ram, page, ACCEL_ERROR_INVALID);             /* the same again */
    refuse_map(&vm, page, vm.ram, 2 * page, ACCEL_ERROR_INVALID);      /* into the next */
    refuse_map(&vm, 0x100000, vm.ram + 0x80000, page, ACCEL_ERROR_RESOURCE);
    g_assert_false(accel_unmap_ram(vm.as, 0, 2 * page, &err));
    assert_error(err, ACCEL_ERROR_INVALID, "memory", "no RAM is mapped at 0x0, size 0x2000");
    g_assert_false(accel_unmap_ram(vm.as, page, page, NULL));
    g_assert_false(accel_unmap_ram(vm.as, 0, 0, NULL));
    err = NULL;
    g_assert_true(accel_unmap_ram(vm.as, 2 * page, page, &err));
    g_assert_true(accel_map_ram(vm.as, 0x100000, vm.ram + 0x80000, page, 0, &err)); /* its slot */
    g_assert_no_error(err);
    g_assert_cmpuint(lines, ==, 8); /* 3 slots, 5 changes */
    small_vm_free(&vm);
    accel_trace_free(trace);
}

static void test_readonly(void)
{
    GError *err = NULL;
    SmallVm vm;

    open_on(&vm, "cap READONLY_MEM 0", NULL, 1);
    g_assert_true(accel_map_ram(vm.as, 0, vm.ram, 4096, ACCEL_RAM_READONLY, &err));
    g_assert_nonnull(strstr(vm.log->str, "the guest can write to ROM at 0x0, size 0x1000"));
    small_vm_free(&vm);
    open_on(&vm, "fault call=KVM_SET_USER_MEMORY_REGION errno=EINVAL", NULL, 1);
    g_assert_false(accel_map_ram(vm.as, 0, vm.ram, 4096, ACCEL_RAM_READONLY, &err));
    g_assert_cmpint(accel_error_errno(err), ==, EINVAL);
    g_error_free(err);
    small_vm_free(&vm);
}

static guint dirty_pages(SmallVm *vm, guint want_page)
{
    uint64_t bitmap[SMALL_RAM / 4096 / 64];
    g_autoptr(GError) err = NULL;
    guint n = 0;

    g_assert_true(accel_get_dirty(vm->as, 0, SMALL_RAM, bitmap, &err));
    g_assert_no_error(err);
    for (guint i = 0; i < SMALL_RAM / 4096; i++) {
        n += (bitmap[i / 64] >> (i % 64) & 1) != 0;
    }
    g_assert_true(n == 0 || (bitmap[want_page / 64] >> (want_page % 64) & 1) != 0);
    return n;
}

static void dirty(const char *const *props, const char *host, AccelTrace *trace)
{
    g_autofree char *text = g_strdup_printf("vcpu 0; dirty slot=0 page=70 count=3; "
                                            "dirty-ring-full; dirty slot=0 page=2; hlt force; "
                                            "end; %s", host);
    g_autoptr(GError) err = NULL;
    SmallVm vm;

    fakekvm_restart(text);
    small_vm_init(&vm, 2);
    vm.props = props;
    vm.spec.trace = trace;
    g_assert_true(small_vm_open(&vm, &err) && small_vm_cpus(&vm, &err));
    dirty_pages(&vm, 0); /* a log may begin with all pages set */
    g_assert_cmpint(small_vm_run(&vm, NULL, &err), ==, ACCEL_EXIT_HLT);
    g_assert_no_error(err);
    g_assert_cmpuint(dirty_pages(&vm, 70), ==, 4);
    g_assert_cmpuint(dirty_pages(&vm, 70), ==, 0);
    /* Only what is logged has a log. */
    g_assert_true(accel_map_ram(vm.as, 0x10000000, vm.ram, 4096, 0, &err));
    g_assert_false(accel_get_dirty(vm.as, 0x10000000, 4096, NULL, &err));
    g_assert_cmpint(accel_error_errno(err), ==, ENOENT);
    g_assert_cmpstr(accel_error_stage(err), ==, "dirty-log");
    g_assert_false(accel_get_dirty(vm.as, 0, 4096, NULL, NULL));
    small_vm_free(&vm);
}

static const char *const ring_props[] = { "dirty-ring-size", "1024", NULL };

static void test_dirty(void)
{
    guint lines = 0;
    AccelTrace *trace = accel_trace_new(count_line, &lines);

    dirty(NULL, "", NULL);
    dirty(NULL, "cap MANUAL_DIRTY_LOG_PROTECT2 0", trace);
    dirty(NULL, "fault call=KVM_ENABLE_CAP arg=MANUAL_DIRTY_LOG_PROTECT2 errno=EINVAL", NULL);
    dirty(ring_props, "", trace);
    dirty(ring_props, "cap DIRTY_LOG_RING 0", NULL);
    g_assert_cmpuint(lines, ==, 0);
    accel_trace_enable(trace, "kvm_*dirty*");
    dirty(ring_props, "", trace);
    dirty(NULL, "", trace);
    g_assert_cmpuint(lines, >, 3);
    accel_trace_free(trace);
}

/* A ring full of what no slot has: ignored, not written anywhere. */
static void test_odd_ring(void)
{
    g_autoptr(GError) err = NULL;
    SmallVm vm;

    fakekvm_restart("vcpu 0; dirty slot=0 page=255; dirty slot=1 page=0; hlt force; end");
    small_vm_init(&vm, 1);
    vm.props = ring_props;
    g_assert_true(small_vm_open(&vm, &err) && small_vm_cpus(&vm, &err));
    g_assert_true(accel_map_ram(vm.as, 0x10000000, vm.ram, 4096, ACCEL_RAM_LOG_DIRTY, &err));
    g_assert_cmpint(small_vm_run(&vm, NULL, &err), ==, ACCEL_EXIT_HLT);
    g_assert_true(accel_unmap_ram(vm.as, 0x10000000, 4096, &err));
    g_assert_cmpuint(dirty_pages(&vm, 255), ==, 1);
    small_vm_free(&vm);
}

/* ---- vCPUs ---- */

static void test_vcpus(void)
{
    guint lines = 0;
    AccelTrace *trace = accel_trace_new(count_line, &lines);
    GError *err = NULL;
    AccelCPU *cpu;
    int fd, user = 0;
    SmallVm vm;

    accel_trace_enable(trace, "kvm_*vcpu");
    fakekvm_restart("cap NR_VCPUS 2; cap MAX_VCPUS 4; cap MAX_VCPU_ID 4");
    small_vm_init(&vm, 1);
    vm.spec.trace = trace;
    g_assert_true(small_vm_open(&vm, &err));
    cpu = accel_create_vcpu(vm.as, 1, &err);
    fd = kvm_vcpu_fd(cpu);
    g_assert_cmpuint(accel_cpu_id(cpu), ==, 1);
    g_assert_true(accel_cpu_accel(cpu) == vm.as);
    accel_cpu_set_user(cpu, &user);
    g_assert_true(accel_cpu_get_user(cpu) == &user);
    g_assert_null(accel_create_vcpu(vm.as, 1, &err));
    assert_error(err, ACCEL_ERROR_INVALID, "create-vcpu", "vCPU 1 exists already");
    g_assert_nonnull(accel_create_vcpu(vm.as, 0, NULL));
    accel_destroy_vcpu(cpu);
    accel_destroy_vcpu(NULL);
    g_assert_nonnull(accel_create_vcpu(vm.as, 3, NULL)); /* looks through the parked ones */
    cpu = accel_create_vcpu(vm.as, 1, NULL);
    g_assert_cmpint(kvm_vcpu_fd(cpu), ==, fd); /* the same again */
    g_assert_null(accel_cpu_get_user(cpu));
    err = NULL;
    g_assert_null(accel_create_vcpu(vm.as, 4, &err));
    g_assert_cmpint(accel_error_have(err), ==, 4);
    assert_error(err, ACCEL_ERROR_LIMIT, "create-vcpu",
                 "vCPU id 4 exceeds the highest id supported by KVM (3)");
    g_assert_null(accel_create_vcpu(vm.as, 4, NULL));
    g_assert_cmpuint(lines, >=, 5);
    small_vm_free(&vm);
    accel_trace_free(trace);
}

/* Each step of making a vCPU fails once; the same vCPU then comes out whole. */
static void test_half_made(void)
{
    static const char *const faults[] = { "KVM_GET_VCPU_MMAP_SIZE errno=EIO", "mmap errno=ENOMEM",
                                          "mmap arg=64 errno=ENOMEM", "KVM_CREATE_VCPU errno=EIO" };
    GError *err = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
        g_autofree char *host = g_strdup_printf("fault nth=1 call=%s", faults[i]);
        SmallVm vm;

        open_on(&vm, host, ring_props, 1);
        g_assert_null(accel_create_vcpu(vm.as, 0, NULL));
        g_assert_nonnull(accel_create_vcpu(vm.as, 0, &err));
        g_assert_no_error(err);
        small_vm_free(&vm);
    }
}

static void test_limits(void)
{
    AccelSpec spec = { .size = sizeof(spec), .cpus = 3, .max_cpus = 5 };
    GError *err = NULL;

    fakekvm_restart("cap NR_VCPUS 2; cap MAX_VCPUS 4");
    g_assert_null(accel_open("kvm", &spec, NULL));
    g_assert_null(accel_open("kvm", &spec, &err));
    g_assert_cmpint(accel_error_need(err), ==, 5);
    assert_error(err, ACCEL_ERROR_LIMIT, "vcpu-limits",
                 "Number of hotpluggable cpus requested (5) exceeds the maximum cpus supported by "
                 "KVM (4)");
}

/* ---- interrupts ---- */

static void test_routes(void)
{
    static const char *const split[] = { "kernel-irqchip", "split", NULL };
    guint lines = 0;
    AccelTrace *trace = accel_trace_new(count_line, &lines);
    GError *err = NULL;
    SmallVm vm;

    accel_trace_enable(trace, "kvm_irqchip_commit_routes");
    fakekvm_restart("cap IRQ_INJECT_STATUS 0; fault call=KVM_SET_GSI_ROUTING nth=5 errno=EINVAL");
    small_vm_init(&vm, 1);
    vm.spec.trace = trace;
    vm.props = split;
    g_assert_true(small_vm_open(&vm, &err));
    g_assert_true(accel_set_msi_route(vm.as, 3, 0xfee00000, 0x30, false, &err));
    g_assert_true(accel_set_msi_route(vm.as, 3, 0xfee00000, 0x30, false, &err)); /* no change */
    g_assert_true(accel_set_msi_route(vm.as, 3, 0xfee00000, 0x31, false, &err));
    g_assert_true(accel_set_msi_route(vm.as, 4, 0, 0, true, &err)); /* not there */
    g_assert_true(accel_set_msi_route(vm.as, 5, 0xfee00000, 0x33, false, &err));
    g_assert_true(accel_set_msi_route(vm.as, 3, 0, 0, true, &err));
    g_assert_cmpuint(lines, ==, 4);
    g_assert_false(accel_set_msi_route(vm.as, 7, 0xfee00000, 0x37, false, &err));
    assert_error(err, ACCEL_ERROR_FAILED, "msi-route", "routes not installed: Invalid argument");
    err = NULL;
    g_assert_true(accel_set_msi_route(vm.as, 7, 0xfee00000, 0x37, false, &err)); /* for real now */
    g_assert_cmpuint(lines, ==, 6);
    g_assert_false(accel_set_msi_route(vm.as, 24, 0, 0, false, &err));
    assert_error(err, ACCEL_ERROR_FAILED, "msi-route", "GSI 24 is not one of 24");
    err = NULL;
    g_assert_true(accel_set_irq(vm.as, 3, 1, &err)); /* by KVM_IRQ_LINE */
    small_vm_free(&vm);
    accel_trace_free(trace);
}

static AccelIrqchip irqchip_of(AccelSpec spec, const char *host)
{
    GError *err = NULL;
    AccelState *as;
    AccelIrqchip mode;

    fakekvm_restart(host);
    spec.size = sizeof(spec);
    as = accel_open("kvm", &spec, &err);
    g_assert_no_error(err);
    mode = accel_irqchip(as);
    accel_close(as);
    return mode;
}

static void test_irqchip(void)
{
    g_assert_cmpint(irqchip_of((AccelSpec){ .cpus = 1 }, ""), ==, ACCEL_IRQCHIP_ON);
    g_assert_cmpint(irqchip_of((AccelSpec){ .default_irqchip_split = true }, ""), ==,
                    ACCEL_IRQCHIP_SPLIT);
    g_assert_cmpint(irqchip_of((AccelSpec){ .no_irqchip = true }, ""), ==, ACCEL_IRQCHIP_OFF);
    g_assert_cmpint(irqchip_of((AccelSpec){ .cpus = 1 }, "cap IRQCHIP 0"), ==, ACCEL_IRQCHIP_OFF);
}

/* ---- MSR lists ---- */

static guint msrs_of(const char *host)
{
    g_autoptr(GArray) list = NULL;
    SmallVm vm;

    open_on(&vm, host, NULL, 1);
    list = accel_get_msr_list(vm.as, NULL);
    small_vm_free(&vm);
    return list->len;
}

/* The guess is 512: more come with the second call, nonsense with none. */
static void test_msr_lists(void)
{
    AccelSpec spec = { .size = sizeof(spec) };
    g_autoptr(GError) err = NULL;

    g_assert_cmpuint(msrs_of("msr clear"), ==, 0);
    g_assert_cmpuint(msrs_of("msr clear; msr 0x10; msr 0x11"), ==, 2);
    {
        GString *many = g_string_new("msr clear");

        for (guint i = 0; i < 700; i++) {
            g_string_append_printf(many, "; msr %u", i);
        }
        g_assert_cmpuint(msrs_of(many->str), ==, 700);
        g_string_free(many, TRUE);
    }
    fakekvm_restart("fault call=KVM_GET_MSR_INDEX_LIST nth=1 errno=E2BIG");
    accel_close(accel_open("kvm", &spec, &err)); /* E2BIG without a number: asked once more */
    g_assert_no_error(err);
    fakekvm_restart("fault call=KVM_GET_MSR_INDEX_LIST malformed=huge");
    g_assert_null(accel_open("kvm", &spec, &err));
    g_assert_cmpint(accel_error_errno(err), ==, EPROTO);
}

/* ---- statistics ---- */

static void test_stats(void)
{
    GError *err = NULL;
    GArray *stats;
    AccelCPU *cpu;
    SmallVm vm;

    open_on(&vm, "", NULL, 1);
    cpu = accel_create_vcpu(vm.as, 0, NULL);
    stats = kvm_stats_read(kvm_state(vm.as), NULL, &err);
    g_assert_no_error(err);
    g_assert_cmpuint(stats->len, ==, 3);
    g_array_unref(stats);
    stats = kvm_stats_read(kvm_state(vm.as), cpu, &err);
    g_assert_cmpstr(g_array_index(stats, KVMStat, 0).name, ==, "exits");
    g_array_unref(stats);
    small_vm_free(&vm);
    open_on(&vm, "cap BINARY_STATS_FD 0", NULL, 1);
    g_assert_null(kvm_stats_read(kvm_state(vm.as), NULL, &err));
    assert_error(err, ACCEL_ERROR_UNSUPPORTED, "stats",
                 "KVM stats: this kernel has none (since Linux 5.14)");
    small_vm_free(&vm);
    open_on(&vm, "fault call=KVM_GET_STATS_FD errno=EMFILE", NULL, 1);
    err = NULL;
    g_assert_null(kvm_stats_read(kvm_state(vm.as), NULL, &err));
    assert_error(err, ACCEL_ERROR_RESOURCE, "stats",
                 "KVM stats: ioctl failed: Too many open files");
    small_vm_free(&vm);
}

typedef struct StatsFile {
    struct kvm_stats_header head;
    struct {
        struct kvm_stats_desc d;
        char name[16];
    } desc[4];
    uint64_t data[2];
} StatsFile;

/* @file as what the kernel hands out. Returns: how many statistics, -1 and *@errp. */
static int read_made_up(const StatsFile *file, size_t size, GError **errp)
{
    int fd = memfd_create("stats", MFD_CLOEXEC), n = -1;
    g_autofree char *host = g_strdup_printf("fault call=KVM_GET_STATS_FD result=%d", fd);
    GArray *stats;
    SmallVm vm;

    g_assert_cmpint(write(fd, file, size), ==, (ssize_t)size);
    open_on(&vm, host, NULL, 1);
    stats = kvm_stats_read(kvm_state(vm.as), NULL, errp); /* closes fd */
    if (stats != NULL) {
        n = (int)stats->len;
        g_array_unref(stats);
    }
    small_vm_free(&vm);
    return n;
}

static StatsFile good_file(void)
{
    StatsFile f = { .head = { .name_size = 16, .num_desc = 4,
                              .desc_offset = offsetof(StatsFile, desc),
                              .data_offset = offsetof(StatsFile, data) } };

    for (guint i = 0; i < 4; i++) {
        f.desc[i].d.size = i == 3 ? 0 : 1;
        f.desc[i].d.flags = KVM_STATS_BASE_POW10;
        f.desc[i].name[0] = (char)('a' + i);
    }
    f.desc[1].d.flags = KVM_STATS_TYPE_LINEAR_HIST | KVM_STATS_UNIT_BYTES | KVM_STATS_BASE_POW2;
    f.desc[1].d.exponent = 10;
    f.desc[1].d.bucket_size = 8;
    f.desc[2].d.exponent = -9;
    return f;
}

static void test_odd_stats(void)
{
    StatsFile f = good_file();
    GError *err = NULL;

    g_assert_cmpint(read_made_up(&f, sizeof(f), &err), ==, 4);
    f.desc[0].d.flags = 0xf;     /* a kind of the future */
    f.desc[1].d.flags = 0xf << 4;
    f.desc[2].d.flags = 0xf << 8;
    g_assert_cmpint(read_made_up(&f, sizeof(f), &err), ==, 1);
    f = good_file();
    g_assert_cmpint(read_made_up(&f, sizeof(f.head) - 1, &err), ==, -1);
    g_assert_nonnull(strstr(err->message, "failed to read stats header"));
    g_clear_error(&err);
    g_assert_cmpint(read_made_up(&f, offsetof(StatsFile, desc[2]), &err), ==, -1);
    g_assert_nonnull(strstr(err->message, "failed to read stats descriptors"));
    g_clear_error(&err);
    g_assert_cmpint(read_made_up(&f, offsetof(StatsFile, data), &err), ==, -1);
    g_assert_nonnull(strstr(err->message, "failed to read data"));
    g_clear_error(&err);
    f.head.name_size = 0;
    g_assert_cmpint(read_made_up(&f, sizeof(f), &err), ==, -1);
    g_assert_nonnull(strstr(err->message, "names of 0 bytes"));
    g_clear_error(&err);
    f.head.name_size = 1000000;
    g_assert_cmpint(read_made_up(&f, sizeof(f), NULL), ==, -1);
    f = good_file();
    f.head.num_desc = 1000000;
    g_assert_cmpint(read_made_up(&f, sizeof(f), NULL), ==, -1);
}

/* ---- the accelerator without a CPU, and the trace ---- */

static void test_qtest(void)
{
    AccelSpec spec = { .size = sizeof(spec), .cpus = 1 };
    g_autoptr(GError) err = NULL;
    g_autoptr(AccelState) as = accel_open("qtest", &spec, &err);
    g_autoptr(GArray) cpuid = accel_get_supported_cpuid(as, &err);
    AccelX86Regs r;
    AccelCPU *cpu = accel_create_vcpu(as, 0, &err);

    g_assert_true(accel_map_ram(as, 0, &r, 4096, 0, &err));
    g_assert_true(accel_unmap_ram(as, 0, 4096, &err));
    g_assert_true(accel_get_regs(cpu, &r, &err) && accel_set_regs(cpu, &r, &err) &&
                  accel_reset_vcpu(cpu, true, &err) && accel_set_cpuid(cpu, NULL, 0, &err));
    g_assert_cmphex(r.rip, ==, 0xfff0);
    g_assert_cmpuint(cpuid->len, ==, 0);
    g_assert_true(accel_cpu_attach(cpu, &err));
    accel_kick(cpu);
    accel_cpu_detach(cpu);
    g_assert_cmpuint(accel_tsc_khz(cpu), ==, 0);
    g_assert_cmpint(accel_run(cpu, NULL, NULL), ==, ACCEL_EXIT_ERROR);
    g_assert_no_error(err);
}

/* Failed calls, odd requests, device descriptors: what the trace says of them. */
static void test_trace(void)
{
    guint lines = 0;
    AccelTrace *trace = accel_trace_new(count_line, &lines);
    SmallVm vm;
    KVMState *s;

    fakekvm_restart("mmap-size 64");
    small_vm_init(&vm, 1);
    vm.spec.trace = trace;
    g_assert_true(small_vm_open(&vm, NULL));
    s = kvm_state(vm.as);
    for (int on = 0; on < 2; on++) {
        kvm_ioctl(s, 0xae99, 0);
        kvm_ioctl(s, KVM_CHECK_EXTENSION, 9999UL);
        kvm_check_extension(s, 3);
        kvm_device_ioctl(s, kvm_fd(s), KVM_GET_API_VERSION, 0);
        kvm_vm_ioctl(s, KVM_ENABLE_CAP, &(struct kvm_enable_cap){ .cap = 9999 });
        g_assert_null(accel_create_vcpu(vm.as, 0, NULL));
        g_assert_cmpuint(lines == 0, ==, !on);
        accel_trace_enable(trace, "*");
    }
    small_vm_free(&vm);
    accel_trace_free(trace);
    accel_close(accel_open("kvm", &(AccelSpec){ .size = sizeof(AccelSpec), .cpus = 2 }, NULL));
}

int main(int argc, char **argv)
{
    static const struct {
        const char *path;
        void (*fn)(void);
    } tests[] = {
        { "/stages/spec", test_spec }, { "/stages/machine-caps", test_machine_caps },
        { "/stages/devices", test_devices }, { "/stages/facts", test_facts },
        { "/stages/tables", test_tables }, { "/stages/modules", test_modules },
        { "/stages/slots", test_slots }, { "/stages/readonly", test_readonly },
        { "/stages/dirty", test_dirty }, { "/stages/odd-ring", test_odd_ring },
        { "/stages/vcpus", test_vcpus }, { "/stages/half-made", test_half_made },
        { "/stages/limits", test_limits }, { "/stages/routes", test_routes },
        { "/stages/irqchip", test_irqchip }, { "/stages/msr-lists", test_msr_lists },
        { "/stages/stats", test_stats }, { "/stages/odd-stats", test_odd_stats },
        { "/stages/qtest", test_qtest }, { "/stages/trace", test_trace },
    };

    g_test_init(&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_test_add_func(tests[i].path, tests[i].fn);
    }
    return g_test_run();
}
