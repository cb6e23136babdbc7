/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine "microvm".
 */
#include "hw/i386/x86-board.h"

static gboolean microvm_init(MachineState *ms, GError **errp)
{
    X86Machine *x = (X86Machine *)ms;

    return x86_board_firmware(x, NULL, false, errp) && x86_board_ram(x, errp) &&
           hw_machine_create_cpus(ms, errp);
}

static void microvm_reset(MachineState *ms)
{
    x86_board_reset_firmware((X86Machine *)ms);
}

const MachineClass microvm_machine_class = {
    .type = {
        .name = "microvm-machine",
        .parent = &hw_type_x86_machine,
        .desc = "microvm (i386)",
        .instance_size = sizeof(X86Machine),
    },
    .name = "microvm",
    .alias = NULL,
    .desc = "microvm (i386)",
    .max_cpus = 288,
    .default_kernel_irqchip_split = true,
    .default_ram_size = 128 << 20,
    .default_ram_id = "microvm.ram",
    .default_cpu_type = "qemu64",
    .init = microvm_init,
    .reset = microvm_reset,
};
