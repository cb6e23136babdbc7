/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What happens to the machine, as events: an observer of the run state. */
#include "accel/error.h"
#include "system/qmp.h"

static json_t *cause_json(const VmEvent *ev)
{
    return json_pack("{s:b, s:s}", "guest", shutdown_cause_by_guest(ev->cause), "reason",
                     shutdown_cause_name(ev->cause));
}

static void set_string(json_t *data, const char *name, const char *text)
{
    if (text != NULL) {
        json_object_set_new(data, name, json_text(text));
    }
}

static json_t *lines_json(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    return json_text_list((const char *const *)lines);
}

static json_t *error_json(const GError *err)
{
    json_t *data = json_pack("{s:o}", "message", json_text(err->message));

    set_string(data, "accel", accel_error_accel(err));
    set_string(data, "stage", accel_error_stage(err));
    set_string(data, "call", accel_error_call(err));
    if (accel_error_errno(err) != 0) {
        json_object_set_new(data, "errno", json_integer(accel_error_errno(err)));
    }
    if (accel_error_notes(err) != NULL) {
        json_object_set_new(data, "details", lines_json(accel_error_notes(err)));
    }
    return data;
}

static json_t *action_json(const VmEvent *ev)
{
    return json_pack("{s:s}", "action", ev->action);
}

static json_t *deleted_json(const VmEvent *ev)
{
    json_t *data = json_object();

    set_string(data, "device", ev->device);
    set_string(data, "path", ev->path);
    return data;
}

static void on_event(void *opaque, Vm *vm, const VmEvent *ev)
{
    switch (ev->kind) {
    case VM_EVENT_STOP:
        qmp_emit(vm, "STOP", NULL);
        break;
    case VM_EVENT_RESUME:
        qmp_emit(vm, "RESUME", NULL);
        break;
    case VM_EVENT_RESET:
        qmp_emit(vm, "RESET", cause_json(ev));
        break;
    case VM_EVENT_SHUTDOWN:
        qmp_emit(vm, "SHUTDOWN", cause_json(ev));
        break;
    case VM_EVENT_POWERDOWN:
        qmp_emit(vm, "POWERDOWN", NULL);
        break;
    case VM_EVENT_SUSPEND:
        qmp_emit(vm, "SUSPEND", NULL);
        break;
    case VM_EVENT_WAKEUP:
        qmp_emit(vm, "WAKEUP", NULL);
        break;
    case VM_EVENT_GUEST_PANICKED:
        qmp_emit(vm, "GUEST_PANICKED", action_json(ev));
        break;
    case VM_EVENT_GUEST_CRASHLOADED:
        qmp_emit(vm, "GUEST_CRASHLOADED", action_json(ev));
        break;
    case VM_EVENT_GUEST_PVSHUTDOWN:
        qmp_emit(vm, "GUEST_PVSHUTDOWN", NULL);
        break;
    case VM_EVENT_WATCHDOG:
        qmp_emit(vm, "WATCHDOG", action_json(ev));
        break;
    case VM_EVENT_INTERNAL_ERROR:
        qmp_emit(vm, "X_INTERNAL_ERROR", error_json(ev->err));
        break;
    case VM_EVENT_DEVICE_DELETED:
        qmp_emit(vm, "DEVICE_DELETED", deleted_json(ev));
        break;
    case VM_EVENT_STATE:
        break;
    }
}

void qmp_events_start(Vm *vm)
{
    vm_add_observer(vm, on_event, NULL);
}
