/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which CPUs belong to which node, and how far nodes are from each other.
 *
 * Theory of operation: the table of possible CPUs holds each one's node, -1 until it has one.
 * Without any CPU given, whole sockets go round the nodes in turn; with some given, the others go
 * to node 0, with a warning, as in QEMU.
 */
#include "hw/core/numa-internal.h"

void numa_assign(MachineState *ms, unsigned index, unsigned node)
{
    NumaNode *n = &ms->numa->nodes[node];

    ms->possible[index].ids.node_id = node;
    ms->numa->any_cpu = true;
    n->has_cpu = true;
    if (n->initiator == NUMA_NO_INITIATOR) {
        n->initiator = node; /* CPUs reach the memory next to them best */
    }
}

/* ---- -numa cpu ---- */

static const struct {
    const char *name;
    size_t offset;
} levels[] = {
    { "socket-id", offsetof(CpuTopoIds, socket_id) },
    { "die-id", offsetof(CpuTopoIds, die_id) },
    { "module-id", offsetof(CpuTopoIds, module_id) },
    { "cluster-id", offsetof(CpuTopoIds, cluster_id) },
    { "core-id", offsetof(CpuTopoIds, core_id) },
    { "thread-id", offsetof(CpuTopoIds, thread_id) },
};

static int64_t id_at(const CpuTopoIds *ids, guint level)
{
    return *(const int64_t *)((const char *)ids + levels[level].offset);
}

static bool matches(const CpuTopoIds *want, const CpuTopoIds *have)
{
    for (guint i = 0; i < G_N_ELEMENTS(levels); i++) {
        if (id_at(want, i) >= 0 && id_at(want, i) != id_at(have, i)) {
            return false;
        }
    }
    return true;
}

static gboolean check_levels(const MachineState *ms, const CpuTopoIds *want, GError **errp)
{
    for (guint i = 0; i < G_N_ELEMENTS(levels); i++) {
        if (id_at(want, i) >= 0 && id_at(&ms->possible[0].ids, i) < 0) {
            return numa_error(errp, "%s is not supported", levels[i].name);
        }
    }
    return TRUE;
}

static gboolean check_free(const MachineState *ms, const CpuTopoIds *want, GError **errp)
{
    bool found = false;

    for (guint i = 0; i < ms->n_possible; i++) {
        const CpuTopoIds *have = &ms->possible[i].ids;

        if (!matches(want, have)) {
            continue;
        }
        found = true;
        if (have->node_id >= 0 && have->node_id != want->node_id) {
            return numa_error(errp, "CPU is already assigned to node-id: %d", (int)have->node_id);
        }
    }
    return found || numa_error(errp, "no match found");
}

gboolean hw_numa_add_cpu(MachineState *ms, const CpuTopoIds *ids, GError **errp)
{
    NumaState *n = numa_get(ms, errp);

    if (n == NULL) {
        return FALSE;
    }
    if (ids->node_id < 0) {
        return numa_error(errp, "Missing mandatory node-id property");
    }
    if (ids->node_id >= NUMA_MAX_NODES || !n->nodes[ids->node_id].present) {
        return numa_error(errp, "Invalid node-id=%" G_GINT64_FORMAT ", NUMA node must be defined "
                          "with -numa node,nodeid=ID before it's used with -numa cpu,node-id=ID",
                          ids->node_id);
    }
    if (!check_levels(ms, ids, errp) || !check_free(ms, ids, errp)) {
        return FALSE;
    }
    for (guint i = 0; i < ms->n_possible; i++) {
        if (matches(ids, &ms->possible[i].ids)) {
            numa_assign(ms, i, ids->node_id);
        }
    }
    return TRUE;
}

/* ---- the CPUs that nobody spoke of ---- */

static void describe(GString *out, guint index, const CpuTopoIds *ids)
{
    const char *sep = " [";

    g_string_append_printf(out, "%sCPU %u", out->len > 0 ? ", " : "", index);
    for (guint i = 0; i < G_N_ELEMENTS(levels); i++) {
        if (id_at(ids, i) >= 0) {
            g_string_append_printf(out, "%s%s: %d", sep, levels[i].name, (int)id_at(ids, i));
            sep = ", ";
        }
    }
    g_string_append_c(out, ']');
}

