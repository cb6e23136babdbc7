/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: what the x86 boards (microvm, isapc, pc-lite) have in common.
 *
 * A board's init is a list of these calls in this order: x86_board_firmware(), x86_board_ram(),
 * x86_intc_create_config(), its devices, hw_machine_create_cpus(). Its ready is x86_board_ready(),
 * its reset x86_board_reset().
 */
#ifndef HW_I386_X86_BOARD_H
#define HW_I386_X86_BOARD_H

#include "hw/boot-config.h"
#include "hw/fw_cfg.h"
#include "hw/i386/acpi.h"
#include "hw/i386/loader.h"
#include "hw/i386/smbios.h"
#include "hw/intc.h"
#include "hw/machine.h"

#define X86_ISA_BIOS_MAX (256u << 10) /* SeaBIOS may be that large and wants all of it there */
#define X86_FIRMWARE_MAX (16u << 20)
#define X86_LOW_RAM_MAX 0xc0000000ULL /* RAM below 4 GiB ends here at the latest */

typedef enum OnOffAuto { ONOFFAUTO_AUTO, ONOFFAUTO_ON, ONOFFAUTO_OFF } OnOffAuto;
extern const char *const x86_on_off_auto[];

#define X86_ON_OFF_AUTO(text, field, what)                                               \
    { .name = text, .type = ACCEL_PROP_ENUM, .offset = offsetof(X86Machine, field),      \
      .defval = "auto", .help = what, .values = x86_on_off_auto, .type_name = "OnOffAuto" }

typedef struct X86Boot X86Boot; /* pc-kernel.c: an image that is started directly */

typedef struct X86Machine {
    MachineState ms;
    /* properties */
    int acpi, pic, pit, rtc, pcie, ioapic2;  /* OnOffAuto */
    bool isa_serial, option_roms, auto_cmdline, i8042;
    uint64_t max_ram_below_4g, max_fw_size;
    int smbios_entry;                        /* 0: 2.1, 1: 3.0 */
    /* layout */
    uint64_t below_4g, above_4g;
    uint8_t *low_ram;        /* host address of guest-physical 0 */
    uint8_t *rom;            /* firmware, rom_size bytes ending at 4 GiB; NULL: none */
    uint64_t rom_size;
    /* devices that others need */
    DeviceState *power;      /* acpi-pm or acpi-ged; NULL: no ACPI */
    DeviceState *cpuhp;      /* acpi-cpu-hotplug; NULL: none */
    DeviceState *rtc_dev;
    bool has_i8042, has_pit, has_pic;
    X86Boot *boot;           /* NULL: the guest starts in firmware */
} X86Machine;

extern const HwType hw_type_x86_machine;

static inline bool x86_board_has_acpi(const X86Machine *x)
{
    return x->acpi != ONOFFAUTO_OFF && (x->ms.boot == NULL || x->ms.boot->acpi);
}

/* Bytes that firmware may have in all. */
static inline uint64_t x86_board_firmware_max(const X86Machine *x)
{
    return x->max_fw_size != 0 ? x->max_fw_size : X86_FIRMWARE_MAX;
}

/**
 * x86_board_check_fw_max: the check of the property max-fw-size: IOAPIC and LAPIC end 16 MiB
 * below 4 GiB. Source: QEMU, whose text (with its misspellings) it is. Errors: ACCEL_ERROR_LIMIT.
 */
gboolean x86_board_check_fw_max(void *obj, const AccelProp *prop, GError **errp);

/** x86_board_no_guest: no guest code ever runs here (qtest): nothing is loaded by default. */
bool x86_board_no_guest(const X86Machine *x);

/* ---- pc-common.c ---- */

/** x86_board_ram: RAM, split at the hole below 4 GiB. */
gboolean x86_board_ram(X86Machine *x, GError **errp);
/** x86_board_intc: the interrupt controllers; fills has_pic and has_pit. */
gboolean x86_board_intc(X86Machine *x, const X86IntcConfig *config, GError **errp);
/* Call-backs that all boards share. */
IrqLine *x86_board_isa_irq(MachineState *ms, unsigned irq);
gboolean x86_board_cpu_plug(MachineState *ms, CPUState *cpu, GError **errp);
void x86_board_cpu_unplug(MachineState *ms, CPUState *cpu);
void x86_board_powerdown(MachineState *ms);
gboolean x86_board_ready(MachineState *ms, GError **errp);
void x86_board_reset(MachineState *ms);
void x86_board_finalize(MachineState *ms);

