/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Internal: the software CPU.
 *
 * Theory of operation: libunicorn is a CPU without a machine. One engine, opened for 64 bits, runs
 * all modes of all vCPUs in turn: its context blob (uc_context) holds the hidden parts of segments,
 * EFER and the derived flags, so a vCPU is a context, and changing vCPUs is restoring another one.
 * RAM, ROM and everything between are mappings of the engine; it is opened again from scratch when
 * they change. What libunicorn leaves out is done here: delivering exceptions and interrupts,
 * SYSCALL and SYSENTER, halting, kicking, CPUID.
 */
#ifndef TCG_INT_H
#define TCG_INT_H

#include <inttypes.h>
#include <string.h>
#include <unicorn/unicorn.h>
#include "accel/accel-class.h"
#include "tcg-layout.h"

#define TCG_PAGE      4096ull
#define TCG_PAGE_MASK (~(TCG_PAGE - 1))
#define TCG_MAX_CPUS  255

#define CR0_PE 0x1ull
#define CR0_WP 0x10000ull
#define CR0_PG 0x80000000ull
#define CR4_PSE 0x10ull
#define CR4_PAE 0x20ull
#define CR4_OSFXSR 0x200ull
#define EFER_SCE 0x1ull
#define EFER_LME 0x100ull
#define EFER_LMA 0x400ull
#define EFER_NXE 0x800ull

#define FLAG_CF 0x1u
#define FLAG_TF 0x100u
#define FLAG_IF 0x200u
#define FLAG_DF 0x400u
#define FLAG_NT 0x4000u
#define FLAG_RF 0x10000u
#define FLAG_VM 0x20000u
#define FLAG_AC 0x40000u

/* A piece of RAM or ROM. */
typedef struct TcgSlot {
    uint64_t gpa, size;
    uint8_t *hva;
    bool readonly;
} TcgSlot;

typedef struct TcgState TcgState;
typedef struct TcgCpu TcgCpu;

/* A hole between slots: everything there is memory-mapped I/O. */
typedef struct TcgHole {
    TcgState *st;
    uint64_t base;
} TcgHole;

/* What the block hook has to look at; see tcg-engine.c. */
#define ATTENTION_STOP   1 /* leave the guest */
#define ATTENTION_WINDOW 2 /* leave it as soon as it can take an interrupt */

struct TcgState {
    AccelState parent;
    int thread_mode; /* thread=single, the only one */
    TcgLayout layout;
    uc_engine *uc;   /* NULL until the first run and after a change of memory */
    uc_engine *maker;    /* never runs: contexts are allocated by an engine, on any thread */
    uc_context *pristine;
    GArray *slots;   /* TcgSlot, by address */
    GPtrArray *holes;
    TcgCpu *loaded;  /* whose context the engine holds; atomic: others ask whether it is theirs */
    TcgCpu *running; /* atomic: inside uc_emu_start() */
    gint attention;  /* atomic: ATTENTION_ bits */
    guint blocks_left; /* of the time slice */
    bool skip_block; /* the first block is the instruction that STI protects */
    bool stopped;    /* the block hook ended the stay */
    bool remap;      /* a new engine is needed as soon as the guest is left */
    uint64_t code_space; /* bytes that translations have used, at most */
    gint n_cpus;     /* atomic */
};

struct TcgCpu {
    AccelCPU parent;
    uc_context *ctx;
    uint8_t *env;        /* the registers inside ctx */
    bool changed;        /* ctx is newer than the engine */
    bool flush;          /* and paging may differ: translations have to go */
    AccelX86MpState mp_state;
    uint64_t apic_base;
    uint64_t efer_fixed; /* SCE and NXE as last set from outside */
    GHashTable *msrs;    /* index -> value: those that libunicorn does not keep */
    AccelX86Cpuid *cpuid;
    guint n_cpuid;
    gint nmi_pending;    /* atomic */
    bool triple_fault;
    AccelExit exit;      /* what a call-back wants accel_run() to return */
    bool have_exit;
    GError *error;       /* the guest cannot go on */
    uint64_t checked_cr3;
    bool checked_paging;
    uint8_t last_cr8;
};

/* A call-back as libunicorn wants it; ISO C has no cast from a function to an object pointer. */
#define TCG_HOOK(fn) (((union { void (*f)(void); void *p; }){ .f = (void (*)(void))(fn) }).p)

#define TCG_STATE(as) ((TcgState *)(as))
#define TCG_CPU(cpu)  ((TcgCpu *)(cpu))

