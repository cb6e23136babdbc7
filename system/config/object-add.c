/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* -object, object-add and object-del: objects that users make, below /objects. */
#include <string.h>
#include "accel/error.h"
#include "accel/prop.h"
#include "system/vm.h"

static void unknown_type(Vm *vm, const char *name, GError **errp)
{
    GPtrArray *types = hw_registry_list(vm->registry, NULL);
    const char **names = g_new0(const char *, types->len + 1);
    guint n = 0;

    for (guint i = 0; i < types->len; i++) {
        const HwType *type = g_ptr_array_index(types, i);

        if (type->user_creatable && !type->abstract) {
            names[n++] = type->name;
        }
    }
    opt_error_suggest(errp, name, names, "Parameter 'qom-type' does not accept value '%s'", name);
    g_free(names);
    g_ptr_array_unref(types);
}

static gboolean check_new_id(Vm *vm, const char *id, bool json, GError **errp)
{
    if (id == NULL) {
        opt_error(errp, "Parameter 'id' is missing");
        return FALSE;
    }
    if (!check_id(id, errp)) {
        return FALSE;
    }
    if (hw_object_child(vm->ms->objects, id) != NULL) {
        opt_error(errp, json ? "attempt to add duplicate property '%s' to object (type 'container')"
                             : "Duplicate ID '%s' for object", id);
        return FALSE;
    }
    return TRUE;
}

/* A list is a string property of type "[…]": its elements are "key.0" or the same key again. */
static bool is_list(const AccelProp *prop)
{
    return prop->type_name != NULL && prop->type_name[0] == '[';
}

static const AccelProp *find_prop(const HwType *type, const char *key)
{
    const char *dot = strchr(key, '.');
    const AccelProp *prop = hw_type_find_prop(type, key);

    if (prop == NULL && dot != NULL && g_ascii_isdigit(dot[1])) {
        g_autofree char *name = g_strndup(key, (gsize)(dot - key));

        prop = hw_type_find_prop(type, name);
        return prop != NULL && is_list(prop) ? prop : NULL;
    }
    return prop;
}

/* QEMU's words for a number that is none differ between key=value text and JSON. */
static gboolean check_number(const AccelProp *prop, const KeyVal *e, GError **errp)
{
    bool quoted = e->kind == KEYVAL_STRING || e->kind == KEYVAL_BOOL;
    guint64 n;

    if (prop->type == ACCEL_PROP_INT64) {
        if (quoted || (e->kind == KEYVAL_NUMBER && strpbrk(e->value, ".e") != NULL)) {
            opt_error(errp, "Invalid parameter type for '%s', expected: integer", prop->name);
            return FALSE;
        }
        if (!accel_parse_size(e->value + (e->value[0] == '-'), 1, &n)) {
            opt_error(errp, "Parameter '%s' expects an int64 value", prop->name);
            return FALSE;
        }
        return TRUE;
    }
    if (quoted || !accel_parse_size(e->value, 1, &n)) {
        opt_error(errp, "Parameter '%s' expects %s", prop->name,
                  e->kind != KEYVAL_TEXT && e->kind != KEYVAL_BARE ? "uint64"
                  : prop->type == ACCEL_PROP_SIZE                  ? "a size value"
                                                                   : "a uint64 value");
        return FALSE;
    }
    return TRUE;
}

