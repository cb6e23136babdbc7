/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Objects: making, counting and ending them, and their properties.
 *
 * Theory of operation: an object's memory starts with HwObject and is laid out by single inheritance.
 * Making one walks the chain of types from the root down (defaults, then init, per type); ending one
 * walks it back up (finalize, then the type's strings). The tree lives in object-tree.c.
 */
#include "hw/object.h"

const HwType hw_type_object = {
    .name = "object",
    .desc = "root of all types",
    .instance_size = sizeof(HwObject),
    .abstract = true,
};

const HwType hw_type_container = {
    .name = "container",
    .parent = &hw_type_object,
    .desc = "folder of the object tree",
    .instance_size = sizeof(HwObject),
};

static size_t instance_size(const HwType *type)
{
    while (type->instance_size == 0 && type->parent != NULL) {
        type = type->parent;
    }
    return MAX(type->instance_size, sizeof(HwObject));
}

static void init_chain(HwObject *obj, const HwType *type)
{
    if (type->parent != NULL) {
        init_chain(obj, type->parent);
    }
    if (type->props != NULL) {
        accel_prop_init(obj, type->props);
    }
    if (type->init != NULL) {
        type->init(obj);
    }
}

static void finalize_chain(HwObject *obj)
{
    const HwType *type;

    for (type = obj->type; type != NULL; type = type->parent) {
        if (type->finalize != NULL) {
            type->finalize(obj);
        }
        if (type->props != NULL) {
            accel_prop_clear(obj, type->props);
        }
    }
}

static void init_object(HwObject *obj, const HwType *type, bool embedded)
{
    obj->type = type;
    obj->ref = 1;
    obj->embedded = embedded;
    init_chain(obj, type);
}

HwObject *hw_object_new(const HwType *type)
{
    HwObject *obj;

    g_return_val_if_fail(type != NULL && !type->abstract, NULL);
    obj = g_malloc0(instance_size(type));
    init_object(obj, type, false);
    return obj;
}

void hw_object_init(HwObject *obj, const HwType *type)
{
    init_object(obj, type, true);
}

HwObject *hw_object_ref(HwObject *obj)
{
    g_atomic_int_inc(&obj->ref);
    return obj;
}

/* The last child goes first: it may lean on an elder sibling. */
static void drop_children(HwObject *obj)
{
    while (obj->children != NULL && obj->children->len > 0) {
        hw_object_unparent(g_ptr_array_index(obj->children, obj->children->len - 1));
    }
    g_clear_pointer(&obj->children, g_ptr_array_unref);
}

void hw_object_unref(HwObject *obj)
{
    if (obj == NULL || !g_atomic_int_dec_and_test(&obj->ref)) {
        return;
    }
    drop_children(obj);
    finalize_chain(obj);
    g_clear_pointer(&obj->name, g_free);
    if (!obj->embedded) {
        g_free(obj);
    }
}

bool hw_type_is_a(const HwType *type, const HwType *ancestor)
{
    while (type != NULL && type != ancestor) {
        type = type->parent;
    }
    return type != NULL;
}

bool hw_object_is_a(const HwObject *obj, const HwType *type)
{
    return obj != NULL && hw_type_is_a(obj->type, type);
}

/* The table of the chain that has @name, the most derived one first. */
static const AccelProp *find_table(const HwType *type, const char *name)
{
    for (; type != NULL; type = type->parent) {
        if (type->props != NULL && accel_prop_find(type->props, name) != NULL) {
            return type->props;
        }
    }
    return NULL;
}

const AccelProp *hw_type_find_prop(const HwType *type, const char *name)
{
    const AccelProp *table = find_table(type, name);

    return table != NULL ? accel_prop_find(table, name) : NULL;
}

static void set_not_found(const HwObject *obj, const char *name, GError **errp)
{
    accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "Property '%s.%s' not found",
                    obj->type->name, name);
}

gboolean hw_object_set(HwObject *obj, const char *name, const char *value, GError **errp)
{
    const AccelProp *table = find_table(obj->type, name);

    if (table == NULL) {
        set_not_found(obj, name, errp);
        return FALSE;
    }
    return accel_prop_set(obj, table, obj->type->name, name, value, errp);
}

char *hw_object_get(HwObject *obj, const char *name, GError **errp)
{
    const AccelProp *prop = hw_type_find_prop(obj->type, name);

    if (prop == NULL) {
        set_not_found(obj, name, errp);
        return NULL;
    }
    return accel_prop_get(obj, prop);
}
