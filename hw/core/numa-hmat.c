/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the HMAT (ACPI 6.3, 5.2.27) is going to say: latency and bandwidth between nodes, and memory
 * side caches.
 *
 * Theory of operation: a table has one base unit and 16-bit entries, 0 for unknown and 0xffff for
 * unreachable. The base is the largest power (of ten for latencies, of two MiB/s for bandwidths)
 * that divides all values of a table; a value that would not fit then is refused at once. QEMU
 * lets some of these pass and cuts them when it writes the table.
 */
#include "hw/core/numa-internal.h"

#define MIB (1ULL << 20)

#define LATENCY_BASE_MAX 10000000000000000ULL /* the table has it in ps, in 64 bits */

enum { ENTRY_MAX = UINT16_MAX - 1 };

static bool is_bandwidth(const NumaLbOptions *o)
{
    return o->data_type >= HMAT_BANDWIDTH;
}

/* The largest power of @radix that divides @value, but no more than @limit, one itself. */
static uint64_t divisor(uint64_t value, unsigned radix, uint64_t limit)
{
    uint64_t d = 1;

    while (d < limit && value % radix == 0) {
        value /= radix;
        d *= radix;
    }
    return d;
}

uint64_t hw_numa_lb_base(const GArray *t, bool bandwidth)
{
    uint64_t base = bandwidth ? 1ULL << 63 : LATENCY_BASE_MAX;
    bool any = false;

    for (guint i = 0; i < t->len; i++) {
        uint64_t value = g_array_index(t, HmatEntry, i).value;

        if (value != 0) {
            base = divisor(value, bandwidth ? 2 : 10, base);
            any = true;
        }
    }
    return any ? base : 1;
}

/* ---- -numa hmat-lb ---- */

static gboolean check_nodes(const NumaState *n, const NumaLbOptions *o, GError **errp)
{
    if (o->initiator > n->n_nodes) {
        return numa_error(errp, "Invalid initiator=%u, it should be less than %u", o->initiator,
                          n->n_nodes);
    }
    if (o->target > n->n_nodes) {
        return numa_error(errp, "Invalid target=%u, it should be less than %u", o->target,
                          n->n_nodes);
    }
    if (o->initiator >= NUMA_MAX_NODES || !n->nodes[o->initiator].has_cpu) {
        return numa_error(errp, "Invalid initiator=%u, it isn't an initiator proximity domain",
                          o->initiator);
    }
    return (o->target < NUMA_MAX_NODES && n->nodes[o->target].present) ||
           numa_error(errp, "The target=%u should point to an existing node", o->target);
}

static gboolean check_kind(const NumaLbOptions *o, GError **errp)
{
    const char *kind = is_bandwidth(o) ? "bandwidth" : "latency";
    const char *other = is_bandwidth(o) ? "latency" : "bandwidth";

    if (!(is_bandwidth(o) ? o->has_bandwidth : o->has_latency)) {
        return numa_error(errp, "Missing '%s' option", kind);
    }
    return !(is_bandwidth(o) ? o->has_latency : o->has_bandwidth) ||
           numa_error(errp, "Invalid option '%s' since the data type is %s", other, kind);
}

static gboolean check_new(const GArray *t, const NumaLbOptions *o, GError **errp)
{
    for (guint i = 0; t != NULL && i < t->len; i++) {
        const HmatEntry *e = &g_array_index(t, HmatEntry, i);

        if (e->initiator == o->initiator && e->target == o->target) {
            return numa_error(errp, "Duplicate configuration of the %s for initiator=%u and "
                              "target=%u", is_bandwidth(o) ? "bandwidth" : "latency",
                              o->initiator, o->target);
        }
    }
    return TRUE;
}

static bool all_fit(const GArray *t, bool bandwidth)
{
    uint64_t base = hw_numa_lb_base(t, bandwidth);

    for (guint i = 0; i < t->len; i++) {
        if (g_array_index(t, HmatEntry, i).value / base > ENTRY_MAX) {
            return false;
        }
    }
    return true;
}

