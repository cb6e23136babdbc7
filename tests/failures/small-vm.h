/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A VM on the library alone, for tests on the fake KVM: some RAM, vCPUs, and whatever the scenario's
 * script makes the guest do. Everything that can fail returns FALSE with an error.
 */
#ifndef TESTS_FAILURES_SMALL_VM_H
#define TESTS_FAILURES_SMALL_VM_H

#include "accel/accel.h"
#include "accel/kvm.h"
#include "accel/x86.h"

#define SMALL_RAM 0x100000

typedef struct SmallVm {
    AccelSpec spec;
    const char *const *props; /* name, value, ..., NULL */
    AccelIo io;
    AccelState *as;
    bool opened;              /* accel_init() has succeeded */
    AccelCPU *cpu[2];
    uint8_t *ram;
    GString *out;             /* bytes that the guest wrote to ports */
    GString *log;             /* warnings */
} SmallVm;

/** small_vm_init: nothing is opened yet; fields may be changed before small_vm_start(). */
void small_vm_init(SmallVm *vm, guint cpus);
gboolean small_vm_open(SmallVm *vm, GError **errp);
/** small_vm_cpus: RAM, vCPUs, CPUID and reset state. */
gboolean small_vm_cpus(SmallVm *vm, GError **errp);
/** small_vm_run: vCPU 0 until something else than a kick happens, or 100 kicks have. */
AccelExitReason small_vm_run(SmallVm *vm, AccelExit *exit, GError **errp);
/** small_vm_close: what is open, once or more often. */
void small_vm_close(SmallVm *vm);
/** small_vm_free: also what small_vm_init() made. */
void small_vm_free(SmallVm *vm);

/* What a process has, to compare before and after. */
typedef struct Holdings {
    int fds, threads, kvm_fds, kvm_mappings;
} Holdings;

Holdings holdings(void);
void assert_same_holdings(const Holdings *a, const Holdings *b, const char *when);

#endif
