/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the tables of a board lie when no firmware puts them anywhere.
 *
 * Theory of operation: in the BIOS area, with their anchors, since guests look for those there; what has
 * no room goes to the top of the RAM below 4 GiB and into the memory map. That end of RAM is left alone
 * otherwise: its first byte may cost the host a huge page of zeros.
 */
#include "hw/i386/cpu-model.h"
#include "hw/i386/mptable.h"
#include "hw/i386/pc-kernel.h"

#define RSDP_GPA 0xe0000u
#define TABLES_GPA 0xe0040u /* up to the MP table */
#define MPTABLE_GPA 0xf0000u
#define SMBIOS_ANCHOR_GPA 0xf8000u
#define RESET_VECTOR_GPA 0xffff0u
#define LOW_LIMIT (1u << 20)

static void clear_blob(gpointer data)
{
    g_byte_array_unref(((X86Blob *)data)->bytes);
}

static void keep_blob(X86Boot *boot, uint64_t gpa, GByteArray *bytes)
{
    X86Blob blob = { .gpa = gpa, .bytes = g_byte_array_ref(bytes) };

    g_array_append_val(boot->blobs, blob);
}

/* Room for @size bytes: behind what the BIOS area holds, or below what the top of low RAM does. */
static gboolean take_room(X86Machine *x, E820Map *map, uint64_t size, uint64_t *gpa, GError **errp)
{
    X86Boot *boot = x->boot;

    if (boot->top >= LOW_LIMIT && size <= MPTABLE_GPA - boot->low) { /* reserved in @map already */
        *gpa = boot->low;
        boot->low += (size + 0x3f) & ~(uint64_t)0x3f;
        return TRUE;
    }
    if (boot->top < LOW_LIMIT || size > boot->top - LOW_LIMIT) {
        accel_error_set(errp, ACCEL_ERROR_LIMIT, NULL, "guest RAM of %" G_GUINT64_FORMAT
                        " bytes has no room for the firmware tables", x->ms.ram_size);
        return FALSE;
    }
    *gpa = boot->top = (boot->top - size) & ~(uint64_t)0xfff;
    return e820_overlay(map, *gpa, (size + 0xfff) & ~(uint64_t)0xfff, E820_ACPI, errp);
}

static gboolean place_acpi(X86Machine *x, E820Map *map, GError **errp)
{
    g_autoptr(AcpiTables) t = x86_board_acpi_tables(x, errp);
    uint64_t gpa;

    if (t == NULL || !take_room(x, map, t->blob->len, &gpa, errp) ||
        !acpi_place(t, RSDP_GPA, gpa, errp)) {
        return FALSE;
    }
    keep_blob(x->boot, gpa, t->blob);
    keep_blob(x->boot, RSDP_GPA, t->rsdp);
    x->boot->rsdp = RSDP_GPA;
    return TRUE;
}

/* Guests without ACPI find their CPUs and the IOAPIC here. */
static gboolean place_mptable(X86Machine *x, GError **errp)
{
    g_autofree uint32_t *ids = g_new(uint32_t, x->ms.n_possible);
    const IrqOverride pit = { .irq = 0, .gsi = 2 };
    const X86CpuConfig *cpu = x86_machine_cpu_config(&x->ms);
    MpTableConfig config = {
        .apic_ids = ids, .overrides = &pit, .n_overrides = x->has_pit,
        .cpu_signature = x86_cpu_signature(cpu) & 0xfff, /* all that the field has */
        .feature_flags = cpu != NULL ? cpu->f.w[X86_WORD_1_EDX] : 0,
    };
    g_autoptr(GByteArray) bytes = NULL;
    guint i;

    for (i = 0; i < x->ms.n_possible; i++) {
        if (x->ms.possible[i].cpu != NULL) {
            ids[config.n_cpus++] = x->ms.possible[i].apic_id;
        }
    }
    bytes = mptable_build(&config, MPTABLE_GPA, errp);
    if (bytes == NULL) {
        return FALSE;
    }
    keep_blob(x->boot, MPTABLE_GPA, bytes);
    return TRUE;
}

static gboolean place_smbios(X86Machine *x, E820Map *map, GError **errp)
{
    SmbiosTables t = { 0 };
    uint64_t gpa;
    gboolean ok;

    if (!x86_board_smbios(x, &t, errp)) {
        return FALSE;
    }
    ok = take_room(x, map, t.tables->len, &gpa, errp) && smbios_set_address(&t, gpa, errp);
    if (ok) {
        keep_blob(x->boot, gpa, t.tables);
        keep_blob(x->boot, SMBIOS_ANCHOR_GPA, t.anchor);
    }
    smbios_tables_clear(&t);
    return ok;
}

/*
 * What a guest finds that jumps to the reset vector in real mode, as Linux does on reduced-hardware
 * ACPI without EFI: load an empty IDT and do something undefined. The shutdown that follows resets.
 */
static void place_reset_vector(X86Boot *boot)
{
    static const uint8_t code[32] = {
        [16] = 0xb8, 0xf0, 0xff,       /* mov $0xfff0, %ax */
        0x8e, 0xd8,                    /* mov %ax, %ds */
        0x0f, 0x01, 0x1e, 0xe0, 0x00,  /* lidt 0xe0: the zeros in front of this code */
        0x0f, 0x0b,                    /* ud2 */
    };
    g_autoptr(GByteArray) bytes = g_byte_array_append(g_byte_array_new(), code, sizeof(code));

    keep_blob(boot, RESET_VECTOR_GPA - 16, bytes);
}

gboolean x86_boot_place_tables(X86Machine *x, E820Map *map, GError **errp)
{
    bool has_ioapic = x86_intc_ioapic(&x->ms) != NULL ||
                      x86_intc_mode(&x->ms) == ACCEL_IRQCHIP_ON;

    x->boot->blobs = g_array_new(FALSE, FALSE, sizeof(X86Blob));
    g_array_set_clear_func(x->boot->blobs, clear_blob);
    x->boot->low = TABLES_GPA;
    x->boot->top = x->below_4g;
    place_reset_vector(x->boot);
    if (x->power != NULL ? !place_acpi(x, map, errp)
                         : has_ioapic && !place_mptable(x, errp)) {
        return FALSE;
    }
    return x->rtc_dev == NULL || place_smbios(x, map, errp);
}
