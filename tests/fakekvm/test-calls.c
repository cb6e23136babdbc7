/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* System, VM and vCPU ioctls: right answers, and the errors that Linux gives. */
#include <sys/eventfd.h>
#include "test.h"

static void test_system(void)
{
    int kvm = open("/dev/kvm", O_RDWR);

    g_assert_cmpint(ioctl(kvm, KVM_GET_API_VERSION, 0), ==, 12);
    assert_fails(ioctl(kvm, KVM_GET_API_VERSION, 1), EINVAL);
    g_assert_cmpint(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), ==, 12288);
    g_assert_cmpint(ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_NR_VCPUS), ==, 8);
    g_assert_cmpint(ioctl(kvm, KVM_CHECK_EXTENSION, 100000), ==, 0);
    assert_fails(ioctl(kvm, KVM_CREATE_VM, 77), EINVAL);
    assert_fails(ioctl(kvm, KVM_RUN, 0), EINVAL);
    assert_fails(ioctl(kvm, KVM_GET_MSR_INDEX_LIST, 0), EFAULT);
    assert_fails(ioctl(kvm, KVM_GET_MSR_INDEX_LIST, 8), EFAULT);
}

static void test_lists(void)
{
    int kvm = open("/dev/kvm", O_RDWR);
    struct kvm_msr_list *msrs = g_malloc0(sizeof *msrs + 512 * 4);
    struct kvm_cpuid2 *cpuid = g_malloc0(sizeof *cpuid + 4 * sizeof cpuid->entries[0]);

    assert_fails(ioctl(kvm, KVM_GET_MSR_INDEX_LIST, msrs), E2BIG);
    g_assert_cmpuint(msrs->nmsrs, ==, 3);
    g_assert_cmpint(ioctl(kvm, KVM_GET_MSR_INDEX_LIST, msrs), ==, 0);
    g_assert_cmphex(msrs->indices[2], ==, 0x12);
    cpuid->nent = 1;
    assert_fails(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid), E2BIG);
    g_assert_cmpuint(cpuid->nent, ==, 1);
    cpuid->nent = 4;
    g_assert_cmpint(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid), ==, 0);
    g_assert_cmpuint(cpuid->nent, ==, 2);
    g_assert_cmphex(cpuid->entries[1].edx, ==, 4);
    g_assert_cmpuint(cpuid->entries[1].flags, ==, KVM_CPUID_FLAG_SIGNIFCANT_INDEX);
    g_free(msrs);
    g_free(cpuid);
}

static void test_caps(void)
{
    int kvm = open("/dev/kvm", O_RDWR), vm = ioctl(kvm, KVM_CREATE_VM, 0);

    g_assert_cmpint(ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_NR_VCPUS), ==, 2);
    g_assert_cmpint(ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_NR_VCPUS), ==, 3);
    g_assert_cmpint(ioctl(kvm, KVM_CHECK_EXTENSION, 250), ==, 7);
    g_assert_cmpint(ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY), ==, 0);
    g_assert_cmpint(ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY), ==, 1);
}

static void test_enable_cap(void)
{
    int kvm = open("/dev/kvm", O_RDWR), vm = ioctl(kvm, KVM_CREATE_VM, 0);
    struct kvm_enable_cap cap = { .cap = KVM_CAP_SPLIT_IRQCHIP, .args = { 25 } };

    assert_fails(ioctl(vm, KVM_ENABLE_CAP, &cap), EINVAL);
    cap.args[0] = 24;
    g_assert_cmpint(ioctl(vm, KVM_ENABLE_CAP, &cap), ==, 0);
    assert_fails(ioctl(vm, KVM_ENABLE_CAP, &cap), EEXIST);
    assert_fails(ioctl(vm, KVM_CREATE_IRQCHIP, 0), EEXIST);
    cap = (struct kvm_enable_cap){ .cap = KVM_CAP_EXCEPTION_PAYLOAD, .args = { 1 } };
    assert_fails(ioctl(vm, KVM_ENABLE_CAP, &cap), EINVAL);
    cap.cap = 9999;
    assert_fails(ioctl(vm, KVM_ENABLE_CAP, &cap), EINVAL);
}

