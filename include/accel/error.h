/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: errors as data.
 *
 * Every failure below system/ is a GError of the domain ACCEL_ERROR. Its message is one line, word
 * for word what QEMU prints in the same place (people search for it). What QEMU does not say rides
 * along as fields: which accelerator, which stage of bring-up, which call with which errno, which
 * capability, what was found and what was needed, and what the reader can do about it.
 */
#ifndef ACCEL_ERROR_H
#define ACCEL_ERROR_H

#include <glib.h>
#include "accel/export.h"

G_BEGIN_DECLS

#define ACCEL_ERROR (accel_error_quark())
/** accel_error_quark: the error domain ACCEL_ERROR. */
ACCEL_API GQuark accel_error_quark(void);

/* The kind of failure; also what accelvm-probe turns into its exit status. */
typedef enum AccelErrorCode {
    ACCEL_ERROR_FAILED,      /* a call failed for a reason not listed below */
    ACCEL_ERROR_ABSENT,      /* no device node, or a node that is no KVM */
    ACCEL_ERROR_DENIED,      /* permission: mode, group, device cgroup, security module */
    ACCEL_ERROR_BUSY,        /* another hypervisor holds the hardware */
    ACCEL_ERROR_VERSION,     /* API version too old or not supported */
    ACCEL_ERROR_CAPABILITY,  /* a required capability is missing */
    ACCEL_ERROR_LIMIT,       /* a limit of accelerator, machine or process is exceeded */
    ACCEL_ERROR_INVALID,     /* bad argument or bad value from the caller */
    ACCEL_ERROR_RESOURCE,    /* out of memory, descriptors, slots */
    ACCEL_ERROR_UNSUPPORTED, /* asked for something this host or build cannot do */
    ACCEL_ERROR_UNKNOWN,     /* no accelerator of that name */
    ACCEL_ERROR_GUEST,       /* the guest cannot go on: entry failure, internal error */
} AccelErrorCode;

/*
 * The fields beside the message. All strings may be NULL: "not applicable". In accel_error_set()
 * they are copied, so literals and temporaries are fine.
 */
typedef struct AccelErrorInfo {
    const char *accel;      /* "kvm" */
    const char *stage;      /* "create-vm", one of the names of the bring-up table */
    const char *call;       /* "KVM_CREATE_VM", "open", "mmap" */
    int errnum;             /* positive errno, 0 when no system call failed */
    const char *capability; /* "KVM_CAP_USER_MEMORY"; the first one when several are missing */
    const char *missing;    /* all missing capabilities, comma separated */
    gint64 have, need;      /* limit errors: found and required; both 0 otherwise */
    const char *notes;      /* lines that QEMU prints after the first one, '\n' separated */
} AccelErrorInfo;

/**
 * accel_error_set: make an error with data.
 * @errp: as for g_set_error(); NULL ignores the error.
 * @info: fields, may be NULL; copied.
 * @fmt: printf format of the one-line message.
 */
ACCEL_API void accel_error_set(GError **errp, AccelErrorCode code, const AccelErrorInfo *info,
                               const char *fmt, ...) G_GNUC_PRINTF(4, 5);

/**
 * accel_error_code_from_errno: the kind of failure an errno of open or ioctl stands for.
 * @errnum: positive errno.
 */
ACCEL_API AccelErrorCode accel_error_code_from_errno(int errnum);

/*
 * Accessors. Each takes any GError; for one of another domain (or NULL) strings are NULL and
 * numbers 0. Strings belong to the error.
 */
ACCEL_API const char *accel_error_accel(const GError *err);
ACCEL_API const char *accel_error_stage(const GError *err);
ACCEL_API const char *accel_error_call(const GError *err);
ACCEL_API int accel_error_errno(const GError *err);
ACCEL_API const char *accel_error_capability(const GError *err);
ACCEL_API const char *accel_error_missing(const GError *err);
ACCEL_API const char *accel_error_notes(const GError *err);
ACCEL_API gint64 accel_error_have(const GError *err);
ACCEL_API gint64 accel_error_need(const GError *err);

/**
 * accel_error_remedies: what the reader can do, best first.
 * Returns: NULL-terminated array owned by the error; NULL when nothing is known.
 */
ACCEL_API const char *const *accel_error_remedies(const GError *err);

/**
 * accel_error_causes: facts of this host that explain the failure, best first.
 * Returns: NULL-terminated array owned by the error; NULL when nothing is known.
 */
ACCEL_API const char *const *accel_error_causes(const GError *err);

/* Add one cause or remedy line (copied). No-ops for errors of another domain. */
ACCEL_API void accel_error_add_cause(GError *err, const char *text);
ACCEL_API void accel_error_add_remedy(GError *err, const char *text);

/* Fill in accelerator and stage where they are not set yet. No-op for other domains. */
ACCEL_API void accel_error_set_context(GError *err, const char *accel, const char *stage);

G_END_DECLS

#endif
