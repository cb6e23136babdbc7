/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* info …: QMP's answers as text. */
#include <string.h>
#include "hw/memory.h"
#include "system/hmp.h"

static const char *text_of(json_t *obj, const char *name)
{
    const char *s = json_string_value(json_object_get(obj, name));

    return s != NULL ? s : "";
}

static bool flag_of(json_t *obj, const char *name)
{
    return json_is_true(json_object_get(obj, name));
}

static void info_version(Monitor *mon, const char *rest)
{
    json_t *v = hmp_query(mon, "query-version", NULL), *q = json_object_get(v, "qemu");

    monitor_printf(mon, "%d.%d.%d%s\n", (int)qmp_int(q, "major", 0), (int)qmp_int(q, "minor", 0),
                   (int)qmp_int(q, "micro", 0), text_of(v, "package"));
    json_decref(v);
}

static void info_status(Monitor *mon, const char *rest)
{
    RunState state = runstate_get(mon->vm);

    if (runstate_is_running(mon->vm)) {
        monitor_puts(mon, "VM status: running\n");
    } else if (state == RUN_STATE_PAUSED) {
        monitor_puts(mon, "VM status: paused\n");
    } else {
        monitor_printf(mon, "VM status: paused (%s)\n", runstate_name(state));
    }
}

static void info_kvm(Monitor *mon, const char *rest)
{
    json_t *v = hmp_query(mon, "query-kvm", NULL);

    monitor_printf(mon, "kvm support: %s\n", flag_of(v, "enabled") ? "enabled" : "disabled");
    json_decref(v);
}

static void info_accelerators(Monitor *mon, const char *rest)
{
    json_t *v = hmp_query(mon, "query-accelerators", NULL), *name;
    size_t i;

    json_array_foreach(json_object_get(v, "present"), i, name) {
        bool active = strcmp(json_string_value(name), text_of(v, "enabled")) == 0;

        monitor_printf(mon, active ? "%s[%s]" : "%s%s", i > 0 ? " " : "", json_string_value(name));
    }
    monitor_puts(mon, "\n");
    json_decref(v);
}

static void info_name(Monitor *mon, const char *rest)
{
    if (mon->vm->name != NULL) {
        monitor_printf(mon, "%s\n", mon->vm->name);
    }
}

static void info_uuid(Monitor *mon, const char *rest)
{
    json_t *v = hmp_query(mon, "query-uuid", NULL);

    monitor_printf(mon, "%s\n", text_of(v, "UUID"));
    json_decref(v);
}

static void info_chardev(Monitor *mon, const char *rest)
{
    json_t *v = hmp_query(mon, "query-chardev", NULL), *chr;
    size_t i;

    json_array_foreach(v, i, chr) {
        monitor_printf(mon, "%s: filename=%s\n", text_of(chr, "label"), text_of(chr, "filename"));
    }
    json_decref(v);
}

static void info_memory_size_summary(Monitor *mon, const char *rest)
{
    json_t *v = hmp_query(mon, "query-memory-size-summary", NULL);

    monitor_printf(mon, "base memory: %" G_GINT64_FORMAT "\nplugged memory: %" G_GINT64_FORMAT
                   "\n", qmp_int(v, "base-memory", 0), qmp_int(v, "plugged-memory", 0));
    json_decref(v);
}

static void info_iothreads(Monitor *mon, const char *rest)
{
    json_t *v = hmp_query(mon, "query-iothreads", NULL), *t;
    size_t i;

    json_array_foreach(v, i, t) {
        monitor_printf(mon, "%s:\n  thread_id=%" G_GINT64_FORMAT "\n", text_of(t, "id"),
                       qmp_int(t, "thread-id", 0));
    }
    json_decref(v);
}

static void info_balloon(Monitor *mon, const char *rest)
{
    hmp_do(mon, "query-balloon", NULL);
}

static void info_migrate_capabilities(Monitor *mon, const char *rest)
{
    json_t *v = hmp_query(mon, "query-migrate-capabilities", NULL), *c;
    size_t i;

    json_array_foreach(v, i, c) {
        monitor_printf(mon, "%s: %s\n", text_of(c, "capability"), flag_of(c, "state") ? "on"
                                                                                       : "off");
    }
    json_decref(v);
}

static void info_nothing(Monitor *mon, const char *rest)
{
}

static void info_irq(Monitor *mon, const char *rest)
{
    monitor_puts(mon, "no device of this machine counts its interrupts\n");
}

static void info_trace_events(Monitor *mon, const char *rest)
{
    json_t *v = hmp_query(mon, "trace-event-get-state",
                          json_pack("{s:s}", "name", rest[0] != '\0' ? rest : "*")), *e;
    size_t i;

    json_array_foreach(v, i, e) {
        monitor_printf(mon, "%s : state %d\n", text_of(e, "name"),
                       strcmp(text_of(e, "state"), "enabled") == 0);
    }
    json_decref(v);
}

/* ---- CPUs and memory ---- */

void hmp_info_cpus(Monitor *mon, const char *rest)
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

