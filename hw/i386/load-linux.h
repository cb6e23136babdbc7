/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The setup header of a bzImage, parsed and checked; shared by the ways to start one. */
#ifndef HW_I386_LOAD_LINUX_H
#define HW_I386_LOAD_LINUX_H

#include "hw/i386/load-internal.h"

#define LINUX_LOADED_HIGH     0x01
#define LINUX_CAN_USE_HEAP    0x80
#define LINUX_XLF_KERNEL_64   0x01
#define LINUX_XLF_ABOVE_4G    0x02
#define LINUX_KERNEL_BASE     0x100000u
#define LINUX_REAL_BASE       0x10000u
#define LINUX_REAL_CMDLINE    0x20000u

/* Fields that the protocol version does not have hold the value that their absence means. */
typedef struct LinuxHeader {
    uint16_t version;
    uint8_t loadflags;
    uint16_t xloadflags;
    uint32_t setup_size;      /* bytes of boot sector and setup code */
    uint32_t header_len;      /* from 0x1f1 on */
    uint64_t kernel_size;     /* bytes behind setup_size */
    uint32_t code32_start;
    uint32_t initrd_addr_max; /* highest usable byte */
    uint32_t cmdline_size;    /* without the final NUL */
    uint32_t alignment;
    uint8_t min_alignment;    /* power of two, 0 = none */
    bool relocatable;
    uint64_t pref_address;    /* 0 = none */
    uint32_t init_size;       /* 0 = unknown */
} LinuxHeader;

bool linux_header_parse(const ImageSource *src, LinuxHeader *h, GError **err);
/* Command line short enough and one initrd at most? */
bool linux_check_params(const LinuxHeader *h, const ImageParams *params, GError **err);
/* Highest address + 1 for an initrd. */
uint64_t linux_initrd_limit(const LinuxHeader *h);
/* A copy of the setup code with the loader's fields filled in, for the real-mode entry. */
GByteArray *linux_setup_build(const ImageSource *src, const LinuxHeader *h, uint32_t cmdline_gpa,
                              uint32_t initrd_gpa, uint32_t initrd_len);

#endif
