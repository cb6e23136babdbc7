/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A board with nothing on it but interrupt controllers, timers and CPUs, for the tests intc-*. Its
 * clock is manual. With @fake the accelerator has vCPUs and pretends to have a kernel: what it is
 * told ends up in the log, one "word …;" per call.
 */
#ifndef TESTS_UNIT_INTC_BOARD_H
#define TESTS_UNIT_INTC_BOARD_H

#include "hw/intc.h"

typedef struct Board {
    MachineState *ms;
    HwRegistry *reg;
    GString *log;
    DeviceState *hotplug; /* told of new CPUs when set */
} Board;

Board *board_new(const X86IntcConfig *config, bool fake, unsigned cpus, unsigned max_cpus);
Board *board_pc(void); /* everything in user space, one CPU, no accelerator behind it */
void board_free(Board *b);
/** board_log: compare the log with @expected and empty it. */
void board_log(Board *b, const char *expected);

void outb(Board *b, uint16_t port, uint8_t value);
uint8_t inb(Board *b, uint16_t port);
uint32_t readl(Board *b, uint64_t gpa);
void writel(Board *b, uint64_t gpa, uint32_t value);
void irq(Board *b, unsigned gsi, int level);
void warp(Board *b, int64_t ns); /* to this absolute virtual time */

/* LAPIC of the boot CPU by register offset; IOAPIC by index. */
uint32_t lapic(Board *b, uint32_t reg);
void set_lapic(Board *b, uint32_t reg, uint32_t value);
uint32_t ioapic(Board *b, uint8_t index);
void set_ioapic(Board *b, uint8_t index, uint32_t value);

#endif
