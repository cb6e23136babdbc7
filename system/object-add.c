/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* -object, object-add and object-del: objects that users make, below /objects. */
#include <string.h>
#include "accel/error.h"
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

static gboolean check_new_id(Vm *vm, const char *id, GError **errp)
{
    if (id == NULL) {
        opt_error(errp, "Parameter 'id' is missing");
        return FALSE;
    }
    if (!check_id(id, errp)) {
        return FALSE;
    }
    if (hw_object_child(vm->ms->objects, id) != NULL) {
        opt_error(errp, "Duplicate ID '%s' for object", id);
        return FALSE;
    }
    return TRUE;
}

static gboolean set_properties(HwObject *obj, const KeyVals *kv, GError **errp)
{
    for (guint i = 0; i < kv->n; i++) {
        const KeyVal *e = &kv->v[i];

        if (strcmp(e->key, "qom-type") == 0 || strcmp(e->key, "id") == 0) {
            continue;
        }
        if (hw_type_find_prop(obj->type, e->key) == NULL) {
            opt_error(errp, "Invalid parameter '%s'", e->key);
            return FALSE;
        }
        if (!hw_object_set(obj, e->key, e->value, errp)) {
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
    if (!check_new_id(vm, id, errp)) {
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
