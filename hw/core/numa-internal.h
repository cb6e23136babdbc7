/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal: what the files of hw/core/numa*.c share. */
#ifndef HW_NUMA_INTERNAL_H
#define HW_NUMA_INTERNAL_H

#include "hw/numa.h"

/** numa_get: the machine's state, made when there is none; NULL when the machine has no nodes. */
NumaState *numa_get(MachineState *ms, GError **errp);
gboolean numa_error(GError **errp, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
/** numa_assign: CPU @index belongs to @node from now on. */
void numa_assign(MachineState *ms, unsigned index, unsigned node);
/** numa_need_hmat: FALSE with an error without -machine hmat=on. */
gboolean numa_need_hmat(const MachineState *ms, GError **errp);
/** numa_complete_cpus, numa_complete_distances: parts of hw_numa_complete(). */
void numa_complete_cpus(MachineState *ms);
gboolean numa_complete_distances(NumaState *n, GError **errp);

#endif
