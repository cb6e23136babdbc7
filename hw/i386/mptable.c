/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * MP configuration table, Intel MultiProcessor Specification 1.4 chapter 4. One ISA bus, one
 * IOAPIC; each ISA line that is not overridden reaches the IOAPIC pin of its number. APIC ids
 * have one byte here, so CPUs from id 255 on exist for ACPI guests only.
 */
#include "hw/i386/load-bytes.h"
#include "hw/i386/loader.h"
#include "hw/i386/mptable.h"

enum {
    MP_PROCESSOR = 0, MP_BUS = 1, MP_IOAPIC = 2, MP_IO_INTERRUPT = 3, MP_LOCAL_INTERRUPT = 4,
};

enum { INT_VECTORED = 0, INT_NMI = 1, INT_EXTINT = 3 };

#define MP_SPEC_REV 4
#define MP_HEADER_SIZE 44
#define CPU_ENABLED 1
#define CPU_BOOT 2
#define LAPIC_VERSION 0x14
#define IOAPIC_VERSION 0x11
#define FEATURES_FPU_APIC 0x201
#define ISA_LINES 16
#define CASCADE_IRQ 2

static uint8_t checksum(const uint8_t *p, unsigned len)
{
    uint8_t sum = 0;

    while (len--) {
        sum += *p++;
    }
    return -sum;
}

static unsigned add_processors(GByteArray *t, const MpTableConfig *c)
{
    unsigned n = 0;

    for (unsigned i = 0; i < c->n_cpus; i++) {
        if (c->apic_ids[i] >= 255) {
            continue;
        }
        bytes_add(t, MP_PROCESSOR, 1);
        bytes_add(t, c->apic_ids[i], 1);
        bytes_add(t, LAPIC_VERSION, 1);
        bytes_add(t, CPU_ENABLED | (i == 0 ? CPU_BOOT : 0), 1);
        bytes_add(t, c->cpu_signature ? c->cpu_signature : 0x600, 4);
        bytes_add(t, c->feature_flags ? c->feature_flags : FEATURES_FPU_APIC, 4);
        bytes_add(t, 0, 8);
        n++;
    }
    return n;
}

static void add_bus_and_ioapic(GByteArray *t, const MpTableConfig *c)
{
    bytes_add(t, MP_BUS, 1);
    bytes_add(t, 0, 1);
    bytes_add_padded(t, "ISA", 6, ' ');
    bytes_add(t, MP_IOAPIC, 1);
    bytes_add(t, c->ioapic_id, 1);
    bytes_add(t, IOAPIC_VERSION, 1);
    bytes_add(t, 1, 1); /* enabled */
    bytes_add(t, c->ioapic_gpa ? c->ioapic_gpa : 0xfec00000, 4);
}

static const IrqOverride *find_override(const MpTableConfig *c, unsigned irq)
{
    for (unsigned i = 0; i < c->n_overrides; i++) {
        if (c->overrides[i].irq == irq) {
            return &c->overrides[i];
        }
    }
    return NULL;
}

/* Is the pin @gsi somebody else's by an override? */
static bool pin_taken(const MpTableConfig *c, unsigned gsi)
{
    for (unsigned i = 0; i < c->n_overrides; i++) {
        if (c->overrides[i].gsi == gsi && c->overrides[i].irq != gsi) {
            return true;
        }
    }
    return false;
}

/* Polarity in bits 0..1, trigger in bits 2..3; 0 = as the bus has it. */
static uint16_t line_flags(const IrqOverride *o)
{
    if (!o || (!o->level && !o->active_low)) {
        return 0;
    }
    return (o->active_low ? 3 : 1) | (o->level ? 3 : 1) << 2;
}

