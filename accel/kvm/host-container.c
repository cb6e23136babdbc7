/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What contains this process: container engine, security module, memory limits.
 */
#include <stdlib.h>
#include <string.h>
#include "host-int.h"

static char *engine_of_cgroup(const char *cgroup)
{
    static const char *const names[][2] = {
        { "kubepods", "kubernetes" }, { "docker", "docker" }, { "libpod", "podman" },
        { "lxc", "lxc" }, { "machine.slice", NULL },
    };

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        if (names[i][1] != NULL && strstr(cgroup, names[i][0]) != NULL) {
            return g_strdup(names[i][1]);
        }
    }
    return NULL;
}

static char *find_engine(const KVMHost *h)
{
    g_autofree char *cgroup = host_text(h, "/proc/self/cgroup");
    g_autofree char *env = host_text(h, "/run/systemd/container");

    if (host_exists(h, "/run/.containerenv")) {
        return g_strdup("podman");
    }
    if (host_exists(h, "/.dockerenv")) {
        return g_strdup("docker");
    }
    if (env != NULL && *env != '\0') {
        return g_steal_pointer(&env);
    }
    return cgroup != NULL ? engine_of_cgroup(cgroup) : NULL;
}

static char *find_lsm(const KVMHost *h)
{
    g_autofree char *current = host_text(h, "/proc/self/attr/current");
    g_autofree char *enforce = host_text(h, "/sys/fs/selinux/enforce");

    if (enforce != NULL && strcmp(enforce, "1") == 0) {
        return g_strdup_printf("SELinux enforcing, context %s", current != NULL ? current : "?");
    }
    if (current != NULL && *current != '\0' && !g_str_has_prefix(current, "unconfined") &&
        enforce == NULL && host_exists(h, "/sys/kernel/security/apparmor")) {
        return g_strdup_printf("AppArmor profile %s", current);
    }
    return NULL;
}

static gint64 number(const KVMHost *h, const char *dir, const char *file)
{
    g_autofree char *path = g_strconcat("/sys/fs/cgroup", dir, "/", file, NULL);
    g_autofree char *text = host_text(h, path);

    return text != NULL && g_ascii_isdigit(*text) ? g_ascii_strtoll(text, NULL, 10) : -1;
}

/* cgroup v2: the line "0::/path" says where we are. The limit of the nearest group that has one. */
static void read_memory(KVMHost *h)
{
    g_autofree char *cgroup = host_text(h, "/proc/self/cgroup");
    g_autofree char *meminfo = host_text(h, "/proc/meminfo");
    g_autofree char *available = host_field(meminfo, "MemAvailable");
    const char *v2 = cgroup != NULL ? strstr(cgroup, "0::") : NULL;
    g_autofree char *dir = v2 != NULL ? g_strndup(v2 + 3, strcspn(v2 + 3, "\n")) : NULL;

    h->memory_max = h->memory_current = -1;
    h->memory_available = available != NULL ? g_ascii_strtoll(available, NULL, 10) * 1024 : -1;
    while (dir != NULL && h->memory_max < 0) {
        char *slash = strrchr(dir, '/');

        h->memory_max = number(h, dir, "memory.max");
        h->memory_current = number(h, dir, "memory.current");
        if (slash == NULL) {
            break;
        }
        *slash = '\0';
    }
}

void host_read_container(KVMHost *h)
{
    h->container = find_engine(h);
    h->lsm = find_lsm(h);
    read_memory(h);
}
