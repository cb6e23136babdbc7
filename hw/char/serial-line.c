/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * 16550A UART: receiver, transmitter, modem lines and the character timeout.
 *
 * Theory of operation: the line itself takes no time. A character that the CPU writes goes through
 * holding register (or FIFO) and shift register to the back end in the same call, so the
 * transmitter is empty again when the write returns. Only a back end that is full makes it wait: the
 * shift register is then tried again once per character time, and given up after a bounded number
 * of tries, as a wire without handshake would have lost it. Towards the guest the back end is held
 * off by can_read instead, so that nothing overruns that a real sender could have been told to hold.
 *
 * Errors travel with their character and show in LSR when it reaches the top of the FIFO. The
 * character timeout is a timer on guest time: four characters long, at the speed and format that
 * are programmed, restarted by each arrival and each read.
 *
 * Characters are eight bits whatever LCR says, here as towards the back end: a guest that never sets
 * the format gets its bytes through, as on the virtual UARTs it was written for.
 *
 * In loop mode the transmitter feeds the receiver, the outputs of MCR feed the inputs of MSR, and
 * the outside is held off.
 */
#include <errno.h>
#include <string.h>
#include "hw/char/serial.h"

#define TX_MAX_TRIES 1024
#define TIMEOUT_CHARS 4

unsigned serial_depth(const Serial *s)
{
    return (s->fcr & FCR_ENABLE) ? SERIAL_FIFO_DEPTH : 1;
}

unsigned serial_trigger(const Serial *s)
{
    static const uint8_t levels[4] = { 1, 4, 8, 14 };

    return (s->fcr & FCR_ENABLE) ? levels[s->fcr >> 6] : 1;
}

static void fifo_push(SerialFifo *f, uint8_t ch, uint8_t errors)
{
    unsigned at = (f->head + f->count) % SERIAL_FIFO_DEPTH;

    f->data[at] = ch;
    f->errors[at] = errors;
    f->count++;
}

static uint8_t fifo_pop(SerialFifo *f)
{
    uint8_t ch = f->data[f->head];

    f->head = (f->head + 1) % SERIAL_FIFO_DEPTH;
    f->count--;
    return ch;
}

/* ---- receiver ---- */

static void restart_timeout(Serial *s)
{
    s->timeout_pending = false;
    if ((s->fcr & FCR_ENABLE) && s->rx.count > 0) {
        hw_timer_mod(s->rx_timeout, hw_clock_ns(s->ms, HW_CLOCK_VIRTUAL) +
                                        TIMEOUT_CHARS * s->char_ns);
    } else {
        hw_timer_del(s->rx_timeout);
    }
}

static void rx_timed_out(void *opaque)
{
    Serial *s = opaque;

    if (s->rx.count > 0) {
        s->timeout_pending = true;
        serial_update_irq(s);
    }
}

/* The errors of the character that is now on top become visible. */
static void reveal_errors(Serial *s)
{
    if (s->rx.count > 0) {
        s->errors |= s->rx.errors[s->rx.head];
        s->rx.errors[s->rx.head] = 0;
    }
}

/* With FIFOs the newcomer is lost, without them it replaces the one that nobody fetched. */
static void overrun(Serial *s, uint8_t ch, uint8_t errors)
{
    s->errors |= LSR_OE;
    if (!(s->fcr & FCR_ENABLE)) {
        s->rx.data[s->rx.head] = ch;
        s->errors |= errors;
    }
}

void serial_receive(Serial *s, uint8_t ch, uint8_t errors)
{
    if (s->rx.count >= serial_depth(s)) {
        overrun(s, ch, errors);
    } else {
        fifo_push(&s->rx, ch, errors);
        if (s->rx.count == 1) {
            reveal_errors(s);
        }
        restart_timeout(s);
    }
    serial_update_irq(s);
}

uint8_t serial_take(Serial *s)
{
    if (s->rx.count > 0) {
        s->rbr = fifo_pop(&s->rx);
        reveal_errors(s);
    }
    restart_timeout(s);
    serial_update_irq(s);
    if (s->chr != NULL && !(s->mcr & MCR_LOOP)) {
        chardev_accept_input(s->chr);
    }
    return s->rbr;
}

void serial_clear_rx(Serial *s)
{
    memset(&s->rx, 0, sizeof s->rx);
    restart_timeout(s);
}

static int serial_can_read(void *opaque)
{
    Serial *s = opaque;

    return (s->mcr & MCR_LOOP) ? 0 : (int)(serial_depth(s) - s->rx.count);
}

static void serial_chr_read(void *opaque, const uint8_t *buf, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        serial_receive(opaque, buf[i], 0);
    }
}

