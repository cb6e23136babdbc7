/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a PC's firmware expects to find in the CMOS RAM.
 *
 * Theory of operation: the bytes are written when the machine is made; the guest may change them and
 * they stay as they are over a reset. One thing changes with a reset: `-boot once=` gives an order
 * for the first boot only. A small device without ports counts the resets: the first one starts
 * the machine, the second puts the lasting order in place and later ones leave it alone.
 */
#include <string.h>
#include "hw/boot-config.h"
#include "hw/isa-devices.h"
#include "hw/machine.h"
#include "hw/rtc.h"

enum {
    CMOS_FLOPPIES = 0x10, CMOS_EQUIPMENT = 0x14, CMOS_BASE_KB = 0x15, CMOS_EXT_KB = 0x17,
    CMOS_EXT_KB_FOUND = 0x30, CMOS_ABOVE_16M = 0x34, CMOS_BOOT_3_AND_FLAGS = 0x38,
    CMOS_BOOT_1_AND_2 = 0x3d, CMOS_ABOVE_4G = 0x5b, CMOS_CPUS = 0x5f,
};

#define EQUIPMENT_FPU 0x02
#define EQUIPMENT_MOUSE 0x04
#define NO_FLOPPY_SIGNATURE_CHECK 0x01
#define MAX_BOOT_DEVICES 3
#define DEFAULT_ORDER "cad"

#define KB 1024ull
#define MB (1024 * KB)

typedef struct PcCmos {
    DeviceState dev;
    DeviceState *rtc;
    char *order, *once;
    bool no_fd_bootchk;
    unsigned resets;
} PcCmos;

static void put16(DeviceState *rtc, uint8_t index, uint64_t value)
{
    value = MIN(value, 0xffff);
    rtc_set_cmos(rtc, index, value & 0xff);
    rtc_set_cmos(rtc, index + 1, (uint8_t)(value >> 8));
}

static void put_memory(DeviceState *rtc, uint64_t below_4g, uint64_t above_4g)
{
    uint64_t high = above_4g / (64 * KB);

    put16(rtc, CMOS_BASE_KB, MIN(below_4g / KB, 640));
    put16(rtc, CMOS_EXT_KB, below_4g > MB ? (below_4g - MB) / KB : 0);
    put16(rtc, CMOS_EXT_KB_FOUND, below_4g > MB ? (below_4g - MB) / KB : 0);
    put16(rtc, CMOS_ABOVE_16M, below_4g > 16 * MB ? (below_4g - 16 * MB) / (64 * KB) : 0);
    for (unsigned i = 0; i < 3; i++) {
        rtc_set_cmos(rtc, (uint8_t)(CMOS_ABOVE_4G + i), (uint8_t)(high >> (8 * i)));
    }
}

/* ---- boot order ---- */

static int boot_nibble(char device)
{
    switch (device) {
    case 'a':
    case 'b':
        return 1;
    case 'c':
        return 2;
    case 'd':
        return 3;
    case 'n':
        return 4;
    default:
        return 0;
    }
}

static gboolean check_letters(const char *order, GError **errp)
{
    for (const char *p = order; *p; p++) {
        if (*p < 'a' || *p > 'p') {
            accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "Invalid boot device '%c'", *p);
            return FALSE;
        }
        if (strchr(p + 1, *p) != NULL) {
            accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "Boot device '%c' was given twice",
                            *p);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean check_order(const char *order, GError **errp)
{
    if (!check_letters(order, errp)) {
        return FALSE;
    }
    if (strlen(order) > MAX_BOOT_DEVICES) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "Too many boot devices for PC");
        return FALSE;
    }
    for (const char *p = order; *p; p++) {
        if (boot_nibble(*p) == 0) {
            accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "Invalid boot device for PC: '%c'",
                            *p);
            return FALSE;
        }
    }
    return TRUE;
}

static void put_order(PcCmos *s, const char *order)
{
    uint8_t nibble[MAX_BOOT_DEVICES] = { 0 };

    for (unsigned i = 0; order[i] != '\0'; i++) {
        nibble[i] = (uint8_t)boot_nibble(order[i]);
    }
    rtc_set_cmos(s->rtc, CMOS_BOOT_1_AND_2, (uint8_t)(nibble[1] << 4 | nibble[0]));
    rtc_set_cmos(s->rtc, CMOS_BOOT_3_AND_FLAGS,
                 (uint8_t)(nibble[2] << 4 | (s->no_fd_bootchk ? NO_FLOPPY_SIGNATURE_CHECK : 0)));
}

gboolean pc_cmos_set_boot_order(DeviceState *cmos, const char *order, GError **errp)
{
    PcCmos *s = (PcCmos *)cmos;

    if (!check_order(order, errp)) {
        return FALSE;
    }
    put_order(s, order);
    return TRUE;
}

/* ---- life ---- */

static gboolean pc_cmos_realize(DeviceState *dev, GError **errp)
{
    PcCmos *s = (PcCmos *)dev;
    const BootConfig *boot = dev->machine->boot;

    s->order = g_strdup(boot && boot->order ? boot->order : DEFAULT_ORDER);
    s->once = g_strdup(boot ? boot->once : NULL);
    s->no_fd_bootchk = boot && boot->no_fd_bootchk;
    return check_order(s->order, errp) && (s->once == NULL || check_order(s->once, errp));
}

static void pc_cmos_reset(DeviceState *dev)
{
    PcCmos *s = (PcCmos *)dev;

    if (s->rtc != NULL && s->once != NULL && ++s->resets == 2) {
        put_order(s, s->order);
    }
}

static void pc_cmos_finalize(HwObject *obj)
{
    g_free(((PcCmos *)obj)->order);
    g_free(((PcCmos *)obj)->once);
}

const DeviceClass pc_cmos_class = {
    .type = { .name = "pc-cmos", .parent = &hw_type_device,
              .desc = "CMOS contents of a PC", .instance_size = sizeof(PcCmos),
              .finalize = pc_cmos_finalize },
    .bus = "System",
    .realize = pc_cmos_realize,
    .reset = pc_cmos_reset,
};

DeviceState *pc_cmos_create(MachineState *ms, DeviceState *rtc, uint64_t ram_below_4g,
                            uint64_t ram_above_4g, GError **errp)
{
    DeviceState *dev = hw_device_create(ms, &pc_cmos_class, "pc-cmos", NULL, errp);
    PcCmos *s = (PcCmos *)dev;
    unsigned cpus = MAX(ms->smp.cpus, 1);

    if (dev == NULL) {
        return NULL;
    }
    s->rtc = rtc;
    put_memory(rtc, ram_below_4g, ram_above_4g);
    rtc_set_cmos(rtc, CMOS_FLOPPIES, 0); /* no drives */
    rtc_set_cmos(rtc, CMOS_EQUIPMENT, EQUIPMENT_FPU | EQUIPMENT_MOUSE);
    /* More than a byte can say: 0 makes firmware that does not ask fw_cfg fail early. */
    rtc_set_cmos(rtc, CMOS_CPUS, cpus > 256 ? 0 : (uint8_t)(cpus - 1));
    put_order(s, s->once ? s->once : s->order);
    return dev;
}
