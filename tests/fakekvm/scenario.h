/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a scenario says: the facts of the made-up host, the faults, and the guest's script. It is
 * read once, when the library is loaded, and never changes while KVM is used (fakekvm_restart() may
 * change it in between), so that it needs no lock. docs/fakekvm.rst describes the language.
 */
#ifndef FAKEKVM_SCENARIO_H
#define FAKEKVM_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/kvm.h>

#define FAKE_CAPS       512
#define FAKE_CPUIDS     256
#define FAKE_MSRS       1024
#define FAKE_PATHS      8

#define STATUS_BAD_SCENARIO     99
#define STATUS_CHECK_FAILED     98

typedef enum FakeMalformed {
    MALFORMED_NONE, MALFORMED_SHORT, MALFORMED_NOFILL, MALFORMED_NENT, MALFORMED_HUGE,
    MALFORMED_JUNK, MALFORMED_NEGATIVE, MALFORMED_ZERO,
} FakeMalformed;

typedef struct FakeFault {
    int line;
    bool any;               /* counts all calls instead of those named */
    unsigned long cmd;
    unsigned kinds;         /* FakeKind bits, 0 = all */
    int vcpu;               /* -1 = all */
    bool has_key;
    uint64_t key;
    uint64_t first, last;   /* which of the matching calls, from 1 */
    bool has_errno, has_result, interruptible;
    int error;
    long result;
    uint64_t eintr;         /* how many calls in a row are interrupted */
    uint64_t block_ms;
    FakeMalformed malformed;
    /* run time state, under the fault lock */
    uint64_t seen, eintr_done;
    unsigned long latched_cmd;  /* `any ... eintr=K`: the call that must be retried */
} FakeFault;

typedef enum FakeOp {
    OP_IO_OUT, OP_IO_IN, OP_MMIO_WRITE, OP_MMIO_READ, OP_HLT, OP_SHUTDOWN, OP_FAIL_ENTRY,
    OP_INTERNAL_ERROR, OP_UNKNOWN, OP_SYSTEM_EVENT, OP_NOTIFY, OP_DEBUG, OP_IRQ_WINDOW, OP_SET_TPR,
    OP_RDMSR, OP_WRMSR, OP_BUS_LOCK, OP_DIRTY_RING_FULL, OP_MEMORY_FAULT, OP_HYPERCALL, OP_RAW,
    OP_ERROR, OP_WAIT, OP_PAUSE, OP_WRITE, OP_CHECK, OP_REGS, OP_DIRTY, OP_LOOP, OP_END,
} FakeOp;

typedef struct FakeItem {
    FakeOp op;
    int line;
    uint64_t arg[8];
    uint8_t *data;          /* what the guest sends */
    uint32_t data_len;
    uint8_t *expect;        /* what the program must answer, NULL = anything */
    uint32_t expect_len;
    uint32_t partner;       /* OP_LOOP and OP_END: index of the other one */
} FakeItem;

typedef struct FakeScript {
    int vcpu;               /* -1 = each vCPU that has no script of its own */
    int line;
    FakeItem *items;
    uint32_t count;
} FakeScript;

typedef struct FakeMsr {
    uint32_t index;
    uint64_t value;
} FakeMsr;

typedef struct FakeConfig {
    const char *name;       /* file name for messages */
    int api_version;
    int cap_system[FAKE_CAPS], cap_vm[FAKE_CAPS];
    long mmap_size;
    long max_vcpus, max_vms;    /* 0 = as the capability says, without limit */
    struct kvm_cpuid_entry2 cpuid[FAKE_CPUIDS];
    uint32_t cpuid_count;
    uint32_t msrs[FAKE_MSRS];
    uint32_t msr_count;
    FakeMsr feature_msrs[FAKE_MSRS];
    uint32_t feature_msr_count;
    uint32_t refused_msrs[FAKE_MSRS];
    uint32_t refused_count;
    uint32_t device_types[FAKE_PATHS];
    uint32_t device_type_count;
    uint64_t mce_cap, xcr0;
    uint32_t tsc_khz;
    const char *paths[FAKE_PATHS];
    uint32_t path_count;
    int node_errno;
    unsigned node_mode, node_uid, node_gid;
    bool count_memory;
    bool checks_report;     /* a failed check is only reported */
    FakeFault *faults;
    uint32_t fault_count;
    FakeScript *scripts;
    uint32_t script_count;
} FakeConfig;

struct FakeCall;

extern FakeConfig fake_config;

/* profile.c: a host as they come, before the scenario changes it. */
void fake_profile(FakeConfig *config);

/* scenario.c: reads the environment; ends the process with STATUS_BAD_SCENARIO on a bad line. */
void fake_scenario_load(void);
void fake_scenario_from(const char *path, const char *text);

/* fault.c */
long fake_fault_apply(struct FakeCall *call, long (*work)(struct FakeCall *call));
FakeFault *fake_fault_match(struct FakeCall *call);
FakeMalformed fake_malformed(void);

#endif
