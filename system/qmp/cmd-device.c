/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Making and removing devices and objects while the machine is there. */
#include <string.h>
#include "hw/cpu.h"
#include "system/qmp-qom.h"

bool qmp_device_add(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    g_autoptr(KeyVals) kv = keyvals_from_json(args, errp);

    return kv != NULL && vm_device_add(mon->vm, kv, errp);
}

static bool remove_cpu(Vm *vm, CPUState *cpu, GError **errp)
{
    if (vm->mc->cpu_unplug_request != NULL) {
        return vm->mc->cpu_unplug_request(vm->ms, cpu, errp);
    }
    if (!vm->mc->has_hotpluggable_cpus) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Device '%s' does not support hotunplug",
                  cpu->dev.obj.type->name);
        return false;
    }
    if (cpu->index == 0) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Boot CPU is unpluggable");
        return false;
    }
    return hw_machine_remove_cpu(vm->ms, cpu, errp);
}

static bool remove_device(Vm *vm, DeviceState *dev, GError **errp)
{
    g_autofree char *path = hw_object_path(&dev->obj);
    g_autofree char *id = g_strdup(dev->id);

    if (!hw_device_class(dev)->hotpluggable) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Device '%s' does not support hotunplug",
                  dev->obj.type->name);
        return false;
    }
    hw_device_unrealize(dev);
    vm_notify(vm, &(VmEvent){ .kind = VM_EVENT_DEVICE_DELETED, .device = id, .path = path });
    return true;
}

bool qmp_device_del(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    const char *id = qmp_str(args, "id");
    MachineState *ms = mon->vm->ms;
    HwObject *obj = id[0] == '/' ? hw_object_resolve(ms->root, id, NULL)
                                 : hw_object_child(ms->peripheral, id);

    if (obj == NULL) {
        qmp_error(errp, QMP_DEVICE_NOT_FOUND, "Device '%s' not found", id);
        return false;
    }
    if (!hw_object_is_a(obj, &hw_type_device)) {
        qmp_error(errp, QMP_GENERIC_ERROR, "%s is not a hotpluggable device", id);
        return false;
    }
    return hw_object_is_a(obj, &hw_type_cpu) ? remove_cpu(mon->vm, (CPUState *)obj, errp)
                                             : remove_device(mon->vm, DEVICE(obj), errp);
}

/* ---- objects ---- */

/* QEMU has two wordings, by how wide the number is. */
static void wrong_type(const AccelProp *prop, const char *key, GError **errp)
{
    const char *expected = qom_expected(prop);

    if (strcmp(expected, "integer") == 0 && prop->type != ACCEL_PROP_INT64) {
        qmp_error(errp, QMP_GENERIC_ERROR, "Parameter '%s' expects uint64", key);
    } else {
        qmp_error(errp, QMP_GENERIC_ERROR, "Invalid parameter type for '%s', expected: %s", key,
                  expected);
    }
}

/* JSON has types: a number in quotes is no number. The rest is checked where -object is, too. */
static bool check_object_types(const HwType *type, json_t *args, GError **errp)
{
    const char *key;
    json_t *v;

    json_object_foreach(args, key, v) {
        const AccelProp *prop = hw_type_find_prop(type, key);
        g_autofree char *text = NULL;

        if (strcmp(key, "qom-type") == 0 || strcmp(key, "id") == 0) {
            continue;
        }
        if (prop == NULL) {
            qmp_error(errp, QMP_GENERIC_ERROR, "Parameter '%s' is unexpected", key);
            return false;
        }
        text = qom_value_text(prop, v);
        if (text == NULL) {
            wrong_type(prop, key, errp);
            return false;
        }
    }
    return true;
}

bool qmp_object_add(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    const HwType *type = hw_registry_find(mon->vm->registry, qmp_str(args, "qom-type"));
    g_autoptr(KeyVals) kv = NULL;

    if (type != NULL && type->user_creatable && !check_object_types(type, args, errp)) {
        return false;
    }
    kv = keyvals_from_json(args, errp);
    return kv != NULL && vm_object_add(mon->vm, kv, errp);
}

bool qmp_object_del(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    return vm_object_del(mon->vm, qmp_str(args, "id"), errp);
}

/*
 * Topology by QMP: one more entry behind those of -numa. What only the whole can tell is checked
 * when the board is made.
 */
bool qmp_set_numa_node(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    g_autoptr(KeyVals) kv = NULL;

    if (!vm_in_preconfig(mon->vm)) {
        qmp_error(errp, QMP_GENERIC_ERROR,
                  "The command is permitted only before the machine has been created");
        return false;
    }
    kv = keyvals_from_json(args, errp);
    return kv != NULL && vm_numa_add(mon->vm, kv, errp);
}
