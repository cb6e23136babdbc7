/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The object tree over QMP: paths, properties, types. Each object shows "type", the properties of its
 * type's tables and its children, as QEMU does. Accelerators are no objects here but are listed as
 * types, because that is where clients look for them.
 */
#include <string.h>
#include "accel/accel-class.h"
#include "hw/device.h"
#include "system/qmp.h"

#define ACCEL_SUFFIX "-accel"

static HwObject *resolve(Monitor *mon, json_t *args, GError **errp)
{
    const char *path = qmp_str(args, "path");
    bool ambiguous = false;
    HwObject *obj = hw_object_resolve(mon->vm->ms->root, path, &ambiguous);

    if (obj == NULL && ambiguous) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Path '%s' is ambiguous", path);
    } else if (obj == NULL) {
        qmp_error(errp, QMP_DEVICE_NOT_FOUND, "Device '%s' not found", path);
    }
    return obj;
}

/* ---- values ---- */

/* "-1" as the default of an unsigned property stands for its highest value. */
static json_t *negative_json(AccelPropType type, gint64 n)
{
    switch (type) {
    case ACCEL_PROP_UINT8:
        return json_integer((guint8)n);
    case ACCEL_PROP_UINT16:
        return json_integer((guint16)n);
    case ACCEL_PROP_UINT32:
        return json_integer((guint32)n);
    default:
        return json_integer(n);
    }
}

static json_t *number_json(AccelPropType type, const char *text)
{
    guint64 u;

    if (text[0] == '-') {
        return negative_json(type, g_ascii_strtoll(text, NULL, 10));
    }
    if (!accel_parse_size(text, 1, &u)) {
        return json_string(text);
    }
    return u <= G_MAXINT64 ? json_integer((json_int_t)u) : json_real((double)u);
}

static json_t *value_json(const AccelProp *prop, const char *text)
{
    gboolean on = FALSE;

    switch (prop->type) {
    case ACCEL_PROP_BOOL:
        accel_parse_bool(text, &on);
        return json_boolean(on);
    case ACCEL_PROP_STRING:
    case ACCEL_PROP_LINK:
    case ACCEL_PROP_ENUM:
        return json_string(text);
    default:
        return number_json(prop->type, text);
    }
}

/* ---- properties of a type ---- */

/* What QEMU calls the type of a property: qom-* commands and device-list-properties differ. */
static const char *type_text(const AccelProp *prop, bool qdev)
{
    if (prop->type_name == NULL && prop->type == ACCEL_PROP_STRING) {
        return qdev ? "str" : "string";
    }
    if (prop->type_name == NULL && prop->type == ACCEL_PROP_LINK) {
        return "str";
    }
    return accel_prop_type_name(prop);
}

static void add_props(json_t *list, const AccelProp *p, bool qdev)
{
    for (; p != NULL && p->name != NULL; p++) {
        json_t *row = json_pack("{s:s, s:s}", "name", p->name, "type", type_text(p, qdev));

        if (p->help != NULL) {
            json_object_set_new(row, "description", json_string(p->help));
        }
        if (p->defval != NULL) {
            json_object_set_new(row, "default-value", value_json(p, p->defval));
        }
        json_array_append_new(list, row);
    }
}

static void add_chain(json_t *list, const HwType *type, bool qdev)
{
    for (; type != NULL; type = type->parent) {
        add_props(list, type->props, qdev);
    }
}

static void add_type_row(json_t *list)
{
    json_array_append_new(list, json_pack("{s:s, s:s}", "name", "type", "type", "string"));
}

bool qmp_qom_list(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    HwObject *obj = resolve(mon, args, errp);

    if (obj == NULL) {
        return false;
    }
    *ret = json_array();
    add_type_row(*ret);
    add_chain(*ret, obj->type, false);
    for (guint i = 0; obj->children != NULL && i < obj->children->len; i++) {
        HwObject *child = g_ptr_array_index(obj->children, i);

        json_array_append_new(*ret, json_pack("{s:s, s:o}", "name", child->name, "type",
                                              json_sprintf("child<%s>", child->type->name)));
    }
    return true;
}

bool qmp_qom_get(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    HwObject *obj = resolve(mon, args, errp), *child;
    const char *name = qmp_str(args, "property");
    g_autofree char *text = NULL;

    if (obj == NULL) {
        return false;
    }
    if (strcmp(name, "type") == 0) {
        *ret = json_string(obj->type->name);
        return true;
    }
    child = hw_object_child(obj, name);
    if (child != NULL) {
        text = hw_object_path(child);
        *ret = json_string(text);
        return true;
    }
    text = hw_object_get(obj, name, errp);
    if (text != NULL) {
        *ret = value_json(hw_type_find_prop(obj->type, name), text);
    }
    return text != NULL;
}

/* ---- setting ---- */