static void warn(MachineState *ms, const char *text)
{
    if (ms->hooks.warn != NULL) {
        ms->hooks.warn(ms->hooks.opaque, text);
    }
}

static void warn_unmapped(MachineState *ms, const char *list)
{
    g_autofree char *text = g_strdup_printf("CPU(s) not present in any NUMA nodes: %s", list);

    warn(ms, text);
    warn(ms, "All CPU(s) up to maxcpus should be described in NUMA config, ability to start up "
             "with partial NUMA mappings is obsoleted and will be removed in future");
}

void numa_complete_cpus(MachineState *ms)
{
    bool by_socket = !ms->numa->any_cpu;
    GString *rest = g_string_new(NULL);

    for (guint i = 0; i < ms->n_possible; i++) {
        const CpuTopoIds *ids = &ms->possible[i].ids;

        if (ids->node_id >= 0) {
            continue;
        }
        if (!by_socket) {
            describe(rest, i, ids);
        }
        numa_assign(ms, i, by_socket ? ids->socket_id % ms->numa->n_nodes : 0);
    }
    if (rest->len > 0) {
        warn_unmapped(ms, rest->str);
    }
    g_string_free(rest, TRUE);
}

/* ---- -numa dist ---- */

gboolean hw_numa_add_dist(MachineState *ms, unsigned src, unsigned dst, uint8_t val, GError **errp)
{
    NumaState *n = numa_get(ms, errp);

    if (n == NULL) {
        return FALSE;
    }
    if (src >= NUMA_MAX_NODES || dst >= NUMA_MAX_NODES) {
        return numa_error(errp, "Parameter '%s' expects an integer between 0 and %d",
                          src >= NUMA_MAX_NODES ? "src" : "dst", NUMA_MAX_NODES - 1);
    }
    if (!n->nodes[src].present || !n->nodes[dst].present) {
        return numa_error(errp, "Source/Destination NUMA node is missing. Please use '-numa node' "
                          "option to declare it first.");
    }
    if (val < NUMA_LOCAL_DISTANCE) {
        return numa_error(errp, "NUMA distance (%u) is invalid, it shouldn't be less than %d.", val,
                          NUMA_LOCAL_DISTANCE);
    }
    if (src == dst && val != NUMA_LOCAL_DISTANCE) {
        return numa_error(errp, "Local distance of node %u should be %d.", src,
                          NUMA_LOCAL_DISTANCE);
    }
    n->nodes[src].distance[dst] = val;
    n->have_distance = true;
    return TRUE;
}

/* Both directions given and different somewhere: then no direction may be left out anywhere. */
static bool asymmetrical(const NumaState *n)
{
    for (unsigned i = 0; i < n->n_nodes; i++) {
        for (unsigned k = 0; k < i; k++) {
            uint8_t to = n->nodes[i].distance[k], from = n->nodes[k].distance[i];

            if (to != 0 && from != 0 && to != from) {
                return true;
            }
        }
    }
    return false;
}

static gboolean check_distances(const NumaState *n, GError **errp)
{
    bool both = asymmetrical(n);

    for (unsigned i = 0; i < n->n_nodes; i++) {
        for (unsigned k = i + 1; k < n->n_nodes; k++) {
            uint8_t to = n->nodes[i].distance[k], from = n->nodes[k].distance[i];

            if (to == 0 && from == 0) {
                return numa_error(errp, "The distance between node %u and %u is missing, at least "
                                  "one distance value between each nodes should be provided.",
                                  i, k);
            }
            if (both && (to == 0 || from == 0)) {
                return numa_error(errp, "At least one asymmetrical pair of distances is given, "
                                  "please provide distances for both directions of all node "
                                  "pairs.");
            }
        }
    }
    return TRUE;
}

gboolean numa_complete_distances(NumaState *n, GError **errp)
{
    if (!n->have_distance) {
        return TRUE;
    }
    if (!check_distances(n, errp)) {
        return FALSE;
    }
    for (unsigned i = 0; i < n->n_nodes; i++) {
        n->nodes[i].distance[i] = NUMA_LOCAL_DISTANCE;
        for (unsigned k = 0; k < n->n_nodes; k++) {
            if (n->nodes[i].distance[k] == 0) {
                n->nodes[i].distance[k] = n->nodes[k].distance[i];
            }
        }
    }
    return TRUE;
}
