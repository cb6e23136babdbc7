/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public: what -boot, -rtc, -uuid and friends say, as the boards and devices read it. The launcher
 * fills it; a library user may leave MachineState.boot NULL for QEMU's defaults.
 */
#ifndef HW_BOOT_CONFIG_H
#define HW_BOOT_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "hw/timer.h"

G_BEGIN_DECLS

#define BOOT_N_FLASH 2

/* The image in one flash chip. */
typedef struct BootFlash {
    char *file;    /* also what messages call it; NULL: there is no such chip */
    int fd;        /* open already, owned by this struct; -1: open @file */
    bool readonly; /* the guest cannot program it */
    bool snapshot; /* it can, but the file stays as it is */
} BootFlash;

typedef struct BootConfig {
    char *order;            /* letters a, c, d, n; NULL: the machine's default ("cad") */
    char *once;             /* order until the first reset; NULL: none */
    bool menu;
    char *splash;           /* file name */
    int64_t splash_time;    /* ms; -1: not given */
    int64_t reboot_timeout; /* ms; -1: not given (firmware does not reboot) */
    bool strict;
    bool no_fd_bootchk;

    bool rtc_base_set;      /* base= was a date: rtc_base_s counts */
    int64_t rtc_base_s;     /* seconds since 1970, guest's RTC at start */
    bool rtc_localtime;
    HwClock rtc_clock;      /* host (default), vm, rt */
    bool rtc_slew;          /* driftfix=slew */

    BootFlash flash[BOOT_N_FLASH]; /* -drive if=pflash: the first one ends at 4 GiB */
    bool acpi;              /* machine makes ACPI tables */
    bool nographic;
    GPtrArray *smbios;      /* -smbios texts, char *; NULL: none */
    GPtrArray *fw_cfg;      /* -fw_cfg texts, char *; NULL: none */
    GPtrArray *serials;     /* chardev ids for serial ports, char * (NULL entry: none) */
    int watchdog_action;    /* WatchdogAction */
    int panic_action;       /* PanicAction */
    GRand *rand;            /* the guest's random seeds come from here; NULL: from the host */
} BootConfig;

typedef enum WatchdogAction {
    WATCHDOG_ACTION_RESET,
    WATCHDOG_ACTION_SHUTDOWN,
    WATCHDOG_ACTION_POWEROFF,
    WATCHDOG_ACTION_PAUSE,
    WATCHDOG_ACTION_DEBUG,
    WATCHDOG_ACTION_NONE,
    WATCHDOG_ACTION_INJECT_NMI,
} WatchdogAction;

/** boot_config_new: QEMU's defaults. */
ACCEL_API BootConfig *boot_config_new(void);
/** boot_config_free: NULL is fine. */
ACCEL_API void boot_config_free(BootConfig *cfg);

G_END_DECLS

#endif
