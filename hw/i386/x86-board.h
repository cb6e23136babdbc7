/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: what the x86 boards (microvm, isapc, pc-lite) have in common.
 */
#ifndef HW_I386_X86_BOARD_H
#define HW_I386_X86_BOARD_H

#include "hw/machine.h"

#define X86_FIRMWARE_MAX (16u << 20)
#define X86_FIRMWARE_UNIT (64u << 10)
#define X86_ISA_BIOS_MAX (128u << 10)
#define X86_LOW_RAM_MAX 0xc0000000ULL /* RAM below 4 GiB ends here at the latest */

typedef enum OnOffAuto { ONOFFAUTO_AUTO, ONOFFAUTO_ON, ONOFFAUTO_OFF } OnOffAuto;
extern const char *const x86_on_off_auto[];

typedef struct X86Machine {
    MachineState ms;
    /* properties */
    int acpi, pic, pit, rtc; /* OnOffAuto */
    bool isa_serial, option_roms, auto_cmdline;
    uint64_t max_ram_below_4g;
    /* layout */
    uint64_t below_4g, above_4g;
    uint8_t *low_ram;        /* host address of guest-physical 0 */
    uint8_t *rom;            /* firmware, rom_size bytes ending at 4 GiB; NULL: none */
    uint64_t rom_size;
    bool rom_in_ram;         /* below 1 MiB the firmware is a copy in RAM, renewed at reset */
} X86Machine;

extern const HwType hw_type_x86_machine;

/** x86_board_ram: allocate RAM, split at the hole below 4 GiB; leave out [hole, hole_end) if any. */
gboolean x86_board_ram(X86Machine *x, GError **errp);
/**
 * x86_board_firmware: load ms->firmware, or @fallback from the usual folders, to the top of 4 GiB and
 * to below 1 MiB. Before x86_board_ram(): a read-only mirror has to be left out of RAM.
 */
gboolean x86_board_firmware(X86Machine *x, const char *fallback, bool writable_mirror,
                            GError **errp);
/** x86_board_reset_firmware: renew the copy of the firmware in RAM. */
void x86_board_reset_firmware(X86Machine *x);

/** x86_board_device: a device by type name with properties; an error when there is no such type. */
DeviceState *x86_board_device(MachineState *ms, const char *type, const char *name,
                              const char *const *props, GError **errp);

#endif
