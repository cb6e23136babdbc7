/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What -boot, -rtc and friends mean when nobody says anything. Theory of operation: a plain struct
 * of owned strings; the launcher fills it, boards and devices read it.
 */
#include <unistd.h>
#include "hw/boot-config.h"

BootConfig *boot_config_new(void)
{
    BootConfig *cfg = g_new0(BootConfig, 1);

    for (guint i = 0; i < BOOT_N_FLASH; i++) {
        cfg->flash[i].fd = -1;
    }
    cfg->splash_time = -1;
    cfg->reboot_timeout = -1;
    cfg->rtc_clock = HW_CLOCK_HOST;
    cfg->acpi = true;
    cfg->watchdog_action = WATCHDOG_ACTION_RESET;
    return cfg;
}

void boot_config_free(BootConfig *cfg)
{
    if (cfg == NULL) {
        return;
    }
    g_free(cfg->order);
    g_free(cfg->once);
    g_free(cfg->splash);
    for (guint i = 0; i < BOOT_N_FLASH; i++) {
        g_free(cfg->flash[i].file);
        if (cfg->flash[i].fd >= 0) {
            close(cfg->flash[i].fd);
        }
    }
    g_clear_pointer(&cfg->smbios, g_ptr_array_unref);
    g_clear_pointer(&cfg->fw_cfg, g_ptr_array_unref);
    g_clear_pointer(&cfg->serials, g_ptr_array_unref);
    g_clear_pointer(&cfg->rand, g_rand_free);
    g_free(cfg);
}
