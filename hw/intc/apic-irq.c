/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a local APIC does with interrupts: IRR, ISR, TMR, the priorities, acknowledge and end of
 * interrupt, errors and the local vector table. Each change ends in apic_update(), which tells the
 * vCPU whether there is something to take.
 */
#include "apic-internal.h"
#include "accel/accel.h"

int apic_highest(const uint32_t bits[8])
{
    for (int i = 7; i >= 0; i--) {
        if (bits[i] != 0) {
            return i * 32 + 31 - __builtin_clz(bits[i]);
        }
    }
    return -1;
}

static void apic_set_bit(uint32_t bits[8], uint8_t n, bool on)
{
    uint32_t bit = 1u << (n & 31);

    bits[n >> 5] = on ? bits[n >> 5] | bit : bits[n >> 5] & ~bit;
}

static bool apic_test_bit(const uint32_t bits[8], uint8_t n)
{
    return bits[n >> 5] & (1u << (n & 31));
}

uint8_t apic_ppr(const ApicState *s)
{
    int isr = apic_highest(s->isr);
    uint8_t isrv = isr < 0 ? 0 : isr & 0xf0;

    return (s->tpr & 0xf0) >= isrv ? s->tpr : isrv;
}

/* Arbitration priority: what lowest-priority delivery compares (SDM 11.6.2.4 and 11.7). */
uint8_t apic_apr(const ApicState *s)
{
    int irr = apic_highest(s->irr), isr = apic_highest(s->isr);
    uint8_t irrv = irr < 0 ? 0 : irr & 0xf0, isrv = isr < 0 ? 0 : isr & 0xf0;
    uint8_t tpr = s->tpr & 0xf0;

    if (tpr >= irrv && tpr > isrv) {
        return s->tpr;
    }
    return MAX(MAX(tpr & isrv, irrv), isrv);
}

/* The PIC's INTR reaches this CPU: through LINT0 as ExtINT, or past an APIC that is off. */
static bool apic_extint(const ApicState *s)
{
    if (!s->lint0) {
        return false;
    }
    if (!apic_hw_enabled(s)) {
        return s->base & APIC_BASE_BSP;
    }
    uint32_t lvt = s->lvt[LVT_LINT0];
    return !(lvt & APIC_LVT_MASKED) && APIC_LVT_MODE(lvt) == APIC_DM_EXTINT;
}

static int apic_deliverable(const ApicState *s)
{
    int irr = apic_sw_enabled(s) ? apic_highest(s->irr) : -1;

    return irr >= 0 && (irr & 0xf0) > (apic_ppr(s) & 0xf0) ? irr : -1;
}

bool apic_wants(const ApicState *s)
{
    return !s->wait_sipi && (apic_deliverable(s) >= 0 || apic_extint(s));
}

void apic_update(ApicState *s)
{
    bool want = apic_wants(s);

    if (want != s->extint) {
        s->extint = want;
        hw_cpu_set_extint(s->cpu, want);
    }
}

void apic_accept(ApicState *s, uint8_t vector, bool level)
{
    if (!apic_sw_enabled(s)) {
        return;
    }
    if (vector < 16) {
        apic_error(s, APIC_ESR_RECV_VECTOR);
        return;
    }
    apic_set_bit(s->irr, vector, true);
    apic_set_bit(s->tmr, vector, level);
    apic_update(s);
}

/* ExtINT goes first: it takes no part in the priorities. Returns: vector or -1. */
int apic_take(ApicState *s)
{
    int vector = -1;

    if (!s->wait_sipi && apic_extint(s)) {
        vector = s->set->pic != NULL ? i8259_ack(s->set->pic) : -1;
    } else if (!s->wait_sipi && (vector = apic_deliverable(s)) >= 0) {
        apic_set_bit(s->irr, vector, false);
        apic_set_bit(s->isr, vector, true);
    }
    apic_update(s);
    return vector;
}

void apic_eoi(ApicState *s)
{
    int vector = apic_highest(s->isr);

    if (vector < 0) {
        return;
    }
    apic_set_bit(s->isr, vector, false);
    if (vector == (int)(s->lvt[LVT_LINT0] & 0xff)) {
        s->lvt[LVT_LINT0] &= ~APIC_LVT_RIRR;
    }
    if (apic_test_bit(s->tmr, vector) && !(s->svr & APIC_SVR_NO_BROADCAST) &&
        s->set->ioapic != NULL) {
        ioapic_eoi(s->set->ioapic, vector);
    }
    apic_set_lint0(s, s->lint0);
    apic_update(s);
}

/* Collected until software writes the ESR; the interrupt comes with the first one. */
void apic_error(ApicState *s, uint32_t bit)
{
    bool first = s->esr_new == 0;
    uint32_t lvt = s->lvt[LVT_ERROR];

    s->esr_new |= bit;
    if (first && !(lvt & APIC_LVT_MASKED) && (lvt & 0xff) >= 16) {
        apic_accept(s, lvt, false);
    }
}

void apic_local(ApicState *s, unsigned n)
{
    uint32_t lvt = s->lvt[n];

    if (lvt & APIC_LVT_MASKED) {
        return;
    }
    switch (n == LVT_TIMER || n == LVT_ERROR ? APIC_DM_FIXED : APIC_LVT_MODE(lvt)) {
    case APIC_DM_FIXED:
        apic_accept(s, lvt, n == LVT_LINT0 && (lvt & APIC_LVT_LEVEL));
        break;
    case APIC_DM_NMI:
        apic_deliver(s, &(ApicMsg){ .mode = APIC_DM_NMI });
        break;
    case APIC_DM_INIT:
        apic_deliver(s, &(ApicMsg){ .mode = APIC_DM_INIT });
        break;
    default: /* SMI: none here; ExtINT: looked at where it is acknowledged */
        break;
    }
}

/* LINT0 carries the PIC's INTR: ExtINT follows the level, the other modes see edges or levels. */
void apic_set_lint0(ApicState *s, bool level)
{
    bool was = s->lint0;
    uint32_t lvt = s->lvt[LVT_LINT0];

    s->lint0 = level;
    if (APIC_LVT_MODE(lvt) == APIC_DM_FIXED && (lvt & APIC_LVT_LEVEL)) {
        if (level && !(lvt & (APIC_LVT_RIRR | APIC_LVT_MASKED))) {
            s->lvt[LVT_LINT0] |= APIC_LVT_RIRR;
            apic_local(s, LVT_LINT0);
        }
    } else if (level && !was) {
        apic_local(s, LVT_LINT0);
    }
    apic_update(s);
}
