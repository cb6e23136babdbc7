/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a flash chip says about itself: the Common Flash Interface's query table.
 *
 * Theory of operation: one byte per byte address, as a chip with an 8 bit bus has it. Everything
 * takes the shortest time that the format can say, for nothing takes any. Source: JESD68.01
 * (identification, system interface, geometry) and Intel's AP-646 (command set 1 and its extended
 * table).
 */
#include <string.h>
#include "hw/block/pflash.h"

#define INTEL_EXTENDED 0x0001
#define EXTENDED_AT 0x31

static void put16(uint8_t *cfi, unsigned at, uint32_t value)
{
    cfi[at] = (uint8_t)value;
    cfi[at + 1] = (uint8_t)(value >> 8);
}

/* Bytes as a power of two; a size between two of them has to be rounded up. */
static uint8_t log2_up(uint64_t size)
{
    uint8_t n = 0;

    while (((uint64_t)1 << n) < size) {
        n++;
    }
    return n;
}

static void fill_system_interface(uint8_t *cfi)
{
    cfi[0x1b] = 0x45; /* 4.5 V, in BCD */
    cfi[0x1c] = 0x55; /* 5.5 V */
    cfi[0x1f] = 0x07; /* 128 us for a byte */
    cfi[0x20] = 0x07; /* 128 us for a buffer */
    cfi[0x21] = 0x0a; /* 1 s for a block; no erasing of the whole chip */
    cfi[0x23] = 0x04; /* at most 16 times as long */
    cfi[0x24] = 0x04;
    cfi[0x25] = 0x04;
}

static void fill_geometry(uint8_t *cfi, uint64_t size)
{
    cfi[0x27] = log2_up(size);
    put16(cfi, 0x28, 2); /* reads 8 and 16 bits wide */
    put16(cfi, 0x2a, log2_up(PFLASH_BUFFER));
    cfi[0x2c] = 1;       /* all blocks alike */
    put16(cfi, 0x2d, (uint32_t)(size / PFLASH_BLOCK - 1));
    put16(cfi, 0x2f, PFLASH_BLOCK / 256);
}

void pflash_cfi_fill(uint8_t cfi[PFLASH_CFI_SIZE], uint64_t size)
{
    memset(cfi, 0, PFLASH_CFI_SIZE);
    memcpy(cfi + 0x10, "QRY", 3);
    put16(cfi, 0x13, INTEL_EXTENDED);
    put16(cfi, 0x15, EXTENDED_AT);
    fill_system_interface(cfi);
    fill_geometry(cfi, size);
    memcpy(cfi + EXTENDED_AT, "PRI10", 5); /* version 1.0, no feature */
    cfi[EXTENDED_AT + 0xe] = 1;            /* one protection field, empty */
}
