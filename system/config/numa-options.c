/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * -numa and set-numa-node, and what is settled when the last of them has been seen.
 *
 * Theory of operation: options are applied as soon as the machine's CPUs and the user's objects
 * are known, each checked against those before it; --preconfig may then add more by QMP. The
 * "numa" stage takes the RAM size from -machine memory-backend= where -m says nothing, and checks
 * the whole.
 */
#include <string.h>
#include "accel/error.h"
#include "hw/numa.h"
#include "system/config/numa-internal.h"

static const char *const hierarchies[] = { "memory", "first-level", "second-level", "third-level",
                                           NULL };
static const char *const data_types[] = { "access-latency", "read-latency", "write-latency",
                                          "access-bandwidth", "read-bandwidth", "write-bandwidth",
                                          NULL };
static const char *const associativities[] = { "none", "direct", "complex", NULL };
static const char *const policies[] = { "none", "write-back", "write-through", NULL };

static const NumaMember node_members[] = {
    { "nodeid", NF_NODEID, NK_UINT16, false, NULL },
    { "cpus", NF_CPUS, NK_LIST, false, NULL },
    { "mem", NF_MEM, NK_SIZE, false, NULL },
    { "memdev", NF_MEMDEV, NK_TEXT, false, NULL },
    { "initiator", NF_INITIATOR, NK_UINT16, false, NULL },
    { NULL },
};

static gboolean add_node(Vm *vm, const NumaValues *v, GError **errp)
{
    const NumaNodeOptions o = {
        .has_nodeid = v->given[NF_NODEID],
        .nodeid = (uint16_t)v->num[NF_NODEID],
        .has_mem = v->given[NF_MEM],
        .has_initiator = v->given[NF_INITIATOR],
        .initiator = (uint16_t)v->num[NF_INITIATOR],
        .memdev = v->memdev,
        .cpus = v->cpus != NULL ? (const uint16_t *)(void *)v->cpus->data : NULL,
        .n_cpus = v->cpus != NULL ? v->cpus->len : 0,
    };

    return hw_numa_add_node(vm->ms, &o, errp);
}

static const NumaMember cpu_members[] = {
    { "node-id", NF_NODE_ID, NK_INT64, false, NULL },
    { "socket-id", NF_SOCKET_ID, NK_INT64, false, NULL },
    { "die-id", NF_DIE_ID, NK_INT64, false, NULL },
    { "module-id", NF_MODULE_ID, NK_INT64, false, NULL },
    { "cluster-id", NF_CLUSTER_ID, NK_INT64, false, NULL },
    { "core-id", NF_CORE_ID, NK_INT64, false, NULL },
    { "thread-id", NF_THREAD_ID, NK_INT64, false, NULL },
    { NULL },
};

/* -1 is "any" behind this: a negative id that was given matches nothing. */
static int64_t id_of(const NumaValues *v, NumaField field)
{
    int64_t id = (int64_t)v->num[field];

    return !v->given[field] ? -1 : id < 0 ? INT64_MAX : id;
}

static gboolean add_cpu(Vm *vm, const NumaValues *v, GError **errp)
{
    const CpuTopoIds ids = {
        .node_id = id_of(v, NF_NODE_ID),     .socket_id = id_of(v, NF_SOCKET_ID),
        .die_id = id_of(v, NF_DIE_ID),       .module_id = id_of(v, NF_MODULE_ID),
        .cluster_id = id_of(v, NF_CLUSTER_ID), .core_id = id_of(v, NF_CORE_ID),
        .thread_id = id_of(v, NF_THREAD_ID),
    };

    return hw_numa_add_cpu(vm->ms, &ids, errp);
}

static const NumaMember dist_members[] = {
    { "src", NF_SRC, NK_UINT16, true, NULL },
    { "dst", NF_DST, NK_UINT16, true, NULL },
    { "val", NF_VAL, NK_UINT8, true, NULL },
    { NULL },
};

static gboolean add_dist(Vm *vm, const NumaValues *v, GError **errp)
{
    return hw_numa_add_dist(vm->ms, (unsigned)v->num[NF_SRC], (unsigned)v->num[NF_DST],
                            (uint8_t)v->num[NF_VAL], errp);
}

static const NumaMember lb_members[] = {
    { "initiator", NF_INITIATOR, NK_UINT16, true, NULL },
    { "target", NF_TARGET, NK_UINT16, true, NULL },
    { "hierarchy", NF_HIERARCHY, NK_ENUM, true, hierarchies },
    { "data-type", NF_DATA_TYPE, NK_ENUM, true, data_types },
    { "latency", NF_LATENCY, NK_UINT64, false, NULL },
    { "bandwidth", NF_BANDWIDTH, NK_SIZE, false, NULL },
    { NULL },
};

