/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The machine for device tests; see dev-rig.h.
 */
#include <string.h>
#include "dev-rig.h"

static void line_set(void *opaque, int n, int level)
{
    Rig *rig = opaque;

    rig->rises[n] += level && !rig->level[n];
    rig->level[n] = level;
}

static IrqLine *rig_isa_irq(MachineState *ms, unsigned irq)
{
    return irq < RIG_IRQS ? &((Rig *)ms->board)->lines[irq] : NULL;
}

static const MachineClass rig_class = {
    .type = { .name = "rig-machine", .parent = &hw_type_machine,
              .instance_size = sizeof(MachineState) },
    .name = "rig",
    .max_cpus = 300,
    .default_ram_size = RIG_RAM,
    .isa_irq = rig_isa_irq,
};

static void on_request(void *opaque, const MachineRequestInfo *info)
{
    Rig *rig = opaque;

    rig->requests++;
    rig->request = info->kind;
    rig->code = info->code;
}

static void on_warn(void *opaque, const char *text)
{
    ((Rig *)opaque)->warnings++;
}

static Rig *make(const MachineClass *klass, BootConfig *boot)
{
    Rig *rig = g_new0(Rig, 1);
    g_autoptr(GError) err = NULL;

    rig->reg = hw_registry_new();
    rig->ms = hw_machine_new(rig->reg, klass ? klass : hw_machine_find(rig->reg, "none"));
    rig->lines = hw_irq_array_new(line_set, rig, RIG_IRQS);
    rig->ms->board = rig;
    rig->ms->boot = boot ? boot : boot_config_new();
    rig->ms->hooks = (MachineHooks){ .request = on_request, .warn = on_warn, .opaque = rig };
    hw_clock_set_manual(rig->ms, true);
    hw_machine_lock(rig->ms);
    rig->ram = hw_ram_alloc(rig->ms, RIG_RAM, &err);
    g_assert_no_error(err);
    hw_ram_add(rig->ms, "rig.ram", 0, rig->ram, RIG_RAM, 0, &err);
    g_assert_no_error(err);
    return rig;
}

Rig *rig_new(BootConfig *boot)
{
    return make(&rig_class, boot);
}

Rig *rig_new_none(void)
{
    return make(NULL, NULL);
}

void rig_free(Rig *rig)
{
    BootConfig *boot = rig->ms->boot;

    hw_machine_unlock(rig->ms);
    hw_machine_free(rig->ms);
    boot_config_free(boot);
    hw_registry_free(rig->reg);
    g_free(rig->lines);
    g_free(rig);
}

uint32_t rig_in(Rig *rig, uint16_t port)
{
    return hw_port_read(rig->ms, port, 1);
}

void rig_out(Rig *rig, uint16_t port, uint8_t value)
{
    hw_port_write(rig->ms, port, value, 1);
}

void rig_step(Rig *rig, int64_t ns)
{
    hw_clock_warp(rig->ms, hw_clock_ns(rig->ms, HW_CLOCK_VIRTUAL) + ns);
}

void rig_reset(Rig *rig)
{
    hw_device_reset_all(rig->ms);
}

DeviceState *rig_device(Rig *rig, const DeviceClass *klass, const char *const *props)
{
    g_autoptr(GError) err = NULL;
    DeviceState *dev = hw_device_create(rig->ms, klass, NULL, props, &err);

    g_assert_no_error(err);
    g_assert_nonnull(dev);
    return dev;
}

void rig_refused(Rig *rig, const DeviceClass *klass, const char *const *props, const char *text)
{
    g_autoptr(GError) err = NULL;
    unsigned ports = rig_ports(rig), devices = rig->ms->devices->len;

    g_assert_null(hw_device_create(rig->ms, klass, NULL, props, &err));
    g_assert_error(err, ACCEL_ERROR, err->code);
    if (strstr(err->message, text) == NULL) {
        g_error("'%s' is not in '%s'", text, err->message);
    }
    g_assert_cmpuint(rig_ports(rig), ==, ports);
    g_assert_cmpuint(rig->ms->devices->len, ==, devices);
}

Chardev *rig_chardev(Rig *rig, const HwType *type, const char *id)
{
    Chardev *chr = (Chardev *)hw_object_new(type);
    g_autoptr(GError) err = NULL;

    chr->id = g_strdup(id);
    hw_object_add_child(rig->ms->chardevs, id, &chr->obj, &err);
    g_assert_no_error(err);
    hw_object_unref(&chr->obj);
    return chr;
}

static void count_region(void *opaque, const IoRegion *region, const RamBlock *ram)
{
    ++*(unsigned *)opaque;
}

unsigned rig_ports(Rig *rig)
{
    unsigned n = 0;

    hw_port_foreach(rig->ms, count_region, &n);
    return n;
}
