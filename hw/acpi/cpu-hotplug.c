/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The registers through which the guest's ACPI code plugs and unplugs CPUs. Layout and meaning are
 * those of QEMU's published interface ("ACPI BIOS CPU hotplug interface", modern registers): a
 * selector, flags of the selected CPU, a command and its data. Output 0 says "look": the board
 * wires it to a general purpose event or to the generic event device.
 *
 * Slots are places in MachineState.possible. An eject comes from a vCPU's thread, which must not
 * wait for another one to end, so the removal itself runs from a timer on the machine's thread.
 */
#include "acpi-internal.h"
#include "hw/intc.h"

typedef struct CpuhpSlot {
    bool insert, remove, fw_eject, eject_due;
    uint32_t ost_event, ost_status;
} CpuhpSlot;

typedef struct CpuhpState {
    DeviceState dev;
    uint16_t port; /* property */
    CpuhpSlot *slots;
    guint n;
    uint32_t selector;
    uint8_t command;
    HwTimer *eject;
    IrqLine *look;
    void (*ost)(void *opaque, const AcpiOst *ost);
    void *ost_opaque;
    IoRegion io;
} CpuhpState;

static CPUState *cpuhp_cpu(const CpuhpState *s, guint slot)
{
    return s->dev.machine->possible[slot].cpu;
}

static CpuhpSlot *cpuhp_selected(CpuhpState *s)
{
    return s->selector < s->n ? &s->slots[s->selector] : NULL;
}

/* ---- registers ---- */

static uint8_t cpuhp_flags(const CpuhpState *s)
{
    const CpuhpSlot *slot = &s->slots[s->selector];

    return (cpuhp_cpu(s, s->selector) != NULL ? ACPI_CPUHP_ENABLED : 0) |
           (slot->insert ? ACPI_CPUHP_INSERT : 0) | (slot->remove ? ACPI_CPUHP_REMOVE : 0) |
           (slot->fw_eject ? ACPI_CPUHP_FW_EJECT : 0);
}

static uint32_t cpuhp_data(const CpuhpState *s)
{
    switch (s->command) {
    case ACPI_CPUHP_CMD_NEXT_EVENT:
        return s->selector;
    case ACPI_CPUHP_CMD_CPU_ID:
        return s->dev.machine->possible[s->selector].apic_id;
    default:
        return 0;
    }
}

/* DATA2, the upper half of a CPU id, is 0 for every command: APIC ids have 32 bits. */
static uint64_t cpuhp_read(void *opaque, uint64_t offset, unsigned size)
{
    CpuhpState *s = opaque;

    if (cpuhp_selected(s) == NULL) {
        return 0;
    }
    switch (offset) {
    case ACPI_CPUHP_FLAGS:
        return cpuhp_flags(s);
    case ACPI_CPUHP_DATA:
        return cpuhp_data(s);
    default:
        return 0;
    }
}

/* From the selected CPU on, once around: the first with something to tell. */
static void cpuhp_next_event(CpuhpState *s)
{
    for (guint i = 0; i < s->n; i++) {
        guint at = (s->selector + i) % s->n;

        if (s->slots[at].insert || s->slots[at].remove) {
            s->selector = at;
            return;
        }
    }
}

static void cpuhp_eject(CpuhpState *s, CpuhpSlot *slot)
{
    CPUState *cpu = cpuhp_cpu(s, s->selector);

    slot->fw_eject = false;
    if (cpu == NULL || s->selector == 0) {
        return;
    }
    slot->eject_due = true;
    hw_timer_mod(s->eject, hw_clock_ns(s->dev.machine, HW_CLOCK_REALTIME));
}

static void cpuhp_write_flags(CpuhpState *s, CpuhpSlot *slot, uint8_t value)
{
    if (value & ACPI_CPUHP_INSERT) {
        slot->insert = false;
    } else if (value & ACPI_CPUHP_REMOVE) {
        slot->remove = false;
    } else if (value & ACPI_CPUHP_EJECT) {
        cpuhp_eject(s, slot);
    } else if (value & ACPI_CPUHP_FW_EJECT) {
        slot->fw_eject = true;
    }
}

static AcpiOst cpuhp_ost(const CpuhpState *s, guint slot)
{
    CPUState *cpu = cpuhp_cpu(s, slot);

    return (AcpiOst){ .slot = slot, .event = s->slots[slot].ost_event,
                      .status = s->slots[slot].ost_status, .id = cpu != NULL ? cpu->dev.id : NULL };
}

static void cpuhp_write_data(CpuhpState *s, CpuhpSlot *slot, uint32_t value)
{
    if (s->command == ACPI_CPUHP_CMD_OST_EVENT) {
        slot->ost_event = value;
    } else if (s->command == ACPI_CPUHP_CMD_OST_STATUS) {
        slot->ost_status = value;
        if (s->ost != NULL) {
            AcpiOst ost = cpuhp_ost(s, s->selector);
            s->ost(s->ost_opaque, &ost);
        }
    }
}

