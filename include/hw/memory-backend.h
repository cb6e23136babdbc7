/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: memory backends: objects of the user that bring host memory for guest RAM.
 *
 * A backend is made by -object or object-add, maps its memory when it is complete, and is then
 * lent to a machine (-machine memory-backend=ID) or to a NUMA node (-numa node,memdev=ID). Whoever
 * uses it holds a reference, so it cannot be deleted, and its memory goes after the accelerator.
 */
#ifndef HW_MEMORY_BACKEND_H
#define HW_MEMORY_BACKEND_H

#include "hw/object.h"

G_BEGIN_DECLS

struct MachineState;

/* Where the host takes the pages from: numbers of Linux' mbind(). */
typedef enum HostMemPolicy {
    HOST_MEM_POLICY_DEFAULT,
    HOST_MEM_POLICY_PREFERRED,
    HOST_MEM_POLICY_BIND,
    HOST_MEM_POLICY_INTERLEAVE,
} HostMemPolicy;

enum { HOST_MEM_MAX_NODES = 128 };

typedef struct MemoryBackend {
    HwObject obj;
    uint64_t size;      /* bytes; property "size" */
    uint8_t *host;      /* page-aligned; NULL until complete */
    uint64_t mapped;    /* bytes from host on, whole pages; 0: somebody else's mapping */
    bool in_use;        /* a machine or a NUMA node has it */
    bool merge, dump, share, prealloc, reserve, canonical_id;
    uint32_t prealloc_threads;
    int policy;         /* HostMemPolicy */
    char *host_nodes;   /* "0,2-3"; NULL: none */
} MemoryBackend;

extern ACCEL_API const HwType hw_type_memory_backend;       /* abstract "memory-backend" */
extern ACCEL_API const HwType hw_type_memory_backend_ram;   /* anonymous memory */
extern ACCEL_API const HwType hw_type_memory_backend_memfd; /* memory with a descriptor */
extern ACCEL_API const HwType hw_type_memory_backend_file;  /* a file, tmpfs or hugetlbfs */

/** hw_memory_backend_find: the object of the user called @id; NULL when it is no memory backend. */
ACCEL_API MemoryBackend *hw_memory_backend_find(struct MachineState *ms, const char *id);
/**
 * hw_memory_backend_nodes: host nodes of a "0,2-3" list as a bit map, node n being bit n % 64 of
 * word n / 64. Returns: FALSE with QEMU's text when it is no list or a node is too high.
 */
ACCEL_API gboolean hw_memory_backend_nodes(const char *list,
                                           uint64_t nodes[HOST_MEM_MAX_NODES / 64],
                                           GError **errp);

G_END_DECLS

#endif
