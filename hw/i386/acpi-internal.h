/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* AML encoding and table assembly shared by hw/i386/acpi-*.c. */
#ifndef HW_I386_ACPI_INTERNAL_H
#define HW_I386_ACPI_INTERNAL_H

#include "hw/i386/acpi.h"
#include "hw/i386/load-bytes.h"

/* ---- AML: each function appends one term to @a (ACPI 6.3 chapter 20) ---- */

#define AML_LOCAL0 0x60
#define AML_LOCAL1 0x61
#define AML_ARG0   0x68
#define AML_ARG1   0x69
#define AML_ARG2   0x6a
#define AML_ARG3   0x6b

#define AML_SYSTEM_MEMORY 0
#define AML_SYSTEM_IO     1

#define AML_SERIALIZED 8
/* Field flags: access width, lock rule, what becomes of the other bits. */
#define AML_BYTE_ACC       1
#define AML_DWORD_ACC      3
#define AML_PRESERVE       0x00
#define AML_WRITE_AS_ZEROS 0x40

/* A PkgLength as it is stored; returns its number of bytes. */
unsigned aml_encode_length(uint32_t value, uint8_t out[4]);
void aml_segment(GByteArray *a, const char *seg, size_t len); /* padded to four characters */
void aml_op(GByteArray *a, uint8_t op);             /* a one-byte opcode, local or argument */
void aml_name(GByteArray *a, const char *path);     /* "\\_SB.GED", "COM1" */
void aml_int(GByteArray *a, uint64_t value);
void aml_string(GByteArray *a, const char *text);
void aml_eisa(GByteArray *a, const char *id);       /* "PNP0501" as compressed integer */
void aml_name_int(GByteArray *a, const char *name, uint64_t value);
void aml_name_string(GByteArray *a, const char *name, const char *text);
void aml_name_eisa(GByteArray *a, const char *name, const char *id);
void aml_name_buffer(GByteArray *a, const char *name, const GByteArray *content);

/* Terms with a length: begin, contents, end. Marks nest. */
typedef unsigned AmlMark;
AmlMark aml_scope(GByteArray *a, const char *name);
AmlMark aml_device(GByteArray *a, const char *name);
AmlMark aml_method(GByteArray *a, const char *name, unsigned args, uint8_t flags);
AmlMark aml_package(GByteArray *a, const char *name, uint8_t elements);
AmlMark aml_field(GByteArray *a, const char *region, uint8_t flags);
AmlMark aml_if(GByteArray *a);    /* predicate first */
AmlMark aml_else(GByteArray *a);
AmlMark aml_while(GByteArray *a); /* predicate first */
void aml_end(GByteArray *a, AmlMark mark);

void aml_region(GByteArray *a, const char *name, uint8_t space, uint64_t base, uint32_t len);
void aml_field_bits(GByteArray *a, const char *name, unsigned bits); /* NULL = reserved */
void aml_mutex(GByteArray *a, const char *name);
void aml_acquire(GByteArray *a, const char *name);
void aml_release(GByteArray *a, const char *name);
void aml_store_op(GByteArray *a, uint8_t from, const char *to); /* from a local or argument */
void aml_store_int(GByteArray *a, uint64_t value, const char *to);
void aml_load_local(GByteArray *a, const char *from, uint8_t local);
void aml_set_local(GByteArray *a, uint64_t value, uint8_t local);
void aml_equal_op(GByteArray *a, uint8_t op, uint64_t value);
void aml_notify(GByteArray *a, const char *object, uint64_t value);
void aml_return_op(GByteArray *a, uint8_t op);

/* ---- resource templates: begin _CRS, descriptors, end ---- */
GByteArray *aml_crs_begin(void);
void aml_crs_io(GByteArray *crs, uint16_t port, uint8_t len);
void aml_crs_irq(GByteArray *crs, uint8_t irq); /* ISA: edge, active high */
void aml_crs_interrupt(GByteArray *crs, uint32_t gsi, bool edge);
void aml_crs_memory(GByteArray *crs, uint32_t base, uint32_t len);
void aml_crs_end(GByteArray *a, GByteArray *crs); /* frees crs */

/* ---- tables ---- */
typedef struct AcpiBuild {
    const AcpiConfig *config;
    AcpiTables *out;
} AcpiBuild;

/* Starts a table: aligned to 64 bytes, its header with length and checksum open. */
unsigned acpi_table_begin(AcpiBuild *b, const char *signature, uint8_t revision);
void acpi_table_end(AcpiBuild *b, unsigned table);
/* A pointer of @size bytes at the end of the blob to offset @target. */
void acpi_add_pointer(AcpiBuild *b, uint32_t target, uint8_t size);
/* Writes a pointer at blob offset @at, which holds zeroes. */
void acpi_set_pointer(AcpiBuild *b, uint32_t at, uint32_t target, uint8_t size);

unsigned acpi_build_dsdt(AcpiBuild *b);
unsigned acpi_build_facs(AcpiBuild *b);
unsigned acpi_build_fadt(AcpiBuild *b, unsigned dsdt, unsigned facs);
unsigned acpi_build_madt(AcpiBuild *b);
unsigned acpi_build_srat(AcpiBuild *b);
unsigned acpi_build_slit(AcpiBuild *b);
unsigned acpi_build_hmat(AcpiBuild *b);
#define ACPI_MADT_ENABLED        1
#define ACPI_MADT_ONLINE_CAPABLE 2
/* The MADT entry of CPU @i, also used for its _MAT. */
void acpi_madt_cpu(GByteArray *a, const AcpiConfig *c, unsigned i, uint32_t flags);
void acpi_dsdt_cpus(GByteArray *a, const AcpiConfig *c);
void acpi_dsdt_events(GByteArray *a, const AcpiConfig *c);

#endif
