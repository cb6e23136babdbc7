/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine "microvm": the least that a Linux guest needs.
 *
 * Theory of operation: as QEMU's board of that name, without its virtio-mmio slots: RAM split at 3 GiB,
 * a split irqchip by default, firmware read-only at 4 GiB and below 1 MiB, one serial port, fw_cfg,
 * reduced-hardware ACPI. PIT and RTC are left out where the guest has something better (ACPI's clocks,
 * kvmclock) unless asked for.
 */
#include "accel/accel-class.h"
#include "hw/i386/x86-board.h"
#include "hw/rtc.h"

static bool wants(int prop, bool by_default)
{
    return prop == ONOFFAUTO_AUTO ? by_default : prop == ONOFFAUTO_ON;
}

static gboolean make_devices(X86Machine *x, GError **errp)
{
    MachineState *ms = &x->ms;

    if (fw_cfg_create(ms, errp) == NULL) {
        return FALSE;
    }
    if (wants(x->rtc, !accel_get_class(ms->accel)->hardware)) {
        x->rtc_dev = rtc_create(ms, errp);
        if (x->rtc_dev == NULL) {
            return FALSE;
        }
    }
    return x86_board_acpi_reduced(x, errp) &&
           (!x->isa_serial || x86_board_serials(x, 1, errp));
}

static gboolean microvm_init(MachineState *ms, GError **errp)
{
    X86Machine *x = (X86Machine *)ms;
    const X86IntcConfig intc = {
        .mode = x86_intc_mode(ms),
        .no_pic = !wants(x->pic, true),
        .no_pit = !wants(x->pit, true),
    };

    return x86_board_firmware(x, "bios-microvm.bin", errp) && x86_board_ram(x, errp) &&
           x86_board_intc(x, &intc, errp) && make_devices(x, errp) &&
           hw_machine_create_cpus(ms, errp);
}

static const AccelProp microvm_props[] = {
    X86_ON_OFF_AUTO("pic", pic, "Enable i8259 PIC"),
    X86_ON_OFF_AUTO("pit", pit, "Enable i8254 PIT"),
    X86_ON_OFF_AUTO("rtc", rtc, "Enable MC146818 RTC"),
    X86_ON_OFF_AUTO("acpi", acpi, "Enable ACPI"),
    X86_ON_OFF_AUTO("pcie", pcie, "Enable PCIe (there is none: off or auto)"),
    X86_ON_OFF_AUTO("ioapic2", ioapic2, "Enable second IO-APIC (there is none: off or auto)"),
    { .name = "isa-serial", .type = ACCEL_PROP_BOOL, .offset = offsetof(X86Machine, isa_serial),
      .defval = "on", .help = "Set off to disable the instantiation an ISA serial port" },
    { .name = "x-option-roms", .type = ACCEL_PROP_BOOL,
      .offset = offsetof(X86Machine, option_roms), .defval = "on",
      .help = "Set off to disable loading option ROMs" },
    { .name = "auto-kernel-cmdline", .type = ACCEL_PROP_BOOL,
      .offset = offsetof(X86Machine, auto_cmdline), .defval = "on",
      .help = "Set off to disable adding virtio-mmio devices to the kernel cmdline" },
    ACCEL_PROP_END,
};

const MachineClass microvm_machine_class = {
    .type = {
        .name = "microvm-machine",
        .parent = &hw_type_x86_machine,
        .desc = "microvm (i386)",
        .instance_size = sizeof(X86Machine),
        .props = microvm_props,
    },
    .name = "microvm",
    .desc = "microvm (i386)",
    .max_cpus = 288,
    .numa_supported = true,
    .default_ram_size = 128 << 20,
    .default_ram_id = "microvm.ram",
    .default_cpu_type = "qemu64",
    .default_kernel_irqchip_split = true,
    .init = microvm_init,
    .ready = x86_board_ready,
    .reset = x86_board_reset,
    .finalize = x86_board_finalize,
    .isa_irq = x86_board_isa_irq,
    .cpu_plug = x86_board_cpu_plug,
    .cpu_unplug = x86_board_cpu_unplug,
    .powerdown = x86_board_powerdown,
};
