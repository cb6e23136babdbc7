/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal (accelerators and their modules): what an accelerator is.
 *
 * An accelerator is one folder that exports one AccelClass. The public functions of accel.h and
 * x86.h are thin: they check arguments and call the class. A NULL member means "cannot do that" and
 * becomes ACCEL_ERROR_UNSUPPORTED.
 */
#ifndef ACCEL_ACCEL_CLASS_H
#define ACCEL_ACCEL_CLASS_H

#include "accel/accel.h"
#include "accel/x86.h"

G_BEGIN_DECLS

#define ACCEL_CLASS_ABI 1

/* How the machine layer has to drive vCPUs. */
typedef enum AccelThreading {
    ACCEL_THREAD_PER_VCPU, /* each vCPU on a thread of its own */
    ACCEL_THREAD_SHARED,   /* all in turn on one thread, run() returns after a time slice */
    ACCEL_THREAD_NONE,     /* never runs guest code (qtest) */
} AccelThreading;

struct AccelClass {
    unsigned abi;             /* ACCEL_CLASS_ABI; modules are refused when it differs */
    const char *name;         /* as in -accel NAME */
    const char *display_name; /* as in "falling back to NAME" */
    const char *desc;
    size_t instance_size;     /* of the state; AccelState is its first member */
    const AccelProp *props;
    AccelThreading threading;
    bool hardware;            /* hardware virtualisation: -cpu host works, -icount does not */
    bool hidden;              /* not in -accel help */
    bool virtual_clock;       /* time moves only when told (qtest) */

    gboolean (*init)(AccelState *as, const AccelSpec *spec, GError **errp);
    void (*cleanup)(AccelState *as); /* undo init; also called after a failed init */

    gboolean (*map_ram)(AccelState *, uint64_t, void *, uint64_t, unsigned, GError **);
    gboolean (*unmap_ram)(AccelState *, uint64_t, uint64_t, GError **);
    gboolean (*get_dirty)(AccelState *, uint64_t, uint64_t, uint64_t *, GError **);

    /* Sets accel and id: other threads may see the vCPU before this returns. */
    AccelCPU *(*create_vcpu)(AccelState *, uint32_t, GError **);
    void (*destroy_vcpu)(AccelCPU *); /* frees @cpu (the descriptor may be parked) */
    gboolean (*attach)(AccelCPU *, GError **);
    void (*detach)(AccelCPU *);
    AccelExitReason (*run)(AccelCPU *, AccelExit *, GError **);
    void (*kick)(AccelCPU *);

    gboolean (*set_irq)(AccelState *, uint32_t, int, GError **);
    gboolean (*send_msi)(AccelState *, uint64_t, uint32_t, GError **);
    gboolean (*set_msi_route)(AccelState *, uint32_t, uint64_t, uint32_t, bool, GError **);
    gboolean (*inject_nmi)(AccelCPU *, GError **);
    gboolean (*set_ioeventfd)(AccelState *, int, uint64_t, uint32_t, bool, bool, uint64_t, bool,
                              GError **);

    gboolean (*get_regs)(AccelCPU *, AccelX86Regs *, GError **);
    gboolean (*set_regs)(AccelCPU *, const AccelX86Regs *, GError **);
    gboolean (*reset_vcpu)(AccelCPU *, bool, GError **);
    GArray *(*get_supported_cpuid)(AccelState *, GError **);
    gboolean (*set_cpuid)(AccelCPU *, const AccelX86Cpuid *, guint, GError **);
    gboolean (*get_msrs)(AccelCPU *, AccelX86Msr *, guint, GError **);
    gboolean (*set_msrs)(AccelCPU *, const AccelX86Msr *, guint, GError **);
    gboolean (*get_feature_msr)(AccelState *, uint32_t, uint64_t *, GError **);
    GArray *(*get_msr_list)(AccelState *, GError **);
    gboolean (*get_debug)(AccelCPU *, AccelX86Debug *, GError **);
    gboolean (*set_debug)(AccelCPU *, const AccelX86Debug *, GError **);
    gboolean (*get_mp_state)(AccelCPU *, AccelX86MpState *, GError **);
    gboolean (*set_mp_state)(AccelCPU *, AccelX86MpState, GError **);
    gboolean (*get_events)(AccelCPU *, AccelX86Events *, GError **);
    gboolean (*set_events)(AccelCPU *, const AccelX86Events *, GError **);
    gboolean (*get_xsave)(AccelCPU *, void *, size_t, GError **);
    gboolean (*set_xsave)(AccelCPU *, const void *, size_t, GError **);
    gboolean (*get_lapic)(AccelCPU *, void *, GError **);
    gboolean (*set_lapic)(AccelCPU *, const void *, GError **);
    uint32_t (*tsc_khz)(AccelCPU *);
    gboolean (*set_tsc_khz)(AccelCPU *, uint32_t, GError **);
    gboolean (*create_pit)(AccelState *, bool, GError **);
    gboolean (*route_pc)(AccelState *, GError **);
    gboolean (*translate)(AccelCPU *, uint64_t, uint64_t *, GError **);
    gboolean (*reset_irqchip)(AccelState *, GError **); /* NULL: has none */
};

struct AccelState {
    const AccelClass *klass;
    AccelIo io;
    AccelTrace *trace;
    AccelIrqchip irqchip;
    bool inited;
    void (*warn)(void *opaque, const char *text);
    void *warn_opaque;
    GPtrArray *warnings;  /* char *, NULL-terminated once init has ended; lazily made */
    GArray *stage_times;  /* AccelStageTime; lazily made */
    GPtrArray *cpus;      /* AccelCPU *, in order of creation; lazily made */
};

struct AccelCPU {
    AccelState *accel;
    uint32_t id;
    void *user;
    gint exit_request; /* atomic: a kick is due */
    gint extint;       /* atomic: a user-space interrupt controller wants this vCPU */
};

/* What a module exports under the name "accel_module_class". */
typedef const AccelClass *AccelModuleClass;

/** accel_warn: one warning line, collected and handed to the caller's warn call-back. */
ACCEL_API void accel_warn(AccelState *as, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
/** accel_add_stage_time: @name must be static. */
ACCEL_API void accel_add_stage_time(AccelState *as, const char *name, int64_t ns);
/** accel_find_class: the class called @name, opening its module when it has one. */
ACCEL_API const AccelClass *accel_find_class(const char *name, GError **errp);

/** accel_is_module: whether @name lives in a module, opened only when it is wanted. */
bool accel_is_module(const char *name);

extern const AccelClass kvm_accel_class;
extern const AccelClass qtest_accel_class;

G_END_DECLS

#endif
