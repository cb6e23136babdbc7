/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal (launcher): guest memory as a CPU sees it. */
#ifndef SYSTEM_VIRTUAL_H
#define SYSTEM_VIRTUAL_H

#include "hw/cpu.h"

/* Begin with { .ms = …, .cpu = … }; one for each thing that is read, page tables change. */
typedef struct VirtualReader {
    MachineState *ms;
    CPUState *cpu;          /* NULL: addresses are physical */
    bool known, mapped;     /* the page that was looked up last */
    uint64_t page, frame;
} VirtualReader;

/** virtual_read: @len bytes at @addr. FALSE when a page is not mapped or a byte is nobody's. */
bool virtual_read(VirtualReader *r, uint64_t addr, void *buf, size_t len);

#endif
