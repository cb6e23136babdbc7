/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An accelerator module from another time: it must be refused, not called. */
#include "accel/accel-class.h"

static const AccelClass old_class = { .abi = ACCEL_CLASS_ABI + 1, .name = "tcg" };

__attribute__((visibility("default"))) const AccelClass *const accel_module_class = &old_class;