static void test_slots(void)
{
    Machine m = machine_new();
    struct kvm_userspace_memory_region r = { .slot = 1, .memory_size = 4096 };

    r.userspace_addr = (guintptr)m.ram;
    assert_fails(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &r), EEXIST);      /* overlaps slot 0 */
    r.guest_phys_addr = 0x100001;
    assert_fails(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &r), EINVAL);
    r.guest_phys_addr = 0x100000;
    r.slot = 4;
    assert_fails(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &r), EINVAL);      /* 4 slots: 0 to 3 */
    r.slot = 3;
    g_assert_cmpint(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &r), ==, 0);
    r.memory_size = 8192;
    assert_fails(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &r), EINVAL);      /* no resizing */
    r.memory_size = 0;
    g_assert_cmpint(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &r), ==, 0);
    assert_fails(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &r), EINVAL);      /* gone already */
    r.memory_size = 4096;
    r.flags = 8;
    assert_fails(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &r), EINVAL);
    r.flags = 0;
    r.guest_phys_addr = 1ULL << 52;
    assert_fails(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &r), EINVAL);
}

static void test_vcpu_ids(void)
{
    int kvm = open("/dev/kvm", O_RDWR), vm = ioctl(kvm, KVM_CREATE_VM, 0);

    g_assert_cmpint(ioctl(vm, KVM_CREATE_VCPU, 3), >=, 0);
    assert_fails(ioctl(vm, KVM_CREATE_VCPU, 3), EEXIST);
    assert_fails(ioctl(vm, KVM_CREATE_VCPU, 8), EINVAL);
    g_assert_cmpint(ioctl(vm, KVM_CREATE_VCPU, 7), >=, 0);
    assert_fails(ioctl(vm, KVM_CREATE_VCPU, 0), EINVAL);    /* two are all there can be */
    assert_fails(ioctl(vm, KVM_CREATE_IRQCHIP, 0), EINVAL); /* too late */
}

static void test_registers(void)
{
    Machine m = machine_new();
    struct kvm_regs regs;
    struct kvm_sregs sregs;
    struct kvm_sregs2 sregs2;
    struct kvm_mp_state state = { KVM_MP_STATE_HALTED };

    g_assert_cmpint(ioctl(m.vcpu, KVM_GET_REGS, &regs), ==, 0);
    g_assert_cmphex(regs.rip, ==, 0xfff0);
    regs.rbx = 42;
    g_assert_cmpint(ioctl(m.vcpu, KVM_SET_REGS, &regs), ==, 0);
    memset(&regs, 0, sizeof regs);
    g_assert_cmpint(ioctl(m.vcpu, KVM_GET_REGS, &regs), ==, 0);
    g_assert_cmpuint(regs.rbx, ==, 42);
    g_assert_cmpint(ioctl(m.vcpu, KVM_GET_SREGS, &sregs), ==, 0);
    g_assert_cmphex(sregs.cs.base, ==, 0xffff0000);
    sregs.cr0 |= 1ULL << 31;
    sregs.cr0 &= ~1ULL;
    assert_fails(ioctl(m.vcpu, KVM_SET_SREGS, &sregs), EINVAL);     /* paging without protection */
    sregs.cr0 = 0x11;
    g_assert_cmpint(ioctl(m.vcpu, KVM_SET_SREGS, &sregs), ==, 0);
    g_assert_cmpint(ioctl(m.vcpu, KVM_GET_SREGS2, &sregs2), ==, 0);
    g_assert_cmphex(sregs2.cr0, ==, 0x11);
    assert_fails(ioctl(m.vcpu, KVM_SET_MP_STATE, &state), EINVAL);  /* no local APIC */
    assert_fails(ioctl(m.vcpu, KVM_GET_LAPIC, &sregs), EINVAL);
}

