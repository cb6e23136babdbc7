/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory backends: what all types of them have in common.
 *
 * Theory of operation: the properties are QEMU's. Before the memory is mapped they can be set at
 * will; from then on only what madvise() can still change. Host nodes are kept as the text of a
 * list and looked at when the memory is bound.
 */
#include <string.h>
#include "hw/core/memory-backend-internal.h"

static gboolean fail(GError **errp, const char *text)
{
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "%s", text);
    return FALSE;
}

/* Properties that say how to map are too late once there is a mapping. */
static gboolean check_before(void *obj, const AccelProp *prop, GError **errp)
{
    MemoryBackend *b = obj;

    if (b->host == NULL) {
        return TRUE;
    }
    accel_error_set(errp, ACCEL_ERROR_BUSY, NULL, "cannot change property %s of %s ", prop->name,
                    b->obj.type->name);
    return FALSE;
}

static gboolean check_size(void *obj, const AccelProp *prop, GError **errp)
{
    MemoryBackend *b = obj;

    if (b->host == NULL && b->size == 0) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "property '%s' of %s doesn't take value '0'", prop->name,
                        b->obj.type->name);
        return FALSE;
    }
    return check_before(obj, prop, errp);
}

static gboolean check_threads(void *obj, const AccelProp *prop, GError **errp)
{
    MemoryBackend *b = obj;

    if (b->prealloc_threads == 0) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "property '%s' of %s doesn't take value '0'", prop->name,
                        b->obj.type->name);
        return FALSE;
    }
    return TRUE;
}

static gboolean check_advice(void *obj, const AccelProp *prop, GError **errp)
{
    backend_advise(obj);
    return TRUE;
}

static gboolean check_prealloc(void *obj, const AccelProp *prop, GError **errp)
{
    MemoryBackend *b = obj;

    if (b->prealloc && !b->reserve) {
        return fail(errp, "'prealloc=on' and 'reserve=off' are incompatible");
    }
    return check_before(obj, prop, errp);
}

static gboolean check_nodes(void *obj, const AccelProp *prop, GError **errp)
{
    MemoryBackend *b = obj;
    uint64_t nodes[HOST_MEM_MAX_NODES / 64];

    return hw_memory_backend_nodes(b->host_nodes, nodes, errp) && check_before(obj, prop, errp);
}

/* "3" or "1-2"; *@end moves behind it. */
static gboolean parse_range(const char *text, const char **end, guint64 *from, guint64 *to)
{
    char *stop;

    if (!g_ascii_isdigit(*text)) {
        return FALSE;
    }
    *from = *to = g_ascii_strtoull(text, &stop, 10);
    if (*stop == '-') {
        if (!g_ascii_isdigit(stop[1])) {
            return FALSE;
        }
        *to = g_ascii_strtoull(stop + 1, &stop, 10);
    }
    *end = stop;
    return *from <= *to && (*stop == '\0' || *stop == ',');
}

gboolean hw_memory_backend_nodes(const char *list, uint64_t nodes[HOST_MEM_MAX_NODES / 64],
                                 GError **errp)
{
    guint64 from, to;

    memset(nodes, 0, HOST_MEM_MAX_NODES / 8);
    for (const char *p = list; p != NULL && *p != '\0'; p += *p == ',') {
        if (!parse_range(p, &p, &from, &to)) {
            return fail(errp, "Parameter 'host-nodes' expects a uint64 value or range");
        }
        for (; from <= to; from++) {
            if (from >= HOST_MEM_MAX_NODES) {
                accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                                "Invalid host-nodes value: %" G_GUINT64_FORMAT, from);
                return FALSE;
            }
            nodes[from / 64] |= 1ULL << (from % 64);
        }
    }
    return TRUE;
}

#define FIELD(type_, text, field, check_)                                                     \
    .name = text, .type = ACCEL_PROP_##type_, .offset = offsetof(MemoryBackend, field),        \
    .check = check_

static const char *const policies[] = { "default", "preferred", "bind", "interleave", NULL };

static const AccelProp backend_props[] = {
    { FIELD(SIZE, "size", size, check_size), .type_name = "int",
      .help = "Size of the memory region (ex: 500M)" },
    { FIELD(BOOL, "merge", merge, check_advice), .defval = "on",
      .help = "Mark memory as mergeable" },
    { FIELD(BOOL, "dump", dump, check_advice), .defval = "on",
      .help = "Set to 'off' to exclude from core dump" },
    { FIELD(BOOL, "share", share, check_before),
      .help = "Mark the memory as private to accelvm or shared" },
    { FIELD(BOOL, "prealloc", prealloc, check_prealloc), .help = "Preallocate memory" },
    { FIELD(UINT32, "prealloc-threads", prealloc_threads, check_threads), .defval = "1",
      .type_name = "int", .help = "Number of CPU threads to use for prealloc" },
    { FIELD(BOOL, "reserve", reserve, check_prealloc), .defval = "on",
      .help = "Reserve swap space (or huge pages) if applicable" },
    { FIELD(ENUM, "policy", policy, check_before), .defval = "default", .values = policies,
      .type_name = "HostMemPolicy", .help = "Set the NUMA policy" },
    { FIELD(STRING, "host-nodes", host_nodes, check_nodes), .type_name = "[int]",
      .help = "Binds memory to the list of NUMA host nodes" },
    { FIELD(BOOL, "x-use-canonical-path-for-ramblock-id", canonical_id, NULL),
      .help = "Accepted; RAM blocks have no name that a migration would see" },
    ACCEL_PROP_END,
};

static void backend_finalize(HwObject *obj)
{
    backend_unmap((MemoryBackend *)obj);
}

const HwType hw_type_memory_backend = {
    .name = "memory-backend",
    .parent = &hw_type_object,
    .desc = "host memory for guest RAM",
    .instance_size = sizeof(MemoryBackend),
    .abstract = true,
    .props = backend_props,
    .finalize = backend_finalize,
};

gboolean backend_begin(MemoryBackend *b, GError **errp)
{
    return b->size != 0 || fail(errp, "Parameter 'size' is missing");
}

MemoryBackend *hw_memory_backend_find(MachineState *ms, const char *id)
{
    HwObject *obj = hw_object_child(ms->objects, id);

    return hw_object_is_a(obj, &hw_type_memory_backend) ? (MemoryBackend *)obj : NULL;
}
