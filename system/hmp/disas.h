/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal (human monitor): the disassembler. */
#ifndef SYSTEM_HMP_DISAS_H
#define SYSTEM_HMP_DISAS_H

#include "system/hmp.h"
#include "system/virtual.h"

/**
 * hmp_disas: print @count instructions (at least one) at @addr of what @reader reads, in the mode
 * that the monitor's CPU is in. Says why it cannot.
 */
void hmp_disas(Monitor *mon, VirtualReader *reader, uint64_t addr, int count);

#endif
