/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Internal (launcher): numbered sets of descriptors that somebody else opened, and the path
 * "/dev/fdset/N" that stands for one of them wherever a file is named.
 */
#ifndef SYSTEM_FDSET_H
#define SYSTEM_FDSET_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

typedef struct FdsetEntry {
    int64_t set;
    int fd;       /* owned */
    char *opaque; /* NULL: none */
} FdsetEntry;

/** fdset_add: put @fd (taken) into set @id; negative: the lowest free number. Returns: the set. */
int64_t fdset_add(int64_t id, int fd, const char *opaque);
/** fdset_remove: close *@fd of set @id, or all of it (NULL). Returns: whether there was anything. */
bool fdset_remove(int64_t id, const int64_t *fd);
/** fdset_entry: the @i-th of all, sorted by set; NULL behind the last. Borrowed. */
const FdsetEntry *fdset_entry(guint i);

/** fdset_is_path: does @path begin with "/dev/fdset/"? */
bool fdset_is_path(const char *path);
/**
 * fdset_open: open(), but "/dev/fdset/N" is a duplicate of that set's descriptor with the access mode
 * of @flags, whose O_APPEND then holds for all who share it. Returns: descriptor with close-on-exec;
 * -1 with errno: ENOENT for a set that is not there, EACCES for one without that access mode, EINVAL
 * for no number.
 */
int fdset_open(const char *path, int flags, mode_t mode);

#endif
