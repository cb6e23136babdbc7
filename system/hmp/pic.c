/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * info pic: the registers of the interrupt controllers in words, as QEMU prints them. Those that
 * the kernel has (kernel-irqchip=on, and the local APICs, see lapic.c) are not read here.
 */
#include "hw/intc.h"
#include "system/hmp.h"

static void print_bits(Monitor *mon, const char *name, uint32_t bits)
{
    monitor_printf(mon, "%-10s %s", name, bits == 0 ? "(none)" : "");
    for (unsigned pin = 0; pin < X86_NUM_GSI; pin++) {
        if (bits >> pin & 1) {
            monitor_printf(mon, "%-2u ", pin);
        }
    }
    monitor_puts(mon, "\n");
}

static void print_pin(Monitor *mon, unsigned pin, uint64_t rte)
{
    static const char *const modes[] = {
        "fixed", "lowest", "SMI", "...", "NMI", "INIT", "...", "extINT",
    };
    bool logical = rte >> 11 & 1;

    monitor_printf(mon, "  pin %-2u 0x%016" G_GINT64_MODIFIER "x dest=%x vec=%-3u %s %-5s %-6s %-6s "
                   "%s\n", pin, rte, (unsigned)(rte >> 56) & (logical ? 0xff : 0xf),
                   (unsigned)(rte & 0xff), rte >> 13 & 1 ? "active-lo" : "active-hi",
                   rte >> 15 & 1 ? "level" : "edge", rte >> 16 & 1 ? "masked" : "",
                   modes[rte >> 8 & 7], logical ? "logical" : "physical");
}

static void print_ioapic(Monitor *mon, const DeviceState *dev)
{
    uint32_t remote_irr = 0;
    IoapicRegs r;

    ioapic_get_regs(dev, &r);
    monitor_printf(mon, "ioapic0: ver=0x%x id=0x%02x sel=0x%02x", r.version, r.id, r.select);
    if (r.select >= 0x10) {
        monitor_printf(mon, " (redir[%u])", (r.select - 0x10u) / 2);
    }
    monitor_puts(mon, "\n");
    for (unsigned pin = 0; pin < X86_NUM_GSI; pin++) {
        print_pin(mon, pin, r.rte[pin]);
        remote_irr |= (uint32_t)(r.rte[pin] >> 14 & 1) << pin;
    }
    print_bits(mon, "  IRR", r.irr);
    print_bits(mon, "  Remote IRR", remote_irr);
}

static void print_chip(Monitor *mon, const DeviceState *dev, unsigned chip)
{
    I8259Regs r;

    i8259_get_regs(dev, chip, &r);
    monitor_printf(mon, "pic%u: irr=%02x imr=%02x isr=%02x hprio=%d irq_base=%02x rr_sel=%d "
                   "elcr=%02x fnm=%d\n", chip, r.irr, r.imr, r.isr, r.top, r.base, r.read_isr,
                   r.elcr, r.nested);
}

void hmp_info_pic(Monitor *mon, char **argv)
{
    const DeviceState *ioapic = x86_intc_ioapic(mon->vm->ms), *pic = x86_intc_pic(mon->vm->ms);

    if (ioapic != NULL) {
        print_ioapic(mon, ioapic);
    }
    if (pic != NULL) {
        print_chip(mon, pic, 1);
        print_chip(mon, pic, 0);
    }
    if (ioapic == NULL && pic == NULL) {
        monitor_puts(mon, "no interrupt controllers outside the kernel\n");
    }
}
