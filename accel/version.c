/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The version of the library as linked, which may differ from the headers that a program was built
 * against; programs compare the two to say "too old" before anything else can go wrong.
 */
#include "accel/version.h"

const char *accel_version(void)
{
    return ACCELVM_VERSION;
}
