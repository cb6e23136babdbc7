/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Minimal guest images made in memory, for the loader tests and as seeds of the fuzzer. */
#ifndef TESTS_LOAD_IMAGES_H
#define TESTS_LOAD_IMAGES_H

#include "hw/i386/loader.h"

/* A bzImage of boot protocol 2.15 with a 64-bit entry: 1 setup sector, @payload bytes of kernel. */
GByteArray *img_bzimage(unsigned payload);

/* An ELF executable with one RX segment of 256 bytes and 512 of memory at 0x200000 (virtual
 * 0x80200000, e_entry is the virtual 0x80200010); with a PVH note (entry 0x200020) if asked for. */
GByteArray *img_elf64(bool pvh_note);
GByteArray *img_elf32(bool pvh_note);

/* Multiboot 1: by the a.out kludge (0x100000, entry + 0x30), or an ELF32 with the header in it. */
GByteArray *img_multiboot(void);
GByteArray *img_multiboot_elf(void);

/* Offset of program header @i. */
unsigned img_phdr64(unsigned i);
unsigned img_phdr32(unsigned i);

/* Guest RAM for image_plan_apply(): [0, size), lazily zero. */
typedef struct ImgRam {
    uint8_t *data;
    uint64_t size;
    unsigned maps; /* calls of map_file */
    bool may_map;
} ImgRam;

void img_ram_init(ImgRam *ram, uint64_t size);
void img_ram_clear(ImgRam *ram);
GuestRamOps img_ram_ops(ImgRam *ram);

/* A direct-boot map of @mib MiB of low RAM. */
E820Map *img_e820(unsigned mib);

#endif
