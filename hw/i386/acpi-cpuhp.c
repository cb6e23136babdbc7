/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processors in the DSDT. Without hotplug a processor is a device with a _UID. With it, a container
 * holds the registers (hw/acpi-regs.h): selecting a CPU and acting on it are two writes, so every
 * method takes the mutex around them. CSCN asks the registers for CPUs with an event and tells the
 * operating system about each; acpi-events.c has what calls it. _MAT repeats the CPU's MADT entry
 * as enabled: in the MADT itself an absent CPU is disabled, and Linux would not take its APIC id
 * from there.
 */
#include "hw/i386/acpi-internal.h"

#define NOTIFY_DEVICE_CHECK 1
#define NOTIFY_EJECT 3

static void cpu_name(char out[5], unsigned i)
{
    g_snprintf(out, 5, "C%03X", i);
}

static void add_registers(GByteArray *a, uint16_t port)
{
    AmlMark m;

    aml_region(a, "PRST", AML_SYSTEM_IO, port, ACPI_CPUHP_LEN);
    m = aml_field(a, "PRST", AML_BYTE_ACC | AML_WRITE_AS_ZEROS);
    aml_field_bits(a, NULL, ACPI_CPUHP_FLAGS * 8);
    aml_field_bits(a, "CPEN", 1);
    aml_field_bits(a, "CINS", 1);
    aml_field_bits(a, "CRMV", 1);
    aml_field_bits(a, "CPEJ", 1);
    aml_field_bits(a, NULL, 4);
    aml_field_bits(a, "CCMD", 8);
    aml_end(a, m);
    m = aml_field(a, "PRST", AML_DWORD_ACC | AML_PRESERVE);
    aml_field_bits(a, "CSEL", 32);
    aml_field_bits(a, NULL, (ACPI_CPUHP_DATA - 4) * 8);
    aml_field_bits(a, "CDAT", 32);
    aml_end(a, m);
    aml_mutex(a, "CPLK");
}

/* If (Equal (FIELD, 1)): FIELD is one bit, so the field alone is the predicate. */
static AmlMark if_field(GByteArray *a, const char *field)
{
    AmlMark m = aml_if(a);

    aml_name(a, field);
    return m;
}

static void add_status_method(GByteArray *a)
{
    AmlMark m = aml_method(a, "CSTA", 1, AML_SERIALIZED), i;

    aml_acquire(a, "CPLK");
    aml_store_op(a, AML_ARG0, "CSEL");
    aml_set_local(a, 0, AML_LOCAL0);
    i = if_field(a, "CPEN");
    aml_set_local(a, 0xf, AML_LOCAL0);
    aml_end(a, i);
    aml_release(a, "CPLK");
    aml_return_op(a, AML_LOCAL0);
    aml_end(a, m);
}

static void add_eject_method(GByteArray *a)
{
    AmlMark m = aml_method(a, "CEJE", 1, AML_SERIALIZED);

    aml_acquire(a, "CPLK");
    aml_store_op(a, AML_ARG0, "CSEL");
    aml_store_int(a, 1, "CPEJ");
    aml_release(a, "CPLK");
    aml_end(a, m);
}

/* Arguments: CPU, event, status. */
static void add_ost_method(GByteArray *a)
{
    AmlMark m = aml_method(a, "COST", 3, AML_SERIALIZED);

    aml_acquire(a, "CPLK");
    aml_store_op(a, AML_ARG0, "CSEL");
    aml_store_int(a, ACPI_CPUHP_CMD_OST_EVENT, "CCMD");
    aml_store_op(a, AML_ARG1, "CDAT");
    aml_store_int(a, ACPI_CPUHP_CMD_OST_STATUS, "CCMD");
    aml_store_op(a, AML_ARG2, "CDAT");
    aml_release(a, "CPLK");
    aml_end(a, m);
}

static void add_notify_method(GByteArray *a, unsigned n_cpus)
{
    AmlMark m = aml_method(a, "CTFY", 2, 0);

    for (unsigned i = 0; i < n_cpus; i++) {
        AmlMark in = aml_if(a);
        char name[5];

        cpu_name(name, i);
        aml_equal_op(a, AML_ARG0, i);
        aml_op(a, 0x86); /* Notify */
        aml_name(a, name);
        aml_op(a, AML_ARG1);
        aml_end(a, in);
    }
    aml_end(a, m);
}

