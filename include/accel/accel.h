/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: open an accelerator, map RAM, make vCPUs, run them.
 *
 * Order of calls: accel_open() (or accel_new(), accel_set_property()…, accel_init()), then
 * accel_set_io(), accel_map_ram() and accel_create_vcpu() in any order, then accel_run() on one
 * thread per vCPU, accel_kick() from anywhere, and accel_close() after the last accel_run()
 * returned.
 *
 * Threads: an AccelState may be used from several threads as long as no two of them create, map or
 * close at once; accel_run() is called by one thread per vCPU; accel_kick(), accel_set_irq() and
 * accel_send_msi() may be called from any thread at any time. Nothing here keeps global state: any
 * number of VMs may live in one process.
 */
#ifndef ACCEL_ACCEL_H
#define ACCEL_ACCEL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "accel/error.h"
#include "accel/export.h"
#include "accel/prop.h"
#include "accel/trace.h"

G_BEGIN_DECLS

typedef struct AccelState AccelState;
typedef struct AccelCPU AccelCPU;
typedef struct AccelClass AccelClass;

/* Who emulates the interrupt controllers. */
typedef enum AccelIrqchip {
    ACCEL_IRQCHIP_OFF,   /* user space does everything */
    ACCEL_IRQCHIP_ON,    /* PIC, IOAPIC, LAPIC (and PIT) in the kernel */
    ACCEL_IRQCHIP_SPLIT, /* LAPIC in the kernel, PIC and IOAPIC in user space */
} AccelIrqchip;

/*
 * The facts that the accelerator needs of the machine. Set size first; fields that an older caller
 * does not know read as zero, and zero is always a sensible default.
 */
typedef struct AccelSpec {
    size_t size;               /* sizeof(AccelSpec) */
    uint32_t cpus;             /* vCPUs at start, for the limit check; 0: none */
    uint32_t max_cpus;         /* vCPUs with hotplug; 0: same as cpus */
    uint32_t max_apic_id;      /* highest APIC id + 1; 0: max_cpus */
    uint32_t package_cores, package_threads; /* per socket; 0: max_cpus */
    int vm_type;               /* argument of KVM_CREATE_VM */
    bool default_irqchip_split;/* what kernel-irqchip means when nobody set it */
    bool no_irqchip;           /* make none unless kernel-irqchip= was set (bare VMs) */
    const char *device;        /* "/dev/kvm" when NULL; the property device= wins */
    const char *machine;       /* machine's name for messages; may be NULL */
    const char *const *required_caps; /* machine's own required capabilities, NULL-terminated */
    AccelTrace *trace;         /* borrowed, must outlive the state; may be NULL */
    void (*warn)(void *opaque, const char *text); /* one line; may be NULL */
    void *warn_opaque;
    bool cpu_pm;               /* -overcommit cpu-pm=on: let the guest stop the CPU */
    bool smm;                  /* the machine has system management mode */
    /* As open(), for the device node; NULL: open(), with "/dev/fdset/N" for descriptor N. */
    int (*open_node)(const char *path, int flags);
} AccelSpec;

/* Why accel_run() came back. */
typedef enum AccelExitReason {
    ACCEL_EXIT_ERROR,        /* the GError says why; the vCPU cannot go on without a reset */
    ACCEL_EXIT_KICK,         /* accel_kick() or a signal */
    ACCEL_EXIT_HLT,          /* halted, interrupts are user space's business */
    ACCEL_EXIT_TRIPLE_FAULT, /* shutdown state of the CPU; a PC resets */
    ACCEL_EXIT_SHUTDOWN,     /* the guest asked for power off through the hypervisor */
    ACCEL_EXIT_RESET,        /* the guest asked for a reset through the hypervisor */
    ACCEL_EXIT_CRASH,        /* the guest reported a crash through the hypervisor */
    ACCEL_EXIT_DEBUG,        /* breakpoint or single step */
    ACCEL_EXIT_UNHANDLED_IO, /* port or memory access and no call-back; see AccelExit */
    ACCEL_EXIT_HYPERCALL,    /* hypercall and no call-back */
    ACCEL_EXIT_IRQ_WINDOW,   /* the guest can take an interrupt now */
} AccelExitReason;

/* Facts of an exit that accel_run() returned. */
typedef struct AccelExit {
    AccelExitReason reason;
    uint32_t hw_reason;   /* KVM's exit_reason number */
    uint64_t addr;        /* port or guest-physical address */
    uint32_t len;         /* bytes of one access */
    bool is_write, is_port;
    uint64_t data[8];     /* the value written; system event or hypercall arguments */
    uint32_t ndata;
} AccelExit;

/*
 * Call-backs of the exit path. They run on the vCPU's thread without any lock of this library held.
 * A NULL one makes accel_run() return ACCEL_EXIT_UNHANDLED_IO instead.
 */
