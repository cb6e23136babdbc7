/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Resource descriptors (ACPI 6.3 section 6.4), collected in a buffer that becomes a device's _CRS.
 */
#include "hw/i386/acpi-internal.h"

enum {
    RES_IRQ = 0x22,        /* small, two bytes: mask; edge, active high, exclusive */
    RES_IO = 0x47,         /* small, seven bytes */
    RES_END = 0x79,
    RES_MEMORY32 = 0x86,   /* large: fixed 32-bit range */
    RES_INTERRUPT = 0x89,  /* large: extended interrupt */
};

GByteArray *aml_crs_begin(void)
{
    return g_byte_array_new();
}

void aml_crs_io(GByteArray *crs, uint16_t port, uint8_t len)
{
    bytes_add(crs, RES_IO, 1);
    bytes_add(crs, 1, 1); /* decodes 16 bits */
    bytes_add(crs, port, 2);
    bytes_add(crs, port, 2);
    bytes_add(crs, 1, 1);
    bytes_add(crs, len, 1);
}

void aml_crs_irq(GByteArray *crs, uint8_t irq)
{
    bytes_add(crs, RES_IRQ, 1);
    bytes_add(crs, 1u << irq, 2);
}

void aml_crs_interrupt(GByteArray *crs, uint32_t gsi, bool edge)
{
    bytes_add(crs, RES_INTERRUPT, 1);
    bytes_add(crs, 6, 2);
    bytes_add(crs, 1 | (edge ? 2 : 0), 1); /* consumer; active high, exclusive */
    bytes_add(crs, 1, 1);
    bytes_add(crs, gsi, 4);
}

void aml_crs_memory(GByteArray *crs, uint32_t base, uint32_t len)
{
    bytes_add(crs, RES_MEMORY32, 1);
    bytes_add(crs, 9, 2);
    bytes_add(crs, 1, 1); /* read and write */
    bytes_add(crs, base, 4);
    bytes_add(crs, len, 4);
}

void aml_crs_end(GByteArray *a, GByteArray *crs)
{
    bytes_add(crs, RES_END, 1);
    bytes_add(crs, 0, 1); /* no checksum */
    aml_name_buffer(a, "_CRS", crs);
    g_byte_array_unref(crs);
}
