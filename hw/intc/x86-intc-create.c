/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Making the set of interrupt controllers and timers that a board needs with its accelerator.
 */
#include "apic-internal.h"
#include "accel/accel-class.h"

AccelIrqchip x86_intc_mode(const MachineState *ms)
{
    if (ms->accel == NULL || accel_get_class(ms->accel)->threading == ACCEL_THREAD_NONE) {
        return ACCEL_IRQCHIP_OFF;
    }
    return accel_irqchip(ms->accel);
}

static X86Intc *create_set(MachineState *ms, const X86IntcConfig *config, GError **errp)
{
    DeviceState *dev = hw_device_new(&x86_intc_class);

    ((X86Intc *)dev)->config = *config;
    ((X86Intc *)dev)->kernel = config->mode != ACCEL_IRQCHIP_OFF;
    if (!hw_device_realize(dev, ms, "x86-intc", errp)) {
        hw_object_unref(&dev->obj);
        return NULL;
    }
    return (X86Intc *)dev;
}

static gboolean create_pic(X86Intc *set, GError **errp)
{
    set->pic = hw_device_create(set->dev.machine, &i8259_class, "pic", NULL, errp);
    if (set->pic == NULL) {
        return FALSE;
    }
    hw_device_connect(set->pic, NULL, 0, hw_device_in(&set->dev, "intr", 0));
    return TRUE;
}

static gboolean create_pit(X86Intc *set, GError **errp)
{
    MachineState *ms = set->dev.machine;

    set->pit = hw_device_create(ms, &i8254_class, "pit", NULL, errp);
    if (set->pit == NULL) {
        return FALSE;
    }
    hw_device_connect(set->pit, NULL, 0, hw_device_in(&set->dev, NULL, 0));
    return hw_device_create(ms, &pcspk_class, "pcspk", NULL, errp) != NULL;
}

static gboolean create_parts(X86Intc *set, GError **errp)
{
    const X86IntcConfig *config = &set->config;
    MachineState *ms = set->dev.machine;

    if (config->mode == ACCEL_IRQCHIP_ON) {
        return (config->no_ioapic || accel_route_pc(ms->accel, errp)) &&
               (config->no_pit || accel_create_pit(ms->accel, true, errp));
    }
    if (!config->no_pic && !create_pic(set, errp)) {
        return FALSE;
    }
    if (!config->no_ioapic) {
        set->ioapic = hw_device_create(ms, &ioapic_class, "ioapic", NULL, errp);
        if (set->ioapic == NULL) {
            return FALSE;
        }
    }
    return config->no_pit || create_pit(set, errp);
}

IrqLine *x86_intc_create_config(MachineState *ms, const X86IntcConfig *config, GError **errp)
{
    guint before = ms->devices->len;
    X86Intc *set = create_set(ms, config, errp);

    if (set == NULL || create_parts(set, errp)) {
        return set != NULL ? hw_device_gpio(&set->dev, NULL, false)->in : NULL;
    }
    while (ms->devices->len > before) {
        hw_device_unrealize(g_ptr_array_index(ms->devices, ms->devices->len - 1));
    }
    return NULL;
}

IrqLine *x86_intc_create(MachineState *ms, AccelIrqchip mode, GError **errp)
{
    return x86_intc_create_config(ms, &(X86IntcConfig){ .mode = mode }, errp);
}
