/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: NUMA nodes of a machine: memory, CPUs, distances, and what the HMAT says about speed.
 *
 * Order of calls: nodes, then CPUs, distances, latencies and caches in any order that makes sense
 * (each call checks what can be checked then), hw_numa_complete() before hw_machine_init(). A call
 * that fails changes nothing. Nothing here is called again once the board is made.
 */
#ifndef HW_NUMA_H
#define HW_NUMA_H

#include "hw/machine.h"
#include "hw/memory-backend.h"

G_BEGIN_DECLS

enum {
    NUMA_MAX_NODES = 128,
    NUMA_NO_INITIATOR = NUMA_MAX_NODES,
    NUMA_LOCAL_DISTANCE = 10,
    HMAT_HIERARCHIES = 4, /* memory, first-, second-, third-level cache */
    HMAT_DATA_TYPES = 6,  /* latency, then bandwidth: access, read, write */
    HMAT_BANDWIDTH = 3,   /* first data type that is a bandwidth */
    HMAT_CACHE_LEVELS = 3,
};

typedef struct HmatCache {
    uint64_t size;         /* bytes; 0: none of this level */
    uint8_t associativity; /* 0 none, 1 direct, 2 complex */
    uint8_t policy;        /* 0 none, 1 write-back, 2 write-through */
    uint16_t line;         /* bytes */
} HmatCache;

typedef struct NumaNode {
    bool present, has_cpu;
    uint64_t mem;          /* bytes */
    MemoryBackend *memdev; /* referenced; NULL: none */
    uint16_t initiator;    /* NUMA_NO_INITIATOR: none */
    bool has_latency, has_bandwidth;        /* something is known of it as a target */
    uint8_t distance[NUMA_MAX_NODES];       /* 0: not given */
    HmatCache cache[HMAT_CACHE_LEVELS + 1]; /* by level, from 1 */
} NumaNode;

/* One value of a latency (ns) or bandwidth (bytes/s) table. */
typedef struct HmatEntry {
    uint16_t initiator, target;
    uint64_t value;
} HmatEntry;

typedef struct NumaState {
    unsigned n_nodes;      /* how many were given */
    unsigned max_node;     /* highest id + 1 */
    bool any_memdev, have_distance, any_cpu;
    GArray *lb[HMAT_HIERARCHIES][HMAT_DATA_TYPES]; /* HmatEntry; NULL: no such table */
    NumaNode nodes[NUMA_MAX_NODES];
} NumaState;

/* -numa node; has_* false means not given. */
typedef struct NumaNodeOptions {
    bool has_nodeid, has_mem, has_initiator;
    uint16_t nodeid, initiator;
    const uint16_t *cpus;  /* CPU indexes */
    unsigned n_cpus;
    const char *memdev;    /* id of a memory backend; NULL: none */
} NumaNodeOptions;

typedef struct NumaLbOptions {
    uint16_t initiator, target;
    uint8_t hierarchy, data_type;
    bool has_latency, has_bandwidth;
    uint64_t latency, bandwidth;
} NumaLbOptions;

typedef struct NumaCacheOptions {
    uint32_t node_id;
    uint8_t level;
    HmatCache cache;
} NumaCacheOptions;

/** hw_numa_add_node: one more node; its errors name the option that does not fit. */
ACCEL_API gboolean hw_numa_add_node(MachineState *ms, const NumaNodeOptions *o, GError **errp);
/** hw_numa_add_cpu: all CPUs that @ids means (-1: any) belong to node ids->node_id. */
ACCEL_API gboolean hw_numa_add_cpu(MachineState *ms, const CpuTopoIds *ids, GError **errp);
/** hw_numa_add_dist: @val: relative to 10 for the node itself, 255: not reachable. */
ACCEL_API gboolean hw_numa_add_dist(MachineState *ms, unsigned src, unsigned dst, uint8_t val,
                                    GError **errp);
/** hw_numa_add_lb: latency or bandwidth from an initiator to a target, for the HMAT. */
ACCEL_API gboolean hw_numa_add_lb(MachineState *ms, const NumaLbOptions *o, GError **errp);
/** hw_numa_add_cache: a memory-side cache of a node; levels from 1, without gaps. */
ACCEL_API gboolean hw_numa_add_cache(MachineState *ms, const NumaCacheOptions *o, GError **errp);
/** hw_numa_complete: fill in what was left out and check the whole. Nothing to do without nodes. */
ACCEL_API gboolean hw_numa_complete(MachineState *ms, GError **errp);

/** hw_numa_lb_base: entry base unit of table @t: what all its values are multiples of. */
ACCEL_API uint64_t hw_numa_lb_base(const GArray *t, bool bandwidth);

/* Internal: on the way out. */
void hw_numa_free(MachineState *ms);

G_END_DECLS

#endif
