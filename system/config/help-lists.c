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

static void add_device(GString *out, const DeviceClass *dc)
{
    g_string_append_printf(out, "name \"%s\"", dc->type.name);
    if (dc->bus != NULL && !hw_type_is_a(&dc->type, &hw_type_cpu)) {
        g_string_append_printf(out, ", bus %s", dc->bus);
    }
    if (dc->type.desc != NULL) {
        g_string_append_printf(out, ", desc \"%s\"", dc->type.desc);
    }
    g_string_append_c(out, '\n');
}

char *help_devices_text(Vm *vm)
{
    GPtrArray *types = hw_registry_list(vm->registry, &hw_type_device);
    GString *out = g_string_new(NULL);

    for (int cpus = 0; cpus <= 1; cpus++) {
        g_string_append(out, cpus ? "\nCPU devices:\n" : "Misc devices:\n");
        for (guint i = 0; i < types->len; i++) {
            const DeviceClass *dc = g_ptr_array_index(types, i);

            if (!dc->type.abstract && dc->user_creatable &&
                hw_type_is_a(&dc->type, &hw_type_cpu) == (bool)cpus) {
                add_device(out, dc);
            }
        }
    }
    g_ptr_array_unref(types);
    return g_string_free(out, FALSE);
}

void help_list_devices(Vm *vm)
{
    g_autofree char *text = help_devices_text(vm);

    fputs(text, stdout);
}

char *help_objects_text(Vm *vm)
{
    GPtrArray *types = hw_registry_list(vm->registry, NULL);
    GString *out = g_string_new("List of user creatable objects:\n");

    for (guint i = 0; i < types->len; i++) {
        const HwType *type = g_ptr_array_index(types, i);

        if (type->user_creatable && !type->abstract) {
            g_string_append_printf(out, "  %s\n", type->name);
        }
    }
    g_ptr_array_unref(types);
    return g_string_free(out, FALSE);
}

void help_list_objects(Vm *vm)
{
    g_autofree char *text = help_objects_text(vm);

    fputs(text, stdout);
}

char *help_chardevs_text(void)
{
    GString *out = g_string_new("Available chardev backend types: \n");

    for (const CharBackend *b = char_backends; b->name != NULL; b++) {
        g_string_append_printf(out, "  %s\n", b->name);
    }
    return g_string_free(out, FALSE);
}

void help_list_chardevs(void)
{
    g_autofree char *text = help_chardevs_text();

    fputs(text, stdout);
}

void help_list_events(void)
{
    for (guint i = 0; i < ACCEL_TRACE_N_EVENTS; i++) {
        printf("%s\n", accel_trace_event_name(i));
    }
}

char *help_properties_text(const char *head, const HwType *type)
{
    GString *out = g_string_new(NULL);

    g_string_append_printf(out, "%s options:\n", head);
    for (; type != NULL; type = type->parent) {
        if (type->props != NULL) {
            g_autofree char *text = accel_prop_help(type->props);

            g_string_append(out, text);
        }
    }
    return g_string_free(out, FALSE);
}

void help_properties(const char *head, const HwType *type)
{
    g_autofree char *text = help_properties_text(head, type);

    fputs(text, stdout);
}
