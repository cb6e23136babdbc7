/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: ACPI tables (specification 6.3). acpi_build() turns an AcpiConfig into one blob of
 * tables plus a list of pointers in it; the blob is then either placed (acpi_place: addresses and
 * checksums filled in, for a start without firmware) or handed to firmware with a linker script
 * (acpi_linker: the fw_cfg files etc/acpi/tables, etc/acpi/rsdp, etc/table-loader).
 * Where registers are is the caller's to say; hw/acpi-regs.h has the numbers for our machines and
 * the meaning of their bits.
 */
#ifndef HW_I386_ACPI_H
#define HW_I386_ACPI_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "hw/acpi-regs.h"
#include "hw/i386/mptable.h"

#define ACPI_MAX_CPUS 288

typedef struct AcpiCpu {
    uint32_t apic_id;
    uint32_t node;  /* proximity domain, used when numa is set */
    bool present;   /* false: may be plugged later */
} AcpiCpu;

typedef struct AcpiIoapic {
    uint8_t id;
    uint32_t gpa;
    uint32_t gsi_base;
} AcpiIoapic;

typedef struct AcpiUart {
    uint16_t port;  /* 8 ports; COM number = position in the list + 1 */
    uint8_t irq;
} AcpiUart;

typedef struct AcpiVirtioMmio {
    uint64_t gpa;
    uint32_t size;
    uint32_t gsi;
} AcpiVirtioMmio;

typedef struct AcpiNumaMemory {
    uint64_t base, size;
    uint32_t node;
    bool hotpluggable;
} AcpiNumaMemory;

/* HMAT: latency (ps) or bandwidth (MB/s) from each initiator node to each target node. */
typedef struct AcpiHmatLb {
    uint8_t hierarchy;   /* 0 memory, 1..3 side cache level */
    uint8_t data_type;   /* 0..2 latency access/read/write, 3..5 bandwidth */
    uint64_t base;       /* entry base unit */
    const uint16_t *entries; /* n_initiators * n_nodes, row = initiator */
} AcpiHmatLb;

typedef struct AcpiHmatCache {
    uint32_t node;
    uint64_t size;       /* bytes */
    uint8_t levels, level; /* total levels 0..3, this level 1..3 */
    uint8_t associativity; /* 0 none, 1 direct, 2 complex */
    uint8_t policy;        /* 0 none, 1 write-back, 2 write-through */
    uint16_t line;         /* bytes */
} AcpiHmatCache;

typedef struct AcpiNuma {
    unsigned n_nodes;
    const AcpiNumaMemory *memory;
    unsigned n_memory;
    const uint8_t *distance;   /* n_nodes * n_nodes, NULL = no SLIT */
    bool hmat;
    const uint32_t *initiators; /* nodes with CPUs */
    unsigned n_initiators;
    const int32_t *initiator_of; /* per node: its nearest initiator, -1 = none; may be NULL */
    const AcpiHmatLb *lb;
    unsigned n_lb;
    const AcpiHmatCache *caches;
    unsigned n_caches;
} AcpiNuma;

/* Fixed hardware (pc-lite); ignored with hw_reduced. */
typedef struct AcpiFixedHw {
    uint16_t sci_irq;      /* 9 */
    uint16_t pm1_evt_port; /* 4 ports: status, enable */
    uint16_t pm1_cnt_port; /* 2 ports */
    uint16_t pm_timer_port; /* 4 ports */
    uint16_t gpe0_port;    /* 0 = no GPE block */
    uint8_t gpe0_len;      /* bytes, even */
    uint16_t smi_port;     /* 0 = always in ACPI mode */
    uint8_t acpi_enable, acpi_disable; /* values for smi_port */
    uint8_t s5_type;       /* SLP_TYP value that powers off */
    uint8_t cpu_hotplug_gpe; /* GPE bit, 2 on QEMU's pc */
} AcpiFixedHw;