static void serial_chr_event(void *opaque, ChardevEvent ev)
{
    Serial *s = opaque;

    if (ev == CHARDEV_EVENT_BREAK && !(s->mcr & MCR_LOOP)) {
        serial_receive(s, 0, LSR_BI);
    }
}

const ChardevHandlers serial_chardev_handlers = {
    .can_read = serial_can_read, .read = serial_chr_read, .event = serial_chr_event,
};

/* ---- transmitter ---- */

static bool loop_back(Serial *s)
{
    if (!(s->mcr & MCR_LOOP)) {
        return false;
    }
    serial_receive(s, s->tsr, 0);
    return true;
}

/* Returns: false when the shift register has to keep its character for now. */
static bool shift_out(Serial *s)
{
    ssize_t n;

    if (loop_back(s)) {
        return true;
    }
    n = chardev_write(s->chr, &s->tsr, 1);
    if ((n != 0 && n != -EAGAIN) || ++s->tx_tries > TX_MAX_TRIES) {
        return true;
    }
    hw_timer_mod(s->tx_retry, hw_clock_ns(s->ms, HW_CLOCK_VIRTUAL) + s->char_ns);
    return false;
}

static void transmit(Serial *s)
{
    while (s->tsr_busy || s->tx.count > 0) {
        if (!s->tsr_busy) {
            s->tsr = fifo_pop(&s->tx);
            s->tsr_busy = true;
            s->tx_tries = 0;
            s->thr_pending |= s->tx.count == 0;
        }
        if (!shift_out(s)) {
            break;
        }
        s->tsr_busy = false;
    }
    serial_update_irq(s);
}

static void tx_retry(void *opaque)
{
    transmit(opaque);
}

/* The interrupt drops before it comes again: an edge-triggered controller has to see both. */
void serial_send(Serial *s, uint8_t ch)
{
    s->thr_pending = false;
    serial_update_irq(s);
    if (s->tx.count < serial_depth(s)) {
        fifo_push(&s->tx, ch, 0);
    }
    if (s->tsr_busy) {
        return; /* the retry timer goes on */
    }
    transmit(s);
}

void serial_clear_tx(Serial *s)
{
    memset(&s->tx, 0, sizeof s->tx);
    if (!s->tsr_busy) {
        hw_timer_del(s->tx_retry);
    }
    s->thr_pending = true;
}

/* ---- modem lines and speed ---- */

static uint8_t modem_inputs(const Serial *s)
{
    if (!(s->mcr & MCR_LOOP)) {
        return MSR_DCD | MSR_DSR | MSR_CTS; /* the peer is always ready */
    }
    return ((s->mcr & MCR_RTS) ? MSR_CTS : 0) | ((s->mcr & MCR_DTR) ? MSR_DSR : 0) |
           ((s->mcr & MCR_OUT1) ? MSR_RI : 0) | ((s->mcr & MCR_OUT2) ? MSR_DCD : 0);
}

void serial_update_modem(Serial *s)
{
    uint8_t now = modem_inputs(s), changed = (now ^ s->msr) & ~MSR_DELTAS;
    uint8_t deltas = ((changed & MSR_CTS) ? MSR_DCTS : 0) | ((changed & MSR_DSR) ? MSR_DDSR : 0) |
                     ((changed & MSR_DCD) ? MSR_DDCD : 0);

    if ((changed & MSR_RI) && !(now & MSR_RI)) {
        deltas |= MSR_TERI; /* the end of a ring only */
    }
    s->msr = now | (s->msr & MSR_DELTAS) | deltas;
}

/* A divisor of 0 stops the baud generator: the last speed that ran is kept for the timers. */
void serial_update_speed(Serial *s)
{
    unsigned half_bits = 2 * (1 + 5 + (s->lcr & 3)) + ((s->lcr & LCR_PARITY) ? 2 : 0) + 2;

    if (s->lcr & LCR_STOP) {
        half_bits += (s->lcr & 3) ? 2 : 1; /* two stop bits, one and a half after five data bits */
    }
    if (s->divisor != 0) {
        s->char_ns = half_bits * HW_NS_PER_SEC * s->divisor / (2 * (int64_t)s->baudbase);
    }
}

void serial_line_init(Serial *s)
{
    s->rx_timeout = hw_timer_new(s->ms, HW_CLOCK_VIRTUAL, rx_timed_out, s);
    s->tx_retry = hw_timer_new(s->ms, HW_CLOCK_VIRTUAL, tx_retry, s);
}

void serial_line_cleanup(Serial *s)
{
    g_clear_pointer(&s->rx_timeout, hw_timer_free);
    g_clear_pointer(&s->tx_retry, hw_timer_free);
}
