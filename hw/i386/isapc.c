/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine "isapc": a PC of the ISA age.
 *
 * Theory of operation: one CPU, PIC, PIT, RTC, keyboard controller, up to four serial ports; no APIC and
 * no ACPI. Firmware shadows itself, so below 1 MiB it is a copy in RAM that may be written to.
 */
#include "hw/i386/x86-board.h"

static gboolean isapc_init(MachineState *ms, GError **errp)
{
    X86Machine *x = (X86Machine *)ms;
    const X86IntcConfig intc = {
        .mode = x86_intc_mode(ms), .no_ioapic = true, .no_lapic = true,
    };

    return x86_board_firmware(x, "bios.bin", errp) && x86_board_ram(x, errp) &&
           x86_board_intc(x, &intc, errp) && x86_board_pc_parts(x, errp) &&
           x86_board_serials(x, 4, errp) && hw_machine_create_cpus(ms, errp);
}

static const AccelProp isapc_props[] = {
    { .name = "i8042", .type = ACCEL_PROP_BOOL, .offset = offsetof(X86Machine, i8042),
      .defval = "on", .help = "Enable/disable i8042 and port 92" },
    { .name = "max-fw-size", .type = ACCEL_PROP_SIZE,
      .offset = offsetof(X86Machine, max_fw_size), .defval = "16M",
      .help = "Maximum combined firmware size", .check = x86_board_check_fw_max },
    ACCEL_PROP_END,
};

const MachineClass isapc_machine_class = {
    .type = {
        .name = "isapc-machine",
        .parent = &hw_type_x86_machine,
        .desc = "ISA-only PC",
        .instance_size = sizeof(X86Machine),
        .props = isapc_props,
    },
    .name = "isapc",
    .desc = "ISA-only PC",
    .max_cpus = 1,
    .numa_supported = true,
    .default_ram_size = 128 << 20,
    .default_ram_id = "pc.ram",
    .default_cpu_type = "qemu64",
    .init = isapc_init,
    .ready = x86_board_ready,
    .reset = x86_board_reset,
    .finalize = x86_board_finalize,
    .isa_irq = x86_board_isa_irq,
    .cpu_plug = x86_board_cpu_plug,
    .cpu_unplug = x86_board_cpu_unplug,
};
