/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The device node and whom it lets in. A saved host has no device nodes; it has a line of text
 * instead, below stat/: "mode=0660 uid=0 gid=106 type=char rdev=10:232".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "host-int.h"

static void take_saved(KVMHost *h, const char *text)
{
    unsigned major = 0, minor = 0;
    char type[16] = "";

    h->node_exists = sscanf(text, "mode=%o uid=%u gid=%u type=%15s rdev=%u:%u", &h->mode, &h->uid,
                            &h->gid, type, &major, &minor) >= 4;
    h->node_is_char = strcmp(type, "char") == 0;
    h->node_type = g_strdup(type);
    h->major = major;
    h->minor = minor;
}

static const char *type_of(mode_t mode)
{
    return S_ISCHR(mode)    ? "char"
           : S_ISBLK(mode)  ? "block"
           : S_ISDIR(mode)  ? "directory"
           : S_ISSOCK(mode) ? "socket"
           : S_ISFIFO(mode) ? "fifo"
                            : "file";
}

static void take_real(KVMHost *h, const struct stat *st)
{
    h->node_exists = true;
    h->node_is_char = S_ISCHR(st->st_mode);
    h->node_type = g_strdup(type_of(st->st_mode));
    h->mode = st->st_mode & 07777;
    h->uid = st->st_uid;
    h->gid = st->st_gid;
    h->major = major(st->st_rdev);
    h->minor = minor(st->st_rdev);
}

/* Name of an id in a passwd- or group-like file; the number as text when it has none. */
static char *id_name(const KVMHost *h, const char *file, guint id)
{
    g_autofree char *text = host_text(h, file);
    g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);

    for (char **l = lines; *l != NULL; l++) {
        g_auto(GStrv) f = g_strsplit(*l, ":", 4);

        if (g_strv_length(f) >= 3 && strtoul(f[2], NULL, 10) == id && *f[2] != '\0') {
            return g_strdup(f[0]);
        }
    }
    return g_strdup_printf("%u", id);
}

/* Whether the group file lists @user in group @gid. */
static bool on_disk(const KVMHost *h, guint gid, const char *user)
{
    g_autofree char *text = host_text(h, "/etc/group");
    g_auto(GStrv) lines = g_strsplit(text != NULL ? text : "", "\n", -1);

    for (char **l = lines; *l != NULL; l++) {
        g_auto(GStrv) f = g_strsplit(*l, ":", 5);

        if (g_strv_length(f) >= 4 && strtoul(f[2], NULL, 10) == gid) {
            g_auto(GStrv) members = g_strsplit(f[3], ",", -1);

            return g_strv_contains((const char *const *)members, user);
        }
    }
    return false;
}

static bool has_group(const KVMHost *h, const char *name)
{
    g_autofree char *text = host_text(h, "/etc/group");
    g_autofree char *all = g_strconcat("\n", text != NULL ? text : "", NULL);
    g_autofree char *start = g_strconcat("\n", name, ":", NULL);

    return strstr(all, start) != NULL;
}

static bool in_session(const KVMHost *h, guint gid)
{
    for (guint i = 0; i < h->gids->len; i++) {
        if (g_array_index(h->gids, guint, i) == gid) {
            return true;
        }
    }
    return false;
}

void host_read_node(KVMHost *h)
{
    g_autofree char *saved_name = g_strconcat("/stat", h->device, NULL);
    g_autofree char *saved = host_text(h, saved_name);
    g_autofree char *path = host_path(h, h->device);
    struct stat st;

    if (saved != NULL && !g_str_equal(h->root, "/")) {
        take_saved(h, saved);
    } else if (stat(path, &st) == 0) {
        take_real(h, &st);
    }
    h->is_kvm_number = h->node_is_char && h->major == 10 && h->minor == 232;
    h->group_kvm = has_group(h, "kvm");
    h->user = id_name(h, "/etc/passwd", h->euid);
    if (h->node_exists) {
        h->owner = id_name(h, "/etc/passwd", h->uid);
        h->group = id_name(h, "/etc/group", h->gid);
        h->group_in_session = in_session(h, h->gid);
        h->group_on_disk = on_disk(h, h->gid, h->user);
    }
}
