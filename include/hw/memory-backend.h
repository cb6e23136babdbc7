/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: memory backends: objects of the user that bring host memory for guest RAM.
 */
#ifndef HW_MEMORY_BACKEND_H
#define HW_MEMORY_BACKEND_H

#include "hw/object.h"

G_BEGIN_DECLS

typedef struct MemoryBackend {
    HwObject obj;
    uint64_t size;  /* bytes; property "size" */
    uint8_t *host;  /* page-aligned, set by the type's complete(); owned by the object */
    bool in_use;    /* a machine or a NUMA node has it */
} MemoryBackend;

extern ACCEL_API const HwType hw_type_memory_backend; /* abstract "memory-backend" */

G_END_DECLS

#endif
