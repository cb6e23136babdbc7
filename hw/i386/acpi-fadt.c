/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * FADT revision 6 (ACPI 6.3 section 5.2.9) and FACS. Two kinds: fixed hardware (PM1 blocks, PM
 * timer, GPE 0, fixed power button) and hardware-reduced (sleep registers in memory, no SCI). The
 * FACS is pointed to by the 32-bit field alone: with both fields set Linux loads it twice.
 */
#include "hw/i386/acpi-internal.h"

enum {
    F_FACS = 36, F_DSDT = 40, F_SCI = 46, F_SMI_CMD = 48, F_ACPI_ENABLE = 52,
    F_ACPI_DISABLE = 53, F_PM1A_EVT = 56, F_PM1A_CNT = 64, F_PM_TMR = 76, F_GPE0 = 80,
    F_PM1_EVT_LEN = 88, F_PM1_CNT_LEN = 89, F_PM_TMR_LEN = 91, F_GPE0_LEN = 92,
    F_C2_LATENCY = 96, F_C3_LATENCY = 98, F_CENTURY = 108, F_BOOT_ARCH = 109, F_FLAGS = 112,
    F_RESET_REG = 116, F_RESET_VALUE = 128, F_MINOR = 131, F_X_DSDT = 140, F_X_PM1A_EVT = 148,
    F_X_PM1A_CNT = 172, F_X_PM_TMR = 208, F_X_GPE0 = 220, F_SLEEP_CTL = 244, F_SLEEP_STS = 256,
    F_LENGTH = 276,
};

enum {
    FLAG_WBINVD = 1 << 0, FLAG_PROC_C1 = 1 << 2, FLAG_PWR_BUTTON = 1 << 4,
    FLAG_SLP_BUTTON = 1 << 5, FLAG_RTC_S4 = 1 << 7, FLAG_RESET_REG = 1 << 10,
    FLAG_PLATFORM_CLOCK = 1 << 15, FLAG_HW_REDUCED = 1 << 20,
};

enum {
    ARCH_LEGACY = 1 << 0, ARCH_8042 = 1 << 1, ARCH_NO_VGA = 1 << 2, ARCH_NO_RTC = 1 << 5,
};

/* Generic address structure: space, width in bits, offset, access size, address. */
static void put_gas(uint8_t *p, uint8_t space, unsigned bytes, uint64_t addr)
{
    p[0] = space;
    p[1] = bytes * 8;
    p[2] = 0;
    p[3] = bytes == 1 ? 1 : bytes == 2 ? 2 : 3;
    put_le64(p + 4, addr);
}

/* A fixed register block: 32-bit field, length and the generic address that repeats them. */
static void put_block(uint8_t *t, unsigned field, unsigned len_field, unsigned x_field,
                      uint16_t port, uint8_t len)
{
    put_le32(t + field, port);
    t[len_field] = len;
    put_gas(t + x_field, AML_SYSTEM_IO, len, port);
}

static void fill_fixed(uint8_t *t, const AcpiConfig *c)
{
    const AcpiFixedHw *f = &c->fixed;

    put_le16(t + F_SCI, f->sci_irq);
    put_le32(t + F_SMI_CMD, f->smi_port);
    t[F_ACPI_ENABLE] = f->smi_port ? f->acpi_enable : 0;
    t[F_ACPI_DISABLE] = f->smi_port ? f->acpi_disable : 0;
    put_block(t, F_PM1A_EVT, F_PM1_EVT_LEN, F_X_PM1A_EVT, f->pm1_evt_port, ACPI_PM1_EVT_LEN);
    t[F_X_PM1A_EVT + 3] = 2; /* two registers of a word each */
    put_block(t, F_PM1A_CNT, F_PM1_CNT_LEN, F_X_PM1A_CNT, f->pm1_cnt_port, ACPI_PM1_CNT_LEN);
    put_block(t, F_PM_TMR, F_PM_TMR_LEN, F_X_PM_TMR, f->pm_timer_port, ACPI_PM_TIMER_LEN);
    if (f->gpe0_port) {
        put_block(t, F_GPE0, F_GPE0_LEN, F_X_GPE0, f->gpe0_port, f->gpe0_len);
        t[F_X_GPE0 + 3] = 1; /* GPE registers are read by bytes */
    }
    put_le16(t + F_C2_LATENCY, 0xfff); /* more than 100 us: no C2 */
    put_le16(t + F_C3_LATENCY, 0xfff);
    if (c->reset_port) {
        put_gas(t + F_RESET_REG, AML_SYSTEM_IO, 1, c->reset_port);
        t[F_RESET_VALUE] = c->reset_value;
    }
}

