/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The floor: the least C program that runs a guest on KVM, to measure others against.
 *
 * Theory of operation: it opens /dev/kvm, creates a VM with 128 MiB and one vCPU, maps a 64 KiB ROM
 * below 4 GiB and runs it from the reset vector. It handles what the ROMs of tests/guests do on
 * their way to the exit port and nothing else: ports read as all ones, writes go nowhere. There is
 * no irqchip and no option, and no step that could be left out: what this program takes, the kernel
 * takes. It is linked statically.
 *
 * usage: floor ROM         exit status as with isa-debug-exit: (value << 1) | 1
 *        floor exits ROM   prints the number of writes to port 0x80 and the time of each
 *
 * `exits` gives the vCPU the host's CPUID first, since a ROM cannot enter long mode without it.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

#define RAM_SIZE (128UL << 20)
#define ROM_SIZE 0x10000UL
#define ROM_ADDR 0xffff0000UL
#define TSS_ADDR 0xfeffd000UL
#define PORT_EXIT 0xf4
#define PORT_COUNTED 0x80
#define CPUID_ENTRIES 100

typedef struct {
    int kvm, vm, vcpu;
    struct kvm_run *run;
    uint64_t counted;          /* writes to PORT_COUNTED, */
    int64_t first_ns, last_ns; /* the first and the last of them */
} Floor;

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int checked(int result, const char *what)
{
    if (result < 0) {
        err(2, "%s", what);
    }
    return result;
}

static void *map(size_t size, int prot, int flags, int fd, const char *what)
{
    void *p = mmap(NULL, size, prot, flags, fd, 0);

    if (p == MAP_FAILED) {
        err(2, "%s", what);
    }
    return p;
}

static void add_slot(Floor *f, uint32_t slot, uint32_t flags, uint64_t addr, uint64_t size, void *at)
{
    struct kvm_userspace_memory_region region = {
        .slot = slot, .flags = flags, .guest_phys_addr = addr, .memory_size = size,
        .userspace_addr = (uintptr_t)at,
    };

    checked(ioctl(f->vm, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
}

static void create(Floor *f, const char *rom)
{
    int fd = checked(open(rom, O_RDONLY | O_CLOEXEC), rom);
    int size;

    f->kvm = checked(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
    if (ioctl(f->kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) {
        errx(2, "/dev/kvm does not speak version %d", KVM_API_VERSION);
    }
    f->vm = checked(ioctl(f->kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
    checked(ioctl(f->vm, KVM_SET_TSS_ADDR, TSS_ADDR), "KVM_SET_TSS_ADDR");
    add_slot(f, 0, 0, 0, RAM_SIZE,
             map(RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
                 "guest RAM"));
    add_slot(f, 1, KVM_MEM_READONLY, ROM_ADDR, ROM_SIZE,
             map(ROM_SIZE, PROT_READ, MAP_PRIVATE, fd, rom));
    f->vcpu = checked(ioctl(f->vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
    size = checked(ioctl(f->kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
    f->run = map((size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, f->vcpu, "vCPU state");
}

static void set_cpuid(Floor *f)
{
    struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) +
                                      CPUID_ENTRIES * sizeof(struct kvm_cpuid_entry2));

    if (!cpuid) {
        err(2, "CPUID");
    }
    cpuid->nent = CPUID_ENTRIES;
    checked(ioctl(f->kvm, KVM_GET_SUPPORTED_CPUID, cpuid), "KVM_GET_SUPPORTED_CPUID");
    checked(ioctl(f->vcpu, KVM_SET_CPUID2, cpuid), "KVM_SET_CPUID2");
    free(cpuid);
}

/* Handles one port access; the exit status when it was the guest's last, else -1. */
static int handle_io(Floor *f)
{
    uint8_t *data = (uint8_t *)f->run + f->run->io.data_offset;

    if (f->run->io.direction == KVM_EXIT_IO_IN) {
        memset(data, 0xff, (size_t)f->run->io.size * f->run->io.count);
    } else if (f->run->io.port == PORT_EXIT) {
        return (*data << 1) | 1;
    } else if (f->run->io.port == PORT_COUNTED) {
        f->counted++;
    }
    return -1;
}

static int run(Floor *f)
{
    int status = -1;

    while (status < 0) {
        checked(ioctl(f->vcpu, KVM_RUN, 0), "KVM_RUN");
        if (f->run->exit_reason != KVM_EXIT_IO) {
            errx(2, "exit reason %u", f->run->exit_reason);
        }
        status = handle_io(f);
        if (f->counted == 1 && !f->first_ns) {
            f->first_ns = now_ns();
        }
    }
    f->last_ns = now_ns();
    return status;
}

int main(int argc, char **argv)
{
    Floor f = { .counted = 0 };
    int exits = argc == 3 && !strcmp(argv[1], "exits");
    int status;

    if (argc != 2 + exits) {
        errx(2, "usage: floor [exits] ROM");
    }
    create(&f, argv[1 + exits]);
    if (exits) {
        set_cpuid(&f);
    }
    status = run(&f);
    if (exits) {
        printf("%llu exits, %.1f ns each\n", (unsigned long long)f.counted,
               f.counted > 1 ? (double)(f.last_ns - f.first_ns) / (double)(f.counted - 1) : 0.0);
    }
    return status;
}
