/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asks KVM questions whose answers do not depend on the host, and prints them. test-same runs it
 * on the real kernel and on the fake and compares. Exit status 77: there is no KVM here.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* A new descriptor's number is nobody's business. */
#define ASK(call)                                                                                  \
    do {                                                                                           \
        errno = 0;                                                                                 \
        int result_ = (call);                                                                      \
        printf("%-60s = %d %s\n", #call, result_, result_ < 0 ? strerrorname_np(errno) : "");      \
    } while (0)
#define ASK_FD(call) ASK((call) >= 0 ? 0 : -1)

static int kvm, vm, vcpu;
static char *ram;

static void system_questions(void)
{
    ASK(ioctl(kvm, KVM_GET_API_VERSION, 0));
    ASK(ioctl(kvm, KVM_GET_API_VERSION, 1));
    ASK(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 1));
    ASK(ioctl(kvm, KVM_CREATE_VM, 77));
    ASK(ioctl(kvm, KVM_CHECK_EXTENSION, 99999));
    ASK(ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_USER_MEMORY));
    ASK(ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_COALESCED_MMIO));
    ASK(ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_PPC_SMT));
    ASK(ioctl(kvm, KVM_RUN, 0));
    ASK(ioctl(kvm, 0x1234, 0));
    ASK(ioctl(kvm, KVM_GET_MSR_INDEX_LIST, 0));
    ASK(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, 0));
    ASK((int)read(kvm, ram, 1));
    ASK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, kvm, 0) == MAP_FAILED ? -1 : 0);
}

static void list_questions(void)
{
    struct {
        struct kvm_cpuid2 head;
        struct kvm_cpuid_entry2 e[200];
    } cpuid = { .head.nent = 0 };
    struct kvm_device_attr attr = { .group = 7 };
    __u32 none = 0;

    ASK(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, &cpuid));
    cpuid.head.nent = 1;
    ASK(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, &cpuid));
    ASK((int)cpuid.head.nent);
    cpuid.head.nent = 200;
    ASK(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, &cpuid));
    ASK(ioctl(kvm, KVM_GET_MSR_INDEX_LIST, &none));
    ASK(none > 0);
    ASK(ioctl(kvm, KVM_GET_DEVICE_ATTR, &attr));
    ASK(ioctl(vcpu, KVM_SET_CPUID2, &cpuid));
    cpuid.head.nent = 257;
    ASK(ioctl(vcpu, KVM_SET_CPUID2, &cpuid));
    cpuid.head.nent = 1;
    ASK(ioctl(vcpu, KVM_GET_CPUID2, &cpuid));
}

static int slot(__u32 id, __u32 flags, __u64 gpa, __u64 size, __u64 hva)
{
    struct kvm_userspace_memory_region r = { id, flags, gpa, size, hva };

    return ioctl(vm, KVM_SET_USER_MEMORY_REGION, &r);
}

static void slot_questions(void)
{
    __u64 at = (__u64)(unsigned long)ram;

    ASK(slot(0, 0, 0, 0, 0));
    ASK(slot(0, 0, 0, 8192, at));
    ASK(slot(0, 0, 0, 8192, at));
    ASK(slot(1, 0, 4096, 4096, at));
    ASK(slot(1, 0, 8192, 4096, at));
    ASK(slot(1, 0, 8192, 8192, at));
    ASK(slot(1, 0, 8192, 4096, at + 4096));
    ASK(slot(1, 0, 4096, 4096, at));
    ASK(slot(1, 0, 16384, 4096, at));
    ASK(slot(1, KVM_MEM_LOG_DIRTY_PAGES, 16384, 4096, at));
    ASK(slot(1, KVM_MEM_READONLY, 16384, 4096, at));
    ASK(slot(2, 1 << 7, 65536, 4096, at));
    ASK(slot(2, 0, 65537, 4096, at));
    ASK(slot(2, 0, 65536, 4095, at));
    ASK(slot(2, 0, 65536, 4096, at + 1));
    ASK(slot(2, 0, 65536, 4096, 1ULL << 63));
    ASK(slot(40000, 0, 65536, 4096, at));
    ASK(slot(9 << 16, 0, 65536, 4096, at));
    ASK(slot(2, 0, ~0ULL << 12, 8192, at));
    ASK(slot(2, 0, 1ULL << 52, 4096, at));
    ASK(slot(1, 0, 0, 0, 0));
    ASK(slot(1, 0, 0, 0, 0));
}