static void fill_reduced(uint8_t *t, const AcpiConfig *c)
{
    uint64_t base = c->ged.sleep_gpa;

    if (base) {
        put_gas(t + F_SLEEP_CTL, AML_SYSTEM_MEMORY, 1, base + ACPI_GED_SLEEP_CTL);
        put_gas(t + F_SLEEP_STS, AML_SYSTEM_MEMORY, 1, base + ACPI_GED_SLEEP_STS);
        put_gas(t + F_RESET_REG, AML_SYSTEM_MEMORY, 1, base + ACPI_GED_RESET);
        t[F_RESET_VALUE] = c->ged.reset_value;
    }
}

static uint32_t fadt_flags(const AcpiConfig *c)
{
    uint32_t flags = FLAG_WBINVD | FLAG_PROC_C1;

    if (c->hw_reduced) {
        return flags | FLAG_HW_REDUCED | FLAG_PWR_BUTTON | FLAG_SLP_BUTTON |
               (c->ged.sleep_gpa ? FLAG_RESET_REG : 0);
    }
    return flags | FLAG_SLP_BUTTON | FLAG_RTC_S4 | FLAG_PLATFORM_CLOCK |
           (c->reset_port ? FLAG_RESET_REG : 0);
}

static uint16_t boot_arch(const AcpiConfig *c)
{
    return ARCH_NO_VGA | (c->hw_reduced ? 0 : ARCH_LEGACY) | (c->i8042 ? ARCH_8042 : 0) |
           (c->rtc ? 0 : ARCH_NO_RTC);
}

unsigned acpi_build_fadt(AcpiBuild *b, unsigned dsdt, unsigned facs)
{
    const AcpiConfig *c = b->config;
    unsigned table = acpi_table_begin(b, "FACP", 6);
    uint8_t *t;

    g_byte_array_set_size(b->out->blob, table + F_LENGTH);
    t = b->out->blob->data + table;
    memset(t + F_FACS, 0, F_LENGTH - F_FACS);
    t[F_CENTURY] = c->rtc ? 0x32 : 0;
    t[F_MINOR] = 3;
    put_le16(t + F_BOOT_ARCH, boot_arch(c));
    put_le32(t + F_FLAGS, fadt_flags(c));
    if (c->hw_reduced) {
        fill_reduced(t, c);
    } else {
        fill_fixed(t, c);
        acpi_set_pointer(b, table + F_FACS, facs, 4);
    }
    acpi_set_pointer(b, table + F_DSDT, dsdt, 4);
    acpi_set_pointer(b, table + F_X_DSDT, dsdt, 8);
    acpi_table_end(b, table);
    return table;
}

/* No header of the usual form and no checksum; 64 bytes on a 64-byte boundary. */
unsigned acpi_build_facs(AcpiBuild *b)
{
    GByteArray *a = b->out->blob;
    AcpiTable t = { .signature = "FACS", .offset = bytes_align(a, ACPI_TABLES_ALIGN) };

    t.length = 64;
    g_byte_array_set_size(a, t.offset + t.length);
    memset(a->data + t.offset, 0, t.length);
    memcpy(a->data + t.offset, "FACS", 4);
    put_le32(a->data + t.offset + 4, t.length);
    a->data[t.offset + 32] = 2; /* version */
    g_array_append_val(b->out->tables, t);
    return t.offset;
}
