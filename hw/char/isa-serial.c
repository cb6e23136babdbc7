/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * isa-serial: a 16550A on the ISA bus, COM1 to COM4.
 *
 * Theory of operation: the properties choose place and line; what is left out follows from the
 * index, and an index left out is the next one after the serial ports that the machine has. The
 * UART itself is in serial.c.
 */
#include "hw/char/serial.h"
#include "hw/isa-devices.h"
#include "hw/isa.h"
#include "hw/machine.h"

#define MAX_ISA_SERIAL 4

typedef struct IsaSerial {
    DeviceState dev;
    int64_t index, iobase, irq;
    uint32_t baudbase;
    bool wakeup;
    char *chardev;
    IoRegion io;
    Serial uart;
} IsaSerial;

static const uint16_t com_base[MAX_ISA_SERIAL] = { 0x3f8, 0x2f8, 0x3e8, 0x2e8 };
static const uint8_t com_irq[MAX_ISA_SERIAL] = { 4, 3, 4, 3 };

static uint64_t isa_serial_read(void *opaque, uint64_t offset, unsigned size)
{
    return serial_read(&((IsaSerial *)opaque)->uart, (unsigned)offset);
}

static void isa_serial_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    serial_write(&((IsaSerial *)opaque)->uart, (unsigned)offset, (uint8_t)value);
}

static const IoOps isa_serial_ops = {
    .read = isa_serial_read, .write = isa_serial_write, .min_size = 1, .max_size = 1,
};

static int64_t next_index(MachineState *ms)
{
    int64_t next = 0;

    for (guint i = 0; i < ms->devices->len; i++) {
        const IsaSerial *other = g_ptr_array_index(ms->devices, i);

        if (hw_object_is_a(&other->dev.obj, &isa_serial_class.type) && other->index >= next) {
            next = other->index + 1;
        }
    }
    return next;
}

/* What the properties leave open follows from the index. */
static gboolean choose_place(IsaSerial *s, GError **errp)
{
    if (s->index == -1) {
        s->index = next_index(s->dev.machine);
    }
    if (s->index < 0 || s->index >= MAX_ISA_SERIAL) {
        accel_error_set(errp, ACCEL_ERROR_LIMIT, NULL,
                        "Max. supported number of ISA serial ports is %d.", MAX_ISA_SERIAL);
        return FALSE;
    }
    if (s->iobase == -1) {
        s->iobase = com_base[s->index];
    }
    if (s->irq == -1) {
        s->irq = com_irq[s->index];
    }
    if (s->baudbase == 0) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "isa-serial: baudbase must not be 0");
        return FALSE;
    }
    return TRUE;
}

static gboolean connect_chardev(IsaSerial *s, GError **errp)
{
    ChardevHandlers fe = serial_chardev_handlers;
    Chardev *chr = NULL;

    fe.opaque = &s->uart;
    if (!hw_device_chardev(&s->dev, s->chardev, &chr, errp) ||
        (chr != NULL && !chardev_connect(chr, &fe, errp))) {
        return FALSE;
    }
    s->uart.chr = chr;
    return TRUE;
}

static void isa_serial_unrealize(DeviceState *dev)
{
    IsaSerial *s = (IsaSerial *)dev;

    isa_remove_ports(dev, &s->io);
    if (s->uart.chr != NULL) {
        chardev_disconnect(s->uart.chr);
        s->uart.chr = NULL;
    }
    serial_line_cleanup(&s->uart);
}

static gboolean isa_serial_realize(DeviceState *dev, GError **errp)
{
    IsaSerial *s = (IsaSerial *)dev;

    s->io = (IoRegion){ .name = "serial", .ops = &isa_serial_ops, .opaque = s };
    s->uart.ms = dev->machine;
    if (!isa_check_bus(dev, errp) || !choose_place(s, errp) ||
        !isa_get_irq(dev, s->irq, &s->uart.irq, errp)) {
        return FALSE;
    }
    s->uart.baudbase = s->baudbase;
    serial_line_init(&s->uart);
    if (!isa_add_ports(dev, &s->io, s->iobase, SERIAL_PORTS, "iobase", errp)) {
        isa_serial_unrealize(dev);
        return FALSE;
    }
    serial_reset(&s->uart);
    if (!connect_chardev(s, errp)) {
        isa_serial_unrealize(dev);
        return FALSE;
    }
    return TRUE;
}

static void isa_serial_reset(DeviceState *dev)
{
    serial_reset(&((IsaSerial *)dev)->uart);
}

static const AccelProp isa_serial_props[] = {
    { "index", ACCEL_PROP_INT64, offsetof(IsaSerial, index), "-1",
      "COM port less 1, 0 to 3; -1: the next one", NULL, "uint32" },
    { "iobase", ACCEL_PROP_INT64, offsetof(IsaSerial, iobase), "-1",
      "First port; -1: by index", NULL, "uint32" },
    { "irq", ACCEL_PROP_INT64, offsetof(IsaSerial, irq), "-1",
      "ISA interrupt, 0 to 15; -1: by index", NULL, "uint32" },
    { "baudbase", ACCEL_PROP_UINT32, offsetof(IsaSerial, baudbase), "115200",
      "Speed at divisor 1, bit/s" },
    { "wakeup", ACCEL_PROP_BOOL, offsetof(IsaSerial, wakeup), "off",
      "Accepted for compatibility; no machine sleeps" },
    { "chardev", ACCEL_PROP_LINK, offsetof(IsaSerial, chardev), NULL,
      "ID of a chardev to use as a backend" },
    ACCEL_PROP_END
};

const DeviceClass isa_serial_class = {
    .type = { .name = "isa-serial", .parent = &hw_type_device, .desc = "16550A UART",
              .instance_size = sizeof(IsaSerial), .props = isa_serial_props },
    .bus = "ISA",
    .user_creatable = true,
    .realize = isa_serial_realize,
    .reset = isa_serial_reset,
    .unrealize = isa_serial_unrealize,
};
