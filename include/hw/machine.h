/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: machine types and machines.
 *
 * A machine type is a MachineClass: facts and call-backs, registered in a HwRegistry. A machine is
 * made in named steps that a caller may stop between (preconfig):
 *   hw_machine_new() → properties → hw_machine_set_smp() … → hw_machine_attach_accel()
 *   → hw_machine_init() (board) → devices → hw_machine_ready() → hw_machine_start()
 * hw_machine_free() undoes whatever has happened so far.
 *
 * The machine lock: device call-backs, timers and everything that changes the machine run under it.
 * vCPU threads take it around a device access unless the region is IO_LOCKLESS. Never call
 * hw_cpu_run_on(), hw_machine_stop() or hw_machine_free() from a vCPU thread.
 */
#ifndef HW_MACHINE_H
#define HW_MACHINE_H

#include "accel/accel.h"
#include "hw/cpu.h"
#include "hw/device.h"
#include "hw/timer.h"

G_BEGIN_DECLS

typedef struct MachineClass MachineClass;

/* -smp after checking: every level at least 1, product == max_cpus. */
typedef struct SmpConfig {
    uint32_t cpus, max_cpus;
    uint32_t sockets, dies, modules, clusters, cores, threads;
} SmpConfig;

/* -smp as given: has_* false means not given. */
typedef struct SmpRequest {
    bool has_cpus, has_maxcpus, has_sockets, has_dies, has_modules, has_clusters, has_cores,
        has_threads;
    int64_t cpus, maxcpus, sockets, dies, modules, clusters, cores, threads;
} SmpRequest;

/* One possible CPU of a machine. */
typedef struct PossibleCpu {
    uint32_t apic_id;
    CpuTopoIds ids;
    CPUState *cpu; /* NULL: slot is free */
} PossibleCpu;

struct MachineClass {
    HwType type;              /* name "microvm-machine" */
    const char *name;         /* "microvm" */
    const char *alias;        /* "pc" for pc-lite; NULL */
    const char *desc;
    bool is_default;
    uint32_t min_cpus, max_cpus, default_cpus; /* 0 means 1 */
    uint64_t default_ram_size;   /* bytes */
    uint64_t max_ram_size;       /* 0: no limit of its own */
    const char *default_ram_id;  /* "pc.ram" */
    const char *default_cpu_type;/* model name without suffix */
    const char *const *valid_cpu_types; /* NULL: all */
    bool has_hotpluggable_cpus;
    bool default_kernel_irqchip_split;
    bool smp_dies, smp_modules, smp_clusters; /* levels above 1 allowed */
    bool numa_supported;
    bool no_vcpus;               /* "none": CPUs only when -cpu was given */
    const char *const *required_caps; /* KVM_CAP_* names, NULL-terminated */
    const char *const *liked_caps;
    /* VM type for KVM_CREATE_VM; negative with an error to refuse. NULL: 0. */
    int (*kvm_type)(MachineState *ms, GError **errp);
    /* Board: RAM, ROM, devices, CPUs. Accelerator is up. */
    gboolean (*init)(MachineState *ms, GError **errp);
    /* After -device: firmware tables, kernel. */
    gboolean (*ready)(MachineState *ms, GError **errp);
    void (*reset)(MachineState *ms); /* after devices and CPUs have been reset */
    void (*finalize)(MachineState *ms);
    /* Interrupt input @gsi of the board (ISA IRQ number for 0..15). May be NULL. */
    IrqLine *(*isa_irq)(MachineState *ms, unsigned irq);
    gboolean (*cpu_plug)(MachineState *ms, CPUState *cpu, GError **errp);  /* after creation */
    gboolean (*cpu_unplug_request)(MachineState *ms, CPUState *cpu, GError **errp);
    /* Power button. */
    void (*powerdown)(MachineState *ms);
    /* The vCPU's thread has ended and the vCPU is about to go: undo cpu_plug. */
    void (*cpu_unplug)(MachineState *ms, CPUState *cpu);
    /* Hypercall of a guest, on the vCPU's thread without the machine lock. NULL: -KVM_ENOSYS. */
    uint64_t (*hypercall)(MachineState *ms, CPUState *cpu, uint64_t nr, const uint64_t args[6]);
    bool default_no_irqchip; /* no interrupt controllers unless kernel-irqchip= asks for them */
    /* The guest met a triple fault; on the vCPU's thread, without the machine lock. NULL: reset. */
    void (*triple_fault)(MachineState *ms, CPUState *cpu);
};

