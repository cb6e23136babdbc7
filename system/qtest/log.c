/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The log of a qtest server, a write per line: "[I +s.us] OPENED", "[R +s.us] what came",
 * "[S +s.us] what went", in seconds since the client came.
 *
 * Test libraries always ask for a log, most often for /dev/null: that one is not written to.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "system/fdset.h"
#include "system/qtest/internal.h"

static void log_write(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno != EINTR) {
            return; /* a full disk must not end a test */
        }
        data += MAX(n, 0);
        len -= MAX(n, 0);
    }
}

void qtest_log(QTestServer *s, char kind, const char *text, size_t len)
{
    g_autoptr(GString) line = NULL;
    int64_t us;

    if (s->log_fd < 0) {
        return;
    }
    us = g_get_monotonic_time() - s->opened_us;
    line = g_string_sized_new(len + 32);
    g_string_printf(line, "[%c +%" G_GINT64_FORMAT ".%06" G_GINT64_FORMAT "] ", kind,
                    us / G_USEC_PER_SEC, us % G_USEC_PER_SEC);
    g_string_append_len(line, text, len);
    g_string_append_c(line, '\n');
    log_write(s->log_fd, line->str, line->len);
}

static bool is_dev_null(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
}

/* "/dev/fd/N": opening it would truncate a file that others write to, and fails for a socket. */
static int own_descriptor(const char *path)
{
    static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };
    char *end;
    long n;

    if (strcmp(path, "/dev/stderr") == 0 || strcmp(path, "/dev/stdout") == 0) {
        return strcmp(path, "/dev/stderr") == 0 ? STDERR_FILENO : STDOUT_FILENO;
    }
    for (guint i = 0; i < G_N_ELEMENTS(folders); i++) {
        if (g_str_has_prefix(path, folders[i])) {
            n = strtol(path + strlen(folders[i]), &end, 10);
            return *end == '\0' && n >= 0 && n <= G_MAXINT ? (int)n : -1;
        }
    }
    return -1;
}

gboolean qtest_log_open(const char *path, int *fd, GError **errp)
{
    int own = own_descriptor(path), err;

    *fd = -1;
    if (strcmp(path, "none") == 0) {
        return TRUE;
    }
    *fd = own >= 0 ? fcntl(own, F_DUPFD_CLOEXEC, 3)
                   : fdset_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (*fd < 0) {
        err = errno;
        accel_error_set(errp, accel_error_code_from_errno(err),
                        &(AccelErrorInfo){ .call = own >= 0 ? "dup" : "open", .errnum = err },
                        "could not open qtest log '%s': %s", path, g_strerror(err));
        return FALSE;
    }
    if (is_dev_null(*fd)) {
        close(*fd);
        *fd = -1;
    }
    return TRUE;
}
