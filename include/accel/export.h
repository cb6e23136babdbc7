/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Symbol visibility. Everything is compiled hidden; only what carries ACCEL_API is part of the
 * library's ABI.
 */
#ifndef ACCEL_EXPORT_H
#define ACCEL_EXPORT_H

#define ACCEL_API __attribute__((visibility("default")))

#endif