/* What the guest or a device asks the launcher for. */
typedef enum MachineRequest {
    MACHINE_REQUEST_SHUTDOWN,  /* guest powered off */
    MACHINE_REQUEST_RESET,     /* guest reset; triple fault */
    MACHINE_REQUEST_PANIC,     /* guest panicked (pvpanic) */
    MACHINE_REQUEST_CRASHLOAD, /* guest loads a crash kernel */
    MACHINE_REQUEST_EXIT,      /* isa-debug-exit: leave with .code */
    MACHINE_REQUEST_WATCHDOG,  /* a watchdog ran out */
    MACHINE_REQUEST_ERROR,     /* a vCPU cannot go on: internal error, .err */
    MACHINE_REQUEST_WAKEUP,    /* guest suspended or woke */
    MACHINE_REQUEST_DEBUG,     /* a vCPU met a breakpoint or ended a single step; it is stopped */
    MACHINE_REQUEST_PVSHUTDOWN,/* guest powers off and says so through pvpanic */
} MachineRequest;

typedef struct MachineRequestInfo {
    MachineRequest kind;
    const char *cause; /* static: "guest-reset", "guest-shutdown", "triple-fault" … */
    int code;
    CPUState *cpu;       /* may be NULL */
    const GError *err;   /* MACHINE_REQUEST_ERROR: copied by the receiver */
} MachineRequestInfo;

/* Set by whoever owns the machine. Called on any thread, with or without the machine lock. */
typedef struct MachineHooks {
    void (*request)(void *opaque, const MachineRequestInfo *info);
    void (*device_deleted)(void *opaque, const char *id, const char *path);
    void (*warn)(void *opaque, const char *text);
    void *opaque;
    /* As open(), for a file that the user names; close-on-exec. NULL: open(). */
    int (*open_file)(void *opaque, const char *path, int flags, unsigned mode);
} MachineHooks;

/*
 * What user-space interrupt controllers answer to vCPUs (kernel-irqchip=split|off, software CPUs).
 * Set by the controllers while the board is being made; run on vCPU threads under the machine lock.
 */
typedef struct MachineIntc {
    int (*ack)(void *opaque, CPUState *cpu);   /* acknowledge: vector, or -1 when spurious */
    void *ack_opaque;
    void (*eoi)(void *opaque, uint8_t vector); /* end of interrupt reached the IOAPIC */
    void *eoi_opaque;
    void (*set_tpr)(void *opaque, CPUState *cpu, uint8_t cr8);
    void *tpr_opaque;
} MachineIntc;

struct MachineState {
    HwObject obj;                /* the object /machine */
    const MachineClass *klass;
    HwRegistry *registry;        /* borrowed */
    HwObject *root;              /* "/": machine, chardevs, objects */
    HwObject *peripheral, *unattached; /* below /machine */
    HwObject *objects, *chardevs;      /* below / */
    AccelState *accel;           /* owned once attached */
    AccelTrace *trace;           /* borrowed */
    MachineHooks hooks;

    /* configuration; set before hw_machine_init() */
    SmpConfig smp;
    uint64_t ram_size, maxram_size;
    uint64_t ram_slots;
    char *ram_backend;           /* id of a memory backend object; NULL: plain */
    char *cpu_model;             /* "-cpu" text with features */
    char *firmware, *kernel, *append, *initrd;
    char *uuid;                  /* NULL: none given */
    bool hmat;                   /* -machine hmat=on */
    struct NumaState *numa;      /* hw/core/numa.c; NULL: none */
    struct BootConfig *boot;     /* -boot, -rtc and friends: see hw/boot-config.h; NULL: defaults */
    struct FwCfg *fw_cfg;        /* hw/nvram; NULL where the machine has none */

    /* state */
    GRecMutex lock;
    AddressMap *mem, *ports;
    HwTimers *timers;
    GPtrArray *devices;          /* realized, in order */
    PossibleCpu *possible;       /* smp.max_cpus entries */
    guint n_possible;
    GMutex cpu_lock;             /* run control of all vCPUs */
    GCond cpu_cond;
    bool initialized, ready, running;
    void *board;                 /* the machine type's own */
    MachineIntc intc;
    void *arch;                  /* x86: what all CPUs share, see hw/i386/x86-cpu.c */
    void (*arch_free)(MachineState *ms);

    /* private to hw/core */
    guint lock_depth;            /* how often the owner of the lock has taken it */
    guint n_unattached, n_anon;  /* number "device[N]" */
    HwObject *peripheral_anon;   /* below /machine: devices of the user without an id */
    GError *attach_error;        /* hw_machine_attach_accel() could not map RAM: told by init */
    struct CpuRunner *runner;    /* the thread of all vCPUs (ACCEL_THREAD_SHARED) */
    int64_t created_us;          /* for the trace */
};

