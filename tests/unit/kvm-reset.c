/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a reset has to take back: everything that a guest can have changed in a vCPU and in the
 * interrupt controllers of the kernel. Each case dirties one kind of state as a guest would, resets
 * and reads it back. Needs the real /dev/kvm; without one every case skips.
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <unistd.h>
#include "accel/accel.h"
#include "accel/kvm.h"
#include "accel/x86.h"

#define APIC_LVT_TIMER 0x320
#define APIC_LVT_LINT0 0x350
#define APIC_SVR 0xf0
#define APIC_VERSION 0x30
#define APIC_TMICT 0x380

#define MSR_LSTAR 0xc0000082u
#define MSR_SYSENTER_EIP 0x176u
#define MSR_PAT 0x277u
#define MSR_KVM_SYSTEM_TIME 0x4b564d01u

typedef struct Vm {
    AccelState *as;
    AccelCPU *cpu;
} Vm;

static bool vm_open(Vm *vm)
{
    const AccelSpec spec = { .size = sizeof(spec), .cpus = 1 };
    int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    g_autoptr(GError) err = NULL;

    if (fd < 0) {
        g_test_skip("no usable /dev/kvm");
        return false;
    }
    close(fd);
    vm->as = accel_open("kvm", &spec, &err);
    g_assert_no_error(err);
    g_assert_true(accel_create_pit(vm->as, true, &err));
    vm->cpu = accel_create_vcpu(vm->as, 0, &err);
    g_assert_no_error(err);
    return true;
}

static void vm_set_cpuid(Vm *vm)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(GArray) cpuid = accel_get_supported_cpuid(vm->as, &err);

    g_assert_no_error(err);
    accel_set_cpuid(vm->cpu, (AccelX86Cpuid *)(void *)cpuid->data, cpuid->len, &err);
    g_assert_no_error(err);
}

static void vm_reset(Vm *vm)
{
    g_autoptr(GError) err = NULL;

    accel_reset_irqchip(vm->as, &err);
    g_assert_no_error(err);
    accel_reset_vcpu(vm->cpu, true, &err);
    g_assert_no_error(err);
}

/* A vCPU that has been in the guest is not fresh any more, whatever the caller did before. */
static void vm_run_once(Vm *vm)
{
    g_autoptr(GError) err = NULL;

    accel_kick(vm->cpu);
    g_assert_cmpint(accel_run(vm->cpu, NULL, &err), ==, ACCEL_EXIT_KICK);
}

static uint32_t get32(const uint8_t *regs, unsigned at)
{
    uint32_t v;

    memcpy(&v, regs + at, sizeof(v));
    return v;
}

static void put32(uint8_t *regs, unsigned at, uint32_t v)
{
    memcpy(regs + at, &v, sizeof(v));
}

static void test_lapic(void)
{
    uint8_t regs[1024];
    g_autoptr(GError) err = NULL;
    uint32_t version;
    Vm vm;

    if (!vm_open(&vm)) {
        return;
    }
    vm_reset(&vm);
    g_assert_true(accel_get_lapic(vm.cpu, regs, &err));
    version = get32(regs, APIC_VERSION);
    put32(regs, APIC_SVR, 0x1ff);
    put32(regs, APIC_LVT_TIMER, 0x200ef);
    put32(regs, APIC_LVT_LINT0, 0x10000);
    put32(regs, APIC_TMICT, 0x7fffffff);
    g_assert_true(accel_set_lapic(vm.cpu, regs, &err));
    vm_reset(&vm);
    memset(regs, 0xff, sizeof(regs));
    g_assert_true(accel_get_lapic(vm.cpu, regs, &err));
    g_assert_cmphex(get32(regs, APIC_VERSION), ==, version);
    g_assert_cmphex(get32(regs, APIC_SVR), ==, 0xff);
    g_assert_cmphex(get32(regs, APIC_LVT_TIMER), ==, 0x10000);
    g_assert_cmphex(get32(regs, APIC_LVT_LINT0), ==, 0x700);
    g_assert_cmphex(get32(regs, APIC_TMICT), ==, 0);
    accel_close(vm.as);
}

