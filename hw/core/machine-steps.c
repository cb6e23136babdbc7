/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The steps from a bare machine to a running one, and what happens to it then: attach, init, ready,
 * reset, requests.
 *
 * Theory of operation: each step is traced with its duration. A reset stops the vCPUs, puts devices,
 * then CPUs, then the board (which places firmware or kernel entry state) back to power-on, and lets
 * the vCPUs go again. A request from the guest is told to the machine's owner; a vCPU that asked for
 * the end of the world stops at once, so that the guest does not run on past its own power-off.
 */
#include "hw/core/memory-internal.h"
#include "hw/core/core-internal.h"
#include "accel/accel-class.h"

gboolean hw_settle(gboolean ok, GError *err, const char *type, const char *step, GError **errp)
{
    if (ok) {
        g_clear_error(&err);
        return TRUE;
    }
    if (err == NULL) {
        accel_error_set(&err, ACCEL_ERROR_FAILED, NULL, "%s: %s failed and gave no reason", type,
                        step);
    }
    g_propagate_error(errp, err);
    return FALSE;
}

/* init or ready of the machine's class. */
static gboolean call_step(MachineState *ms, const char *step,
                          gboolean (*fn)(MachineState *ms, GError **errp), GError **errp)
{
    GError *err = NULL;
    gboolean ok = fn == NULL || fn(ms, &err);

    return hw_settle(ok, err, ms->klass->type.name, step, errp);
}

static void trace_step(MachineState *ms, const char *step, int64_t since_us)
{
    accel_trace(ms->trace, machine_stage, "%s %" G_GINT64_FORMAT " us", step,
                g_get_monotonic_time() - since_us);
}

void hw_machine_attach_accel(MachineState *ms, AccelState *as)
{
    int64_t since = g_get_monotonic_time();

    g_return_if_fail(ms->accel == NULL);
    ms->accel = as;
    hw_exit_path_connect(ms);
    if (accel_get_class(as)->virtual_clock) {
        hw_clock_set_manual(ms, true);
    }
    hw_ram_map_all(ms, &ms->attach_error);
    trace_step(ms, "attach-accel", since);
}

static gboolean check_ram_size(const MachineState *ms, GError **errp)
{
    const uint64_t max = ms->klass->max_ram_size;

    if (max == 0 || ms->ram_size <= max) {
        return TRUE;
    }
    accel_error_set(errp, ACCEL_ERROR_LIMIT, &(AccelErrorInfo){ .stage = "memory" },
                    "machine '%s' has at most %" G_GUINT64_FORMAT " MiB of RAM, not %"
                    G_GUINT64_FORMAT, ms->klass->name, max >> 20, ms->ram_size >> 20);
    return FALSE;
}

gboolean hw_machine_init(MachineState *ms, GError **errp)
{
    int64_t since = g_get_monotonic_time();
    gboolean ok;

    g_return_val_if_fail(ms->accel != NULL && !ms->initialized, FALSE);
    if (ms->attach_error != NULL) {
        g_propagate_error(errp, g_steal_pointer(&ms->attach_error));
        return FALSE;
    }
    if (!check_ram_size(ms, errp)) {
        return FALSE;
    }
    hw_machine_lock(ms);
    ok = call_step(ms, "init", ms->klass->init, errp);
    ms->initialized = ok;
    hw_machine_unlock(ms);
    trace_step(ms, "init", since);
    return ok;
}

static gboolean reset_all(MachineState *ms, GError **errp)
{
    gboolean ok;

    hw_machine_lock(ms);
    hw_device_reset_all(ms);
    ok = hw_cpus_reset(ms, errp);
    if (ok && ms->klass->reset != NULL) {
        ms->klass->reset(ms);
    }
    hw_machine_unlock(ms);
    return ok;
}

gboolean hw_machine_ready(MachineState *ms, GError **errp)
{
    int64_t since = g_get_monotonic_time();
    gboolean ok;

    g_return_val_if_fail(ms->initialized && !ms->ready, FALSE);
    hw_machine_lock(ms);
    ok = call_step(ms, "ready", ms->klass->ready, errp);
    ok = ok && reset_all(ms, errp);
    ms->ready = ok;
    hw_machine_unlock(ms);
    trace_step(ms, "ready", since);
    return ok;
}

gboolean hw_machine_reset(MachineState *ms, const char *cause, GError **errp)
{
    bool was_running = ms->running;
    gboolean ok;

    accel_trace(ms->trace, machine_reset, "cause %s", cause != NULL ? cause : "none");
    hw_machine_stop(ms);
    ok = reset_all(ms, errp);
    if (ok && was_running) {
        hw_machine_start(ms);
    }
    return ok;
}

static bool ends_the_guest(MachineRequest kind)
{
    return kind == MACHINE_REQUEST_SHUTDOWN || kind == MACHINE_REQUEST_RESET ||
           kind == MACHINE_REQUEST_EXIT || kind == MACHINE_REQUEST_ERROR ||
           kind == MACHINE_REQUEST_DEBUG || kind == MACHINE_REQUEST_PVSHUTDOWN;
}

void hw_machine_request_full(MachineState *ms, const MachineRequestInfo *info)
{
    CPUState *self = hw_current_cpu();

    if (self != NULL && self->dev.machine == ms && ends_the_guest(info->kind)) {
        g_mutex_lock(&ms->cpu_lock);
        self->stop = true;
        g_mutex_unlock(&ms->cpu_lock);
        accel_kick(self->accel_cpu);
    }
    if (ms->hooks.request != NULL) {
        ms->hooks.request(ms->hooks.opaque, info);
    }
}

void hw_machine_request(MachineState *ms, MachineRequest kind, const char *cause, int code)
{
    MachineRequestInfo info = {
        .kind = kind, .cause = cause, .code = code, .cpu = hw_current_cpu(),
    };

    hw_machine_request_full(ms, &info);
}
