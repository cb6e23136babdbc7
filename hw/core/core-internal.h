/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: what the files of hw/core share with each other and with the boards.
 */
#ifndef HW_CORE_INTERNAL_H
#define HW_CORE_INTERNAL_H

#include "hw/machine.h"

/* hw/types-builtin.c */
extern const HwType *const hw_builtin_types[];
extern const guint hw_n_builtin_types;

/** hw_registry_nth: type number @i, NULL past the end. */
const HwType *hw_registry_nth(const HwRegistry *reg, guint i);
/** hw_registry_has_plugin, hw_registry_note_plugin: a plugin registers once, however often found. */
bool hw_registry_has_plugin(const HwRegistry *reg, gconstpointer plugin);
void hw_registry_note_plugin(HwRegistry *reg, gconstpointer plugin);
/** hw_registry_mark, hw_registry_rollback: take back what was added since the mark. */
guint hw_registry_mark(const HwRegistry *reg);
void hw_registry_rollback(HwRegistry *reg, guint mark);

/* ---- timer.c ---- */
HwTimers *hw_timers_new(void);
void hw_timers_free(HwTimers *timers);

/* ---- topology.c ---- */

/** hw_apic_id_of: APIC id of CPU @index: levels packed into bit fields as wide as they need. */
uint32_t hw_apic_id_of(const SmpConfig *smp, uint32_t index);
/** hw_possible_cpus: (transfer full) smp->max_cpus entries. */
PossibleCpu *hw_possible_cpus(const SmpConfig *smp);

/* ---- machine-steps.c ---- */
/**
 * hw_settle: what a call-back of a machine or device type, which a plugin may have written, gave back:
 * a failure without a reason gets one, a reason without a failure is dropped. @err: (transfer full).
 * Returns: @ok.
 */
gboolean hw_settle(gboolean ok, GError *err, const char *type, const char *step, GError **errp);

/* ---- exit-path.c ---- */
void hw_exit_path_connect(MachineState *ms);

/* ---- device.c ---- */
void hw_device_unrealize_all(MachineState *ms);

/* ---- cpus.c, cpu-thread.c, cpu-exec.c: see there ---- */
typedef struct CpuWork {
    void (*fn)(CPUState *cpu, void *data);
    void *data;
    bool *done; /* on the waiter's stack; NULL: nobody waits */
} CpuWork;

typedef struct CpuRunner {
    GThread *thread;
    GCond cond;
    CPUState *current; /* vCPU whose turn it is */
    guint holds;       /* so many want no one's turn to begin */
} CpuRunner;

/* All of these with cpu_lock held. */
bool hw_cpu_run_work(CPUState *cpu);  /* one piece; drops the lock around it. false: none left */
bool hw_cpu_can_run(CPUState *cpu);
bool hw_cpu_still_halted(CPUState *cpu); /* also ends the halted state when its time has come */
void hw_cpu_signal(CPUState *cpu);    /* wake whoever waits in its thread and leave the guest */

bool hw_cpu_turn(CPUState *cpu); /* work, guest; false: nothing to do but wait */
void hw_cpu_leave(CPUState *cpu); /* the last of it: work that is left, whoever waits is told */
void hw_cpu_say_created(CPUState *cpu, bool created);

/** hw_cpu_attach: bind the vCPU to this thread. Without cpu_lock. */
void hw_cpu_attach(CPUState *cpu);

bool hw_cpu_has_thread(const CPUState *cpu);
bool hw_cpu_is_self(const CPUState *cpu);
gboolean hw_cpu_start_thread(CPUState *cpu, GError **errp);
void hw_cpu_join_thread(CPUState *cpu);
void hw_cpu_set_current(CPUState *cpu);

/* One thread for all (cpu-shared.c). */
gboolean hw_shared_start(CPUState *cpu, GError **errp);
/** hw_shared_join: wait until the thread has let go of @cpu, which has been told to leave. */
void hw_shared_join(CPUState *cpu);
/**
 * hw_shared_hold: no vCPU is in, and none gets in until hw_shared_release(). Lets go of the machine lock
 * meanwhile. Returns: false when there is no such thread, or this is it; nothing to release then.
 */
bool hw_shared_hold(MachineState *ms);
void hw_shared_release(MachineState *ms);

/** hw_cpu_exec: enter the guest until it comes back with something, and deal with that. */
void hw_cpu_exec(CPUState *cpu);
/** hw_cpu_reset: power-on state. The vCPU is stopped. */
gboolean hw_cpu_reset(CPUState *cpu, GError **errp);
gboolean hw_cpus_reset(MachineState *ms, GError **errp);
void hw_cpus_remove_all(MachineState *ms);

/** hw_cpu_realize_accel: the generic part of a CPU's realize: its AccelCPU. */
gboolean hw_cpu_realize_accel(CPUState *cpu, GError **errp);
void hw_cpu_unrealize_accel(CPUState *cpu);
int64_t hw_gettid(void);

/* ---- what the architecture supplies (hw/i386) ---- */

/** hw_arch_cpu_class: the class of this machine's CPUs by its -cpu, or its type's default. */
const DeviceClass *hw_arch_cpu_class(MachineState *ms, GError **errp);
gboolean hw_arch_cpu_reset(CPUState *cpu, bool bsp, GError **errp);
/** hw_arch_cpu_irq_enabled: would the (halted) vCPU take an interrupt? On its own thread. */
bool hw_arch_cpu_irq_enabled(CPUState *cpu);

void hw_machine_request_full(MachineState *ms, const MachineRequestInfo *info);

#endif