static void test_msrs(void)
{
    AccelX86Msr m[] = {
        { .index = MSR_LSTAR, .value = 0x1234 },
        { .index = MSR_SYSENTER_EIP, .value = 0x5678 },
        { .index = MSR_PAT, .value = 0 },
        { .index = MSR_KVM_SYSTEM_TIME, .value = 0x2001 },
    };
    g_autoptr(GError) err = NULL;
    Vm vm;

    if (!vm_open(&vm)) {
        return;
    }
    vm_set_cpuid(&vm);
    vm_reset(&vm);
    accel_set_msrs(vm.cpu, m, G_N_ELEMENTS(m), &err);
    g_assert_no_error(err);
    vm_reset(&vm);
    accel_get_msrs(vm.cpu, m, G_N_ELEMENTS(m), &err);
    g_assert_no_error(err);
    g_assert_cmphex(m[0].value, ==, 0);
    g_assert_cmphex(m[1].value, ==, 0);
    g_assert_cmphex(m[2].value, ==, 0x0007040600070406);
    g_assert_cmphex(m[3].value, ==, 0); /* or the kernel goes on writing into the guest's memory */
    accel_close(vm.as);
}

static void test_xcr0(void)
{
    struct kvm_xcrs x = { .nr_xcrs = 1, .xcrs[0] = { .xcr = 0, .value = 3 } };
    Vm vm;

    if (!vm_open(&vm)) {
        return;
    }
    vm_set_cpuid(&vm);
    if (kvm_check_extension(kvm_state(vm.as), KVM_CAP_XCRS) == 0 ||
        kvm_vcpu_ioctl(vm.cpu, KVM_SET_XCRS, &x) < 0) {
        g_test_skip("no XCR0 on this host");
        accel_close(vm.as);
        return;
    }
    vm_run_once(&vm);
    vm_reset(&vm);
    g_assert_cmpint(kvm_vcpu_ioctl(vm.cpu, KVM_GET_XCRS, &x), ==, 0);
    g_assert_cmphex(x.xcrs[0].value, ==, 1);
    accel_close(vm.as);
}

static void test_vectors(void)
{
    uint8_t area[16384];
    const uint64_t three = 3;
    g_autoptr(GError) err = NULL;
    Vm vm;

    if (!vm_open(&vm)) {
        return;
    }
    vm_set_cpuid(&vm);
    g_assert_true(accel_get_xsave(vm.cpu, area, sizeof(area), &err));
    memset(area + 160, 0xaa, 16); /* XMM0 */
    put32(area, 24, 0x1f00);      /* MXCSR: faults on */
    memcpy(area + 512, &three, 8);
    g_assert_true(accel_set_xsave(vm.cpu, area, sizeof(area), &err));
    vm_run_once(&vm);
    vm_reset(&vm);
    g_assert_true(accel_get_xsave(vm.cpu, area, sizeof(area), &err));
    g_assert_cmphex(get32(area, 24), ==, 0x1f80);
    g_assert_cmphex(get32(area, 0) & 0xffff, ==, 0x37f);
    g_assert_cmphex(get32(area, 160), ==, 0);
    accel_close(vm.as);
}

static void chip_ioctl(Vm *vm, unsigned long request, struct kvm_irqchip *chip, uint32_t id)
{
    chip->chip_id = id;
    g_assert_cmpint(kvm_vm_ioctl(kvm_state(vm->as), request, chip), ==, 0);
}

static void test_ioapic(void)
{
    struct kvm_irqchip chip = { 0 };
    Vm vm;

    if (!vm_open(&vm)) {
        return;
    }
    vm_reset(&vm);
    chip_ioctl(&vm, KVM_GET_IRQCHIP, &chip, KVM_IRQCHIP_IOAPIC);
    chip.chip.ioapic.redirtbl[2].bits = 0x30; /* the timer, unmasked */
    chip.chip.ioapic.id = 5;
    chip_ioctl(&vm, KVM_SET_IRQCHIP, &chip, KVM_IRQCHIP_IOAPIC);
    vm_reset(&vm);
    chip_ioctl(&vm, KVM_GET_IRQCHIP, &chip, KVM_IRQCHIP_IOAPIC);
    g_assert_cmphex(chip.chip.ioapic.redirtbl[2].bits, ==, 0x10000);
    g_assert_cmphex(chip.chip.ioapic.id, ==, 0);
    g_assert_cmphex(chip.chip.ioapic.base_address, ==, 0xfec00000);
    accel_close(vm.as);
}

