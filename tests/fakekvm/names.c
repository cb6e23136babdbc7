/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Look-up in both directions. The tables have some hundred rows and are searched when a scenario is
 * read and when a call is recorded, so that a plain walk is fast enough.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "names.h"

const char *fake_name_of(const KvmName *table, unsigned long value)
{
    for (; table->name; table++) {
        if (table->value == value) {
            return table->name;
        }
    }
    return NULL;
}

static bool number_of(const char *text, uint64_t *value)
{
    char *end;

    errno = 0;
    *value = strtoull(text, &end, 0);
    return text[0] >= '0' && text[0] <= '9' && !*end && !errno;
}

bool fake_value_of(const KvmName *table, const char *prefix, const char *text, uint64_t *value)
{
    size_t skip = strlen(prefix);

    if (number_of(text, value)) {
        return true;
    }
    for (; table && table->name; table++) {
        if (!strcmp(table->name, text) || !strcmp(table->name + skip, text)) {
            *value = table->value;
            return true;
        }
    }
    return false;
}

const char *fake_errno_name(int number)
{
    const char *name = strerrorname_np(number);

    return name ? name : "E?";
}

/* 0 is let through: "returns 0 although nothing was done" is a fault too. */
bool fake_errno_value(const char *text, int *number)
{
    uint64_t value;

    if (number_of(text, &value)) {
        *number = (int)value;
        return value < 4096;
    }
    for (int i = 1; i < 134; i++) {
        const char *name = strerrorname_np(i);
        if (name && !strcmp(name, text)) {
            *number = i;
            return true;
        }
    }
    if (!strcmp(text, "ENOTSUP")) {
        *number = ENOTSUP;
        return true;
    }
    return false;
}
