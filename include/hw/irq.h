/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: interrupt lines. An IrqLine is one input of somebody: a handler, its opaque and a number.
 * Whoever drives it calls hw_irq_set(). Lines can be intercepted (qtest): the interceptor sees each
 * level and decides whether the original handler still gets it.
 */
#ifndef HW_IRQ_H
#define HW_IRQ_H

#include <glib.h>
#include "accel/export.h"

G_BEGIN_DECLS

typedef struct IrqLine IrqLine;
typedef void (*IrqHandler)(void *opaque, int n, int level);

struct IrqLine {
    IrqHandler handler;
    void *opaque;
    int n;
    /* Set while intercepted: called instead of handler, gets the line itself. */
    void (*intercept)(void *opaque, IrqLine *line, int level);
    void *intercept_opaque;
};

/** hw_irq_set: drive a line; NULL is an unconnected one. Called under the machine lock. */
static inline void hw_irq_set(IrqLine *line, int level)
{
    if (line == NULL) {
        return;
    }
    if (G_UNLIKELY(line->intercept != NULL)) {
        line->intercept(line->intercept_opaque, line, level);
    } else {
        line->handler(line->opaque, line->n, level);
    }
}

static inline void hw_irq_raise(IrqLine *line)
{
    hw_irq_set(line, 1);
}

static inline void hw_irq_lower(IrqLine *line)
{
    hw_irq_set(line, 0);
}

static inline void hw_irq_pulse(IrqLine *line)
{
    hw_irq_set(line, 1);
    hw_irq_set(line, 0);
}

/** hw_irq_array_new: @n lines with one handler. Returns: (transfer full), g_free() it. */
ACCEL_API IrqLine *hw_irq_array_new(IrqHandler handler, void *opaque, int n);

G_END_DECLS

#endif
