/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sum: the 16-bit checksum of the BSD command of that name, over guest-physical memory. Addresses
 * are 32 bits wide; a range that runs over their end is empty, and what is no memory counts as 0.
 */
#include "disas.h"

enum { CHUNK = 4096 };

static uint16_t add_bytes(uint16_t sum, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        sum = (uint16_t)((sum >> 1 | sum << 15) + bytes[i]);
    }
    return sum;
}

/* Page by page: one that cannot be read at once may still have bytes that can. */
static void read_page(VirtualReader *reader, uint64_t addr, uint8_t *out, size_t n)
{
    if (virtual_read(reader, addr, out, n)) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (!virtual_read(reader, addr + i, out + i, 1)) {
            out[i] = 0;
        }
    }
}

void hmp_sum(Monitor *mon, char **argv)
{
    VirtualReader reader = { .ms = mon->vm->ms };
    uint64_t start, size;
    uint16_t sum = 0;
    uint32_t end;

    if (!hmp_value(mon, argv[0], &start) || !hmp_value(mon, argv[1], &size)) {
        return;
    }
    end = (uint32_t)(start + size);
    for (uint64_t addr = start; addr < end;) {
        size_t n = MIN(end - addr, CHUNK - addr % CHUNK);
        uint8_t bytes[CHUNK];

        read_page(&reader, addr, bytes, n);
        sum = add_bytes(sum, bytes, n);
        addr += n;
    }
    monitor_printf(mon, "%05u\n", sum);
}
