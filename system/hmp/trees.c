/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* info mtree, qtree, qom-tree, ramblock: what hangs where. */
#include <string.h>
#include "hw/memory.h"
#include "system/hmp.h"

#define X64 "%016" G_GINT64_MODIFIER "x"

static void print_region(void *opaque, const IoRegion *r, const RamBlock *ram)
{
    Monitor *mon = opaque;

    if (ram != NULL) {
        monitor_printf(mon, "  " X64 "-" X64 " (prio 0, %s): %s\n", ram->gpa,
                       ram->gpa + ram->size - 1, ram->flags & ACCEL_RAM_READONLY ? "rom" : "ram",
                       ram->name);
    } else {
        monitor_printf(mon, "  " X64 "-" X64 " (prio %d, i/o): %s\n", r->base,
                       r->base + r->size - 1, r->priority, r->name);
    }
}

void hmp_info_mtree(Monitor *mon, char **argv)
{
    monitor_puts(mon, "address-space: memory\n"
                 "  0000000000000000-ffffffffffffffff (prio 0, i/o): system\n");
    hw_mem_foreach(mon->vm->ms, print_region, mon);
    monitor_puts(mon, "\naddress-space: I/O\n"
                 "  0000000000000000-000000000000ffff (prio 0, i/o): io\n");
    hw_port_foreach(mon->vm->ms, print_region, mon);
    monitor_puts(mon, "\n");
}

void hmp_info_ramblock(Monitor *mon, char **argv)
{
    guint n = 0;
    const RamBlock *b = hw_ram_blocks(mon->vm->ms, &n);

    monitor_printf(mon, "%24s  %18s  %18s  %s\n", "Block Name", "Offset", "Size", "Flags");
    for (guint i = 0; i < n; i++) {
        monitor_printf(mon, "%24s  0x" X64 "  0x" X64 "  %s\n", b[i].name, b[i].gpa, b[i].size,
                       b[i].flags & ACCEL_RAM_READONLY ? "ro" : "rw");
    }
}

void hmp_info_roms(Monitor *mon, char **argv)
{
    guint n = 0;
    const RamBlock *b = hw_ram_blocks(mon->vm->ms, &n);

    for (guint i = 0; i < n; i++) {
        if (b[i].flags & ACCEL_RAM_READONLY) {
            monitor_printf(mon, "addr=" X64 " size=0x%06" G_GINT64_MODIFIER
                           "x mem=rom name=\"%s\"\n", b[i].gpa, b[i].size, b[i].name);
        }
    }
}

/* ---- devices by bus ---- */

static void print_props(Monitor *mon, HwObject *obj, const char *indent)
{
    for (const HwType *t = obj->type; t != NULL; t = t->parent) {
        for (const AccelProp *p = t->props; p != NULL && p->name != NULL; p++) {
            g_autofree char *value = accel_prop_get(obj, p);
            bool text = p->type == ACCEL_PROP_STRING || p->type == ACCEL_PROP_LINK;

            monitor_printf(mon, "%s%s = %s%s%s\n", indent, p->name, text ? "\"" : "", value,
                           text ? "\"" : "");
        }
    }
}

static void print_bus(Monitor *mon, const char *bus)
{
    GPtrArray *devices = mon->vm->ms->devices;

    for (guint i = 0; devices != NULL && i < devices->len; i++) {
        DeviceState *dev = g_ptr_array_index(devices, i);
        const char *on = hw_device_class(dev)->bus;

        if (strcmp(on != NULL ? on : "System", bus) == 0) {
            monitor_printf(mon, "  dev: %s, id \"%s\"\n", dev->obj.type->name,
                           dev->id != NULL ? dev->id : "");
            print_props(mon, &dev->obj, "    ");
        }
    }
}

void hmp_info_qtree(Monitor *mon, char **argv)
{
    GPtrArray *devices = mon->vm->ms->devices;
    g_autoptr(GPtrArray) seen = g_ptr_array_new();

    monitor_puts(mon, "bus: main-system-bus\n  type System\n");
    print_bus(mon, "System");
    for (guint i = 0; devices != NULL && i < devices->len; i++) {
        DeviceState *dev = g_ptr_array_index(devices, i);
        const char *bus = hw_device_class(dev)->bus;

        if (bus == NULL || strcmp(bus, "System") == 0 ||
            g_ptr_array_find_with_equal_func(seen, bus, g_str_equal, NULL)) {
            continue;
        }
        g_ptr_array_add(seen, (gpointer)bus);
        monitor_printf(mon, "bus: %s.0\n  type %s\n", bus, bus);
        print_bus(mon, bus);
    }
}

static void print_object(Monitor *mon, HwObject *obj, int depth)
{
    monitor_printf(mon, "%*s/%s (%s)\n", depth * 2, "", obj->name != NULL ? obj->name : "",
                   obj->type->name);
    for (guint i = 0; obj->children != NULL && i < obj->children->len; i++) {
        print_object(mon, g_ptr_array_index(obj->children, i), depth + 1);
    }
}

void hmp_info_qom_tree(Monitor *mon, char **argv)
{
    MachineState *ms = mon->vm->ms;
    HwObject *obj = argv[0] != NULL ? hw_object_resolve(ms->root, argv[0], NULL) : &ms->obj;

    if (obj == NULL) {
        monitor_printf(mon, "Path '%s' could not be resolved.\n", argv[0]);
        return;
    }
    print_object(mon, obj, 0);
}
