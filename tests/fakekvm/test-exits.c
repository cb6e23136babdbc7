/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The scripted guest: each exit's fields, answers, memory, loops, dirty pages. */
#include "test.h"

static void next_exit(Machine *m, guint32 reason)
{
    g_assert_cmpint(ioctl(m->vcpu, KVM_RUN, 0), ==, 0);
    g_assert_cmpuint(m->run->exit_reason, ==, reason);
}

static char *io_data(Machine *m)
{
    return (char *)m->run + m->run->io.data_offset;
}

static void test_io(void)
{
    Machine m = machine_new();
    struct kvm_regs regs;
    const char *hello = "Hi\n";

    for (; *hello; hello++) {
        next_exit(&m, KVM_EXIT_IO);
        g_assert_cmphex(m.run->io.port, ==, 0x3f8);
        g_assert_cmpint(*io_data(&m), ==, *hello);
    }
    next_exit(&m, KVM_EXIT_IO);
    g_assert_cmpuint(m.run->io.direction, ==, KVM_EXIT_IO_OUT);
    g_assert_cmpuint(m.run->io.size, ==, 2);
    g_assert_cmpuint(m.run->io.count, ==, 2);
    g_assert_cmpmem(io_data(&m), 4, "\x11\x22\x33\x44", 4);
    next_exit(&m, KVM_EXIT_IO);
    g_assert_cmpuint(m.run->io.direction, ==, KVM_EXIT_IO_IN);
    *io_data(&m) = 0x60;
    next_exit(&m, KVM_EXIT_HLT);
    g_assert_cmpint(ioctl(m.vcpu, KVM_GET_REGS, &regs), ==, 0);
    g_assert_cmphex(regs.rax, ==, 0x60);
}

static void wrong_answer(void)
{
    Machine m = machine_new();

    next_exit(&m, KVM_EXIT_IO);
    *io_data(&m) = 0x55;
    ioctl(m.vcpu, KVM_RUN, 0);
}

static void test_mmio(void)
{
    Machine m = machine_new();

    next_exit(&m, KVM_EXIT_MMIO);
    g_assert_true(m.run->mmio.is_write);
    g_assert_cmphex(m.run->mmio.phys_addr, ==, 0xfed00000);
    g_assert_cmpuint(m.run->mmio.len, ==, 2);
    g_assert_cmpmem(m.run->mmio.data, 2, "\x34\x12", 2);
    next_exit(&m, KVM_EXIT_MMIO);
    g_assert_false(m.run->mmio.is_write);
    memcpy(m.run->mmio.data, "\1\2\3\4", 4);
    next_exit(&m, KVM_EXIT_SHUTDOWN);
}

static void test_errors(void)
{
    Machine m = machine_new();

    next_exit(&m, KVM_EXIT_FAIL_ENTRY);
    g_assert_cmphex(m.run->fail_entry.hardware_entry_failure_reason, ==, 0x80000021);
    next_exit(&m, KVM_EXIT_INTERNAL_ERROR);
    g_assert_cmpuint(m.run->internal.suberror, ==, 1);
    g_assert_cmpuint(m.run->internal.ndata, ==, 2);
    g_assert_cmphex(m.run->internal.data[1], ==, 0x99);
    next_exit(&m, KVM_EXIT_UNKNOWN);
    g_assert_cmphex(m.run->hw.hardware_exit_reason, ==, 0x30);
    next_exit(&m, 77);
    g_assert_cmphex(m.run->hw.hardware_exit_reason & 0xffff, ==, 0x2211);
    assert_fails(ioctl(m.vcpu, KVM_RUN, 0), EFAULT);
    g_assert_cmpuint(m.run->exit_reason, ==, 39);
    assert_fails(ioctl(m.vcpu, KVM_RUN, 0), ENOEXEC);
    assert_fails(ioctl(m.vcpu, KVM_RUN, 0), EINTR);
    assert_fails(ioctl(m.vcpu, KVM_RUN, 0), EINTR);
    next_exit(&m, KVM_EXIT_SHUTDOWN);
}

