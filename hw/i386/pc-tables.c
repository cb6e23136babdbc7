/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a guest can read about its board: memory map, ACPI, SMBIOS.
 *
 * Theory of operation: the board's facts are put into the builders' plain structs. With firmware the
 * results become fw_cfg files that firmware places and patches; without, pc-place.c places them.
 */
#include <string.h>
#include "hw/i386/cpu-model.h"
#include "hw/i386/x86-board.h"

#define UART_PORTS 4
#define IOAPIC_ID 0

/* ---- memory map ---- */

E820Map *x86_board_e820(X86Machine *x, bool direct, GError **errp)
{
    const RamLayout layout = {
        .below_4g = x->below_4g, .above_4g = x->above_4g, .bios_holes = direct,
        .kvm_identity = true,
    };

    return e820_from_layout(&layout, errp);
}

/* ---- ACPI ---- */

static AcpiCpu *list_cpus(MachineState *ms)
{
    AcpiCpu *cpus = g_new0(AcpiCpu, ms->n_possible);
    guint i;

    for (i = 0; i < ms->n_possible; i++) {
        cpus[i].apic_id = ms->possible[i].apic_id;
        cpus[i].node = MAX(ms->possible[i].ids.node_id, 0);
        cpus[i].present = ms->possible[i].cpu != NULL;
    }
    return cpus;
}

/* The serial ports as their properties say. */
static guint list_uarts(MachineState *ms, AcpiUart *uarts)
{
    static const uint16_t ports[UART_PORTS] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };
    static const uint8_t irqs[UART_PORTS] = { 4, 3, 4, 3 };
    const GPtrArray *ids = ms->boot != NULL ? ms->boot->serials : NULL;
    guint i, n = 0;

    for (i = 0; ids != NULL && i < MIN(ids->len, UART_PORTS); i++) {
        if (g_ptr_array_index(ids, i) != NULL) {
            uarts[n++] = (AcpiUart){ .port = ports[i], .irq = irqs[i] };
        }
    }
    return n;
}

static void fill_fixed(X86Machine *x, AcpiConfig *c)
{
    c->fixed = (AcpiFixedHw){
        .sci_irq = ACPI_SCI_IRQ,
        .pm1_evt_port = ACPI_PM1_EVT_PORT,
        .pm1_cnt_port = ACPI_PM1_CNT_PORT,
        .pm_timer_port = ACPI_PM_TIMER_PORT,
        .gpe0_port = ACPI_GPE0_PORT,
        .gpe0_len = ACPI_GPE0_LEN,
        .smi_port = ACPI_SMI_PORT,
        .s5_type = ACPI_PM_S5_TYPE,
        .cpu_hotplug_gpe = ACPI_GPE_CPU_HOTPLUG,
    };
    c->reset_port = ACPI_RESET_PORT;
    c->reset_value = ACPI_RESET_VALUE;
    c->cpu_hotplug_port = ACPI_CPUHP_PORT;
}

static void fill_reduced(X86Machine *x, AcpiConfig *c)
{
    c->hw_reduced = true;
    c->ged = (AcpiGed){
        .event_gpa = ACPI_GED_EVENT_GPA,
        .gsi = ACPI_GED_IRQ,
        .sleep_gpa = ACPI_GED_SLEEP_GPA,
        .reset_value = ACPI_GED_RESET_VALUE,
        .s5_type = ACPI_GED_S5_TYPE,
        .power_button = true,
    };
}

static void fill_common(X86Machine *x, AcpiConfig *c)
{
    static const AcpiIoapic ioapic = { .id = IOAPIC_ID, .gpa = X86_IOAPIC_GPA };
    static const IrqOverride overrides[] = {
        { .irq = 9, .gsi = 9, .level = true }, /* the SCI: level, active high */
        { .irq = 0, .gsi = 2 },                /* the PIT is on pin 2 */
    };

    c->ioapics = &ioapic;
    c->n_ioapics = 1;
    c->overrides = c->hw_reduced ? &overrides[1] : overrides;
    c->n_overrides = !c->hw_reduced + x->has_pit;
    c->pic = x->has_pic;
    c->rtc = x->rtc_dev != NULL;
    c->i8042 = x->has_i8042;
    c->fw_cfg_port = x->ms.fw_cfg != NULL ? 0x510 : 0;
}

/* Devices that the user added and that a guest finds through ACPI. */
static void fill_user_devices(MachineState *ms, AcpiConfig *c)
{
    guint i;

    for (i = 0; i < ms->devices->len; i++) {
        DeviceState *dev = g_ptr_array_index(ms->devices, i);
        g_autofree char *port = NULL;

        if (strcmp(dev->obj.type->name, "pvpanic") == 0) {
            port = hw_object_get(&dev->obj, "ioport", NULL);
            c->pvpanic_port = g_ascii_strtoull(port, NULL, 0);
        } else if (strcmp(dev->obj.type->name, "isa-debug-exit") == 0) {
            port = hw_object_get(&dev->obj, "iobase", NULL);
            c->isa_debug_exit_port = g_ascii_strtoull(port, NULL, 0);
        }
    }
}

