/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal to accel/kvm: the state behind a KVM and its vCPUs, and the seam to the architecture.
 *
 * Generic files (kvm-*.c) know Linux's KVM; files named x86-*.c implement kvm_arch_*() and are the
 * only ones that know registers. Another architecture is another set of such files.
 */
#ifndef ACCEL_KVM_INT_H
#define ACCEL_KVM_INT_H

#include <inttypes.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include "accel/accel-class.h"
#include "accel/kvm.h"
#include "accel/probes.h"

/* Values of the property kernel-irqchip. */
typedef enum KVMIrqchipProp {
    KVM_IRQCHIP_AUTO,
    KVM_IRQCHIP_ON,
    KVM_IRQCHIP_OFF,
    KVM_IRQCHIP_SPLIT,
} KVMIrqchipProp;

typedef enum KVMNotifyVmexit {
    KVM_NOTIFY_RUN,
    KVM_NOTIFY_INTERNAL_ERROR,
    KVM_NOTIFY_DISABLE,
} KVMNotifyVmexit;

typedef struct KVMReaper KVMReaper;

typedef struct KVMSlot {
    uint64_t gpa, size;   /* size 0: free */
    uint8_t *hva;
    unsigned flags;       /* ACCEL_RAM_* */
    uint64_t *ring_dirty; /* with the dirty ring: pages seen since the last accel_get_dirty() */
} KVMSlot;

typedef struct KVMCpu {
    AccelCPU parent;
    int fd;
    struct kvm_run *run;
    struct kvm_dirty_gfn *ring; /* NULL without dirty ring */
    uint32_t ring_pos;
    bool warned_notify;
    bool used;            /* has been reset or run: a reset has more to do than registers */
    struct kvm_cpuid2 *cpuid; /* as last given to the kernel; NULL before */
    bool ready;           /* made completely; false: an earlier try stopped half-way */

    GMutex lock;          /* guards thread and attached against a kick */
    pthread_t thread;
    bool attached;
    bool masked;          /* kicks by KVM_SET_SIGNAL_MASK; signal is blocked in the thread */
    int signum;           /* what a kick sends, while attached */
    sigset_t old_mask;    /* the thread's mask before it was attached */
} KVMCpu;

struct KVMState {
    AccelState parent;

    /* properties */
    char *device;
    int irqchip_prop;        /* KVMIrqchipProp */
    gint64 shadow_mem;
    guint32 dirty_ring_entries;
    int notify_vmexit;       /* KVMNotifyVmexit */
    guint32 notify_window;
    bool timing;

    /* the rest is valid between init and cleanup */
    int fd, vmfd;
    int api_version;
    int soft_vcpus, hard_vcpus, max_vcpu_id; /* max_vcpu_id: 0 until asked for */
    int vcpu_mmap_size;
    guint nr_slots;
    bool immediate_exit;
    unsigned long irq_ioctl; /* KVM_IRQ_LINE or KVM_IRQ_LINE_STATUS */
    GArray *slots;           /* KVMSlot */
    GPtrArray *parked;       /* KVMCpu *, taken out of the VM, kept for their id */
    guint32 ring_entries;    /* entries really in use; 0: bitmap */
    GMutex slots_lock;       /* slots and dirty rings */
    GPtrArray *rings;        /* KVMCpu * with a dirty ring, parked ones too; NULL until the first */
    KVMReaper *reaper;       /* empties the rings now and then; NULL: none */
    struct kvm_irq_routing *routes; /* split irqchip; NULL until the first route */
    GMutex route_lock;
    bool manual_protect;     /* KVM_CLEAR_DIRTY_LOG is needed after a fetch */
    bool exception_payload, triple_fault_event;
    uint32_t core_thread_count; /* MSR 0x35 as guests read it; 0: not emulated */
    GArray *msr_list;        /* uint32_t; KVM_GET_MSR_INDEX_LIST */
    uint64_t identity_base;
    size_t xsave_size;       /* 0 until asked for */
    bool has_pit;
    bool irqchip_used;       /* has been reset once: a guest may have programmed it since */
};

static inline KVMState *KVM_STATE(const AccelState *as)
{
    return (KVMState *)as;
}

