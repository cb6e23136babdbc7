/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine "none": an accelerator, a VM, and nothing in it. Theory of operation: RAM only with -m, a
 * CPU only with -cpu (behaviour rows N01 to N06); what tools use to ask an accelerator questions.
 */
#include "hw/i386/x86-board.h"

static gboolean none_init(MachineState *ms, GError **errp)
{
    uint8_t *ram;

    if (ms->kernel != NULL) {
        accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, NULL, "The -kernel parameter is not "
                        "supported (use the generic 'loader' device instead).");
        return FALSE;
    }
    if (ms->ram_size > 0) {
        ram = hw_machine_ram(ms, errp);
        if (ram == NULL || !hw_ram_add(ms, "ram", 0, ram, ms->ram_size, 0, errp)) {
            return FALSE;
        }
    }
    return ms->cpu_model == NULL || hw_machine_create_cpus(ms, errp);
}

const MachineClass none_machine_class = {
    .type = {
        .name = "none-machine",
        .parent = &hw_type_machine,
        .desc = "empty machine",
        .instance_size = sizeof(MachineState),
    },
    .name = "none",
    .desc = "empty machine",
    .max_cpus = 1,
    .no_vcpus = true,
    .default_ram_id = "ram",
    .default_cpu_type = "qemu64",
    .init = none_init,
};
