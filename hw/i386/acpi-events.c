/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How the guest hears that something happened. Fixed hardware raises the SCI: the power button is a
 * PM1 event that needs no AML, CPU hotplug is a general purpose event. Reduced hardware has a
 * generic event device: one interrupt, one register whose bits say what it is about, and a
 * control-method power button to notify.
 */
#include "hw/i386/acpi-internal.h"

#define NOTIFY_BUTTON 0x80

static void add_gpe(GByteArray *a, const AcpiConfig *c)
{
    AmlMark scope = aml_scope(a, "\\_GPE"), m;
    char name[5];

    g_snprintf(name, sizeof name, "_E%02X", c->fixed.cpu_hotplug_gpe);
    m = aml_method(a, name, 0, AML_SERIALIZED);
    aml_name(a, "\\_SB.CPUS.CSCN");
    aml_end(a, m);
    aml_end(a, scope);
}

/* If (And (Local0, @bit)): the caller adds what follows. */
static AmlMark if_event(GByteArray *a, uint32_t bit)
{
    AmlMark m = aml_if(a);

    aml_op(a, 0x7b);
    aml_op(a, AML_LOCAL0);
    aml_int(a, bit);
    aml_op(a, 0); /* no target */
    return m;
}

static void add_ged_method(GByteArray *a, const AcpiConfig *c)
{
    AmlMark m = aml_method(a, "_EVT", 1, AML_SERIALIZED), in;

    aml_load_local(a, "ESEL", AML_LOCAL0);
    if (c->ged.power_button) {
        in = if_event(a, ACPI_GED_POWER_BUTTON);
        aml_notify(a, "\\_SB.PWRB", NOTIFY_BUTTON);
        aml_end(a, in);
    }
    if (c->cpu_hotplug_port) {
        in = if_event(a, ACPI_GED_CPU_HOTPLUG);
        aml_name(a, "\\_SB.CPUS.CSCN");
        aml_end(a, in);
    }
    aml_end(a, m);
}

static void add_ged(GByteArray *a, const AcpiConfig *c)
{
    AmlMark m = aml_device(a, "GED"), field;
    GByteArray *crs = aml_crs_begin();

    aml_name_string(a, "_HID", "ACPI0013");
    aml_name_int(a, "_UID", 0);
    aml_crs_interrupt(crs, c->ged.gsi, true);
    aml_crs_end(a, crs);
    aml_region(a, "EREG", AML_SYSTEM_MEMORY, c->ged.event_gpa, ACPI_GED_EVENT_LEN);
    field = aml_field(a, "EREG", AML_DWORD_ACC | AML_WRITE_AS_ZEROS);
    aml_field_bits(a, "ESEL", 32);
    aml_end(a, field);
    add_ged_method(a, c);
    aml_end(a, m);
}

static void add_power_button(GByteArray *a)
{
    AmlMark m = aml_device(a, "PWRB");

    aml_name_eisa(a, "_HID", "PNP0C0C");
    aml_name_int(a, "_UID", 0);
    aml_end(a, m);
}

void acpi_dsdt_events(GByteArray *a, const AcpiConfig *c)
{
    AmlMark sb;

    if (!c->hw_reduced) {
        if (c->cpu_hotplug_port && c->fixed.gpe0_port) {
            add_gpe(a, c);
        }
        return;
    }
    if (!c->ged.event_gpa) {
        return;
    }
    sb = aml_scope(a, "\\_SB");
    if (c->ged.power_button) {
        add_power_button(a);
    }
    add_ged(a, c);
    aml_end(a, sb);
}
