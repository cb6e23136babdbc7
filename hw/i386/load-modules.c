/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The -initrd option. Linux takes one file, whatever its name contains; multiboot takes a list in
 * which each entry is "file arguments" and ",," stands for a comma in either.
 */
#include "hw/i386/load-internal.h"

#define MODULES_MAX 64

void image_modules_free(ImageModuleList *list)
{
    if (list) {
        g_array_unref(list->modules);
        g_ptr_array_unref(list->owned);
        g_ptr_array_unref(list->strings);
        g_free(list);
    }
}

static ImageModuleList *list_new(void)
{
    ImageModuleList *list = g_new0(ImageModuleList, 1);

    list->modules = g_array_new(false, true, sizeof(ImageModule));
    list->owned = g_ptr_array_new_with_free_func((GDestroyNotify)image_source_free);
    list->strings = g_ptr_array_new_with_free_func(g_free);
    return list;
}

static bool add(ImageModuleList *list, const char *path, char *cmdline, GError **err)
{
    ImageModule m = { .cmdline = cmdline };
    ImageSource *src = image_source_open(path, 0, err);

    if (cmdline) {
        g_ptr_array_add(list->strings, cmdline);
    }
    if (!src) {
        g_prefix_error(err, "could not load initrd: ");
        return false;
    }
    g_ptr_array_add(list->owned, src);
    m.source = src;
    g_array_append_val(list->modules, m);
    return true;
}

/* The text up to the next single comma, which is skipped; NULL at the end. */
static char *next_entry(const char **pos)
{
    GString *out;
    const char *p = *pos;

    if (!p) {
        return NULL;
    }
    out = g_string_new(NULL);
    for (; *p; p++) {
        if (p[0] == ',' && p[1] != ',') {
            break;
        }
        p += p[0] == ',';
        g_string_append_c(out, *p);
    }
    *pos = *p ? p + 1 : NULL;
    return g_string_free(out, false);
}

static bool add_list(ImageModuleList *list, const char *spec, GError **err)
{
    char *entry;

    while ((entry = next_entry(&spec))) {
        g_autofree char *path = g_strndup(entry, strcspn(entry, " "));

        if (!*path || list->modules->len >= MODULES_MAX) {
            g_free(entry);
            return load_fail(err, HW_IMAGE_ERROR_OPTION,
                             *path ? "-initrd: more than %d modules"
                                   : "-initrd: an empty module name (of at most %d modules)",
                             MODULES_MAX);
        }
        if (!add(list, path, entry, err)) {
            return false;
        }
    }
    return true;
}

ImageModuleList *image_modules_open(const char *spec, ImageFormat format, GError **err)
{
    g_autoptr(ImageModuleList) list = list_new();
    bool ok = format == IMAGE_FORMAT_MULTIBOOT ? add_list(list, spec, err)
                                               : add(list, spec, NULL, err);

    return ok ? g_steal_pointer(&list) : NULL;
}
