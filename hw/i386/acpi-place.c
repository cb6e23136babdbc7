/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The two ways to finish a set of tables. Placed: we know where they will lie, so pointers become
 * addresses and checksums are computed here. Linked: firmware chooses, so it gets a script of
 * 128-byte commands (allocate a file, add a file's address to a pointer, compute a checksum) in the
 * layout that SeaBIOS and OVMF read from etc/table-loader.
 */
#include <inttypes.h>

#include "hw/i386/acpi-internal.h"
#include "hw/i386/loader.h"

#define HEADER_CHECKSUM 9
#define RSDP_CHECKSUM 8
#define RSDP_CHECKSUM_LEN 20
#define RSDP_EXT_CHECKSUM 32

#define LINK_SIZE 128
#define LINK_FILE 56
#define LINK_ALLOCATE 1
#define LINK_ADD_POINTER 2
#define LINK_ADD_CHECKSUM 3
#define LINK_ZONE_HIGH 1
#define LINK_ZONE_FSEG 2

static bool has_checksum(const AcpiTable *t)
{
    return strcmp(t->signature, "FACS") != 0;
}

static void patch(GByteArray *in, const GArray *pointers, uint64_t base)
{
    for (unsigned i = 0; i < pointers->len; i++) {
        const AcpiPointer *p = &g_array_index(pointers, AcpiPointer, i);

        if (p->size == 8) {
            put_le64(in->data + p->at, base + p->target);
        } else {
            put_le32(in->data + p->at, base + p->target);
        }
    }
}

static bool check_place(const AcpiTables *t, uint64_t rsdp, uint64_t tables, GError **err)
{
    if ((tables & (ACPI_TABLES_ALIGN - 1)) || tables > UINT32_MAX - t->blob->len) {
        g_set_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_NO_ROOM,
                    "ACPI tables: %u bytes at 0x%" PRIx64 " are not on a 64-byte boundary below "
                    "4 GiB", t->blob->len, tables);
        return false;
    }
    if ((rsdp & 15) || rsdp < 0xe0000 || rsdp + ACPI_RSDP_SIZE > 0x100000) {
        g_set_error(err, HW_IMAGE_ERROR, HW_IMAGE_ERROR_NO_ROOM,
                    "ACPI tables: the RSDP at 0x%" PRIx64 " is not on a 16-byte boundary in "
                    "0xe0000..0xfffff", rsdp);
        return false;
    }
    return true;
}

bool acpi_place(AcpiTables *t, uint64_t rsdp_gpa, uint64_t tables_gpa, GError **err)
{
    uint8_t *r = t->rsdp->data;

    if (!check_place(t, rsdp_gpa, tables_gpa, err)) {
        return false;
    }
    patch(t->blob, t->pointers, tables_gpa);
    patch(t->rsdp, t->rsdp_pointers, tables_gpa);
    for (unsigned i = 0; i < t->tables->len; i++) {
        const AcpiTable *table = &g_array_index(t->tables, AcpiTable, i);
        uint8_t *p = t->blob->data + table->offset;

        if (has_checksum(table)) {
            p[HEADER_CHECKSUM] = 0;
            p[HEADER_CHECKSUM] = acpi_checksum(p, table->length);
        }
    }
    r[RSDP_CHECKSUM] = r[RSDP_EXT_CHECKSUM] = 0;
    r[RSDP_CHECKSUM] = acpi_checksum(r, RSDP_CHECKSUM_LEN);
    r[RSDP_EXT_CHECKSUM] = acpi_checksum(r, ACPI_RSDP_SIZE);
    return true;
}

/* Starts a command; the caller adds its fields and pads with finish(). */
static unsigned begin(GByteArray *out, uint32_t command, const char *file)
{
    unsigned at = out->len;

    bytes_add(out, command, 4);
    bytes_add_padded(out, file, LINK_FILE, 0);
    return at;
}

static void finish(GByteArray *out, unsigned at)
{
    while (out->len < at + LINK_SIZE) {
        bytes_add(out, 0, 1);
    }
}

static void allocate(GByteArray *out, const char *file, uint32_t align, uint8_t zone)
{
    unsigned at = begin(out, LINK_ALLOCATE, file);

    bytes_add(out, align, 4);
    bytes_add(out, zone, 1);
    finish(out, at);
}

static void link_pointers(GByteArray *out, const char *file, const GArray *pointers)
{
    for (unsigned i = 0; i < pointers->len; i++) {
        const AcpiPointer *p = &g_array_index(pointers, AcpiPointer, i);
        unsigned at = begin(out, LINK_ADD_POINTER, file);

        bytes_add_padded(out, ACPI_FILE_TABLES, LINK_FILE, 0);
        bytes_add(out, p->at, 4);
        bytes_add(out, p->size, 1);
        finish(out, at);
    }
}

static void link_checksum(GByteArray *out, const char *file, uint32_t where, uint32_t start,
                          uint32_t len)
{
    unsigned at = begin(out, LINK_ADD_CHECKSUM, file);

    bytes_add(out, where, 4);
    bytes_add(out, start, 4);
    bytes_add(out, len, 4);
    finish(out, at);
}

GByteArray *acpi_linker(const AcpiTables *t)
{
    GByteArray *out = g_byte_array_new();

    allocate(out, ACPI_FILE_RSDP, 16, LINK_ZONE_FSEG);
    allocate(out, ACPI_FILE_TABLES, ACPI_TABLES_ALIGN, LINK_ZONE_HIGH);
    link_pointers(out, ACPI_FILE_TABLES, t->pointers);
    for (unsigned i = 0; i < t->tables->len; i++) {
        const AcpiTable *table = &g_array_index(t->tables, AcpiTable, i);

        if (has_checksum(table)) {
            link_checksum(out, ACPI_FILE_TABLES, table->offset + HEADER_CHECKSUM, table->offset,
                          table->length);
        }
    }
    link_pointers(out, ACPI_FILE_RSDP, t->rsdp_pointers);
    link_checksum(out, ACPI_FILE_RSDP, RSDP_CHECKSUM, 0, RSDP_CHECKSUM_LEN);
    link_checksum(out, ACPI_FILE_RSDP, RSDP_EXT_CHECKSUM, 0, ACPI_RSDP_SIZE);
    return out;
}
