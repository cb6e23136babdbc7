/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Internal (launcher): the machine's way to the launcher, and the way out. */
#ifndef SYSTEM_HOOKS_H
#define SYSTEM_HOOKS_H

#include "system/vm.h"

/** hooks_install: connect vm->ms with vm. */
void hooks_install(Vm *vm);
/** vm_exit_now: end with @status from any thread; with sanitizers by way of the main loop. */
void vm_exit_now(Vm *vm, int status);
/** chardevs_flush: give queued output of sockets a moment to leave. Any thread. */
void chardevs_flush(Vm *vm);

/** qmp_acpi_start: the guest's reports of CPU hotplug become events from here on. */
void qmp_acpi_start(Vm *vm);

#endif
