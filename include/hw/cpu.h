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
};

extern ACCEL_API const HwType hw_type_cpu; /* abstract "cpu" */

/** hw_cpu_run_on: run @fn on the vCPU's thread (out of the guest) and wait for it. */
ACCEL_API void hw_cpu_run_on(CPUState *cpu, void (*fn)(CPUState *cpu, void *data), void *data);
/** hw_cpu_async: the same without waiting; @data is freed by @fn. */
ACCEL_API void hw_cpu_async(CPUState *cpu, void (*fn)(CPUState *cpu, void *data), void *data);
/** hw_cpu_kick: leave the guest soon. */
ACCEL_API void hw_cpu_kick(CPUState *cpu);
/** hw_current_cpu: the vCPU whose thread this is, or NULL. */
ACCEL_API CPUState *hw_current_cpu(void);

G_END_DECLS

#endif
