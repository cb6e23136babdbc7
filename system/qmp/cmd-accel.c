/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The accelerator: which one, which there are, and (QEMU has nothing like it) all that it knows of
 * itself.
 */
#include <string.h>
#include "accel/accel.h"
#include "accel/kvm.h"
#include "system/qmp.h"

static const char *current(Monitor *mon)
{
    const AccelState *as = mon->vm->ms->accel;

    return as != NULL ? accel_name(as) : NULL;
}

bool qmp_query_kvm(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    *ret = json_pack("{s:b, s:b}", "enabled", g_strcmp0(current(mon), "kvm") == 0, "present",
                     true);
    return true;
}

bool qmp_query_accelerators(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    const char *const *names = accel_list(true);
    json_t *present = json_array();

    for (guint i = 0; names[i] != NULL; i++) {
        json_array_append_new(present, json_text(names[i]));
    }
    *ret = json_pack("{s:o}", "present", present);
    if (current(mon) != NULL) {
        json_object_set_new(*ret, "enabled", json_text(current(mon)));
    }
    return true;
}

static void add_capabilities(KVMState *s, const KVMCapabilityInfo *table, bool required,
                             json_t *list)
{
    for (; table->name != NULL; table++) {
        int value = kvm_vm_check_extension(s, (unsigned)table->value);

        json_array_append_new(list, json_pack("{s:s, s:i, s:i, s:b}", "name", table->name,
                                              "number", table->value, "value", value, "required",
                                              required));
    }
}

static bool is_listed(json_t *list, int number)
{
    json_t *row;
    size_t i;

    json_array_foreach(list, i, row) {
        if (json_integer_value(json_object_get(row, "number")) == number) {
            return true;
        }
    }
    return false;
}

/* All that has a name: the ones bring-up asks for first. */
static json_t *capabilities_json(KVMState *s)
{
    enum { HIGHEST = 300 };
    json_t *list = json_array();

    add_capabilities(s, kvm_required_capabilities(), true, list);
    add_capabilities(s, kvm_arch_required_capabilities(), true, list);
    add_capabilities(s, kvm_optional_capabilities(), false, list);
    for (int cap = 0; cap < HIGHEST; cap++) {
        const char *name = kvm_capability_name(cap);
        const KVMCapabilityInfo row[] = { { .name = name, .value = cap }, { 0 } };

        if (name != NULL && !is_listed(list, cap)) {
            add_capabilities(s, row, false, list);
        }
    }
    return list;
}

static json_t *kvm_json(Monitor *mon, KVMState *s)
{
    guint used = 0;

    hw_ram_blocks(mon->vm->ms, &used);
    return json_pack("{s:i, s:{s:i, s:i, s:i, s:i}, s:I, s:o}", "api-version",
                     kvm_api_version(s), "limits", "recommended-vcpus", kvm_recommended_vcpus(s),
                     "max-vcpus", kvm_max_vcpus(s), "max-vcpu-id", kvm_max_vcpu_id(s),
                     "memory-slots", kvm_max_memslots(s), "memory-slots-used", (json_int_t)used,
                     "capabilities", capabilities_json(s));
}

static json_t *stages_json(const AccelState *as)
{
    guint n = 0;
    const AccelStageTime *times = accel_stage_times(as, &n);
    json_t *list = json_array();

    for (guint i = 0; i < n; i++) {
        json_array_append_new(list, json_pack("{s:s, s:I}", "name", times[i].name, "ns",
                                              (json_int_t)times[i].ns));
    }
    return list;
}

static json_t *warnings_json(const AccelState *as)
{
    return json_text_list(accel_warnings(as));
}

bool qmp_x_query_accel_info(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    static const char *const modes[] = {
        [ACCEL_IRQCHIP_OFF] = "off", [ACCEL_IRQCHIP_ON] = "on", [ACCEL_IRQCHIP_SPLIT] = "split",
    };
    AccelState *as = mon->vm->ms->accel;

    if (as == NULL) {
        qmp_error(errp, QMP_GENERIC_ERROR, "there is no accelerator");
        return false;
    }
    *ret = json_pack("{s:s, s:s, s:s, s:o, s:o}", "name", accel_name(as), "display-name",
                     accel_display_name(as), "irqchip", modes[accel_irqchip(as)], "stages",
                     stages_json(as), "warnings", warnings_json(as));
    if (kvm_state(as) != NULL) {
        json_object_set_new(*ret, "kvm", kvm_json(mon, kvm_state(as)));
    }
    return true;
}
