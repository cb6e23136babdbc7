/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: devices. A device is one file: a DeviceClass (type, properties, realize, reset), the state
 * struct that starts with DeviceState, its ports and its interrupt lines.
 *
 * Life: hw_device_new() → hw_object_set()… → hw_device_realize() → (reset at machine creation, at
 * each machine reset) → hw_device_unrealize(). A failed realize leaves nothing behind.
 */
#ifndef HW_DEVICE_H
#define HW_DEVICE_H

#include "hw/chardev.h"
#include "hw/irq.h"
#include "hw/memory.h"
#include "hw/object.h"

G_BEGIN_DECLS

/* Named list of lines: inputs that others drive, or outputs that this device drives. */
typedef struct DeviceGpio {
    char *name;       /* NULL: the unnamed list */
    IrqLine *in;      /* inputs: @n lines, owned */
    IrqLine **out;    /* outputs: @n places in the device's struct, borrowed */
    int n;
} DeviceGpio;

typedef struct DeviceClass {
    HwType type; /* parent: &hw_type_device or another DeviceClass' type */
    const char *bus;        /* "ISA", "System", "cpu"; for -device help */
    bool user_creatable;    /* by -device */
    bool hotpluggable;      /* by device_add */
    gboolean (*realize)(DeviceState *dev, GError **errp);
    void (*reset)(DeviceState *dev);
    void (*unrealize)(DeviceState *dev);
} DeviceClass;

struct DeviceState {
    HwObject obj;
    MachineState *machine; /* set by hw_device_realize() */
    char *id;              /* -device id=; NULL otherwise */
    bool realized;
    GArray *gpios;         /* DeviceGpio; NULL when none */
};

extern ACCEL_API const HwType hw_type_device; /* abstract "device" */

#define DEVICE(x) ((DeviceState *)(x))
static inline const DeviceClass *hw_device_class(const DeviceState *dev)
{
    return (const DeviceClass *)dev->obj.type;
}

/** hw_device_new: properties at their defaults, not realized. (transfer full) */
ACCEL_API DeviceState *hw_device_new(const DeviceClass *klass);
/**
 * hw_device_realize: bring it up on @ms and put it into the tree: below /machine/peripheral when it
 * has an id, below /machine/unattached otherwise (under @name when that is not NULL), below
 * /machine/peripheral-anon without either when the machine's init is over. On success the
 * tree holds a reference and the caller's is consumed; on failure the caller keeps it.
 */
ACCEL_API gboolean hw_device_realize(DeviceState *dev, MachineState *ms, const char *name,
                                     GError **errp);
ACCEL_API void hw_device_unrealize(DeviceState *dev); /* also leaves the tree */
/** hw_device_create: new, properties ("name", "value", …, NULL), realize. Borrowed pointer. */
ACCEL_API DeviceState *hw_device_create(MachineState *ms, const DeviceClass *klass,
                                        const char *name, const char *const *props,
                                        GError **errp);
/** hw_device_reset_all: reset every realized device of the machine, in order of realizing. */
ACCEL_API void hw_device_reset_all(MachineState *ms);

/** hw_device_chardev: look up the chardev called by a link property; NULL @id gives NULL. */
ACCEL_API gboolean hw_device_chardev(DeviceState *dev, const char *id, Chardev **out,
                                     GError **errp);

/* ---- interrupt lines ---- */

/** hw_device_init_in: @n inputs; opaque of @handler is the device. */
ACCEL_API void hw_device_init_in(DeviceState *dev, const char *name, IrqHandler handler, int n);
/** hw_device_init_out: @lines[0..n) are the places where the device keeps its outputs. */
ACCEL_API void hw_device_init_out(DeviceState *dev, const char *name, IrqLine **lines, int n);
/** hw_device_in: input @n of list @name (NULL: unnamed), or NULL. */
ACCEL_API IrqLine *hw_device_in(DeviceState *dev, const char *name, int n);
/** hw_device_connect: output @n drives @line from now on. */
ACCEL_API void hw_device_connect(DeviceState *dev, const char *name, int n, IrqLine *line);
/** hw_device_gpio: the list of lines called @name (NULL: the unnamed one), or NULL. */
ACCEL_API DeviceGpio *hw_device_gpio(DeviceState *dev, const char *name, bool out);

G_END_DECLS

#endif
