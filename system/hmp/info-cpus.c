/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* info about CPUs, their memory and their statistics. */
#include <stdlib.h>
#include <string.h>
#include "hw/memory.h"
#include "hw/numa.h"
#include "system/hmp.h"

void hmp_info_cpus(Monitor *mon, char **argv)
{
    json_t *v = hmp_query(mon, "query-cpus-fast", NULL), *cpu;
    const CPUState *chosen = hmp_cpu(mon);
    size_t i;

    json_array_foreach(v, i, cpu) {
        int64_t index = qmp_int(cpu, "cpu-index", 0);

        monitor_printf(mon, "%c CPU #%" G_GINT64_FORMAT ": thread_id=%" G_GINT64_FORMAT "\n",
                       chosen != NULL && chosen->index == index ? '*' : ' ', index,
                       qmp_int(cpu, "thread-id", 0));
    }
    json_decref(v);
}

void hmp_info_hotpluggable_cpus(Monitor *mon, char **argv)
{
    json_t *v = hmp_query(mon, "query-hotpluggable-cpus", NULL), *slot, *id;
    const char *name;
    size_t i;

    if (v == NULL) {
        return;
    }
    monitor_puts(mon, "Hotpluggable CPUs:\n");
    json_array_foreach(v, i, slot) {
        monitor_printf(mon, "  type: \"%s\"\n  vcpus_count: \"%d\"\n", hmp_text(slot, "type"),
                       (int)qmp_int(slot, "vcpus-count", 0));
        if (json_object_get(slot, "qom-path") != NULL) {
            monitor_printf(mon, "  qom_path: \"%s\"\n", hmp_text(slot, "qom-path"));
        }
        monitor_puts(mon, "  CPUInstance Properties:\n");
        json_object_foreach(json_object_get(slot, "props"), name, id) {
            monitor_printf(mon, "    %s: \"%d\"\n", name, (int)json_integer_value(id));
        }
    }
    json_decref(v);
}

/* "0,2-3" */
static void print_nodes(Monitor *mon, json_t *nodes)
{
    for (size_t i = 0; i < json_array_size(nodes); i++) {
        json_int_t first = json_integer_value(json_array_get(nodes, i)), last = first;

        monitor_printf(mon, "%s%d", i > 0 ? "," : "", (int)first);
        while (i + 1 < json_array_size(nodes) &&
               json_integer_value(json_array_get(nodes, i + 1)) == last + 1) {
            last++;
            i++;
        }
        if (last > first) {
            monitor_printf(mon, "-%d", (int)last);
        }
    }
    monitor_puts(mon, "\n");
}

void hmp_info_memdev(Monitor *mon, char **argv)
{
    static const char *const flags[] = { "merge", "dump", "prealloc", "share", "reserve" };
    json_t *v = hmp_query(mon, "query-memdev", NULL), *m;
    size_t i;

    json_array_foreach(v, i, m) {
        monitor_printf(mon, "memory backend: %s\n  size:  %" G_GINT64_FORMAT "\n",
                       hmp_text(m, "id"), qmp_int(m, "size", 0));
        for (guint k = 0; k < G_N_ELEMENTS(flags); k++) {
            monitor_printf(mon, "  %s: %s\n", flags[k], hmp_flag(m, flags[k]) ? "true" : "false");
        }
        monitor_printf(mon, "  policy: %s\n  host nodes: ", hmp_text(m, "policy"));
        print_nodes(mon, json_object_get(m, "host-nodes"));
    }
    monitor_puts(mon, "\n");
    json_decref(v);
}

void hmp_info_numa(Monitor *mon, char **argv)
{
    const MachineState *ms = mon->vm->ms;
    unsigned nodes = ms->numa != NULL ? ms->numa->n_nodes : 0;

    monitor_printf(mon, "%u nodes\n", nodes);
    for (unsigned node = 0; node < nodes; node++) {
        monitor_printf(mon, "node %u cpus:", node);
        for (guint i = 0; i < ms->n_possible; i++) {
            if (ms->possible[i].cpu != NULL && ms->possible[i].ids.node_id == node) {
                monitor_printf(mon, " %u", i);
            }
        }
        monitor_printf(mon, "\nnode %u size: %" G_GUINT64_FORMAT " MB\nnode %u plugged: 0 MB\n",
                       node, ms->numa->nodes[node].mem >> 20, node);
    }
}
