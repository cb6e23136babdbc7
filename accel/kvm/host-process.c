/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * This process as the kernel sees it: ids, groups, user namespace, limits. All of it from
 * /proc/self, so that a saved host has its process too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "host-int.h"

static void read_groups(KVMHost *h, const char *status)
{
    g_autofree char *gids = host_field(status, "Gid"), *groups = host_field(status, "Groups");
    g_autofree char *all = g_strjoin(" ", gids != NULL ? gids : "", groups != NULL ? groups : "",
                                     NULL);
    g_auto(GStrv) words = g_strsplit_set(all, " \t", -1);

    for (char **w = words; *w != NULL; w++) {
        if (**w != '\0') {
            guint gid = (guint)strtoul(*w, NULL, 10);

            g_array_append_val(h->gids, gid);
        }
    }
}

static void read_ids(KVMHost *h)
{
    g_autofree char *status = host_text(h, "/proc/self/status");
    g_autofree char *uids = NULL;
    g_auto(GStrv) words = NULL;

    h->gids = g_array_new(FALSE, FALSE, sizeof(guint));
    if (status == NULL) {
        return;
    }
    uids = host_field(status, "Uid");
    words = g_strsplit_set(uids != NULL ? uids : "", " \t", -1);
    if (g_strv_length(words) >= 2) {
        h->euid = (guint)strtoul(words[1], NULL, 10); /* real, effective, saved, file system */
    }
    read_groups(h, status);
}

/* The initial namespace maps everything one to one. */
static void read_namespace(KVMHost *h)
{
    g_autofree char *map = host_text(h, "/proc/self/uid_map");
    unsigned long in = 0, out = 0, n = 4294967295ul;

    if (map != NULL && sscanf(map, "%lu %lu %lu", &in, &out, &n) == 3) {
        h->user_namespace = in != 0 || out != 0 || n != 4294967295ul;
    }
}

/* "Max open files            1024                 524288               files" */
static void read_limits(KVMHost *h)
{
    g_autofree char *text = host_text(h, "/proc/self/limits");
    const char *line = text != NULL ? strstr(text, "Max open files") : NULL;
    g_autofree char *dir = host_path(h, "/proc/self/fd");
    g_autofree char *max = host_text(h, "/proc/sys/fs/file-max");
    GDir *fds = g_dir_open(dir, 0, NULL);
    char *rest;

    h->nofile = h->nofile_hard = h->fds_open = -1;
    h->file_max = max != NULL ? strtoll(max, NULL, 10) : -1;
    if (line != NULL) {
        h->nofile = strtoll(line + strlen("Max open files"), &rest, 10);
        h->nofile_hard = strtoll(rest, NULL, 10);
    }
    if (fds != NULL) {
        h->fds_open = 0;
        while (g_dir_read_name(fds) != NULL) {
            h->fds_open++;
        }
        g_dir_close(fds);
    }
}

void host_read_process(KVMHost *h)
{
    read_ids(h);
    read_namespace(h);
    read_limits(h);
}
