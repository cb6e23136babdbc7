/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the process has: descriptors and threads, as the kernel lists them. A thread that was joined is
 * listed for a moment longer; it is told from the others by the flag that it is on its way out.
 */
#ifndef TESTS_PROC_COUNT_H
#define TESTS_PROC_COUNT_H

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PROC_PF_EXITING 0x4u /* proc(5), /proc/PID/stat, field 9 */

static inline unsigned count_descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    unsigned n = 0;

    while (d != NULL && readdir(d) != NULL) {
        n++;
    }
    if (d != NULL) {
        closedir(d);
    }
    return n > 3 ? n - 3 : 0; /* ".", ".." and the one that looked */
}

static inline bool thread_is_leaving(const char *tid)
{
    char path[64], line[512];
    const char *end = NULL;
    unsigned flags = 0;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/self/task/%.20s/stat", tid);
    f = fopen(path, "re");
    if (f == NULL) {
        return true;
    }
    if (fgets(line, sizeof(line), f) != NULL) {
        end = strrchr(line, ')');
    }
    fclose(f);
    return end == NULL || sscanf(end, ") %*c %*d %*d %*d %*d %*d %u", &flags) != 1 ||
           (flags & PROC_PF_EXITING) != 0;
}

static inline unsigned count_threads(void)
{
    DIR *d = opendir("/proc/self/task");
    struct dirent *e;
    unsigned n = 0;

    while (d != NULL && (e = readdir(d)) != NULL) {
        n += e->d_name[0] != '.' && !thread_is_leaving(e->d_name);
    }
    if (d != NULL) {
        closedir(d);
    }
    return n;
}

#endif
