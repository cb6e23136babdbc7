/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: an image that is started directly, as it is kept for resets.
 */
#ifndef HW_I386_PC_KERNEL_H
#define HW_I386_PC_KERNEL_H

#include "hw/i386/x86-board.h"

/* Bytes that every reset puts back. */
typedef struct X86Blob {
    uint64_t gpa;
    GByteArray *bytes;
} X86Blob;

struct X86Boot {
    ImageSource *image;
    ImageFormat format;
    ImageModuleList *modules;  /* NULL: none */
    ImagePlan *plan;
    GArray *blobs;             /* X86Blob */
    uint64_t low;              /* first byte of the BIOS area that tables have not taken */
    uint64_t top;              /* end of low RAM that tables have not taken */
    uint64_t rsdp;
    uint8_t seed[32];
    uint32_t seed_len;
    bool fresh;                /* applied, and no guest has run since */
};

/** x86_boot_place_tables: the board's tables into x->boot->blobs, and into @map what it must spare. */
gboolean x86_boot_place_tables(X86Machine *x, E820Map *map, GError **errp);

#endif
