/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Test help: a machine type without board and an accelerator whose vCPUs do what a test says, so
 * that the machine layer can be tested exit by exit on any host.
 */
#ifndef TEST_HW_FAKE_H
#define TEST_HW_FAKE_H

#include "accel/accel-class.h"
#include "hw/machine.h"

typedef struct FakeCpu FakeCpu;
/* One accel_run(); returns like it. */
typedef AccelExitReason (*FakeRun)(FakeCpu *cpu, AccelExit *exit, GError **errp);

struct FakeCpu {
    AccelCPU parent;
    guint64 runs, resets;
    gint nmis;
    gint nmi_fails;
    GThread *nmi_thread; /* who injected the last one */
};

typedef struct FakeAccel {
    AccelState parent;
    FakeRun run;          /* what every vCPU does */
    guint fail_create_at; /* the n-th creation fails (1-based); 0: none */
    guint creates, destroys;
    gint running;         /* vCPUs that are in */
    guint overlaps;       /* times that one was made, freed or reset while another was in */
    bool fail_attach, fail_reset, fail_map;
    guint maps, unmaps;
    uint64_t rflags;
    void *data;
} FakeAccel;

/** fake_accel_new: not owned by anybody until attached. */
FakeAccel *fake_accel_new(AccelThreading threading);
/** fake_run_spin: writes port 0x10 once per turn until kicked. */
AccelExitReason fake_run_spin(FakeCpu *cpu, AccelExit *exit, GError **errp);

extern const MachineClass fake_machine_class;
/** fake_machine: a machine with @cpus of @max, not attached. */
MachineState *fake_machine(HwRegistry *reg, guint cpus, guint max);
/** fake_machine_up: attached and ready. */
void fake_machine_up(MachineState *ms, FakeAccel *accel);

#endif
