/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: keys for the keyboard behind the i8042.
 */
#ifndef HW_I8042_H
#define HW_I8042_H

#include <stddef.h>
#include "hw/device.h"

G_BEGIN_DECLS

/**
 * i8042_put_scancodes: a key goes down or up. Under the machine lock.
 * @dev: of class i8042_class. @codes: one key's bytes in scan code set 2 ("1c", "f0 1c", "e0 75");
 * they are turned into set 1 when the guest has asked the keyboard for that.
 * Returns: FALSE when the keyboard is disabled by the guest or its buffer is full; the key is lost.
 */
ACCEL_API gboolean i8042_put_scancodes(DeviceState *dev, const uint8_t *codes, size_t n);

G_END_DECLS

#endif
