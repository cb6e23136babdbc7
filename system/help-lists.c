/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lists that "help" prints: machines, accelerators, CPUs, devices, objects, chardevs, trace
 * events, and the properties of a type. Layout as in QEMU, since people (and scripts) know it.
 */
#include <stdio.h>
#include <string.h>
#include "system/char.h"

static void print_machine(const char *name, const char *desc, const char *note, const char *of)
{
    printf("%-20s %s%s%s%s\n", name, desc != NULL ? desc : "", note, of, of[0] ? ")" : "");
}

void help_list_machines(Vm *vm)
{
    GPtrArray *types = hw_registry_list(vm->registry, &hw_type_machine);

    printf("Supported machines are:\n");
    for (guint i = 0; i < types->len; i++) {
        const MachineClass *mc = g_ptr_array_index(types, i);

        if (mc->type.abstract) {
            continue;
        }
        if (mc->alias != NULL) {
            print_machine(mc->alias, mc->desc, " (alias of ", mc->name);
        }
        print_machine(mc->name, mc->desc, mc->is_default ? " (default)" : "", "");
    }
    g_ptr_array_unref(types);
}

void help_list_accels(void)
{
    printf("Accelerators supported in QEMU binary:\n");
    for (const char *const *name = accel_list(false); *name != NULL; name++) {
        printf("%s\n", *name);
    }
}

void help_list_cpus(Vm *vm)
{
    GPtrArray *types = hw_registry_list(vm->registry, &hw_type_cpu);

    printf("Available CPUs:\n");
    for (guint i = 0; i < types->len; i++) {
        const HwType *type = g_ptr_array_index(types, i);
        const char *dash = g_strrstr(type->name, "-x86_64-cpu");

        if (!type->abstract && dash != NULL) {
            printf("x86 %-20.*s  %s\n", (int)(dash - type->name), type->name,
                   type->desc != NULL ? type->desc : "");
        }
    }
    g_ptr_array_unref(types);
}

static void print_device(const DeviceClass *dc)
{
    printf("name \"%s\"", dc->type.name);
    if (dc->bus != NULL && !hw_type_is_a(&dc->type, &hw_type_cpu)) {
        printf(", bus %s", dc->bus);
    }
    if (dc->type.desc != NULL) {
        printf(", desc \"%s\"", dc->type.desc);
    }
    printf("\n");
}

void help_list_devices(Vm *vm)
{
    GPtrArray *types = hw_registry_list(vm->registry, &hw_type_device);

    for (int cpus = 0; cpus <= 1; cpus++) {
        printf(cpus ? "\nCPU devices:\n" : "Misc devices:\n");
        for (guint i = 0; i < types->len; i++) {
            const DeviceClass *dc = g_ptr_array_index(types, i);

            if (!dc->type.abstract && dc->user_creatable &&
                hw_type_is_a(&dc->type, &hw_type_cpu) == (bool)cpus) {
                print_device(dc);
            }
        }
    }
    g_ptr_array_unref(types);
}

void help_list_objects(Vm *vm)
{
    GPtrArray *types = hw_registry_list(vm->registry, NULL);

    printf("List of user creatable objects:\n");
    for (guint i = 0; i < types->len; i++) {
        const HwType *type = g_ptr_array_index(types, i);

        if (type->user_creatable && !type->abstract) {
            printf("  %s\n", type->name);
        }
    }
    g_ptr_array_unref(types);
}

void help_list_chardevs(void)
{
    printf("Available chardev backend types: \n");
    for (const CharBackend *b = char_backends; b->name != NULL; b++) {
        printf("  %s\n", b->name);
    }
}

void help_list_events(void)
{
    for (guint i = 0; i < ACCEL_TRACE_N_EVENTS; i++) {
        printf("%s\n", accel_trace_event_name(i));
    }
}

/* The properties of a type and its ancestors. */
void help_properties(const char *head, const HwType *type)
{
    printf("%s options:\n", head);
    for (; type != NULL; type = type->parent) {
        if (type->props != NULL) {
            g_autofree char *text = accel_prop_help(type->props);

            fputs(text, stdout);
        }
    }
}