static void test_pic(void)
{
    struct kvm_irqchip chip = { 0 };
    uint8_t elcr_mask;
    Vm vm;

    if (!vm_open(&vm)) {
        return;
    }
    vm_reset(&vm);
    chip_ioctl(&vm, KVM_GET_IRQCHIP, &chip, KVM_IRQCHIP_PIC_SLAVE);
    elcr_mask = chip.chip.pic.elcr_mask;
    chip.chip.pic.irq_base = 0x28;
    chip.chip.pic.elcr = 0x0c;
    chip.chip.pic.isr = 1;
    chip_ioctl(&vm, KVM_SET_IRQCHIP, &chip, KVM_IRQCHIP_PIC_SLAVE);
    vm_reset(&vm);
    chip_ioctl(&vm, KVM_GET_IRQCHIP, &chip, KVM_IRQCHIP_PIC_SLAVE);
    g_assert_cmphex(chip.chip.pic.irq_base, ==, 0);
    g_assert_cmphex(chip.chip.pic.elcr, ==, 0);
    g_assert_cmphex(chip.chip.pic.isr, ==, 0);
    g_assert_cmphex(chip.chip.pic.elcr_mask, ==, elcr_mask);
    accel_close(vm.as);
}

static void test_pit(void)
{
    struct kvm_pit_state2 pit = { 0 };
    KVMState *s;
    Vm vm;

    if (!vm_open(&vm)) {
        return;
    }
    s = kvm_state(vm.as);
    vm_reset(&vm);
    g_assert_cmpint(kvm_vm_ioctl(s, KVM_GET_PIT2, &pit), ==, 0);
    pit.channels[0].mode = 2;
    pit.channels[0].count = 11932;
    g_assert_cmpint(kvm_vm_ioctl(s, KVM_SET_PIT2, &pit), ==, 0);
    vm_reset(&vm);
    g_assert_cmpint(kvm_vm_ioctl(s, KVM_GET_PIT2, &pit), ==, 0);
    g_assert_cmphex(pit.channels[0].mode, ==, 0xff);
    g_assert_cmpuint(pit.channels[0].count, ==, 0x10000);
    g_assert_cmpuint(pit.channels[2].gate, ==, 0);
    accel_close(vm.as);
}

/* A guest that is reset inside system management mode begins outside of it, and SMBASE is back. */
static void test_smm(void)
{
    AccelX86Msr base = { .index = 0x9e, .value = 0x50000 };
    AccelX86Events events = { .smm = true, .smi_latched_init = true };
    g_autoptr(GError) err = NULL;
    bool has_base;
    Vm vm;

    if (!vm_open(&vm)) {
        return;
    }
    vm_set_cpuid(&vm);
    if (kvm_check_extension(kvm_state(vm.as), KVM_CAP_X86_SMM) == 0) {
        g_test_skip("no system management mode on this host");
        accel_close(vm.as);
        return;
    }
    vm_run_once(&vm);
    has_base = accel_set_msrs(vm.cpu, &base, 1, NULL);
    g_assert_true(accel_set_events(vm.cpu, &events, &err));
    g_assert_true(accel_get_events(vm.cpu, &events, &err));
    g_assert_true(events.smm);
    vm_reset(&vm);
    g_assert_true(accel_get_events(vm.cpu, &events, &err));
    g_assert_false(events.smm);
    g_assert_false(events.smi_latched_init);
    if (has_base) {
        g_assert_true(accel_get_msrs(vm.cpu, &base, 1, &err));
        g_assert_cmphex(base.value, ==, 0x30000);
    }
    accel_close(vm.as);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kvm-reset/lapic", test_lapic);
    g_test_add_func("/kvm-reset/msrs", test_msrs);
    g_test_add_func("/kvm-reset/smm", test_smm);
    g_test_add_func("/kvm-reset/xcr0", test_xcr0);
    g_test_add_func("/kvm-reset/vectors", test_vectors);
    g_test_add_func("/kvm-reset/ioapic", test_ioapic);
    g_test_add_func("/kvm-reset/pic", test_pic);
    g_test_add_func("/kvm-reset/pit", test_pit);
    return g_test_run();
}