static inline KVMCpu *KVM_CPU(const AccelCPU *cpu)
{
    return (KVMCpu *)cpu;
}

static inline AccelTrace *kvm_trace(const KVMState *s)
{
    return s->parent.trace;
}

/* A stage of kvm_init. Stages run in table order; undo happens in one place, see kvm-init.c. */
typedef struct KVMStage {
    const char *name;
    gboolean (*run)(KVMState *s, const AccelSpec *spec, GError **errp);
} KVMStage;

/* Set @errp for a failed call. @ret: -errno as the ioctl functions return it. */
void kvm_call_error(GError **errp, const char *call, int ret, const char *fmt, ...)
    G_GNUC_PRINTF(4, 5);
/* The end of a function that failed outside the stages: say in *@errp where, and why. FALSE. */
gboolean kvm_failed_at(GError **errp, const char *stage);

extern const char kvm_upgrade_note[];

/* kvm-caps.c */
gboolean kvm_stage_required_caps(KVMState *s, const AccelSpec *spec, GError **errp);
gboolean kvm_stage_machine_caps(KVMState *s, const AccelSpec *spec, GError **errp);
gboolean kvm_stage_optional_caps(KVMState *s, const AccelSpec *spec, GError **errp);
int kvm_enable_cap(KVMState *s, unsigned cap, uint64_t arg0, uint64_t arg1);

/* kvm-open.c, kvm-limits.c, kvm-dirty.c, kvm-irq.c: stages by name of their function */
gboolean kvm_stage_open(KVMState *s, const AccelSpec *spec, GError **errp);
gboolean kvm_stage_api_version(KVMState *s, const AccelSpec *spec, GError **errp);
gboolean kvm_stage_create_vm(KVMState *s, const AccelSpec *spec, GError **errp);
gboolean kvm_stage_vcpu_limits(KVMState *s, const AccelSpec *spec, GError **errp);
gboolean kvm_stage_dirty_log(KVMState *s, const AccelSpec *spec, GError **errp);
gboolean kvm_stage_irqchip(KVMState *s, const AccelSpec *spec, GError **errp);

/* kvm-memory.c */
gboolean kvm_map_ram(AccelState *as, uint64_t gpa, void *hva, uint64_t size, unsigned flags,
                     GError **errp);
gboolean kvm_unmap_ram(AccelState *as, uint64_t gpa, uint64_t size, GError **errp);
void kvm_free_slots(KVMState *s);

/* kvm-dirty.c */
gboolean kvm_get_dirty(AccelState *as, uint64_t gpa, uint64_t size, uint64_t *bitmap,
                       GError **errp);
gboolean kvm_map_dirty_ring(KVMCpu *cpu, GError **errp);
void kvm_unmap_dirty_ring(KVMState *s, KVMCpu *cpu);
int kvm_reap_dirty_rings(KVMState *s);

/* kvm-reaper.c */
void kvm_start_reaper(KVMState *s);
void kvm_stop_reaper(KVMState *s);

/* kvm-irq.c */
gboolean kvm_set_irq(AccelState *as, uint32_t gsi, int level, GError **errp);
gboolean kvm_send_msi(AccelState *as, uint64_t addr, uint32_t data, GError **errp);
gboolean kvm_set_msi_route(AccelState *as, uint32_t gsi, uint64_t addr, uint32_t data, bool masked,
                           GError **errp);
gboolean kvm_set_ioeventfd(AccelState *as, int fd, uint64_t addr, uint32_t len, bool is_port,
                           bool match, uint64_t value, bool assign, GError **errp);

/* kvm-vcpu.c */
AccelCPU *kvm_create_vcpu(AccelState *as, uint32_t id, GError **errp);
void kvm_destroy_vcpu(AccelCPU *cpu);
void kvm_free_parked(KVMState *s);

/* kvm-kick.c */
gboolean kvm_cpu_attach(AccelCPU *cpu, GError **errp);
void kvm_cpu_detach(AccelCPU *cpu);
void kvm_cpu_kick(AccelCPU *cpu);
void kvm_kick_self(KVMCpu *cpu);
void kvm_eat_kick(KVMCpu *cpu);

