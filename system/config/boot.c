/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* -boot, -rtc, -bios, -smbios and -fw_cfg: what firmware gets to see. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "accel/error.h"
#include "config-host.h"
#include "system/vm.h"

static const char *boot_key(Vm *vm, const char *key)
{
    g_autofree char *dotted = g_strdup_printf("boot.%s", key);
    const char *v = options_key(&vm->opts, OPT_boot, key);

    return v != NULL ? v : options_key(&vm->opts, OPT_machine, dotted);
}

static gboolean check_order(const char *order, GError **errp)
{
    guint seen = 0;

    for (; *order != '\0'; order++) {
        if (*order < 'a' || *order > 'p') {
            opt_error(errp, "Invalid boot device '%c'", *order);
            return FALSE;
        }
        if (seen & (1u << (*order - 'a'))) {
            opt_error(errp, "Boot device '%c' was given twice", *order);
            return FALSE;
        }
        seen |= 1u << (*order - 'a');
    }
    return TRUE;
}

static gboolean boot_order(Vm *vm, const char *key, char **out, GError **errp)
{
    const char *v = boot_key(vm, key);

    if (v != NULL && !check_order(v, errp)) {
        return FALSE;
    }
    *out = g_strdup(v);
    return TRUE;
}

static gboolean boot_bool(Vm *vm, const char *key, bool *out, GError **errp)
{
    const char *v = boot_key(vm, key);

    return v == NULL || parse_bool_value(key, v, out, errp);
}

static gboolean boot_time(Vm *vm, const char *key, int64_t min, const char *bad, int64_t *out,
                          GError **errp)
{
    const char *v = boot_key(vm, key);

    if (v == NULL) {
        return TRUE;
    }
    if (!parse_int_value(key, v, out, errp)) {
        return FALSE;
    }
    if (*out < min || *out > 0xffff) {
        opt_error(errp, "%s", bad);
        return FALSE;
    }
    return TRUE;
}

static gboolean check_boot_keys(Vm *vm, GError **errp)
{
    for (const OptItem *it = NULL; (it = options_next(&vm->opts, OPT_machine, it)) != NULL;) {
        for (guint i = 0; i < it->kv->n; i++) {
            const char *key = it->kv->v[i].key;
            const KeyDesc *d = keys_boot;

            if (!g_str_has_prefix(key, "boot.")) {
                continue;
            }
            while (d->name != NULL && strcmp(d->name, key + 5) != 0) {
                d++;
            }
            if (d->name == NULL) {
                opt_error(errp, "Parameter '%s' is unexpected", key);
                return FALSE;
            }
        }
    }
    return TRUE;
}

/* -seed: all of it counts, whatever the size of the generator's own seed. */
static gboolean boot_seed(Vm *vm, GError **errp)
{
    const OptItem *item = options_last(&vm->opts, OPT_seed);
    char *end = NULL;
    uint64_t n;

    if (item == NULL) {
        return TRUE;
    }
    errno = 0;
    n = strtoull(item->arg, &end, 0);
    if (errno != 0 || !g_ascii_isdigit(item->arg[0]) || *end != '\0') {
        options_at(item);
        opt_error(errp, "Invalid seed number: %s", item->arg);
        return FALSE;
    }
    vm->boot->rand = g_rand_new_with_seed_array(
        (const guint32[]){ (guint32)n, (guint32)(n >> 32) }, 2);
    return TRUE;
}

gboolean config_boot(Vm *vm, GError **errp)
{
    BootConfig *b = vm->boot;

    if (!check_boot_keys(vm, errp) || !boot_order(vm, "order", &b->order, errp) ||
        !boot_order(vm, "once", &b->once, errp) || !boot_bool(vm, "menu", &b->menu, errp) ||
        !boot_bool(vm, "strict", &b->strict, errp) ||
        !boot_time(vm, "splash-time", 0,
                   "splash-time is invalid,it should be a value between 0 and 65535",
                   &b->splash_time, errp) ||
        !boot_time(vm, "reboot-timeout", -1,
                   "reboot timeout is invalid,it should be a value between -1 and 65535",
                   &b->reboot_timeout, errp) ||
        !boot_seed(vm, errp)) {
        return FALSE;
    }
    b->splash = g_strdup(boot_key(vm, "splash"));
    b->no_fd_bootchk = options_has(&vm->opts, OPT_no_fd_bootchk);
    b->acpi = !options_has(&vm->opts, OPT_no_acpi);
    return TRUE;
}