extern ACCEL_API const HwType hw_type_machine; /* abstract "machine" */

/* ---- making one ---- */

/** hw_machine_find: by name or alias; NULL when unknown. */
ACCEL_API const MachineClass *hw_machine_find(const HwRegistry *reg, const char *name);
/** hw_machine_default: the one with is_default, or NULL. */
ACCEL_API const MachineClass *hw_machine_default(const HwRegistry *reg);

/** hw_machine_new: properties at their defaults; @reg is borrowed. (transfer full) */
ACCEL_API MachineState *hw_machine_new(HwRegistry *reg, const MachineClass *klass);
/** hw_machine_free: from whatever step it got to. NULL is fine. */
ACCEL_API void hw_machine_free(MachineState *ms);

/**
 * hw_machine_set_smp: check and complete -smp by the machine's limits, before any accelerator is
 * opened (reference rows S01-S17). @req may be NULL: defaults.
 */
ACCEL_API gboolean hw_machine_set_smp(MachineState *ms, const SmpRequest *req, GError **errp);
/** hw_machine_spec: the accelerator's view of this machine, for accel_select(). */
ACCEL_API gboolean hw_machine_spec(MachineState *ms, AccelSpec *spec, GError **errp);
/** hw_machine_attach_accel: takes ownership of @as and connects the exit path. */
ACCEL_API void hw_machine_attach_accel(MachineState *ms, AccelState *as);
/** hw_machine_init: let the board make RAM, devices and vCPUs. Once; after an error free it. */
ACCEL_API gboolean hw_machine_init(MachineState *ms, GError **errp);
/** hw_machine_ready: after the last device: load the guest, reset everything. Once. */
ACCEL_API gboolean hw_machine_ready(MachineState *ms, GError **errp);

/* ---- running it; main thread ---- */

/** hw_machine_start, hw_machine_stop: let all vCPUs run; wait until all have stopped. */
ACCEL_API void hw_machine_start(MachineState *ms);
ACCEL_API void hw_machine_stop(MachineState *ms);
/** hw_machine_reset: devices, CPUs, board. vCPUs are stopped for it and started again. */
ACCEL_API gboolean hw_machine_reset(MachineState *ms, const char *cause, GError **errp);

/* ---- vCPUs ---- */

/** hw_machine_create_cpu: fill possible slot @slot. A failure leaves the VM as it was. */
ACCEL_API CPUState *hw_machine_create_cpu(MachineState *ms, guint slot, const char *id,
                                          GError **errp);
/** hw_machine_create_cpus: the smp.cpus boot CPUs. */
ACCEL_API gboolean hw_machine_create_cpus(MachineState *ms, GError **errp);
/** hw_machine_remove_cpu: stop its thread, park its descriptor, free the slot. */
ACCEL_API gboolean hw_machine_remove_cpu(MachineState *ms, CPUState *cpu, GError **errp);
/** hw_machine_cpu: vCPU by index, NULL when absent. */
ACCEL_API CPUState *hw_machine_cpu(MachineState *ms, guint index);

/* ---- requests from devices and vCPUs ---- */

/** hw_machine_request: tell the owner, see MachineRequest. @cause is static. Any thread. */
ACCEL_API void hw_machine_request(MachineState *ms, MachineRequest kind, const char *cause,
                                  int code);

/* ---- the machine lock; recursive ---- */

static inline void hw_machine_lock(MachineState *ms)
{
    g_rec_mutex_lock(&ms->lock);
    ms->lock_depth++;
}

static inline void hw_machine_unlock(MachineState *ms)
{
    ms->lock_depth--;
    g_rec_mutex_unlock(&ms->lock);
}

/**
 * hw_machine_unlock_all: let go of the lock however often this thread has taken it, for waiting on
 * a vCPU that may want it. Returns: what hw_machine_relock() needs; 0 when it was not held.
 */
ACCEL_API guint hw_machine_unlock_all(MachineState *ms);
/** hw_machine_relock: take the lock again @depth times. */
ACCEL_API void hw_machine_relock(MachineState *ms, guint depth);

/** hw_machine_isa_irq: line of ISA interrupt 0..15 of the board, NULL when it has none. */
ACCEL_API IrqLine *hw_machine_isa_irq(MachineState *ms, unsigned irq);

G_END_DECLS

#endif
