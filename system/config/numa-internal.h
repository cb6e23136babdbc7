/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal: -numa and set-numa-node as values by name. */
#ifndef SYSTEM_NUMA_INTERNAL_H
#define SYSTEM_NUMA_INTERNAL_H

#include "system/vm.h"

typedef enum NumaField {
    NF_NODEID, NF_CPUS, NF_MEM, NF_MEMDEV, NF_INITIATOR,
    NF_NODE_ID, NF_SOCKET_ID, NF_DIE_ID, NF_MODULE_ID, NF_CLUSTER_ID, NF_CORE_ID, NF_THREAD_ID,
    NF_SRC, NF_DST, NF_VAL,
    NF_TARGET, NF_HIERARCHY, NF_DATA_TYPE, NF_LATENCY, NF_BANDWIDTH,
    NF_SIZE, NF_LEVEL, NF_ASSOCIATIVITY, NF_POLICY, NF_LINE,
    NF_COUNT
} NumaField;

typedef enum NumaFieldKind {
    NK_UINT8, NK_UINT16, NK_UINT32, NK_UINT64, NK_INT64, NK_SIZE, NK_TEXT, NK_ENUM, NK_LIST,
} NumaFieldKind;

/* A member that a type of -numa takes; tables end with a NULL name. */
typedef struct NumaMember {
    const char *name;
    NumaField field;
    NumaFieldKind kind;
    bool required;
    const char *const *values; /* NK_ENUM */
} NumaMember;

typedef struct NumaValues {
    bool given[NF_COUNT];
    uint64_t num[NF_COUNT];    /* NK_INT64: as its bits; NK_ENUM: position in the list */
    const char *memdev;        /* borrowed from the option */
    GArray *cpus;              /* uint16_t */
} NumaValues;

/** numa_parse: @kv against @members. numa_values_clear() also after a failure. */
gboolean numa_parse(const KeyVals *kv, const NumaMember *members, NumaValues *out, GError **errp);
void numa_values_clear(NumaValues *v);

#endif
