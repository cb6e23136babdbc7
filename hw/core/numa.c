/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * NUMA nodes and their memory.
 *
 * Theory of operation: nodes are declared one by one, in any order and with gaps; that they are
 * dense and that their memory is the machine's is checked at the end, when the board is about to
 * be made. Texts are QEMU's.
 */
#include "hw/core/numa-internal.h"

gboolean numa_error(GError **errp, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    accel_error_set(errp, ACCEL_ERROR_INVALID, &(AccelErrorInfo){ .stage = "numa" }, "%s", text);
    return FALSE;
}

gboolean numa_need_hmat(const MachineState *ms, GError **errp)
{
    return ms->hmat ||
           numa_error(errp, "ACPI Heterogeneous Memory Attribute Table (HMAT) is disabled, enable "
                      "it with -machine hmat=on before using any of hmat specific options");
}

NumaState *numa_get(MachineState *ms, GError **errp)
{
    if (!ms->klass->numa_supported) {
        numa_error(errp, "NUMA is not supported by this machine-type");
        return NULL;
    }
    if (ms->numa == NULL) {
        ms->numa = g_new0(NumaState, 1);
    }
    return ms->numa;
}

void hw_numa_free(MachineState *ms)
{
    NumaState *n = g_steal_pointer(&ms->numa);

    if (n == NULL) {
        return;
    }
    for (unsigned i = 0; i < NUMA_MAX_NODES; i++) {
        if (n->nodes[i].memdev != NULL) {
            hw_object_unref(&n->nodes[i].memdev->obj);
        }
    }
    for (unsigned i = 0; i < HMAT_HIERARCHIES * HMAT_DATA_TYPES; i++) {
        g_clear_pointer(&n->lb[i / HMAT_DATA_TYPES][i % HMAT_DATA_TYPES], g_array_unref);
    }
    g_free(n);
}

/* ---- -numa node ---- */

static gboolean check_id(const MachineState *ms, const NumaState *n, unsigned id,
                         const NumaNodeOptions *o, GError **errp)
{
    if (id >= NUMA_MAX_NODES) {
        return numa_error(errp, "Max number of NUMA nodes reached: %u", id);
    }
    if (n->nodes[id].present) {
        return numa_error(errp, "Duplicate NUMA nodeid: %u", id);
    }
    if (!o->has_initiator) {
        return TRUE;
    }
    if (!numa_need_hmat(ms, errp)) {
        return FALSE;
    }
    return o->initiator < NUMA_MAX_NODES ||
           numa_error(errp, "The initiator id %u expects an integer between 0 and %d",
                      o->initiator, NUMA_MAX_NODES - 1);
}

static gboolean check_cpus(const MachineState *ms, unsigned id, const NumaNodeOptions *o,
                           GError **errp)
{
    for (unsigned i = 0; i < o->n_cpus; i++) {
        int64_t node;

        if (o->cpus[i] >= ms->n_possible) {
            return numa_error(errp, "CPU index (%u) should be smaller than maxcpus (%u)",
                              o->cpus[i], ms->n_possible);
        }
        node = ms->possible[o->cpus[i]].ids.node_id;
        if (node >= 0 && node != id) {
            return numa_error(errp, "CPU is already assigned to node-id: %d", (int)node);
        }
    }
    return TRUE;
}

static gboolean refuse_mem(const NumaState *n, const NumaNodeOptions *o, GError **errp)
{
    if (o->memdev != NULL || n->any_memdev) {
        return numa_error(errp, "numa configuration should use either mem= or memdev=,"
                          "mixing both is not allowed");
    }
    accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED,
                    &(AccelErrorInfo){ .stage = "numa",
                                       .notes = "Use -numa node,memdev instead" },
                    "Parameter -numa node,mem is not supported by this machine type");
    return FALSE;
}

/* QEMU's word for "not found", and what it means. */
static gboolean unknown_memdev(const char *id, GError **errp)
{
    g_autofree char *notes = g_strdup_printf("there is no memory backend called '%s'", id);

    accel_error_set(errp, ACCEL_ERROR_INVALID,
                    &(AccelErrorInfo){ .stage = "numa", .notes = notes },
                    "memdev=%s is ambiguous", id);
    return FALSE;
}

