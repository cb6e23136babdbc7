/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: what a boot loader leaves in guest memory and registers: start-up CPU state, GDT,
 * identity page tables, the Linux zero page and setup_data, the PVH start info, the multiboot
 * information. Everything here turns plain structs into bytes; nothing here knows a machine.
 */
#ifndef HW_I386_BOOT_H
#define HW_I386_BOOT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "hw/i386/e820.h"

typedef enum BootMode {
    BOOT_MODE_16 = 16, /* real mode: cs, ds (= es = ss), rip and rsp are 16-bit */
    BOOT_MODE_32 = 32, /* protected mode, flat 4 GiB segments, paging off */
    BOOT_MODE_64 = 64, /* long mode, page tables at cr3 */
} BootMode;

/* The GDT that boot_gdt_build() writes: selectors of the Linux boot protocol. */
#define BOOT_SEL_CODE 0x10
#define BOOT_SEL_DATA 0x18
#define BOOT_SEL_TSS  0x20

/* State of the boot CPU at the first instruction. Interrupts are off, other registers are 0. */
typedef struct BootEntry {
    BootMode mode;
    uint64_t rip, rsp;
    uint64_t rax, rbx, rsi;
    uint16_t cs, ds;     /* real mode: paragraph numbers; else the selectors above */
    uint64_t gdt_base;   /* modes 32 and 64; 0 with gdt_limit 0 = no table in memory */
    uint16_t gdt_limit;  /* bytes - 1 */
    uint64_t cr3;        /* mode 64: page tables of boot_page_tables_build(), else 0 */
} BootEntry;

/** boot_gdt_build: null, unused, code (32- or 64-bit by @mode), data and a TSS descriptor. */
GByteArray *boot_gdt_build(BootMode mode);

#define BOOT_PAGE_TABLES_MAX_GIB 512
/** boot_page_tables_size: bytes that boot_page_tables_build() needs for @gib (1..512). */
uint32_t boot_page_tables_size(unsigned gib);
/**
 * boot_page_tables_build: long-mode tables of 2 MiB pages that map the first @gib GiB one to one.
 * @base: guest-physical address where the caller puts them, page-aligned; the value of CR3.
 */
GByteArray *boot_page_tables_build(uint64_t base, unsigned gib);

/* Of the zero page (Linux Documentation/arch/x86/boot.rst). */
#define BOOT_PARAMS_SIZE   4096
#define BOOT_PARAMS_HDR    0x1f1
#define SETUP_DATA_E820EXT 1
#define SETUP_DATA_RNG     9
#define E820_ZERO_PAGE_MAX 128

typedef struct LinuxBootInfo {
    const uint8_t *header;   /* the setup header from 0x1f1 on, or NULL for a bare vmlinux */
    size_t header_len;
    const E820Map *e820;     /* entries past 128 belong into a setup_data of type 1 */
    uint64_t rsdp;           /* 0 = none */
    uint64_t cmdline_gpa;
    uint32_t cmdline_len;    /* without the final NUL */
    uint64_t initrd_gpa, initrd_len;
    uint64_t setup_data;     /* address of the first node, 0 = none */
    uint32_t code32_start;
    uint32_t kernel_alignment; /* bare vmlinux only */
} LinuxBootInfo;

/** boot_params_build: the 4096-byte zero page. */
GByteArray *boot_params_build(const LinuxBootInfo *info);

/** boot_setup_data_build: one setup_data node; @next is the address of the node after it or 0. */
GByteArray *boot_setup_data_build(uint64_t next, uint32_t type, const void *data, uint32_t len);

/** boot_setup_data_e820: the map's entries from the 129th on as a node; NULL if there are none. */
GByteArray *boot_setup_data_e820(uint64_t next, const E820Map *map);

typedef struct BootModule {
    uint64_t gpa, size;
    uint64_t cmdline_gpa; /* 0 = none */
} BootModule;

typedef struct PvhStartInfo {
    const E820Map *e820;
    uint64_t cmdline_gpa;
    uint64_t rsdp;
    const BootModule *modules;
    unsigned n_modules;
} PvhStartInfo;

/** boot_pvh_size: bytes of start info, module list and memory map together. */
uint32_t boot_pvh_size(const PvhStartInfo *info);
/** boot_pvh_build: hvm_start_info version 1, the lists behind it; @base is where it will lie. */
GByteArray *boot_pvh_build(const PvhStartInfo *info, uint64_t base);

typedef struct MultibootInfo {
    const E820Map *e820;
    uint64_t cmdline_gpa;
    uint64_t loader_name_gpa;
    const BootModule *modules;
    unsigned n_modules;
} MultibootInfo;

uint32_t boot_multiboot_size(const MultibootInfo *info);
/** boot_multiboot_build: information structure, module list and memory map; all below 4 GiB. */
GByteArray *boot_multiboot_build(const MultibootInfo *info, uint32_t base);

#endif