static gboolean does_not_fit(const NumaLbOptions *o, GError **errp)
{
    return is_bandwidth(o)
        ? numa_error(errp, "Bandwidth %" G_GUINT64_FORMAT " between initiator=%u and target=%u "
                     "should not differ from previously entered values on more than %d",
                     o->bandwidth, o->initiator, o->target, ENTRY_MAX)
        : numa_error(errp, "Latency %" G_GUINT64_FORMAT " between initiator=%u and target=%u "
                     "should not differ from previously entered min or max values on more than %d",
                     o->latency, o->initiator, o->target, ENTRY_MAX);
}

/* Put the value into the table, and take it out again when that breaks the table. */
static gboolean add_entry(GArray **table, const NumaLbOptions *o, GError **errp)
{
    HmatEntry e = { o->initiator, o->target, is_bandwidth(o) ? o->bandwidth : o->latency };

    if (is_bandwidth(o) && e.value % MIB != 0) {
        return numa_error(errp, "Bandwidth %" G_GUINT64_FORMAT " between initiator=%u and "
                          "target=%u should be 1MB aligned", o->bandwidth, o->initiator, o->target);
    }
    if (*table == NULL) {
        *table = g_array_new(FALSE, FALSE, sizeof(HmatEntry));
    }
    g_array_append_val(*table, e);
    if (!all_fit(*table, is_bandwidth(o))) {
        g_array_set_size(*table, (*table)->len - 1);
        return does_not_fit(o, errp);
    }
    return TRUE;
}

gboolean hw_numa_add_lb(MachineState *ms, const NumaLbOptions *o, GError **errp)
{
    NumaState *n;
    GArray **table;

    g_return_val_if_fail(o->hierarchy < HMAT_HIERARCHIES && o->data_type < HMAT_DATA_TYPES, FALSE);
    if (!numa_need_hmat(ms, errp) || (n = numa_get(ms, errp)) == NULL) {
        return FALSE;
    }
    table = &n->lb[o->hierarchy][o->data_type];
    if (!check_nodes(n, o, errp) || !check_kind(o, errp) || !check_new(*table, o, errp) ||
        !add_entry(table, o, errp)) {
        return FALSE;
    }
    if (is_bandwidth(o)) {
        n->nodes[o->target].has_bandwidth = true;
    } else {
        n->nodes[o->target].has_latency = true;
    }
    return TRUE;
}

/* ---- -numa hmat-cache ---- */

static gboolean check_level(const NumaNode *node, const NumaCacheOptions *o, GError **errp)
{
    if (o->level < 1 || o->level > HMAT_CACHE_LEVELS) {
        return numa_error(errp, "Invalid level=%u, it should be larger than 0 and less than or "
                          "equal to %d", o->level, HMAT_CACHE_LEVELS);
    }
    if (node->cache[o->level].size != 0) {
        return numa_error(errp, "Duplicate configuration of the side cache for node-id=%u and "
                          "level=%u", o->node_id, o->level);
    }
    if (o->level > 1 && node->cache[o->level - 1].size == 0) {
        return numa_error(errp, "Cache level=%u shall be defined first", o->level - 1);
    }
    if (o->level > 1 && o->cache.size <= node->cache[o->level - 1].size) {
        return numa_error(errp, "Invalid size=%" G_GUINT64_FORMAT ", the size of level=%u should "
                          "be larger than the size(%" G_GUINT64_FORMAT ") of level=%u",
                          o->cache.size, o->level, node->cache[o->level - 1].size, o->level - 1);
    }
    return o->cache.size != 0 ||
           numa_error(errp, "Invalid size=0, the size of level=%u should be larger than 0",
                      o->level);
}

gboolean hw_numa_add_cache(MachineState *ms, const NumaCacheOptions *o, GError **errp)
{
    NumaState *n;
    NumaNode *node;

    if (!numa_need_hmat(ms, errp) || (n = numa_get(ms, errp)) == NULL) {
        return FALSE;
    }
    if (o->node_id >= n->n_nodes || o->node_id >= NUMA_MAX_NODES) {
        return numa_error(errp, "Invalid node-id=%u, it should be less than %u", o->node_id,
                          n->n_nodes);
    }
    node = &n->nodes[o->node_id];
    if (!node->has_latency || !node->has_bandwidth) {
        return numa_error(errp, "The latency and bandwidth information of node-id=%u should be "
                          "provided before memory side cache attributes", o->node_id);
    }
    if (!check_level(node, o, errp)) {
        return FALSE;
    }
    node->cache[o->level] = o->cache;
    return TRUE;
}
