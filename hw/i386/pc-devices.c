/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The devices that x86 boards bring along.
 *
 * Theory of operation: a board names device types, the registry finds them; a type that is not there
 * (a build without it) is an error that says its name. Nothing is made that the configuration does
 * not ask for.
 */
#include "hw/acpi-devices.h"
#include "hw/i386/x86-board.h"
#include "hw/rtc.h"

DeviceState *x86_board_device(MachineState *ms, const char *type, const char *name,
                              const char *const *props, GError **errp)
{
    const HwType *t = hw_registry_find(ms->registry, type);

    if (t == NULL || t->abstract || !hw_type_is_a(t, &hw_type_device)) {
        accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, NULL,
                        "machine '%s' needs the device type '%s', which is not registered",
                        ms->klass->name, type);
        return NULL;
    }
    return hw_device_create(ms, (const DeviceClass *)t, name, props, errp);
}

static gboolean add_serial(X86Machine *x, guint index, const char *chardev, GError **errp)
{
    char number[12], name[20]; /* named: tools take device[0] for the first CPU */
    const char *const props[] = { "index", number, "chardev", chardev, NULL };

    g_snprintf(number, sizeof(number), "%u", index);
    g_snprintf(name, sizeof(name), "serial%u", index);
    return x86_board_device(&x->ms, "isa-serial", name, props, errp) != NULL;
}

gboolean x86_board_serials(X86Machine *x, guint max, GError **errp)
{
    const GPtrArray *ids = x->ms.boot != NULL ? x->ms.boot->serials : NULL;
    guint i;

    for (i = 0; ids != NULL && i < MIN(ids->len, max); i++) {
        const char *id = g_ptr_array_index(ids, i);

        if (id != NULL && !add_serial(x, i, id, errp)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean x86_board_pc_parts(X86Machine *x, GError **errp)
{
    MachineState *ms = &x->ms;

    if (fw_cfg_create(ms, errp) == NULL) {
        return FALSE;
    }
    x->rtc_dev = rtc_create(ms, errp);
    if (x->rtc_dev == NULL ||
        pc_cmos_create(ms, x->rtc_dev, x->below_4g, x->above_4g, errp) == NULL) {
        return FALSE;
    }
    x->has_i8042 = x->i8042;
    return !x->i8042 || (x86_board_device(ms, "i8042", "i8042", NULL, errp) != NULL &&
                         x86_board_device(ms, "port92", "port92", NULL, errp) != NULL);
}

gboolean x86_board_acpi_fixed(X86Machine *x, GError **errp)
{
    MachineState *ms = &x->ms;

    if (!x86_board_has_acpi(x)) {
        return TRUE;
    }
    x->power = x86_board_device(ms, "acpi-pm", "acpi-pm", NULL, errp);
    if (x->power == NULL) {
        return FALSE;
    }
    hw_device_connect(x->power, NULL, 0, hw_machine_isa_irq(ms, ACPI_SCI_IRQ));
    x->cpuhp = x86_board_device(ms, "acpi-cpu-hotplug", "acpi-cpu-hotplug", NULL, errp);
    if (x->cpuhp == NULL) {
        return FALSE;
    }
    hw_device_connect(x->cpuhp, NULL, 0, hw_device_in(x->power, "gpe", ACPI_GPE_CPU_HOTPLUG));
    return TRUE;
}

gboolean x86_board_acpi_reduced(X86Machine *x, GError **errp)
{
    MachineState *ms = &x->ms;

    if (!x86_board_has_acpi(x)) {
        return TRUE;
    }
    x->power = x86_board_device(ms, "acpi-ged", "acpi-ged", NULL, errp);
    if (x->power == NULL) {
        return FALSE;
    }
    hw_device_connect(x->power, NULL, 0, x86_intc_gsi(ms, ACPI_GED_IRQ));
    return TRUE;
}