/* CTFY (CDAT, event), then clear the event's bit and look again. */
static void add_event(GByteArray *a, const char *bit, unsigned event)
{
    aml_load_local(a, "CDAT", AML_LOCAL1);
    aml_name(a, "CTFY");
    aml_op(a, AML_LOCAL1);
    aml_int(a, event);
    aml_store_int(a, 1, bit);
    aml_set_local(a, 1, AML_LOCAL0);
}

static void add_scan_method(GByteArray *a)
{
    AmlMark m = aml_method(a, "CSCN", 0, AML_SERIALIZED), loop, in, other;

    aml_acquire(a, "CPLK");
    aml_store_int(a, 0, "CSEL");
    aml_set_local(a, 1, AML_LOCAL0);
    loop = aml_while(a);
    aml_op(a, AML_LOCAL0);
    aml_set_local(a, 0, AML_LOCAL0);
    aml_store_int(a, ACPI_CPUHP_CMD_NEXT_EVENT, "CCMD");
    in = if_field(a, "CINS");
    add_event(a, "CINS", NOTIFY_DEVICE_CHECK);
    aml_end(a, in);
    other = aml_else(a);
    in = if_field(a, "CRMV");
    add_event(a, "CRMV", NOTIFY_EJECT);
    aml_end(a, in);
    aml_end(a, other);
    aml_end(a, loop);
    aml_release(a, "CPLK");
    aml_end(a, m);
}

/* _STA, _MAT, _EJ0, _OST of one CPU; the boot CPU cannot be ejected. */
static void add_hotplug_methods(GByteArray *a, const AcpiConfig *c, unsigned i)
{
    g_autoptr(GByteArray) mat = g_byte_array_new();
    AmlMark m = aml_method(a, "_STA", 0, AML_SERIALIZED);

    aml_op(a, 0xa4); /* Return (CSTA (i)) */
    aml_name(a, "CSTA");
    aml_int(a, i);
    aml_end(a, m);
    acpi_madt_cpu(mat, c, i, ACPI_MADT_ENABLED);
    aml_name_buffer(a, "_MAT", mat);
    if (i > 0) {
        m = aml_method(a, "_EJ0", 1, AML_SERIALIZED);
        aml_name(a, "CEJE");
        aml_int(a, i);
        aml_end(a, m);
    }
    m = aml_method(a, "_OST", 3, AML_SERIALIZED);
    aml_name(a, "COST");
    aml_int(a, i);
    aml_op(a, AML_ARG0);
    aml_op(a, AML_ARG1);
    aml_end(a, m);
}

static void add_cpu(GByteArray *a, const AcpiConfig *c, unsigned i)
{
    char name[5];
    AmlMark m;

    cpu_name(name, i);
    m = aml_device(a, name);
    aml_name_string(a, "_HID", "ACPI0007");
    aml_name_int(a, "_UID", i);
    if (c->cpu_hotplug_port) {
        add_hotplug_methods(a, c, i);
    } else {
        aml_name_int(a, "_STA", 0xf);
    }
    if (c->numa) {
        aml_name_int(a, "_PXM", c->cpus[i].node);
    }
    aml_end(a, m);
}

void acpi_dsdt_cpus(GByteArray *a, const AcpiConfig *c)
{
    AmlMark m = aml_device(a, "CPUS");

    aml_name_string(a, "_HID", "ACPI0010");
    aml_name_eisa(a, "_CID", "PNP0A05");
    if (c->cpu_hotplug_port) {
        add_registers(a, c->cpu_hotplug_port);
        add_status_method(a);
        add_eject_method(a);
        add_ost_method(a);
        add_notify_method(a, c->n_cpus);
        add_scan_method(a);
    }
    for (unsigned i = 0; i < c->n_cpus; i++) {
        if (c->cpus[i].present || c->cpu_hotplug_port) {
            add_cpu(a, c, i);
        }
    }
    aml_end(a, m);
}
