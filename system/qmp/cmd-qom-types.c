/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The types there are and their properties. Accelerators are no objects here but are listed as
 * types, because that is where clients look for them.
 */
#include <string.h>
#include "accel/accel-class.h"
#include "hw/device.h"
#include "system/qmp-qom.h"

#define ACCEL_SUFFIX "-accel"

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
        json_object_set_new(row, "parent", json_text(parent));
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

    if (strcmp(type, "accel") == 0) { /* the abstract type above them has none */
        *ret = json_array();
        qom_add_type_row(*ret);
        return true;
    }
    if (!g_str_has_suffix(type, ACCEL_SUFFIX)) {
        return false;
    }
    name = g_strndup(type, strlen(type) - strlen(ACCEL_SUFFIX));
    if (!g_strv_contains(accel_list(true), name)) {
        return false;
    }
    klass = accel_find_class(name, NULL);
    *ret = json_array();
    qom_add_type_row(*ret);
    qom_add_props(*ret, klass != NULL ? klass->props : NULL, false);
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
    qom_add_type_row(*ret);
    qom_add_chain(*ret, type, false);
    if (hw_type_is_a(type, &hw_type_machine)) {
        qom_machine_list(NULL, *ret);
    }
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
    qom_add_chain(*ret, type, true);
    return true;
}
