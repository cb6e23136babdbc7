/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: state of the IOAPIC, shared by its two files.
 */
#ifndef HW_INTC_IOAPIC_INTERNAL_H
#define HW_INTC_IOAPIC_INTERNAL_H

#include "apic-internal.h" /* the delivery modes */

#define IOAPIC_PINS X86_NUM_GSI

/* Redirection table entry, 82093AA data sheet 3.2.4. */
#define RTE_VECTOR(e)     ((uint8_t)(e))
#define RTE_MODE(e)       ((unsigned)((e) >> 8) & 7)
#define RTE_LOGICAL       (1ull << 11)
#define RTE_PENDING       (1ull << 12) /* read only */
#define RTE_ACTIVE_LOW    (1ull << 13)
#define RTE_REMOTE_IRR    (1ull << 14) /* read only */
#define RTE_LEVEL         (1ull << 15)
#define RTE_MASKED        (1ull << 16)
#define RTE_EXT_DEST(e)   ((unsigned)((e) >> 49) & 0x7f) /* bits 8-14 of the destination */
#define RTE_DEST(e)       ((uint8_t)((e) >> 56))
#define RTE_READ_ONLY     (RTE_PENDING | RTE_REMOTE_IRR)
#define RTE_WRITABLE      (0xfffe000000000000ull | 0x1afffull)

typedef struct IoapicState {
    DeviceState dev;
    uint64_t base;     /* property: guest-physical address */
    uint8_t version;   /* property: 0x11 or 0x20 */
    uint8_t id, select;
    uint32_t lines;    /* levels of the inputs, in GSI numbers */
    uint32_t irr;      /* per pin: level-sensitive requests */
    uint64_t rte[IOAPIC_PINS];
    uint64_t route[IOAPIC_PINS]; /* the entry that the accelerator was told last */
    IoRegion io;
} IoapicState;

void ioapic_set_line(void *opaque, int n, int level);
bool ioapic_is_level(uint64_t rte);
void ioapic_service(IoapicState *s, unsigned pin);
void ioapic_sync_route(IoapicState *s, unsigned pin, bool drop);
/** x86_intc_ioapic_send: what the IOAPIC puts on its bus, in the form of a message. */
void x86_intc_ioapic_send(MachineState *ms, uint64_t addr, uint32_t data);
bool x86_intc_split(const MachineState *ms);

#endif
