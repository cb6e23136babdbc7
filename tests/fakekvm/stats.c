/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * KVM_GET_STATS_FD: a file with a header, the identifier, one descriptor for each figure, and the
 * figures themselves, which go on counting while the descriptor is open.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "vcpu.h"
#include "vm.h"

#define NAME_SIZE 48

struct FakeStats {
    FakeObj obj;
    FakeStats *next;
    FakeVcpu *vcpu;     /* NULL for a VM's */
    char *page;
    uint32_t data_offset;
};

typedef struct Figure {
    const char *name;
    uint32_t flags;
} Figure;

#define CUMULATIVE (KVM_STATS_TYPE_CUMULATIVE | KVM_STATS_UNIT_NONE | KVM_STATS_BASE_POW10)
#define INSTANT    (KVM_STATS_TYPE_INSTANT | KVM_STATS_UNIT_NONE | KVM_STATS_BASE_POW10)

/* In the order of FakeCounter. */
static const Figure vcpu_figures[] = {
    { "exits", CUMULATIVE }, { "io_exits", CUMULATIVE }, { "mmio_exits", CUMULATIVE },
    { "halt_exits", CUMULATIVE }, { "signal_exits", CUMULATIVE },
};

static const Figure vm_figures[] = {
    { "remote_tlb_flush", CUMULATIVE }, { "pages_4k", INSTANT }, { "pages_2m", INSTANT },
};

static uint32_t fill(char *page, const char *id, const Figure *figures, uint32_t n)
{
    struct kvm_stats_header head = { .name_size = NAME_SIZE, .num_desc = n };
    size_t desc = sizeof(struct kvm_stats_desc) + NAME_SIZE;

    head.id_offset = sizeof head;
    head.desc_offset = head.id_offset + NAME_SIZE;
    head.data_offset = head.desc_offset + n * (uint32_t)desc;
    memcpy(page, &head, sizeof head);
    snprintf(page + head.id_offset, NAME_SIZE, "%s", id);
    for (uint32_t i = 0; i < n; i++) {
        struct kvm_stats_desc d = {
            .flags = figures[i].flags, .size = 1, .offset = i * (uint32_t)sizeof(uint64_t),
        };
        char *at = page + head.desc_offset + i * desc;
        memcpy(at, &d, sizeof d);
        snprintf(at + sizeof d, NAME_SIZE, "%s", figures[i].name);
    }
    return head.data_offset;
}

static void update(FakeStats *stats)
{
    if (stats->vcpu) {
        memcpy(stats->page + stats->data_offset, stats->vcpu->counts,
               FAKE_ARRAY(vcpu_figures) * sizeof(uint64_t));
    }
}

static void unlink_stats(FakeStats *stats)
{
    FakeStats **p = &stats->vcpu->stats;

    pthread_mutex_lock(&stats->vcpu->wake_lock);
    while (*p && *p != stats) {
        p = &(*p)->next;
    }
    if (*p) {
        *p = stats->next;
    }
    pthread_mutex_unlock(&stats->vcpu->wake_lock);
}

static void release(FakeObj *obj)
{
    FakeStats *stats = (FakeStats *)obj;
    FakeVm *vm = obj->vm;

    if (stats->vcpu) {
        unlink_stats(stats);
    }
    fake_sys(SYS_munmap, stats->page, FAKE_PAGE);
    free(stats);
    fake_obj_unref(&vm->obj);
}

static long map(FakeStats *stats, long fd)
{
    long at = fake_sys(SYS_mmap, NULL, FAKE_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0L);

    stats->page = (char *)at;
    return at == -1 ? -ENOMEM : 0;
}

/* The file is as long as its contents, so that a reader meets its end. */
static long make(FakeVm *vm, FakeVcpu *vcpu, const char *id)
{
    FakeStats *stats = fake_alloc(sizeof *stats);
    const Figure *figures = vcpu ? vcpu_figures : vm_figures;
    uint32_t n = vcpu ? FAKE_ARRAY(vcpu_figures) : FAKE_ARRAY(vm_figures);
    long fd;

    stats->obj = (FakeObj){ .kind = FAKE_STATS, .refs = 1, .vm = vm, .release = release };
    strcpy(stats->obj.link, vcpu ? "anon_inode:kvm-vcpu-stats" : "anon_inode:kvm-vm-stats");
    fake_obj_ref(&vm->obj);
    fd = fake_obj_publish(&stats->obj, FAKE_PAGE, O_CLOEXEC);
    if (fd < 0 || map(stats, fd)) {
        stats->page = NULL;
        if (fd >= 0) {
            fake_sys(SYS_close, (int)fd);
            fake_fd_forget((int)fd);
        } else {
            release(&stats->obj);
        }
        return fd < 0 ? fd : -ENOMEM;
    }
    stats->data_offset = fill(stats->page, id, figures, n);
    if (ftruncate((int)fd, stats->data_offset + n * (off_t)sizeof(uint64_t))) {
        return -errno;
    }
    if (vcpu) {
        pthread_mutex_lock(&vcpu->wake_lock);
        stats->vcpu = vcpu;
        stats->next = vcpu->stats;
        vcpu->stats = stats;
        update(stats);
        pthread_mutex_unlock(&vcpu->wake_lock);
    }
    return fd;
}

long fake_vm_stats(FakeObj *obj, unsigned long arg)
{
    char id[NAME_SIZE];

    snprintf(id, sizeof id, "kvm-%d", (int)getpid());
    return fake_vm_cap(obj->vm, KVM_CAP_BINARY_STATS_FD) > 0 ? make(obj->vm, NULL, id) : -ENOTTY;
}

long fake_vcpu_stats(FakeObj *obj, unsigned long arg)
{
    char id[NAME_SIZE];

    snprintf(id, sizeof id, "kvm-%d/vcpu-%d", (int)getpid(), fake_vcpu_of(obj)->id);
    return fake_vm_cap(obj->vm, KVM_CAP_BINARY_STATS_FD) > 0 ? make(obj->vm, fake_vcpu_of(obj), id)
                                                             : -EINVAL;
}

/* Called with the vCPU's lock. */
void fake_count(FakeVcpu *vcpu, FakeCounter counter)
{
    vcpu->counts[counter]++;
    if (vcpu->stats) {
        pthread_mutex_lock(&vcpu->wake_lock);
        for (FakeStats *s = vcpu->stats; s; s = s->next) {
            update(s);
        }
        pthread_mutex_unlock(&vcpu->wake_lock);
    }
}
