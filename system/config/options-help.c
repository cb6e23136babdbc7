/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * -h, and the reasons why options of QEMU that people may try are not here.
 */
#include <stdio.h>
#include <string.h>
#include "system/options.h"

static void print_indented(const char *text)
{
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");

        printf("                %.*s\n", (int)len, text);
        text += len + (text[len] == '\n');
    }
}

static void print_option(const char *name, const char *args, const char *help)
{
    size_t first = strcspn(args, "\n");

    printf("-%s %.*s", name, (int)first, args);
    if (args[first] == '\n') {
        printf("\n        %s", args + first + 1);
    }
    printf("\n");
    print_indented(help);
}

void options_print_help(void)
{
    printf("accelvm version %s\nusage: %s [options]\n", ACCELVM_VERSION, report_progname());
#define OPT_SECTION(title) printf("\n%s:\n", title);
#define OPT(id, name, kind, implied, keys, dotted, args, help) print_option(name, args, help);
#include "system/options.def"
#undef OPT
#undef OPT_SECTION
    printf("\nDuring emulation with -nographic or -serial mon:stdio: Ctrl-a h shows the keys,\n"
           "Ctrl-a x ends the emulator, Ctrl-a c switches between console and monitor.\n");
}

/* What QEMU has and this program has not, and why. */
static const struct {
    const char *names, *why;
} missing[] = {
    { " hda hdb hdc hdd cdrom fda fdb sd mtdblock snapshot cdrom ",
      "accelvm has no block devices; firmware goes in with -bios or -drive if=pflash" },
    { " netdev redir tftp smb bootp ", "accelvm has no network devices" },
    { " spice sdl gtk curses full-screen alt-grab ctrl-grab no-quit rotate portrait g ",
      "accelvm has no display" },
    { " usb usbdevice ", "accelvm has no USB" },
    { " fsdev virtfs ", "accelvm has no shared file systems" },
    { " tpmdev tpm ", "accelvm has no TPM" },
    { " incoming loadvm enable-sync-profile perfmap jitdump ",
      "accelvm has no migration or snapshots" },
    { " s ", "accelvm has no gdb server" },
    { " runas ", "start accelvm as the user that it is to run as (systemd: User=)" },
    { " no-kvm no-kvm-irqchip enable-hax tdf no-kvm-pit no-kvm-pit-reinjection ",
      "removed from QEMU too; use -accel NAME[,kernel-irqchip=...]" },
    { " mem-path mem-prealloc ",
      "use -object memory-backend-file,id=ID,... with -machine memory-backend=ID" },
    { " watchdog ", "use -device ib700 and -action watchdog=" },
    { " soundhw ", "accelvm has no sound devices" },
    { " semihosting semihosting-config one-insn-per-tb tb-size async-teardown ",
      "there is nothing like that here" },
};

const char *unsupported_option_reason(const char *name)
{
    g_autofree char *word = g_strdup_printf(" %s ", name);

    for (guint i = 0; i < G_N_ELEMENTS(missing); i++) {
        if (strstr(missing[i].names, word) != NULL) {
            return missing[i].why;
        }
    }
    return NULL;
}
