/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * i8042: the AT keyboard controller with its auxiliary (mouse) port.
 *
 * Theory of operation: commands come in at port 0x64, their parameters and bytes for the keyboard at
 * 0x60, where the output buffer (i8042-output.c) is read. A full one shows in the status (0x64), with
 * bit 5 when the byte came from the mouse. The controller's output port carries the reset line (bit 0,
 * low resets the machine) and A20 (bit 1, output line "a20"). Devices answer at once; the input buffer
 * is never full.
 */
#include "hw/input/i8042-internal.h"
#include "hw/isa-devices.h"
#include "hw/machine.h"

enum { /* status */
    STAT_OBF = 0x01, STAT_SYS = 0x04, STAT_CMD = 0x08, STAT_UNLOCKED = 0x10, STAT_AUX_OBF = 0x20,
};
enum { /* output port */
    OUT_RUN = 0x01, OUT_A20 = 0x02, OUT_KBD_OBF = 0x10, OUT_AUX_OBF = 0x20, OUT_DEFAULT = 0xcf,
};
enum { /* commands at port 0x64 */
    CMD_READ_RAM = 0x20, CMD_READ_RAM_LAST = 0x3f, CMD_WRITE_RAM = 0x60, CMD_WRITE_RAM_LAST = 0x7f,
    CMD_AUX_OFF = 0xa7, CMD_AUX_ON = 0xa8, CMD_AUX_TEST = 0xa9, CMD_SELF_TEST = 0xaa,
    CMD_KBD_TEST = 0xab, CMD_KBD_OFF = 0xad, CMD_KBD_ON = 0xae, CMD_READ_INPUT = 0xc0,
    CMD_READ_OUTPUT = 0xd0, CMD_WRITE_OUTPUT = 0xd1, CMD_PUT_KBD = 0xd2, CMD_PUT_AUX = 0xd3,
    CMD_WRITE_AUX = 0xd4, CMD_A20_OFF = 0xdd, CMD_A20_ON = 0xdf, CMD_PULSE = 0xf0,
};

/* ---- output port ---- */

static uint8_t read_outport(const I8042 *s)
{
    uint8_t full = !s->full ? 0 : s->full_aux ? OUT_AUX_OBF : OUT_KBD_OBF;

    return (s->outport & (uint8_t)~(OUT_KBD_OBF | OUT_AUX_OBF)) | full;
}

static void write_outport(I8042 *s, uint8_t value)
{
    s->outport = value;
    hw_irq_set(s->a20, (value & OUT_A20) != 0);
    if (!(value & OUT_RUN)) {
        s->outport |= OUT_RUN;
        hw_machine_request(s->dev.machine, MACHINE_REQUEST_RESET, "guest-reset", 0);
    }
}

/* ---- ports ---- */

static uint64_t status_read(void *opaque, uint64_t offset, unsigned size)
{
    const I8042 *s = opaque;

    return STAT_UNLOCKED | (s->full ? STAT_OBF : 0) |
           (s->full && s->full_aux ? STAT_AUX_OBF : 0) |
           ((s->ram[0] & MODE_SYS) ? STAT_SYS : 0) | (s->last_was_cmd ? STAT_CMD : 0);
}

static uint64_t data_read(void *opaque, uint64_t offset, unsigned size)
{
    I8042 *s = opaque;
    uint8_t byte = s->obuf;

    s->full = false;
    i8042_update_irq(s);
    i8042_refill(s);
    return byte;
}

static void set_mode_bit(I8042 *s, uint8_t bit, bool on)
{
    s->ram[0] = on ? s->ram[0] | bit : s->ram[0] & (uint8_t)~bit;
}

/* Commands that are done at once. */
static void simple_command(I8042 *s, uint8_t cmd)
{
    if (cmd >= CMD_READ_RAM && cmd <= CMD_READ_RAM_LAST) {
        i8042_answer(s, s->ram[cmd & (RAM_SIZE - 1)], false);
        return;
    }
    switch (cmd) {
    case CMD_AUX_OFF:
    case CMD_AUX_ON:
        set_mode_bit(s, MODE_AUX_OFF, cmd == CMD_AUX_OFF);
        break;
    case CMD_KBD_OFF:
    case CMD_KBD_ON:
        set_mode_bit(s, MODE_KBD_OFF, cmd == CMD_KBD_OFF);
        break;
    case CMD_AUX_TEST:
    case CMD_KBD_TEST:
        i8042_answer(s, 0x00, false);
        break;
    case CMD_SELF_TEST:
        set_mode_bit(s, MODE_SYS, true);
        i8042_answer(s, 0x55, false);
        break;
    case CMD_READ_INPUT:
        i8042_answer(s, 0x80, false); /* keyboard not locked */
        break;
    case CMD_READ_OUTPUT:
        i8042_answer(s, read_outport(s), false);
        break;
    case CMD_A20_OFF:
        write_outport(s, s->outport & (uint8_t)~OUT_A20);
        break;
    case CMD_A20_ON:
        write_outport(s, s->outport | OUT_A20);
        break;
    default: /* what no PC firmware uses is ignored, as by the chip's own program */
        break;
    }
}

