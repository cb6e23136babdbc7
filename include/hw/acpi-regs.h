/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: where the power management registers are and what their bits mean. The one place that
 * the devices of hw/acpi/, the boards that wire them and the writers of the ACPI tables agree on.
 * Sources: ACPI specification 6.3 chapters 4.8 (fixed hardware) and 4.8.3.7, 4.8.4 (reduced
 * hardware), QEMU's published description of its CPU hotplug registers.
 */
#ifndef HW_ACPI_REGS_H
#define HW_ACPI_REGS_H

/* ---- interrupts and ISA numbers ---- */
#define ACPI_SCI_IRQ 9 /* fixed hardware: level, active high; GED on microvm: edge, active high */
#define ACPI_GED_IRQ 9

/* ---- fixed hardware (pc-lite): device "acpi-pm" ---- */
#define ACPI_PM_BASE       0x600
#define ACPI_PM1_EVT_PORT  (ACPI_PM_BASE + 0x0) /* status, 2 bytes; enable, 2 bytes */
#define ACPI_PM1_EVT_LEN   4
#define ACPI_PM1_CNT_PORT  (ACPI_PM_BASE + 0x4)
#define ACPI_PM1_CNT_LEN   2
#define ACPI_PM_TIMER_PORT (ACPI_PM_BASE + 0x8)
#define ACPI_PM_TIMER_LEN  4
#define ACPI_PM_TIMER_BITS 24 /* FADT flag TMR_VAL_EXT clear */
#define ACPI_PM_TIMER_HZ   3579545
#define ACPI_GPE0_PORT     0xafe0
#define ACPI_GPE0_LEN      4 /* status, 2 bytes; enable, 2 bytes: GPE 0 to 15 */
#define ACPI_SMI_PORT      0 /* none: SCI_EN is always set, no ACPI_ENABLE handshake */

#define ACPI_PM1_TMR    (1u << 0) /* bits of both PM1 status and PM1 enable */
#define ACPI_PM1_BM     (1u << 4) /* status only */
#define ACPI_PM1_GBL    (1u << 5)
#define ACPI_PM1_PWRBTN (1u << 8)
#define ACPI_PM1_SLPBTN (1u << 9)
#define ACPI_PM1_RTC    (1u << 10)
#define ACPI_PM1_WAK    (1u << 15) /* status only */

#define ACPI_PM1_CNT_SCI_EN        (1u << 0)
#define ACPI_PM1_CNT_SLP_TYP_SHIFT 10
#define ACPI_PM1_CNT_SLP_TYP_MASK  (7u << 10)
#define ACPI_PM1_CNT_SLP_EN        (1u << 13)
#define ACPI_PM_S5_TYPE            0 /* SLP_TYPa in \_S5: soft off */

#define ACPI_GPE_CPU_HOTPLUG 2 /* bit of GPE0: \_GPE._E02 */

/* Reset control register, device "reset-port"; the FADT's reset register in port space. */
#define ACPI_RESET_PORT  0xcf9
#define ACPI_RESET_VALUE 0x06

/* ---- hardware-reduced (microvm): device "acpi-ged" ---- */
#define ACPI_GED_BASE       0xfea00000u
#define ACPI_GED_EVENT_GPA  ACPI_GED_BASE /* 4 bytes: pending events, reading clears */
#define ACPI_GED_EVENT_LEN  4
#define ACPI_GED_SLEEP_GPA  (ACPI_GED_BASE + 0x200) /* control +0, status +1, reset +2 */
#define ACPI_GED_SLEEP_LEN  3
#define ACPI_GED_SLEEP_CTL  0
#define ACPI_GED_SLEEP_STS  1
#define ACPI_GED_RESET      2
#define ACPI_GED_RESET_VALUE 0x42
#define ACPI_GED_S5_TYPE     5

#define ACPI_SLEEP_CTL_SLP_TYP_SHIFT 2
#define ACPI_SLEEP_CTL_SLP_EN        (1u << 5)
#define ACPI_SLEEP_STS_WAK           (1u << 7)

#define ACPI_GED_MEM_HOTPLUG  0x1
#define ACPI_GED_POWER_BUTTON 0x2
#define ACPI_GED_CPU_HOTPLUG  0x8

/* ---- CPU hotplug registers, device "acpi-cpu-hotplug", both kinds of hardware ---- */
#define ACPI_CPUHP_PORT 0xaf00
#define ACPI_CPUHP_LEN  12
#define ACPI_CPUHP_SELECTOR  0 /* write, 4 bytes */
#define ACPI_CPUHP_DATA2     0 /* read, 4 bytes */
#define ACPI_CPUHP_FLAGS     4 /* 1 byte */
#define ACPI_CPUHP_COMMAND   5 /* write, 1 byte */
#define ACPI_CPUHP_DATA      8 /* 4 bytes */

#define ACPI_CPUHP_ENABLED  (1u << 0)
#define ACPI_CPUHP_INSERT   (1u << 1) /* write 1 to clear */
#define ACPI_CPUHP_REMOVE   (1u << 2) /* write 1 to clear */
#define ACPI_CPUHP_EJECT    (1u << 3) /* write only: take it out now */
#define ACPI_CPUHP_FW_EJECT (1u << 4) /* eject was handed to firmware */

#define ACPI_CPUHP_CMD_NEXT_EVENT 0
#define ACPI_CPUHP_CMD_OST_EVENT  1
#define ACPI_CPUHP_CMD_OST_STATUS 2
#define ACPI_CPUHP_CMD_CPU_ID     3

#endif
