/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Small files below a root directory, and picking words out of them.
 */
#include <string.h>
#include <unistd.h>
#include "host-int.h"

char *host_path(const KVMHost *h, const char *path)
{
    return g_str_equal(h->root, "/") ? g_strdup(path) : g_strconcat(h->root, path, NULL);
}

char *host_text(const KVMHost *h, const char *path)
{
    g_autofree char *full = host_path(h, path);
    char *text;

    return g_file_get_contents(full, &text, NULL, NULL) ? g_strchomp(text) : NULL;
}

bool host_exists(const KVMHost *h, const char *path)
{
    g_autofree char *full = host_path(h, path);

    return access(full, F_OK) == 0;
}

char *host_field(const char *text, const char *name)
{
    size_t len = strlen(name);

    for (const char *line = text; line != NULL && *line != '\0';) {
        const char *end = strchr(line, '\n');

        if (strncmp(line, name, len) == 0) {
            const char *p = line + len;

            while (*p == ' ' || *p == '\t') {
                p++;
            }
            if (*p == ':' || *p == '=') {
                char *value = g_strndup(p + 1, end != NULL ? (gsize)(end - p - 1) : strlen(p + 1));

                return g_strstrip(value);
            }
        }
        line = end != NULL ? end + 1 : NULL;
    }
    return NULL;
}

bool host_has_word(const char *text, const char *word)
{
    size_t len = strlen(word);

    for (const char *p = text; p != NULL && (p = strstr(p, word)) != NULL; p += len) {
        if ((p == text || g_ascii_isspace(p[-1])) && (p[len] == '\0' || g_ascii_isspace(p[len]))) {
            return true;
        }
    }
    return false;
}