static inline TcgState *tcg_state_of(const TcgCpu *cpu)
{
    return TCG_STATE(cpu->parent.accel);
}

/* ---- fields of the context ---- */
static inline uint64_t tcg_get64(const TcgCpu *cpu, unsigned off)
{
    uint64_t v;

    memcpy(&v, cpu->env + off, 8);
    return v;
}

static inline uint32_t tcg_get32(const TcgCpu *cpu, unsigned off)
{
    uint32_t v;

    memcpy(&v, cpu->env + off, 4);
    return v;
}

static inline void tcg_put64(TcgCpu *cpu, unsigned off, uint64_t v)
{
    memcpy(cpu->env + off, &v, 8);
}

static inline void tcg_put32(TcgCpu *cpu, unsigned off, uint32_t v)
{
    memcpy(cpu->env + off, &v, 4);
}

static inline uint64_t tcg_gpr(const TcgCpu *cpu, int n)
{
    return tcg_get64(cpu, ENV_GPR + (unsigned)n * 8);
}

static inline void tcg_set_gpr(TcgCpu *cpu, int n, uint64_t v)
{
    tcg_put64(cpu, ENV_GPR + (unsigned)n * 8, v);
}

/* ---- tcg-layout.c ---- */
gboolean tcg_layout_find(TcgState *st, GError **errp);

/* ---- tcg-engine.c ---- */
/** tcg_engine_need: the engine, opened and mapped if it is not. */
gboolean tcg_engine_need(TcgState *st, GError **errp);
void tcg_engine_drop(TcgState *st);
/** tcg_engine_load: make the engine hold @cpu's context. */
void tcg_engine_load(TcgCpu *cpu);
/** tcg_engine_save: bring @cpu's context up to date if the engine holds a newer one. */
void tcg_engine_save(TcgCpu *cpu);
/** tcg_engine_after_event: an exception was delivered inside the engine: stop here if it is asked for. */
void tcg_engine_after_event(TcgState *st);
/** tcg_engine_attend: have the block hook look at ATTENTION_ @what. Any thread. */
static inline void tcg_engine_attend(TcgState *st, gint what)
{
    g_atomic_int_or((guint *)&st->attention, (guint)what);
}

/* ---- tcg-memory.c ---- */
gboolean tcg_map_ram(AccelState *as, uint64_t gpa, void *hva, uint64_t size, unsigned flags,
                     GError **errp);
gboolean tcg_unmap_ram(AccelState *as, uint64_t gpa, uint64_t size, GError **errp);
/** tcg_memory_map_all: map slots and holes into a fresh engine. */
gboolean tcg_memory_map_all(TcgState *st, GError **errp);
/** tcg_memory_ptr: host address of @len bytes of RAM or ROM at @gpa, or NULL. */
uint8_t *tcg_memory_ptr(TcgState *st, uint64_t gpa, uint64_t len, bool write);
const TcgSlot *tcg_memory_slot(TcgState *st, uint64_t gpa);

/* ---- tcg-io.c ---- */
void tcg_io_hooks(TcgState *st);
uint64_t tcg_mmio_read(uc_engine *uc, uint64_t offset, unsigned size, void *opaque);
void tcg_mmio_write(uc_engine *uc, uint64_t offset, unsigned size, uint64_t value, void *opaque);

/* ---- tcg-run.c ---- */
AccelExitReason tcg_run(AccelCPU *cpu, AccelExit *exit, GError **errp);
void tcg_kick(AccelCPU *cpu);

/* ---- tcg-guard.c ---- */
/** tcg_guard_install: once in a process: libunicorn's ways to end it lead to tcg_guard_start(). */
void tcg_guard_install(void);
/** tcg_guard_start: uc_emu_start(). @died: the library gave up; the engine is good for saving and
 * closing alone. */
uc_err tcg_guard_start(uc_engine *uc, uint64_t rip, bool *died);

