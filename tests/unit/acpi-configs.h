/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two machines in full, as the ACPI tests and the iasl test build them. */
#ifndef TESTS_ACPI_CONFIGS_H
#define TESTS_ACPI_CONFIGS_H

#include "hw/i386/acpi.h"

static const AcpiIoapic cfg_ioapic = { .id = 0, .gpa = 0xfec00000 };
static const IrqOverride cfg_overrides[] = {
    { 0, 2, false, false }, { 9, 9, true, false }, { 10, 10, true, true },
};
static const AcpiUart cfg_uarts[] = { { 0x3f8, 4 }, { 0x2f8, 3 } };
static const AcpiVirtioMmio cfg_virtio[] = { { 0xfeb00000, 512, 5 }, { 0xfeb00200, 512, 6 } };
static const AcpiNumaMemory cfg_memory[] = {
    { 0, 0xa0000, 0, false }, { 0x100000, 1 << 30, 0, false }, { 4ULL << 30, 1 << 30, 1, true },
};
static const uint8_t cfg_distance[] = { 10, 21, 21, 10 };
static const uint32_t cfg_initiators[] = { 0, 1 };
static const int32_t cfg_initiator_of[] = { 0, -1 };
static const uint16_t cfg_cells[] = { 5, 10, 10, 5 };
static const AcpiHmatLb cfg_lb[] = { { 0, 0, 1000, cfg_cells }, { 0, 3, 1024, cfg_cells } };
static const AcpiHmatCache cfg_caches[] = { { 0, 1 << 20, 1, 1, 1, 1, 64 } };
static const AcpiNuma cfg_numa = {
    .n_nodes = 2, .memory = cfg_memory, .n_memory = 3, .distance = cfg_distance, .hmat = true,
    .initiators = cfg_initiators, .n_initiators = 2, .initiator_of = cfg_initiator_of,
    .lb = cfg_lb, .n_lb = 2, .caches = cfg_caches, .n_caches = 1,
};

/* APIC ids with gaps, so that id and position differ. */
static inline AcpiCpu *cfg_cpus(unsigned n, unsigned present)
{
    AcpiCpu *cpus = g_new0(AcpiCpu, n);

    for (unsigned i = 0; i < n; i++) {
        cpus[i] = (AcpiCpu){ .apic_id = i + i / 12 * 4, .node = i & 1, .present = i < present };
    }
    return cpus;
}

static inline AcpiConfig cfg_pc(const AcpiCpu *cpus, unsigned n)
{
    return (AcpiConfig){
        .fixed = {
            .sci_irq = ACPI_SCI_IRQ, .pm1_evt_port = ACPI_PM1_EVT_PORT,
            .pm1_cnt_port = ACPI_PM1_CNT_PORT, .pm_timer_port = ACPI_PM_TIMER_PORT,
            .gpe0_port = ACPI_GPE0_PORT, .gpe0_len = ACPI_GPE0_LEN, .s5_type = ACPI_PM_S5_TYPE,
            .cpu_hotplug_gpe = ACPI_GPE_CPU_HOTPLUG,
        },
        .reset_port = ACPI_RESET_PORT, .reset_value = ACPI_RESET_VALUE,
        .cpus = cpus, .n_cpus = n, .cpu_hotplug_port = ACPI_CPUHP_PORT,
        .ioapics = &cfg_ioapic, .n_ioapics = 1, .overrides = cfg_overrides, .n_overrides = 3,
        .pic = true, .uarts = cfg_uarts, .n_uarts = 2, .rtc = true, .i8042 = true,
        .fw_cfg_port = 0x510, .pvpanic_port = 0x505, .numa = &cfg_numa,
    };
}

static inline AcpiConfig cfg_microvm(const AcpiCpu *cpus, unsigned n)
{
    return (AcpiConfig){
        .hw_reduced = true,
        .ged = {
            .event_gpa = ACPI_GED_EVENT_GPA, .gsi = ACPI_GED_IRQ, .sleep_gpa = ACPI_GED_SLEEP_GPA,
            .reset_value = ACPI_GED_RESET_VALUE, .s5_type = ACPI_GED_S5_TYPE, .power_button = true,
        },
        .cpus = cpus, .n_cpus = n, .cpu_hotplug_port = ACPI_CPUHP_PORT,
        .ioapics = &cfg_ioapic, .n_ioapics = 1, .overrides = cfg_overrides, .n_overrides = 1,
        .uarts = cfg_uarts, .n_uarts = 1, .virtio = cfg_virtio, .n_virtio = 2,
    };
}

#endif
