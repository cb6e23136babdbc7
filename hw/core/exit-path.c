/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The exit path: from the accelerator's call-backs to ports and memory.
 *
 * Theory of operation: these functions run on vCPU threads between two entries to the guest, so they
 * allocate nothing, search no list and take no lock but the machine lock where the device wants it.
 * The opaque of all of them is the machine. String instructions come as a count of elements; the
 * owner is looked up per element, because a device may go away under the loop, but the machine lock
 * is taken once.
 */
#include <string.h>
#include "hw/core/memory-internal.h"
#include "hw/core/core-internal.h"
#include "accel/accel-class.h"

#define KVM_ENOSYS 1000 /* what Linux guests know an unknown hypercall by */

static inline uint32_t load(const uint8_t *p, unsigned size)
{
    uint32_t v = 0;

    switch (size) {
    case 1:
        return *p;
    case 2:
        memcpy(&v, p, 2);
        return v;
    default:
        memcpy(&v, p, 4);
        return v;
    }
}

static inline void store(uint8_t *p, uint32_t v, unsigned size)
{
    switch (size) {
    case 1:
        *p = v;
        break;
    case 2:
        memcpy(p, &v, 2);
        break;
    default:
        memcpy(p, &v, 4);
        break;
    }
}

/* Does a string access to @port need the lock for all its elements? */
static bool lock_for_string(MachineState *ms, uint16_t port, unsigned count)
{
    const IoRegion *r = count > 1 ? port_find(ms->ports, port) : NULL;

    return r != NULL && !(r->flags & IO_LOCKLESS);
}

static void pio_read(void *opaque, AccelCPU *cpu, uint16_t port, void *data, unsigned size,
                     unsigned count)
{
    MachineState *ms = opaque;
    bool locked = lock_for_string(ms, port, count);
    uint8_t *p = data;

    if (locked) {
        hw_machine_lock(ms);
    }
    for (; count > 0; count--, p += size) {
        store(p, hw_port_read(ms, port, size), size);
    }
    if (locked) {
        hw_machine_unlock(ms);
    }
}

static void pio_write(void *opaque, AccelCPU *cpu, uint16_t port, const void *data, unsigned size,
                      unsigned count)
{
    MachineState *ms = opaque;
    bool locked = lock_for_string(ms, port, count);
    const uint8_t *p = data;

    if (locked) {
        hw_machine_lock(ms);
    }
    for (; count > 0; count--, p += size) {
        hw_port_write(ms, port, load(p, size), size);
    }
    if (locked) {
        hw_machine_unlock(ms);
    }
}

static void mmio_read(void *opaque, AccelCPU *cpu, uint64_t gpa, void *data, unsigned len)
{
    hw_mem_read(opaque, gpa, data, len);
}

static void mmio_write(void *opaque, AccelCPU *cpu, uint64_t gpa, const void *data, unsigned len)
{
    hw_mem_write(opaque, gpa, data, len);
}

static int ack_extint(void *opaque, AccelCPU *cpu)
{
    MachineState *ms = opaque;
    int vector = -1;

    hw_machine_lock(ms);
    if (ms->intc.ack != NULL) {
        vector = ms->intc.ack(ms->intc.ack_opaque, accel_cpu_get_user(cpu));
    }
    hw_machine_unlock(ms);
    return vector;
}

static void ioapic_eoi(void *opaque, uint8_t vector)
{
    MachineState *ms = opaque;

    hw_machine_lock(ms);
    if (ms->intc.eoi != NULL) {
        ms->intc.eoi(ms->intc.eoi_opaque, vector);
    }
    hw_machine_unlock(ms);
}

static void set_tpr(void *opaque, AccelCPU *cpu, uint8_t cr8)
{
    MachineState *ms = opaque;

    hw_machine_lock(ms);
    if (ms->intc.set_tpr != NULL) {
        ms->intc.set_tpr(ms->intc.tpr_opaque, accel_cpu_get_user(cpu), cr8);
    }
    hw_machine_unlock(ms);
}

static uint64_t hypercall(void *opaque, AccelCPU *cpu, uint64_t nr, const uint64_t args[6])
{
    MachineState *ms = opaque;

    if (ms->klass->hypercall == NULL) {
        return (uint64_t)-KVM_ENOSYS;
    }
    return ms->klass->hypercall(ms, accel_cpu_get_user(cpu), nr, args);
}

void hw_exit_path_connect(MachineState *ms)
{
    const AccelIo io = {
        .pio_read = pio_read, .pio_write = pio_write,
        .mmio_read = mmio_read, .mmio_write = mmio_write,
        .ack_extint = ack_extint, .ioapic_eoi = ioapic_eoi,
        .hypercall = hypercall, .set_tpr = set_tpr, .opaque = ms,
    };

    accel_set_io(ms->accel, &io);
}
