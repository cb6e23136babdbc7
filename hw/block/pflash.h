/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: parallel flash ("cfi.pflash01") and the file behind it.
 *
 * flash-image.c is the file, pflash-cfi.c what the chip says about itself, pflash-command.c its
 * commands, pflash.c the device on the bus.
 */
#ifndef HW_BLOCK_PFLASH_H
#define HW_BLOCK_PFLASH_H

#include "hw/boot-config.h"
#include "hw/machine.h"

#define PFLASH_BLOCK 4096u      /* what one erase command erases */
#define PFLASH_BUFFER 256u      /* what one buffered write can hold, aligned to that */
#define PFLASH_CFI_SIZE 0x40

typedef struct FlashImage {
    char *file;     /* for messages */
    int fd;
    bool own_fd;
    bool readonly;   /* the chip refuses to program and to erase */
    bool write_back; /* what is programmed goes into the file */
    bool shared;     /* somebody else has it, and one of us writes to it */
    uint64_t size;
} FlashImage;

/**
 * flash_image_open: open what @flash names. @chip: "pflash0", for messages. *@image is
 * zeroed; on failure nothing is left open. O_APPEND is taken off a descriptor to be written to.
 * Errors: what open says; ACCEL_ERROR_INVALID for a size that is not a multiple of PFLASH_BLOCK.
 */
gboolean flash_image_open(FlashImage *image, const BootFlash *flash, const char *chip,
                          GError **errp);
/** flash_image_read: all of it to @to, then nothing but writing needs the file. */
gboolean flash_image_read(FlashImage *image, uint8_t *to, GError **errp);
/**
 * flash_image_write: write back. Returns: 0; or errno, and some of it may be in the file. Without a
 * file to write to: 0.
 */
int flash_image_write(FlashImage *image, uint64_t offset, const uint8_t *data, size_t len);
void flash_image_close(FlashImage *image);

/* What a read shows. */
typedef enum PflashMode { PFLASH_ARRAY, PFLASH_STATUS, PFLASH_ID, PFLASH_QUERY } PflashMode;
/* What the next write is taken for. */
typedef enum PflashStep {
    PFLASH_COMMAND,
    PFLASH_PROGRAM,
    PFLASH_ERASE,
    PFLASH_LOCK,
    PFLASH_COUNT,
    PFLASH_DATA,
    PFLASH_CONFIRM,
} PflashStep;

typedef struct Pflash {
    DeviceState dev;
    IoRegion io;
    FlashImage image;
    uint8_t *host;            /* image.size bytes, the array */
    uint64_t base;            /* guest-physical */
    /* properties, for introspection */
    char *drive;
    uint64_t block_size;
    uint32_t n_blocks;
    uint8_t width;

    uint8_t cfi[PFLASH_CFI_SIZE];
    uint8_t *locked;          /* one per block; until the next reset */
    PflashMode mode;
    PflashStep step;
    uint8_t status;
    /* buffered write */
    uint8_t buffer[PFLASH_BUFFER];
    bool filled[PFLASH_BUFFER];
    uint32_t left;            /* bytes to come */
    uint64_t buffer_base;
    bool buffer_begun, buffer_crossed;
    bool write_failed;        /* said so already */
} Pflash;

extern const DeviceClass pflash_class;

/**
 * pflash_create: a chip of *@image (taken, also on failure) at @base.
 * @name: "system.flash0". Returns: borrowed; NULL with an error.
 */
Pflash *pflash_create(MachineState *ms, const char *name, uint64_t base, FlashImage *image,
                      GError **errp);

/** pflash_cfi_fill: the query table of a chip of that size. Source: JESD68.01, AP-646. */
void pflash_cfi_fill(uint8_t cfi[PFLASH_CFI_SIZE], uint64_t size);

/** pflash_command: the guest wrote @size bytes @value at @offset. */
void pflash_command(Pflash *s, uint64_t offset, uint64_t value, unsigned size);
/** pflash_idle: array mode, nothing begun, ready: after power-on and after a reset. */
void pflash_idle(Pflash *s);

#endif
