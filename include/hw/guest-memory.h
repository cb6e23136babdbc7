/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: guest pointers. A guest-physical address and a length come from the guest and may be
 * anything; these functions turn them into host memory, or refuse. A machine that serves hypercalls
 * copies the argument structure first and looks only at the copy: another vCPU may change the
 * original at any moment.
 */
#ifndef HW_GUEST_MEMORY_H
#define HW_GUEST_MEMORY_H

#include "hw/memory.h"

G_BEGIN_DECLS

/**
 * hw_guest_slice: host address of the guest-physical bytes [@gpa, @gpa + @len).
 * @len: bytes; 0 is refused, there is nothing to point at.
 * @write: the caller is going to write, so ROM does not count.
 * Returns: NULL unless all of it lies in one block of RAM; no sum wraps. Valid until that block is
 * removed. Any thread, no lock, no allocation.
 */
ACCEL_API uint8_t *hw_guest_slice(MachineState *ms, uint64_t gpa, uint64_t len, bool write);

/**
 * hw_guest_copy_in: copy @len bytes of guest RAM at @gpa to @buf.
 * Returns: false, with @buf untouched, unless all of it lies in RAM or ROM.
 */
ACCEL_API bool hw_guest_copy_in(MachineState *ms, uint64_t gpa, void *buf, uint64_t len);

/**
 * hw_guest_copy_out: copy @len bytes at @buf to guest RAM at @gpa.
 * Returns: false, with the guest's memory untouched, unless all of it lies in RAM.
 */
ACCEL_API bool hw_guest_copy_out(MachineState *ms, uint64_t gpa, const void *buf, uint64_t len);

G_END_DECLS

#endif
