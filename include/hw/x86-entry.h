/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: how an x86 guest starts when no firmware does it: the first vCPU's registers in 16, 32 or
 * 64-bit mode, the GDT, and page tables. For machine types; the built-in boards use the same code.
 *
 * Use: in MachineClass.ready make page tables with hw_x86_paging_*() (64-bit entry only); in
 * MachineClass.reset, which also runs before the first start, hw_x86_paging_write() and
 * hw_x86_enter_at_reset(), so that each reset finds tables and registers as new.
 */
#ifndef HW_X86_ENTRY_H
#define HW_X86_ENTRY_H

#include "hw/machine.h"

G_BEGIN_DECLS

typedef enum X86EntryMode {
    X86_ENTRY_16 = 16, /* real mode */
    X86_ENTRY_32 = 32, /* protected mode, flat 4 GiB segments, paging off */
    X86_ENTRY_64 = 64, /* long mode with page tables at cr3 */
} X86EntryMode;

/* Selectors in the GDT of modes 32 and 64. */
#define X86_ENTRY_CODE 0x10
#define X86_ENTRY_DATA 0x18
#define X86_ENTRY_USER_DATA 0x2b /* ring 3; these two as in Linux: some hypervisors */
#define X86_ENTRY_USER_CODE 0x33 /* run ring 3 natively only with them. 64 bit */
#define X86_ENTRY_TSS 0x38
#define X86_ENTRY_GDT_SIZE 72 /* bytes that hw_x86_enter() writes at X86Entry.gdt */

/* X86Entry.features, mode 64 */
#define X86_ENTRY_NX  (1u << 0) /* EFER.NXE: page tables may forbid execution */
#define X86_ENTRY_WP  (1u << 1) /* CR0.WP: read-only pages are so for ring 0 too */
#define X86_ENTRY_SSE (1u << 2) /* CR4.OSFXSR, OSXMMEXCPT: compiled C may use SSE */
#define X86_ENTRY_USER (1u << 3) /* start in ring 3: pages need X86_MAP_USER, ports a TSS */

/* Set size first; what an older caller does not know reads as zero. */
typedef struct X86Entry {
    size_t size;             /* sizeof(X86Entry) */
    X86EntryMode mode;
    unsigned features;       /* X86_ENTRY_* */
    uint64_t rip;            /* mode 16: offset in cs */
    uint64_t gpr[X86_NGPR];  /* indexed by X86_RAX …; the stack pointer is gpr[X86_RSP] */
    uint16_t cs, ds;         /* mode 16: paragraph numbers (ds also for es, fs, gs, ss) */
    uint64_t gdt;            /* modes 32, 64: where the GDT goes; 0: none, the guest sets its own */
    uint64_t cr3;            /* mode 64: hw_x86_paging_cr3() */
    uint64_t tss;            /* ring 3: where the task state goes; 0: none, no port may be used */
    uint16_t port_first, port_count; /* the ports that ring 3 may use */
} X86Entry;

/** X86_ENTRY_TSS_SIZE: bytes at X86Entry.tss: task state, then a bit for each port up to the last. */
#define X86_ENTRY_TSS_SIZE(port_first, port_count) (104 + ((port_first) + (port_count)) / 8 + 2)

/**
 * hw_x86_enter: write GDT and TSS and set all registers of @cpu as @entry says; interrupts are off. Not
 * while the vCPU runs. Does nothing for a vCPU without accelerator (qtest).
 * Errors: ACCEL_ERROR_INVALID names the field that cannot be; those of accel_set_regs().
 * Source: Intel SDM vol. 3, 9.8 and 9.9.
 */
ACCEL_API gboolean hw_x86_enter(CPUState *cpu, const X86Entry *entry, GError **errp);

/**
 * hw_x86_enter_at_reset: hw_x86_enter() of vCPU 0 for MachineClass.reset, which cannot fail: an error
 * becomes MACHINE_REQUEST_ERROR.
 */
ACCEL_API void hw_x86_enter_at_reset(MachineState *ms, const X86Entry *entry);

/* ---- page tables ---- */

typedef struct X86Paging X86Paging;

#define X86_MAP_READ  (1u << 0)
#define X86_MAP_WRITE (1u << 1)
#define X86_MAP_EXEC  (1u << 2)
#define X86_MAP_USER  (1u << 3) /* for ring 3 */

/**
 * hw_x86_paging_new: empty four-level page tables that will lie in guest RAM.
 * @base: guest-physical address, a multiple of 4096; @room: bytes that may be used there.
 * Returns: (transfer full), hw_x86_paging_free() it.
 */
ACCEL_API X86Paging *hw_x86_paging_new(uint64_t base, uint64_t room);
/** hw_x86_paging_free: NULL is fine. */
ACCEL_API void hw_x86_paging_free(X86Paging *p);

/**
 * hw_x86_paging_map: let @va reach @gpa, @len bytes, all multiples of 4096; 2 MiB pages where address
 * and length allow it.
 * @prot: X86_MAP_*. Write together with execute is refused, so is anything without read.
 * Errors: ACCEL_ERROR_INVALID (alignment, not canonical, rights, mapped already),
 * ACCEL_ERROR_RESOURCE (no room left for tables). After an error only hw_x86_paging_free() is left.
 */
ACCEL_API gboolean hw_x86_paging_map(X86Paging *p, uint64_t va, uint64_t gpa, uint64_t len,
                                     unsigned prot, GError **errp);

/** hw_x86_paging_cr3: the value for X86Entry.cr3. */
ACCEL_API uint64_t hw_x86_paging_cr3(const X86Paging *p);
/** hw_x86_paging_size: bytes of tables so far, a multiple of 4096. */
ACCEL_API uint64_t hw_x86_paging_size(const X86Paging *p);

/**
 * hw_x86_paging_write: copy the tables to where they belong in guest RAM.
 * Returns: FALSE with ACCEL_ERROR_INVALID when there is no RAM at that place.
 */
ACCEL_API gboolean hw_x86_paging_write(const X86Paging *p, MachineState *ms, GError **errp);

G_END_DECLS

#endif
