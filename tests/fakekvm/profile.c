/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The host that is there when a scenario says nothing: a made-up 8-CPU x86 machine with a Linux
 * 6.1 kind of KVM. It is the same everywhere, so that a test's outcome never depends on the host;
 * numbers that a kernel derives from its hardware (CPUs, address bits, kHz) are round and
 * invented.
 */
#include <string.h>
#include "fakekvm.h"
#include "scenario.h"
#include "scenario-parse.h"

static const struct {
    uint16_t cap;
    int value;
} caps[] = {
    { KVM_CAP_IRQCHIP, 1 }, { KVM_CAP_HLT, 1 }, { KVM_CAP_MMU_SHADOW_CACHE_CONTROL, 1 },
    { KVM_CAP_USER_MEMORY, 1 }, { KVM_CAP_SET_TSS_ADDR, 1 }, { KVM_CAP_EXT_CPUID, 1 },
    { KVM_CAP_CLOCKSOURCE, 1 }, { KVM_CAP_NR_VCPUS, 8 }, { KVM_CAP_NR_MEMSLOTS, 32764 },
    { KVM_CAP_PIT, 1 }, { KVM_CAP_NOP_IO_DELAY, 1 }, { KVM_CAP_MP_STATE, 1 },
    { KVM_CAP_COALESCED_MMIO, 2 }, { KVM_CAP_SYNC_MMU, 1 },
    { KVM_CAP_DESTROY_MEMORY_REGION_WORKS, 1 }, { KVM_CAP_USER_NMI, 1 },
    { KVM_CAP_SET_GUEST_DEBUG, 1 }, { KVM_CAP_REINJECT_CONTROL, 1 },
    { KVM_CAP_IRQ_ROUTING, 4096 }, { KVM_CAP_IRQ_INJECT_STATUS, 1 },
    { KVM_CAP_JOIN_MEMORY_REGIONS_WORKS, 1 }, { KVM_CAP_MCE, 32 }, { KVM_CAP_IRQFD, 1 },
    { KVM_CAP_PIT2, 1 }, { KVM_CAP_SET_BOOT_CPU_ID, 1 }, { KVM_CAP_PIT_STATE2, 1 },
    { KVM_CAP_IOEVENTFD, 1 }, { KVM_CAP_SET_IDENTITY_MAP_ADDR, 1 }, { KVM_CAP_ADJUST_CLOCK, 14 },
    { KVM_CAP_INTERNAL_ERROR_DATA, 1 }, { KVM_CAP_VCPU_EVENTS, 1 }, { KVM_CAP_DEBUGREGS, 1 },
    { KVM_CAP_X86_ROBUST_SINGLESTEP, 1 }, { KVM_CAP_ENABLE_CAP, 1 }, { KVM_CAP_XSAVE, 1 },
    { KVM_CAP_XCRS, 1 }, { KVM_CAP_TSC_CONTROL, 1 }, { KVM_CAP_GET_TSC_KHZ, 1 },
    { KVM_CAP_MAX_VCPUS, 1024 }, { KVM_CAP_TSC_DEADLINE_TIMER, 1 }, { KVM_CAP_KVMCLOCK_CTRL, 1 },
    { KVM_CAP_SIGNAL_MSI, 1 }, { KVM_CAP_READONLY_MEM, 1 }, { KVM_CAP_IRQFD_RESAMPLE, 1 },
    { KVM_CAP_EXT_EMUL_CPUID, 1 }, { KVM_CAP_IOAPIC_POLARITY_IGNORED, 1 },
    { KVM_CAP_ENABLE_CAP_VM, 1 }, { KVM_CAP_IOEVENTFD_NO_LENGTH, 1 },
    { KVM_CAP_CHECK_EXTENSION_VM, 1 }, { KVM_CAP_DISABLE_QUIRKS, 1 },
    { KVM_CAP_SPLIT_IRQCHIP, 1 }, { KVM_CAP_IOEVENTFD_ANY_LENGTH, 1 },
    { KVM_CAP_MAX_VCPU_ID, 4096 }, { KVM_CAP_X2APIC_API, 3 }, { KVM_CAP_IMMEDIATE_EXIT, 1 },
    { KVM_CAP_X86_DISABLE_EXITS, 14 }, { KVM_CAP_GET_MSR_FEATURES, 1 },
    { KVM_CAP_COALESCED_PIO, 1 }, { KVM_CAP_EXCEPTION_PAYLOAD, 1 },
    { KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2, 3 },
    { KVM_CAP_X86_USER_SPACE_MSR, 1 }, { KVM_CAP_X86_MSR_FILTER, 1 },
    { KVM_CAP_DIRTY_LOG_RING, 1 << 20 }, { KVM_CAP_SET_GUEST_DEBUG2, 0x1f0003 },
    { KVM_CAP_SREGS2, 1 }, { KVM_CAP_EXIT_HYPERCALL, 1 << 12 }, { KVM_CAP_BINARY_STATS_FD, 1 },
    { KVM_CAP_EXIT_ON_EMULATION_FAILURE, 1 }, { KVM_CAP_XSAVE2, 4096 },
    { KVM_CAP_SYS_ATTRIBUTES, 1 }, { KVM_CAP_PMU_CAPABILITY, 1 },
    { KVM_CAP_DISABLE_QUIRKS2, 0x7f }, { KVM_CAP_VM_TSC_CONTROL, 1 },
    { KVM_CAP_SYSTEM_EVENT_DATA, 1 }, { KVM_CAP_X86_TRIPLE_FAULT_EVENT, 1 },
    { KVM_CAP_X86_BUS_LOCK_EXIT, 3 }, { KVM_CAP_X86_NOTIFY_VMEXIT, 1 },
};

