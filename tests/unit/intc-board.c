/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "accel/accel-class.h"
#include "intc-board.h"
#include "hw/acpi-devices.h"

static X86IntcConfig next_config; /* for the machine's init call-back */

static gboolean board_init(MachineState *ms, GError **errp)
{
    return x86_intc_create_config(ms, &next_config, errp) != NULL &&
           hw_machine_create_cpus(ms, errp);
}

static gboolean board_plug(MachineState *ms, CPUState *cpu, GError **errp)
{
    Board *b = ms->hooks.opaque;

    if (b->hotplug != NULL) {
        acpi_cpuhp_plug(b->hotplug, cpu);
    }
    return x86_intc_add_cpu(ms, cpu, errp);
}

static IrqLine *board_irq(MachineState *ms, unsigned n)
{
    return x86_intc_gsi(ms, n);
}

static const MachineClass board_class = {
    .type = { .name = "intc-board", .parent = &hw_type_machine,
              .instance_size = sizeof(MachineState) },
    .name = "intc-board",
    .max_cpus = 288,
    .has_hotpluggable_cpus = true,
    .default_ram_size = 1 << 20,
    .default_cpu_type = "qemu64",
    .init = board_init,
    .isa_irq = board_irq,
    .cpu_plug = board_plug,
};

/* ---- the accelerator that only takes notes ---- */

static Board *noted; /* one board at a time */
static uint32_t routed; /* its GSIs with a route */

static gboolean note_irq(AccelState *as, uint32_t gsi, int level, GError **errp)
{
    g_string_append_printf(noted->log, "irq %u %d;", gsi, level);
    return TRUE;
}

static gboolean note_msi(AccelState *as, uint64_t addr, uint32_t data, GError **errp)
{
    g_string_append_printf(noted->log, "msi %" G_GINT64_MODIFIER "x %x;", addr, data);
    return TRUE;
}

static gboolean note_route(AccelState *as, uint32_t gsi, uint64_t addr, uint32_t data, bool masked,
                           GError **errp)
{
    if (!masked) {
        routed |= 1u << gsi;
        g_string_append_printf(noted->log, "route %u %" G_GINT64_MODIFIER "x %x;", gsi, addr,
                               data);
    } else if (routed & 1u << gsi) { /* dropping what is not there costs nothing */
        routed &= ~(1u << gsi);
        g_string_append_printf(noted->log, "unroute %u;", gsi);
    }
    return TRUE;
}

static gboolean note_nmi(AccelCPU *cpu, GError **errp)
{
    g_string_append_printf(noted->log, "nmi %u;", cpu->id);
    return TRUE;
}

static gboolean note_pit(AccelState *as, bool dummy, GError **errp)
{
    g_string_append_printf(noted->log, "pit %d;", dummy);
    return TRUE;
}

static gboolean note_route_pc(AccelState *as, GError **errp)
{
    g_string_append(noted->log, "route-pc;");
    return TRUE;
}

static void note_request(void *opaque, const MachineRequestInfo *info)
{
    g_string_append_printf(((Board *)opaque)->log, "request %d %s;", info->kind, info->cause);
}

static void note_deleted(void *opaque, const char *id, const char *path)
{
    g_string_append_printf(((Board *)opaque)->log, "deleted %s;", id);
}

static AccelState *fake_accel(AccelIrqchip mode)
{
    static AccelClass klass;
    AccelState *as = accel_open("qtest", &(AccelSpec){ .size = sizeof(AccelSpec) }, NULL);

    klass = qtest_accel_class;
    klass.threading = ACCEL_THREAD_PER_VCPU;
    klass.set_irq = note_irq;
    klass.send_msi = note_msi;
    klass.set_msi_route = note_route;
    klass.inject_nmi = note_nmi;
    klass.create_pit = note_pit;
    klass.route_pc = note_route_pc;
    as->klass = &klass;
    as->irqchip = mode;
    return as;
}

/* ---- */

Board *board_new(const X86IntcConfig *config, bool fake, unsigned cpus, unsigned max_cpus)
{
    Board *b = g_new0(Board, 1);
    SmpRequest smp = { .has_cpus = true, .cpus = cpus, .has_maxcpus = true, .maxcpus = max_cpus };
    GError *err = NULL;
    AccelState *as;

    b->log = g_string_new(NULL);
    b->reg = hw_registry_new();
    noted = b;
    routed = 0;
    b->ms = hw_machine_new(b->reg, &board_class);
    b->ms->hooks = (MachineHooks){ .request = note_request, .device_deleted = note_deleted,
                                   .opaque = b };
    g_assert_true(hw_machine_set_smp(b->ms, &smp, &err));
    as = fake ? fake_accel(config->mode)
              : accel_open("qtest", &(AccelSpec){ .size = sizeof(AccelSpec) }, &err);
    g_assert_nonnull(as);
    hw_machine_attach_accel(b->ms, as);
    next_config = *config;
    hw_machine_init(b->ms, &err);
    g_assert_no_error(err);
    hw_machine_ready(b->ms, &err);
    g_assert_no_error(err);
    return b;
}

Board *board_pc(void)
{
    return board_new(&(X86IntcConfig){ .mode = ACCEL_IRQCHIP_OFF }, false, 1, 1);
}

void board_free(Board *b)
{
    hw_machine_free(b->ms);
    hw_registry_free(b->reg);
    g_string_free(b->log, TRUE);
    g_free(b);
}

void board_log(Board *b, const char *expected)
{
    g_assert_cmpstr(b->log->str, ==, expected);
    g_string_truncate(b->log, 0);
}

void outb(Board *b, uint16_t port, uint8_t value)
{
    hw_port_write(b->ms, port, value, 1);
}

uint8_t inb(Board *b, uint16_t port)
{
    return hw_port_read(b->ms, port, 1);
}

uint32_t readl(Board *b, uint64_t gpa)
{
    uint32_t value = 0;

    hw_mem_read(b->ms, gpa, &value, 4);
    return value;
}

void writel(Board *b, uint64_t gpa, uint32_t value)
{
    hw_mem_write(b->ms, gpa, &value, 4);
}

void irq(Board *b, unsigned gsi, int level)
{
    hw_machine_lock(b->ms);
    hw_irq_set(x86_intc_gsi(b->ms, gsi), level);
    hw_machine_unlock(b->ms);
}

void warp(Board *b, int64_t ns)
{
    hw_machine_lock(b->ms);
    hw_clock_warp(b->ms, ns);
    hw_machine_unlock(b->ms);
}

uint32_t lapic(Board *b, uint32_t reg)
{
    return readl(b, X86_LAPIC_GPA + reg);
}

void set_lapic(Board *b, uint32_t reg, uint32_t value)
{
    writel(b, X86_LAPIC_GPA + reg, value);
}

uint32_t ioapic(Board *b, uint8_t index)
{
    writel(b, X86_IOAPIC_GPA, index);
    return readl(b, X86_IOAPIC_GPA + 0x10);
}

void set_ioapic(Board *b, uint8_t index, uint32_t value)
{
    writel(b, X86_IOAPIC_GPA, index);
    writel(b, X86_IOAPIC_GPA + 0x10, value);
}