/* ---- pc-devices.c ---- */

DeviceState *x86_board_device(MachineState *ms, const char *type, const char *name,
                              const char *const *props, GError **errp);
/** x86_board_serials: an isa-serial for each of the first @max serial chardevs. */
gboolean x86_board_serials(X86Machine *x, guint max, GError **errp);
/** x86_board_pc_parts: fw_cfg, RTC with CMOS contents, i8042, port 92: what isapc and pc-lite have. */
gboolean x86_board_pc_parts(X86Machine *x, GError **errp);
/** x86_board_acpi_fixed, x86_board_acpi_reduced: power management of pc-lite and of microvm. */
gboolean x86_board_acpi_fixed(X86Machine *x, GError **errp);
gboolean x86_board_acpi_reduced(X86Machine *x, GError **errp);

/* ---- pc-firmware.c ---- */

/**
 * x86_board_firmware: load ms->firmware to the top of 4 GiB and to below 1 MiB. Where none is named
 * and no kernel is started directly: @fallback from the usual folders.
 */
gboolean x86_board_firmware(X86Machine *x, const char *fallback, GError **errp);
/** x86_board_has_flash: some chip was asked for. x86_board_flash: make them. */
bool x86_board_has_flash(const X86Machine *x);
gboolean x86_board_flash(X86Machine *x, GError **errp);
/**
 * x86_board_find_file: where a firmware file is. A name with a folder, or a file that is there, stands
 * for itself. Returns: (transfer full), @name when it is nowhere.
 */
char *x86_board_find_file(const char *name);
/** x86_board_reset_firmware: renew the copy of the firmware in RAM. */
void x86_board_reset_firmware(X86Machine *x);

/* ---- pc-numa.c ---- */

typedef struct X86Numa X86Numa;
/** x86_board_numa: the NUMA nodes for the ACPI builders; NULL: there are none. */
X86Numa *x86_board_numa(X86Machine *x);
const AcpiNuma *x86_numa_acpi(const X86Numa *numa);
void x86_numa_free(X86Numa *numa);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(X86Numa, x86_numa_free)

/* ---- pc-tables.c ---- */

/** x86_board_acpi_tables: (transfer full) NULL with an error; only with x86_board_has_acpi(). */
AcpiTables *x86_board_acpi_tables(X86Machine *x, GError **errp);
/** x86_board_e820: (transfer full). @direct: no firmware will carve out the BIOS area. */
E820Map *x86_board_e820(X86Machine *x, bool direct, GError **errp);
gboolean x86_board_smbios(X86Machine *x, SmbiosTables *out, GError **errp);
/** x86_board_fw_cfg_tables: e820, ACPI, SMBIOS as fw_cfg items for firmware. */
gboolean x86_board_fw_cfg_tables(X86Machine *x, GError **errp);

/* ---- pc-kernel.c, pc-entry.c ---- */

/** x86_boot_load: -kernel without firmware: tables and image into RAM, x->boot says the rest. */
gboolean x86_boot_load(X86Machine *x, GError **errp);
/** x86_boot_reset: the image into RAM again (not the first time) and the boot CPU to its entry. */
gboolean x86_boot_reset(X86Machine *x, GError **errp);
void x86_boot_free(X86Boot *boot);
/** x86_boot_regs: what @entry means in registers. */
void x86_boot_regs(AccelX86Regs *regs, const BootEntry *entry);
/** x86_boot_enter: registers of the boot CPU as @entry says; @x2apic: its local APIC in that mode. */
gboolean x86_boot_enter(AccelCPU *cpu, const BootEntry *entry, bool x2apic, GError **errp);
/** x86_boot_fw_cfg: -kernel with firmware: the parts of the kernel as fw_cfg items. */
gboolean x86_boot_fw_cfg(X86Machine *x, GError **errp);

#endif
