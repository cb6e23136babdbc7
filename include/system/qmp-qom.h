/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal to the QMP server: properties between their text form and JSON. */
#ifndef SYSTEM_QMP_QOM_H
#define SYSTEM_QMP_QOM_H

#include "hw/i386/cpu-model.h"
#include "hw/object.h"
#include "system/qmp.h"

/** qom_value_json: the text form of a property's value as JSON. (transfer full). */
json_t *qom_value_json(const AccelProp *prop, const char *text);
/** qom_value_text: the other way. (transfer full), NULL when @v is of the wrong type. */
char *qom_value_text(const AccelProp *prop, json_t *v);
/** qom_expected: how errors name the type: "boolean", "string", "integer". */
const char *qom_expected(const AccelProp *prop);

/**
 * qom_set_text: a property from the text that a person typed. @name's rules read it.
 * Returns: FALSE with an error in QEMU's words.
 */
bool qom_set_text(Monitor *mon, const char *path, const char *name, const char *text,
                  GError **errp);

/** qom_add_type_row: the property "type" that every object has. */
void qom_add_type_row(json_t *list);
/** qom_add_props: describe the rows of one table. @qdev: with device-list-properties' names. */
void qom_add_props(json_t *list, const AccelProp *p, bool qdev);
/** qom_add_chain: the same for a type and all its ancestors. */
void qom_add_chain(json_t *list, const HwType *type, bool qdev);

/**
 * qom_cpu_value: a feature or fact of @cpu's model that is no property of its type. Returns: new
 * reference; NULL when @cpu is no CPU or there is nothing called @name.
 */
json_t *qom_cpu_value(Vm *vm, const HwObject *cpu, const char *name);
/** qom_cpu_prop_json: the value of one property of a CPU or a model. (transfer full). */
json_t *qom_cpu_prop_json(const X86CpuProp *p);
/** qom_cpu_list: append rows of all that qom_cpu_value() knows of @cpu to @list. */
void qom_cpu_list(Vm *vm, const HwObject *cpu, json_t *list);

/** qom_machine_value: what @obj, the machine, was made from. NULL for other objects and names. */
json_t *qom_machine_value(Vm *vm, const HwObject *obj, const char *name);
/**
 * qom_machine_list: append rows of all that qom_machine_value() knows. @vm: NULL for a type that may
 * not be this machine's: what depends on its devices is left out.
 */
void qom_machine_list(Vm *vm, json_t *list);

#endif
