/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text form of members and values in the tables of commands and types. */
#include <string.h>
#include "system/qmp.h"

bool qmp_next_word(const char **spec, char *word, size_t size)
{
    size_t len;

    if (*spec == NULL) {
        return false;
    }
    *spec += strspn(*spec, " ");
    len = strcspn(*spec, " ");
    if (len == 0) {
        return false;
    }
    g_strlcpy(word, *spec, MIN(len + 1, size));
    *spec += len;
    return true;
}

bool qmp_next_member(const char **spec, QmpMember *m)
{
    char word[sizeof(m->name) + sizeof(m->type)], *colon;

    if (!qmp_next_word(spec, word, sizeof(word))) {
        return false;
    }
    colon = strchr(word, ':');
    if (colon == NULL) {
        g_return_val_if_reached(false);
    }
    *colon = '\0';
    m->optional = colon > word && colon[-1] == '?';
    if (m->optional) {
        colon[-1] = '\0';
    }
    g_strlcpy(m->name, word, sizeof(m->name));
    g_strlcpy(m->type, colon + 1, sizeof(m->type));
    return true;
}

const QmpType *qmp_find_type(const char *name)
{
    for (const QmpType *t = qmp_types; t->name != NULL; t++) {
        if (strcmp(t->name, name) == 0) {
            return t;
        }
    }
    return NULL;
}

const QmpCommand *qmp_find_command(const char *name)
{
    for (const QmpCommand *c = qmp_commands; c->name != NULL; c++) {
        if (strcmp(c->name, name) == 0) {
            return c;
        }
    }
    return NULL;
}
