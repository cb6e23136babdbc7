/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * -readconfig: an ini file in QEMU's dialect: [group] or [group "id"], then key = "value" lines.
 * Each section becomes one option, as if it stood on the command line at that place.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "accel/error.h"
#include "system/options.h"

static const struct {
    const char *group;
    OptId id;
} groups[] = {
    { "memory", OPT_m },          { "machine", OPT_machine },   { "accel", OPT_accel },
    { "smp-opts", OPT_smp },      { "boot-opts", OPT_boot },    { "device", OPT_device },
    { "chardev", OPT_chardev },   { "mon", OPT_mon },           { "object", OPT_object },
    { "global", OPT_global },     { "rtc", OPT_rtc },           { "name", OPT_name },
    { "trace", OPT_trace },       { "msg", OPT_msg },           { "overcommit", OPT_overcommit },
    { "action", OPT_action },     { "numa", OPT_numa },         { "drive", OPT_drive },
    { "fw_cfg", OPT_fw_cfg },     { "icount", OPT_icount },     { "sandbox", OPT_sandbox },
};

enum { MAX_BYTES = 16 << 20 };

typedef struct Ini {
    Options *o;
    const char *path;
    int line;
    int group;   /* index into groups, -1 before the first section */
    KeyVals *kv;
} Ini;

static gboolean bad_line(Ini *ini, const char *what, GError **errp)
{
    opt_error(errp, "%s:%d: %s", ini->path, ini->line, what);
    return FALSE;
}

static gboolean end_section(Ini *ini, GError **errp)
{
    KeyVals *kv = g_steal_pointer(&ini->kv);

    if (kv == NULL) {
        return TRUE;
    }
    return options_add(ini->o, groups[ini->group].id, "-readconfig", ini->path, kv, errp);
}

/* [group] or [group "id"]; @text has its brackets cut off. */
static gboolean start_section(Ini *ini, char *text, GError **errp)
{
    char *id = strchr(text, '"');

    if (id != NULL) {
        *id++ = '\0';
        id[strcspn(id, "\"")] = '\0';
    }
    g_strstrip(text);
    for (ini->group = 0; ini->group < (int)G_N_ELEMENTS(groups); ini->group++) {
        if (strcmp(groups[ini->group].group, text) == 0) {
            break;
        }
    }
    if (ini->group == (int)G_N_ELEMENTS(groups)) {
        opt_error(errp, "%s:%d: There is no option group '%s'", ini->path, ini->line, text);
        return FALSE;
    }
    ini->kv = keyvals_new();
    if (id != NULL) {
        keyvals_add(ini->kv, "id", id);
    }
    return TRUE;
}

static gboolean key_line(Ini *ini, char *text, GError **errp)
{
    char *eq = strchr(text, '='), *value;
    size_t len;

    if (ini->kv == NULL) {
        return bad_line(ini, "no group defined", errp);
    }
    if (eq == NULL) {
        return bad_line(ini, "parse error", errp);
    }
    *eq = '\0';
    value = g_strstrip(eq + 1);
    len = strlen(value);
    if (len < 2 || value[0] != '"' || value[len - 1] != '"') {
        return bad_line(ini, "parse error", errp);
    }
    value[len - 1] = '\0';
    keyvals_add(ini->kv, g_strstrip(text), value + 1);
    return TRUE;
}

static gboolean one_line(Ini *ini, char *text, GError **errp)
{
    size_t len = strlen(g_strstrip(text));

    if (len == 0 || text[0] == '#') {
        return TRUE;
    }
    if (text[0] != '[') {
        return key_line(ini, text, errp);
    }
    if (text[len - 1] != ']') {
        return bad_line(ini, "parse error", errp);
    }
    text[len - 1] = '\0';
    return end_section(ini, errp) && start_section(ini, text + 1, errp);
}

/*
 * GLib's reader would go on after EINTR, which says here that the program is to end. Returns: 0 or
 * errno.
 */
static int read_all(const char *path, GString *to)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), err;
    char buf[4096];
    ssize_t n = -1;

    while (fd >= 0 && to->len <= MAX_BYTES && (n = read(fd, buf, sizeof(buf))) > 0) {
        g_string_append_len(to, buf, n);
    }
    err = fd < 0 || n < 0 ? errno : to->len > MAX_BYTES ? EFBIG : 0;
    if (fd >= 0) {
        close(fd);
    }
    return err;
}

gboolean options_read_ini(Options *o, const char *path, GError **errp)
{
    g_autoptr(GString) contents = g_string_new(NULL);
    g_auto(GStrv) lines = NULL;
    Ini ini = { o, path, 0, -1, NULL };
    int err = read_all(path, contents);

    if (err != 0) {
        accel_error_set(errp, accel_error_code_from_errno(err),
                        &(AccelErrorInfo){ .call = "open", .errnum = err },
                        "Could not open '%s': %s", path, g_strerror(err));
        return FALSE;
    }
    if (strlen(contents->str) != contents->len) {
        opt_error(errp, "%s: not a text file", path);
        return FALSE;
    }
    lines = g_strsplit(contents->str, "\n", -1);
    for (char **l = lines; *l != NULL; l++) {
        ini.line++;
        if (!one_line(&ini, *l, errp)) {
            keyvals_free(ini.kv);
            return FALSE;
        }
    }
    return end_section(&ini, errp);
}