static void set_memdev(NumaState *n, NumaNode *node, MemoryBackend *b)
{
    hw_object_ref(&b->obj);
    node->memdev = b;
    node->mem = b->size;
    n->any_memdev = true;
}

gboolean hw_numa_add_node(MachineState *ms, const NumaNodeOptions *o, GError **errp)
{
    NumaState *n = numa_get(ms, errp);
    MemoryBackend *b = NULL;
    NumaNode *node;
    unsigned id;

    if (n == NULL) {
        return FALSE;
    }
    id = o->has_nodeid ? o->nodeid : n->n_nodes;
    if (!check_id(ms, n, id, o, errp) || !check_cpus(ms, id, o, errp) ||
        (o->has_mem && !refuse_mem(n, o, errp))) {
        return FALSE;
    }
    if (o->memdev != NULL && (b = hw_memory_backend_find(ms, o->memdev)) == NULL) {
        return unknown_memdev(o->memdev, errp);
    }
    node = &n->nodes[id];
    node->present = true;
    node->initiator = o->has_initiator ? o->initiator : NUMA_NO_INITIATOR;
    for (unsigned i = 0; i < o->n_cpus; i++) {
        numa_assign(ms, o->cpus[i], id);
    }
    if (b != NULL) {
        set_memdev(n, node, b);
    }
    n->n_nodes++;
    n->max_node = MAX(n->max_node, id + 1);
    return TRUE;
}

/* ---- the whole ---- */

static gboolean check_dense(const NumaState *n, GError **errp)
{
    for (unsigned i = n->max_node; i-- > 0;) { /* the highest gap is the one that QEMU names */
        if (!n->nodes[i].present) {
            return numa_error(errp, "numa: Node ID missing: %u", i);
        }
    }
    return TRUE;
}

static gboolean check_memory(const MachineState *ms, const NumaState *n, GError **errp)
{
    uint64_t total = 0;

    for (unsigned i = 0; i < n->n_nodes; i++) {
        if (__builtin_add_overflow(total, n->nodes[i].mem, &total)) {
            total = UINT64_MAX;
            break;
        }
    }
    return total == ms->ram_size ||
           numa_error(errp, "total memory for NUMA nodes (0x%" G_GINT64_MODIFIER "x) should equal "
                      "RAM size (0x%" G_GINT64_MODIFIER "x)", total, ms->ram_size);
}

static gboolean check_initiator(const NumaState *n, unsigned id, GError **errp)
{
    unsigned initiator = n->nodes[id].initiator;

    if (initiator == NUMA_NO_INITIATOR || (n->nodes[id].has_cpu && initiator == id)) {
        return TRUE;
    }
    if (n->nodes[id].has_cpu) {
        return numa_error(errp, "The initiator of CPU NUMA node %u should be itself (got %u)", id,
                          initiator);
    }
    if (!n->nodes[initiator].present) {
        return numa_error(errp, "NUMA node %u is missing, use '-numa node' option to declare it "
                          "first", initiator);
    }
    return n->nodes[initiator].has_cpu ||
           numa_error(errp, "The initiator of NUMA node %u is invalid", id);
}

static gboolean check_initiators(NumaState *n, GError **errp)
{
    for (unsigned i = 0; i < n->n_nodes; i++) {
        if (!check_initiator(n, i, errp)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean hw_numa_complete(MachineState *ms, GError **errp)
{
    NumaState *n = ms->numa;

    if (n == NULL || n->n_nodes == 0) {
        return TRUE;
    }
    if (!check_dense(n, errp)) {
        return FALSE;
    }
    if (ms->ram_backend != NULL && n->any_memdev) {
        return numa_error(errp, "'-machine memory-backend' and '-numa memdev' properties are "
                          "mutually exclusive");
    }
    if (!check_memory(ms, n, errp) || !numa_complete_distances(n, errp)) {
        return FALSE;
    }
    numa_complete_cpus(ms);
    return !ms->hmat || check_initiators(n, errp);
}