AcpiTables *x86_board_acpi_tables(X86Machine *x, GError **errp)
{
    g_autofree AcpiCpu *cpus = list_cpus(&x->ms);
    g_autoptr(X86Numa) numa = x86_board_numa(x);
    AcpiUart uarts[UART_PORTS];
    AcpiConfig c = { .cpus = cpus, .n_cpus = x->ms.n_possible, .uarts = uarts };

    c.n_uarts = list_uarts(&x->ms, uarts);
    if (x->cpuhp != NULL) {
        fill_fixed(x, &c);
    } else {
        fill_reduced(x, &c);
    }
    fill_common(x, &c);
    fill_user_devices(&x->ms, &c);
    c.numa = x86_numa_acpi(numa);
    return acpi_build(&c, errp);
}

/* ---- SMBIOS ---- */

static gboolean smbios_options(MachineState *ms, SmbiosConfig *config, GError **errp)
{
    const GPtrArray *texts = ms->boot != NULL ? ms->boot->smbios : NULL;
    guint i;

    if (ms->uuid != NULL && !smbios_set_uuid(config, ms->uuid, errp)) {
        return FALSE;
    }
    for (i = 0; texts != NULL && i < texts->len; i++) {
        if (!smbios_parse_option(config, g_ptr_array_index(texts, i), errp)) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean x86_board_smbios(X86Machine *x, SmbiosTables *out, GError **errp)
{
    g_autoptr(SmbiosConfig) config = smbios_config_new();
    const X86CpuConfig *cpu = x86_machine_cpu_config(&x->ms);
    const SmbiosMachine machine = {
        .manufacturer = "accelvm",
        .product = x->ms.klass->desc,
        .version = x->ms.klass->name,
        .ram_below_4g = x->below_4g,
        .ram_above_4g = x->above_4g,
        .sockets = x->ms.smp.sockets,
        .cores = x->ms.smp.dies * x->ms.smp.modules * x->ms.smp.cores,
        .threads = x->ms.smp.threads,
        .cpuid_signature = x86_cpu_signature(cpu),
        .cpuid_features = cpu != NULL ? cpu->f.w[X86_WORD_1_EDX] : 0,
        .entry = x->smbios_entry ? SMBIOS_ENTRY_30 : SMBIOS_ENTRY_21,
    };

    return smbios_options(&x->ms, config, errp) && smbios_build(config, &machine, out, errp);
}

/* ---- as files for firmware ---- */

static gboolean add_file(FwCfg *s, const char *name, GByteArray *data, GError **errp)
{
    return data != NULL && fw_cfg_add_file(s, name, data->data, data->len, errp);
}

static gboolean add_e820(X86Machine *x, GError **errp)
{
    g_autoptr(E820Map) map = x86_board_e820(x, false, errp);
    g_autoptr(GByteArray) bytes = map != NULL ? e820_to_fw_cfg(map) : NULL;

    return add_file(x->ms.fw_cfg, "etc/e820", bytes, errp);
}

static gboolean put_file(FwCfg *s, const char *name, const GByteArray *data, GError **errp)
{
    return fw_cfg_modify_file(s, name, data->data, data->len, errp);
}

static gboolean fill_acpi(void *opaque, GError **errp)
{
    X86Machine *x = opaque;
    g_autoptr(AcpiTables) tables = x86_board_acpi_tables(x, errp);
    g_autoptr(GByteArray) linker = tables != NULL ? acpi_linker(tables) : NULL;
    FwCfg *s = x->ms.fw_cfg;

    return tables != NULL && put_file(s, ACPI_FILE_TABLES, tables->blob, errp) &&
           put_file(s, ACPI_FILE_RSDP, tables->rsdp, errp) &&
           put_file(s, ACPI_FILE_LOADER, linker, errp);
}

/*
 * Made when firmware looks: a quarter of a start's own instructions otherwise, for test guests that
 * never do; and after a reset the tables know the CPUs that were plugged.
 */
static gboolean add_acpi(X86Machine *x, GError **errp)
{
    static const char *const names[] = { ACPI_FILE_TABLES, ACPI_FILE_RSDP, ACPI_FILE_LOADER };
    guint i;

    for (i = 0; i < G_N_ELEMENTS(names); i++) {
        if (!fw_cfg_add_file(x->ms.fw_cfg, names[i], NULL, 0, errp)) {
            return FALSE;
        }
    }
    fw_cfg_set_filler(x->ms.fw_cfg, fill_acpi, x);
    return TRUE;
}

static gboolean add_smbios(X86Machine *x, GError **errp)
{
    SmbiosTables t = { 0 };
    gboolean ok;

    if (!x86_board_smbios(x, &t, errp)) {
        return FALSE;
    }
    ok = add_file(x->ms.fw_cfg, "etc/smbios/smbios-anchor", t.anchor, errp) &&
         add_file(x->ms.fw_cfg, "etc/smbios/smbios-tables", t.tables, errp);
    smbios_tables_clear(&t);
    return ok;
}

gboolean x86_board_fw_cfg_tables(X86Machine *x, GError **errp)
{
    bool smbios = x->rtc_dev != NULL; /* a PC, not a microvm */

    return add_e820(x, errp) && (x->power == NULL || add_acpi(x, errp)) &&
           (!smbios || add_smbios(x, errp));
}
