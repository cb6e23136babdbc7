/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: the user-space local APIC and the set it belongs to, shared by apic*.c and x86-intc*.c.
 * Source for the registers: Intel SDM volume 3, chapter 11.
 */
#ifndef HW_INTC_APIC_INTERNAL_H
#define HW_INTC_APIC_INTERNAL_H

#include "hw/intc.h"

#define APIC_BASE_BSP    (1u << 8)
#define APIC_BASE_X2APIC (1u << 10)
#define APIC_BASE_ENABLE (1u << 11)

#define APIC_SVR_ENABLE       (1u << 8)
#define APIC_SVR_NO_BROADCAST (1u << 12) /* end of interrupt is not told to IOAPICs */
#define APIC_VERSION          0x01050014u /* version 0x14, 6 LVT entries, bit 24: no-broadcast */

#define APIC_LVT_MASKED  (1u << 16)
#define APIC_LVT_LEVEL   (1u << 15)
#define APIC_LVT_RIRR    (1u << 14)
#define APIC_LVT_MODE(l) (((l) >> 8) & 7)

#define APIC_TIMER_ONESHOT  0
#define APIC_TIMER_PERIODIC 1
#define APIC_TIMER_DEADLINE 2

#define APIC_ESR_SEND_VECTOR (1u << 5)
#define APIC_ESR_RECV_VECTOR (1u << 6)
#define APIC_ESR_REGISTER    (1u << 7)

enum {
    APIC_DM_FIXED, APIC_DM_LOWEST, APIC_DM_SMI, APIC_DM_NMI = 4, APIC_DM_INIT, APIC_DM_SIPI,
    APIC_DM_EXTINT
};
/* In order of the register offsets 0x320, 0x330, … */
enum { LVT_TIMER, LVT_THERMAL, LVT_PERF, LVT_LINT0, LVT_LINT1, LVT_ERROR, APIC_NLVT };

typedef struct ApicState {
    DeviceState dev;
    CPUState *cpu;
    struct X86Intc *set;
    uint64_t base;      /* IA32_APIC_BASE */
    uint32_t id;        /* as given by the board: what x2APIC mode shows */
    uint8_t xid;        /* what xAPIC mode shows; software may change it */
    uint8_t tpr;
    uint32_t ldr, dfr, svr, esr, esr_new, icr[2], lvt[APIC_NLVT], divide;
    uint32_t irr[8], isr[8], tmr[8];
    bool lint0;         /* level of the PIC's INTR */
    bool wait_sipi;
    bool extint;        /* what hw_cpu_set_extint() was told last */

    HwTimer *timer;
    uint32_t initial;   /* initial count */
    int64_t start_ns;   /* virtual time at which the count was @initial */
    bool running;       /* the count has not run out */
    uint64_t deadline;  /* IA32_TSC_DEADLINE */
} ApicState;

typedef struct X86Intc {
    DeviceState dev;
    X86IntcConfig config;
    DeviceState *pic, *ioapic, *pit;
    GPtrArray *apics;   /* ApicState *, borrowed, in order of adding */
    guint next_lowest;  /* where the search among equals starts: arbitration rotates */
    CPUState *boot_cpu;
    bool intr;          /* level of the PIC's output */
    bool kernel;        /* the LAPICs are in the kernel */
    IoRegion lapic_io;
} X86Intc;

extern const DeviceClass x86_intc_class;

/* A message on the APIC bus. */
typedef struct ApicMsg {
    uint32_t dest;
    bool logical, level, wide; /* @wide: @dest has 32 bits, sent in x2APIC mode */
    uint8_t mode, vector;
} ApicMsg;

static inline bool apic_hw_enabled(const ApicState *s)
{
    return s->base & APIC_BASE_ENABLE;
}

static inline bool apic_x2(const ApicState *s)
{
    return (s->base & (APIC_BASE_ENABLE | APIC_BASE_X2APIC)) ==
           (APIC_BASE_ENABLE | APIC_BASE_X2APIC);
}

static inline bool apic_sw_enabled(const ApicState *s)
{
    return apic_hw_enabled(s) && (s->svr & APIC_SVR_ENABLE);
}

/* apic.c */
X86Intc *x86_intc_of(const MachineState *ms);
void apic_reset_regs(ApicState *s); /* what INIT resets: not the id, not the base */
/* apic-irq.c */
int apic_highest(const uint32_t bits[8]); /* -1: none */
uint8_t apic_ppr(const ApicState *s);
uint8_t apic_apr(const ApicState *s);
void apic_accept(ApicState *s, uint8_t vector, bool level);
void apic_update(ApicState *s);
void apic_eoi(ApicState *s);
void apic_error(ApicState *s, uint32_t bit);
void apic_local(ApicState *s, unsigned lvt); /* a local source fires */
void apic_set_lint0(ApicState *s, bool level);
int apic_take(ApicState *s);
bool apic_wants(const ApicState *s);
/* apic-bus.c */
void apic_bus_send(X86Intc *set, const ApicMsg *msg);
void apic_send_icr(ApicState *s);
void apic_deliver(ApicState *s, const ApicMsg *msg);
/* apic-cpu.c */
void apic_cpu_init(ApicState *s);
void apic_cpu_sipi(ApicState *s, uint8_t vector);
/* apic-regs.c: @reg is offset / 16. FALSE: no such register, or not for this direction. */
bool apic_read_reg(ApicState *s, unsigned reg, uint32_t *value);
bool apic_write_reg(ApicState *s, unsigned reg, uint32_t value);
extern const IoOps apic_ops;
/* apic-timer.c */
uint32_t apic_timer_count(const ApicState *s);
void apic_timer_write_initial(ApicState *s, uint32_t value);
void apic_timer_write_divide(ApicState *s, uint32_t value);
void apic_timer_write_lvt(ApicState *s, uint32_t old);
void apic_timer_set_deadline(ApicState *s, uint64_t tsc);
void apic_timer_fire(void *opaque);

#endif
