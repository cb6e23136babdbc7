/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: the Intel MultiProcessor Specification 1.4 table, for guests without ACPI.
 */
#ifndef HW_I386_MPTABLE_H
#define HW_I386_MPTABLE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* An ISA interrupt that reaches the IOAPIC elsewhere or otherwise than the ISA default. */
typedef struct IrqOverride {
    uint8_t irq;      /* ISA line */
    uint32_t gsi;     /* global system interrupt */
    bool level;       /* else edge */
    bool active_low;  /* else active high */
} IrqOverride;

typedef struct MpTableConfig {
    const uint32_t *apic_ids; /* the first is the boot CPU; ids above 254 are left out */
    unsigned n_cpus;
    uint32_t cpu_signature;   /* CPUID.1 EAX; 0 = 0x600 */
    uint32_t feature_flags;   /* CPUID.1 EDX; 0 = FPU | APIC */
    uint8_t ioapic_id;
    uint32_t ioapic_gpa;      /* 0 = 0xfec00000 */
    uint32_t lapic_gpa;       /* 0 = 0xfee00000 */
    const IrqOverride *overrides;
    unsigned n_overrides;
    const char *oem_id;       /* up to 8 characters; NULL = "ACCELVM" */
    const char *product_id;   /* up to 12 characters; NULL = "MACHINE" */
} MpTableConfig;

#define MP_FLOATING_SIZE 16

/**
 * mptable_build: the floating pointer (16 bytes) with the configuration table right behind it.
 * @gpa: where the caller puts it: 16-byte aligned, in 0xf0000..0xfffff or the last KiB below
 * 640 KiB. NULL with HW_IMAGE_ERROR_NO_ROOM if no CPU is left or @gpa is not usable.
 */
GByteArray *mptable_build(const MpTableConfig *config, uint32_t gpa, GError **err);

#endif
