/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * -device and device_add: from keys to a realized device. Properties are the device type's own
 * table; defaults from -global are set first. CPUs are devices too, but they belong into a slot of
 * the machine's topology.
 */
#include <string.h>
#include "accel/error.h"
#include "system/char.h"

static void unknown_model(Vm *vm, const char *driver, GError **errp)
{
    GPtrArray *types = hw_registry_list(vm->registry, &hw_type_device);
    const char **names = g_new0(const char *, types->len + 1);
    guint n = 0;

    for (guint i = 0; i < types->len; i++) {
        const HwType *type = g_ptr_array_index(types, i);

        if (!type->abstract && ((const DeviceClass *)type)->user_creatable) {
            names[n++] = type->name;
        }
    }
    opt_error_suggest(errp, driver, names, "'%s' is not a valid device model name", driver);
    g_free(names);
    g_ptr_array_unref(types);
}

static const DeviceClass *find_class(Vm *vm, const KeyVals *kv, GError **errp)
{
    const char *driver = keyvals_get(kv, "driver");
    const HwType *type;

    if (driver == NULL) {
        opt_error(errp, "Parameter 'driver' is missing");
        return NULL;
    }
    type = hw_registry_find(vm->registry, driver);
    if (type == NULL || !hw_type_is_a(type, &hw_type_device)) {
        unknown_model(vm, driver, errp);
        return NULL;
    }
    if (type->abstract) {
        opt_error(errp, "Parameter 'driver' expects a non-abstract device type");
        return NULL;
    }
    if (!((const DeviceClass *)type)->user_creatable) {
        opt_error(errp, "Parameter 'driver' expects a pluggable device type");
        return NULL;
    }
    return (const DeviceClass *)type;
}

static gboolean check_place(Vm *vm, const DeviceClass *klass, const KeyVals *kv, GError **errp)
{
    const char *id = keyvals_get(kv, "id");

    if (id != NULL && !check_id(id, errp)) {
        return FALSE;
    }
    if (id != NULL && hw_object_child(vm->ms->peripheral, id) != NULL) {
        opt_error(errp, kv->json ? "Duplicate device ID '%s'" : "Duplicate ID '%s' for device", id);
        return FALSE;
    }
    if (g_strcmp0(klass->bus, "ISA") == 0 && vm->mc->no_vcpus) {
        opt_error(errp, "No 'ISA' bus found for device '%s'", klass->type.name);
        return FALSE;
    }
    if (vm->ms->ready && !klass->hotpluggable) {
        opt_error(errp, "Device '%s' can not be hotplugged on this machine", klass->type.name);
        return FALSE;
    }
    return TRUE;
}

/* One -global: "driver.property=value", or the three keys spelled out. */
static gboolean split_global(const KeyVals *kv, char **driver, const char **prop,
                             const char **value)
{
    const char *dot;

    if (keyvals_get(kv, "driver") != NULL) {
        *driver = g_strdup(keyvals_get(kv, "driver"));
        *prop = keyvals_get(kv, "property");
        *value = keyvals_get(kv, "value");
        return *prop != NULL && *value != NULL;
    }
    dot = kv->n == 1 ? strrchr(kv->v[0].key, '.') : NULL;
    if (dot == NULL) {
        return FALSE;
    }
    *driver = g_strndup(kv->v[0].key, dot - kv->v[0].key);
    *prop = dot + 1;
    *value = kv->v[0].value;
    return TRUE;
}

static gboolean apply_globals(Vm *vm, HwObject *obj, GError **errp)
{
    for (const OptItem *it = NULL; (it = options_next(&vm->opts, OPT_global, it)) != NULL;) {
        g_autofree char *driver = NULL;
        const char *prop, *value;
        const HwType *type;

        if (!split_global(it->kv, &driver, &prop, &value)) {
            continue;
        }
        type = hw_registry_find(vm->registry, driver);
        if (type != NULL && hw_object_is_a(obj, type) && !hw_object_set(obj, prop, value, errp)) {
            g_prefix_error(errp, "can't apply global %s.%s=%s: ", driver, prop, value);
            return FALSE;
        }
    }
    return TRUE;
}

