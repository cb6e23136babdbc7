/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine "pc-lite" (alias "pc", the default): a PC without PCI.
 *
 * Theory of operation: all of an isapc plus IOAPIC and LAPICs, up to 288 CPUs that can be plugged and
 * unplugged while the guest runs, and ACPI with fixed hardware. RAM is split at 3 GiB. There are no
 * shadow registers without a PCI bridge, so firmware's copy below 1 MiB is plain RAM.
 */
#include "hw/acpi-devices.h"
#include "hw/i386/x86-board.h"

static gboolean make_devices(X86Machine *x, GError **errp)
{
    return x86_board_pc_parts(x, errp) && x86_board_acpi_fixed(x, errp) &&
           x86_board_device(&x->ms, "reset-port", "reset-port", NULL, errp) != NULL &&
           x86_board_serials(x, 4, errp);
}

static gboolean pclite_init(MachineState *ms, GError **errp)
{
    X86Machine *x = (X86Machine *)ms;
    const X86IntcConfig intc = {
        .mode = x86_intc_mode(ms), .no_pit = x->pit == ONOFFAUTO_OFF,
    };

    return x86_board_firmware(x, "bios-256k.bin", errp) && x86_board_ram(x, errp) &&
           x86_board_intc(x, &intc, errp) && make_devices(x, errp) &&
           hw_machine_create_cpus(ms, errp);
}

static gboolean pclite_unplug_request(MachineState *ms, CPUState *cpu, GError **errp)
{
    X86Machine *x = (X86Machine *)ms;

    if (x->cpuhp == NULL) {
        accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, NULL,
                        "CPU hot unplug not supported without ACPI");
        return FALSE;
    }
    return acpi_cpuhp_unplug_request(x->cpuhp, cpu, errp);
}

static const char *const entry_points[] = { "32", "64", NULL };

static const AccelProp pclite_props[] = {
    X86_ON_OFF_AUTO("acpi", acpi, "Enable ACPI"),
    X86_ON_OFF_AUTO("pit", pit, "Enable i8254 PIT"),
    { .name = "i8042", .type = ACCEL_PROP_BOOL, .offset = offsetof(X86Machine, i8042),
      .defval = "on", .help = "Enable/disable i8042 and port 92" },
    { .name = "max-ram-below-4g", .type = ACCEL_PROP_SIZE,
      .offset = offsetof(X86Machine, max_ram_below_4g), .defval = "3G",
      .help = "Maximum ram below the 4G boundary (32bit boundary)" },
    { .name = "max-fw-size", .type = ACCEL_PROP_SIZE,
      .offset = offsetof(X86Machine, max_fw_size), .defval = "16M",
      .help = "Maximum combined firmware size", .check = x86_board_check_fw_max },
    { .name = "smbios-entry-point-type", .type = ACCEL_PROP_ENUM,
      .offset = offsetof(X86Machine, smbios_entry), .defval = "32",
      .help = "SMBIOS Entry Point type [32, 64]", .values = entry_points },
    ACCEL_PROP_END,
};

const MachineClass pclite_machine_class = {
    .type = {
        .name = "pc-lite-machine",
        .parent = &hw_type_x86_machine,
        .desc = "PC without PCI",
        .instance_size = sizeof(X86Machine),
        .props = pclite_props,
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
    .ready = x86_board_ready,
    .reset = x86_board_reset,
    .finalize = x86_board_finalize,
    .isa_irq = x86_board_isa_irq,
    .cpu_plug = x86_board_cpu_plug,
    .cpu_unplug = x86_board_cpu_unplug,
    .cpu_unplug_request = pclite_unplug_request,
    .powerdown = x86_board_powerdown,
};
