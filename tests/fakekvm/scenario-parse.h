/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of the scenario reader among themselves. */
#ifndef FAKEKVM_SCENARIO_PARSE_H
#define FAKEKVM_SCENARIO_PARSE_H

#include "scenario.h"
#include "words.h"

void fake_scenario_line(Line *line);
void fake_config_cpuid(const Line *line, const struct kvm_cpuid_entry2 *entry);
void fake_read_fault(Line *line);

void fake_script_begin(Line *line);
bool fake_script_open(void);
void fake_script_line(Line *line);
void fake_script_finish(const Line *line);
FakeItem *fake_script_item(const Line *line, FakeOp op);

/* scenario-exit.c: the exits by name; false if @name is none. */
bool fake_read_exit(Line *line, const char *name);

#endif
