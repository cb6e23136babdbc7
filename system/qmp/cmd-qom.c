/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The object tree over QMP: list, get, set. Each object shows "type", the properties of its type's
 * tables and its children, as QEMU does.
 */
#include <string.h>
#include "hw/device.h"
#include "system/qmp-qom.h"

static HwObject *resolve(Monitor *mon, const char *path, GError **errp)
{
    bool ambiguous = false;
    HwObject *obj = hw_object_resolve(mon->vm->ms->root, path, &ambiguous);

    if (obj == NULL && ambiguous) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Path '%s' is ambiguous", path);
    } else if (obj == NULL) {
        qmp_error(errp, QMP_DEVICE_NOT_FOUND, "Device '%s' not found", path);
    }
    return obj;
}

bool qmp_qom_list(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    HwObject *obj = resolve(mon, qmp_str(args, "path"), errp);

    if (obj == NULL) {
        return false;
    }
    *ret = json_array();
    qom_add_type_row(*ret);
    qom_add_chain(*ret, obj->type, false);
    qom_cpu_list(mon->vm, obj, *ret);
    if (obj == &mon->vm->ms->obj) {
        qom_machine_list(mon->vm, *ret);
    }
    for (guint i = 0; obj->children != NULL && i < obj->children->len; i++) {
        HwObject *child = g_ptr_array_index(obj->children, i);

        json_array_append_new(*ret, json_pack("{s:o, s:o}", "name", json_text(child->name), "type",
                                              json_sprintf("child<%s>", child->type->name)));
    }
    return true;
}

bool qmp_qom_get(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    HwObject *obj = resolve(mon, qmp_str(args, "path"), errp), *child;
    const char *name = qmp_str(args, "property");
    g_autofree char *text = NULL;

    if (obj == NULL) {
        return false;
    }
    if (strcmp(name, "type") == 0) {
        *ret = json_text(obj->type->name);
        return true;
    }
    child = hw_object_child(obj, name);
    if (child != NULL) {
        text = hw_object_path(child);
        *ret = json_text(text);
        return true;
    }
    *ret = qom_cpu_value(mon->vm, obj, name);
    if (*ret == NULL) {
        *ret = qom_machine_value(mon->vm, obj, name);
    }
    if (*ret != NULL) {
        return true;
    }
    text = hw_object_get(obj, name, errp);
    if (text != NULL) {
        *ret = qom_value_json(hw_type_find_prop(obj->type, name), text);
    }
    return text != NULL;
}

/* What has been built from its properties does not change any more. */
static bool may_set(HwObject *obj, const AccelProp *prop, GError **errp)
{
    const DeviceState *dev = (const DeviceState *)obj;

    if (prop->read_only) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Property '%s.%s' is not writable", obj->type->name,
                  prop->name);
        return false;
    }
    if (hw_object_is_a(obj, &hw_type_device) && dev->realized) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Attempt to set property '%s' on device '%s' "
                  "(type '%s') after it was realized", prop->name,
                  dev->id != NULL ? dev->id : obj->name, obj->type->name);
        return false;
    }
    if (g_str_has_prefix(obj->type->name, "memory-backend-")) {
        qmp_error(errp, QMP_GENERIC_ERROR, "cannot change property '%s' of %s", prop->name,
                  obj->type->name);
        return false;
    }
    return true;
}

/* Does @obj show a @name that is no property of its type? */
static bool is_shown(Vm *vm, const HwObject *obj, const char *name)
{
    json_t *v = qom_cpu_value(vm, obj, name);
    bool known;

    if (v == NULL) {
        v = qom_machine_value(vm, obj, name);
    }
    known = v != NULL || strcmp(name, "type") == 0;
    json_decref(v);
    return known;
}

/* The property, NULL with an error when it cannot be set at all. */
static const AccelProp *settable(Vm *vm, HwObject *obj, const char *name, GError **errp)
{
    const AccelProp *prop = hw_type_find_prop(obj->type, name);

    if (prop == NULL) {
        qmp_error(errp, QMP_GENERIC_ERROR, is_shown(vm, obj, name)
                  ? "Property '%s.%s' is not writable" : "Property '%s.%s' not found",
                  obj->type->name, name);
    }
    return prop;
}

bool qom_set_text(Monitor *mon, const char *path, const char *name, const char *text,
                  GError **errp)
{
    HwObject *obj = resolve(mon, path, errp);
    const AccelProp *prop = obj != NULL ? settable(mon->vm, obj, name, errp) : NULL;

    return prop != NULL && may_set(obj, prop, errp) && hw_object_set(obj, name, text, errp);
}

bool qmp_qom_set(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    HwObject *obj = resolve(mon, qmp_str(args, "path"), errp);
    const char *name = qmp_str(args, "property");
    const AccelProp *prop = obj != NULL ? settable(mon->vm, obj, name, errp) : NULL;
    g_autofree char *text = NULL;

    if (prop == NULL) {
        return false;
    }
    text = qom_value_text(prop, json_object_get(args, "value"));
    if (text == NULL) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Invalid parameter type for '%s', expected: %s", name,
                  qom_expected(prop));
        return false;
    }
    return may_set(obj, prop, errp) && hw_object_set(obj, name, text, errp);
}
