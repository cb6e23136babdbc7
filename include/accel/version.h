/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Public: the version of libaccelvm at run time. */
#ifndef ACCEL_VERSION_H
#define ACCEL_VERSION_H

#include "accel/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * accel_version: the version of the library that is linked, "MAJOR.MINOR.MICRO".
 * Returns: a static string, never NULL.
 */
ACCEL_API const char *accel_version(void);

#ifdef __cplusplus
}
#endif

#endif
