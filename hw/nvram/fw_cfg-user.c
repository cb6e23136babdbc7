/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fw_cfg: items that the user gives with -fw_cfg [name=]NAME,file=PATH|string=TEXT.
 *
 * Theory of operation: the text is a list of key=value with ",," for a comma inside a value; a first
 * part without '=' is the name. A string goes in without a NUL. Names outside of "opt/" belong to
 * firmware and boards: allowed, with a warning.
 */
#include <string.h>
#include "hw/machine.h"
#include "hw/nvram/fw_cfg-internal.h"

typedef struct UserItem {
    char *name, *file, *string, *gen_id;
} UserItem;

static void user_item_clear(UserItem *item)
{
    g_free(item->name);
    g_free(item->file);
    g_free(item->string);
    g_free(item->gen_id);
}

/* The next part of the list, commas unescaped; *@p moves behind it. */
static char *next_part(const char **p)
{
    GString *part = g_string_new(NULL);

    for (; **p != '\0'; (*p)++) {
        if (**p == ',' && (*p)[1] != ',') {
            (*p)++;
            break;
        }
        *p += **p == ',';
        g_string_append_c(part, **p);
    }
    return g_string_free(part, FALSE);
}

static char **field_of(UserItem *item, const char *key)
{
    return strcmp(key, "name") == 0 ? &item->name
         : strcmp(key, "file") == 0 ? &item->file
         : strcmp(key, "string") == 0 ? &item->string
         : strcmp(key, "gen_id") == 0 ? &item->gen_id : NULL;
}

/* A later value of the same key wins. */
static gboolean take_part(UserItem *item, char *part, bool first, GError **errp)
{
    char *eq = strchr(part, '='), **field;

    if (eq == NULL && first) {
        g_free(item->name);
        item->name = g_strdup(part);
        return TRUE;
    }
    if (eq != NULL) {
        *eq = '\0';
    }
    field = field_of(item, part);
    if (field == NULL) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "Invalid parameter '%s'", part);
        return FALSE;
    }
    g_free(*field);
    *field = g_strdup(eq ? eq + 1 : "on"); /* a bare key is a switch */
    return TRUE;
}

static bool given(const char *value)
{
    return value != NULL && value[0] != '\0';
}

static gboolean check_item(const UserItem *item, MachineState *ms, GError **errp)
{
    if (!given(item->name) ||
        given(item->file) + given(item->string) + given(item->gen_id) != 1) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL,
                        "name, plus exactly one of file, string and gen_id, are needed");
        return FALSE;
    }
    if (given(item->gen_id)) {
        accel_error_set(errp, ACCEL_ERROR_UNSUPPORTED, NULL,
                        "Cannot find object ID %s: no object type here makes fw_cfg data",
                        item->gen_id);
        return FALSE;
    }
    if (strlen(item->name) > FW_CFG_NAME_MAX) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "name too long (max. %d char)",
                        FW_CFG_NAME_MAX);
        return FALSE;
    }
    if (!g_str_has_prefix(item->name, "opt/") && ms->hooks.warn != NULL) {
        ms->hooks.warn(ms->hooks.opaque,
                       "externally provided fw_cfg item names should be prefixed with \"opt/\"");
    }
    return TRUE;
}

static gboolean add_item(FwCfg *s, const UserItem *item, GError **errp)
{
    g_autofree char *data = NULL;
    g_autoptr(GError) err = NULL;
    size_t len;

    if (given(item->string)) {
        return fw_cfg_add_file(s, item->name, item->string, strlen(item->string), errp);
    }
    if (!g_file_get_contents(item->file, &data, &len, &err)) {
        accel_error_set(errp, ACCEL_ERROR_INVALID, NULL, "can't load %s: %s", item->file,
                        err->message);
        return FALSE;
    }
    return fw_cfg_add_file(s, item->name, data, len, errp);
}

gboolean fw_cfg_add_user_item(FwCfg *s, MachineState *ms, const char *text, GError **errp)
{
    UserItem item = { 0 };
    gboolean ok = TRUE;
    const char *p = text;

    for (bool first = true; ok && *p != '\0'; first = false) {
        g_autofree char *part = next_part(&p);

        ok = take_part(&item, part, first, errp);
    }
    ok = ok && check_item(&item, ms, errp) && add_item(s, &item, errp);
    user_item_clear(&item);
    return ok;
}
