/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names that could stand at the end of a human monitor's line: of commands, of what info knows. */
#include <string.h>
#include "system/hmp.h"

static void add(GPtrArray *out, const char *names, const char *word)
{
    g_autofree char *name = g_strndup(names, strcspn(names, "|"));

    if (g_str_has_prefix(name, word)) {
        g_ptr_array_add(out, g_steal_pointer(&name));
    }
}

static void add_table(GPtrArray *out, const HmpCommand *table, const char *word)
{
    for (; table->names != NULL; table++) {
        add(out, table->names, word);
    }
}

GPtrArray *hmp_complete(const char *line, gsize *typed)
{
    GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
    bool help = g_str_has_prefix(line, "help ");
    const char *word = line + (help ? strlen("help ") : 0);
    bool info = g_str_has_prefix(word, "info ");

    word += info ? strlen("info ") : 0;
    *typed = strlen(word);
    if (strchr(word, ' ') != NULL) {
        return out;
    }
    if (info) {
        add_table(out, hmp_info_commands, word);
    } else {
        add_table(out, hmp_commands, word);
        add(out, "info", word);
    }
    return out;
}

gsize hmp_common_prefix(const GPtrArray *names)
{
    const char *first = g_ptr_array_index(names, 0);
    gsize n = strlen(first);

    for (guint i = 1; i < names->len; i++) {
        const char *other = g_ptr_array_index(names, i);

        while (strncmp(first, other, n) != 0) {
            n--;
        }
    }
    return n;
}
