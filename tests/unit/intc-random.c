/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every register of every device of the set, read and written at random in all widths, lines driven
 * and time moved in between. Nothing is expected but that it ends: for the sanitizers.
 */
#include "hw/acpi-devices.h"
#include "intc-board.h"

#define ROUNDS 300000

static const uint16_t ports[] = { 0x20, 0xa0, 0x4d0, 0x40, 0x61, 0x600, 0xafe0, 0xaf00, 0xcf8 };
static const uint64_t pages[] = { X86_IOAPIC_GPA, X86_LAPIC_GPA, X86_LAPIC_GPA + 0x300,
                                  ACPI_GED_EVENT_GPA, ACPI_GED_SLEEP_GPA };

static uint32_t value(GRand *r)
{
    uint32_t v = g_rand_int(r);

    return v >> (g_rand_int(r) & 31); /* small ones often */
}

static void port_access(Board *b, GRand *r)
{
    uint16_t port = ports[g_rand_int_range(r, 0, G_N_ELEMENTS(ports))] + g_rand_int_range(r, 0, 16);
    unsigned size = 1u << g_rand_int_range(r, 0, 3);

    if (g_rand_boolean(r)) {
        hw_port_write(b->ms, port, value(r), size);
    } else {
        hw_port_read(b->ms, port, size);
    }
}

static void mem_access(Board *b, GRand *r)
{
    uint64_t gpa = pages[g_rand_int_range(r, 0, G_N_ELEMENTS(pages))];
    uint64_t data = value(r);

    gpa += g_rand_boolean(r) ? g_rand_int_range(r, 0, 64) * 16 : g_rand_int_range(r, 0, 0x1004);
    if (g_rand_boolean(r)) {
        hw_mem_write(b->ms, gpa, &data, 1 << g_rand_int_range(r, 0, 4));
    } else {
        hw_mem_read(b->ms, gpa, &data, 1 << g_rand_int_range(r, 0, 4));
    }
}

static void other(Board *b, GRand *r)
{
    CPUState *cpu = hw_machine_cpu(b->ms, g_rand_int_range(r, 0, 4));
    uint64_t v;

    switch (g_rand_int_range(r, 0, 5)) {
    case 0:
        warp(b, hw_clock_ns(b->ms, HW_CLOCK_VIRTUAL) + g_rand_int_range(r, 0, 20000));
        break;
    case 1:
        irq(b, g_rand_int_range(r, 0, X86_NUM_GSI), g_rand_boolean(r));
        break;
    case 2:
        b->ms->intc.ack(b->ms->intc.ack_opaque, cpu);
        break;
    case 3:
        apic_msr_write(cpu, 0x800 + g_rand_int_range(r, 0, 0x100), value(r));
        apic_msr_read(cpu, 0x800 + g_rand_int_range(r, 0, 0x100), &v);
        break;
    default:
        apic_msr_write(cpu, g_rand_boolean(r) ? 0x1b : 0x6e0, value(r));
        break;
    }
}

static void test_random(gconstpointer seed)
{
    Board *b = board_new(&(X86IntcConfig){ .mode = ACCEL_IRQCHIP_OFF }, true, 4, 4);
    GRand *r = g_rand_new_with_seed(GPOINTER_TO_UINT(seed));
    static const DeviceClass *const more[] = { &acpi_pm_class, &acpi_ged_class,
                                               &acpi_cpuhp_class, &reset_port_class };

    for (guint i = 0; i < G_N_ELEMENTS(more); i++) {
        g_assert_nonnull(hw_device_create(b->ms, more[i], NULL, NULL, NULL));
    }
    for (int i = 0; i < ROUNDS; i++) {
        unsigned what = g_rand_int_range(r, 0, 3);
        (what == 0 ? port_access : what == 1 ? mem_access : other)(b, r);
    }
    g_assert_true(hw_machine_reset(b->ms, "test", NULL));
    g_rand_free(r);
    board_free(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/intc-random/1", GUINT_TO_POINTER(1), test_random);
    g_test_add_data_func("/intc-random/2", GUINT_TO_POINTER(2), test_random);
    g_test_add_data_func("/intc-random/3", GUINT_TO_POINTER(3), test_random);
    return g_test_run();
}
