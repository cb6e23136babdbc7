/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: a vCPU as the machine sees it. It is a device of the tree, owns an AccelCPU and (with most
 * accelerators) a thread. Every step of its life returns an error instead of ending the process.
 */
#ifndef HW_CPU_H
#define HW_CPU_H

#include "accel/accel.h"
#include "accel/x86.h"
#include "hw/device.h"

G_BEGIN_DECLS

typedef struct CPUState CPUState;

/* Place in the topology; -1: level not given or not present on this machine. */
typedef struct CpuTopoIds {
    int64_t socket_id, die_id, module_id, cluster_id, core_id, thread_id, node_id;
} CpuTopoIds;

struct CPUState {
    DeviceState dev;
    AccelCPU *accel_cpu;   /* NULL without vCPU (qtest) or before creation */
    int index;             /* cpu-index, dense in order of possible CPUs */
    uint32_t apic_id;
    CpuTopoIds ids;
    int64_t thread_id;     /* kernel's tid, 0 until the thread runs */
    bool hotplugged;

    /* run control, under the machine's cpu lock */
    GThread *thread;
    GCond cond;            /* vCPU thread waits here while stopped */
    bool created, stop, stopped, unplug, halted, crashed;
    GQueue work;           /* CpuWork: functions to run on the vCPU's thread */
    void *arch;            /* x86: X86Cpu, see hw/i386 */
    bool wake;             /* leave the halted state: NMI, INIT, SIPI, reset */
    bool irq_enabled;      /* while halted: would an interrupt be taken? */
};

extern ACCEL_API const HwType hw_type_cpu; /* abstract "cpu" */

/** hw_cpu_run_on: run @fn on the vCPU's thread (out of the guest) and wait for it. */
ACCEL_API void hw_cpu_run_on(CPUState *cpu, void (*fn)(CPUState *cpu, void *data), void *data);
/** hw_cpu_async: the same without waiting; @data is freed by @fn. */
ACCEL_API void hw_cpu_async(CPUState *cpu, void (*fn)(CPUState *cpu, void *data), void *data);
/** hw_cpu_kick: leave the guest soon, look again at what halts the vCPU. Any thread. */
ACCEL_API void hw_cpu_kick(CPUState *cpu);
/**
 * hw_cpu_set_extint: a user-space interrupt controller raises or lowers its request to this vCPU:
 * accel_cpu_set_extint() and what else it takes to wake a halted vCPU. Any thread.
 */
ACCEL_API void hw_cpu_set_extint(CPUState *cpu, int level);
/** hw_cpu_wake: end the halted state whatever the interrupt flag says (NMI, INIT, SIPI). */
ACCEL_API void hw_cpu_wake(CPUState *cpu);
/**
 * hw_cpu_inject_nmi: a non-maskable interrupt, waking the vCPU, from its own thread.
 * @errp: NULL does not wait for that, and what fails is a warning: for threads of vCPUs and callers that
 * hold the machine lock. Otherwise as hw_cpu_run_on().
 */
ACCEL_API gboolean hw_cpu_inject_nmi(CPUState *cpu, GError **errp);
/**
 * hw_cpu_thread_id: kernel's id of the vCPU's thread, starting the thread (stopped) when the vCPU has
 * never run. Main thread. 0 when there can be none.
 */
ACCEL_API int64_t hw_cpu_thread_id(CPUState *cpu);
/** hw_current_cpu: the vCPU whose thread this is, or NULL. */
ACCEL_API CPUState *hw_current_cpu(void);

G_END_DECLS

#endif
