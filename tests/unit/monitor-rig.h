/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A launcher in this process: an empty machine and a QMP monitor on a chardev of the test's own. */
#ifndef TESTS_UNIT_MONITOR_RIG_H
#define TESTS_UNIT_MONITOR_RIG_H

#include "system/monitor.h"

/**
 * monitor_rig_start: @vm is zeros. Returns: the monitor's chardev, open; the machine's. The machine
 * lock is taken, as it is in the main loop.
 */
Chardev *monitor_rig_start(Vm *vm, const ChardevClass *klass);
void monitor_rig_stop(Vm *vm);

#endif
