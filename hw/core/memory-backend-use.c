/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a machine's RAM comes from.
 *
 * Theory of operation: from the object that -machine memory-backend= names; or from the backends
 * of the NUMA nodes, one behind the other; or it is plain anonymous memory. A board wants one
 * stretch of host memory, so the mappings of several backends are moved into one (mremap keeps
 * contents, policy and huge pages). Plain memory shows as a backend of the board's default name
 * below /objects, as QEMU's does. One backend serves one user, which keeps a reference until the
 * accelerator has gone.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>
#include "hw/core/memory-backend-internal.h"
#include "hw/core/memory-internal.h"
#include "hw/numa.h"

static gboolean invalid(GError **errp, const char *notes, const char *fmt, ...)
    G_GNUC_PRINTF(3, 4);

static gboolean invalid(GError **errp, const char *notes, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    accel_error_set(errp, ACCEL_ERROR_INVALID, &(AccelErrorInfo){ .notes = notes }, "%s", text);
    return FALSE;
}

static void add_alloc(MachineState *ms, HostAlloc a)
{
    if (ms->mem->allocs == NULL) {
        ms->mem->allocs = g_array_new(FALSE, FALSE, sizeof(HostAlloc));
    }
    g_array_append_val(ms->mem->allocs, a);
}

/* The machine's own reference goes with its memory, after the accelerator. */
static void keep(MachineState *ms, MemoryBackend *b)
{
    b->in_use = true;
    add_alloc(ms, (HostAlloc){ .owner = hw_object_ref(&b->obj) });
}

/* ---- one backend ---- */

static uint8_t *take_backend(MachineState *ms, MemoryBackend *b, GError **errp)
{
    if (b->in_use) {
        accel_error_set(errp, ACCEL_ERROR_BUSY, NULL, "memory backend '%s' is already in use",
                        ms->ram_backend);
        return NULL;
    }
    if (b->size != ms->ram_size || b->host == NULL) {
        g_autofree char *notes = g_strdup_printf(
            "-m says %" G_GUINT64_FORMAT " bytes, backend '%s' has %" G_GUINT64_FORMAT,
            ms->ram_size, ms->ram_backend, b->size);

        invalid(errp, notes, "Machine memory size does not match the size of the memory backend");
        return NULL;
    }
    keep(ms, b);
    return b->host;
}

/* ---- one per node ---- */

/* What addresses of @nodes' mappings have to be multiples of: their page size at worst. */
static uint64_t alignment_of(const NumaState *n)
{
    uint64_t align = (uint64_t)sysconf(_SC_PAGESIZE);

    for (unsigned i = 0; i < n->n_nodes; i++) {
        const MemoryBackend *b = n->nodes[i].memdev;

        if (b != NULL) {
            uint64_t low = (uintptr_t)b->host & -(uintptr_t)b->host;

            align = MAX(align, MIN(low, 1ULL << 30));
        }
    }
    return align;
}

static uint8_t *reserve(uint64_t size, uint64_t align)
{
    uint8_t *p = mmap(NULL, size + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                      -1, 0);
    uint8_t *start;

    if (p == MAP_FAILED) {
        return NULL;
    }
    start = (uint8_t *)(((uintptr_t)p + align - 1) & ~(uintptr_t)(align - 1));
    if (start != p) {
        munmap(p, (size_t)(start - p));
    }
    if (start != p + align) {
        munmap(start + size, (size_t)(p + align - start));
    }
    return start;
}

static gboolean move_to(MemoryBackend *b, uint8_t *where, GError **errp)
{
    AccelErrorInfo info = { .stage = "memory", .call = "mremap" };

    if (b->size != b->mapped) {
        return invalid(errp, NULL, "memory backend %s has no whole number of pages", b->obj.name);
    }
    if (mremap(b->host, b->size, b->size, MREMAP_MAYMOVE | MREMAP_FIXED, where) == MAP_FAILED) {
        info.errnum = errno;
        accel_error_set(errp, ACCEL_ERROR_RESOURCE, &info,
                        "cannot put memory backend %s behind that of the node before: %s",
                        b->obj.name, g_strerror(info.errnum));
        return FALSE;
    }
    b->host = where;
    b->mapped = 0; /* part of the machine's mapping now */
    return TRUE;
}

static gboolean check_once(const NumaState *n, GError **errp)
{
    for (unsigned i = 0; i < n->n_nodes; i++) {
        for (unsigned k = 0; k < i; k++) {
            if (n->nodes[i].memdev != NULL && n->nodes[i].memdev == n->nodes[k].memdev) {
                return invalid(errp, NULL, "memory backend %s can't be used multiple times.",
                               n->nodes[i].memdev->obj.name);
            }
        }
    }
    return TRUE;
}

static uint8_t *take_nodes(MachineState *ms, const NumaState *n, GError **errp)
{
    uint8_t *area, *at;
    bool ok = true;

    if (!check_once(n, errp)) {
        return NULL;
    }
    area = at = reserve(ms->ram_size, alignment_of(n));
    if (area == NULL) {
        accel_error_set(errp, ACCEL_ERROR_RESOURCE,
                        &(AccelErrorInfo){ .stage = "memory", .call = "mmap", .errnum = ENOMEM },
                        "cannot set up guest memory: no room for %" G_GUINT64_FORMAT " bytes",
                        ms->ram_size);
        return NULL;
    }
    for (unsigned i = 0; ok && i < n->n_nodes; i++) {
        MemoryBackend *b = n->nodes[i].memdev;

        if (b != NULL) {
            keep(ms, b);
            ok = move_to(b, at, errp);
            at += b->size;
        }
    }
    /* behind the backends, which may want to look at their pages when they go */
    add_alloc(ms, (HostAlloc){ .ptr = area, .size = ms->ram_size });
    return ok ? area : NULL;
}

/* ---- none: plain memory ---- */

static uint8_t *make_default(MachineState *ms, GError **errp)
{
    const char *id = ms->klass->default_ram_id != NULL ? ms->klass->default_ram_id : "ram";
    MemoryBackend *b;
    uint8_t *host;

    if (hw_object_child(ms->objects, id) != NULL) {
        invalid(errp, NULL, "object name '%s' is reserved for the default RAM backend, it can't be "
                "used for any other purposes. Change the object's 'id' to something else", id);
        return NULL;
    }
    host = hw_ram_alloc(ms, ms->ram_size, errp);
    if (host == NULL) {
        return NULL;
    }
    b = (MemoryBackend *)hw_object_new(&hw_type_memory_backend_ram);
    b->size = ms->ram_size;
    b->host = host; /* b->mapped stays 0: hw_ram_alloc()'s */
    hw_object_add_child(ms->objects, id, &b->obj, NULL);
    keep(ms, b);
    hw_object_unref(&b->obj);
    return host;
}

uint8_t *hw_machine_ram(MachineState *ms, GError **errp)
{
    MemoryBackend *b;

    if (ms->ram_backend == NULL) {
        return ms->numa != NULL && ms->numa->any_memdev ? take_nodes(ms, ms->numa, errp)
                                                        : make_default(ms, errp);
    }
    if (ms->numa != NULL && ms->numa->any_memdev) {
        invalid(errp, NULL,
                "'-machine memory-backend' and '-numa memdev' properties are mutually exclusive");
        return NULL;
    }
    b = hw_memory_backend_find(ms, ms->ram_backend);
    if (b == NULL) {
        invalid(errp, NULL, "Memory backend '%s' not found", ms->ram_backend);
        return NULL;
    }
    return take_backend(ms, b, errp);
}