/* leaf, index, flags, eax, ebx, ecx, edx: an SSE4.2 class CPU with AVX2 and x2APIC, no nesting. */
static const uint32_t leaves[][7] = {
    { 0, 0, 0, 0xd, 0x756e6547, 0x6c65746e, 0x49656e69 },
    { 1, 0, 0, 0x000306c3, 0x00080800, 0xf7fa3203, 0x0f8bfbff },
    { 2, 0, 0, 1, 0, 0x4d, 0x2c307d },
    { 4, 0, 1, 0x1c004121, 0x01c0003f, 0x3f, 0 },
    { 4, 1, 1, 0x1c004122, 0x01c0003f, 0x3f, 0 },
    { 4, 2, 1, 0x1c004143, 0x01c0003f, 0x1ff, 0 },
    { 4, 3, 1, 0x1c03c163, 0x03c0003f, 0x1fff, 6 },
    { 7, 0, 1, 0, 0x000027ab, 0, 0xac000400 },
    { 0xb, 0, 1, 0, 0, 0, 0 },
    { 0xd, 0, 1, 7, 0x340, 0x340, 0 },
    { 0xd, 1, 1, 1, 0, 0, 0 },
    { 0xd, 2, 1, 0x100, 0x240, 0, 0 },
    { 0x40000000, 0, 0, 0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d },
    { 0x40000001, 0, 0, 0x01007efb, 0, 0, 0 },
    { 0x80000000, 0, 0, 0x80000008, 0, 0, 0 },
    { 0x80000001, 0, 0, 0, 0, 0x121, 0x2c100800 },
    { 0x80000006, 0, 0, 0, 0, 0x01006040, 0 },
    { 0x80000007, 0, 0, 0, 0, 0, 0x100 },
    { 0x80000008, 0, 0, 0x3027, 0, 0, 0 },
};

static const uint32_t msrs[] = {
    0x174, 0x175, 0x176, 0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, 0xc0000102, 0x10, 0x277,
    0x1d9, 0x48, 0xc0000103, 0x11, 0x12, 0x4b564d00, 0x4b564d01, 0x4b564d02, 0x4b564d03, 0x4b564d04,
    0x4b564d05, 0x4b564d06, 0x4b564d07, 0x3b, 0x6e0, 0x10a, 0x345, 0x1a0, 0x17a, 0x17b, 0x34,
    0xce, 0x140, 0x8b, 0x3a,
};

static const FakeMsr feature_msrs[] = {
    { 0x8b, 0x100000000ULL }, { 0x10a, 0x6b }, { 0x345, 0 }, { 0xce, 0x80000000ULL },
};

void fake_profile(FakeConfig *config)
{
    config->api_version = KVM_API_VERSION;
    config->mmap_size = 3 * FAKE_PAGE;
    config->tsc_khz = 2500000;
    config->mce_cap = 0x1000100;    /* MCG_CTL_P and MCG_SER_P */
    config->xcr0 = 7;
    config->node_mode = 0666;
    for (size_t i = 0; i < FAKE_ARRAY(caps); i++) {
        config->cap_system[caps[i].cap] = config->cap_vm[caps[i].cap] = caps[i].value;
    }
    for (size_t i = 0; i < FAKE_ARRAY(leaves); i++) {
        const uint32_t *l = leaves[i];
        config->cpuid[i] = (struct kvm_cpuid_entry2){
            .function = l[0], .index = l[1], .flags = l[2],
            .eax = l[3], .ebx = l[4], .ecx = l[5], .edx = l[6],
        };
    }
    config->cpuid_count = FAKE_ARRAY(leaves);
    memcpy(config->msrs, msrs, sizeof msrs);
    config->msr_count = FAKE_ARRAY(msrs);
    memcpy(config->feature_msrs, feature_msrs, sizeof feature_msrs);
    config->feature_msr_count = FAKE_ARRAY(feature_msrs);
}
