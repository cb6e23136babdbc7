/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Public: small objects of the user that devices or the launcher lean on. */
#ifndef HW_OBJECTS_H
#define HW_OBJECTS_H

#include "hw/object.h"

G_BEGIN_DECLS

extern ACCEL_API const HwType hw_type_rng_backend; /* abstract "rng-backend" */
extern ACCEL_API const HwType hw_type_rng_builtin;
extern ACCEL_API const HwType hw_type_secret;
extern ACCEL_API const HwType hw_type_iothread;

/** hw_rng_read: @len random bytes. FALSE with an error when the host has none. */
ACCEL_API gboolean hw_rng_read(HwObject *rng, void *buf, size_t len, GError **errp);

/** hw_secret_bytes: what a complete secret object holds, decoded. Returns: (transfer full). */
ACCEL_API GBytes *hw_secret_bytes(HwObject *secret);

/** hw_iothread_context: where sources are attached that the thread shall serve. Borrowed. */
ACCEL_API GMainContext *hw_iothread_context(HwObject *iothread);

G_END_DECLS

#endif