/* ---- -rtc ---- */

static gboolean rtc_date(BootConfig *b, const char *text, GError **errp)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autofree char *full = strchr(text, 'T') != NULL ? g_strdup(text)
                                                      : g_strdup_printf("%sT00:00:00", text);
    g_autoptr(GDateTime) when = g_date_time_new_from_iso8601(full, utc);

    if (when == NULL) {
        accel_error_set(
            errp, ACCEL_ERROR_INVALID,
            &(AccelErrorInfo){ .notes = "valid formats: '2006-06-17T16:01:21' or '2006-06-17'" },
            "invalid datetime format");
        return FALSE;
    }
    b->rtc_base_set = true;
    b->rtc_base_s = g_date_time_to_unix(when);
    return TRUE;
}

static gboolean bad_rtc_value(const char *value, GError **errp)
{
    opt_error(errp, "invalid option value '%s'", value);
    return FALSE;
}

gboolean config_rtc(Vm *vm, GError **errp)
{
    const char *base = options_key(&vm->opts, OPT_rtc, "base");
    const char *clock = options_key(&vm->opts, OPT_rtc, "clock");
    const char *drift = options_key(&vm->opts, OPT_rtc, "driftfix");
    BootConfig *b = vm->boot;

    if (base != NULL && strcmp(base, "localtime") == 0) {
        b->rtc_localtime = true;
    } else if (base != NULL && strcmp(base, "utc") != 0 && !rtc_date(b, base, errp)) {
        return FALSE;
    }
    if (clock != NULL) {
        if (strcmp(clock, "vm") == 0) {
            b->rtc_clock = HW_CLOCK_VIRTUAL;
        } else if (strcmp(clock, "rt") == 0) {
            b->rtc_clock = HW_CLOCK_REALTIME;
        } else if (strcmp(clock, "host") != 0) {
            return bad_rtc_value(clock, errp);
        }
    }
    if (drift != NULL) {
        b->rtc_slew = strcmp(drift, "slew") == 0;
        if (!b->rtc_slew && strcmp(drift, "none") != 0) {
            return bad_rtc_value(drift, errp);
        }
    }
    return TRUE;
}

/* ---- firmware images ---- */

/* A bare name is looked for in the -L directories and where distributions put firmware. */
static char *find_firmware(Vm *vm, const char *name)
{
    static const char *const dirs[] = { ACCELVM_DATA_DIR, "/usr/share/seabios",
                                        "/usr/share/qemu" };

    if (strchr(name, '/') != NULL || access(name, R_OK) == 0) {
        return g_strdup(name);
    }
    for (const OptItem *it = NULL; (it = options_next(&vm->opts, OPT_L, it)) != NULL;) {
        g_autofree char *path = g_build_filename(it->arg, name, NULL);

        if (access(path, R_OK) == 0) {
            return g_steal_pointer(&path);
        }
    }
    for (guint i = 0; i < G_N_ELEMENTS(dirs); i++) {
        g_autofree char *path = g_build_filename(dirs[i], name, NULL);

        if (access(path, R_OK) == 0) {
            return g_steal_pointer(&path);
        }
    }
    return g_strdup(name);
}

static GPtrArray *texts_of(Vm *vm, OptId id)
{
    GPtrArray *list = NULL;

    for (const OptItem *it = NULL; (it = options_next(&vm->opts, id, it)) != NULL;) {
        if (list == NULL) {
            list = g_ptr_array_new_with_free_func(g_free);
        }
        g_ptr_array_add(list, g_strdup(it->arg));
    }
    return list;
}

gboolean config_firmware(Vm *vm, GError **errp)
{
    const char *bios = options_text(&vm->opts, OPT_bios);

    if (bios != NULL) {
        g_free(vm->ms->firmware);
        vm->ms->firmware = find_firmware(vm, bios);
    }
    vm->boot->smbios = texts_of(vm, OPT_smbios);
    vm->boot->fw_cfg = texts_of(vm, OPT_fw_cfg);
    return TRUE;
}
