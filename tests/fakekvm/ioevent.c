/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes of the guest that need no exit: ioeventfds (the script's write signals the eventfd) and
 * coalesced zones (it goes into the ring behind kvm_run).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "scenario.h"
#include "vcpu.h"
#include "vm.h"

#define MAX_IOEVENTS 1000

/*
 * The kernel's own number for an eventfd, from /proc/self/fdinfo: all eventfds share one inode,
 * and a descriptor number alone does not tell two of them apart. -EBADF if not open, -EINVAL if no
 * eventfd.
 */
long fake_eventfd_id(int fd, uint64_t *id)
{
    char path[40], text[256] = "";
    const char *at;
    long n, file;

    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    file = fake_sys(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT) {
        return -EBADF;
    }
    if (file < 0) {     /* no descriptor left to look with: take the program's word */
        *id = (uint64_t)fd | 1ULL << 32;
        return 0;
    }
    n = fake_sys(SYS_read, file, text, sizeof text - 1);
    fake_sys(SYS_close, file);
    if (n <= 0 || !strstr(text, "eventfd-count:")) {
        return -EINVAL;
    }
    at = strstr(text, "eventfd-id:");
    *id = at ? strtoull(at + 11, NULL, 10) : (uint64_t)fd;
    return 0;
}

static long check_spec(const struct kvm_ioeventfd *spec)
{
    static const uint32_t valid = KVM_IOEVENTFD_FLAG_DATAMATCH | KVM_IOEVENTFD_FLAG_PIO |
                                  KVM_IOEVENTFD_FLAG_DEASSIGN |
                                  KVM_IOEVENTFD_FLAG_VIRTIO_CCW_NOTIFY;

    if (spec->len > 8 || (spec->len & (spec->len - 1)) || spec->addr + spec->len < spec->addr ||
        spec->flags & ~valid || (!spec->len && spec->flags & KVM_IOEVENTFD_FLAG_DATAMATCH)) {
        return -EINVAL;
    }
    return 0;
}

#define PLACE_FLAGS (KVM_IOEVENTFD_FLAG_PIO | KVM_IOEVENTFD_FLAG_VIRTIO_CCW_NOTIFY)

static bool same_place(const struct kvm_ioeventfd *a, const struct kvm_ioeventfd *b)
{
    return a->addr == b->addr && (a->flags & PLACE_FLAGS) == (b->flags & PLACE_FLAGS);
}

/* Two that a single write would both match: same length (or any), same value (or any). */
static bool collides(const struct kvm_ioeventfd *a, const struct kvm_ioeventfd *b)
{
    bool both_match = a->flags & b->flags & KVM_IOEVENTFD_FLAG_DATAMATCH;

    return same_place(a, b) && (!a->len || !b->len || a->len == b->len) &&
           (!both_match || a->datamatch == b->datamatch);
}

static void drop(FakeIoevent **p)
{
    FakeIoevent *gone = *p;

    *p = gone->next;
    fake_sys(SYS_close, gone->hidden_fd);
    free(gone);
}

static long deassign(FakeVm *vm, const struct kvm_ioeventfd *spec)
{
    for (FakeIoevent **p = &vm->ioevents; *p; p = &(*p)->next) {
        struct kvm_ioeventfd have = (*p)->spec;
        if (same_place(&have, spec) && have.len == spec->len &&
            !((have.flags ^ spec->flags) & KVM_IOEVENTFD_FLAG_DATAMATCH) &&
            (!(spec->flags & KVM_IOEVENTFD_FLAG_DATAMATCH) || have.datamatch == spec->datamatch)) {
            drop(p);
            return 0;
        }
    }
    return -ENOENT;
}

static long assign(FakeVm *vm, const struct kvm_ioeventfd *spec)
{
    FakeIoevent *event;
    int count = 0, copy;

    for (event = vm->ioevents; event; event = event->next) {
        if (collides(&event->spec, spec)) {
            return -EEXIST;
        }
        count++;
    }
    if (count == MAX_IOEVENTS) {
        return -ENOSPC;
    }
    copy = (int)fake_sys(SYS_fcntl, spec->fd, F_DUPFD_CLOEXEC, 0);
    event = fake_alloc(sizeof *event);
    *event = (FakeIoevent){ vm->ioevents, *spec, copy < 0 ? -1 : fake_fd_hide(copy) };
    vm->ioevents = event;
    return 0;
}

static long ioeventfd(FakeObj *obj, unsigned long arg)
{
    struct kvm_ioeventfd spec;
    uint64_t id;
    long r;

    if (fake_from_user(&spec, arg, sizeof spec)) {
        return -EFAULT;
    }
    r = fake_vm_cap(obj->vm, KVM_CAP_IOEVENTFD) > 0 ? check_spec(&spec) : -ENOSYS;
    r = r ? r : fake_eventfd_id(spec.fd, &id);
    if (r) {
        return r;
    }
    return spec.flags & KVM_IOEVENTFD_FLAG_DEASSIGN ? deassign(obj->vm, &spec)
                                                    : assign(obj->vm, &spec);
}

/* Called with the vCPU's lock. True if an eventfd took the write. */
bool fake_ioevent_signal(FakeVm *vm, bool pio, uint64_t addr, const void *data, uint32_t len)
{
    uint64_t value = 0, one = 1;
    bool taken = false;

    memcpy(&value, data, len < 8 ? len : 8);
    pthread_mutex_lock(&vm->lock);
    for (FakeIoevent *e = vm->ioevents; e && !taken; e = e->next) {
        const struct kvm_ioeventfd *s = &e->spec;
        taken = s->addr == addr && !(s->flags & KVM_IOEVENTFD_FLAG_PIO) == !pio &&
                (!s->len || s->len == len) &&
                (!(s->flags & KVM_IOEVENTFD_FLAG_DATAMATCH) || s->datamatch == value);
        if (taken) {
            taken = fake_sys(SYS_write, e->hidden_fd, &one, sizeof one) == sizeof one;
        }
    }
    pthread_mutex_unlock(&vm->lock);
    return taken;
}

static long set_zone(FakeObj *obj, unsigned long arg)
{
    FakeZone *zone;
    struct kvm_coalesced_mmio_zone spec;

    if (fake_from_user(&spec, arg, sizeof spec)) {
        return -EFAULT;
    }
    if (spec.pio > 1) {
        return -EINVAL;
    }
    zone = fake_alloc(sizeof *zone);
    *zone = (FakeZone){ obj->vm->zones, spec };
    obj->vm->zones = zone;
    return 0;
}

/* Removes all zones that lie inside the one given; none is no error. */
static long unset_zone(FakeObj *obj, unsigned long arg)
{
    struct kvm_coalesced_mmio_zone spec;

    if (fake_from_user(&spec, arg, sizeof spec)) {
        return -EFAULT;
    }
    if (spec.pio > 1) {
        return -EINVAL;
    }
    for (FakeZone **p = &obj->vm->zones; *p;) {
        FakeZone *z = *p;
        if (z->zone.pio == spec.pio && spec.addr >= z->zone.addr &&
            spec.addr + spec.size <= z->zone.addr + z->zone.size) {
            *p = z->next;
            free(z);
        } else {
            p = &z->next;
        }
    }
    return 0;
}

static bool in_zone(FakeVm *vm, bool pio, uint64_t addr, uint32_t len)
{
    bool found = false;

    pthread_mutex_lock(&vm->lock);
    for (FakeZone *z = vm->zones; z && !found; z = z->next) {
        found = !z->zone.pio == !pio && addr >= z->zone.addr &&
                addr + len <= z->zone.addr + z->zone.size;
    }
    pthread_mutex_unlock(&vm->lock);
    return found;
}

/*
 * The ring is one per VM. Linux shows its page in every vCPU's mapping; here only the first vCPU's
 * mapping holds it, which is where programs look.
 */
bool fake_coalesce(FakeVcpu *vcpu, bool pio, uint64_t addr, const void *data, uint32_t len)
{
    void *page = (char *)vcpu->vm->vcpus->run + 2 * FAKE_PAGE;
    struct kvm_coalesced_mmio_ring *ring = page;
    uint32_t max = (FAKE_PAGE - sizeof *ring) / sizeof(struct kvm_coalesced_mmio), last, first;
    struct kvm_coalesced_mmio *entry;

    if (!in_zone(vcpu->vm, pio, addr, len)) {
        return false;
    }
    last = ring->last;
    first = __atomic_load_n(&ring->first, __ATOMIC_ACQUIRE);
    if (last >= max || first >= max || (last + 1) % max == first) {
        return false;
    }
    entry = &ring->coalesced_mmio[last];
    *entry = (struct kvm_coalesced_mmio){ .phys_addr = addr, .len = len, .pio = pio };
    memcpy(entry->data, data, len < 8 ? len : 8);
    __atomic_store_n(&ring->last, (last + 1) % max, __ATOMIC_RELEASE);
    return true;
}

void fake_io_free(FakeVm *vm)
{
    while (vm->ioevents) {
        drop(&vm->ioevents);
    }
    while (vm->irqfds) {
        FakeIrqfd *next = vm->irqfds->next;
        free(vm->irqfds);
        vm->irqfds = next;
    }
    while (vm->zones) {
        FakeZone *next = vm->zones->next;
        free(vm->zones);
        vm->zones = next;
    }
}

const FakeIoctlRow fake_vm_io_ioctls[] = {
    { KVM_IOEVENTFD, ioeventfd },
    { KVM_REGISTER_COALESCED_MMIO, set_zone },
    { KVM_UNREGISTER_COALESCED_MMIO, unset_zone },
};
const size_t fake_vm_io_ioctls_count = FAKE_ARRAY(fake_vm_io_ioctls);
