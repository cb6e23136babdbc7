/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Putting the tables together. All of them go into one blob; wherever one refers to another the
 * blob holds the offset and a note of it, so that the same blob can be finished in two ways (see
 * acpi-place.c). Children are built before the tables that point to them; RSDT and XSDT come last.
 */
#include "hw/i386/acpi-internal.h"
#include "hw/i386/loader.h"

uint8_t acpi_checksum(const uint8_t *data, size_t len)
{
    uint8_t sum = 0;

    while (len--) {
        sum += *data++;
    }
    return -sum;
}

unsigned acpi_table_begin(AcpiBuild *b, const char *signature, uint8_t revision)
{
    const AcpiConfig *c = b->config;
    GByteArray *a = b->out->blob;
    AcpiTable t = { .offset = bytes_align(a, ACPI_TABLES_ALIGN) };

    memcpy(t.signature, signature, 4);
    g_array_append_val(b->out->tables, t);
    bytes_add_data(a, signature, 4);
    bytes_add(a, 0, 4); /* length */
    bytes_add(a, revision, 1);
    bytes_add(a, 0, 1); /* checksum */
    bytes_add_padded(a, c->oem_id ? c->oem_id : "ACCLVM", 6, ' ');
    bytes_add_padded(a, c->oem_table_id ? c->oem_table_id : "ACCELVM", 8, ' ');
    bytes_add(a, 1, 4);
    bytes_add_data(a, "ACVM", 4);
    bytes_add(a, 1, 4);
    return t.offset;
}

void acpi_table_end(AcpiBuild *b, unsigned table)
{
    AcpiTable *t = &g_array_index(b->out->tables, AcpiTable, b->out->tables->len - 1);

    g_assert(t->offset == table);
    t->length = b->out->blob->len - table;
    put_le32(b->out->blob->data + table + 4, t->length);
}

void acpi_set_pointer(AcpiBuild *b, uint32_t at, uint32_t target, uint8_t size)
{
    AcpiPointer p = { .at = at, .target = target, .size = size };

    put_le32(b->out->blob->data + at, target);
    g_array_append_val(b->out->pointers, p);
}

void acpi_add_pointer(AcpiBuild *b, uint32_t target, uint8_t size)
{
    uint32_t at = b->out->blob->len;

    bytes_add(b->out->blob, 0, size);
    acpi_set_pointer(b, at, target, size);
}

static unsigned build_root(AcpiBuild *b, const char *signature, uint8_t size, const GArray *list)
{
    unsigned table = acpi_table_begin(b, signature, 1);

    for (unsigned i = 0; i < list->len; i++) {
        acpi_add_pointer(b, g_array_index(list, unsigned, i), size);
    }
    acpi_table_end(b, table);
    return table;
}

static void build_rsdp(AcpiBuild *b, unsigned rsdt, unsigned xsdt)
{
    const char *oem = b->config->oem_id ? b->config->oem_id : "ACCLVM";
    GByteArray *r = b->out->rsdp;
    AcpiPointer p32 = { .at = 16, .target = rsdt, .size = 4 };
    AcpiPointer p64 = { .at = 24, .target = xsdt, .size = 8 };

    bytes_add_data(r, "RSD PTR ", 8);
    bytes_add(r, 0, 1);
    bytes_add_padded(r, oem, 6, ' ');
    bytes_add(r, 2, 1); /* revision */
    bytes_add(r, rsdt, 4);
    bytes_add(r, ACPI_RSDP_SIZE, 4);
    bytes_add(r, xsdt, 8);
    bytes_add(r, 0, 4);
    g_array_append_val(b->out->rsdp_pointers, p32);
    g_array_append_val(b->out->rsdp_pointers, p64);
}

static void append(GArray *list, unsigned table)
{
    g_array_append_val(list, table);
}

static void build_numa(AcpiBuild *b, GArray *list)
{
    const AcpiNuma *n = b->config->numa;

    if (!n) {
        return;
    }
    append(list, acpi_build_srat(b));
    if (n->distance) {
        append(list, acpi_build_slit(b));
    }
    if (n->hmat) {
        append(list, acpi_build_hmat(b));
    }
}

static void build_all(AcpiBuild *b)
{
    g_autoptr(GArray) list = g_array_new(false, false, sizeof(unsigned));
    unsigned facs = b->config->hw_reduced ? 0 : acpi_build_facs(b);
    unsigned dsdt = acpi_build_dsdt(b);
    unsigned rsdt;

    append(list, acpi_build_fadt(b, dsdt, facs));
    append(list, acpi_build_madt(b));
    build_numa(b, list);
    rsdt = build_root(b, "RSDT", 4, list);
    build_rsdp(b, rsdt, build_root(b, "XSDT", 8, list));
}

static const char *check_devices(const AcpiConfig *c)
{
    for (unsigned i = 0; i < c->n_uarts; i++) {
        if (c->uarts[i].irq > 15) {
            return "a serial port's irq is above 15";
        }
    }
    for (unsigned i = 0; i < c->n_virtio; i++) {
        if (c->virtio[i].gpa + c->virtio[i].size > (4ULL << 30)) {
            return "a virtio-mmio device lies above 4 GiB";
        }
    }
    return c->n_uarts > 9 ? "more than 9 serial ports"
                          : c->n_virtio > 256 ? "more than 256 virtio-mmio devices" : NULL;
}

static const char *check_config(const AcpiConfig *c)
{
    if (c->n_cpus == 0 || c->n_cpus > ACPI_MAX_CPUS) {
        return "the number of CPUs is not between 1 and 288";
    }
    if (!c->cpus[0].present) {
        return "the boot CPU is not present";
    }
    if (c->cpu_hotplug_port && (c->hw_reduced ? !c->ged.event_gpa : !c->fixed.gpe0_port)) {
        return "CPU hotplug has no event device to announce it";
    }
    for (unsigned i = 0; c->numa && i < c->numa->n_memory; i++) {
        if (c->numa->memory[i].node >= c->numa->n_nodes) {
            return "a memory range names a NUMA node that does not exist";
        }
    }
    return check_devices(c);
}

AcpiTables *acpi_build(const AcpiConfig *config, GError **err)
{
    const char *wrong = check_config(config);
    AcpiTables *t;

    if (wrong) {
        g_set_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_OPTION, "ACPI tables: %s", wrong);
        return NULL;
    }
    t = g_new0(AcpiTables, 1);
    t->blob = g_byte_array_new();
    t->rsdp = g_byte_array_new();
    t->tables = g_array_new(false, false, sizeof(AcpiTable));
    t->pointers = g_array_new(false, false, sizeof(AcpiPointer));
    t->rsdp_pointers = g_array_new(false, false, sizeof(AcpiPointer));
    build_all(&(AcpiBuild){ .config = config, .out = t });
    return t;
}

void acpi_tables_free(AcpiTables *t)
{
    if (t) {
        g_byte_array_unref(t->blob);
        g_byte_array_unref(t->rsdp);
        g_array_unref(t->tables);
        g_array_unref(t->pointers);
        g_array_unref(t->rsdp_pointers);
        g_free(t);
    }
}

const AcpiTable *acpi_tables_find(const AcpiTables *t, const char *signature, unsigned nth)
{
    for (unsigned i = 0; i < t->tables->len; i++) {
        const AcpiTable *table = &g_array_index(t->tables, AcpiTable, i);

        if (strcmp(table->signature, signature) == 0 && nth-- == 0) {
            return table;
        }
    }
    return NULL;
}
