/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The bus between the local APICs: who is meant by a destination, the interrupt command register,
 * and what each delivery mode does to the one who receives it. Source: Intel SDM vol. 3, 11.6.
 */
#include "apic-internal.h"

static bool apic_is_broadcast(const ApicMsg *msg)
{
    return msg->dest == (msg->wide ? 0xffffffffu : 0xffu);
}

static bool apic_match_logical_x2(const ApicState *s, const ApicMsg *msg)
{
    uint32_t ldr = (s->id >> 4) << 16 | 1u << (s->id & 15);

    return msg->dest >> 16 == ldr >> 16 && (msg->dest & ldr & 0xffff) != 0;
}

static bool apic_match_logical(const ApicState *s, const ApicMsg *msg)
{
    uint8_t mine = s->ldr >> 24, dest = msg->dest;

    if (apic_x2(s)) {
        return apic_match_logical_x2(s, msg);
    }
    if (msg->dest > 0xff) {
        return false;
    }
    if (s->dfr >> 28 == 0xf) { /* flat */
        return (dest & mine) != 0;
    }
    return (dest >> 4 == 0xf || dest >> 4 == mine >> 4) && (dest & mine & 0xf) != 0;
}

static bool apic_match(const ApicState *s, const ApicMsg *msg)
{
    if (!apic_hw_enabled(s)) {
        /* An APIC that is switched off still takes INIT and SIPI by its id. */
        return !msg->logical && msg->dest == s->id && msg->mode >= APIC_DM_INIT;
    }
    if (msg->logical) {
        return (apic_is_broadcast(msg) && (msg->wide || apic_x2(s))) ||
               apic_match_logical(s, msg);
    }
    /* Nobody could start a CPU above 255, still in xAPIC mode, if it did not answer to its id. */
    return apic_is_broadcast(msg) || msg->dest == (apic_x2(s) || s->id > 0xff ? s->id : s->xid);
}

static void apic_nmi(ApicState *s)
{
    if (!s->wait_sipi) {
        hw_cpu_inject_nmi(s->cpu, NULL);
    }
}

void apic_deliver(ApicState *s, const ApicMsg *msg)
{
    switch (msg->mode) {
    case APIC_DM_FIXED:
    case APIC_DM_LOWEST:
        apic_accept(s, msg->vector, msg->level);
        break;
    case APIC_DM_NMI:
        apic_nmi(s);
        break;
    case APIC_DM_INIT:
        apic_cpu_init(s);
        break;
    case APIC_DM_SIPI:
        apic_cpu_sipi(s, msg->vector);
        break;
    default: /* SMI: these machines have no system management mode */
        break;
    }
}

/* Among those who are meant and can take it: the least busy; equals take turns. */
static void apic_send_lowest(X86Intc *set, const ApicMsg *msg)
{
    guint n = set->apics->len, best = n;

    for (guint i = 0; i < n; i++) {
        guint at = (set->next_lowest + i) % n;
        ApicState *s = g_ptr_array_index(set->apics, at);

        if (!apic_match(s, msg) || !apic_sw_enabled(s)) {
            continue;
        }
        if (best == n || apic_apr(s) < apic_apr(g_ptr_array_index(set->apics, best))) {
            best = at;
        }
    }
    if (best < n) {
        set->next_lowest = (best + 1) % n;
        apic_deliver(g_ptr_array_index(set->apics, best), msg);
    }
}

void apic_bus_send(X86Intc *set, const ApicMsg *msg)
{
    ApicMsg m = *msg;

    if (m.mode == APIC_DM_EXTINT) { /* from an IOAPIC pin: the vector is the PIC's */
        if (set->pic == NULL) {
            return;
        }
        m.vector = i8259_ack(set->pic);
        m.mode = APIC_DM_FIXED;
        m.level = false;
    }
    if (m.mode == APIC_DM_LOWEST) {
        apic_send_lowest(set, &m);
        return;
    }
    for (guint i = 0; i < set->apics->len; i++) {
        ApicState *s = g_ptr_array_index(set->apics, i);
        if (apic_match(s, &m)) {
            apic_deliver(s, &m);
        }
    }
}

static void apic_send_others(ApicState *self, const ApicMsg *msg, bool with_self)
{
    for (guint i = 0; i < self->set->apics->len; i++) {
        ApicState *s = g_ptr_array_index(self->set->apics, i);
        if (s != self || with_self) {
            apic_deliver(s, msg);
        }
    }
}

/* Carry out the command in the ICR. */
void apic_send_icr(ApicState *s)
{
    uint32_t low = s->icr[0];
    ApicMsg msg = {
        .dest = apic_x2(s) ? s->icr[1] : s->icr[1] >> 24, .wide = apic_x2(s),
        .logical = low & (1u << 11), .mode = APIC_LVT_MODE(low), .vector = low,
    };
    bool deassert = msg.mode == APIC_DM_INIT && !(low & (1u << 14)) && (low & (1u << 15));

    if (deassert) {
        return; /* loads arbitration ids, which nobody can see */
    }
    if (msg.mode <= APIC_DM_LOWEST && msg.vector < 16) {
        apic_error(s, APIC_ESR_SEND_VECTOR);
        return;
    }
    switch ((low >> 18) & 3) {
    case 0:
        apic_bus_send(s->set, &msg);
        break;
    case 1: /* self: fixed only */
        if (msg.mode == APIC_DM_FIXED) {
            apic_deliver(s, &msg);
        }
        break;
    default:
        apic_send_others(s, &msg, ((low >> 18) & 3) == 2);
        break;
    }
}
