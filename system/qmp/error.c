/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors on the wire: QEMU's classes, and a description that says what our errors know more.
 */
#include "accel/error.h"
#include "system/qmp.h"

static const char *const class_names[] = {
    [QMP_GENERIC_ERROR] = "GenericError",
    [QMP_COMMAND_NOT_FOUND] = "CommandNotFound",
    [QMP_DEVICE_NOT_ACTIVE] = "DeviceNotActive",
    [QMP_DEVICE_NOT_FOUND] = "DeviceNotFound",
    [QMP_KVM_MISSING_CAP] = "KVMMissingCap",
};

static GQuark qmp_quark(void)
{
    return g_quark_from_static_string("accelvm-qmp");
}

void qmp_error(GError **errp, QmpErrorClass klass, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    if (errp != NULL) {
        *errp = g_error_new_valist(qmp_quark(), klass, fmt, ap);
    }
    va_end(ap);
}

static const char *class_of(const GError *err)
{
    if (err->domain == qmp_quark()) {
        return class_names[err->code];
    }
    if (g_error_matches(err, ACCEL_ERROR, ACCEL_ERROR_CAPABILITY)) {
        return class_names[QMP_KVM_MISSING_CAP];
    }
    return class_names[QMP_GENERIC_ERROR];
}

char *qmp_error_text(const GError *err)
{
    const char *stage = accel_error_stage(err), *call = accel_error_call(err);
    int errnum = accel_error_errno(err);

    if (stage == NULL || errnum == 0) {
        return g_strdup(err->message);
    }
    return g_strdup_printf("%s (stage %s%s%s, errno %d)", err->message, stage,
                           call != NULL ? ", " : "", call != NULL ? call : "", errnum);
}

json_t *qmp_error_json(const GError *err)
{
    g_autofree char *text = qmp_error_text(err);

    return json_pack("{s:s, s:o}", "class", class_of(err), "desc", json_text(text));
}