static void test_events(void)
{
    Machine m = machine_new();

    next_exit(&m, KVM_EXIT_SYSTEM_EVENT);
    g_assert_cmpuint(m.run->system_event.type, ==, KVM_SYSTEM_EVENT_CRASH);
    g_assert_cmpuint(m.run->system_event.data[0], ==, 5);
    next_exit(&m, KVM_EXIT_NOTIFY);
    g_assert_cmpuint(m.run->notify.flags, ==, 1);
    next_exit(&m, KVM_EXIT_DEBUG);
    g_assert_cmphex(m.run->debug.arch.pc, ==, 0x7c00);
    next_exit(&m, KVM_EXIT_IRQ_WINDOW_OPEN);
    next_exit(&m, KVM_EXIT_SET_TPR);
    g_assert_cmpuint(m.run->cr8, ==, 5);
    next_exit(&m, KVM_EXIT_X86_RDMSR);
    g_assert_cmphex(m.run->msr.index, ==, 0x1a0);
    m.run->msr.data = 7;
    next_exit(&m, KVM_EXIT_X86_WRMSR);
    g_assert_cmpuint(m.run->msr.data, ==, 9);
    next_exit(&m, KVM_EXIT_X86_BUS_LOCK);
    g_assert_true(m.run->flags & KVM_RUN_X86_BUS_LOCK);
    next_exit(&m, KVM_EXIT_HYPERCALL);
    g_assert_false(m.run->flags & KVM_RUN_X86_BUS_LOCK);
    g_assert_cmpuint(m.run->hypercall.nr, ==, 12);
    g_assert_cmpuint(m.run->hypercall.args[1], ==, 3);
    next_exit(&m, KVM_EXIT_DIRTY_RING_FULL);
}

static void test_memory(void)
{
    Machine m = machine_new();
    struct kvm_regs regs;

    memcpy((char *)m.ram + 0x200, "ok", 2);
    next_exit(&m, KVM_EXIT_SHUTDOWN);
    g_assert_cmpmem((char *)m.ram + 0xffe, 4, "\1\2\3\4", 4);
    g_assert_cmpint(ioctl(m.vcpu, KVM_GET_REGS, &regs), ==, 0);
    g_assert_cmphex(regs.rip, ==, 0x1234);
    g_assert_cmphex(regs.r15, ==, 5);
    assert_fails(ioctl(m.vcpu, KVM_RUN, 0), EFAULT);    /* a write where no memory is */
    next_exit(&m, KVM_EXIT_HLT);
}

static void test_loop(void)
{
    Machine m = machine_new();

    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 2; i++) {
            next_exit(&m, KVM_EXIT_IO);
            g_assert_cmphex(m.run->io.port, ==, 0x80);
        }
        next_exit(&m, KVM_EXIT_IO);
        g_assert_cmphex(m.run->io.port, ==, 0x81);
    }
    next_exit(&m, KVM_EXIT_HLT);
    next_exit(&m, KVM_EXIT_HLT);
}

static void test_dirty_log(void)
{
    Machine m = machine_new();
    struct kvm_userspace_memory_region r = {
        .memory_size = 65536, .flags = KVM_MEM_LOG_DIRTY_PAGES, .userspace_addr = (guintptr)m.ram,
    };
    guint64 bits = 0;
    struct kvm_dirty_log log = { .dirty_bitmap = &bits };

    assert_fails(ioctl(m.vm, KVM_GET_DIRTY_LOG, &log), ENOENT);
    g_assert_cmpint(ioctl(m.vm, KVM_SET_USER_MEMORY_REGION, &r), ==, 0);
    next_exit(&m, KVM_EXIT_HLT);
    g_assert_cmpint(ioctl(m.vm, KVM_GET_DIRTY_LOG, &log), ==, 0);
    g_assert_cmphex(bits, ==, 0x302);
    g_assert_cmpint(ioctl(m.vm, KVM_GET_DIRTY_LOG, &log), ==, 0);
    g_assert_cmphex(bits, ==, 0);
}

