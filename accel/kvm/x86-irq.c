/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a PC wires GSIs to the interrupt controllers in the kernel. The kernel's own default takes
 * GSI 0 to IOAPIC pin 0; on a PC (and in the MADT's override) the timer is on pin 2, and a guest
 * that finds it dead says so and falls back to the PIC.
 */
#include "x86-int.h"

#define PIC_PINS 16
#define IOAPIC_PINS 24

static void add_route(struct kvm_irq_routing *r, uint32_t gsi, uint32_t chip, uint32_t pin)
{
    r->entries[r->nr++] = (struct kvm_irq_routing_entry){
        .gsi = gsi, .type = KVM_IRQ_ROUTING_IRQCHIP,
        .u.irqchip = { .irqchip = chip, .pin = pin },
    };
}

/* Source: KVM API 4.52. */
gboolean kvm_route_pc(AccelState *as, GError **errp)
{
    g_autofree struct kvm_irq_routing *r =
        g_malloc0(sizeof(*r) + (PIC_PINS + IOAPIC_PINS) * sizeof(r->entries[0]));
    int ret;

    for (uint32_t i = 0; i < PIC_PINS; i++) {
        add_route(r, i, i < 8 ? KVM_IRQCHIP_PIC_MASTER : KVM_IRQCHIP_PIC_SLAVE, i % 8);
    }
    for (uint32_t i = 0; i < IOAPIC_PINS; i++) {
        if (i != 2) {
            add_route(r, i, KVM_IRQCHIP_IOAPIC, i == 0 ? 2 : i);
        }
    }
    ret = kvm_vm_ioctl(KVM_STATE(as), KVM_SET_GSI_ROUTING, r);
    if (ret < 0) {
        kvm_call_error(errp, "KVM_SET_GSI_ROUTING", ret, "PC interrupt routes not installed: %s",
                       g_strerror(-ret));
        return kvm_failed_at(errp, "irq-routes");
    }
    return TRUE;
}
