/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The I/O APIC: 24 pins, each with a redirection entry that says which message a request becomes.
 * Source: Intel 82093AA data sheet; the EOI register at 0x40 came with version 0x20.
 *
 * An edge sends one message, and is ignored while masked. A level sends one and sets Remote IRR;
 * nothing more is sent until the end of interrupt clears it, and if the line is still up then, it
 * is sent again. Messages leave as address and data of an MSI, so that the LAPICs may be in the
 * kernel or here. With the LAPICs in the kernel the accelerator is also told each pin's message:
 * it must know which vectors are level-triggered in order to report their end.
 *
 * Input n is GSI n; input 0, the PC's timer, acts on pin 2. Registers are in ioapic-regs.c.
 */
#include "ioapic-internal.h"

static uint64_t ioapic_msi_addr(uint64_t rte)
{
    uint64_t addr = X86_LAPIC_GPA | (uint64_t)RTE_DEST(rte) << 12 |
                    (uint64_t)RTE_EXT_DEST(rte) << 40;

    if (rte & RTE_LOGICAL) {
        addr |= 1u << 2;
    }
    return addr;
}

static uint32_t ioapic_msi_data(uint64_t rte)
{
    uint32_t data = RTE_VECTOR(rte) | RTE_MODE(rte) << 8 | 1u << 14;

    return rte & RTE_LEVEL ? data | 1u << 15 : data;
}

/* Only fixed and lowest priority know an end of interrupt; the other modes are always edges. */
bool ioapic_is_level(uint64_t rte)
{
    return (rte & RTE_LEVEL) && RTE_MODE(rte) <= APIC_DM_LOWEST;
}

/*
 * Keep the accelerator's table in step; a change there is dear, so only real ones are passed on. A
 * pin that is masked keeps its route: guests mask a level before they end it, and without the route
 * nobody would hear of that end. Only reset (@drop) takes routes away.
 */
void ioapic_sync_route(IoapicState *s, unsigned pin, bool drop)
{
    uint64_t rte = s->rte[pin] & ~RTE_READ_ONLY;
    MachineState *ms = s->dev.machine;

    if (!x86_intc_split(ms) || (!drop && (rte == s->route[pin] || (rte & RTE_MASKED)))) {
        return;
    }
    s->route[pin] = rte;
    accel_set_msi_route(ms->accel, pin, ioapic_msi_addr(rte), ioapic_msi_data(rte),
                        rte & RTE_MASKED, NULL);
}

/* Send what @pin asks for, if its entry lets it. */
void ioapic_service(IoapicState *s, unsigned pin)
{
    uint64_t rte = s->rte[pin];
    uint32_t bit = 1u << pin;

    if (!(s->irr & bit) || (rte & RTE_MASKED)) {
        return;
    }
    if (!ioapic_is_level(rte)) {
        s->irr &= ~bit;
    } else if (rte & RTE_REMOTE_IRR) {
        return;
    } else {
        s->rte[pin] |= RTE_REMOTE_IRR;
    }
    x86_intc_ioapic_send(s->dev.machine, ioapic_msi_addr(rte), ioapic_msi_data(rte));
}

void ioapic_set_line(void *opaque, int n, int level)
{
    IoapicState *s = opaque;
    unsigned pin = n == 0 ? 2 : n;
    uint32_t bit = 1u << pin;
    bool was = s->lines & bit, edge;

    s->lines = level ? s->lines | bit : s->lines & ~bit;
    edge = level && !was;
    if (ioapic_is_level(s->rte[pin])) {
        s->irr = (s->irr & ~bit) | (s->lines & bit);
    } else if (edge && !(s->rte[pin] & RTE_MASKED)) {
        s->irr |= bit;
    } else {
        return;
    }
    ioapic_service(s, pin);
}

void ioapic_eoi(DeviceState *dev, uint8_t vector)
{
    IoapicState *s = (IoapicState *)dev;

    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
        uint64_t rte = s->rte[pin];

        if (RTE_VECTOR(rte) == vector && ioapic_is_level(rte) && (rte & RTE_REMOTE_IRR)) {
            s->rte[pin] &= ~RTE_REMOTE_IRR;
            ioapic_service(s, pin);
        }
    }
}
