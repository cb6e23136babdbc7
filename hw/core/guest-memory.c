/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Guest pointers, checked. Theory of operation: the look-up of hw_ram_ptr() compares a length with
 * what is left of a block, so nothing here ever adds two numbers of the guest's.
 */
#include <string.h>
#include "hw/guest-memory.h"

uint8_t *hw_guest_slice(MachineState *ms, uint64_t gpa, uint64_t len, bool write)
{
    return len > 0 ? hw_ram_ptr(ms, gpa, len, write) : NULL;
}

bool hw_guest_copy_in(MachineState *ms, uint64_t gpa, void *buf, uint64_t len)
{
    const uint8_t *p = hw_guest_slice(ms, gpa, len, false);

    if (p != NULL) {
        memcpy(buf, p, len);
    }
    return p != NULL;
}

bool hw_guest_copy_out(MachineState *ms, uint64_t gpa, const void *buf, uint64_t len)
{
    uint8_t *p = hw_guest_slice(ms, gpa, len, true);

    if (p != NULL) {
        memcpy(p, buf, len);
    }
    return p != NULL;
}
