/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * MADT revision 5 (ACPI 6.3 section 5.2.12): who can take interrupts and how they get there. A CPU
 * whose APIC id or position does not fit the one-byte fields of a local APIC entry gets an x2APIC
 * entry; id 255 is the broadcast address of the xAPIC and so belongs to those too.
 */
#include "hw/i386/acpi-internal.h"

enum {
    MADT_LAPIC = 0, MADT_IOAPIC = 1, MADT_OVERRIDE = 2, MADT_LAPIC_NMI = 4, MADT_X2APIC = 9,
    MADT_X2APIC_NMI = 10,
};

static bool needs_x2apic(const AcpiConfig *c, unsigned i)
{
    return c->cpus[i].apic_id >= 255 || i >= 255;
}

void acpi_madt_cpu(GByteArray *a, const AcpiConfig *c, unsigned i, uint32_t flags)
{
    if (needs_x2apic(c, i)) {
        bytes_add(a, MADT_X2APIC, 1);
        bytes_add(a, 16, 1);
        bytes_add(a, 0, 2);
        bytes_add(a, c->cpus[i].apic_id, 4);
        bytes_add(a, flags, 4);
        bytes_add(a, i, 4);
    } else {
        bytes_add(a, MADT_LAPIC, 1);
        bytes_add(a, 8, 1);
        bytes_add(a, i, 1);
        bytes_add(a, c->cpus[i].apic_id, 1);
        bytes_add(a, flags, 4);
    }
}

/*
 * Newer Linux reads "online capable" when the FADT says ACPI 6.3, and then does not count a CPU
 * with neither flag among those that may come; older ones count every entry that is not enabled.
 */
static uint32_t cpu_flags(const AcpiConfig *c, unsigned i)
{
    if (c->cpus[i].present) {
        return ACPI_MADT_ENABLED;
    }
    return c->cpu_hotplug_port ? ACPI_MADT_ONLINE_CAPABLE : 0;
}

static void add_ioapics(GByteArray *a, const AcpiConfig *c)
{
    for (unsigned i = 0; i < c->n_ioapics; i++) {
        bytes_add(a, MADT_IOAPIC, 1);
        bytes_add(a, 12, 1);
        bytes_add(a, c->ioapics[i].id, 1);
        bytes_add(a, 0, 1);
        bytes_add(a, c->ioapics[i].gpa, 4);
        bytes_add(a, c->ioapics[i].gsi_base, 4);
    }
}

/* Polarity in bits 0..1 and trigger in bits 2..3; 0 = as the bus has it. */
static uint16_t override_flags(const IrqOverride *o)
{
    if (!o->level && !o->active_low) {
        return 0;
    }
    return (o->active_low ? 3 : 1) | (o->level ? 3 : 1) << 2;
}

static void add_overrides(GByteArray *a, const AcpiConfig *c)
{
    for (unsigned i = 0; i < c->n_overrides; i++) {
        const IrqOverride *o = &c->overrides[i];

        bytes_add(a, MADT_OVERRIDE, 1);
        bytes_add(a, 10, 1);
        bytes_add(a, 0, 1); /* ISA */
        bytes_add(a, o->irq, 1);
        bytes_add(a, o->gsi, 4);
        bytes_add(a, override_flags(o), 2);
    }
}

/* NMI comes in on LINT1 of every CPU. */
static void add_nmi(GByteArray *a, bool x2apic)
{
    if (x2apic) {
        bytes_add(a, MADT_X2APIC_NMI, 1);
        bytes_add(a, 12, 1);
        bytes_add(a, 0, 2);
        bytes_add(a, UINT32_MAX, 4);
        bytes_add(a, 1, 1);
        bytes_add(a, 0, 3);
    } else {
        bytes_add(a, MADT_LAPIC_NMI, 1);
        bytes_add(a, 6, 1);
        bytes_add(a, 0xff, 1);
        bytes_add(a, 0, 2);
        bytes_add(a, 1, 1);
    }
}

unsigned acpi_build_madt(AcpiBuild *b)
{
    const AcpiConfig *c = b->config;
    unsigned table = acpi_table_begin(b, "APIC", 5);
    GByteArray *a = b->out->blob;
    bool x2apic = false;

    bytes_add(a, 0xfee00000, 4);
    bytes_add(a, c->pic, 4); /* PCAT_COMPAT */
    for (unsigned i = 0; i < c->n_cpus; i++) {
        acpi_madt_cpu(a, c, i, cpu_flags(c, i));
        x2apic |= needs_x2apic(c, i);
    }
    add_ioapics(a, c);
    add_overrides(a, c);
    add_nmi(a, false);
    if (x2apic) {
        add_nmi(a, true);
    }
    acpi_table_end(b, table);
    return table;
}
