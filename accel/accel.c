/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Life of an accelerator. accel_init() hands over to the class and makes sure that whatever the
 * class did before it failed is undone, so that a state can be tried again.
 */
#include <string.h>
#include "accel/accel-class.h"

AccelState *accel_new(const char *name, GError **errp)
{
    const AccelClass *klass = accel_find_class(name, errp);
    AccelState *as;

    if (klass == NULL) {
        return NULL;
    }
    as = g_malloc0(klass->instance_size);
    as->klass = klass;
    accel_prop_init(as, klass->props);
    return as;
}

gboolean accel_set_property(AccelState *as, const char *prop, const char *value, GError **errp)
{
    g_autofree char *owner = g_strdup_printf("%s-accel", as->klass->name);

    if (as->inited) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, &(AccelErrorInfo){ .accel = as->klass->name },
                        "Cannot set properties after the accelerator has been initialized");
        return FALSE;
    }
    return accel_prop_set(as, as->klass->props, owner, prop, value, errp);
}

char *accel_get_property(const AccelState *as, const char *name)
{
    const AccelProp *prop = accel_prop_find(as->klass->props, name);

    return prop != NULL ? accel_prop_get(as, prop) : NULL;
}

static void forget_run(AccelState *as)
{
    g_clear_pointer(&as->warnings, g_ptr_array_unref);
    g_clear_pointer(&as->stage_times, g_array_unref);
}

/* What an older caller's shorter struct does not have reads as zero. */
static gboolean copy_spec(const AccelSpec *from, AccelSpec *to, GError **errp)
{
    *to = (AccelSpec){ .size = sizeof(*to) };
    if (from == NULL) {
        return TRUE;
    }
    if (from->size < sizeof(size_t)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "AccelSpec.size is not set");
        return FALSE;
    }
    memcpy(to, from, MIN(from->size, sizeof(*to)));
    to->max_cpus = MAX(to->max_cpus, to->cpus);
    to->max_apic_id = MAX(to->max_apic_id, to->max_cpus);
    return TRUE;
}

gboolean accel_init(AccelState *as, const AccelSpec *spec, GError **errp)
{
    AccelSpec full;
    GError *err = NULL;

    if (as->inited) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, &(AccelErrorInfo){ .accel = as->klass->name },
                        "The accelerator has been initialized already");
        return FALSE;
    }
    if (!copy_spec(spec, &full, errp)) {
        return FALSE;
    }
    forget_run(as);
    as->trace = full.trace;
    as->warn = full.warn;
    as->warn_opaque = full.warn_opaque;
    if (!as->klass->init(as, &full, &err)) {
        as->klass->cleanup(as);
        accel_error_set_context(err, as->klass->name, NULL);
        g_propagate_error(errp, err);
        return FALSE;
    }
    as->inited = true;
    return TRUE;
}

AccelState *accel_open(const char *name, const AccelSpec *spec, GError **errp)
{
    AccelState *as = accel_new(name, errp);

    if (as != NULL && !accel_init(as, spec, errp)) {
        accel_close(as);
        as = NULL;
    }
    return as;
}

void accel_close(AccelState *as)
{
    if (as == NULL) {
        return;
    }
    while (as->cpus != NULL && as->cpus->len > 0) {
        accel_destroy_vcpu(g_ptr_array_index(as->cpus, as->cpus->len - 1));
    }
    g_clear_pointer(&as->cpus, g_ptr_array_unref);
    if (as->inited) {
        as->klass->cleanup(as);
    }
    forget_run(as);
    accel_prop_clear(as, as->klass->props);
    g_free(as);
}

void accel_set_io(AccelState *as, const AccelIo *io)
{
    as->io = *io;
}

const char *accel_name(const AccelState *as)
{
    return as->klass->name;
}

const char *accel_display_name(const AccelState *as)
{
    return as->klass->display_name;
}

const AccelClass *accel_get_class(const AccelState *as)
{
    return as->klass;
}

AccelIrqchip accel_irqchip(const AccelState *as)
{
    return as->irqchip;
}

AccelTrace *accel_get_trace(const AccelState *as)
{
    return as->trace;
}

void accel_add_stage_time(AccelState *as, const char *name, int64_t ns)
{
    const AccelStageTime row = { .name = name, .ns = ns };

    if (as->stage_times == NULL) {
        as->stage_times = g_array_sized_new(FALSE, FALSE, sizeof(AccelStageTime), 24);
    }
    g_array_append_val(as->stage_times, row);
}

const AccelStageTime *accel_stage_times(const AccelState *as, guint *n)
{
    *n = as->stage_times != NULL ? as->stage_times->len : 0;
    return as->stage_times != NULL ? (const AccelStageTime *)as->stage_times->data : NULL;
}

void accel_warn(AccelState *as, const char *fmt, ...)
{
    va_list ap;
    char *text;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    if (as->warnings == NULL) {
        as->warnings = g_ptr_array_new_with_free_func(g_free);
    } else {
        g_ptr_array_set_size(as->warnings, (gint)as->warnings->len - 1);
    }
    g_ptr_array_add(as->warnings, text);
    g_ptr_array_add(as->warnings, NULL);
    if (as->warn != NULL) {
        as->warn(as->warn_opaque, text);
    }
}

const char *const *accel_warnings(const AccelState *as)
{
    static const char *const none[] = { NULL };

    return as->warnings != NULL ? (const char *const *)as->warnings->pdata : none;
}