static void cpuhp_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    CpuhpState *s = opaque;
    CpuhpSlot *slot = cpuhp_selected(s);

    if (offset == ACPI_CPUHP_SELECTOR) {
        s->selector = value;
        return;
    }
    if (slot == NULL) {
        return;
    }
    switch (offset) {
    case ACPI_CPUHP_FLAGS:
        cpuhp_write_flags(s, slot, value);
        break;
    case ACPI_CPUHP_COMMAND:
        s->command = value;
        if (s->command == ACPI_CPUHP_CMD_NEXT_EVENT) {
            cpuhp_next_event(s);
        }
        break;
    case ACPI_CPUHP_DATA:
        cpuhp_write_data(s, slot, value);
        break;
    }
}

static const IoOps cpuhp_ops = { .read = cpuhp_read, .write = cpuhp_write, 1, 4 };

/* ---- removal, on the machine's thread ---- */

static void cpuhp_remove(CpuhpState *s, guint slot)
{
    MachineState *ms = s->dev.machine;
    CPUState *cpu = cpuhp_cpu(s, slot);
    g_autoptr(GError) err = NULL;

    s->slots[slot] = (CpuhpSlot){ .ost_event = s->slots[slot].ost_event,
                                  .ost_status = s->slots[slot].ost_status };
    if (cpu == NULL) {
        return;
    }
    x86_intc_remove_cpu(ms, cpu);
    if (!hw_machine_remove_cpu(ms, cpu, &err) && ms->hooks.warn != NULL) {
        ms->hooks.warn(ms->hooks.opaque, err->message);
    }
}

static void cpuhp_eject_due(void *opaque)
{
    CpuhpState *s = opaque;

    for (guint i = 0; i < s->n; i++) {
        if (s->slots[i].eject_due) {
            cpuhp_remove(s, i);
        }
    }
}

/* ---- for the board ---- */

void acpi_cpuhp_plug(DeviceState *dev, CPUState *cpu)
{
    CpuhpState *s = (CpuhpState *)dev;

    if (cpu->hotplugged && (guint)cpu->index < s->n) {
        s->slots[cpu->index] = (CpuhpSlot){ .insert = true };
        hw_irq_pulse(s->look);
    }
}

gboolean acpi_cpuhp_unplug_request(DeviceState *dev, CPUState *cpu, GError **errp)
{
    CpuhpState *s = (CpuhpState *)dev;

    if (cpu->index <= 0 || (guint)cpu->index >= s->n || cpuhp_cpu(s, cpu->index) != cpu) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "Boot CPU is unpluggable");
        return FALSE;
    }
    s->slots[cpu->index].remove = true;
    hw_irq_pulse(s->look);
    return TRUE;
}

void acpi_cpuhp_set_ost(DeviceState *dev, void (*fn)(void *opaque, const AcpiOst *ost),
                        void *opaque)
{
    CpuhpState *s = (CpuhpState *)dev;

    s->ost = fn;
    s->ost_opaque = opaque;
}

bool acpi_cpuhp_get_ost(DeviceState *dev, guint slot, AcpiOst *ost)
{
    CpuhpState *s = (CpuhpState *)dev;

    if (slot >= s->n) {
        return false;
    }
    *ost = cpuhp_ost(s, slot);
    return true;
}

/* ---- life ---- */

static gboolean cpuhp_realize(DeviceState *dev, GError **errp)
{
    CpuhpState *s = (CpuhpState *)dev;

    hw_device_init_out(dev, NULL, &s->look, 1);
    s->n = dev->machine->n_possible;
    s->slots = g_new0(CpuhpSlot, s->n);
    s->eject = hw_timer_new(dev->machine, HW_CLOCK_REALTIME, cpuhp_eject_due, s);
    s->io = (IoRegion){ .name = "acpi-cpu-hotplug", .base = s->port, .size = ACPI_CPUHP_LEN,
                        .ops = &cpuhp_ops, .opaque = s, .owner = dev };
    hw_port_add(dev->machine, &s->io);
    return TRUE;
}

static void cpuhp_unrealize(DeviceState *dev)
{
    CpuhpState *s = (CpuhpState *)dev;

    hw_port_remove(dev->machine, &s->io);
    hw_timer_free(s->eject);
    g_free(s->slots);
    s->slots = NULL;
    s->n = 0;
}

static const AccelProp cpuhp_props[] = {
    { "port", ACCEL_PROP_UINT16, offsetof(CpuhpState, port), "0xaf00", "first of 12 ports" },
    ACCEL_PROP_END,
};

const DeviceClass acpi_cpuhp_class = {
    .type = {
        .name = "acpi-cpu-hotplug",
        .parent = &hw_type_device,
        .desc = "ACPI CPU hotplug registers",
        .instance_size = sizeof(CpuhpState),
        .props = cpuhp_props,
    },
    .bus = "ISA",
    .realize = cpuhp_realize,
    .unrealize = cpuhp_unrealize,
};