/* kvm-run.c */
AccelExitReason kvm_cpu_exec(AccelCPU *cpu, AccelExit *exit, GError **errp);

/* What a handler of an exit says to the run loop. */
typedef enum KVMHandled {
    KVM_HANDLED,  /* go on */
    KVM_RETURN,   /* leave with exit->reason */
    KVM_UNKNOWN,  /* not mine */
} KVMHandled;

/* host.c: facts of this host that explain @err; adds causes and remedies */
void kvm_host_explain(GError *err, const char *device);

/* ---- the seam: implemented by x86-*.c ---- */

/** kvm_arch_required: capabilities without which this architecture cannot work. */
extern const KVMCapabilityInfo kvm_arch_required[];
/** kvm_arch_stages: stages between the optional capabilities and the irqchip. NULL name ends. */
extern const KVMStage kvm_arch_stages[];
/** kvm_arch_enable_split: 0, or -errno. */
int kvm_arch_enable_split(KVMState *s);
/** kvm_arch_init_vcpu: once per descriptor, after its kvm_run is mapped. */
gboolean kvm_arch_init_vcpu(KVMCpu *cpu, GError **errp);
/** kvm_arch_pre_run: before each KVM_RUN; interrupts of user-space controllers go in here. */
void kvm_arch_pre_run(KVMCpu *cpu);
/** kvm_arch_handle_exit: exits that are not generic. */
KVMHandled kvm_arch_handle_exit(KVMCpu *cpu, AccelExit *exit, GError **errp);
/** kvm_arch_describe: one line about where the guest is, for error notes. (transfer full) */
char *kvm_arch_describe(KVMCpu *cpu);
/** kvm_arch_stop_on_emulation_error: false when the guest itself was told (user mode). */
bool kvm_arch_stop_on_emulation_error(KVMCpu *cpu);
/** kvm_arch_cleanup: undo kvm_arch_stages. */
void kvm_arch_cleanup(KVMState *s);

/* x86-regs.c and friends: members of the class */
gboolean kvm_get_regs(AccelCPU *, AccelX86Regs *, GError **);
gboolean kvm_set_regs(AccelCPU *, const AccelX86Regs *, GError **);
gboolean kvm_reset_vcpu(AccelCPU *, bool, GError **);
GArray *kvm_get_supported_cpuid(AccelState *, GError **);
gboolean kvm_set_cpuid(AccelCPU *, const AccelX86Cpuid *, guint, GError **);
gboolean kvm_get_msrs(AccelCPU *, AccelX86Msr *, guint, GError **);
gboolean kvm_set_msrs(AccelCPU *, const AccelX86Msr *, guint, GError **);
gboolean kvm_get_feature_msr(AccelState *, uint32_t, uint64_t *, GError **);
GArray *kvm_get_msr_list(AccelState *, GError **);
gboolean kvm_get_debug(AccelCPU *, AccelX86Debug *, GError **);
gboolean kvm_set_debug(AccelCPU *, const AccelX86Debug *, GError **);
gboolean kvm_get_mp_state(AccelCPU *, AccelX86MpState *, GError **);
gboolean kvm_set_mp_state(AccelCPU *, AccelX86MpState, GError **);
gboolean kvm_get_events(AccelCPU *, AccelX86Events *, GError **);
gboolean kvm_set_events(AccelCPU *, const AccelX86Events *, GError **);
gboolean kvm_get_xsave(AccelCPU *, void *, size_t, GError **);
gboolean kvm_set_xsave(AccelCPU *, const void *, size_t, GError **);
gboolean kvm_get_lapic(AccelCPU *, void *, GError **);
gboolean kvm_set_lapic(AccelCPU *, const void *, GError **);
uint32_t kvm_tsc_khz(AccelCPU *);
gboolean kvm_set_tsc_khz(AccelCPU *, uint32_t, GError **);
gboolean kvm_create_pit(AccelState *, bool, GError **);
gboolean kvm_route_pc(AccelState *, GError **);
gboolean kvm_reset_irqchip(AccelState *, GError **);
gboolean kvm_inject_nmi(AccelCPU *, GError **);
gboolean kvm_translate(AccelCPU *, uint64_t, uint64_t *, GError **);

#endif
