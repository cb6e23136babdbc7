/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Arguments in words, for the record. What the program passes by pointer is read with care: a bad
 * pointer is described as such and answered with EFAULT afterwards.
 */
#include <stdio.h>
#include <string.h>
#include "names.h"
#include "record.h"

const char *fake_call_name(unsigned long cmd, char *buffer, size_t size)
{
    static const char *const others[] = {
        NULL, "open", "mmap", "mmap-anon", "madvise", "memfd_create", "eventfd",
    };
    const char *name = cmd < FAKE_ARRAY(others) ? others[cmd] : NULL;

    name = name ? name : fake_name_of(fake_ioctl_names, cmd);
    if (!name) {
        snprintf(buffer, size, "ioctl:%#lx", cmd);
        name = buffer;
    }
    return name;
}

static void cap_name(uint64_t cap, char *text, size_t size)
{
    const char *name = fake_name_of(fake_cap_names, cap);

    if (name) {
        snprintf(text, size, "%s", name);
    } else {
        snprintf(text, size, "%llu", (unsigned long long)cap);
    }
}

static void describe_enable(unsigned long arg, char *text, size_t size)
{
    struct kvm_enable_cap cap;
    char name[64];

    if (fake_from_user(&cap, arg, sizeof cap)) {
        return;
    }
    cap_name(cap.cap, name, sizeof name);
    snprintf(text, size, "%s args=%#llx,%#llx", name, cap.args[0], cap.args[1]);
}

static void describe_slot(unsigned long arg, char *text, size_t size)
{
    struct kvm_userspace_memory_region r;

    if (!fake_from_user(&r, arg, sizeof r)) {
        snprintf(text, size, "slot=%u flags=%#x gpa=%#llx size=%#llx hva=%#llx", r.slot, r.flags,
                 r.guest_phys_addr, r.memory_size, r.userspace_addr);
    }
}

static void describe_ioeventfd(unsigned long arg, char *text, size_t size)
{
    struct kvm_ioeventfd e;

    if (!fake_from_user(&e, arg, sizeof e)) {
        snprintf(text, size, "addr=%#llx len=%u fd=%d flags=%#x match=%#llx", e.addr, e.len, e.fd,
                 e.flags, e.datamatch);
    }
}

static void describe_irqfd(unsigned long arg, char *text, size_t size)
{
    struct kvm_irqfd e;

    if (!fake_from_user(&e, arg, sizeof e)) {
        snprintf(text, size, "gsi=%u fd=%u flags=%#x", e.gsi, e.fd, e.flags);
    }
}

/* Structures that begin with a count: MSR and CPUID lists, routing. */
static void describe_list(unsigned long arg, char *text, size_t size)
{
    uint32_t count;

    if (!fake_from_user(&count, arg, sizeof count)) {
        snprintf(text, size, "n=%u", count);
    }
}

static void describe_ioctl(const FakeCall *call, char *text, size_t size)
{
    snprintf(text, size, "arg=%#lx", call->arg);
    switch (call->cmd) {
    case KVM_CHECK_EXTENSION:
        cap_name(call->arg, text, size);
        break;
    case KVM_ENABLE_CAP:
        describe_enable(call->arg, text, size);
        break;
    case KVM_SET_USER_MEMORY_REGION:
        describe_slot(call->arg, text, size);
        break;
    case KVM_IOEVENTFD:
        describe_ioeventfd(call->arg, text, size);
        break;
    case KVM_IRQFD:
        describe_irqfd(call->arg, text, size);
        break;
    case KVM_GET_MSRS:
    case KVM_SET_MSRS:
    case KVM_GET_MSR_INDEX_LIST:
    case KVM_GET_MSR_FEATURE_INDEX_LIST:
    case KVM_GET_SUPPORTED_CPUID:
    case KVM_SET_CPUID2:
    case KVM_GET_CPUID2:
    case KVM_SET_GSI_ROUTING:
        describe_list(call->arg, text, size);
        break;
    default:
        break;
    }
}

void fake_describe(const FakeCall *call, char *text, size_t size)
{
    text[0] = '\0';
    if (call->cmd == CALL_MMAP) {
        snprintf(text, size, "page=%llu size=%#lx", (unsigned long long)call->key, call->arg);
    } else if (call->cmd < 16) {
        snprintf(text, size, "arg=%#lx", call->arg);
    } else {
        describe_ioctl(call, text, size);
    }
}
