/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * 16550A UART: the register file (National Semiconductor PC16550D data sheet).
 *
 * Theory of operation: eight registers on eight ports. Offsets 0 and 1 show the divisor latch while
 * LCR bit 7 is set. Everything the CPU can see is either stored (IER, FCR, LCR, MCR, SCR, divisor)
 * or computed on reading from the state of the two FIFOs and the shift register (IIR, LSR), so no
 * copy can go stale. One interrupt line carries five sources; IIR shows the most urgent of them.
 * OUT2 does not gate the line: PC boards do that, but the guests written for virtual ones rely on
 * its absence. The line side is in serial-line.c.
 */
#include "hw/char/serial.h"

static uint8_t interrupt_id(const Serial *s)
{
    if ((s->ier & IER_RLSI) && (s->errors & LSR_ERRORS)) {
        return IIR_RLSI;
    }
    if ((s->ier & IER_RDI) && s->timeout_pending) {
        return IIR_CTI;
    }
    if ((s->ier & IER_RDI) && s->rx.count >= serial_trigger(s)) {
        return IIR_RDI;
    }
    if ((s->ier & IER_THRI) && s->thr_pending) {
        return IIR_THRI;
    }
    if ((s->ier & IER_MSI) && (s->msr & MSR_DELTAS)) {
        return IIR_MSI;
    }
    return IIR_NONE;
}

void serial_update_irq(Serial *s)
{
    bool level = interrupt_id(s) != IIR_NONE;

    if (level != s->irq_level) {
        s->irq_level = level;
        hw_irq_set(s->irq, level);
    }
}

/* Reading IIR acknowledges the transmitter's interrupt, but only while it is the one shown. */
static uint8_t read_iir(Serial *s)
{
    uint8_t id = interrupt_id(s);

    if (id == IIR_THRI) {
        s->thr_pending = false;
        serial_update_irq(s);
    }
    return id | ((s->fcr & FCR_ENABLE) ? IIR_FIFO : 0);
}

static bool fifo_holds_error(const Serial *s)
{
    uint8_t any = s->errors & LSR_CHAR_ERRORS;

    for (unsigned i = 0; i < s->rx.count; i++) {
        any |= s->rx.errors[(s->rx.head + i) % SERIAL_FIFO_DEPTH];
    }
    return any != 0;
}

static uint8_t read_lsr(Serial *s)
{
    uint8_t lsr = s->errors;

    if (s->rx.count > 0) {
        lsr |= LSR_DR;
    }
    if (s->tx.count == 0) {
        lsr |= LSR_THRE;
        lsr |= s->tsr_busy ? 0 : LSR_TEMT;
    }
    if ((s->fcr & FCR_ENABLE) && fifo_holds_error(s)) {
        lsr |= LSR_FIFO_ERROR;
    }
    s->errors = 0;
    serial_update_irq(s);
    return lsr;
}

static uint8_t read_msr(Serial *s)
{
    uint8_t msr = s->msr;

    s->msr &= (uint8_t)~MSR_DELTAS;
    serial_update_irq(s);
    return msr;
}

uint8_t serial_read(Serial *s, unsigned reg)
{
    bool dlab = (s->lcr & LCR_DLAB) != 0;

    switch (reg) {
    case 0:
        return dlab ? s->divisor & 0xff : serial_take(s);
    case 1:
        return dlab ? s->divisor >> 8 : s->ier;
    case 2:
        return read_iir(s);
    case 3:
        return s->lcr;
    case 4:
        return s->mcr;
    case 5:
        return read_lsr(s);
    case 6:
        return read_msr(s);
    default:
        return s->scr;
    }
}

/* Enabling the transmitter's interrupt while the holding register is empty raises it at once. */
static void write_ier(Serial *s, uint8_t value)
{
    uint8_t enabled = value & ~s->ier & IER_MASK;

    s->ier = value & IER_MASK;
    if ((enabled & IER_THRI) && s->tx.count == 0) {
        s->thr_pending = true;
    }
    serial_update_irq(s);
}

/* The other bits are programmed only together with the enable bit; changing that clears both FIFOs. */
static void write_fcr(Serial *s, uint8_t value)
{
    bool toggled = ((value ^ s->fcr) & FCR_ENABLE) != 0;

    if (!(value & FCR_ENABLE)) {
        value = 0;
    }
    s->fcr = value & FCR_KEPT;
    if (toggled || (value & FCR_CLEAR_RX)) {
        serial_clear_rx(s);
    }
    if (toggled || (value & FCR_CLEAR_TX)) {
        serial_clear_tx(s);
    }
    serial_update_irq(s);
}

/* A break that is sent in loop mode comes straight back. */
static void write_lcr(Serial *s, uint8_t value)
{
    bool break_starts = (value & ~s->lcr & LCR_BREAK) != 0;

    s->lcr = value;
    serial_update_speed(s);
    if (break_starts && (s->mcr & MCR_LOOP)) {
        serial_receive(s, 0, LSR_BI);
    }
}

static void write_mcr(Serial *s, uint8_t value)
{
    bool left_loop = (s->mcr & ~value & MCR_LOOP) != 0;

    s->mcr = value & MCR_MASK;
    serial_update_modem(s);
    serial_update_irq(s);
    if (left_loop && s->chr != NULL) {
        chardev_accept_input(s->chr);
    }
}

static void write_divisor(Serial *s, unsigned reg, uint8_t value)
{
    if (reg == 0) {
        s->divisor = (s->divisor & 0xff00) | value;
    } else {
        s->divisor = (uint16_t)((s->divisor & 0x00ff) | value << 8);
    }
    serial_update_speed(s);
}

void serial_write(Serial *s, unsigned reg, uint8_t value)
{
    if (reg < 2 && (s->lcr & LCR_DLAB)) {
        write_divisor(s, reg, value);
        return;
    }
    switch (reg) {
    case 0:
        serial_send(s, value);
        break;
    case 1:
        write_ier(s, value);
        break;
    case 2:
        write_fcr(s, value);
        break;
    case 3:
        write_lcr(s, value);
        break;
    case 4:
        write_mcr(s, value);
        break;
    case 7:
        s->scr = value;
        break;
    default: /* LSR and MSR: factory test only */
        break;
    }
}

void serial_reset(Serial *s)
{
    s->ier = s->fcr = s->lcr = s->scr = s->errors = s->rbr = 0;
    s->mcr = MCR_OUT2;
    s->msr = MSR_DCD | MSR_DSR | MSR_CTS;
    s->divisor = 12; /* 9600 bit/s, what a BIOS leaves behind */
    s->tsr_busy = false;
    serial_clear_rx(s);
    serial_clear_tx(s);
    s->thr_pending = false;
    s->irq_level = false;
    hw_irq_lower(s->irq);
    serial_update_speed(s);
    if (s->chr != NULL) {
        chardev_accept_input(s->chr);
    }
}
