/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What other files of system/ are going to bring: each function here goes away when its real one
 * lands. A monitor or server that was asked for is an error until then; -nographic's own monitor is
 * just not there.
 */
#include "accel/error.h"
#include "system/vm.h"

gboolean numa_configure(Vm *vm, GError **errp)
{
    return TRUE;
}

gboolean vm_numa_add(Vm *vm, const KeyVals *kv, GError **errp)
{
    accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, NULL, "this build has no NUMA options");
    return FALSE;
}