static void dirty_questions(void)
{
    __u64 bits = 0;
    struct kvm_dirty_log log = { .slot = 0, .dirty_bitmap = &bits };
    struct kvm_clear_dirty_log clear = { .slot = 0, .num_pages = 2, .dirty_bitmap = &bits };

    ASK(ioctl(vm, KVM_GET_DIRTY_LOG, &log));
    ASK(slot(0, KVM_MEM_LOG_DIRTY_PAGES, 0, 8192, (__u64)(unsigned long)ram));
    ASK(ioctl(vm, KVM_GET_DIRTY_LOG, &log));
    clear.first_page = 1;
    ASK(ioctl(vm, KVM_CLEAR_DIRTY_LOG, &clear));
    clear.first_page = 0;
    clear.num_pages = 1;
    ASK(ioctl(vm, KVM_CLEAR_DIRTY_LOG, &clear));
    clear.num_pages = 2;
    ASK(ioctl(vm, KVM_CLEAR_DIRTY_LOG, &clear));
    log.slot = 5;
    ASK(ioctl(vm, KVM_GET_DIRTY_LOG, &log));
    log.slot = 40000;
    ASK(ioctl(vm, KVM_GET_DIRTY_LOG, &log));
    ASK(ioctl(vm, KVM_RESET_DIRTY_RINGS, 0));
}

static int enable(int fd, __u32 cap, __u64 arg)
{
    struct kvm_enable_cap c = { .cap = cap, .args = { arg } };

    return ioctl(fd, KVM_ENABLE_CAP, &c);
}

/* Before any vCPU, then with one. */
static void cap_questions(void)
{
    ASK(enable(vm, 9999, 0));
    ASK(enable(vm, KVM_CAP_USER_MEMORY, 0));
    ASK(enable(vm, KVM_CAP_X2APIC_API, 1 << 20));
    ASK(enable(vm, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, 2));
    ASK(enable(vm, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, 8));
    ASK(enable(vm, KVM_CAP_EXCEPTION_PAYLOAD, 1));
    ASK(enable(vm, KVM_CAP_X86_USER_SPACE_MSR, 1 << 10));
    ASK(enable(vm, KVM_CAP_X86_USER_SPACE_MSR, 4));
    ASK(enable(vm, KVM_CAP_DIRTY_LOG_RING, 0));
    ASK(enable(vm, KVM_CAP_DIRTY_LOG_RING, 5000));
    ASK(enable(vm, KVM_CAP_DIRTY_LOG_RING, 1024));
    ASK(enable(vm, KVM_CAP_DIRTY_LOG_RING, 1 << 24));
    ASK(enable(vm, KVM_CAP_SPLIT_IRQCHIP, 99999));
    ASK(enable(vcpu, KVM_CAP_USER_MEMORY, 0));
}

static int ioevent(__u64 addr, __u32 len, __u32 flags, int fd)
{
    struct kvm_ioeventfd e = { .addr = addr, .len = len, .flags = flags, .fd = fd };

    return ioctl(vm, KVM_IOEVENTFD, &e);
}

