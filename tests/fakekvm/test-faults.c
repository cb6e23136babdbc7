/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Faults: which call they hit, and what it returns. */
#include <sys/eventfd.h>
#include "test.h"

static void test_errno(void)
{
    int kvm = open("/dev/kvm", O_RDWR);

    g_assert_cmpint(ioctl(kvm, KVM_CREATE_VM, 0), >=, 0);
    assert_fails(ioctl(kvm, KVM_CREATE_VM, 0), EBUSY);
    assert_fails(ioctl(kvm, KVM_CREATE_VM, 0), EBUSY);
    g_assert_cmpint(ioctl(kvm, KVM_CREATE_VM, 0), >=, 0);
}

static void test_eintr(void)
{
    int kvm = open("/dev/kvm", O_RDWR);

    for (int i = 0; i < 3; i++) {
        assert_fails(ioctl(kvm, KVM_CREATE_VM, 0), EINTR);
    }
    g_assert_cmpint(ioctl(kvm, KVM_CREATE_VM, 0), >=, 0);
    g_assert_cmpint(ioctl(kvm, KVM_CREATE_VM, 0), >=, 0);
}

static void test_filters(void)
{
    int kvm = open("/dev/kvm", O_RDWR), vm = ioctl(kvm, KVM_CREATE_VM, 0), vcpu;

    g_assert_cmpint(ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_HLT), ==, 1);
    g_assert_cmpint(ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_NR_VCPUS), ==, 8);
    assert_fails(ioctl(vm, KVM_CHECK_EXTENSION, KVM_CAP_HLT), EIO);
    assert_fails(ioctl(vm, KVM_CREATE_VCPU, 1), ENOMEM);
    vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
    g_assert_cmpint(vcpu, >=, 0);
    g_assert_true(mmap(NULL, 4096, PROT_READ, MAP_SHARED, vcpu, 0) == MAP_FAILED);
    g_assert_cmpint(errno, ==, EAGAIN);
}

/* open, API version, CREATE_VM: the third call of all. */
static void test_nth_of_all(void)
{
    int kvm = open("/dev/kvm", O_RDWR);

    g_assert_cmpint(ioctl(kvm, KVM_GET_API_VERSION, 0), ==, 12);
    assert_fails(ioctl(kvm, KVM_CREATE_VM, 0), ENOSPC);
    g_assert_cmpint(ioctl(kvm, KVM_CREATE_VM, 0), >=, 0);
}

/* The same call again, as often as it is interrupted; others are not concerned. */
static void test_nth_eintr(void)
{
    int kvm = open("/dev/kvm", O_RDWR);

    assert_fails(ioctl(kvm, KVM_CREATE_VM, 0), EINTR);
    g_assert_cmpint(ioctl(kvm, KVM_GET_API_VERSION, 0), ==, 12);
    assert_fails(ioctl(kvm, KVM_CREATE_VM, 0), EINTR);
    g_assert_cmpint(ioctl(kvm, KVM_CREATE_VM, 0), >=, 0);
}

static void test_memory_calls(void)
{
    int kvm, fd;
    void *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    g_assert_true(p != MAP_FAILED);     /* before the node is open nothing counts */
    kvm = open("/dev/kvm", O_RDWR);
    g_assert_cmpint(kvm, >=, 0);
    fd = memfd_create("x", 0);
    g_assert_cmpint(fd, >=, 0);
    g_assert_true(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
    g_assert_cmpint(errno, ==, ENOMEM);
    g_assert_cmpint(madvise(p, 4096, MADV_DONTNEED), ==, 0);
    assert_fails(eventfd(0, 0), EMFILE);
}

static void test_open(void)
{
    assert_fails(open("/dev/kvm", O_RDWR), EACCES);
    g_assert_cmpint(open("/dev/kvm", O_RDWR), >=, 0);
}

static void test_results(void)
{
    int kvm = open("/dev/kvm", O_RDWR);

    g_assert_cmpint(ioctl(kvm, KVM_GET_API_VERSION, 0), ==, 0);
    g_assert_cmpint(ioctl(kvm, KVM_CREATE_VM, 0), ==, 0x5a5a);
    g_assert_cmpint(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), ==, -4096);
    g_assert_cmpint(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), ==, 64);
    g_assert_cmpint(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), ==, -7);
    g_assert_cmpint(ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_NR_VCPUS), ==, G_MAXINT);
}

static void test_negative_size(void)
{
    g_assert_cmpint(ioctl(open("/dev/kvm", O_RDWR), KVM_GET_VCPU_MMAP_SIZE, 0), ==, -5);
}

