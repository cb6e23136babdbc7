/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Saved reports: the small files that the explanation reads, copied below a directory, the node as a
 * line of text, and the failure. Private parts are left out: of passwd and group only the lines that
 * matter, of the environment nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "probe.h"

static const char *const facts[] = {
    "/proc/self/status", "/proc/self/uid_map", "/proc/self/limits", "/proc/self/cgroup",
    "/proc/self/attr/current", "/proc/cpuinfo", "/proc/modules", "/proc/version", "/proc/meminfo",
    "/proc/sys/kernel/osrelease", "/proc/sys/fs/file-max", "/sys/class/dmi/id/sys_vendor",
    "/sys/class/dmi/id/product_name", "/sys/fs/selinux/enforce", "/run/systemd/container",
    "/.dockerenv", "/run/.containerenv",
    "/sys/module/kvm/parameters/enable_virt_at_load", "/sys/module/kvm_intel/parameters/nested",
    "/sys/module/kvm_intel/parameters/ept", "/sys/module/kvm_intel/parameters/unrestricted_guest",
    "/sys/module/kvm_amd/parameters/nested",
};

static gboolean put(const char *dir, const char *path, const char *text, GError **errp)
{
    g_autofree char *full = g_strconcat(dir, path, NULL);
    g_autofree char *parent = g_path_get_dirname(full);

    if (g_mkdir_with_parents(parent, 0755) != 0) {
        accel_error_set(errp, ACCEL_ERROR_FAILED, NULL, "cannot make %s: %s", parent,
                        g_strerror(errno));
        return FALSE;
    }
    return g_file_set_contents(full, text, -1, errp);
}

static gboolean put_node(const KVMHost *h, const char *dir, GError **errp)
{
    g_autofree char *path = g_strconcat("/stat", h->device, NULL);
    g_autofree char *line = NULL, *group = NULL, *passwd = NULL;

    if (!h->node_exists) {
        return TRUE;
    }
    line = g_strdup_printf("mode=%04o uid=%u gid=%u type=%s rdev=%u:%u\n", h->mode, h->uid, h->gid,
                           h->node_type, h->major, h->minor);
    group = g_strdup_printf("%s:x:%u:%s\n%s", h->group, h->gid, h->group_on_disk ? h->user : "",
                            h->group_kvm && strcmp(h->group, "kvm") != 0 ? "kvm:x::\n" : "");
    passwd = g_strdup_printf("%s:x:%u:%u::/:\n", h->user, h->euid, h->euid);
    return put(dir, path, line, errp) && put(dir, "/etc/group", group, errp) &&
           put(dir, "/etc/passwd", passwd, errp);
}

static gboolean put_failure(const Probe *p, const char *dir, GError **errp)
{
    g_autofree char *text = NULL;

    if (p->err == NULL) {
        return put(dir, "/failure", "", errp);
    }
    text = g_strdup_printf("code=%d\nstage=%s\ncall=%s\nerrno=%d\nmessage=%s\n", p->err->code,
                           accel_error_stage(p->err) != NULL ? accel_error_stage(p->err) : "",
                           accel_error_call(p->err) != NULL ? accel_error_call(p->err) : "",
                           accel_error_errno(p->err), p->err->message);
    return put(dir, "/failure", text, errp);
}

gboolean probe_save(const Probe *p, const char *dir, GError **errp)
{
    for (guint i = 0; i < G_N_ELEMENTS(facts); i++) {
        g_autofree char *text = NULL;

        if (g_file_get_contents(facts[i], &text, NULL, NULL) && !put(dir, facts[i], text, errp)) {
            return FALSE;
        }
    }
    return put_node(p->host, dir, errp) && put_failure(p, dir, errp);
}

static char *value_of(const char *text, const char *key)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    const size_t len = strlen(key);

    for (char **l = lines; *l != NULL; l++) {
        if (strncmp(*l, key, len) == 0 && (*l)[len] == '=') {
            return g_strdup(*l + len + 1);
        }
    }
    return g_strdup("");
}

static GError *saved_failure(const char *text)
{
    g_autofree char *code = value_of(text, "code"), *stage = value_of(text, "stage");
    g_autofree char *call = value_of(text, "call"), *errnum = value_of(text, "errno");
    g_autofree char *message = value_of(text, "message");
    const AccelErrorInfo info = { .accel = "kvm", .stage = stage, .call = call,
                                  .errnum = atoi(errnum) };
    GError *err = NULL;

    accel_error_set(&err, (AccelErrorCode)atoi(code), &info, "%s", message);
    return err;
}

gboolean probe_offline(Probe *p, const char *dir, GError **errp)
{
    g_autofree char *path = g_build_filename(dir, "failure", NULL);
    g_autofree char *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, errp)) {
        g_prefix_error(errp, "%s is no saved host report: ", dir);
        return FALSE;
    }
    p->offline = true;
    p->host = kvm_host_read(dir, NULL);
    if (*text != '\0') {
        p->err = saved_failure(text);
        kvm_host_explain_error(p->host, p->err);
    }
    return TRUE;
}
