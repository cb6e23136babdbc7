/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The ISA bus, as far as a port-mapped device sees it.
 *
 * Theory of operation: ISA has no configuration space and no arbiter. Two cards that answer at the
 * same port damage each other's transfers, and nothing on the bus would say so. Here a card claims
 * its ports when it is realized; a claim outside of the port space or on top of another card's
 * ports is refused. Regions below priority 0 are a board's background and may be covered.
 */
#include "hw/isa.h"
#include "hw/machine.h"

#define ISA_PORTS 0x10000
#define ISA_IRQS 16

typedef struct Overlap {
    uint64_t first, last;
    const IoRegion *hit;
} Overlap;

gboolean isa_check_bus(DeviceState *dev, GError **errp)
{
    const MachineClass *mc = dev->machine->klass;

    if (mc->isa_irq != NULL || !mc->no_vcpus) {
        return TRUE; /* a board for CPUs decodes the ports even where it has no ISA interrupts */
    }
    accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, NULL, "No 'ISA' bus found for device '%s'",
                    dev->obj.type->name);
    return FALSE;
}

static void find_overlap(void *opaque, const IoRegion *region, const RamBlock *ram)
{
    Overlap *o = opaque;

    if (region == NULL || region->size == 0 || region->priority < 0 || o->hit != NULL) {
        return;
    }
    if (region->base <= o->last && o->first <= region->base + (region->size - 1)) {
        o->hit = region;
    }
}

static gboolean check_range(DeviceState *dev, int64_t base, int64_t size, const char *prop,
                            GError **errp)
{
    const char *type = dev->obj.type->name;

    if (size < 1 || size > ISA_PORTS) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "%s: %" G_GINT64_FORMAT " ports are not possible: 1 to 65536 are", type,
                        size);
        return FALSE;
    }
    if (base >= 0 && base <= ISA_PORTS - size) {
        return TRUE;
    }
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                    "%s: %s=0x%" G_GINT64_MODIFIER "x is out of range: the last possible is 0x%x",
                    type, prop ? prop : "port", base, (unsigned)(ISA_PORTS - size));
    return FALSE;
}

gboolean isa_add_ports(DeviceState *dev, IoRegion *region, int64_t base, int64_t size,
                       const char *prop, GError **errp)
{
    Overlap o;

    if (!check_range(dev, base, size, prop, errp)) {
        return FALSE;
    }
    o = (Overlap){ .first = (uint64_t)base, .last = (uint64_t)(base + size - 1) };
    hw_port_foreach(dev->machine, find_overlap, &o);
    if (o.hit != NULL) {
        accel_error_set(errp, ACCEL_ERROR_BUSY, NULL,
                        "%s: ports 0x%x-0x%x are in use by %s (0x%x-0x%x)", dev->obj.type->name,
                        (unsigned)o.first, (unsigned)o.last, o.hit->name, (unsigned)o.hit->base,
                        (unsigned)(o.hit->base + o.hit->size - 1));
        return FALSE;
    }
    region->base = (uint64_t)base;
    region->size = (uint64_t)size;
    region->owner = dev;
    hw_port_add(dev->machine, region);
    return TRUE;
}

void isa_remove_ports(DeviceState *dev, IoRegion *region)
{
    if (region->size == 0) {
        return;
    }
    hw_port_remove(dev->machine, region);
    region->size = 0;
}

gboolean isa_get_irq(DeviceState *dev, int64_t irq, IrqLine **out, GError **errp)
{
    if (irq < 0 || irq >= ISA_IRQS) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "%s: irq=%" G_GINT64_FORMAT " is out of range: ISA has 0 to %d",
                        dev->obj.type->name, irq, ISA_IRQS - 1);
        return FALSE;
    }
    *out = hw_machine_isa_irq(dev->machine, (unsigned)irq);
    return TRUE;
}