static void test_msrs(void)
{
    Machine m = machine_new();
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry e[3];
    } msrs = { .head.nmsrs = 3, .e = { { .index = 0x174, .data = 7 }, { .index = 0x175 },
                                       { .index = 0x10 } } };

    g_assert_cmpint(ioctl(m.vcpu, KVM_SET_MSRS, &msrs), ==, 1);
    msrs.e[0].data = 0;
    g_assert_cmpint(ioctl(m.vcpu, KVM_GET_MSRS, &msrs), ==, 1);
    g_assert_cmpuint(msrs.e[0].data, ==, 7);
}

static void test_ioeventfd(void)
{
    Machine m = machine_new();
    struct kvm_ioeventfd e = { .addr = 0x500, .len = 2, .fd = eventfd(0, EFD_NONBLOCK),
                               .flags = KVM_IOEVENTFD_FLAG_PIO };
    struct kvm_ioeventfd not = e;
    guint64 value = 0;

    g_assert_cmpint(ioctl(m.vm, KVM_IOEVENTFD, &e), ==, 0);
    assert_fails(ioctl(m.vm, KVM_IOEVENTFD, &e), EEXIST);
    not.addr = 0x600;
    not.len = 3;
    assert_fails(ioctl(m.vm, KVM_IOEVENTFD, &not), EINVAL);
    not.len = 4;
    not.fd = m.vm;
    assert_fails(ioctl(m.vm, KVM_IOEVENTFD, &not), EINVAL);
    not.fd = 999;
    assert_fails(ioctl(m.vm, KVM_IOEVENTFD, &not), EBADF);
    close(dup2(e.fd, 100));
    /* The script writes to 0x500 (taken by the eventfd) and then to 0x501. */
    g_assert_cmpint(ioctl(m.vcpu, KVM_RUN, 0), ==, 0);
    g_assert_cmphex(m.run->io.port, ==, 0x501);
    g_assert_cmpint(read(e.fd, &value, 8), ==, 8);
    g_assert_cmpuint(value, ==, 1);
    e.flags |= KVM_IOEVENTFD_FLAG_DEASSIGN;
    g_assert_cmpint(ioctl(m.vm, KVM_IOEVENTFD, &e), ==, 0);
    assert_fails(ioctl(m.vm, KVM_IOEVENTFD, &e), ENOENT);
}

static void test_irq(void)
{
    int kvm = open("/dev/kvm", O_RDWR), vm = ioctl(kvm, KVM_CREATE_VM, 0);
    struct kvm_irq_level level = { .irq = 4, .level = 1 };
    struct kvm_pit_config pit = { 0 };
    struct kvm_irqfd irqfd = { .fd = (guint32)eventfd(0, 0), .gsi = 4 };
    struct kvm_msi msi = { .address_lo = 0xfee00000 };

    assert_fails(ioctl(vm, KVM_IRQ_LINE, &level), ENXIO);
    assert_fails(ioctl(vm, KVM_SIGNAL_MSI, &msi), EINVAL);
    assert_fails(ioctl(vm, KVM_CREATE_PIT2, &pit), ENOENT);
    g_assert_cmpint(ioctl(vm, KVM_CREATE_IRQCHIP, 0), ==, 0);
    g_assert_cmpint(ioctl(vm, KVM_IRQ_LINE, &level), ==, 0);
    g_assert_cmpint(ioctl(vm, KVM_SIGNAL_MSI, &msi), ==, 1);
    g_assert_cmpint(ioctl(vm, KVM_CREATE_PIT2, &pit), ==, 0);
    assert_fails(ioctl(vm, KVM_CREATE_PIT2, &pit), EEXIST);
    g_assert_cmpint(ioctl(vm, KVM_IRQFD, &irqfd), ==, 0);
    assert_fails(ioctl(vm, KVM_IRQFD, &irqfd), EBUSY);
    irqfd.flags = KVM_IRQFD_FLAG_DEASSIGN;
    g_assert_cmpint(ioctl(vm, KVM_IRQFD, &irqfd), ==, 0);
    irqfd.flags = 0;
    g_assert_cmpint(ioctl(vm, KVM_IRQFD, &irqfd), ==, 0);
}