static gboolean check_value(const AccelProp *prop, const KeyVal *e, GError **errp)
{
    bool json = e->kind == KEYVAL_STRING || e->kind == KEYVAL_NUMBER || e->kind == KEYVAL_BOOL;
    const char *expected = NULL;

    if (is_list(prop)) {
        if (e->kind == KEYVAL_STRING || e->kind == KEYVAL_BOOL) {
            opt_error(errp, "Parameter '%s' expects uint64", e->key);
            return FALSE;
        }
        expected = json && strchr(e->key, '.') == NULL ? "array" : NULL;
    } else if (prop->type == ACCEL_PROP_BOOL) {
        expected = json && e->kind != KEYVAL_BOOL ? "boolean" : NULL;
    } else if (prop->type == ACCEL_PROP_STRING || prop->type == ACCEL_PROP_ENUM ||
               prop->type == ACCEL_PROP_LINK) {
        expected = json && e->kind != KEYVAL_STRING ? "string" : NULL;
    } else {
        return check_number(prop, e, errp);
    }
    if (expected != NULL) {
        opt_error(errp, "Invalid parameter type for '%s', expected: %s", prop->name, expected);
    }
    return expected == NULL;
}

static gboolean set_property(HwObject *obj, const AccelProp *prop, const KeyVal *e, GError **errp)
{
    g_autofree char *old = NULL, *longer = NULL;

    if (!check_value(prop, e, errp)) {
        return FALSE;
    }
    if (!is_list(prop)) {
        return hw_object_set(obj, prop->name, e->value, errp);
    }
    old = hw_object_get(obj, prop->name, NULL);
    longer = g_strconcat(old, old[0] != '\0' ? "," : "", e->value, NULL);
    return hw_object_set(obj, prop->name, longer, errp);
}

static gboolean set_properties(HwObject *obj, const KeyVals *kv, GError **errp)
{
    for (guint i = 0; i < kv->n; i++) {
        const KeyVal *e = &kv->v[i];
        const AccelProp *prop = find_prop(obj->type, e->key);

        if (strcmp(e->key, "qom-type") == 0 || strcmp(e->key, "id") == 0) {
            continue;
        }
        if (prop == NULL) {
            opt_error(errp, kv->json ? "Parameter '%s' is unexpected" : "Invalid parameter '%s'",
                      e->key);
            return FALSE;
        }
        if (!set_property(obj, prop, e, errp)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* complete() of the nearest type that has one. */
static gboolean complete(HwObject *obj, GError **errp)
{
    const HwType *type = obj->type;

    while (type != NULL && type->complete == NULL) {
        type = type->parent;
    }
    return type == NULL || type->complete(obj, errp);
}

gboolean vm_object_add(Vm *vm, const KeyVals *kv, GError **errp)
{
    const char *name = keyvals_get(kv, "qom-type"), *id = keyvals_get(kv, "id");
    const HwType *type;
    HwObject *obj;
    gboolean ok;

    if (name == NULL) {
        opt_error(errp, "Parameter 'qom-type' is missing");
        return FALSE;
    }
    type = hw_registry_find(vm->registry, name);
    if (type == NULL || type->abstract || !type->user_creatable) {
        unknown_type(vm, name, errp);
        return FALSE;
    }
    if (!check_new_id(vm, id, kv->json, errp)) {
        return FALSE;
    }
    obj = hw_object_new(type);
    ok = set_properties(obj, kv, errp) &&
         hw_object_add_child(vm->ms->objects, id, obj, errp);
    if (ok && !complete(obj, errp)) {
        hw_object_unparent(obj);
        ok = FALSE;
    }
    hw_object_unref(obj);
    return ok;
}

gboolean vm_object_del(Vm *vm, const char *id, GError **errp)
{
    HwObject *obj = hw_object_child(vm->ms->objects, id);

    if (obj == NULL) {
        opt_error(errp, "object '%s' not found", id);
        return FALSE;
    }
    if (g_atomic_int_get(&obj->ref) > 1) {
        opt_error(errp, "object '%s' is in use, can not be deleted", id);
        return FALSE;
    }
    hw_object_unparent(obj);
    return TRUE;
}

gboolean config_objects(Vm *vm, GError **errp)
{
    for (const OptItem *it = NULL; (it = options_next(&vm->opts, OPT_object, it)) != NULL;) {
        options_at(it);
        if (!vm_object_add(vm, it->kv, errp)) {
            return FALSE;
        }
    }
    options_at(NULL);
    return TRUE;
}