typedef struct AccelIo {
    /* @data: @count elements of @size (1, 2, 4) bytes, in guest (little-endian) order. */
    void (*pio_read)(void *opaque, AccelCPU *cpu, uint16_t port, void *data, unsigned size,
                     unsigned count);
    void (*pio_write)(void *opaque, AccelCPU *cpu, uint16_t port, const void *data, unsigned size,
                      unsigned count);
    /* @len: 1 to 8 bytes. */
    void (*mmio_read)(void *opaque, AccelCPU *cpu, uint64_t gpa, void *data, unsigned len);
    void (*mmio_write)(void *opaque, AccelCPU *cpu, uint64_t gpa, const void *data, unsigned len);
    /* Acknowledge the interrupt that accel_cpu_set_extint() announced. Returns vector or -1. */
    int (*ack_extint)(void *opaque, AccelCPU *cpu);
    /* End of interrupt of @vector broadcast to the user-space IOAPIC (split irqchip). */
    void (*ioapic_eoi)(void *opaque, uint8_t vector);
    /* Hypercall; return value goes to RAX. */
    uint64_t (*hypercall)(void *opaque, AccelCPU *cpu, uint64_t nr, const uint64_t args[6]);
    /* The guest wrote CR8 (no in-kernel LAPIC). */
    void (*set_tpr)(void *opaque, AccelCPU *cpu, uint8_t cr8);
    void *opaque;
} AccelIo;

/* One stage of bring-up as it ran. */
typedef struct AccelStageTime {
    const char *name;
    int64_t ns;
} AccelStageTime;

/* ---- opening and closing ---- */

/**
 * accel_new: an accelerator that is not open yet, for setting properties.
 * @name: "kvm", "qtest", "tcg", …; case matters, as in QEMU.
 * Returns: (transfer full) or NULL with ACCEL_ERROR_UNKNOWN "invalid accelerator %s", or, for one
 * that lives in a module which is not installed, ACCEL_ERROR_ABSENT naming the package.
 */
ACCEL_API AccelState *accel_new(const char *name, GError **errp);

/**
 * accel_set_property: as -accel NAME,@prop=@value. Only before accel_init(): afterwards
 * "Cannot set properties after the accelerator has been initialized".
 */
ACCEL_API gboolean accel_set_property(AccelState *as, const char *prop, const char *value,
                                      GError **errp);

/** accel_get_property: text form of a property. Returns: (transfer full); NULL when unknown. */
ACCEL_API char *accel_get_property(const AccelState *as, const char *prop);

/**
 * accel_init: run every stage of bring-up. On failure everything is undone, @as stays valid, and
 * accel_init() may be called again.
 */
ACCEL_API gboolean accel_init(AccelState *as, const AccelSpec *spec, GError **errp);

/** accel_open: accel_new() and accel_init() in one. Returns: (transfer full) or NULL. */
ACCEL_API AccelState *accel_open(const char *name, const AccelSpec *spec, GError **errp);

/** accel_close: free everything, vCPUs included. No vCPU may be inside accel_run(). NULL is fine. */
ACCEL_API void accel_close(AccelState *as);

/** accel_set_io: the exit call-backs; copied. Before the first accel_run(). */
ACCEL_API void accel_set_io(AccelState *as, const AccelIo *io);

/* ---- facts ---- */

ACCEL_API const char *accel_name(const AccelState *as);         /* "kvm" */
ACCEL_API const char *accel_display_name(const AccelState *as); /* "KVM" */
ACCEL_API const AccelClass *accel_get_class(const AccelState *as);
ACCEL_API AccelIrqchip accel_irqchip(const AccelState *as);
ACCEL_API AccelTrace *accel_get_trace(const AccelState *as);
/** accel_stage_times: the stages of the last accel_init(), in order; owned by @as. */
ACCEL_API const AccelStageTime *accel_stage_times(const AccelState *as, guint *n);
/** accel_warnings: the warnings of the last accel_init(); NULL-terminated, owned by @as. */
ACCEL_API const char *const *accel_warnings(const AccelState *as);

/* ---- memory ---- */

#define ACCEL_RAM_READONLY  (1u << 0) /* guest writes become MMIO writes */
#define ACCEL_RAM_LOG_DIRTY (1u << 1)

/**
 * accel_map_ram: make host memory guest-physical memory.
 * @gpa, @size: multiples of the host page size; @hva: page-aligned, borrowed until unmapped.
 * Errors: ACCEL_ERROR_INVALID (alignment, overlap), ACCEL_ERROR_RESOURCE (no slot left),
 * ACCEL_ERROR_FAILED. On error nothing has changed. Source: KVM API 4.35.
 */
ACCEL_API gboolean accel_map_ram(AccelState *as, uint64_t gpa, void *hva, uint64_t size,
                                 unsigned flags, GError **errp);
