/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the guest's ACPI reports of CPUs that come and go (_OST): query-acpi-ospm-status, the event.
 *
 * The report is written on a vCPU's thread; the event goes out from the main thread, like all
 * others. A guest can report without end: per slot one report waits at most, the last one, and one
 * event goes out per second. All of it under the machine lock.
 */
#include "hw/acpi-devices.h"
#include "system/hooks.h"
#include "system/qmp.h"

/* NULL: this machine has no CPU hotplug by ACPI. */
static DeviceState *hotplug_device(Vm *vm)
{
    HwObject *obj = hw_object_resolve(vm->ms->root, "/machine/unattached/acpi-cpu-hotplug", NULL);

    return obj != NULL && obj->type == &acpi_cpuhp_class.type ? (DeviceState *)obj : NULL;
}

static json_t *info_json(const AcpiOst *ost)
{
    json_t *info = json_pack("{s:o, s:s, s:I, s:I}", "slot", json_sprintf("%u", ost->slot),
                             "slot-type", "CPU", "source", (json_int_t)ost->event, "status",
                             (json_int_t)ost->status);

    if (ost->id != NULL) {
        json_object_set_new(info, "device", json_text(ost->id));
    }
    return info;
}

bool qmp_query_acpi_ospm_status(Monitor *mon, json_t *args, json_t **ret, GError **errp)
{
    DeviceState *dev = hotplug_device(mon->vm);
    AcpiOst ost;

    if (dev == NULL) {
        qmp_error(errp, QMP_GENERIC_ERROR, "command is not supported, missing ACPI device");
        return false;
    }
    *ret = json_array();
    for (guint i = 0; acpi_cpuhp_get_ost(dev, i, &ost); i++) {
        json_array_append_new(*ret, info_json(&ost));
    }
    return true;
}

enum { INTERVAL_MS = 1000 };

/* Of one slot; lives as long as the machine. */
typedef struct Report {
    Vm *vm;
    json_t *pending; /* NULL: none */
    bool waiting;    /* send_report() will come */
} Report;

static gboolean send_report(gpointer opaque)
{
    Report *r = opaque;

    r->waiting = r->pending != NULL;
    if (r->waiting) {
        qmp_emit(r->vm, "ACPI_DEVICE_OST",
                 json_pack("{s:o}", "info", g_steal_pointer(&r->pending)));
        g_timeout_add(INTERVAL_MS, send_report, r);
    }
    return G_SOURCE_REMOVE;
}

static void on_ost(void *opaque, const AcpiOst *ost)
{
    Report *r = (Report *)opaque + ost->slot;

    json_decref(r->pending);
    r->pending = info_json(ost);
    if (!r->waiting) {
        r->waiting = true;
        g_idle_add_full(G_PRIORITY_DEFAULT, send_report, r, NULL);
    }
}

static void clear_report(gpointer p)
{
    json_decref(((Report *)p)->pending);
}

void qmp_acpi_start(Vm *vm)
{
    DeviceState *dev = hotplug_device(vm);
    AcpiOst ost;
    const Report none = { .vm = vm };

    if (dev == NULL) {
        return;
    }
    vm->ost_reports = g_array_new(FALSE, FALSE, sizeof(Report));
    g_array_set_clear_func(vm->ost_reports, clear_report);
    for (guint i = 0; acpi_cpuhp_get_ost(dev, i, &ost); i++) {
        g_array_append_val(vm->ost_reports, none);
    }
    acpi_cpuhp_set_ost(dev, on_ost, vm->ost_reports->data);
}
