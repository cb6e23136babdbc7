/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine "isapc".
 */
#include "hw/i386/x86-board.h"

static gboolean isapc_init(MachineState *ms, GError **errp)
{
    X86Machine *x = (X86Machine *)ms;

    return x86_board_firmware(x, NULL, true, errp) && x86_board_ram(x, errp) &&
           hw_machine_create_cpus(ms, errp);
}

static void isapc_reset(MachineState *ms)
{
    x86_board_reset_firmware((X86Machine *)ms);
}

const MachineClass isapc_machine_class = {
    .type = {
        .name = "isapc-machine",
        .parent = &hw_type_x86_machine,
        .desc = "ISA-only PC",
        .instance_size = sizeof(X86Machine),
    },
    .name = "isapc",
    .alias = NULL,
    .desc = "ISA-only PC",
    .max_cpus = 1,
    .default_ram_size = 128 << 20,
    .default_ram_id = "pc.ram",
    .default_cpu_type = "qemu64",
    .init = isapc_init,
    .reset = isapc_reset,
};
