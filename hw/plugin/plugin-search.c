/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding plugins: only when a machine was named that is not built in, or for a listing. A start
 * that names a built-in machine looks at no folder.
 */
#include <stdlib.h>
#include <string.h>
#include "config-host.h"
#include "plugin-int.h"

GStrv hw_plugin_dirs(void)
{
    const char *env = secure_getenv("ACCELVM_PLUGIN_PATH"); /* not under set-user-id and the like */
    g_autofree char *all = g_strdup_printf("%s:%s", env != NULL ? env : "",
                                           ACCELVM_MODULE_DIR "/plugins");
    g_auto(GStrv) raw = g_strsplit(all, ":", -1);
    GPtrArray *dirs = g_ptr_array_new();

    for (char **d = raw; *d != NULL; d++) {
        if (**d != '\0') {
            g_ptr_array_add(dirs, g_strdup(*d));
        }
    }
    g_ptr_array_add(dirs, NULL);
    return (GStrv)g_ptr_array_free(dirs, FALSE);
}

static gint by_text(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Full paths of the plugins of one folder, sorted; empty where there is no such folder. */
static GPtrArray *list_dir(const char *path)
{
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        if (g_str_has_suffix(name, ".so")) {
            g_ptr_array_add(files, g_build_filename(path, name, NULL));
        }
    }
    g_clear_pointer(&dir, g_dir_close);
    g_ptr_array_sort(files, by_text);
    return files;
}

static bool load(HwRegistry *reg, const char *path, HwPluginWarn warn, void *opaque)
{
    g_autoptr(GError) err = NULL;

    if (hw_plugin_load(reg, path, &err) != NULL) {
        return true;
    }
    if (warn != NULL) {
        warn(opaque, path, err);
    }
    return false;
}

static const MachineClass *try_named(HwRegistry *reg, GStrv dirs, const char *name,
                                     HwPluginWarn warn, void *opaque)
{
    g_autofree char *file = g_strdup_printf("machine-%s.so", name);

    for (char **d = dirs; *d != NULL; d++) {
        g_autofree char *path = g_build_filename(*d, file, NULL);

        if (strchr(name, '/') == NULL && g_file_test(path, G_FILE_TEST_EXISTS) &&
            load(reg, path, warn, opaque) && hw_machine_find(reg, name) != NULL) {
            return hw_machine_find(reg, name);
        }
    }
    return NULL;
}

const MachineClass *hw_plugin_find_machine(HwRegistry *reg, const char *name, HwPluginWarn warn,
                                           void *opaque)
{
    g_auto(GStrv) dirs = hw_plugin_dirs();
    g_autofree char *named = g_strdup_printf("machine-%s.so", name);
    const MachineClass *mc = try_named(reg, dirs, name, warn, opaque);

    for (char **d = dirs; mc == NULL && *d != NULL; d++) {
        g_autoptr(GPtrArray) files = list_dir(*d);

        for (guint i = 0; mc == NULL && i < files->len; i++) {
            const char *path = g_ptr_array_index(files, i);

            if (strcmp(strrchr(path, '/') + 1, named) != 0 && load(reg, path, warn, opaque)) {
                mc = hw_machine_find(reg, name);
            }
        }
    }
    return mc;
}

guint hw_plugin_load_all(HwRegistry *reg, HwPluginWarn warn, void *opaque)
{
    g_auto(GStrv) dirs = hw_plugin_dirs();
    guint n = 0;

    for (char **d = dirs; *d != NULL; d++) {
        g_autoptr(GPtrArray) files = list_dir(*d);

        for (guint i = 0; i < files->len; i++) {
            n += load(reg, g_ptr_array_index(files, i), warn, opaque);
        }
    }
    return n;
}