static void ioevent_questions(void)
{
    int fd = eventfd(0, 0);

    ASK(ioevent(0x500, 2, KVM_IOEVENTFD_FLAG_PIO, fd));
    ASK(ioevent(0x500, 2, KVM_IOEVENTFD_FLAG_PIO, fd));
    ASK(ioevent(0x500, 4, KVM_IOEVENTFD_FLAG_PIO, fd));
    ASK(ioevent(0x500, 0, KVM_IOEVENTFD_FLAG_PIO, fd));
    ASK(ioevent(0x500, 2, 0, fd));
    ASK(ioevent(0x600, 3, 0, fd));
    ASK(ioevent(0x600, 16, 0, fd));
    ASK(ioevent(0x600, 4, 1 << 9, fd));
    ASK(ioevent(0x600, 0, KVM_IOEVENTFD_FLAG_DATAMATCH, fd));
    ASK(ioevent(~0ULL, 4, 0, fd));
    ASK(ioevent(0x600, 4, 0, -1));
    ASK(ioevent(0x600, 4, 0, vm));
    ASK(ioevent(0x500, 2, KVM_IOEVENTFD_FLAG_PIO | KVM_IOEVENTFD_FLAG_DEASSIGN, fd));
    ASK(ioevent(0x500, 2, KVM_IOEVENTFD_FLAG_PIO | KVM_IOEVENTFD_FLAG_DEASSIGN, fd));
}

static void vm_questions(void)
{
    struct kvm_irq_level line = { .irq = 1 };
    struct kvm_msi msi = { 0 };
    struct kvm_pit_config pit = { 0 };
    struct kvm_create_device device = { .type = 9999 };
    struct kvm_irqfd irqfd = { .fd = 9999 };
    struct kvm_irqchip chip = { .chip_id = 9 };
    __u64 zero = 0;

    ASK(ioctl(vm, 0x1234, 0));
    ASK(ioctl(vm, KVM_GET_REGS, ram));
    ASK(ioctl(vm, KVM_SET_TSS_ADDR, 0xfffbd000UL));
    ASK(ioctl(vm, KVM_SET_TSS_ADDR, 0xfffff000UL));
    ASK(ioctl(vm, KVM_SET_IDENTITY_MAP_ADDR, &zero));
    ASK(ioctl(vm, KVM_SET_NR_MMU_PAGES, 1));
    ASK(ioctl(vm, KVM_IRQ_LINE, &line));
    ASK(ioctl(vm, KVM_SIGNAL_MSI, &msi));
    ASK(ioctl(vm, KVM_CREATE_PIT2, &pit));
    ASK(ioctl(vm, KVM_GET_IRQCHIP, &chip));
    ASK(ioctl(vm, KVM_CREATE_DEVICE, &device));
    ASK(ioctl(vm, KVM_IRQFD, &irqfd));
    ASK(ioctl(vm, KVM_SET_USER_MEMORY_REGION, 0));
    ASK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, vm, 0) == MAP_FAILED ? -1 : 0);
}

static int irqfd(int machine, int fd, __u32 flags)
{
    struct kvm_irqfd spec = { .fd = (__u32)fd, .gsi = 5, .flags = flags };

    return ioctl(machine, KVM_IRQFD, &spec);
}

static void irqfd_questions(int other)
{
    int fd = eventfd(0, 0);

    ASK(irqfd(other, -1, 0));
    ASK(irqfd(other, kvm, 0));
    ASK(irqfd(other, fd, 1 << 8));
    ASK(irqfd(other, fd, 0));
    ASK(irqfd(other, fd, 0));
    ASK(irqfd(other, fd, KVM_IRQFD_FLAG_DEASSIGN));
    ASK(irqfd(other, fd, KVM_IRQFD_FLAG_DEASSIGN));
    ASK(irqfd(other, fd, 0));
}

static int route(int machine, __u32 gsi, __u32 type, __u32 chip, __u32 pin)
{
    struct {
        struct kvm_irq_routing head;
        struct kvm_irq_routing_entry e;
    } r = { .head.nr = 1, .e = { .gsi = gsi, .type = type, .u.irqchip = { chip, pin } } };

    return ioctl(machine, KVM_SET_GSI_ROUTING, &r);
}