static void test_device(void)
{
    int kvm = open("/dev/kvm", O_RDWR), vm = ioctl(kvm, KVM_CREATE_VM, 0);
    struct kvm_create_device create = { .type = 77 };
    guint64 value = 5, back = 0;
    struct kvm_device_attr attr = { .group = 1, .attr = 2, .addr = (guintptr)&value };

    assert_fails(ioctl(vm, KVM_CREATE_DEVICE, &create), ENODEV);
    create.type = 66;
    create.flags = KVM_CREATE_DEVICE_TEST;
    g_assert_cmpint(ioctl(vm, KVM_CREATE_DEVICE, &create), ==, 0);
    create.flags = 0;
    g_assert_cmpint(ioctl(vm, KVM_CREATE_DEVICE, &create), ==, 0);
    g_assert_cmpint(ioctl((int)create.fd, KVM_SET_DEVICE_ATTR, &attr), ==, 0);
    attr.addr = (guintptr)&back;
    g_assert_cmpint(ioctl((int)create.fd, KVM_GET_DEVICE_ATTR, &attr), ==, 0);
    g_assert_cmpuint(back, ==, 5);
    attr.attr = 3;
    assert_fails(ioctl((int)create.fd, KVM_GET_DEVICE_ATTR, &attr), ENXIO);
    assert_fails(ioctl((int)create.fd, KVM_RUN, 0), ENOTTY);
}

static void test_stats(void)
{
    Machine m = machine_new();
    int fd = ioctl(m.vcpu, KVM_GET_STATS_FD, 0);
    struct kvm_stats_header head;
    guint64 exits = 0;

    g_assert_cmpint(read(fd, &head, sizeof head), ==, sizeof head);
    g_assert_cmpuint(head.num_desc, ==, 5);
    g_assert_cmpint(pread(fd, &exits, 8, head.data_offset), ==, 8);
    g_assert_cmpuint(exits, ==, 0);
    g_assert_cmpint(ioctl(m.vcpu, KVM_RUN, 0), ==, 0);
    g_assert_cmpint(pread(fd, &exits, 8, head.data_offset), ==, 8);
    g_assert_cmpuint(exits, ==, 1);
    g_assert_cmpint(pread(fd, &exits, 8, head.data_offset + 5 * 8), ==, 0);
    close(fd);
    g_assert_cmpint(ioctl(m.vcpu, KVM_RUN, 0), ==, 0);
}

static const FakeTest tests[] = {
    { "/call/system", test_system },
    { "/call/lists", test_lists,
      "msr clear; msr 0x10; msr 0x11; msr 0x12; cpuid clear; cpuid 0 1 2 3 4; cpuid 7.0 1 2 3 4" },
    { "/call/caps", test_caps,
      "cap KVM_CAP_NR_VCPUS 2; cap vm NR_VCPUS 3; cap 250 7; cap system USER_MEMORY 0" },
    { "/call/enable-cap", test_enable_cap, "cap KVM_CAP_EXCEPTION_PAYLOAD 0" },
    { "/call/slots", test_slots, "cap KVM_CAP_NR_MEMSLOTS 4" },
    { "/call/vcpu-ids", test_vcpu_ids, "cap KVM_CAP_MAX_VCPU_ID 8; limit vcpus 2" },
    { "/call/registers", test_registers },
    { "/call/msrs", test_msrs, "msr refuse 0x175" },
    { "/call/ioeventfd", test_ioeventfd,
      "vcpu 0; out port=0x500 size=2 data=0100; out port=0x501 data=01; end" },
    { "/call/irq", test_irq },
    { "/call/device", test_device, "device-type 66" },
    { "/call/stats", test_stats, "vcpu 0; loop 2; out port=0x80 data=00; end; end" },
};

void add_call_tests(void)
{
    fake_tests_add(tests, G_N_ELEMENTS(tests));
}
