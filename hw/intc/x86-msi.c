/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Message-signalled interrupts, from devices and from the IOAPIC, to the LAPICs wherever they are.
 * Address and data as in the Intel SDM vol. 3, 11.11. Destinations above 255 come in two forms: a
 * guest writes bits 8-14 into address bits 5-11 (the "extended destination id" that hypervisors
 * agree on), KVM and this code take them in address bits 40 and up, as its x2APIC API defines.
 */
#include "apic-internal.h"
#include "ioapic-internal.h"

static void msi_to_bus(X86Intc *set, uint64_t addr, uint32_t data)
{
    uint32_t high = (addr >> 40) << 8;
    ApicMsg msg = {
        .dest = ((addr >> 12) & 0xff) | high, .wide = high != 0, .logical = addr & (1u << 2),
        .mode = APIC_LVT_MODE(data), .vector = data, .level = data & (1u << 15),
    };

    if (msg.level && !(data & (1u << 14))) {
        return; /* the end of a level needs no message */
    }
    if (msg.mode == APIC_DM_FIXED && msg.logical && (addr & (1u << 3))) {
        msg.mode = APIC_DM_LOWEST; /* redirection hint: one of them is enough */
    }
    apic_bus_send(set, &msg);
}

void x86_intc_ioapic_send(MachineState *ms, uint64_t addr, uint32_t data)
{
    X86Intc *set = x86_intc_of(ms);

    if (set == NULL) {
        return;
    }
    if (set->kernel) {
        accel_send_msi(ms->accel, addr, data, NULL);
    } else {
        msi_to_bus(set, addr, data);
    }
}

void x86_intc_send_msi(MachineState *ms, uint64_t addr, uint32_t data)
{
    uint64_t ext = (addr >> 5) & 0x7f;

    if (ext != 0 && !(addr & (1u << 4))) {
        addr = (addr & ~0xfe0ull) | ext << 40;
    }
    x86_intc_ioapic_send(ms, addr, data);
}

void x86_intc_nmi(MachineState *ms)
{
    X86Intc *set = x86_intc_of(ms);

    if (set != NULL && !set->kernel && !set->config.no_lapic) {
        for (guint i = 0; i < set->apics->len; i++) {
            apic_local(g_ptr_array_index(set->apics, i), LVT_LINT1);
        }
        return;
    }
    for (guint i = 0; i < ms->n_possible; i++) {
        if (ms->possible[i].cpu != NULL) {
            hw_cpu_inject_nmi(ms->possible[i].cpu, NULL);
        }
    }
}
