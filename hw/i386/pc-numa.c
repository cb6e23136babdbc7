/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine's NUMA nodes as the ACPI builders want them.
 *
 * Theory of operation: the nodes' memory lies one behind the other in guest RAM; in the guest's
 * address space that is cut by the hole for ROMs below 1 MiB and the one below 4 GiB. Everything
 * is copied, because nodes are numbers here and structs there.
 */
#include "hw/i386/x86-board.h"
#include "hw/numa.h"

#define GIB4 (4ULL << 30)
#define MIB (1ULL << 20)
#define HOLE_START 0xa0000ULL /* VGA and ROMs, to 1 MiB */

struct X86Numa {
    AcpiNuma acpi; /* its arrays are these */
    GArray *memory, *initiators, *initiator_of, *lb, *caches;
    GByteArray *distance;
    GPtrArray *entries; /* uint16_t tables of lb */
};

static void add_range(X86Numa *out, uint64_t from, uint64_t to, uint32_t node)
{
    AcpiNumaMemory m = { .base = from, .size = to - from, .node = node };

    if (from < to) {
        g_array_append_val(out->memory, m);
    }
}

/* Bytes [from, to) of RAM, of node @node. */
static void add_memory(X86Numa *out, const X86Machine *x, uint64_t from, uint64_t to,
                       uint32_t node)
{
    uint64_t low = MIN(to, x->below_4g), high = MAX(from, x->below_4g);

    add_range(out, from, MIN(low, HOLE_START), node);
    add_range(out, MAX(from, MIB), low, node);
    add_range(out, GIB4 + high - x->below_4g, GIB4 + MAX(to, x->below_4g) - x->below_4g, node);
}

static void add_nodes(X86Numa *out, const X86Machine *x, const NumaState *n)
{
    uint64_t at = 0;

    for (uint32_t i = 0; i < n->n_nodes; i++) {
        const NumaNode *node = &n->nodes[i];
        int32_t initiator = node->initiator == NUMA_NO_INITIATOR ? -1 : node->initiator;

        add_memory(out, x, at, at + node->mem, i);
        at += node->mem;
        g_array_append_val(out->initiator_of, initiator);
        if (node->has_cpu) {
            g_array_append_val(out->initiators, i);
        }
        if (n->have_distance) {
            g_byte_array_append(out->distance, node->distance, n->n_nodes);
        }
    }
}

static guint row_of(const X86Numa *out, uint32_t node)
{
    guint row = 0;

    while (g_array_index(out->initiators, uint32_t, row) != node) {
        row++; /* every initiator has CPUs, so it is in the list */
    }
    return row;
}

static void add_table(X86Numa *out, const NumaState *n, uint8_t hierarchy, uint8_t type)
{
    const GArray *t = n->lb[hierarchy][type];
    bool bandwidth = type >= HMAT_BANDWIDTH;
    uint64_t base = hw_numa_lb_base(t, bandwidth);
    uint16_t *entries = g_new0(uint16_t, (gsize)out->initiators->len * n->n_nodes);
    AcpiHmatLb lb = {
        .hierarchy = hierarchy, .data_type = type, .entries = entries,
        .base = bandwidth ? MAX(base / MIB, 1) : base * 1000, /* MiB/s; ns told in ps */
    };

    for (guint i = 0; i < t->len; i++) {
        const HmatEntry *e = &g_array_index(t, HmatEntry, i);

        entries[row_of(out, e->initiator) * n->n_nodes + e->target] = e->value / base;
    }
    g_ptr_array_add(out->entries, entries);
    g_array_append_val(out->lb, lb);
}

static void add_caches(X86Numa *out, uint32_t id, const NumaNode *node)
{
    uint8_t levels = 0;

    while (levels < HMAT_CACHE_LEVELS && node->cache[levels + 1].size != 0) {
        levels++;
    }
    for (uint8_t i = 1; i <= levels; i++) {
        const HmatCache *c = &node->cache[i];
        AcpiHmatCache cache = {
            .node = id, .size = c->size, .levels = levels, .level = i,
            .associativity = c->associativity, .policy = c->policy, .line = c->line,
        };

        g_array_append_val(out->caches, cache);
    }
}

static void add_hmat(X86Numa *out, const NumaState *n)
{
    for (uint8_t h = 0; h < HMAT_HIERARCHIES; h++) {
        for (uint8_t type = 0; type < HMAT_DATA_TYPES; type++) {
            if (n->lb[h][type] != NULL && n->lb[h][type]->len > 0) {
                add_table(out, n, h, type);
            }
        }
    }
    for (uint32_t i = 0; i < n->n_nodes; i++) {
        add_caches(out, i, &n->nodes[i]);
    }
}

static X86Numa *new_numa(void)
{
    X86Numa *out = g_new0(X86Numa, 1);

    out->memory = g_array_new(FALSE, FALSE, sizeof(AcpiNumaMemory));
    out->initiators = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    out->initiator_of = g_array_new(FALSE, FALSE, sizeof(int32_t));
    out->lb = g_array_new(FALSE, FALSE, sizeof(AcpiHmatLb));
    out->caches = g_array_new(FALSE, FALSE, sizeof(AcpiHmatCache));
    out->distance = g_byte_array_new();
    out->entries = g_ptr_array_new_with_free_func(g_free);
    return out;
}

static void fill(X86Numa *out, const NumaState *n, bool hmat)
{
    out->acpi = (AcpiNuma){
        .n_nodes = n->n_nodes,
        .memory = (const AcpiNumaMemory *)(void *)out->memory->data,
        .n_memory = out->memory->len,
        .distance = n->have_distance ? out->distance->data : NULL,
        .hmat = hmat,
        .initiators = (const uint32_t *)(void *)out->initiators->data,
        .n_initiators = out->initiators->len,
        .initiator_of = (const int32_t *)(void *)out->initiator_of->data,
        .lb = (const AcpiHmatLb *)(void *)out->lb->data,
        .n_lb = out->lb->len,
        .caches = (const AcpiHmatCache *)(void *)out->caches->data,
        .n_caches = out->caches->len,
    };
}

X86Numa *x86_board_numa(X86Machine *x)
{
    const NumaState *n = x->ms.numa;
    X86Numa *out;

    if (n == NULL || n->n_nodes == 0) {
        return NULL;
    }
    out = new_numa();
    add_nodes(out, x, n);
    if (x->ms.hmat) {
        add_hmat(out, n);
    }
    fill(out, n, x->ms.hmat);
    return out;
}

const AcpiNuma *x86_numa_acpi(const X86Numa *numa)
{
    return numa != NULL ? &numa->acpi : NULL;
}

void x86_numa_free(X86Numa *numa)
{
    g_array_unref(numa->memory);
    g_array_unref(numa->initiators);
    g_array_unref(numa->initiator_of);
    g_array_unref(numa->lb);
    g_array_unref(numa->caches);
    g_byte_array_unref(numa->distance);
    g_ptr_array_unref(numa->entries);
    g_free(numa);
}