/* Generic event device and sleep registers (microvm); ignored without hw_reduced. */
typedef struct AcpiGed {
    uint64_t event_gpa;  /* 4-byte event selector register; 0 = no GED */
    uint32_t gsi;
    uint64_t sleep_gpa;  /* sleep control at +0, sleep status at +1, reset at +2 */
    uint8_t reset_value; /* 0x42 */
    uint8_t s5_type;     /* 5 */
    bool power_button;   /* event bit ACPI_GED_POWER_BUTTON */
} AcpiGed;

typedef struct AcpiConfig {
    const char *oem_id;       /* up to 6 characters; NULL = "ACCLVM" */
    const char *oem_table_id; /* up to 8 characters; NULL = "ACCELVM " */
    bool hw_reduced;
    AcpiFixedHw fixed;
    AcpiGed ged;
    uint16_t reset_port;      /* fixed hardware: reset register in port space; 0 = none */
    uint8_t reset_value;
    const AcpiCpu *cpus;
    unsigned n_cpus;          /* all possible CPUs, 1..ACPI_MAX_CPUS; UID = position */
    uint16_t cpu_hotplug_port; /* 12 ports; 0 = no CPU hotplug */
    const AcpiIoapic *ioapics;
    unsigned n_ioapics;
    const IrqOverride *overrides;
    unsigned n_overrides;
    bool pic;                 /* a pair of 8259s is there */
    const AcpiUart *uarts;
    unsigned n_uarts;
    const AcpiVirtioMmio *virtio;
    unsigned n_virtio;
    bool rtc;                 /* ports 0x70..0x71, irq 8 */
    bool i8042;               /* ports 0x60 and 0x64, irq 1 and 12 */
    uint16_t fw_cfg_port;     /* 12 ports; 0 = none */
    uint16_t pvpanic_port;    /* 0 = none */
    uint16_t isa_debug_exit_port; /* reserved, no device object */
    const AcpiNuma *numa;     /* NULL = none */
} AcpiConfig;

/* One 4- or 8-byte pointer in the blob. */
typedef struct AcpiPointer {
    uint32_t at;     /* offset of the pointer in the blob (or in the RSDP) */
    uint32_t target; /* offset in the blob that it points to */
    uint8_t size;    /* 4 or 8 */
} AcpiPointer;

typedef struct AcpiTable {
    char signature[5];
    uint32_t offset, length; /* in the blob */
} AcpiTable;

typedef struct AcpiTables {
    GByteArray *blob;      /* all tables; pointers hold offsets, checksums 0 */
    GByteArray *rsdp;      /* 36 bytes */
    GArray *tables;        /* AcpiTable, in blob order */
    GArray *pointers;      /* AcpiPointer in blob */
    GArray *rsdp_pointers; /* AcpiPointer in rsdp */
} AcpiTables;

/**
 * acpi_build: every table that @config asks for. Owned by the caller, acpi_tables_free(). NULL
 * with HW_IMAGE_ERROR_OPTION where the configuration contradicts itself.
 */
AcpiTables *acpi_build(const AcpiConfig *config, GError **err);
void acpi_tables_free(AcpiTables *tables);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AcpiTables, acpi_tables_free)

/** acpi_tables_find: the @nth table with this signature, or NULL. */
const AcpiTable *acpi_tables_find(const AcpiTables *tables, const char *signature, unsigned nth);

#define ACPI_RSDP_SIZE  36
#define ACPI_TABLES_ALIGN 64

/**
 * acpi_place: fills addresses and checksums in for a blob at @tables_gpa (64-byte aligned) and an
 * RSDP (in 0xe0000..0xfffff, 16-byte aligned); both must lie below 4 GiB. One time per AcpiTables.
 */
bool acpi_place(AcpiTables *tables, uint64_t rsdp_gpa, uint64_t tables_gpa, GError **err);

#define ACPI_FILE_TABLES "etc/acpi/tables"
#define ACPI_FILE_RSDP   "etc/acpi/rsdp"
#define ACPI_FILE_LOADER "etc/table-loader"

/** acpi_linker: the content of etc/table-loader for tables that were not placed. */
GByteArray *acpi_linker(const AcpiTables *tables);

/** acpi_checksum: the byte that makes the sum of @len bytes zero when put at a zero byte. */
uint8_t acpi_checksum(const uint8_t *data, size_t len);

#endif
