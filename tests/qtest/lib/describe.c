/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What became of a child, in words: how it ended and the end of what it said on stderr. Every error
 * about a dead VM carries this, since the reason is nearly always in that text.
 */
#include "aq-private.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TAIL_BYTES 2000
#define OUTPUT_MAX (16 << 20)

/* All that a capture file holds (the last 16 MiB of it); "" when there is none. */
char *aq_proc_output(int fd)
{
    struct stat st;
    gsize size, got = 0;
    char *text;

    if (fd < 0 || fstat(fd, &st) < 0) {
        return g_strdup("");
    }
    size = MIN((gsize)st.st_size, (gsize)OUTPUT_MAX);
    text = g_malloc(size + 1);
    while (got < size) {
        ssize_t n = pread(fd, text + got, size - got, st.st_size - (off_t)(size - got));
        if (n <= 0) {
            break;
        }
        got += (gsize)n;
    }
    text[got] = '\0';
    return text;
}

static char *how_it_ended(const AqProc *proc)
{
    int status = proc->status;

    if (status == -1) {
        return g_strdup("is still running");
    }
    if (WIFSIGNALED(status)) {
        return g_strdup_printf("was killed by signal %d (%s)%s", WTERMSIG(status),
                               g_strsignal(WTERMSIG(status)),
                               WCOREDUMP(status) ? ", core dumped" : "");
    }
    return g_strdup_printf("ended with exit status %d", WEXITSTATUS(status));
}

/* "NAME ended with exit status 1; its stderr: ..." (g_free). */
char *aq_proc_describe(const AqProc *proc)
{
    g_autofree char *how = how_it_ended(proc);
    g_autofree char *all = aq_proc_output(proc->err_fd);
    gsize len = strlen(g_strchomp(all));
    const char *tail = len > TAIL_BYTES ? all + len - TAIL_BYTES : all;
    g_autofree char *valid = g_utf8_make_valid(tail, -1);

    return g_strdup_printf("%s %s%s%s", proc->name ? proc->name : "the VM", how,
                           *valid ? "; its stderr:\n" : "", valid);
}