static unsigned add_io_interrupts(GByteArray *t, const MpTableConfig *c)
{
    unsigned n = 0;

    for (unsigned irq = 0; irq < ISA_LINES; irq++) {
        const IrqOverride *o = find_override(c, irq);

        if (!o && (irq == CASCADE_IRQ || pin_taken(c, irq))) {
            continue;
        }
        bytes_add(t, MP_IO_INTERRUPT, 1);
        bytes_add(t, INT_VECTORED, 1);
        bytes_add(t, line_flags(o), 2);
        bytes_add(t, 0, 1);
        bytes_add(t, irq, 1);
        bytes_add(t, c->ioapic_id, 1);
        bytes_add(t, o ? o->gsi : irq, 1);
        n++;
    }
    return n;
}

static void add_local_interrupt(GByteArray *t, unsigned type, uint8_t apic, unsigned pin)
{
    bytes_add(t, MP_LOCAL_INTERRUPT, 1);
    bytes_add(t, type, 1);
    bytes_add(t, 0, 2);
    bytes_add(t, 0, 1);
    bytes_add(t, 0, 1);
    bytes_add(t, apic, 1);
    bytes_add(t, pin, 1);
}

static void add_header(GByteArray *t, const MpTableConfig *c)
{
    bytes_add_data(t, "PCMP", 4);
    bytes_add(t, 0, 2); /* length */
    bytes_add(t, MP_SPEC_REV, 1);
    bytes_add(t, 0, 1); /* checksum */
    bytes_add_padded(t, c->oem_id ? c->oem_id : "ACCELVM", 8, ' ');
    bytes_add_padded(t, c->product_id ? c->product_id : "MACHINE", 12, ' ');
    bytes_add(t, 0, 4);
    bytes_add(t, 0, 2);
    bytes_add(t, 0, 2); /* entries */
    bytes_add(t, c->lapic_gpa ? c->lapic_gpa : 0xfee00000, 4);
    bytes_add(t, 0, 4);
}

static void add_floating(GByteArray *out, uint32_t gpa)
{
    bytes_add_data(out, "_MP_", 4);
    bytes_add(out, gpa + MP_FLOATING_SIZE, 4);
    bytes_add(out, 1, 1); /* length in 16 bytes */
    bytes_add(out, MP_SPEC_REV, 1);
    bytes_add(out, 0, 6); /* checksum; no default configuration, no IMCR */
    out->data[10] = checksum(out->data, MP_FLOATING_SIZE);
}

static bool check_place(uint32_t gpa, uint32_t len)
{
    bool ebda = gpa >= 0x9fc00 && gpa + len <= 0xa0000;
    bool bios = gpa >= 0xf0000 && gpa + len <= 0x100000;

    return gpa % 16 == 0 && (ebda || bios);
}

static GByteArray *build_table(const MpTableConfig *c, unsigned *n_cpus)
{
    GByteArray *t = g_byte_array_new();
    unsigned entries;

    add_header(t, c);
    *n_cpus = add_processors(t, c);
    add_bus_and_ioapic(t, c);
    entries = *n_cpus + 2 + add_io_interrupts(t, c) + 2;
    add_local_interrupt(t, INT_EXTINT, *n_cpus ? c->apic_ids[0] : 0, 0);
    add_local_interrupt(t, INT_NMI, 0xff, 1);
    put_le16(t->data + 4, t->len);
    put_le16(t->data + 34, entries);
    t->data[7] = checksum(t->data, t->len);
    return t;
}

GByteArray *mptable_build(const MpTableConfig *config, uint32_t gpa, GError **err)
{
    unsigned n_cpus;
    g_autoptr(GByteArray) table = build_table(config, &n_cpus);
    GByteArray *out;

    if (n_cpus == 0 || config->apic_ids[0] >= 255) {
        g_set_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_NO_ROOM,
                    "MP table: the boot CPU's APIC id does not fit in one byte");
        return NULL;
    }
    if (!check_place(gpa, MP_FLOATING_SIZE + table->len)) {
        g_set_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_NO_ROOM,
                    "MP table: %u bytes at 0x%x are not where a guest looks (0x9fc00..0x9ffff, "
                    "0xf0000..0xfffff, 16-byte aligned)", MP_FLOATING_SIZE + table->len, gpa);
        return NULL;
    }
    out = g_byte_array_new();
    add_floating(out, gpa);
    bytes_add_data(out, table->data, table->len);
    return out;
}
