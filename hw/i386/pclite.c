/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine "pc-lite".
 */
#include "hw/i386/x86-board.h"

static gboolean pclite_init(MachineState *ms, GError **errp)
{
    X86Machine *x = (X86Machine *)ms;

    return x86_board_firmware(x, NULL, true, errp) && x86_board_ram(x, errp) &&
           hw_machine_create_cpus(ms, errp);
}

static void pclite_reset(MachineState *ms)
{
    x86_board_reset_firmware((X86Machine *)ms);
}

const MachineClass pclite_machine_class = {
    .type = {
        .name = "pc-lite-machine",
        .parent = &hw_type_x86_machine,
        .desc = "PC without PCI",
        .instance_size = sizeof(X86Machine),
    },
    .name = "pc-lite",
    .alias = "pc",
    .desc = "PC without PCI",
    .is_default = true,
    .max_cpus = 288,
    .has_hotpluggable_cpus = true,
    .smp_dies = true,
    .smp_modules = true,
    .numa_supported = true,
    .default_ram_size = 128 << 20,
    .default_ram_id = "pc.ram",
    .default_cpu_type = "qemu64",
    .init = pclite_init,
    .reset = pclite_reset,
};