gboolean config_globals(Vm *vm, GError **errp)
{
    for (const OptItem *it = NULL; (it = options_next(&vm->opts, OPT_global, it)) != NULL;) {
        g_autofree char *driver = NULL;
        const char *prop, *value;
        const HwType *type;

        if (!split_global(it->kv, &driver, &prop, &value)) {
            options_at(it);
            opt_error(errp, "Invalid parameter '%s'", it->kv->n > 0 ? it->kv->v[0].key : "");
            return FALSE;
        }
        type = hw_registry_find(vm->registry, driver);
        if (type == NULL) {
            report_warnf("global %s.%s has invalid class name", driver, prop);
        }
    }
    return TRUE;
}

/* A word for a number; one that does not fit in is the property's own matter. */
static gboolean check_number(const AccelProp *prop, const KeyVal *e, GError **errp)
{
    guint64 n;

    if (prop == NULL || e->kind != KEYVAL_TEXT || prop->type_name != NULL ||
        (prop->type != ACCEL_PROP_UINT8 && prop->type != ACCEL_PROP_UINT16 &&
         prop->type != ACCEL_PROP_UINT32) || accel_parse_size(e->value + (e->value[0] == '-'), 1, &n)) {
        return TRUE;
    }
    opt_error(errp, "Parameter '%s' expects integer", e->key);
    return FALSE;
}

/* A chardev that is a multiplexer gives each device a port of its own. */
static gboolean set_property(Vm *vm, DeviceState *dev, const KeyVal *e, GError **errp)
{
    const AccelProp *prop = hw_type_find_prop(dev->obj.type, e->key);
    Chardev *chr = NULL;

    if (prop != NULL && prop->type == ACCEL_PROP_LINK) {
        chr = char_find(vm, e->value);
    }
    if (chr != NULL) {
        chr = char_mux_port(vm, chr, errp);
        return chr != NULL && hw_object_set(&dev->obj, e->key, chr->id, errp);
    }
    return check_number(prop, e, errp) && hw_object_set(&dev->obj, e->key, e->value, errp);
}

static gboolean set_properties(Vm *vm, DeviceState *dev, const KeyVals *kv, GError **errp)
{
    static const char *const others[] = { "driver", "id", "bus", NULL };

    if (!apply_globals(vm, &dev->obj, errp)) {
        return FALSE;
    }
    for (guint i = 0; i < kv->n; i++) {
        if (!g_strv_contains(others, kv->v[i].key) &&
            !set_property(vm, dev, &kv->v[i], errp)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean add_plain(Vm *vm, const DeviceClass *klass, const KeyVals *kv, const char *id,
                          GError **errp)
{
    DeviceState *dev = hw_device_new(klass);

    dev->id = g_strdup(id);
    if (set_properties(vm, dev, kv, errp) && hw_device_realize(dev, vm->ms, NULL, errp)) {
        return TRUE;
    }
    hw_object_unref(&dev->obj);
    return FALSE;
}

gboolean vm_device_add(Vm *vm, const KeyVals *kv, GError **errp)
{
    const DeviceClass *klass = find_class(vm, kv, errp);
    const char *id = keyvals_get(kv, "id");

    if (klass == NULL || !check_place(vm, klass, kv, errp)) {
        return FALSE;
    }
    return hw_type_is_a(&klass->type, &hw_type_cpu) ? vm_cpu_add(vm, klass, kv, id, errp)
                                                    : add_plain(vm, klass, kv, id, errp);
}

gboolean config_devices(Vm *vm, GError **errp)
{
    for (const OptItem *it = NULL; (it = options_next(&vm->opts, OPT_device, it)) != NULL;) {
        options_at(it);
        if (!vm_device_add(vm, it->kv, errp)) {
            return FALSE;
        }
    }
    options_at(NULL);
    return TRUE;
}
