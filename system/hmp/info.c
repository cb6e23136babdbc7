/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* info …: QMP's answers as text. */
#include <string.h>
#include "hw/memory.h"
#include "system/hmp.h"

static void info_version(Monitor *mon, char **argv)
{
    json_t *v = hmp_query(mon, "query-version", NULL), *q = json_object_get(v, "qemu");

    monitor_printf(mon, "%d.%d.%d%s\n", (int)qmp_int(q, "major", 0), (int)qmp_int(q, "minor", 0),
                   (int)qmp_int(q, "micro", 0), hmp_text(v, "package"));
    json_decref(v);
}

static void info_status(Monitor *mon, char **argv)
{
    RunState state = runstate_get(mon->vm);
    bool running = runstate_is_running(mon->vm);

    monitor_printf(mon, "VM status: %s%s", running ? "running" : "paused",
                   mon->vm->singlestep ? " (single step mode)" : "");
    if (!running && state != RUN_STATE_PAUSED) {
        monitor_printf(mon, " (%s)", runstate_name(state));
    }
    monitor_puts(mon, "\n");
}

static void info_kvm(Monitor *mon, char **argv)
{
    json_t *v = hmp_query(mon, "query-kvm", NULL);

    monitor_printf(mon, "kvm support: %s\n", hmp_flag(v, "enabled") ? "enabled" : "disabled");
    json_decref(v);
}

static void info_accelerators(Monitor *mon, char **argv)
{
    json_t *v = hmp_query(mon, "query-accelerators", NULL), *name;
    size_t i;

    json_array_foreach(json_object_get(v, "present"), i, name) {
        bool active = strcmp(json_string_value(name), hmp_text(v, "enabled")) == 0;

        monitor_printf(mon, active ? "%s[%s]" : "%s%s", i > 0 ? " " : "", json_string_value(name));
    }
    monitor_puts(mon, "\n");
    json_decref(v);
}

static void info_name(Monitor *mon, char **argv)
{
    if (mon->vm->name != NULL) {
        monitor_printf(mon, "%s\n", mon->vm->name);
    }
}

static void info_uuid(Monitor *mon, char **argv)
{
    json_t *v = hmp_query(mon, "query-uuid", NULL);

    monitor_printf(mon, "%s\n", hmp_text(v, "UUID"));
    json_decref(v);
}

static void info_chardev(Monitor *mon, char **argv)
{
    json_t *v = hmp_query(mon, "query-chardev", NULL), *chr;
    size_t i;

    json_array_foreach(v, i, chr) {
        monitor_printf(mon, "%s: filename=%s\n", hmp_text(chr, "label"), hmp_text(chr, "filename"));
    }
    json_decref(v);
}

static void info_memory_size_summary(Monitor *mon, char **argv)
{
    json_t *v = hmp_query(mon, "query-memory-size-summary", NULL);

    monitor_printf(mon, "base memory: %" G_GINT64_FORMAT "\nplugged memory: %" G_GINT64_FORMAT
                   "\n", qmp_int(v, "base-memory", 0), qmp_int(v, "plugged-memory", 0));
    json_decref(v);
}

static void info_iothreads(Monitor *mon, char **argv)
{
    json_t *v = hmp_query(mon, "query-iothreads", NULL), *t;
    size_t i;

    json_array_foreach(v, i, t) {
        monitor_printf(mon, "%s:\n  thread_id=%" G_GINT64_FORMAT "\n", hmp_text(t, "id"),
                       qmp_int(t, "thread-id", 0));
    }
    json_decref(v);
}

static void info_balloon(Monitor *mon, char **argv)
{
    hmp_do(mon, "query-balloon", NULL);
}

static void info_migrate_capabilities(Monitor *mon, char **argv)
{
    json_t *v = hmp_query(mon, "query-migrate-capabilities", NULL), *c;
    size_t i;

    json_array_foreach(v, i, c) {
        monitor_printf(mon, "%s: %s\n", hmp_text(c, "capability"), hmp_flag(c, "state") ? "on"
                                                                                       : "off");
    }
    json_decref(v);
}

static void info_nothing(Monitor *mon, char **argv)
{
}

static void info_irq(Monitor *mon, char **argv)
{
    monitor_puts(mon, "no device of this machine counts its interrupts\n");
}

const HmpCommand hmp_info_commands[] = {
    { "accelerators", "", "", "show the accelerators there are", info_accelerators },
    { "balloon", "", "", "show balloon information", info_balloon },
    { "block", "", "*", "show block devices (none)", info_nothing },
    { "chardev", "", "", "show the character devices", info_chardev, .early = true },
    { "cpus", "", "", "show infos for each CPU", hmp_info_cpus },
    { "hotpluggable-cpus", "", "", "show the places for CPUs", hmp_info_hotpluggable_cpus, .early = true },
    { "iothreads", "", "", "show iothreads", info_iothreads, .early = true },
    { "irq", "", "", "show the interrupts statistics", info_irq },
    { "kvm", "", "", "show KVM information", info_kvm },
    { "lapic", "[apic-id]", "i?", "show local apic state", hmp_info_lapic },
    { "memdev", "", "", "show memory backends", hmp_info_memdev, .early = true },
    { "memory_size_summary", "", "",
      "show the amount of memory in bytes", info_memory_size_summary },
    { "memory-devices", "", "", "show memory devices (none)", info_nothing },
    { "migrate", "", "*", "show migration status (none)", info_nothing },
    { "migrate_capabilities", "", "", "show migration capabilities", info_migrate_capabilities },
    { "mtree", "", "-f-d-o-D", "show memory and port regions", hmp_info_mtree },
    { "name", "", "", "show the current VM name", info_name, .early = true },
    { "numa", "", "", "show NUMA information", hmp_info_numa },
    { "pic", "", "", "show the interrupt controllers", hmp_info_pic },
    { "qom-tree", "[path]", "s?", "show the object tree", hmp_info_qom_tree, .early = true },
    { "qtree", "", "", "show the device tree", hmp_info_qtree },
    { "ramblock", "", "", "show RAM blocks", hmp_info_ramblock },
    { "registers", "[-a|vcpu]", "-ai?",
      "show the CPU registers (-a: all CPUs)", hmp_info_registers },
    { "roms", "", "", "show read-only memory", hmp_info_roms },
    { "stats", "target [names] [provider]", "ss?s?",
      "show statistics of vm or vcpu", hmp_info_stats },
    { "status", "", "", "show the current VM status", info_status, .early = true },
    { "trace-events", "[name] [vcpu]", "s?i?",
      "show trace events and whether they are on", hmp_info_trace_events },
    { "uuid", "", "", "show the current VM UUID", info_uuid, .early = true },
    { "version", "", "", "show the version", info_version, .early = true },
    { 0 },
};
