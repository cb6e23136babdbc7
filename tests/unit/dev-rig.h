/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A machine for device tests: no accelerator, no CPU, a clock that the test moves, interrupt lines
 * and requests that are recorded.
 */
#ifndef TESTS_UNIT_DEV_RIG_H
#define TESTS_UNIT_DEV_RIG_H

#include "hw/boot-config.h"
#include "hw/isa-devices.h"
#include "hw/machine.h"

#define RIG_IRQS 16
#define RIG_RAM 0x100000

typedef struct Rig {
    HwRegistry *reg;
    MachineState *ms;
    IrqLine *lines;
    int level[RIG_IRQS];
    unsigned rises[RIG_IRQS];
    unsigned requests;      /* how many so far */
    MachineRequest request; /* the last one */
    int code;
    unsigned warnings;
    uint8_t *ram;           /* RIG_RAM bytes at 0 */
} Rig;

/** rig_new: @boot is taken over; NULL gives the defaults. Virtual clock at 0. */
Rig *rig_new(BootConfig *boot);
/** rig_new_none: the same on the machine "none". */
Rig *rig_new_none(void);
void rig_free(Rig *rig);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rig, rig_free)

uint32_t rig_in(Rig *rig, uint16_t port); /* a byte */
void rig_out(Rig *rig, uint16_t port, uint8_t value);
/** rig_step: let @ns of virtual time pass. */
void rig_step(Rig *rig, int64_t ns);
/** rig_reset: reset all devices. */
void rig_reset(Rig *rig);
/** rig_device: realize or fail the test. @props: "name", "value", …, NULL; may be NULL. */
DeviceState *rig_device(Rig *rig, const DeviceClass *klass, const char *const *props);
/** rig_refused: realizing must fail with @text somewhere in the message, and leave no port behind. */
void rig_refused(Rig *rig, const DeviceClass *klass, const char *const *props, const char *text);
/** rig_chardev: a chardev of @type called @id. Borrowed. */
Chardev *rig_chardev(Rig *rig, const HwType *type, const char *id);
/** rig_ports: number of regions on the port map. */
unsigned rig_ports(Rig *rig);

#define PROPS(...) ((const char *const[]){ __VA_ARGS__, NULL })

#endif