/** accel_unmap_ram: undo one accel_map_ram(); @gpa and @size as given there. */
ACCEL_API gboolean accel_unmap_ram(AccelState *as, uint64_t gpa, uint64_t size, GError **errp);
/**
 * accel_get_dirty: fetch and clear the dirty bits of one mapping made with ACCEL_RAM_LOG_DIRTY.
 * @bitmap: one bit per host page, rounded up to 64 bits.
 */
ACCEL_API gboolean accel_get_dirty(AccelState *as, uint64_t gpa, uint64_t size, uint64_t *bitmap,
                                   GError **errp);

/* ---- vCPUs ---- */

/**
 * accel_create_vcpu: a vCPU with the given (APIC) id. A failure leaves the VM as it was.
 * Errors name stage "create-vcpu", "vcpu-mmap" or "init-vcpu". Source: KVM API 4.7.
 */
ACCEL_API AccelCPU *accel_create_vcpu(AccelState *as, uint32_t id, GError **errp);
/** accel_destroy_vcpu: take it out of the VM. KVM cannot delete one: it is parked for reuse. */
ACCEL_API void accel_destroy_vcpu(AccelCPU *cpu);
/** accel_cpu_id: the (APIC) id it was created with. */
ACCEL_API uint32_t accel_cpu_id(const AccelCPU *cpu);
/** accel_cpu_accel: the state that @cpu belongs to. */
ACCEL_API AccelState *accel_cpu_accel(const AccelCPU *cpu);
/** accel_cpu_set_user: a pointer of the caller's, kept with @cpu. */
ACCEL_API void accel_cpu_set_user(AccelCPU *cpu, void *user);
/** accel_cpu_get_user: what accel_cpu_set_user() was given; NULL before. */
ACCEL_API void *accel_cpu_get_user(const AccelCPU *cpu);

/**
 * accel_cpu_attach: bind the calling thread to @cpu, before its first accel_run(). Sets up how
 * accel_kick() reaches this thread. accel_run() does it by itself when it was not called.
 */
ACCEL_API gboolean accel_cpu_attach(AccelCPU *cpu, GError **errp);
/** accel_cpu_detach: undo accel_cpu_attach(); on the thread that was bound. */
ACCEL_API void accel_cpu_detach(AccelCPU *cpu);

/**
 * accel_run: run until something happens that no call-back handled.
 * @exit: facts, may be NULL.
 */
ACCEL_API AccelExitReason accel_run(AccelCPU *cpu, AccelExit *exit, GError **errp);

/** accel_kick: make accel_run() return ACCEL_EXIT_KICK soon. Never lost, may be merged. */
ACCEL_API void accel_kick(AccelCPU *cpu);

/**
 * accel_install_kick_handler: install a do-nothing handler for the kick signal, process-wide. Only
 * when a program asks: kicks are then cheaper (immediate_exit); without it they work through
 * KVM_SET_SIGNAL_MASK. Call before the first vCPU runs.
 * @signum: 0 means SIGUSR1, as in QEMU.
 * Returns: FALSE with errno's error when the handler cannot be set.
 */
ACCEL_API gboolean accel_install_kick_handler(int signum, GError **errp);

/* ---- interrupts ---- */

/** accel_set_irq: drive a GSI of the in-kernel interrupt controllers. */
ACCEL_API gboolean accel_set_irq(AccelState *as, uint32_t gsi, int level, GError **errp);
/** accel_send_msi: deliver one message-signalled interrupt. */
ACCEL_API gboolean accel_send_msi(AccelState *as, uint64_t addr, uint32_t data, GError **errp);
/** accel_set_msi_route: split irqchip: what @gsi of the user-space IOAPIC sends. */
ACCEL_API gboolean accel_set_msi_route(AccelState *as, uint32_t gsi, uint64_t addr, uint32_t data,
                                       bool masked, GError **errp);
/** accel_cpu_set_extint: a user-space interrupt controller wants this vCPU (see ack_extint). */
ACCEL_API void accel_cpu_set_extint(AccelCPU *cpu, int level);
/** accel_inject_nmi: a non-maskable interrupt for @cpu. ACCEL_ERROR_UNSUPPORTED without. */
ACCEL_API gboolean accel_inject_nmi(AccelCPU *cpu, GError **errp);

/**
 * accel_set_ioeventfd: signal @fd instead of leaving KVM_RUN when the guest writes @addr.
 * @len: 0, 1, 2, 4 or 8; @match: only when the value is @value. Source: KVM API 4.59.
 */
ACCEL_API gboolean accel_set_ioeventfd(AccelState *as, int fd, uint64_t addr, uint32_t len,
                                       bool is_port, bool match, uint64_t value, bool assign,
                                       GError **errp);

/* ---- which accelerators there are ---- */

/** accel_list: names known to this build, "kvm" first. @hidden: also those QEMU does not list. */
ACCEL_API const char *const *accel_list(bool hidden);
/** accel_help: what "-accel NAME,help" prints. Returns: (transfer full) or NULL with an error. */
ACCEL_API char *accel_help(const char *name, GError **errp);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AccelState, accel_close)

G_END_DECLS

#endif
