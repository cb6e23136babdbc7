/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: pick the first accelerator of a list that works (QEMU's configure_accelerators).
 */
#ifndef ACCEL_SELECT_H
#define ACCEL_SELECT_H

#include "accel/accel.h"

G_BEGIN_DECLS

/* One entry of the list: what one -accel option, or one part of "accel=A:B", asked for. */
typedef struct AccelChoice {
    const char *name;
    const char *const *props; /* name, value, name, value, …, NULL; may be NULL */
    const char *origin;       /* "-accel kvm" for messages; NULL: none */
} AccelChoice;

/* What happened to one choice, in order, for the caller to print. */
typedef enum AccelSelectEvent {
    ACCEL_SELECT_INVALID,  /* no such accelerator; as is NULL */
    ACCEL_SELECT_FAILED,   /* "failed to initialize X: …" */
    ACCEL_SELECT_FALLBACK, /* one worked after an earlier one failed; err is that failure */
} AccelSelectEvent;

typedef void (*AccelSelectReport)(void *opaque, AccelSelectEvent ev, const AccelChoice *choice,
                                  const AccelState *as, const GError *err);

/**
 * accel_select: try @choices in order.
 * @report: told of each failure and of a fallback; may be NULL.
 * Returns: (transfer full) the first that came up, or NULL with the last error. A bad property
 * is an error at once, before anything is opened (a module's: when its turn comes), and not told to
 * @report: it is a mistake, not a reason to fall back.
 */
ACCEL_API AccelState *accel_select(const AccelChoice *choices, guint n, const AccelSpec *spec,
                                   AccelSelectReport report, void *opaque, GError **errp);

G_END_DECLS

#endif