/* Returns: the text form, (transfer full), or NULL when @v is of the wrong type. */
static char *value_text(const AccelProp *prop, json_t *v)
{
    switch (prop->type) {
    case ACCEL_PROP_BOOL:
        return json_is_boolean(v) ? g_strdup(json_is_true(v) ? "on" : "off") : NULL;
    case ACCEL_PROP_STRING:
    case ACCEL_PROP_LINK:
    case ACCEL_PROP_ENUM:
        return g_strdup(json_string_value(v));
    default:
        return json_is_integer(v) ? g_strdup_printf("%" JSON_INTEGER_FORMAT,
                                                    json_integer_value(v)) : NULL;
    }
}

static const char *expected(const AccelProp *prop)
{
    switch (prop->type) {
    case ACCEL_PROP_BOOL:
        return "boolean";
    case ACCEL_PROP_STRING:
    case ACCEL_PROP_LINK:
    case ACCEL_PROP_ENUM:
        return "string";
    default:
        return "integer";
    }
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

bool qmp_qom_set(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    HwObject *obj = resolve(mon, args, errp);
    const char *name = qmp_str(args, "property");
    const AccelProp *prop = obj != NULL ? hw_type_find_prop(obj->type, name) : NULL;
    g_autofree char *text = NULL;

    if (obj == NULL) {
        return false;
    }
    if (prop == NULL) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Property '%s.%s' not found", obj->type->name, name);
        return false;
    }
    text = value_text(prop, json_object_get(args, "value"));
    if (text == NULL) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Invalid parameter type for '%s', expected: %s", name,
                  expected(prop));
        return false;
    }
    return may_set(obj, prop, errp) && hw_object_set(obj, name, text, errp);
}

/* ---- types ---- */

static bool implements(const HwType *type, const char *name)
{
    if (strcmp(name, "user-creatable") == 0) {
        return type->user_creatable;
    }
    for (; type != NULL; type = type->parent) {
        if (strcmp(type->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static json_t *type_json(const char *name, const char *parent, bool abstract)
{
    json_t *row = json_pack("{s:s}", "name", name);

    if (abstract) {
        json_object_set_new(row, "abstract", json_true());
    }
    if (parent != NULL) {
        json_object_set_new(row, "parent", json_string(parent));
    }
    return row;
}

static void add_accels(json_t *list)
{
    const char *const *names = accel_list(true);

    json_array_append_new(list, type_json("accel", "object", false));
    for (guint i = 0; names[i] != NULL; i++) {
        g_autofree char *type = g_strconcat(names[i], ACCEL_SUFFIX, NULL);

        json_array_append_new(list, type_json(type, "accel", false));
    }
}

bool qmp_qom_list_types(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    GPtrArray *types = hw_registry_list(mon->vm->registry, NULL);
    const char *wanted = qmp_str(args, "implements");
    bool abstract = json_is_true(json_object_get(args, "abstract"));

    *ret = json_array();
    for (guint i = 0; i < types->len; i++) {
        const HwType *t = g_ptr_array_index(types, i);

        if ((!t->abstract || abstract) && (wanted == NULL || implements(t, wanted))) {
            json_array_append_new(*ret, type_json(t->name, t->parent ? t->parent->name : NULL,
                                                  t->abstract));
        }
    }
    if (wanted == NULL || strcmp(wanted, "accel") == 0 || strcmp(wanted, "object") == 0) {
        add_accels(*ret);
    }
    g_ptr_array_unref(types);
    return true;
}

/* "kvm-accel": the accelerator's own table. A module that is not installed has none. */
static bool accel_properties(const char *type, json_t **ret)
{
    g_autofree char *name = NULL;
    const AccelClass *klass;

    if (!g_str_has_suffix(type, ACCEL_SUFFIX)) {
        return false;
    }
    name = g_strndup(type, strlen(type) - strlen(ACCEL_SUFFIX));
    if (!g_strv_contains(accel_list(true), name)) {
        return false;
    }
    klass = accel_find_class(name, NULL);
    *ret = json_array();
    add_type_row(*ret);
    add_props(*ret, klass != NULL ? klass->props : NULL, false);
    return true;
}

bool qmp_qom_list_properties(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    const char *name = qmp_str(args, "typename");
    const HwType *type = hw_registry_find(mon->vm->registry, name);

    if (type == NULL) {
        if (accel_properties(name, ret)) {
            return true;
        }
        qmp_error(errp, QMP_DEVICE_NOT_FOUND, "Class '%s' not found", name);
        return false;
    }
    *ret = json_array();
    add_type_row(*ret);
    add_chain(*ret, type, false);
    return true;
}

bool qmp_device_list_properties(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    const char *name = qmp_str(args, "typename");
    const HwType *type = hw_registry_find(mon->vm->registry, name);

    if (type == NULL) {
        qmp_error(errp, QMP_DEVICE_NOT_FOUND, "Device '%s' not found", name);
        return false;
    }
    if (type->abstract || !hw_type_is_a(type, &hw_type_device)) {
        qmp_error(errp, QMP_GENERIC_ERROR,
                  "Parameter 'typename' expects a non-abstract device type");
        return false;
    }
    *ret = json_array();
    add_chain(*ret, type, true);
    return true;
}
