/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The DSDT: one device object per thing that a guest cannot find by itself. Interrupts of ISA
 * devices are given as ISA numbers; the MADT's overrides tell where those reach the IOAPIC.
 */
#include "hw/i386/acpi-internal.h"

/* _HID and _STA (present, enabled, shown, working unless @status says otherwise). */
static AmlMark device(GByteArray *a, const char *name, const char *hid, uint8_t status)
{
    AmlMark m = aml_device(a, name);

    if (strlen(hid) == 7) {
        aml_name_eisa(a, "_HID", hid);
    } else {
        aml_name_string(a, "_HID", hid);
    }
    aml_name_int(a, "_STA", status);
    return m;
}

static void isa_device(GByteArray *a, const char *name, const char *hid, uint16_t port,
                       uint8_t len, uint8_t irq)
{
    AmlMark m = device(a, name, hid, 0xf);
    GByteArray *crs = aml_crs_begin();

    aml_crs_io(crs, port, len);
    aml_crs_irq(crs, irq);
    aml_crs_end(a, crs);
    aml_end(a, m);
}

static void add_uarts(GByteArray *a, const AcpiConfig *c)
{
    for (unsigned i = 0; i < c->n_uarts; i++) {
        char name[] = { 'C', 'O', 'M', (char)('1' + i), 0 };
        AmlMark m = device(a, name, "PNP0501", 0xf);
        GByteArray *crs = aml_crs_begin();

        aml_name_int(a, "_UID", i + 1);
        aml_crs_io(crs, c->uarts[i].port, 8);
        aml_crs_irq(crs, c->uarts[i].irq);
        aml_crs_end(a, crs);
        aml_end(a, m);
    }
}

static void add_i8042(GByteArray *a)
{
    AmlMark m = device(a, "KBD", "PNP0303", 0xf);
    GByteArray *crs = aml_crs_begin();

    aml_crs_io(crs, 0x60, 1);
    aml_crs_io(crs, 0x64, 1);
    aml_crs_irq(crs, 1);
    aml_crs_end(a, crs);
    aml_end(a, m);
    m = device(a, "MOU", "PNP0F13", 0xf);
    crs = aml_crs_begin();
    aml_crs_irq(crs, 12);
    aml_crs_end(a, crs);
    aml_end(a, m);
}

/* Not shown in user interfaces: drivers bind to the _HID. */
static void add_fw_cfg(GByteArray *a, uint16_t port)
{
    AmlMark m = device(a, "FWCF", "QEMU0002", 0xb);
    GByteArray *crs = aml_crs_begin();

    aml_crs_io(crs, port, 12);
    aml_crs_end(a, crs);
    aml_end(a, m);
}

static void add_pvpanic(GByteArray *a, uint16_t port)
{
    AmlMark m = device(a, "PEVT", "QEMU0001", 0xf);
    GByteArray *crs = aml_crs_begin();

    aml_crs_io(crs, port, 1);
    aml_crs_end(a, crs);
    aml_end(a, m);
}

static void add_virtio(GByteArray *a, const AcpiConfig *c)
{
    for (unsigned i = 0; i < c->n_virtio; i++) {
        const AcpiVirtioMmio *v = &c->virtio[i];
        g_autofree char *name = g_strdup_printf("VR%02X", i);
        AmlMark m = device(a, name, "LNRO0005", 0xf);
        GByteArray *crs = aml_crs_begin();

        aml_name_int(a, "_UID", i);
        aml_name_int(a, "_CCA", 1);
        aml_crs_memory(crs, v->gpa, v->size);
        aml_crs_interrupt(crs, v->gsi, false);
        aml_crs_end(a, crs);
        aml_end(a, m);
    }
}

static void add_devices(GByteArray *a, const AcpiConfig *c)
{
    AmlMark sb = aml_scope(a, "\\_SB");

    add_uarts(a, c);
    if (c->rtc) {
        isa_device(a, "RTC", "PNP0B00", 0x70, 2, 8);
    }
    if (c->i8042) {
        add_i8042(a);
    }
    if (c->fw_cfg_port) {
        add_fw_cfg(a, c->fw_cfg_port);
    }
    if (c->pvpanic_port) {
        add_pvpanic(a, c->pvpanic_port);
    }
    add_virtio(a, c);
    acpi_dsdt_cpus(a, c);
    aml_end(a, sb);
}

/* Soft off: the value for SLP_TYP, for both PM1 blocks. */
static void add_s5(GByteArray *a, const AcpiConfig *c)
{
    uint8_t type = c->hw_reduced ? c->ged.s5_type : c->fixed.s5_type;
    AmlMark m = aml_package(a, "\\_S5", 4);

    aml_int(a, type);
    aml_int(a, type);
    aml_int(a, 0);
    aml_int(a, 0);
    aml_end(a, m);
}

unsigned acpi_build_dsdt(AcpiBuild *b)
{
    unsigned table = acpi_table_begin(b, "DSDT", 2);
    GByteArray *a = b->out->blob;

    add_devices(a, b->config);
    acpi_dsdt_events(a, b->config);
    if (!b->config->hw_reduced || b->config->ged.sleep_gpa) {
        add_s5(a, b->config);
    }
    acpi_table_end(b, table);
    return table;
}
