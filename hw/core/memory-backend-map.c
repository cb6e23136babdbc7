/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mapping the memory of a backend.
 *
 * Theory of operation: map, say where its pages are to come from (mbind), what to do with them
 * (madvise), and fetch them now if that was asked for. Pages are fetched by the kernel
 * (MADV_POPULATE_WRITE, Linux 5.14), so that running out of them is an error number; writing to
 * them ourselves could end the process by a signal, which is not ours to catch. A kernel without
 * it has the pages of files allocated (fallocate) before they are written to.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "hw/core/memory-backend-internal.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum { MBIND_STRICT = 1 << 0, MBIND_MOVE = 1 << 1, MAX_THREADS = 64 };

static gboolean failed(MemoryBackend *b, const char *call, const char *what, GError **errp)
{
    AccelErrorInfo info = { .stage = "memory", .call = call, .errnum = errno };

    accel_error_set(errp, ACCEL_ERROR_RESOURCE, &info, "%s: %s", what, g_strerror(info.errnum));
    return FALSE;
}

/* ---- where the pages come from ---- */

static gboolean check_policy(const MemoryBackend *b, bool any_node, GError **errp)
{
    static const char *const names[] = { "default", "preferred", "bind", "interleave" };

    if (any_node && b->policy == HOST_MEM_POLICY_DEFAULT) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "host-nodes must be empty for policy default, or you should explicitly "
                        "specify a policy other than default");
        return FALSE;
    }
    if (!any_node && b->policy != HOST_MEM_POLICY_DEFAULT) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "host-nodes must be set for policy %s",
                        names[b->policy]);
        return FALSE;
    }
    return TRUE;
}

static gboolean get_nodes(const MemoryBackend *b, unsigned long *mask, GError **errp)
{
    uint64_t nodes[HOST_MEM_MAX_NODES / 64];

    if (!hw_memory_backend_nodes(b->host_nodes, nodes, errp) ||
        !check_policy(b, (nodes[0] | nodes[1]) != 0, errp)) {
        return FALSE;
    }
    memcpy(mask, nodes, sizeof(nodes));
    return TRUE;
}

static gboolean bind_nodes(MemoryBackend *b, GError **errp)
{
    /* mbind() looks at one bit less than it is told of */
    unsigned long mask[HOST_MEM_MAX_NODES / (8 * sizeof(unsigned long)) + 1] = { 0 };

    if (!get_nodes(b, mask, errp)) {
        return FALSE;
    }
    if (b->policy == HOST_MEM_POLICY_DEFAULT ||
        syscall(SYS_mbind, b->host, b->mapped, b->policy, mask, HOST_MEM_MAX_NODES + 1,
                MBIND_STRICT | MBIND_MOVE) == 0) {
        return TRUE;
    }
    return failed(b, "mbind", "cannot bind memory to host NUMA nodes", errp);
}

/* ---- what to do with them ---- */

void backend_advise(MemoryBackend *b)
{
    if (b->host == NULL || b->mapped == 0) {
        return;
    }
    /* a kernel without KSM or huge pages refuses, which changes nothing for the guest */
    madvise(b->host, b->mapped, b->merge ? MADV_MERGEABLE : MADV_UNMERGEABLE);
    madvise(b->host, b->mapped, MADV_HUGEPAGE);
    madvise(b->host, b->mapped, b->dump ? MADV_DODUMP : MADV_DONTDUMP);
}

/* ---- fetching them now ---- */

typedef struct Piece {
    uint8_t *start;
    size_t len;
    int errnum;
} Piece;

static gpointer populate(gpointer data)
{
    Piece *p = data;
    int rc;

    do {
        rc = madvise(p->start, p->len, MADV_POPULATE_WRITE);
    } while (rc != 0 && (errno == EINTR || errno == EAGAIN));
    p->errnum = rc != 0 ? errno : 0;
    return NULL;
}