/* 0xf0 to 0xff pulse the output port's low bits that are 0 in the command; only reset matters. */
static void command_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    I8042 *s = opaque;
    uint8_t cmd = (uint8_t)value;

    s->last_was_cmd = true;
    s->command = 0;
    if (cmd >= CMD_PULSE) {
        if (!(cmd & OUT_RUN)) {
            hw_machine_request(s->dev.machine, MACHINE_REQUEST_RESET, "guest-reset", 0);
        }
        return;
    }
    if ((cmd >= CMD_WRITE_RAM && cmd <= CMD_WRITE_RAM_LAST) ||
        (cmd >= CMD_WRITE_OUTPUT && cmd <= CMD_WRITE_AUX)) {
        s->command = cmd;
        return;
    }
    simple_command(s, cmd);
    i8042_refill(s);
}

/* Talking to a device switches its side on, as the controller has to clock the answer in. */
static void data_write(void *opaque, uint64_t offset, uint64_t value, unsigned size)
{
    I8042 *s = opaque;
    uint8_t byte = (uint8_t)value, cmd = s->command;

    s->last_was_cmd = false;
    s->command = 0;
    if (cmd >= CMD_WRITE_RAM && cmd <= CMD_WRITE_RAM_LAST) {
        s->ram[cmd & (RAM_SIZE - 1)] = byte;
    } else if (cmd == CMD_WRITE_OUTPUT) {
        write_outport(s, byte);
    } else if (cmd == CMD_PUT_KBD || cmd == CMD_PUT_AUX) {
        i8042_answer(s, byte, cmd == CMD_PUT_AUX);
    } else if (cmd == CMD_WRITE_AUX) {
        set_mode_bit(s, MODE_AUX_OFF, false);
        ps2_mouse_write(&s->mouse, byte);
    } else {
        set_mode_bit(s, MODE_KBD_OFF, false);
        s->release = false;
        ps2_kbd_write(&s->kbd, byte);
    }
    i8042_refill(s);
}

static const IoOps data_ops = {
    .read = data_read, .write = data_write, .min_size = 1, .max_size = 1,
};
static const IoOps command_ops = {
    .read = status_read, .write = command_write, .min_size = 1, .max_size = 1,
};

/* ---- life ---- */

static void i8042_reset(DeviceState *dev)
{
    I8042 *s = (I8042 *)dev;

    s->ram[0] = MODE_KBD_INT | MODE_AUX_INT;
    for (unsigned i = 1; i < RAM_SIZE; i++) {
        s->ram[i] = 0;
    }
    s->command = s->obuf = 0;
    s->full = s->full_aux = s->answer_waits = s->release = false;
    s->last_was_cmd = true;
    ps2_kbd_reset(&s->kbd);
    ps2_mouse_reset(&s->mouse);
    i8042_update_irq(s);
    write_outport(s, OUT_DEFAULT);
}

static void i8042_unrealize(DeviceState *dev)
{
    I8042 *s = (I8042 *)dev;

    isa_remove_ports(dev, &s->data_io);
    isa_remove_ports(dev, &s->cmd_io);
}

static gboolean i8042_realize(DeviceState *dev, GError **errp)
{
    I8042 *s = (I8042 *)dev;

    s->data_io = (IoRegion){ .name = "i8042-data", .ops = &data_ops, .opaque = s };
    s->cmd_io = (IoRegion){ .name = "i8042-cmd", .ops = &command_ops, .opaque = s };
    if (!isa_check_bus(dev, errp) || !isa_get_irq(dev, 1, &s->irq_kbd, errp) ||
        !isa_get_irq(dev, 12, &s->irq_aux, errp) ||
        !isa_add_ports(dev, &s->data_io, 0x60, 1, NULL, errp) ||
        !isa_add_ports(dev, &s->cmd_io, 0x64, 1, NULL, errp)) {
        i8042_unrealize(dev);
        return FALSE;
    }
    i8042_reset(dev);
    return TRUE;
}

static void i8042_init(HwObject *obj)
{
    hw_device_init_out(DEVICE(obj), "a20", &((I8042 *)obj)->a20, 1);
}

const DeviceClass i8042_class = {
    .type = { .name = "i8042", .parent = &hw_type_device,
              .desc = "Keyboard controller with keyboard and mouse",
              .instance_size = sizeof(I8042), .init = i8042_init },
    .bus = "ISA",
    .user_creatable = true,
    .realize = i8042_realize,
    .reset = i8042_reset,
    .unrealize = i8042_unrealize,
};
