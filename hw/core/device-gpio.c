/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A device's interrupt lines.
 *
 * Theory of operation: inputs are IrqLines that the device owns and others point to; outputs are
 * places in the device's struct that point to somebody's input. Both come in lists with a name, the
 * unnamed list being the usual one. Devices have a handful of lists: plain search.
 */
#include "hw/device.h"

static GArray *gpio_lists(DeviceState *dev)
{
    if (dev->gpios == NULL) {
        dev->gpios = g_array_new(FALSE, TRUE, sizeof(DeviceGpio));
    }
    return dev->gpios;
}

DeviceGpio *hw_device_gpio(DeviceState *dev, const char *name, bool out)
{
    guint i;

    for (i = 0; dev->gpios != NULL && i < dev->gpios->len; i++) {
        DeviceGpio *g = &g_array_index(dev->gpios, DeviceGpio, i);

        if ((g->out != NULL) == out && g_strcmp0(g->name, name) == 0) {
            return g;
        }
    }
    return NULL;
}

void hw_device_init_in(DeviceState *dev, const char *name, IrqHandler handler, int n)
{
    DeviceGpio g = { .name = g_strdup(name), .in = hw_irq_array_new(handler, dev, n), .n = n };

    g_array_append_val(gpio_lists(dev), g);
}

void hw_device_init_out(DeviceState *dev, const char *name, IrqLine **lines, int n)
{
    DeviceGpio g = { .name = g_strdup(name), .out = lines, .n = n };

    g_array_append_val(gpio_lists(dev), g);
}

IrqLine *hw_device_in(DeviceState *dev, const char *name, int n)
{
    DeviceGpio *g = hw_device_gpio(dev, name, false);

    return g != NULL && n >= 0 && n < g->n ? &g->in[n] : NULL;
}

void hw_device_connect(DeviceState *dev, const char *name, int n, IrqLine *line)
{
    DeviceGpio *g = hw_device_gpio(dev, name, true);

    g_return_if_fail(g != NULL && n >= 0 && n < g->n);
    g->out[n] = line;
}