/* One thread per piece of whole pages; the last piece is this thread's. Returns: errno or 0. */
static int populate_all(MemoryBackend *b, uint64_t page)
{
    uint64_t pages = b->mapped / page;
    guint n = (guint)CLAMP(b->prealloc_threads, 1, MIN(pages, MAX_THREADS));
    Piece pieces[MAX_THREADS];
    GThread *threads[MAX_THREADS];
    int errnum = 0;

    for (guint i = 0; i < n; i++) {
        uint64_t from = pages * i / n * page, to = pages * (i + 1) / n * page;

        pieces[i] = (Piece){ b->host + from, to - from, 0 };
        threads[i] = i + 1 < n ? g_thread_try_new("prealloc", populate, &pieces[i], NULL) : NULL;
        if (threads[i] == NULL) {
            populate(&pieces[i]);
        }
    }
    for (guint i = 0; i < n; i++) {
        if (threads[i] != NULL) {
            g_thread_join(threads[i]);
        }
        errnum = errnum != 0 ? errnum : pieces[i].errnum;
    }
    return errnum;
}

/* Before Linux 5.14. Pages of a file are there once fallocate() has succeeded. */
static int touch_all(MemoryBackend *b, const BackendMap *map)
{
    if (map->fd >= 0 && fallocate(map->fd, 0, 0, (off_t)b->mapped) != 0) {
        return errno;
    }
    for (uint64_t at = 0; at < b->mapped; at += map->page) {
        volatile uint8_t *p = b->host + at;

        *p = *p;
    }
    return 0;
}

static gboolean prealloc(MemoryBackend *b, const BackendMap *map, GError **errp)
{
    int errnum;

    if (!b->prealloc || map->readonly) {
        return TRUE;
    }
    errnum = populate_all(b, map->page);
    if (errnum == EINVAL) {
        errnum = touch_all(b, map);
    }
    /* the kernel's word for "the file system or the pool of huge pages is full" */
    errno = errnum == EFAULT ? ENOSPC : errnum;
    return errnum == 0 || failed(b, "madvise", "preallocating memory failed", errp);
}

/* ---- the mapping ---- */

/* An address with @align's alignment: map more, cut off both ends. */
static uint8_t *reserve_aligned(uint64_t size, uint64_t align)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), extra = align > page ? align : 0;
    uint8_t *p, *start;

    if (size > SIZE_MAX / 2 - extra) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    p = mmap(NULL, size + extra, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED || extra == 0) {
        return p;
    }
    start = (uint8_t *)(((uintptr_t)p + align - 1) & ~(uintptr_t)(align - 1));
    if (start != p) {
        munmap(p, (size_t)(start - p));
    }
    if (p + extra != start) {
        munmap(start + size, (size_t)(p + extra - start));
    }
    return start;
}

static uint8_t *map_at(MemoryBackend *b, const BackendMap *map, uint64_t size)
{
    int prot = PROT_READ | (map->readonly ? 0 : PROT_WRITE);
    int flags = MAP_FIXED | (b->share ? MAP_SHARED : MAP_PRIVATE) |
                (b->reserve ? 0 : MAP_NORESERVE) | (map->fd < 0 ? MAP_ANONYMOUS : 0);
    uint8_t *where = reserve_aligned(size, MAX(map->align, map->page)), *p;
    int errnum;

    if (where == MAP_FAILED) {
        return where;
    }
    p = mmap(where, size, prot, flags, map->fd, 0);
    if (p == MAP_FAILED) {
        errnum = errno;
        munmap(where, size);
        errno = errnum;
    }
    return p;
}

gboolean backend_map(MemoryBackend *b, const BackendMap *map, GError **errp)
{
    uint64_t size = (b->size + map->page - 1) & ~(map->page - 1);
    g_autofree char *what = NULL;
    uint8_t *p = MAP_FAILED;

    errno = ENOMEM;
    if (size != 0) { /* else it went round the end of 64 bits */
        p = map_at(b, map, size);
    }
    if (p == MAP_FAILED) {
        what = map->fd < 0 ? g_strdup_printf("cannot set up guest memory '%s'", b->obj.name)
                           : g_strdup("unable to map backing store for guest RAM");
        return failed(b, "mmap", what, errp);
    }
    b->host = p;
    b->mapped = size;
    if (bind_nodes(b, errp) && prealloc(b, map, errp)) {
        backend_advise(b);
        return TRUE;
    }
    backend_unmap(b);
    return FALSE;
}

void backend_unmap(MemoryBackend *b)
{
    if (b->mapped != 0) {
        munmap(b->host, b->mapped);
    }
    b->host = NULL;
    b->mapped = 0;
}
