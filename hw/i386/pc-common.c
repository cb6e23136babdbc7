/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the x86 boards have in common: RAM and its hole, and the machine's call-backs.
 *
 * Theory of operation: guest RAM is one host mapping. Its first part is mapped from address 0 up to at
 * most 3 GiB, the rest from 4 GiB on. A read-only mirror of the firmware below 1 MiB leaves a gap in
 * the first part, because memory slots of an accelerator cannot overlap.
 */
#include "accel/accel-class.h"
#include "hw/acpi-devices.h"
#include "hw/core/core-internal.h"
#include "hw/i386/x86-board.h"

const char *const x86_on_off_auto[] = { "auto", "on", "off", NULL };

const HwType hw_type_x86_machine = {
    .name = "x86-machine",
    .parent = &hw_type_machine,
    .desc = "x86 board",
    .instance_size = sizeof(X86Machine),
    .abstract = true,
};

bool x86_board_no_guest(const X86Machine *x)
{
    return accel_get_class(x->ms.accel)->threading == ACCEL_THREAD_NONE;
}

static void split_ram(X86Machine *x)
{
    uint64_t limit = x->max_ram_below_4g != 0 ? MIN(x->max_ram_below_4g, X86_LOW_RAM_MAX)
                                              : X86_LOW_RAM_MAX;

    x->below_4g = MIN(x->ms.ram_size, limit);
    x->above_4g = x->ms.ram_size - x->below_4g;
}

gboolean x86_board_ram(X86Machine *x, GError **errp)
{
    const char *name = x->ms.klass->default_ram_id;

    split_ram(x);
    x->low_ram = hw_machine_ram(&x->ms, errp);
    return x->low_ram != NULL &&
           (x->below_4g == 0 || hw_ram_add(&x->ms, name, 0, x->low_ram, x->below_4g, 0, errp)) &&
           (x->above_4g == 0 || hw_ram_add(&x->ms, name, 4ULL << 30, x->low_ram + x->below_4g,
                                           x->above_4g, 0, errp));
}

gboolean x86_board_intc(X86Machine *x, const X86IntcConfig *config, GError **errp)
{
    x->has_pic = !config->no_pic;
    x->has_pit = !config->no_pit;
    return x86_intc_create_config(&x->ms, config, errp) != NULL;
}

IrqLine *x86_board_isa_irq(MachineState *ms, unsigned irq)
{
    return x86_intc_gsi(ms, irq);
}

gboolean x86_board_cpu_plug(MachineState *ms, CPUState *cpu, GError **errp)
{
    X86Machine *x = (X86Machine *)ms;

    if (!x86_intc_add_cpu(ms, cpu, errp)) {
        return FALSE;
    }
    if (x->cpuhp != NULL) {
        acpi_cpuhp_plug(x->cpuhp, cpu);
    }
    return TRUE;
}

void x86_board_cpu_unplug(MachineState *ms, CPUState *cpu)
{
    x86_intc_remove_cpu(ms, cpu);
}

void x86_board_powerdown(MachineState *ms)
{
    X86Machine *x = (X86Machine *)ms;

    if (x->power != NULL) {
        acpi_power_button(x->power);
    }
}

/* With firmware the guest finds everything through fw_cfg; without, we put it into its RAM. */
gboolean x86_board_ready(MachineState *ms, GError **errp)
{
    X86Machine *x = (X86Machine *)ms;

    if (ms->kernel != NULL && x->rom == NULL) {
        return x86_boot_load(x, errp);
    }
    if (ms->fw_cfg != NULL && !x86_board_fw_cfg_tables(x, errp)) {
        return FALSE;
    }
    return ms->kernel == NULL || x86_boot_fw_cfg(x, errp);
}

/* What cannot be put back at a reset is an error of the running machine. */
void x86_board_reset(MachineState *ms)
{
    X86Machine *x = (X86Machine *)ms;
    g_autoptr(GError) err = NULL;

    x86_board_reset_firmware(x);
    if (x->boot != NULL && !x86_boot_reset(x, &err)) {
        MachineRequestInfo info = {
            .kind = MACHINE_REQUEST_ERROR, .cause = "reset", .err = err,
        };

        hw_machine_request_full(ms, &info);
    }
}

void x86_board_finalize(MachineState *ms)
{
    X86Machine *x = (X86Machine *)ms;

    g_clear_pointer(&x->boot, x86_boot_free);
}
