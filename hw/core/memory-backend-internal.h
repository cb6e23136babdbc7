/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal: what the memory backends share with each other and with the machine's RAM. */
#ifndef HW_MEMORY_BACKEND_INTERNAL_H
#define HW_MEMORY_BACKEND_INTERNAL_H

#include "hw/machine.h"
#include "hw/memory-backend.h"

typedef struct BackendMap {
    int fd;           /* -1: anonymous */
    bool readonly;
    uint64_t page;    /* page size of what is behind @fd */
    uint64_t align;   /* of the host address; 0: page */
} BackendMap;

/** backend_begin: what every type checks before it maps anything: the size is there. */
gboolean backend_begin(MemoryBackend *b, GError **errp);
/** backend_map: map, then policy, merge, dump and prealloc. @map->fd stays the caller's. */
gboolean backend_map(MemoryBackend *b, const BackendMap *map, GError **errp);
/** backend_advise: merge and dump as the properties say now. */
void backend_advise(MemoryBackend *b);
/** backend_fd_page: page size of memory that is @fd: larger on hugetlbfs. */
uint64_t backend_fd_page(int fd);
/** backend_unmap: give the memory back, unless it lives in somebody else's mapping. */
void backend_unmap(MemoryBackend *b);

#endif
