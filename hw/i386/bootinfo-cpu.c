/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a boot CPU in protected or long mode finds in memory: a GDT with the selectors that the
 * Linux boot protocol names (0x10 code, 0x18 data), and identity page tables of 2 MiB pages.
 * 1 GiB pages would need six times less memory but not every CPU model has them.
 */
#include "hw/i386/boot.h"
#include "hw/i386/load-bytes.h"

#define GDT_CODE32 0x00cf9b000000ffffULL
#define GDT_CODE64 0x00af9b000000ffffULL
#define GDT_DATA   0x00cf93000000ffffULL
#define GDT_TSS    0x00008b0000000067ULL

#define PTE_TABLE 0x03ULL /* present, writable */
#define PTE_LARGE 0x83ULL /* ... and a 2 MiB page */

GByteArray *boot_gdt_build(BootMode mode)
{
    GByteArray *gdt = g_byte_array_new();

    bytes_add(gdt, 0, 8);
    bytes_add(gdt, 0, 8);
    bytes_add(gdt, mode == BOOT_MODE_64 ? GDT_CODE64 : GDT_CODE32, 8);
    bytes_add(gdt, GDT_DATA, 8);
    bytes_add(gdt, GDT_TSS, 8);
    bytes_add(gdt, 0, 8); /* a TSS descriptor takes two slots in long mode */
    return gdt;
}

uint32_t boot_page_tables_size(unsigned gib)
{
    return (2 + gib) * 4096;
}

/* PML4 at +0, PDPT at +1 page, then one page directory per GiB. */
GByteArray *boot_page_tables_build(uint64_t base, unsigned gib)
{
    GByteArray *t = bytes_new_zero(boot_page_tables_size(gib));

    put_le64(t->data, (base + 4096) | PTE_TABLE);
    for (unsigned g = 0; g < gib; g++) {
        uint8_t *pd = t->data + (2 + g) * 4096;

        put_le64(t->data + 4096 + g * 8, (base + (2 + g) * 4096) | PTE_TABLE);
        for (unsigned i = 0; i < 512; i++) {
            put_le64(pd + i * 8, ((uint64_t)g << 30) | ((uint64_t)i << 21) | PTE_LARGE);
        }
    }
    return t;
}
