/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the x86 boards have in common: RAM and its hole, properties, devices by name.
 *
 * Theory of operation: guest RAM is one host mapping. Its first part is mapped from address 0 up to at
 * most 3 GiB, the rest from 4 GiB on. A read-only mirror of the firmware below 1 MiB leaves a gap in
 * the first part, because memory slots of an accelerator cannot overlap.
 */
#include "hw/i386/x86-board.h"

const char *const x86_on_off_auto[] = { "auto", "on", "off", NULL };

const HwType hw_type_x86_machine = {
    .name = "x86-machine",
    .parent = &hw_type_machine,
    .desc = "x86 board",
    .instance_size = sizeof(X86Machine),
    .abstract = true,
};

static void split_ram(X86Machine *x)
{
    uint64_t limit = x->max_ram_below_4g != 0 ? MIN(x->max_ram_below_4g, X86_LOW_RAM_MAX)
                                              : X86_LOW_RAM_MAX;

    x->below_4g = MIN(x->ms.ram_size, limit);
    x->above_4g = x->ms.ram_size - x->below_4g;
}

/* [from, to) of the low part, if there is anything of it. */
static gboolean add_low(X86Machine *x, uint64_t from, uint64_t to, GError **errp)
{
    to = MIN(to, x->below_4g);
    return from >= to || hw_ram_add(&x->ms, x->ms.klass->default_ram_id, from, x->low_ram + from,
                                    to - from, 0, errp);
}

gboolean x86_board_ram(X86Machine *x, GError **errp)
{
    const uint64_t mib = 1 << 20;
    uint64_t mirror = x->rom != NULL && !x->rom_in_ram ? MIN(x->rom_size, X86_ISA_BIOS_MAX) : 0;

    split_ram(x);
    x->low_ram = hw_ram_alloc(&x->ms, x->ms.ram_size, errp);
    if (x->low_ram == NULL) {
        return FALSE;
    }
    if (mirror == 0 ? !add_low(x, 0, x->below_4g, errp)
                    : !add_low(x, 0, mib - mirror, errp) || !add_low(x, mib, x->below_4g, errp)) {
        return FALSE;
    }
    return x->above_4g == 0 ||
           hw_ram_add(&x->ms, x->ms.klass->default_ram_id, 4ULL << 30, x->low_ram + x->below_4g,
                      x->above_4g, 0, errp);
}

DeviceState *x86_board_device(MachineState *ms, const char *type, const char *name,
                              const char *const *props, GError **errp)
{
    const HwType *t = hw_registry_find(ms->registry, type);

    if (t == NULL || t->abstract || !hw_type_is_a(t, &hw_type_device)) {
        accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, NULL,
                        "machine '%s' needs the device type '%s', which is not registered",
                        ms->klass->name, type);
        return NULL;
    }
    return hw_device_create(ms, (const DeviceClass *)t, name, props, errp);
}