static void test_dirty_ring(void)
{
    int kvm = open("/dev/kvm", O_RDWR), vm = ioctl(kvm, KVM_CREATE_VM, 0), vcpu;
    struct kvm_enable_cap cap = { .cap = KVM_CAP_DIRTY_LOG_RING, .args = { 4096 } };
    void *ram = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct kvm_userspace_memory_region r = {
        .memory_size = 1 << 20, .flags = KVM_MEM_LOG_DIRTY_PAGES, .userspace_addr = (guintptr)ram,
    };
    Machine m = { 0 };

    g_assert_cmpint(ioctl(vm, KVM_ENABLE_CAP, &cap), ==, 0);
    g_assert_cmpint(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &r), ==, 0);
    m.vcpu = vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
    m.run = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
    struct kvm_dirty_gfn *ring = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu,
                                      KVM_DIRTY_LOG_PAGE_OFFSET * 4096);
    next_exit(&m, KVM_EXIT_DIRTY_RING_FULL);    /* 200 pages, 256 entries, 64 of them reserved */
    next_exit(&m, KVM_EXIT_DIRTY_RING_FULL);
    for (guint i = 0; i < 200; i++) {
        g_assert_cmpuint(ring[i].flags, ==, KVM_DIRTY_GFN_F_DIRTY);
        g_assert_cmpuint(ring[i].offset, ==, i);
        ring[i].flags |= KVM_DIRTY_GFN_F_RESET;
    }
    g_assert_cmpint(ioctl(vm, KVM_RESET_DIRTY_RINGS, 0), ==, 200);
    next_exit(&m, KVM_EXIT_HLT);
}

static void test_coalesced(void)
{
    Machine m = machine_new();
    struct kvm_coalesced_mmio_zone zone = { .addr = 0xe0000000, .size = 4096 };
    struct kvm_coalesced_mmio_ring *ring = (void *)((char *)m.run + 8192);

    g_assert_cmpint(ioctl(m.vm, KVM_REGISTER_COALESCED_MMIO, &zone), ==, 0);
    next_exit(&m, KVM_EXIT_HLT);
    g_assert_cmpuint(ring->last, ==, 1);
    g_assert_cmphex(ring->coalesced_mmio[0].phys_addr, ==, 0xe0000010);
    g_assert_cmpmem(ring->coalesced_mmio[0].data, 2, "\xab\xcd", 2);
    g_assert_cmpint(ioctl(m.vm, KVM_UNREGISTER_COALESCED_MMIO, &zone), ==, 0);
    next_exit(&m, KVM_EXIT_MMIO);
}

static const FakeTest tests[] = {
    { "/exit/io", test_io,
      "vcpu 0; out port=0x3f8 text=Hi\\n; out port=0x1f0 size=2 data=11223344;"
      "in port=0x3fd expect=60; hlt; end" },
    { "/exit/wrong-answer", wrong_answer, "vcpu 0; in port=0x3fd expect=60; hlt; end", 98,
      "*FAKEKVM_SCENARIO_TEXT:2: vCPU 0: the program's answer is 55, expected 60*" },
    { "/exit/mmio", test_mmio,
      "vcpu 0; mmio-write addr=0xfed00000 data=3412; mmio-read addr=0xfed00000 len=4 "
      "expect=01020304; shutdown; end" },
    { "/exit/errors", test_errors,
      "vcpu *; fail-entry reason=0x80000021; internal-error suberror=1 data=1,0x99;"
      "unknown hardware=0x30; exit 77 raw=1122; memory-fault gpa=0x1000; error ENOEXEC;"
      "eintr count=2; shutdown; end" },
    { "/exit/events", test_events,
      "vcpu 0; system-event type=crash data=5; notify flags=1; debug pc=0x7c00; irq-window-open;"
      "set-tpr cr8=5; rdmsr index=0x1a0 expect=0700000000000000; wrmsr index=0x1a0 value=9;"
      "bus-lock; hypercall nr=12 args=2,3; dirty-ring-full; end" },
    { "/exit/memory", test_memory,
      "vcpu 0; check 0x200 6f6b; write 0xffe 01020304; regs rip=0x1234 r15=5; shutdown;"
      "write 0x10000 00; hlt; end" },
    { "/exit/wrong-memory", test_memory, "vcpu 0; check 0x200 6f6c; end", 98,
      "*guest memory is 6f6b, expected 6f6c*" },
    { "/exit/loop", test_loop,
      "vcpu 0; loop 3; loop 2; out port=0x80 data=00; end; out port=0x81 data=00; end;"
      "loop 0; shutdown; end; loop forever; hlt; end; end" },
    { "/exit/dirty-log", test_dirty_log,
      "vcpu 0; write 0x1000 01; dirty slot=0 page=8 count=2; hlt; end" },
    { "/exit/dirty-ring", test_dirty_ring, "vcpu 0; dirty slot=0 page=0 count=200; hlt; end" },
    { "/exit/coalesced", test_coalesced,
      "vcpu 0; mmio-write addr=0xe0000010 data=abcd; hlt; mmio-write addr=0xe0000010 data=01;"
      "end" },
};

void add_exit_tests(void)
{
    fake_tests_add(tests, G_N_ELEMENTS(tests));
}
