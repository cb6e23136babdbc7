/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Interrupt lines. Theory of operation: a line is a call-back with a number, nothing is stored;
 * whoever needs the level keeps it. Driving one is inline (hw/irq.h).
 */
#include "hw/irq.h"

IrqLine *hw_irq_array_new(IrqHandler handler, void *opaque, int n)
{
    IrqLine *lines = g_new0(IrqLine, MAX(n, 1));
    int i;

    for (i = 0; i < n; i++) {
        lines[i].handler = handler;
        lines[i].opaque = opaque;
        lines[i].n = i;
    }
    return lines;
}