static void route_questions(int other)
{
    ASK(route(vm, 0, KVM_IRQ_ROUTING_MSI, 0, 0));
    ASK(route(other, 0, KVM_IRQ_ROUTING_MSI, 0, 0));
    ASK(route(other, 4095, KVM_IRQ_ROUTING_MSI, 0, 0));
    ASK(route(other, 4096, KVM_IRQ_ROUTING_MSI, 0, 0));
    ASK(route(other, 0, KVM_IRQ_ROUTING_IRQCHIP, 2, 23));
    ASK(route(other, 0, KVM_IRQ_ROUTING_IRQCHIP, 2, 24));
    ASK(route(other, 0, KVM_IRQ_ROUTING_IRQCHIP, 1, 7));
    ASK(route(other, 0, KVM_IRQ_ROUTING_IRQCHIP, 3, 0));
    ASK(route(other, 0, 99, 0, 0));
}

static void chip_questions(void)
{
    int other = ioctl(kvm, KVM_CREATE_VM, 0), first;
    struct kvm_pit_config pit = { 0 };
    struct kvm_irqchip chip = { .chip_id = 9 };
    struct kvm_mp_state state = { 77 };

    ASK(ioctl(other, KVM_CREATE_IRQCHIP, 0));
    ASK(ioctl(other, KVM_CREATE_IRQCHIP, 0));
    ASK(enable(other, KVM_CAP_SPLIT_IRQCHIP, 24));
    ASK(ioctl(other, KVM_GET_IRQCHIP, &chip));
    ASK(ioctl(other, KVM_CREATE_PIT2, &pit));
    ASK(ioctl(other, KVM_CREATE_PIT2, &pit));
    irqfd_questions(other);
    route_questions(other);
    ASK_FD(first = ioctl(other, KVM_CREATE_VCPU, 1));
    ASK(ioctl(first, KVM_GET_MP_STATE, &state));
    ASK((int)state.mp_state);
    state.mp_state = 77;
    ASK(ioctl(first, KVM_SET_MP_STATE, &state));
    ASK(ioctl(other, KVM_SET_BOOT_CPU_ID, 0));
}

static void vcpu_questions(void)
{
    struct kvm_mp_state state = { KVM_MP_STATE_HALTED };
    struct kvm_signal_mask mask = { .len = 4 };
    struct kvm_sregs sregs;
    struct kvm_regs regs;
    struct kvm_debugregs debugregs;

    ASK(ioctl(vm, KVM_CREATE_VCPU, 0));
    ASK(ioctl(vm, KVM_CREATE_VCPU, 100000));
    ASK(ioctl(vcpu, 0x1234, 0));
    ASK(ioctl(vcpu, KVM_RUN, 1));
    ASK(ioctl(vcpu, KVM_GET_LAPIC, ram));
    ASK(ioctl(vcpu, KVM_SET_SIGNAL_MASK, &mask));
    ASK(ioctl(vcpu, KVM_SET_SIGNAL_MASK, 0));
    ASK(ioctl(vcpu, KVM_SET_MP_STATE, &state));
    ASK(ioctl(vcpu, KVM_KVMCLOCK_CTRL, 0));
    ASK(ioctl(vcpu, KVM_GET_REGS, 0));
    ASK(ioctl(vcpu, KVM_GET_REGS, &regs));
    ASK((int)regs.rip);
    ASK((int)regs.rflags);
    ASK(ioctl(vcpu, KVM_GET_SREGS, &sregs));
    ASK((int)sregs.cs.base);
    ASK((int)sregs.cr0);
    ASK((int)sregs.apic_base);
    sregs.cr0 = 1ULL << 31;
    ASK(ioctl(vcpu, KVM_SET_SREGS, &sregs));
    ASK(ioctl(vcpu, KVM_GET_DEBUGREGS, &debugregs));
    debugregs.flags = 1;
    ASK(ioctl(vcpu, KVM_SET_DEBUGREGS, &debugregs));
    ASK((int)read(vcpu, ram, 1));
}

int main(void)
{
    kvm = open("/dev/kvm", O_RDWR);
    if (kvm < 0 || ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) {
        return 77;
    }
    vm = ioctl(kvm, KVM_CREATE_VM, 0);
    ram = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
    system_questions();
    list_questions();
    slot_questions();
    dirty_questions();
    cap_questions();
    ioevent_questions();
    vm_questions();
    chip_questions();
    vcpu_questions();
    return 0;
}