void hmp_info_hotpluggable_cpus(Monitor *mon, const char *rest)
{
    json_t *v = hmp_query(mon, "query-hotpluggable-cpus", NULL), *slot, *id;
    const char *name;
    size_t i;

    if (v == NULL) {
        return;
    }
    monitor_puts(mon, "Hotpluggable CPUs:\n");
    json_array_foreach(v, i, slot) {
        monitor_printf(mon, "  type: \"%s\"\n  vcpus_count: \"%d\"\n", text_of(slot, "type"),
                       (int)qmp_int(slot, "vcpus-count", 0));
        if (json_object_get(slot, "qom-path") != NULL) {
            monitor_printf(mon, "  qom_path: \"%s\"\n", text_of(slot, "qom-path"));
        }
        monitor_puts(mon, "  CPUInstance Properties:\n");
        json_object_foreach(json_object_get(slot, "props"), name, id) {
            monitor_printf(mon, "    %s: \"%d\"\n", name, (int)json_integer_value(id));
        }
    }
    json_decref(v);
}

void hmp_info_memdev(Monitor *mon, const char *rest)
{
    static const char *const flags[] = { "merge", "dump", "prealloc", "share", "reserve" };
    json_t *v = hmp_query(mon, "query-memdev", NULL), *m;
    size_t i;

    json_array_foreach(v, i, m) {
        monitor_printf(mon, "memory backend: %s\n  size:  %" G_GINT64_FORMAT "\n",
                       text_of(m, "id"), qmp_int(m, "size", 0));
        for (guint k = 0; k < G_N_ELEMENTS(flags); k++) {
            monitor_printf(mon, "  %s: %s\n", flags[k], flag_of(m, flags[k]) ? "true" : "false");
        }
        monitor_printf(mon, "  policy: %s\n  host nodes: \n", text_of(m, "policy"));
    }
    monitor_puts(mon, "\n");
    json_decref(v);
}

static int64_t node_count(const MachineState *ms)
{
    int64_t last = -1;

    for (guint i = 0; ms->numa != NULL && i < ms->n_possible; i++) {
        last = MAX(last, ms->possible[i].ids.node_id);
    }
    return last + 1;
}

void hmp_info_numa(Monitor *mon, const char *rest)
{
    const MachineState *ms = mon->vm->ms;
    int64_t nodes = node_count(ms);

    monitor_printf(mon, "%d nodes\n", (int)nodes);
    for (int64_t node = 0; node < nodes; node++) {
        monitor_printf(mon, "node %d cpus:", (int)node);
        for (guint i = 0; i < ms->n_possible; i++) {
            if (ms->possible[i].cpu != NULL && ms->possible[i].ids.node_id == node) {
                monitor_printf(mon, " %u", i);
            }
        }
        monitor_puts(mon, "\n");
    }
}

static void print_stats(Monitor *mon, json_t *result)
{
    json_t *stat, *value;
    size_t i;

    monitor_puts(mon, "provider: kvm\n");
    json_array_foreach(json_object_get(result, "stats"), i, stat) {
        char *text;

        value = json_object_get(stat, "value");
        text = json_dumps(value, JSON_ENCODE_ANY);
        monitor_printf(mon, "    %s: %s\n", text_of(stat, "name"), text != NULL ? text : "?");
        free(text);
    }
}

void hmp_info_stats(Monitor *mon, const char *rest)
{
    g_auto(GStrv) words = g_strsplit(rest, " ", 2);
    const char *target = words[0] != NULL ? words[0] : "";
    json_t *v, *result;
    size_t i;

    if (strcmp(target, "vm") != 0 && strcmp(target, "vcpu") != 0) {
        monitor_printf(mon, "invalid stats target %s\n", target);
        return;
    }
    v = hmp_query(mon, "query-stats", json_pack("{s:s}", "target", target));
    json_array_foreach(v, i, result) {
        if (json_object_get(result, "qom-path") != NULL) {
            monitor_printf(mon, "%s\n", text_of(result, "qom-path"));
        }
        print_stats(mon, result);
    }
    json_decref(v);
}

const HmpCommand hmp_info_commands[] = {
    { "accelerators", "", "show the accelerators there are", info_accelerators },
    { "balloon", "", "show balloon information", info_balloon },
    { "block", "", "show block devices (none)", info_nothing },
    { "chardev", "", "show the character devices", info_chardev },
    { "cpus", "", "show infos for each CPU", hmp_info_cpus },
    { "hotpluggable-cpus", "", "show the places for CPUs", hmp_info_hotpluggable_cpus },
    { "iothreads", "", "show iothreads", info_iothreads },
    { "irq", "", "show the interrupts statistics", info_irq },
    { "kvm", "", "show KVM information", info_kvm },
    { "memdev", "", "show memory backends", hmp_info_memdev },
    { "memory_size_summary", "", "show the amount of memory in bytes", info_memory_size_summary },
    { "memory-devices", "", "show memory devices (none)", info_nothing },
    { "migrate", "", "show migration status (none)", info_nothing },
    { "migrate_capabilities", "", "show migration capabilities", info_migrate_capabilities },
    { "mtree", "", "show memory and port regions", hmp_info_mtree },
    { "name", "", "show the current VM name", info_name },
    { "numa", "", "show NUMA information", hmp_info_numa },
    { "qom-tree", "[path]", "show the object tree", hmp_info_qom_tree },
    { "qtree", "", "show the device tree", hmp_info_qtree },
    { "ramblock", "", "show RAM blocks", hmp_info_ramblock },
    { "registers", "[-a]", "show the CPU registers (-a: all CPUs)", hmp_info_registers },
    { "roms", "", "show read-only memory", hmp_info_roms },
    { "stats", "target", "show statistics of vm or vcpu", hmp_info_stats },
    { "status", "", "show the current VM status", info_status },
    { "trace-events", "[name]", "show trace events and whether they are on", info_trace_events },
    { "uuid", "", "show the current VM UUID", info_uuid },
    { "version", "", "show the version", info_version },
    { 0 },
};
