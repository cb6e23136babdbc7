/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Devices: realize, reset, unrealize.
 *
 * Theory of operation: a device is put into the object tree first, so that its realize can name
 * itself in errors and find its neighbours; if realize fails it is taken out again and nothing is
 * left. A type without a realize (reset, unrealize) of its own has its parent's. The machine keeps
 * the realized devices in order: that is the order of resets, and backwards the order of ending.
 */
#include "hw/core/core-internal.h"

static void device_finalize(HwObject *obj)
{
    DeviceState *dev = (DeviceState *)obj;
    guint i;

    for (i = 0; dev->gpios != NULL && i < dev->gpios->len; i++) {
        DeviceGpio *g = &g_array_index(dev->gpios, DeviceGpio, i);

        g_free(g->name);
        g_free(g->in);
    }
    g_clear_pointer(&dev->gpios, g_array_unref);
    g_clear_pointer(&dev->id, g_free);
}

const HwType hw_type_device = {
    .name = "device",
    .parent = &hw_type_object,
    .desc = "device",
    .instance_size = sizeof(DeviceState),
    .abstract = true,
    .finalize = device_finalize,
};

/* The class above @klass, NULL when that is not a DeviceClass any more. */
static const DeviceClass *parent_class(const DeviceClass *klass)
{
    const HwType *parent = klass->type.parent;

    if (parent == NULL || parent == &hw_type_device || parent == &hw_type_cpu) {
        return NULL;
    }
    return (const DeviceClass *)parent;
}

DeviceState *hw_device_new(const DeviceClass *klass)
{
    return (DeviceState *)hw_object_new(&klass->type);
}

/* Where in the tree, and under which name. Returns: (transfer full) name. */
static char *find_place(DeviceState *dev, MachineState *ms, const char *name, HwObject **parent)
{
    if (dev->id != NULL) {
        *parent = ms->peripheral;
        return g_strdup(dev->id);
    }
    if (name == NULL && ms->initialized) { /* the user's: the board is complete */
        *parent = ms->peripheral_anon;
        return g_strdup_printf("device[%u]", ms->n_anon++);
    }
    *parent = ms->unattached;
    return name != NULL ? g_strdup(name) : g_strdup_printf("device[%u]", ms->n_unattached++);
}

static gboolean call_realize(DeviceState *dev, GError **errp)
{
    const DeviceClass *klass = hw_device_class(dev);
    GError *err = NULL;
    gboolean ok;

    while (klass != NULL && klass->realize == NULL) {
        klass = parent_class(klass);
    }
    ok = klass == NULL || klass->realize(dev, &err);
    return hw_settle(ok, err, dev->obj.type->name, "realize", errp);
}

gboolean hw_device_realize(DeviceState *dev, MachineState *ms, const char *name, GError **errp)
{
    HwObject *parent;
    g_autofree char *place = find_place(dev, ms, name, &parent);

    g_return_val_if_fail(!dev->realized, FALSE);
    if (!hw_object_add_child(parent, place, &dev->obj, errp)) {
        return FALSE;
    }
    dev->machine = ms;
    if (!call_realize(dev, errp)) {
        hw_object_unparent(&dev->obj);
        return FALSE;
    }
    dev->realized = true;
    g_ptr_array_add(ms->devices, dev);
    hw_object_unref(&dev->obj); /* the tree's reference is the one that counts now */
    return TRUE;
}

void hw_device_unrealize(DeviceState *dev)
{
    const DeviceClass *klass = hw_device_class(dev);

    if (!dev->realized) {
        return;
    }
    dev->realized = false;
    g_ptr_array_remove(dev->machine->devices, dev);
    while (klass != NULL && klass->unrealize == NULL) {
        klass = parent_class(klass);
    }
    if (klass != NULL) {
        klass->unrealize(dev);
    }
    hw_object_unparent(&dev->obj);
}

void hw_device_unrealize_all(MachineState *ms)
{
    while (ms->devices->len > 0) {
        hw_device_unrealize(g_ptr_array_index(ms->devices, ms->devices->len - 1));
    }
}

static gboolean set_props(DeviceState *dev, const char *const *props, GError **errp)
{
    for (; props != NULL && props[0] != NULL; props += 2) {
        if (!hw_object_set(&dev->obj, props[0], props[1], errp)) {
            return FALSE;
        }
    }
    return TRUE;
}

DeviceState *hw_device_create(MachineState *ms, const DeviceClass *klass, const char *name,
                              const char *const *props, GError **errp)
{
    DeviceState *dev = hw_device_new(klass);

    if (!set_props(dev, props, errp) || !hw_device_realize(dev, ms, name, errp)) {
        hw_object_unref(&dev->obj);
        return NULL;
    }
    return dev;
}

static void call_reset(DeviceState *dev)
{
    const DeviceClass *klass = hw_device_class(dev);

    while (klass != NULL && klass->reset == NULL) {
        klass = parent_class(klass);
    }
    if (klass != NULL) {
        klass->reset(dev);
    }
}

void hw_device_reset_all(MachineState *ms)
{
    guint i;

    for (i = 0; i < ms->devices->len; i++) {
        call_reset(g_ptr_array_index(ms->devices, i));
    }
}

gboolean hw_device_chardev(DeviceState *dev, const char *id, Chardev **out, GError **errp)
{
    HwObject *obj;

    *out = NULL;
    if (id == NULL) {
        return TRUE;
    }
    obj = hw_object_child(dev->machine->chardevs, id);
    if (obj == NULL || !hw_object_is_a(obj, &hw_type_chardev)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "Property '%s.chardev' can't find value '%s'", dev->obj.type->name, id);
        return FALSE;
    }
    *out = (Chardev *)obj;
    return TRUE;
}
