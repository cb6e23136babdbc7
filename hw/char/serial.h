/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal: the 16550A between its register file (serial.c) and its line side (serial-line.c).
 */
#ifndef HW_CHAR_SERIAL_H
#define HW_CHAR_SERIAL_H

#include "hw/chardev.h"
#include "hw/irq.h"
#include "hw/timer.h"

#define SERIAL_FIFO_DEPTH 16
#define SERIAL_PORTS 8

enum { /* IER */
    IER_RDI = 0x01, IER_THRI = 0x02, IER_RLSI = 0x04, IER_MSI = 0x08, IER_MASK = 0x0f,
};
enum { /* IIR */
    IIR_NONE = 0x01, IIR_MSI = 0x00, IIR_THRI = 0x02, IIR_RDI = 0x04, IIR_RLSI = 0x06,
    IIR_CTI = 0x0c, IIR_FIFO = 0xc0,
};
enum { /* FCR */
    FCR_ENABLE = 0x01, FCR_CLEAR_RX = 0x02, FCR_CLEAR_TX = 0x04, FCR_KEPT = 0xc9,
};
enum { /* LCR */
    LCR_STOP = 0x04, LCR_PARITY = 0x08, LCR_BREAK = 0x40, LCR_DLAB = 0x80,
};
enum { /* MCR */
    MCR_DTR = 0x01, MCR_RTS = 0x02, MCR_OUT1 = 0x04, MCR_OUT2 = 0x08, MCR_LOOP = 0x10,
    MCR_MASK = 0x1f,
};
enum { /* LSR */
    LSR_DR = 0x01, LSR_OE = 0x02, LSR_PE = 0x04, LSR_FE = 0x08, LSR_BI = 0x10, LSR_THRE = 0x20,
    LSR_TEMT = 0x40, LSR_FIFO_ERROR = 0x80,
    LSR_CHAR_ERRORS = LSR_PE | LSR_FE | LSR_BI, LSR_ERRORS = LSR_CHAR_ERRORS | LSR_OE,
};
enum { /* MSR */
    MSR_DCTS = 0x01, MSR_DDSR = 0x02, MSR_TERI = 0x04, MSR_DDCD = 0x08, MSR_DELTAS = 0x0f,
    MSR_CTS = 0x10, MSR_DSR = 0x20, MSR_RI = 0x40, MSR_DCD = 0x80,
};

/* Characters with the LSR error bits that came with them. */
typedef struct SerialFifo {
    uint8_t data[SERIAL_FIFO_DEPTH], errors[SERIAL_FIFO_DEPTH];
    unsigned head, count;
} SerialFifo;

typedef struct Serial {
    MachineState *ms;
    Chardev *chr;
    IrqLine *irq;
    uint32_t baudbase;  /* bits per second at divisor 1 */

    uint8_t rbr;        /* last character taken out */
    uint8_t ier, fcr, lcr, mcr, scr;
    uint8_t errors;     /* LSR error bits not read yet */
    uint8_t msr;
    uint16_t divisor;
    SerialFifo rx, tx;
    uint8_t tsr;        /* transmitter shift register */
    bool tsr_busy;
    bool thr_pending;   /* transmitter-empty interrupt not acknowledged */
    bool timeout_pending;
    bool irq_level;
    unsigned tx_tries;
    int64_t char_ns;    /* time of one character on the line */
    HwTimer *rx_timeout, *tx_retry;
} Serial;

/* ---- serial.c: register file ---- */

uint8_t serial_read(Serial *s, unsigned reg);
void serial_write(Serial *s, unsigned reg, uint8_t value);
void serial_reset(Serial *s);
void serial_update_irq(Serial *s);

/* ---- serial-line.c: receiver, transmitter, modem lines, timers ---- */

extern const ChardevHandlers serial_chardev_handlers; /* opaque is filled in by the user */

void serial_line_init(Serial *s);
void serial_line_cleanup(Serial *s);
/** serial_depth: 16 with the FIFOs on, 1 otherwise. */
unsigned serial_depth(const Serial *s);
/** serial_trigger: characters that make the received-data interrupt. */
unsigned serial_trigger(const Serial *s);
/** serial_receive: a character with its LSR error bits comes off the line. */
void serial_receive(Serial *s, uint8_t ch, uint8_t errors);
/** serial_take: the CPU takes the oldest character. */
uint8_t serial_take(Serial *s);
void serial_clear_rx(Serial *s);
void serial_clear_tx(Serial *s);
/** serial_send: the CPU wrote a character. */
void serial_send(Serial *s, uint8_t ch);
/** serial_update_modem: recompute the modem inputs and note changes. */
void serial_update_modem(Serial *s);
/** serial_update_speed: divisor or format changed. */
void serial_update_speed(Serial *s);

#endif
