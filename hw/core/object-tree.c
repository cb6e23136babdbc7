/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The object tree: parents, children, paths.
 *
 * Theory of operation: a parent owns a reference to each child, a child borrows its parent. A path
 * that starts with '/' is walked from the root; any other is a partial path, which may hang below
 * any object of the tree and has to be unique.
 */
#include <string.h>
#include "hw/object.h"

HwObject *hw_object_child(HwObject *obj, const char *name)
{
    guint i;

    for (i = 0; obj->children != NULL && i < obj->children->len; i++) {
        HwObject *child = g_ptr_array_index(obj->children, i);

        if (strcmp(child->name, name) == 0) {
            return child;
        }
    }
    return NULL;
}

gboolean hw_object_add_child(HwObject *parent, const char *name, HwObject *child, GError **errp)
{
    g_return_val_if_fail(child->parent == NULL, FALSE);
    if (name[0] == '\0' || strchr(name, '/') != NULL) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "invalid object name '%s'", name);
        return FALSE;
    }
    if (hw_object_child(parent, name) != NULL) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "attempt to add duplicate property '%s' to object (type '%s')", name,
                        parent->type->name);
        return FALSE;
    }
    if (parent->children == NULL) {
        parent->children = g_ptr_array_new();
    }
    g_ptr_array_add(parent->children, hw_object_ref(child));
    g_free(child->name);
    child->name = g_strdup(name);
    child->parent = parent;
    return TRUE;
}

void hw_object_unparent(HwObject *obj)
{
    HwObject *parent = obj->parent;

    if (parent == NULL) {
        return;
    }
    obj->parent = NULL;
    g_ptr_array_remove(parent->children, obj);
    hw_object_unref(obj);
}

char *hw_object_path(const HwObject *obj)
{
    GString *path = g_string_new(NULL);

    for (; obj->parent != NULL; obj = obj->parent) {
        g_string_prepend(path, obj->name);
        g_string_prepend_c(path, '/');
    }
    if (path->len == 0) {
        g_string_append_c(path, '/');
    }
    return g_string_free(path, FALSE);
}

/* Follow @parts from @obj; empty parts ("//") count for nothing. */
static HwObject *walk(HwObject *obj, char *const *parts)
{
    for (; obj != NULL && *parts != NULL; parts++) {
        if (**parts != '\0') {
            obj = hw_object_child(obj, *parts);
        }
    }
    return obj;
}

static void walk_everywhere(HwObject *obj, char *const *parts, HwObject **found, guint *n)
{
    HwObject *hit = walk(obj, parts);
    guint i;

    if (hit != NULL) {
        *found = hit;
        (*n)++;
    }
    for (i = 0; obj->children != NULL && i < obj->children->len; i++) {
        walk_everywhere(g_ptr_array_index(obj->children, i), parts, found, n);
    }
}

HwObject *hw_object_resolve(HwObject *root, const char *path, bool *ambiguous)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);
    HwObject *found = NULL;
    guint n = 0;

    if (ambiguous != NULL) {
        *ambiguous = false;
    }
    if (path[0] == '/') {
        return walk(root, parts);
    }
    if (path[0] == '\0') {
        return NULL;
    }
    walk_everywhere(root, parts, &found, &n);
    if (ambiguous != NULL) {
        *ambiguous = n > 1;
    }
    return n == 1 ? found : NULL;
}
