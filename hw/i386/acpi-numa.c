/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * NUMA tables (ACPI 6.3): SRAT says which CPU and which memory belong to which proximity domain
 * (our node number), SLIT how far domains are from each other, HMAT how fast.
 */
#include "hw/i386/acpi-internal.h"

static void add_cpu_affinity(GByteArray *a, const AcpiCpu *cpu, bool x2apic)
{
    if (x2apic) {
        bytes_add(a, 2, 1);
        bytes_add(a, 24, 1);
        bytes_add(a, 0, 2);
        bytes_add(a, cpu->node, 4);
        bytes_add(a, cpu->apic_id, 4);
        bytes_add(a, 1, 4); /* enabled */
        bytes_add(a, 0, 8);
    } else {
        bytes_add(a, 0, 1);
        bytes_add(a, 16, 1);
        bytes_add(a, cpu->node & 0xff, 1);
        bytes_add(a, cpu->apic_id, 1);
        bytes_add(a, 1, 4);
        bytes_add(a, 0, 1);
        bytes_add(a, cpu->node >> 8, 3);
        bytes_add(a, 0, 4);
    }
}

static void add_memory_affinity(GByteArray *a, const AcpiNumaMemory *m)
{
    bytes_add(a, 1, 1);
    bytes_add(a, 40, 1);
    bytes_add(a, m->node, 4);
    bytes_add(a, 0, 2);
    bytes_add(a, m->base, 8);
    bytes_add(a, m->size, 8);
    bytes_add(a, 0, 4);
    bytes_add(a, 1 | (m->hotpluggable ? 2 : 0), 4);
    bytes_add(a, 0, 8);
}

unsigned acpi_build_srat(AcpiBuild *b)
{
    const AcpiConfig *c = b->config;
    unsigned table = acpi_table_begin(b, "SRAT", 3);
    GByteArray *a = b->out->blob;

    bytes_add(a, 1, 4);
    bytes_add(a, 0, 8);
    for (unsigned i = 0; i < c->n_cpus; i++) {
        add_cpu_affinity(a, &c->cpus[i], c->cpus[i].apic_id >= 255 || i >= 255);
    }
    for (unsigned i = 0; i < c->numa->n_memory; i++) {
        add_memory_affinity(a, &c->numa->memory[i]);
    }
    acpi_table_end(b, table);
    return table;
}

unsigned acpi_build_slit(AcpiBuild *b)
{
    const AcpiNuma *n = b->config->numa;
    unsigned table = acpi_table_begin(b, "SLIT", 1);

    bytes_add(b->out->blob, n->n_nodes, 8);
    bytes_add_data(b->out->blob, n->distance, (size_t)n->n_nodes * n->n_nodes);
    acpi_table_end(b, table);
    return table;
}

/* Memory proximity domain attributes: one per node with memory. */
static void add_domain(GByteArray *a, const AcpiNuma *n, uint32_t node)
{
    int32_t initiator = n->initiator_of ? n->initiator_of[node] : -1;

    bytes_add(a, 0, 4);
    bytes_add(a, 40, 4);
    bytes_add(a, initiator >= 0, 4); /* flags: initiator is valid */
    bytes_add(a, initiator >= 0 ? initiator : 0, 4);
    bytes_add(a, node, 4);
    bytes_add(a, 0, 4);
    bytes_add(a, 0, 8);
    bytes_add(a, 0, 8);
}

static void add_latency(GByteArray *a, const AcpiNuma *n, const AcpiHmatLb *lb)
{
    size_t cells = (size_t)n->n_initiators * n->n_nodes;

    bytes_add(a, 1, 4);
    bytes_add(a, 32 + 4 * (n->n_initiators + n->n_nodes) + 2 * cells, 4);
    bytes_add(a, lb->hierarchy, 1);
    bytes_add(a, lb->data_type, 1);
    bytes_add(a, 0, 2);
    bytes_add(a, n->n_initiators, 4);
    bytes_add(a, n->n_nodes, 4);
    bytes_add(a, 0, 4);
    bytes_add(a, lb->base, 8);
    for (unsigned i = 0; i < n->n_initiators; i++) {
        bytes_add(a, n->initiators[i], 4);
    }
    for (unsigned i = 0; i < n->n_nodes; i++) {
        bytes_add(a, i, 4);
    }
    for (size_t i = 0; i < cells; i++) {
        bytes_add(a, lb->entries[i], 2);
    }
}

static void add_cache(GByteArray *a, const AcpiHmatCache *cache)
{
    bytes_add(a, 2, 4);
    bytes_add(a, 32, 4);
    bytes_add(a, cache->node, 4);
    bytes_add(a, 0, 4);
    bytes_add(a, cache->size, 8);
    bytes_add(a, (cache->levels & 0xf) | (cache->level & 0xf) << 4 |
                 (cache->associativity & 0xf) << 8 | (cache->policy & 0xf) << 12 |
                 (uint32_t)cache->line << 16, 4);
    bytes_add(a, 0, 4);
}

/* Does the node own memory (and has not been written yet: first entry of the node)? */
static bool first_memory_of(const AcpiNuma *n, unsigned i)
{
    for (unsigned j = 0; j < i; j++) {
        if (n->memory[j].node == n->memory[i].node) {
            return false;
        }
    }
    return true;
}

unsigned acpi_build_hmat(AcpiBuild *b)
{
    const AcpiNuma *n = b->config->numa;
    unsigned table = acpi_table_begin(b, "HMAT", 2);
    GByteArray *a = b->out->blob;

    bytes_add(a, 0, 4);
    for (unsigned i = 0; i < n->n_memory; i++) {
        if (first_memory_of(n, i)) {
            add_domain(a, n, n->memory[i].node);
        }
    }
    for (unsigned i = 0; i < n->n_lb; i++) {
        add_latency(a, n, &n->lb[i]);
    }
    for (unsigned i = 0; i < n->n_caches; i++) {
        add_cache(a, &n->caches[i]);
    }
    acpi_table_end(b, table);
    return table;
}
