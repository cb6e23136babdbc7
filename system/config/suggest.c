/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "Did you mean": the known word with the smallest edit distance (insert, delete, replace, swap of
 * neighbours, each 1), as long as no more than a third of the word has to change.
 */
#include <string.h>
#include "system/report.h"

enum { MAX_WORD = 48 };

static guint min3(guint a, guint b, guint c)
{
    return MIN(MIN(a, b), c);
}

/* Optimal string alignment distance over three rows. */
static guint distance(const char *a, const char *b)
{
    guint rows[3][MAX_WORD + 1], na = strlen(a), nb = strlen(b);

    if (na > MAX_WORD || nb > MAX_WORD) {
        return G_MAXUINT;
    }
    for (guint j = 0; j <= nb; j++) {
        rows[0][j] = j;
    }
    for (guint i = 1; i <= na; i++) {
        guint *cur = rows[i % 3], *prev = rows[(i - 1) % 3], *prev2 = rows[(i + 1) % 3];

        cur[0] = i;
        for (guint j = 1; j <= nb; j++) {
            guint same = g_ascii_tolower(a[i - 1]) == g_ascii_tolower(b[j - 1]);

            cur[j] = min3(prev[j] + 1, cur[j - 1] + 1, prev[j - 1] + !same);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                cur[j] = MIN(cur[j], prev2[j - 2] + 1);
            }
        }
    }
    return rows[na % 3][nb];
}

const char *report_suggest(const char *word, const char *const *candidates)
{
    guint best = G_MAXUINT, limit = MAX(1, strlen(word) / 3);
    const char *found = NULL;

    for (; *candidates != NULL; candidates++) {
        guint d = distance(word, *candidates);

        if (d <= limit && d < best) {
            best = d;
            found = *candidates;
        }
    }
    return found;
}