/* ---- tcg-fault.c ---- */
/** tcg_guest_error: the guest cannot go on; where it is goes into the error. */
void tcg_guest_error(TcgCpu *cpu, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/* ---- tcg-paging.c ---- */
typedef struct TcgWalk {
    uint64_t gpa;
    uint32_t error; /* page fault error code when it failed */
} TcgWalk;
bool tcg_walk(TcgCpu *cpu, uint64_t va, bool write, bool user, TcgWalk *walk);
/** tcg_paging_check: does the guest use page tables that libunicorn cannot follow? */
bool tcg_paging_check(TcgCpu *cpu);
gboolean tcg_translate(AccelCPU *cpu, uint64_t va, uint64_t *gpa, GError **errp);

/* ---- tcg-regs.c ---- */
uint32_t tcg_eflags(TcgCpu *cpu);
void tcg_set_eflags(TcgCpu *cpu, uint64_t flags);
void tcg_read_segment(const TcgCpu *cpu, unsigned off, AccelX86Segment *seg);
void tcg_write_segment(TcgCpu *cpu, unsigned off, const AccelX86Segment *seg);
/** tcg_update_hflags: recompute what libunicorn derives from the registers. */
void tcg_update_hflags(TcgCpu *cpu);
/** tcg_efer, tcg_set_efer: EFER without the bits that are always on in the engine. */
uint64_t tcg_efer(const TcgCpu *cpu);
void tcg_set_efer(TcgCpu *cpu, uint64_t efer);
gboolean tcg_get_regs(AccelCPU *cpu, AccelX86Regs *regs, GError **errp);
gboolean tcg_set_regs(AccelCPU *cpu, const AccelX86Regs *regs, GError **errp);
gboolean tcg_reset_vcpu(AccelCPU *cpu, bool bsp, GError **errp);

/* ---- tcg-interrupt.c, tcg-gate.c ---- */
typedef struct TcgEvent {
    uint8_t vector;
    bool has_error, soft; /* soft: INT n, INT3, INTO */
    bool external;        /* interrupt or NMI */
    uint32_t error;
    uint64_t next_rip;    /* return address of soft ones */
} TcgEvent;

/* What delivering ran into. */
typedef struct TcgFault {
    bool raised;
    uint8_t vector;
    uint32_t error;
} TcgFault;

/** tcg_deliver: enter the handler of @ev, or that of what delivering ran into. */
void tcg_deliver(TcgCpu *cpu, const TcgEvent *ev);
bool tcg_gate_protected(TcgCpu *cpu, const TcgEvent *ev, TcgFault *fault);
bool tcg_gate_long(TcgCpu *cpu, const TcgEvent *ev, TcgFault *fault);
void tcg_interrupt_hooks(TcgState *st);
/** tcg_interrupt_pending: deliver NMI or interrupt if the vCPU can take one now. */
void tcg_interrupt_pending(TcgCpu *cpu);
gboolean tcg_inject_nmi(AccelCPU *cpu, GError **errp);

/* ---- tcg-stack.c: memory accesses of event delivery ---- */
bool tcg_raise(TcgFault *fault, uint8_t vector, uint32_t error);
bool tcg_load(TcgCpu *cpu, uint64_t va, void *data, unsigned len, TcgFault *fault);
bool tcg_store(TcgCpu *cpu, uint64_t va, const void *data, unsigned len, bool user,
               TcgFault *fault);

/* ---- tcg-syscall.c ---- */
void tcg_syscall_hooks(TcgState *st);

/* ---- tcg-cpuid.c, tcg-msr.c, tcg-state.c ---- */
GArray *tcg_get_supported_cpuid(AccelState *as, GError **errp);
gboolean tcg_set_cpuid(AccelCPU *cpu, const AccelX86Cpuid *entries, guint n, GError **errp);
int tcg_on_cpuid(uc_engine *uc, void *opaque);
gboolean tcg_get_msrs(AccelCPU *cpu, AccelX86Msr *msrs, guint n, GError **errp);
gboolean tcg_set_msrs(AccelCPU *cpu, const AccelX86Msr *msrs, guint n, GError **errp);
GArray *tcg_get_msr_list(AccelState *as, GError **errp);
uint64_t tcg_engine_msr(TcgCpu *cpu, uint32_t index);
gboolean tcg_get_debug(AccelCPU *cpu, AccelX86Debug *dr, GError **errp);
gboolean tcg_set_debug(AccelCPU *cpu, const AccelX86Debug *dr, GError **errp);
gboolean tcg_get_mp_state(AccelCPU *cpu, AccelX86MpState *state, GError **errp);
gboolean tcg_set_mp_state(AccelCPU *cpu, AccelX86MpState state, GError **errp);
gboolean tcg_get_events(AccelCPU *cpu, AccelX86Events *ev, GError **errp);
gboolean tcg_set_events(AccelCPU *cpu, const AccelX86Events *ev, GError **errp);
gboolean tcg_get_xsave(AccelCPU *cpu, void *area, size_t size, GError **errp);
gboolean tcg_set_xsave(AccelCPU *cpu, const void *area, size_t size, GError **errp);
void tcg_reset_fpu(TcgCpu *cpu);

#endif
