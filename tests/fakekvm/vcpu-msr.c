/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * MSRs and CPUID of a vCPU. As in Linux, GET and SET stop at the first MSR that does not exist and
 * return how many were done; that is how a program finds the refused one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "vcpu.h"
#include "vm.h"

#define MAX_ENTRIES 256

/* MSRs that Linux knows beyond those it lists: APIC base, MTRRs, MCE banks, EFER, PMU, x2APIC. */
static const struct {
    uint32_t first, last;
} unlisted[] = {
    { 0x1b, 0x1b }, { 0x79, 0x79 }, { 0xc1, 0xc8 }, { 0xfe, 0xfe }, { 0x179, 0x17b },
    { 0x186, 0x18d }, { 0x198, 0x19b }, { 0x1d9, 0x1de }, { 0x200, 0x21f }, { 0x250, 0x250 },
    { 0x258, 0x259 }, { 0x268, 0x26f }, { 0x280, 0x29f }, { 0x2ff, 0x2ff }, { 0x309, 0x30b },
    { 0x38d, 0x390 }, { 0x400, 0x47f }, { 0x4d0, 0x4d0 }, { 0x800, 0x8ff },
    { 0xc0000080, 0xc0000080 }, { 0xc0000100, 0xc0000101 }, { 0xc0010015, 0xc0010015 },
    { 0xc001011f, 0xc001011f }, { 0x122, 0x122 }, { 0xda0, 0xda0 },
};

static bool in_list(const uint32_t *list, uint32_t count, uint32_t index)
{
    for (uint32_t i = 0; i < count; i++) {
        if (list[i] == index) {
            return true;
        }
    }
    return false;
}

static bool exists(uint32_t index)
{
    const FakeConfig *c = &fake_config;

    if (in_list(c->refused_msrs, c->refused_count, index)) {
        return false;
    }
    for (size_t i = 0; i < FAKE_ARRAY(unlisted); i++) {
        if (index >= unlisted[i].first && index <= unlisted[i].last) {
            return true;
        }
    }
    for (uint32_t i = 0; i < c->feature_msr_count; i++) {
        if (c->feature_msrs[i].index == index) {
            return true;
        }
    }
    return in_list(c->msrs, c->msr_count, index);
}

static FakeMsr *find(FakeVcpu *vcpu, uint32_t index)
{
    for (uint32_t i = 0; i < vcpu->msr_count; i++) {
        if (vcpu->msrs[i].index == index) {
            return &vcpu->msrs[i];
        }
    }
    return NULL;
}

/* Some live in other registers, and a GET must not contradict those. */
static uint64_t *elsewhere(FakeVcpu *vcpu, uint32_t index)
{
    static const uint32_t efer = 0xc0000080, apic_base = 0x1b;

    if (index == efer) {
        return (uint64_t *)&vcpu->state.sregs.efer;
    }
    if (index == apic_base) {
        return (uint64_t *)&vcpu->state.sregs.apic_base;
    }
    return index == 0x179 ? &vcpu->mcg_cap : NULL;
}

static bool write_msr(FakeVcpu *vcpu, const struct kvm_msr_entry *e)
{
    uint64_t *other = elsewhere(vcpu, e->index);
    FakeMsr *have = find(vcpu, e->index);

    if (!exists(e->index)) {
        return false;
    }
    if (other) {
        *other = e->data;
        return true;
    }
    if (!have) {
        if (vcpu->msr_count == FAKE_VCPU_MSRS) {
            return false;
        }
        have = &vcpu->msrs[vcpu->msr_count++];
        have->index = e->index;
    }
    have->value = e->data;
    return true;
}

static bool read_msr(FakeVcpu *vcpu, struct kvm_msr_entry *e)
{
    uint64_t *other = elsewhere(vcpu, e->index);
    FakeMsr *have = find(vcpu, e->index);

    if (!exists(e->index)) {
        return false;
    }
    e->data = other ? *other : have ? have->value : 0;
    return true;
}

static long msrs(FakeObj *obj, unsigned long arg, bool set)
{
    FakeVcpu *vcpu = fake_vcpu_of(obj);
    struct kvm_msrs head;
    uint32_t i;

    if (fake_from_user(&head, arg, sizeof head)) {
        return -EFAULT;
    }
    if (head.nmsrs >= MAX_ENTRIES) {
        return -E2BIG;
    }
    for (i = 0; i < head.nmsrs; i++) {
        unsigned long at = arg + sizeof head + i * sizeof(struct kvm_msr_entry);
        struct kvm_msr_entry e;
        if (fake_from_user(&e, at, sizeof e)) {
            return -EFAULT;
        }
        if (!(set ? write_msr(vcpu, &e) : read_msr(vcpu, &e))) {
            break;
        }
        if (!set && fake_to_user(at, &e, sizeof e)) {
            return -EFAULT;
        }
    }
    return i;
}

long fake_get_msrs(FakeObj *obj, unsigned long arg)
{
    return msrs(obj, arg, false);
}

long fake_set_msrs(FakeObj *obj, unsigned long arg)
{
    return msrs(obj, arg, true);
}

/* Once the vCPU has run, CPUID may be set again only to what it is (Linux 5.17). */
long fake_set_cpuid2(FakeObj *obj, unsigned long arg)
{
    FakeVcpu *vcpu = fake_vcpu_of(obj);
    struct kvm_cpuid2 head;
    struct kvm_cpuid_entry2 *entries;
    size_t bytes;

    if (fake_from_user(&head, arg, sizeof head)) {
        return -EFAULT;
    }
    if (head.nent > MAX_ENTRIES) {
        return -E2BIG;
    }
    bytes = head.nent * sizeof *entries;
    entries = fake_alloc(bytes + 1);
    if (fake_from_user(entries, arg + sizeof head, bytes)) {
        free(entries);
        return -EFAULT;
    }
    if (vcpu->has_run && (head.nent != vcpu->cpuid_count || memcmp(entries, vcpu->cpuid, bytes))) {
        free(entries);
        return -EINVAL;
    }
    free(vcpu->cpuid);
    vcpu->cpuid = entries;
    vcpu->cpuid_count = head.nent;
    return 0;
}

long fake_get_cpuid2(FakeObj *obj, unsigned long arg)
{
    FakeVcpu *vcpu = fake_vcpu_of(obj);
    struct kvm_cpuid2 head;

    if (fake_from_user(&head, arg, sizeof head)) {
        return -EFAULT;
    }
    if (head.nent < vcpu->cpuid_count) {
        return fake_memory_write(arg, &vcpu->cpuid_count, sizeof vcpu->cpuid_count) ? -EFAULT
                                                                                    : -E2BIG;
    }
    return fake_list_to_user(arg, vcpu->cpuid, vcpu->cpuid_count, sizeof head,
                             sizeof *vcpu->cpuid);
}