static void test_malformed_lists(void)
{
    Machine m = machine_new();
    struct kvm_msr_list *list = g_malloc0(sizeof *list + 8 * 4);
    struct kvm_regs regs;
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry e[2];
    } msrs = { .head.nmsrs = 2, .e = { { .index = 0x174 }, { .index = 0x175 } } };

    list->nmsrs = 8;
    g_assert_cmpint(ioctl(m.kvm, KVM_GET_MSR_INDEX_LIST, list), ==, 0);
    g_assert_cmpuint(list->nmsrs, ==, 2);
    list->nmsrs = 8;
    g_assert_cmpint(ioctl(m.kvm, KVM_GET_MSR_INDEX_LIST, list), ==, 0);
    g_assert_cmpuint(list->nmsrs, ==, 1004);
    list->nmsrs = 8;
    g_assert_cmpint(ioctl(m.kvm, KVM_GET_MSR_INDEX_LIST, list), ==, 0);
    g_assert_cmpuint(list->nmsrs, ==, G_MAXUINT32);
    g_assert_cmpint(ioctl(m.vcpu, KVM_SET_MSRS, &msrs), ==, 1);
    memset(&regs, 0xee, sizeof regs);
    g_assert_cmpint(ioctl(m.vcpu, KVM_GET_REGS, &regs), ==, 0);
    g_assert_cmphex(regs.rip, ==, 0xeeeeeeeeeeeeeeee);
    g_assert_cmpint(ioctl(m.vcpu, KVM_GET_REGS, &regs), ==, 0);
    g_assert_cmphex(regs.rdx, ==, 0x600);
    g_assert_cmphex(regs.rip, ==, 0xeeeeeeeeeeeeeeee);
    g_free(list);
}

static void test_block(void)
{
    gint64 before = g_get_monotonic_time();

    g_assert_cmpint(ioctl(open("/dev/kvm", O_RDWR), KVM_GET_API_VERSION, 0), ==, 12);
    g_assert_cmpint(g_get_monotonic_time() - before, >=, 20000);
}

static const FakeTest tests[] = {
    { "/fault/errno", test_errno, "fault call=KVM_CREATE_VM nth=2-3 errno=EBUSY" },
    { "/fault/eintr", test_eintr, "fault call=CREATE_VM eintr=3" },
    { "/fault/filters", test_filters,
      "fault call=KVM_CHECK_EXTENSION fd=vm arg=KVM_CAP_HLT errno=EIO;"
      "fault call=KVM_CREATE_VCPU arg=1 errno=ENOMEM; fault call=mmap vcpu=0 arg=0 errno=EAGAIN" },
    { "/fault/nth-of-all", test_nth_of_all, "fault any nth=3 errno=ENOSPC" },
    { "/fault/nth-eintr", test_nth_eintr, "fault any nth=2 eintr=2" },
    { "/fault/memory", test_memory_calls,
      "fault any nth=3 errno=ENOMEM count=memory; fault call=eventfd errno=EMFILE" },
    { "/fault/open", test_open, "fault call=open nth=1 errno=EACCES" },
    { "/fault/results", test_results,
      "fault call=KVM_GET_API_VERSION errno=0; fault call=KVM_CREATE_VM malformed=junk;"
      "fault call=KVM_GET_VCPU_MMAP_SIZE nth=1 malformed=negative;"
      "fault call=KVM_GET_VCPU_MMAP_SIZE nth=2 malformed=short;"
      "fault call=KVM_GET_VCPU_MMAP_SIZE nth=3 result=-7;"
      "fault call=KVM_CHECK_EXTENSION malformed=huge" },
    { "/fault/negative-size", test_negative_size, "mmap-size -5" },
    { "/fault/malformed", test_malformed_lists,
      "msr clear; msr 0x174; msr 0x175; msr 0x176; msr 0x10;"
      "fault call=KVM_GET_MSR_INDEX_LIST nth=1 malformed=short;"
      "fault call=KVM_GET_MSR_INDEX_LIST nth=2 malformed=nent;"
      "fault call=KVM_GET_MSR_INDEX_LIST nth=3 malformed=huge;"
      "fault call=KVM_SET_MSRS malformed=short; fault call=KVM_GET_REGS nth=1 malformed=nofill;"
      "fault call=KVM_GET_REGS nth=2 malformed=short" },
    { "/fault/block", test_block, "fault call=KVM_GET_API_VERSION block=20" },
};

void add_fault_tests(void)
{
    fake_tests_add(tests, G_N_ELEMENTS(tests));
}
