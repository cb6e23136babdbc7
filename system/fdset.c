/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sets of descriptors by number. Theory of operation: descriptors are the process's, so there is
 * one list for all, changed only by the main thread under the machine lock. Opening a set's path
 * gives a duplicate, so closing that leaves the set as it was. What open() would have done to the
 * file (truncate it, append or not) is done through the duplicate, which shares it with the set.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "system/fdset.h"

static const char prefix[] = "/dev/fdset/";
static GArray *sets; /* FdsetEntry, sorted by set */

/* The lowest number that no set has. */
static int64_t free_set(void)
{
    int64_t id = 0;

    for (guint i = 0; i < sets->len && g_array_index(sets, FdsetEntry, i).set <= id; i++) {
        id = g_array_index(sets, FdsetEntry, i).set + 1;
    }
    return id;
}

int64_t fdset_add(int64_t id, int fd, const char *opaque)
{
    FdsetEntry entry = { id, fd, g_strdup(opaque) };
    guint i = 0;

    if (sets == NULL) {
        sets = g_array_new(FALSE, FALSE, sizeof(FdsetEntry));
    }
    if (id < 0) {
        entry.set = free_set();
    }
    while (i < sets->len && g_array_index(sets, FdsetEntry, i).set <= entry.set) {
        i++;
    }
    g_array_insert_val(sets, i, entry);
    return entry.set;
}

bool fdset_remove(int64_t id, const int64_t *fd)
{
    bool any = false;

    for (guint i = sets != NULL ? sets->len : 0; i-- > 0;) {
        FdsetEntry *s = &g_array_index(sets, FdsetEntry, i);

        if (s->set == id && (fd == NULL || s->fd == *fd)) {
            close(s->fd);
            g_free(s->opaque);
            g_array_remove_index(sets, i);
            any = true;
        }
    }
    return any;
}

const FdsetEntry *fdset_entry(guint i)
{
    return sets != NULL && i < sets->len ? &g_array_index(sets, FdsetEntry, i) : NULL;
}

bool fdset_is_path(const char *path)
{
    return g_str_has_prefix(path, prefix);
}

/*
 * O_APPEND belongs to the description, so it changes for everybody who has that one, as in QEMU. A
 * pipe or a terminal cannot be truncated, and open() would not have minded.
 */
static int duplicate(int fd, int have, int flags)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

    if (copy < 0) {
        return -1;
    }
    if ((((flags ^ have) & O_APPEND) &&
         fcntl(copy, F_SETFL, (have & ~O_APPEND) | (flags & O_APPEND)) != 0) ||
        ((flags & O_TRUNC) && ftruncate(copy, 0) != 0 && errno != EINVAL)) {
        int err = errno;

        close(copy);
        errno = err;
        return -1;
    }
    return copy;
}

int fdset_open(const char *path, int flags, mode_t mode)
{
    int missing = ENOENT;
    const FdsetEntry *s;
    guint64 id;

    if (!fdset_is_path(path)) {
        return open(path, flags | O_CLOEXEC, mode);
    }
    if (!g_ascii_string_to_unsigned(path + strlen(prefix), 10, 0, G_MAXINT64, &id, NULL)) {
        errno = EINVAL;
        return -1;
    }
    for (guint i = 0; (s = fdset_entry(i)) != NULL; i++) {
        int have = fcntl(s->fd, F_GETFL);

        if (s->set != (int64_t)id) {
            continue;
        }
        if (have >= 0 && (have & O_ACCMODE) == (flags & O_ACCMODE)) {
            return duplicate(s->fd, have, flags);
        }
        missing = EACCES;
    }
    errno = missing;
    return -1;
}