static gboolean add_lb(Vm *vm, const NumaValues *v, GError **errp)
{
    const NumaLbOptions o = {
        .initiator = (uint16_t)v->num[NF_INITIATOR],
        .target = (uint16_t)v->num[NF_TARGET],
        .hierarchy = (uint8_t)v->num[NF_HIERARCHY],
        .data_type = (uint8_t)v->num[NF_DATA_TYPE],
        .has_latency = v->given[NF_LATENCY],
        .has_bandwidth = v->given[NF_BANDWIDTH],
        .latency = v->num[NF_LATENCY],
        .bandwidth = v->num[NF_BANDWIDTH],
    };

    return hw_numa_add_lb(vm->ms, &o, errp);
}

static const NumaMember cache_members[] = {
    { "node-id", NF_NODE_ID, NK_UINT32, true, NULL },
    { "size", NF_SIZE, NK_SIZE, true, NULL },
    { "level", NF_LEVEL, NK_UINT8, true, NULL },
    { "associativity", NF_ASSOCIATIVITY, NK_ENUM, true, associativities },
    { "policy", NF_POLICY, NK_ENUM, true, policies },
    { "line", NF_LINE, NK_UINT16, true, NULL },
    { NULL },
};

static gboolean add_cache(Vm *vm, const NumaValues *v, GError **errp)
{
    const NumaCacheOptions o = {
        .node_id = (uint32_t)v->num[NF_NODE_ID],
        .level = (uint8_t)v->num[NF_LEVEL],
        .cache = {
            .size = v->num[NF_SIZE],
            .associativity = (uint8_t)v->num[NF_ASSOCIATIVITY],
            .policy = (uint8_t)v->num[NF_POLICY],
            .line = (uint16_t)v->num[NF_LINE],
        },
    };

    return hw_numa_add_cache(vm->ms, &o, errp);
}

static const struct {
    const char *type;
    const NumaMember *members;
    gboolean (*add)(Vm *vm, const NumaValues *v, GError **errp);
} types[] = {
    { "node", node_members, add_node },      { "dist", dist_members, add_dist },
    { "cpu", cpu_members, add_cpu },         { "hmat-lb", lb_members, add_lb },
    { "hmat-cache", cache_members, add_cache },
};

/* Position in types[]; -1 with an error. */
static int find_type(const KeyVals *kv, GError **errp)
{
    const char *names[G_N_ELEMENTS(types) + 1] = { NULL };
    const char *type = keyvals_get(kv, "type");

    if (type == NULL) {
        opt_error(errp, "Parameter 'type' is missing");
        return -1;
    }
    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        names[i] = types[i].type;
        if (strcmp(types[i].type, type) == 0) {
            return (int)i;
        }
    }
    opt_error_suggest(errp, type, names, "Parameter 'type' does not accept value '%s'", type);
    return -1;
}

gboolean vm_numa_add(Vm *vm, const KeyVals *kv, GError **errp)
{
    NumaValues v = { 0 };
    int type = find_type(kv, errp);
    gboolean ok = type >= 0 && numa_parse(kv, types[type].members, &v, errp) &&
                  types[type].add(vm, &v, errp);

    numa_values_clear(&v);
    return ok;
}

gboolean numa_options(Vm *vm, GError **errp)
{
    for (const OptItem *it = NULL; (it = options_next(&vm->opts, OPT_numa, it)) != NULL;) {
        options_at(it);
        if (!vm_numa_add(vm, it->kv, errp)) {
            return FALSE;
        }
    }
    options_at(NULL);
    return TRUE;
}

/* ---- when all is known ---- */

static void size_by_backend(Vm *vm)
{
    MachineState *ms = vm->ms;
    const MemoryBackend *b = hw_memory_backend_find(ms, ms->ram_backend);
    bool given = options_key(&vm->opts, OPT_m, "size") != NULL ||
                 options_key(&vm->opts, OPT_machine, "memory.size") != NULL;

    if (b == NULL || given) {
        return;
    }
    if (ms->maxram_size == ms->ram_size) {
        ms->maxram_size = b->size;
    }
    ms->ram_size = b->size;
}

gboolean numa_configure(Vm *vm, GError **errp)
{
    if (vm->ms->ram_backend != NULL) {
        size_by_backend(vm);
    }
    return hw_numa_complete(vm->ms, errp);
}
