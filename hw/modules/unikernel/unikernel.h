/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal to the machine "unikernel". */
#ifndef UNIKERNEL_H
#define UNIKERNEL_H

#include "hw/boot-config.h"
#include "hw/guest-memory.h"
#include "hw/machine.h"
#include "hw/x86-entry.h"
#include "unikernel-abi.h"

#define UK_PAGE 4096ULL

/* Guest-physical layout below the image. Page 0 is never mapped. */
#define UK_GDT_ADDR     0x1000ULL
#define UK_TSS_ADDR     0x1100ULL  /* with the ports that ring 3 may use: those of the calls */
#define UK_BOOT_ADDR    0x2000ULL  /* struct uk_boot, then the command line */
#define UK_BOOT_ROOM    0x2000ULL
#define UK_TABLES_ADDR  0x10000ULL /* page tables: not mapped, the guest cannot see them */
#define UK_TABLES_ROOM  0xf0000ULL
#define UK_IMAGE_MIN    0x100000ULL
#define UK_STACK_MIN    0x10000ULL /* what an image has to leave free at the end of RAM */

#define UK_FILE_MAX (4ULL << 30)   /* more than RAM has: debugging information may be in it */
#define UK_MAX_SEGMENTS 16
#define UK_FRAME_HEADER 14
#define UK_MTU 1500

typedef struct UkSegment {
    uint64_t addr, memsz;   /* virtual is physical */
    uint64_t offset, filesz;
    unsigned prot;          /* X86_MAP_* */
} UkSegment;

/* A checked image: every number in it fits the file and the RAM. */
typedef struct UkImage {
    UkSegment seg[UK_MAX_SEGMENTS]; /* ascending, no two share a byte */
    unsigned n;
    uint64_t entry, end;            /* end: first page behind the last segment */
} UkImage;

typedef struct Unikernel {
    MachineState ms;
    /* properties */
    char *block, *net, *mac_text, *console;
    bool block_read_only;
    int ring;                       /* index into "0", "3" */
    /* image */
    UkImage image;
    uint8_t *file;
    size_t file_len;
    X86Paging *paging;
    /* devices */
    IoRegion port;
    Chardev *chr;
    int block_fd, net_fd;           /* -1: none */
    uint64_t capacity;              /* bytes */
    uint8_t mac[6];
} Unikernel;

/** uk_error: an error of this machine; @errnum 0: no system call. Returns FALSE, for return. */
gboolean uk_error(GError **errp, AccelErrorCode code, const char *call, int errnum,
                  const char *fmt, ...) G_GNUC_PRINTF(5, 6);

/** uk_image_parse: read and check an ELF file for @ram_size bytes of RAM. Touches nothing else. */
gboolean uk_image_parse(UkImage *img, const void *data, size_t len, uint64_t ram_size,
                        GError **errp);
/** uk_place_prepare: page tables for the image. uk_place: all of it into RAM, vCPU to its entry. */
gboolean uk_place_prepare(Unikernel *uk, GError **errp);
void uk_place(Unikernel *uk);
/**
 * uk_slice: @len bytes of guest memory for a call, with the rights that the guest has there itself:
 * what it could not read or write by itself, no call reads or writes for it.
 * Returns: host address; NULL: not in RAM, or not with this right.
 */
uint8_t *uk_slice(Unikernel *uk, uint64_t gpa, uint64_t len, bool write);

gboolean uk_console_open(Unikernel *uk, GError **errp);
gboolean uk_block_open(Unikernel *uk, GError **errp);
gboolean uk_net_open(Unikernel *uk, GError **errp);

/** uk_fatal: the guest did what cannot be answered: say it and end with UK_STATUS_ABORT. */
void uk_fatal(Unikernel *uk, const char *fmt, ...) G_GNUC_PRINTF(2, 3);

/* The calls. @arg: the structure in guest RAM, all of it, writable, any alignment. */
typedef void (*UkCallFn)(Unikernel *uk, uint8_t *arg);
void uk_call_console_write(Unikernel *uk, uint8_t *arg);
void uk_call_clock(Unikernel *uk, uint8_t *arg);
void uk_call_block_info(Unikernel *uk, uint8_t *arg);
void uk_call_block_read(Unikernel *uk, uint8_t *arg);
void uk_call_block_write(Unikernel *uk, uint8_t *arg);
void uk_call_block_flush(Unikernel *uk, uint8_t *arg);
void uk_call_net_info(Unikernel *uk, uint8_t *arg);
void uk_call_net_read(Unikernel *uk, uint8_t *arg);
void uk_call_net_write(Unikernel *uk, uint8_t *arg);
void uk_call_poll(Unikernel *uk, uint8_t *arg);

extern const IoOps uk_port_ops;

#endif
