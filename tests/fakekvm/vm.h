/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state of one virtual machine. vm->lock guards all of it; it is taken inside a vCPU's lock,
 * never the other way round.
 */
#ifndef FAKEKVM_VM_H
#define FAKEKVM_VM_H

#include <pthread.h>
#include "fakekvm.h"

typedef struct FakeSlot {
    struct FakeSlot *next;
    uint32_t id;            /* address space in the upper half, as in the API */
    uint32_t flags;
    uint64_t gpa, size, hva;
    uint8_t *dirty;         /* one bit a page, when logging is on */
} FakeSlot;

typedef struct FakeIoevent {
    struct FakeIoevent *next;
    struct kvm_ioeventfd spec;
    int hidden_fd;          /* the library's own duplicate, signalled by the script's writes */
} FakeIoevent;

typedef struct FakeIrqfd {
    struct FakeIrqfd *next;
    uint64_t eventfd_id;
    uint32_t gsi;
} FakeIrqfd;

typedef struct FakeZone {
    struct FakeZone *next;
    struct kvm_coalesced_mmio_zone zone;
} FakeZone;

typedef enum FakeChip { CHIP_NONE, CHIP_KERNEL, CHIP_SPLIT } FakeChip;

typedef struct FakeVm {
    FakeObj obj;
    pthread_mutex_t lock;
    int generation;
    struct FakeVcpu *vcpus;
    int vcpu_count;
    FakeSlot *slots;
    FakeIoevent *ioevents;
    FakeIrqfd *irqfds;
    FakeZone *zones;
    FakeChip chip;
    struct kvm_irqchip chips[3];
    bool has_pit;
    struct kvm_pit_state2 pit;
    struct kvm_reinject_control reinject;
    uint32_t route_count;
    uint64_t enabled[8];    /* bit map of capabilities that were enabled */
    uint64_t manual_protect;
    uint32_t ring_bytes;
    uint64_t max_vcpu_id;
    uint64_t nr_mmu_pages;
    uint64_t tss, identity;
    uint32_t boot_id;
    uint32_t tsc_khz;
    int64_t clock_offset;
    struct kvm_xen_hvm_config xen;
} FakeVm;

static inline FakeVm *fake_vm_of(FakeObj *obj)
{
    return obj->vm;
}

long fake_vm_create(unsigned long type);
long fake_vm_ioctl(FakeObj *obj, unsigned long cmd, unsigned long arg);
int fake_vm_cap(const FakeVm *vm, unsigned long cap);
bool fake_vm_enabled(const FakeVm *vm, unsigned long cap);

/* vm-cap.c */
long fake_vm_enable_cap(FakeObj *obj, unsigned long arg);

/* vm-irq.c: interrupt controllers, routing, lines, irqfd. */
extern const FakeIoctlRow fake_vm_irq_ioctls[];
extern const size_t fake_vm_irq_ioctls_count;

/* ioevent.c: ioeventfd and coalesced zones. */
extern const FakeIoctlRow fake_vm_io_ioctls[];
extern const size_t fake_vm_io_ioctls_count;
void fake_io_free(FakeVm *vm);
bool fake_ioevent_signal(FakeVm *vm, bool pio, uint64_t addr, const void *data, uint32_t len);
bool fake_coalesce(struct FakeVcpu *vcpu, bool pio, uint64_t addr, const void *data, uint32_t len);
long fake_eventfd_id(int fd, uint64_t *id);

/* slots.c and dirty.c: guest memory. */
long fake_set_memory(FakeObj *obj, unsigned long arg);
void fake_slots_free(FakeVm *vm);
FakeSlot *fake_slot_at(FakeVm *vm, uint64_t gpa);
FakeSlot *fake_slot_by_id(FakeVm *vm, uint32_t id);
long fake_guest_read(FakeVm *vm, uint64_t gpa, void *to, size_t size);
long fake_guest_write(struct FakeVcpu *vcpu, uint64_t gpa, const void *from, size_t size);
long fake_get_dirty_log(FakeObj *obj, unsigned long arg);
long fake_clear_dirty_log(FakeObj *obj, unsigned long arg);
long fake_reset_dirty_rings(FakeObj *obj, unsigned long arg);
long fake_mark_dirty(struct FakeVcpu *vcpu, FakeSlot *slot, uint64_t page);
bool fake_ring_full(const struct FakeVcpu *vcpu);

#endif
