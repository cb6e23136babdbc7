/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The least C program that runs a guest of the machine "unikernel", to measure that against.
 *
 * Theory of operation: the ioctls that a VM with one long-mode vCPU takes and no other, a loader that
 * trusts the ELF file, one set of page tables where everything is allowed, and an exit loop that knows
 * three calls: version, console (to stdout) and exit. Linked statically.
 *
 * usage: unikernel-floor IMAGE.elf      exit status: the guest's
 */
#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "unikernel-abi.h"

#define RAM_SIZE (128UL << 20)
#define GDT 0x1000
#define TSS 0x1100
#define BOOT 0x2000
#define TABLES 0x10000
#define CPUID_ENTRIES 100

typedef struct {
    int kvm, vm, vcpu;
    struct kvm_run *run;
    uint8_t *ram;
    uint64_t entry;
} Floor;

static int checked(int result, const char *what)
{
    if (result < 0) {
        err(2, "%s", what);
    }
    return result;
}

static void create(Floor *f)
{
    struct kvm_userspace_memory_region region = { .memory_size = RAM_SIZE };
    int size;

    f->kvm = checked(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
    checked(ioctl(f->kvm, KVM_GET_API_VERSION, 0), "KVM_GET_API_VERSION");
    f->vm = checked(ioctl(f->kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
    checked(ioctl(f->vm, KVM_SET_TSS_ADDR, 0xfeffd000UL), "KVM_SET_TSS_ADDR");
    f->ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    region.userspace_addr = (uintptr_t)f->ram;
    checked(ioctl(f->vm, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
    f->vcpu = checked(ioctl(f->vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
    size = checked(ioctl(f->kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
    f->run = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, f->vcpu, 0);
    if (f->ram == MAP_FAILED || f->run == MAP_FAILED) {
        err(2, "mmap");
    }
}

static void set_cpuid(Floor *f)
{
    struct kvm_cpuid2 *c = calloc(1, sizeof(*c) + CPUID_ENTRIES * sizeof(struct kvm_cpuid_entry2));

    c->nent = CPUID_ENTRIES;
    checked(ioctl(f->kvm, KVM_GET_SUPPORTED_CPUID, c), "KVM_GET_SUPPORTED_CPUID");
    checked(ioctl(f->vcpu, KVM_SET_CPUID2, c), "KVM_SET_CPUID2");
    free(c);
}

static void load(Floor *f, const char *path)
{
    int fd = checked(open(path, O_RDONLY | O_CLOEXEC), path);
    Elf64_Phdr p[16];
    Elf64_Ehdr h;

    if (read(fd, &h, sizeof(h)) != sizeof(h) || h.e_phnum > 16 ||
        pread(fd, p, h.e_phnum * sizeof(*p), (off_t)h.e_phoff) < 0) {
        errx(2, "%s: no image", path);
    }
    for (int i = 0; i < h.e_phnum; i++) {
        if (p[i].p_type == PT_LOAD &&
            pread(fd, f->ram + p[i].p_vaddr, p[i].p_filesz, (off_t)p[i].p_offset) < 0) {
            err(2, "%s", path);
        }
    }
    f->entry = h.e_entry;
    close(fd);
}

static void fill_tables(Floor *f)
{
    uint64_t *pml4 = (uint64_t *)(f->ram + TABLES), *pdpt = pml4 + 512, *pd = pml4 + 1024;
    uint64_t *gdt = (uint64_t *)(f->ram + GDT);
    uint8_t *tss = f->ram + TSS;
    struct uk_boot boot = { UK_BOOT_MAGIC, UK_ABI_VERSION, sizeof(boot), RAM_SIZE, 0, RAM_SIZE,
                            BOOT + sizeof(boot), 0 };

    pml4[0] = (TABLES + 0x1000) | 7;
    pdpt[0] = (TABLES + 0x2000) | 7;
    for (uint64_t i = 0; i < RAM_SIZE >> 21; i++) {
        pd[i] = i << 21 | 0x87;
    }
    gdt[5] = 0x00cff3000000ffffULL;
    gdt[6] = 0x00affb000000ffffULL;
    tss[102] = 104; /* the I/O permissions, all zero: allowed */
    tss[104 + 0x700 / 8] = 0xff;
    memcpy(f->ram + BOOT, &boot, sizeof(boot));
}

static void set_registers(Floor *f)
{
    const struct kvm_segment code = { .limit = ~0U, .selector = 0x33, .type = 0xb, .present = 1,
                                      .dpl = 3, .s = 1, .l = 1, .g = 1 };
    const struct kvm_segment data = { .limit = ~0U, .selector = 0x2b, .type = 3, .present = 1,
                                      .dpl = 3, .s = 1, .db = 1, .g = 1 };
    struct kvm_regs regs = { .rip = f->entry, .rsp = RAM_SIZE - 24, .rdi = BOOT, .rflags = 2 };
    struct kvm_sregs s;

    checked(ioctl(f->vcpu, KVM_GET_SREGS, &s), "KVM_GET_SREGS");
    s.cs = code;
    s.ds = s.es = s.fs = s.gs = s.ss = data;
    s.tr = (struct kvm_segment){ .base = TSS, .limit = 104 + 0x700 / 8, .selector = 0x38,
                                 .type = 0xb, .present = 1 };
    s.gdt.base = GDT;
    s.gdt.limit = 71;
    s.cr0 = 0x80010013;
    s.cr3 = TABLES;
    s.cr4 = 0x620;
    s.efer = 0xd00;
    checked(ioctl(f->vcpu, KVM_SET_SREGS, &s), "KVM_SET_SREGS");
    checked(ioctl(f->vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
}

/* The exit status when this was the guest's last call, else -1. */
static int call(Floor *f)
{
    uint32_t at = *(uint32_t *)((uint8_t *)f->run + f->run->io.data_offset);
    struct uk_console_write *text = (void *)(f->ram + at);

    switch (f->run->io.port) {
    case UK_PORT(UK_VERSION):
        *(struct uk_version *)(f->ram + at) = (struct uk_version){ UK_ABI_VERSION, UK_OK };
        return -1;
    case UK_PORT(UK_CONSOLE_WRITE):
        text->ret = write(1, f->ram + text->buf, text->len) < 0 ? UK_EIO : UK_OK;
        return -1;
    case UK_PORT(UK_EXIT):
        return (int)((struct uk_exit *)(f->ram + at))->status;
    default:
        errx(2, "port 0x%x", f->run->io.port);
    }
}

int main(int argc, char **argv)
{
    Floor f = { 0 };
    int status = -1;

    if (argc != 2) {
        errx(2, "usage: unikernel-floor IMAGE.elf");
    }
    create(&f);
    set_cpuid(&f);
    load(&f, argv[1]);
    fill_tables(&f);
    set_registers(&f);
    while (status < 0) {
        checked(ioctl(f.vcpu, KVM_RUN, 0), "KVM_RUN");
        if (f.run->exit_reason != KVM_EXIT_IO) {
            errx(2, "exit reason %u", f.run->exit_reason);
        }
        status = call(&f);
    }
    return status;
}
