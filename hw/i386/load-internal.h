/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the loaders of the different formats share; not for use outside hw/i386/load-*.c. */
#ifndef HW_I386_LOAD_INTERNAL_H
#define HW_I386_LOAD_INTERNAL_H

#include <inttypes.h>

#include "hw/i386/loader.h"
#include "hw/i386/load-bytes.h"

#define LOAD_PAGE 4096u
#define LOAD_LOW_MIN 0x1000u      /* the first page stays free: BDA, real-mode vectors */
#define LOAD_LOW_MAX 0xa0000u
#define LOAD_4G (4ULL << 30)
#define LOAD_MAX_SEGMENTS 1024

/* What every format's loader is given. */
typedef struct LoadCtx {
    const ImageSource *src;
    const ImageParams *params;
    ImagePlan *plan;
} LoadCtx;

/* Where something of @size bytes may go: inside [min, max), free, RAM, aligned. */
typedef struct LoadRoom {
    const char *what;
    uint64_t size;
    uint64_t align; /* a power of two */
    uint64_t min, max;
    bool top_down;
} LoadRoom;

/* Sets the error; always false, so that a check is one statement. */
bool load_fail(GError **err, HwImageError code, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* Adds to what the user may want to know. */
void load_note(LoadCtx *ctx, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Finds room in guest RAM beside everything placed so far. HW_IMAGE_ERROR_NO_ROOM. */
bool load_find_room(const LoadCtx *ctx, const LoadRoom *room, uint64_t *gpa, GError **err);
/* Adds a segment after checking it against RAM and the segments before it. */
bool load_add_segment(LoadCtx *ctx, const ImageSegment *segment, GError **err);
/* Adds @blob (taken over) at @gpa. */
bool load_add_blob(LoadCtx *ctx, const char *what, uint64_t gpa, GByteArray *blob, GError **err);
/* Finds low room (then anywhere below 4 GiB) for @size bytes. */
bool load_find_low(const LoadCtx *ctx, const char *what, uint64_t size, uint64_t align,
                   uint64_t *gpa, GError **err);
/* Finds low room for @blob (taken over) and adds it. */
bool load_place_blob(LoadCtx *ctx, const char *what, GByteArray *blob, uint64_t align,
                     uint64_t *gpa, GError **err);
/* Places a NUL-terminated string low; @gpa = 0 and nothing placed for NULL. */
bool load_place_string(LoadCtx *ctx, const char *what, const char *text, uint64_t *gpa,
                       GError **err);
/* Places one whole file page-aligned, as high as possible below @max. */
bool load_place_file(LoadCtx *ctx, const char *what, const ImageSource *src, uint64_t min,
                     uint64_t max, uint64_t *gpa, GError **err);
/* GDT, page tables (mode 64) and a stack page for a boot CPU that starts in @mode. */
bool load_place_cpu_state(LoadCtx *ctx, BootMode mode, GError **err);
/* The zero page with setup_data nodes; rsi of the entry state points to it. */
bool load_place_boot_params(LoadCtx *ctx, LinuxBootInfo *info, GError **err);

/* A parsed and checked ELF file. */
typedef struct LoadElfSegment {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
} LoadElfSegment;

typedef struct LoadElf {
    bool is64;
    uint16_t machine;
    uint64_t entry;
    LoadElfSegment *segments; /* every program header */
    unsigned n_segments;
} LoadElf;

bool load_elf_parse(const ImageSource *src, LoadElf *elf, GError **err);
void load_elf_clear(LoadElf *elf);
/* Adds all PT_LOAD segments at their physical addresses. */
bool load_elf_segments(LoadCtx *ctx, const LoadElf *elf, GError **err);
/* Physical address of @entry (given physical or virtual); MALFORMED if it is in no segment. */
bool load_elf_entry(const LoadElf *elf, uint64_t entry, const char *field, uint64_t *phys,
                    GError **err);
/* The PVH entry address: 1 found, 0 no such note, -1 error. */
int load_elf_pvh_note(const ImageSource *src, const LoadElf *elf, uint32_t *entry, GError **err);

/* Offset of a valid multiboot 1 header in the first 8 KiB, or -1. */
int load_multiboot_find(const ImageSource *src);

bool load_bzimage(LoadCtx *ctx, GError **err);
bool load_pvh(LoadCtx *ctx, GError **err);
bool load_multiboot(LoadCtx *ctx, GError **err);
bool load_elf_plain(LoadCtx *ctx, GError **err);
bool load_flat(LoadCtx *ctx, GError **err);

#endif
